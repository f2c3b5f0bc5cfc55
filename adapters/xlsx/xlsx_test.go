package xlsx_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/xlsx"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// written renders a document through the service.
func (s *shop) written(t *testing.T, d invoice.Document, tag language.Tag) []byte {
	t.Helper()
	r, err := xlsx.New(s.zone, xlsx.Options{Language: tag})
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, s.invoices.Write(t.Context(), &file, d, r))
	return file.Bytes()
}

// made renders a document that was made by hand.
func made(t *testing.T, lines ...invoice.Line) readBook {
	t.Helper()
	r, err := xlsx.New(time.UTC, xlsx.Options{})
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, r.Render(t.Context(), &file, invoice.Document{Lines: len(lines)}, each(lines)))
	return read(file.Bytes())
}

func each(lines []invoice.Line) iter.Seq2[invoice.Line, error] {
	return func(yield func(invoice.Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// busy is a shop with purchases of all kinds, whose January and February are
// closed: the second month has a credit note.
func busy(t *testing.T) (*shop, []invoice.Document) {
	ctx := t.Context()
	s := newShop(ctx, func(c *invoice.Config) { c.WholeKronor = true })
	department := must(s.travel.AddDepartment(ctx, s.admin, s.company, travel.DepartmentDetails{Name: "Skola & <Vård>", Reference: "=2+3"}))
	in := func(e *travel.Entry) { e.Department, e.DepartmentName = department.ID, department.Name }
	purpose := func(text string) func(*travel.Entry) {
		return func(e *travel.Entry) { e.Personal.Purpose = text }
	}
	refunded := s.bought(37_50, in)
	late := s.bought(1_250_00, in, purpose("=HYPERLINK(\"http://x\")"))
	s.save(ctx,
		s.bought(37_00, purpose("")), s.bought(99_99, func(e *travel.Entry) {
			e.Ticket = travel.Ticket{ID: "00017", Product: "bike", From: "Habo", To: "Jönköping", VATRate: 2500, VATCategory: "S"}
		}),
		refunded, s.refund(refunded), late,
		s.bought(50_00, in, func(e *travel.Entry) {
			e.Ticket.VATRate, e.Ticket.VATCategory, e.Ticket.VATReason = 0, "O", "Utanför Sverige"
			e.Ticket.Zones = []string{"A", "B"}
			e.PurchasedAt = time.Date(2026, 1, 30, 22, 59, 59, 0, time.UTC)
		}),
		s.bought(40_00, in, func(e *travel.Entry) { e.Ticket.VATRate, e.Personal = 1250, travel.Personal{} }),
	)
	documents := s.closed(ctx, time.January)
	s.save(ctx, s.refund(late), s.bought(20_00))
	return s, append(documents, s.closed(ctx, time.February)...)
}

// The workbook says what the CSV says: the same headings, and the same cells.
func TestR32SpecificationIsThatOfTheCSV(t *testing.T) {
	t.Parallel()
	s, documents := busy(t)
	require.Len(t, documents, 4)
	for _, d := range documents {
		for _, tag := range []language.Tag{language.Swedish, language.English} {
			var file bytes.Buffer
			require.NoError(t, s.invoices.Write(t.Context(), &file, d, s.invoices.CSV(tag)))
			plain := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.String(), "\ufeff")))
			plain.Comma = ';'
			want, err := plain.ReadAll()
			require.NoError(t, err)
			require.Greater(t, len(want), 1)

			got := read(s.written(t, d, tag)).sheets[0]
			require.Len(t, got.rows, len(want))
			for i, row := range want {
				for j, cell := range row {
					c := column(got.rows[i], string(rune('A'+j)))
					name := fmt.Sprintf("%s: row %d, %s", d.Label(), i, want[0][j])
					switch isNumber := i > 0 && j >= 14 && j <= 17; {
					case i > 0 && j == 6:
						assert.False(t, c.isText, name)
						assert.Equal(t, cell, wall(c.text), name)
					case isNumber:
						assert.False(t, c.isText, name)
						whole, decimals, _ := strings.Cut(cell, ",")
						assert.Equal(t, whole+"."+(decimals + "00")[:2], c.text, name)
					default:
						assert.Equal(t, cell != "", c.isText, name)
						assert.Equal(t, strings.TrimPrefix(cell, "'"), c.text, name)
					}
				}
			}
		}
	}
}

// What is shown for a cell is right in the workbook's own formats.
func TestCellsHaveTypes(t *testing.T) {
	t.Parallel()
	s, documents := busy(t)
	b := read(s.written(t, documents[0], language.Swedish))
	formats := styleFormats(b.parts["xl/styles.xml"])
	row := b.sheets[0].rows[1]
	assert.Equal(t, `yyyy\-mm\-dd\ hh:mm:ss`, formats[column(row, "G").style])
	for _, letter := range []string{"P", "Q", "R"} {
		assert.Equal(t, "4", formats[column(row, letter).style], "#,##0.00")
	}
	for _, letter := range []string{"A", "C", "F", "S"} {
		assert.Equal(t, "49", formats[column(row, letter).style], "@: text also when it is edited")
	}
	date := b.sheets[1].rows[2][1]
	assert.Equal(t, `yyyy\-mm\-dd`, formats[date.style])
	assert.Equal(t, "2026-02-04 00:00:00", wall(date.text), "the day of issue in the operator's zone, without the time")
}

func TestSheetIsLaidOut(t *testing.T) {
	t.Parallel()
	s, documents := busy(t)
	b := read(s.written(t, documents[0], language.Swedish))
	first := b.sheets[0].raw
	rows := documents[0].Lines + 1
	assert.Equal(t, 1, first.Pane.YSplit)
	assert.Equal(t, "A2", first.Pane.TopLeftCell)
	assert.Equal(t, "frozen", first.Pane.State)
	assert.Equal(t, fmt.Sprintf("A1:T%d", rows), first.Filter.Ref)
	require.Len(t, first.Columns, len(b.sheets[0].rows[0]))
	for i, c := range first.Columns {
		assert.Equal(t, i+1, c.Min)
		assert.GreaterOrEqual(t, c.Width, float64(len([]rune(b.sheets[0].rows[0][i].text))), "the heading is wider than its column")
	}
	assert.Equal(t, fmt.Sprintf("S%d", rows), b.sheets[0].rows[rows-1][len(b.sheets[0].rows[rows-1])-1].ref, "an empty cost center is no cell")
	assert.Contains(t, b.parts["xl/workbook.xml"], fmt.Sprintf("Specifikation!$A$1:$T$%d<", rows))
	for _, s := range b.sheets {
		last := 0
		for _, r := range s.raw.Rows {
			assert.Greater(t, r.R, last)
			last = r.R
			for _, c := range r.Cells {
				assert.True(t, strings.HasSuffix(c.R, fmt.Sprint(r.R)), c.R)
			}
		}
	}
	for name, part := range b.parts {
		if strings.HasSuffix(name, ".xml") && name != "[Content_Types].xml" {
			assert.Contains(t, b.parts["[Content_Types].xml"], `"/`+name+`"`)
		}
		assert.NotEmpty(t, part)
	}
}

// cells are the rows of the second sheet as text.
func cells(s readWorksheet) (list []string) {
	for _, row := range s.rows {
		var texts []string
		for _, c := range row {
			texts = append(texts, c.text)
		}
		list = append(list, strings.Join(texts, "|"))
	}
	return list
}

func TestTotals(t *testing.T) {
	t.Parallel()
	s, documents := busy(t)
	t.Run("invoice", func(t *testing.T) {
		t.Parallel()
		d := documents[1]
		got := cells(read(s.written(t, d, language.Swedish)).sheets[1])
		assert.Equal(t, []string{
			"Faktura JLT-2", "Månad|2026-01", "Datum|46057", "Säljare|Länstrafiken AB", "Köpare|Habo kommun", "Er referens|=2+3", "Valuta|SEK",
			fmt.Sprintf("Specifikationens kontrollsumma|%x", d.LinesHash),
			"Avdelning|Rader|Netto|Moms|Belopp", "Skola & <Vård>|5|1264.80|75.20|1340.00",
			"Momskategori|Momssats %|Netto|Moms|Belopp", "O: Utanför Sverige|0.00|50.00|0.00|50.00", "S|6.00|1179.24|70.76|1250.00", "S|12.50|35.56|4.44|40.00",
			"Summa|Rader|Netto|Moms|Belopp", "Summa SEK|5|1264.80|75.20|1340.00",
		}, got)
	})
	t.Run("rounded, in English", func(t *testing.T) {
		t.Parallel()
		got := cells(read(s.written(t, documents[0], language.English)).sheets[1])
		assert.Equal(t, []string{"Total SEK|2|114.90|22.09|136.99", "Rounding|0.01", "To pay|137.00"}, got[len(got)-3:])
		assert.Contains(t, got, "No department|2|114.90|22.09|136.99")
	})
	t.Run("credit note", func(t *testing.T) {
		t.Parallel()
		for _, d := range documents[2:] {
			if d.Original != nil {
				got := cells(read(s.written(t, d, language.Swedish)).sheets[1])
				assert.Equal(t, "Kreditfaktura "+d.Label(), got[0])
				assert.Equal(t, "Krediterar|JLT-2", got[3])
				assert.Equal(t, "Summa SEK|1|1179.24|70.76|1250.00", got[len(got)-1])
				return
			}
		}
		t.Fatal("no credit note")
	})
	t.Run("rounded credit note", func(t *testing.T) {
		t.Parallel()
		d := invoice.Document{
			Kind: invoice.CreditNote, Original: &invoice.Original{}, Rates: make([]invoice.RateTotal, 1), Gross: 99_60, Rounding: 40,
		}
		var file bytes.Buffer
		require.NoError(t, must(xlsx.New(time.UTC, xlsx.Options{})).Render(t.Context(), &file, d, each(nil)))
		got := cells(read(file.Bytes()).sheets[1])
		assert.Equal(t, []string{"Öresavrundning|0.40", "Att kreditera|100.00"}, got[len(got)-2:])
	})
	t.Run("R40 a part of a document", func(t *testing.T) {
		t.Parallel()
		d := documents[0]
		d.Rates, d.LinesHash = nil, [32]byte{}
		got := strings.Join(cells(read(s.written(t, d, language.Swedish)).sheets[1]), "\n")
		assert.NotContains(t, got, "Moms"+"kategori")
		assert.NotContains(t, got, "kontrollsumma")
		assert.NotContains(t, got, "Att betala", "rounding is of the whole document")
		assert.True(t, strings.HasSuffix(got, "Summa SEK|2|114.90|22.09|136.99"))
	})
	t.Run("titles", func(t *testing.T) {
		t.Parallel()
		for want, d := range map[string]invoice.Document{
			"Faktura (utkast)": {Kind: invoice.Invoice},
			"Fakturaunderlag":  {Kind: invoice.Basis, IssuedAt: time.Unix(0, 0)},
			"Kreditunderlag":   {Kind: invoice.Basis, IssuedAt: time.Unix(0, 0), Original: &invoice.Original{}},
		} {
			r := must(xlsx.New(time.UTC, xlsx.Options{}))
			var file bytes.Buffer
			require.NoError(t, r.Render(t.Context(), &file, d, each(nil)))
			assert.Equal(t, want, read(file.Bytes()).sheets[1].rows[0][0].text)
		}
	})
}

// A text is text, whatever it holds, and the file is XML.
func TestTextIsText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("å", 32_767)
	for typed, want := range map[string]string{
		"=1+1":                             "=1+1",
		"+46":                              "+46",
		"-2":                               "-2",
		"@SUM(A1)":                         "@SUM(A1)",
		"00123":                            "00123",
		"<b> & \"'":                        "<b> & \"'",
		"]]>":                              "]]>",
		" spaces ":                         " spaces ",
		"two\nlines\ttab":                  "two\nlines\ttab",
		"dos\r\nmac\rend\r":                "dos\nmac\nend\n",
		"a\x00b\x07c\x1bd\x7fe\u0085f":     "abcdef",
		"a\ufffeb\uffffc":                  "abc",
		"bad\xff":                          "bad\ufffd",
		"ÅÄÖåäö Ćž 日本 😀":                   "ÅÄÖåäö Ćž 日本 😀",
		"_x0041_ _x0041 _xzzzz_ _":         "_x0041_ _x0041 _xzzzz_ _",
		"_x005F_x0041_":                    "_x005F_x0041_",
		long:                               long,
		long + "x":                         long[:2*32_766] + "…",
		strings.Repeat("😀", 16_383) + "x":  strings.Repeat("😀", 16_383) + "x",
		strings.Repeat("😀", 16_384):        strings.Repeat("😀", 16_383) + "…",
		strings.Repeat("😀", 16_383) + "xy": strings.Repeat("😀", 16_383) + "…",
	} {
		b := made(t, invoice.Line{Entry: travel.Entry{Personal: travel.Personal{Name: "x", Purpose: typed}}})
		got := column(b.sheets[0].rows[1], "S")
		assert.True(t, got.isText, "%.40q", typed)
		assert.Equal(t, want, got.text, "%.40q", typed)
		assert.LessOrEqual(t, len(utf16.Encode([]rune(got.text))), 32_767)
	}
}

// Öre and seconds survive, and no float was between.
func TestNumbersLoseNothing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	var lines []invoice.Line
	amounts := []credit.Amount{0, 1, -1, 9, 10, 99, 100, -100, -101, 900_719_925_474_099_3, 1_000_000_000_000_000, -1 << 63}
	for i := range 3_000 {
		a := credit.Amount(random.Int64()) >> random.IntN(63)
		if i < len(amounts) {
			a = amounts[i]
		}
		at := time.Unix(random.Int64N(4_000_000_000), random.Int64N(1_000_000_000))
		lines = append(lines, invoice.Line{Entry: travel.Entry{PurchasedAt: at}, Net: a, VAT: -a, Gross: a})
	}
	lines[0].Entry.PurchasedAt = time.Date(1970, 1, 2, 8, 0, 1, 999_999_999, time.UTC)
	rows := made(t, lines...).sheets[0].rows[1:]
	assert.Equal(t, "25570.33334490741", column(rows[0], "G").text, "rounded: 28,801 seconds are 0.333344907407 days")
	for i, l := range lines {
		require.Equal(t, l.Net.String(), column(rows[i], "P").text)
		require.Equal(t, l.VAT.String(), column(rows[i], "Q").text)
		require.Equal(t, l.Gross.String(), column(rows[i], "R").text)
		require.Equal(t, l.Entry.PurchasedAt.UTC().Format("2006-01-02 15:04:05"), wall(column(rows[i], "G").text))
	}
}

func TestBytesAreTheSame(t *testing.T) {
	t.Parallel()
	s, documents := busy(t)
	r := must(xlsx.New(s.zone, xlsx.Options{}))
	want := s.written(t, documents[0], language.Und)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var file bytes.Buffer
			assert.NoError(t, s.invoices.Write(t.Context(), &file, documents[0], r))
			assert.True(t, bytes.Equal(want, file.Bytes()))
		})
	}
	wg.Wait()
	assert.Equal(t, "[Content_Types].xml", read(want).names[0], "by which programs know what the archive is")
	for _, f := range must(zip.NewReader(bytes.NewReader(want), int64(len(want)))).File {
		assert.Equal(t, 1980, f.Modified.Year(), "%s: tomorrow's file would differ", f.Name)
	}
	assert.NotEqual(t, want, s.written(t, documents[0], language.English))
}

var errBroken = errors.New("broken")

// full is a writer that fails after some bytes.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestErrors(t *testing.T) {
	t.Parallel()
	r := must(xlsx.New(time.UTC, xlsx.Options{}))
	t.Run("zone", func(t *testing.T) {
		t.Parallel()
		_, err := xlsx.New(nil, xlsx.Options{})
		var input *travel.InputError
		require.ErrorAs(t, err, &input)
		assert.Equal(t, "zone", input.Field)
	})
	t.Run("lines fail", func(t *testing.T) {
		t.Parallel()
		lines := func(yield func(invoice.Line, error) bool) {
			_ = yield(invoice.Line{}, nil) && yield(invoice.Line{}, errBroken)
		}
		assert.ErrorIs(t, r.Render(t.Context(), io.Discard, invoice.Document{Lines: 2}, lines), errBroken)
	})
	t.Run("lines are missing", func(t *testing.T) {
		t.Parallel()
		err := r.Render(t.Context(), io.Discard, invoice.Document{Lines: 2}, each(make([]invoice.Line, 1)))
		assert.ErrorIs(t, err, travel.ErrDrift)
	})
	t.Run("too many lines", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		err := r.Render(t.Context(), &out, invoice.Document{Lines: 1 << 20}, each(nil))
		require.ErrorIs(t, err, xlsx.ErrRows)
		assert.Zero(t, out.Len())
		err = r.Render(t.Context(), &out, invoice.Document{Lines: 1<<20 - 1}, each(nil))
		assert.NotErrorIs(t, err, xlsx.ErrRows, "as many as there is room for")
	})
	t.Run("writer fails", func(t *testing.T) {
		t.Parallel()
		d, lines := many(3_000)
		var whole bytes.Buffer
		require.NoError(t, r.Render(t.Context(), &whole, d, lines))
		for left := 0; left < whole.Len(); left += 1 + whole.Len()/8 {
			require.ErrorIs(t, r.Render(t.Context(), &full{left}, d, lines), errBroken, "after %d bytes", left)
		}
	})
	t.Run("writer fails, nothing more is asked for", func(t *testing.T) {
		t.Parallel()
		d, lines := many(100_000)
		asked := 0
		counted := func(yield func(invoice.Line, error) bool) {
			for l, err := range lines {
				if asked++; !yield(l, err) {
					return
				}
			}
		}
		require.ErrorIs(t, r.Render(t.Context(), &full{50_000}, d, counted), errBroken)
		assert.Less(t, asked, 20_000)
	})
}

// many is a document with lines that are made when they are asked for.
func many(n int) (invoice.Document, iter.Seq2[invoice.Line, error]) {
	names := [...]string{"Anna Ek", "Åsa Öberg", "Björn Ålund", "Fatima Haddad", "Maja Lind"}
	purposes := [...]string{"Utbildning i stadshuset", "Möte i Mullsjö med byggprojektet", "Hembesök", "Konferens & studiebesök"}
	zones := [...][]string{{"Habo"}, {"Jönköping"}, {"Habo", "Mullsjö"}}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d := invoice.Document{Series: "JLT", Number: 17, Month: credit.NewMonth(2026, time.January), Reference: "4711", Lines: n}
	return d, func(yield func(invoice.Line, error) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		for i := range n {
			gross := credit.Amount(2000 + r.IntN(8000))
			net := gross * 100 / 106
			l := invoice.Line{Net: net, VAT: gross - net, Gross: gross, Entry: travel.Entry{
				PurchasedAt: start.Add(time.Duration(i) * 2678400 * time.Second / time.Duration(n)), DepartmentName: "Barn och utbildning",
				Ticket:   travel.Ticket{ID: tickets[r.IntN(len(tickets))], ProductName: "Enkelbiljett", Category: "vuxen", Zones: zones[r.IntN(3)], VATRate: 600},
				Personal: travel.Personal{Name: names[r.IntN(5)], EmployeeNumber: "1001", Purpose: purposes[r.IntN(4)]},
			}}
			if !yield(l, nil) {
				return
			}
		}
	}
}

// tickets are ids of tickets, which do not compress well.
var tickets = func() (ids [4096]string) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range ids {
		ids[i] = fmt.Sprintf("%012x", r.Uint64()>>16)
	}
	return ids
}()

// BenchmarkRender writes workbooks. What is allocated must not grow with rows.
func BenchmarkRender(b *testing.B) {
	r := must(xlsx.New(must(time.LoadLocation("Europe/Stockholm")), xlsx.Options{}))
	for _, n := range []int{5_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d, lines := many(n)
			var size full
			b.ReportAllocs()
			for range b.N {
				size.left = 1 << 40
				require.NoError(b, r.Render(b.Context(), &size, d, lines))
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(1<<40-size.left)/1000, "file-kB")
		})
	}
}

// Not parallel: it counts what the process allocates.
func TestMemoryDoesNotGrowWithRows(t *testing.T) {
	r := must(xlsx.New(time.UTC, xlsx.Options{}))
	allocated := func(n int) float64 {
		d, lines := many(n)
		return testing.AllocsPerRun(3, func() { require.NoError(t, r.Render(t.Context(), io.Discard, d, lines)) })
	}
	few, lots := allocated(10), allocated(3_000)
	assert.Less(t, lots, few+3_000/2, "more is allocated than the text of two zones, which every third row has")
}
