package sie_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/sie"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func rate(bps int) func(*travel.Entry) {
	return func(e *travel.Entry) {
		e.Ticket.VATRate = bps
		if bps == 0 {
			e.Ticket.VATCategory = "O"
		}
	}
}

func exported(t testing.TB, o sie.Options, documents ...invoice.Document) []byte {
	t.Helper()
	books, err := sie.New(time.UTC, o)
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, books.Export(t.Context(), &file, each(documents)))
	return file.Bytes()
}

// plain is an invoice that was made by hand.
func plain() invoice.Document {
	return invoice.Document{
		Kind: invoice.Invoice, Series: "JLT", Number: 7, IssuedAt: time.Date(2026, 2, 3, 23, 30, 0, 0, time.UTC), Currency: "SEK",
		Month: credit.NewMonth(2026, time.January), Seller: invoice.Party{Name: "Länstrafiken", OrganizationNumber: "5560000167"},
		Buyer: invoice.Party{Name: "Habo kommun"},
		Rates: []invoice.RateTotal{{Rate: 600, Category: "S", Net: 34_91, VAT: 2_09, Gross: 37_00}},
		Net:   34_91, VAT: 2_09, Gross: 37_00,
	}
}

// The file of a month and a credit note, byte by byte.
func TestGolden(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newShop(ctx, func(c *invoice.Config) { c.WholeKronor = true })
	late := s.bought(99_90, rate(2500))
	s.save(ctx, s.bought(37_00), s.bought(45_00, rate(1200)), s.bought(20_00, rate(0)), late)
	documents := s.closed(ctx, time.January)
	s.save(ctx, s.refund(late, 99_90))
	documents = append(documents, s.closed(ctx, time.February)...)
	for i := range documents {
		documents[i].Buyer.Name = `Kafé "Ćevapi & Øl" c\o Åsa – 日`
	}
	books, err := sie.New(s.zone, sie.Options{
		Numbered: true, Series: "F", Language: language.English, Program: "Resor", Version: "2.1",
		Objects: func(d invoice.Document) []sie.Object {
			return []sie.Object{{6, "Projekt", "P 1", "Tjänsteresor"}, {1, "Kostnadsställe", d.Month.String(), "Månad"}}
		},
	})
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, books.Export(ctx, &file, each(documents)))
	path := filepath.Join("testdata", "export.si")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, file.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, decoded(want), decoded(file.Bytes()))
	assert.True(t, bytes.Equal(want, file.Bytes()))
	read(want)
}

// Every verification is zero in sum and says of each rate what the document
// says, for whatever was bought, stated, rounded, refunded and credited.
func TestVerificationsBalance(t *testing.T) {
	t.Parallel()
	accounts := map[int][2]string{2500: {"3001", "2611"}, 1200: {"3002", "2621"}, 600: {"3003", "2631"}, 0: {"3004", ""}}
	var kinds [3]int // invoices, credit notes, rounded ones
	for seed := range uint64(40) {
		ctx := t.Context()
		random := rand.New(rand.NewPCG(seed, 7))
		s := newShop(ctx, func(c *invoice.Config) { c.WholeKronor = seed%2 == 0 })
		for _, d := range s.randomMonths(ctx, random) {
			books := must(sie.New(s.zone, sie.Options{}))
			var file bytes.Buffer
			require.NoError(t, books.Render(ctx, &file, d, nil))
			v := read(file.Bytes()).verifications
			require.Len(t, v, 1)
			var sum credit.Amount
			on := map[string]credit.Amount{}
			for _, row := range v[0].rows {
				sum += row.amount
				on[row.account] += row.amount
			}
			require.Zero(t, sum, "seed %d, %s", seed, d.Label())
			sign := credit.Amount(1)
			kinds[0]++
			if d.Kind == invoice.CreditNote {
				sign = -1
				kinds[1]++
			}
			if d.Rounding != 0 {
				kinds[2]++
			}
			want := map[string]credit.Amount{"1510": sign * d.Payable(), "3740": -sign * d.Rounding}
			for _, r := range d.Rates {
				want[accounts[r.Rate][0]] -= sign * r.Net
				if r.Rate != 0 {
					want[accounts[r.Rate][1]] -= sign * r.VAT
				}
			}
			for account, amount := range want {
				require.Equal(t, amount, on[account], "seed %d, %s, %s", seed, d.Label(), account)
				delete(on, account)
			}
			require.Empty(t, on)
		}
	}
	for i, n := range kinds {
		require.Greater(t, n, 20, "kind %d was not tried", i)
	}
}

// randomMonths returns the operator's documents of January and February.
func (s *shop) randomMonths(ctx context.Context, random *rand.Rand) []invoice.Document {
	var departments []travel.Department
	for i := range 3 {
		departments = append(departments, must(s.travel.AddDepartment(ctx, s.admin, s.company, travel.DepartmentDetails{
			Name: "Avdelning " + strconv.Itoa(i), Reference: strconv.Itoa(100 + i),
		})))
	}
	var bought []travel.Entry
	for range 1 + random.IntN(30) {
		e := s.bought(1+credit.Amount(random.IntN(200_00)), rate([]int{2500, 1200, 600, 0}[random.IntN(4)]))
		d := departments[random.IntN(3)]
		e.Department, e.DepartmentName = d.ID, d.Name
		if random.IntN(5) == 0 {
			e.VAT = e.Gross * credit.Amount(e.Ticket.VATRate) / credit.Amount(10_000+e.Ticket.VATRate)
			e.Stated, e.Net = true, e.Gross-e.VAT
		}
		bought = append(bought, e)
		s.save(ctx, e)
		if random.IntN(6) == 0 {
			s.save(ctx, s.refund(e, 1+credit.Amount(random.IntN(int(e.Gross)))))
			bought = bought[:len(bought)-1]
		}
	}
	documents := s.closed(ctx, time.January)
	for _, e := range bought {
		if random.IntN(3) == 0 {
			s.save(ctx, s.refund(e, 1+credit.Amount(random.IntN(int(e.Gross)))))
		}
	}
	return append(documents, s.closed(ctx, time.February)...)
}

// A credit note is the mirror image of its invoice.
func TestR43CreditNoteIsMirrored(t *testing.T) {
	t.Parallel()
	d := plain()
	d.Rounding = -1
	credited := d
	credited.Kind, credited.Number, credited.Original = invoice.CreditNote, 8, &invoice.Original{Series: "JLT", Number: 7}
	v := read(exported(t, sie.Options{}, d, credited)).verifications
	require.Len(t, v, 2)
	require.Equal(t, []parsedRow{{"1510", nil, 36_99}, {"3003", nil, -34_91}, {"2631", nil, -2_09}, {"3740", nil, 1}}, v[0].rows)
	for i, row := range v[0].rows {
		assert.Equal(t, parsedRow{row.account, nil, -row.amount}, v[1].rows[i])
	}
	assert.Equal(t, "Kreditfaktura JLT-8 av JLT-7, Habo kommun, 2026-01", v[1].text)
}

// The bytes that Swedish bookkeeping programs look for.
func TestPC8(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"åäöÅÄÖ":                    "\x86\x84\x94\x8f\x8e\x99",
		"éÉüÜñæÆ":                   "\x82\x90\x81\x9a\xa4\x91\x92",
		"a\u030aA\u0308":            "\x86\x8e", // in two code points
		"ČčŠžŁØøÐœ":                 "CcSzLOoDoe",
		"ÀÁãõ":                      "AAao",
		"x\u030c":                   "x", // a mark that no letter has
		"– — ’ ” €":                 `- - ' \" EUR`,
		"½ ¾ ²":                     "\xab 3/4 \xfd",
		"A\u00a0B\tC\nD\r\x00E\x7f": "A B C D  E ",
		"a\u200bb\ufeff":            "ab",
		`say "hi"`:                  `say \"hi\"`,
		`c:\dir\`:                   "c:/dir/",
		"＼＂":                        `/\"`, // full width
		"日本 😀 Д":                    "?? ? ?",
		"bad\xff":                   "bad?",
		"{1}":                       "{1}",
	} {
		d := plain()
		d.Seller.Name = name
		file := string(exported(t, sie.Options{}, d))
		_, rest, ok := strings.Cut(file, "\r\n#FNAMN ")
		require.True(t, ok)
		got, _, _ := strings.Cut(rest, "\r\n")
		assert.Equal(t, `"`+want+`"`, got, name)
	}
}

// Nothing that people typed can begin a line or end a field.
func TestTextStaysInItsField(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	letters := []rune("\"\\{}# \r\n\t\x00aÅ–日’＂＼\u0301\u2028")
	for range 2_000 {
		var name []rune
		for range random.IntN(12) {
			name = append(name, letters[random.IntN(len(letters))])
		}
		d := plain()
		d.Buyer.Name, d.Seller.Name = string(name), string(name)
		p := read(exported(t, sie.Options{}, d))
		require.Len(t, p.verifications, 1, "%q", name)
		require.Len(t, p.verifications[0].rows, 3, "%q", name)
		require.True(t, strings.HasSuffix(p.verifications[0].text, ", 2026-01"), "%q", name)
		for _, h := range p.heads {
			require.LessOrEqual(t, len(h), 3, "%q", name)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	t.Run("accounts", func(t *testing.T) {
		t.Parallel()
		o := sie.Options{
			Receivable: sie.Account{Number: "1511", Name: "Kunder"}, Rounding: sie.Account{Number: "3741"}, Chart: "BAS2014",
			Rates: []sie.Rate{
				{Rate: 600, Sales: sie.Account{Number: "3053"}, VAT: sie.Account{Number: "2631"}},
				{Rate: 0, Sales: sie.Account{Number: "3054"}},
				{Rate: 0, Category: "O", Sales: sie.Account{Number: "3308"}},
			},
		}
		d := plain()
		d.Rates = append(d.Rates, invoice.RateTotal{Category: "E", Net: 100, Gross: 100}, invoice.RateTotal{Category: "O", Net: 200, Gross: 200})
		d.Net, d.Gross = d.Net+300, d.Gross+300
		p := read(exported(t, o, d))
		assert.Equal(t, []parsedRow{
			{"1511", nil, 40_00}, {"3053", nil, -34_91}, {"2631", nil, -2_09}, {"3054", nil, -100}, {"3308", nil, -200},
		}, p.verifications[0].rows)
		var declared []string
		for _, h := range p.heads {
			if h[0] == "#KONTO" {
				declared = append(declared, h[1])
			}
		}
		assert.Equal(t, []string{"1511", "2631", "3053", "3054", "3308", "3741"}, declared)
		assert.Contains(t, p.heads, []string{"#KPTYP", "BAS2014"})
	})
	t.Run("every account and object is declared", func(t *testing.T) {
		t.Parallel()
		d, e := plain(), plain()
		e.Reference = "4712"
		p := read(exported(t, sie.Options{Objects: func(d invoice.Document) []sie.Object {
			return []sie.Object{{1, "Kostnadsställe", "K1", ""}, {20, "Referens", "R" + d.Reference, ""}}
		}}, d, e, d))
		declared := map[string]bool{}
		for _, h := range p.heads {
			switch h[0] {
			case "#KONTO":
				declared[h[1]] = true
			case "#OBJEKT":
				assert.False(t, declared[h[1]+" "+h[2]], "declared twice")
				assert.True(t, declared["dimension "+h[1]])
				declared[h[1]+" "+h[2]] = true
			case "#DIM":
				assert.False(t, declared["dimension "+h[1]])
				declared["dimension "+h[1]] = true
			}
		}
		for _, v := range p.verifications {
			for _, row := range v.rows {
				assert.True(t, declared[row.account], row.account)
				assert.Equal(t, row.account[0] == '3', row.objects != nil, "results are followed, balances are not")
				for pair := range slices.Chunk(row.objects, 2) {
					assert.True(t, declared[strings.Join(pair, " ")], pair)
				}
			}
		}
		assert.Equal(t, []string{"1", "K1", "20", "R4712"}, p.verifications[1].rows[1].objects)
	})
	t.Run("numbered", func(t *testing.T) {
		t.Parallel()
		v := read(exported(t, sie.Options{Series: "F", Numbered: true, Language: language.English}, plain())).verifications[0]
		v.rows = nil
		assert.Equal(t, parsedVerification{series: "F", number: "7", date: "20260203", text: "Invoice JLT-7, Habo kommun, 2026-01"}, v)
	})
	t.Run("the day is the operator's", func(t *testing.T) {
		t.Parallel()
		books := must(sie.New(must(time.LoadLocation("Europe/Stockholm")), sie.Options{}))
		var file bytes.Buffer
		require.NoError(t, books.Render(t.Context(), &file, plain(), nil))
		p := read(file.Bytes())
		assert.Equal(t, "20260204", p.verifications[0].date)
		assert.Equal(t, "si", books.Format().Extension, "the one of files to import")
		assert.Contains(t, p.heads, []string{"#GEN", "20260204"})
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		ok := sie.Account{Number: "3001"}
		for field, o := range map[string]sie.Options{
			"Receivable.Number":     {Receivable: sie.Account{Number: "15 10"}},
			"Rounding.Number":       {Rounding: sie.Account{Name: "no number"}},
			"Rates[0].Sales.Number": {Rates: []sie.Rate{{Rate: 600, VAT: ok}}},
			"Rates[0].VAT.Number":   {Rates: []sie.Rate{{Rate: 600, Sales: ok}}},
			"Rates[1].Rate":         {Rates: []sie.Rate{{Rate: 600, Sales: ok, VAT: ok}, {Rate: 600, Sales: sie.Account{Number: "3002"}, VAT: ok}}},
		} {
			_, err := sie.New(time.UTC, o)
			var input *travel.InputError
			require.ErrorAs(t, err, &input, field)
			assert.Equal(t, field, input.Field)
		}
		_, err := sie.New(nil, sie.Options{})
		assert.ErrorIs(t, err, travel.ErrInvalid)
	})
	t.Run("are copied", func(t *testing.T) {
		t.Parallel()
		ok := sie.Account{Number: "3003"}
		o := sie.Options{Rates: []sie.Rate{{Rate: 600, Sales: ok, VAT: ok}}}
		books := must(sie.New(time.UTC, o))
		o.Rates[0].Rate = 1200
		assert.NoError(t, books.Render(t.Context(), io.Discard, plain(), nil))
	})
}

// What cannot be booked is refused, and the error names the document.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*invoice.Document)
		want   error
		says   string
	}{
		"draft":               {func(d *invoice.Document) { d.IssuedAt, d.Number = time.Time{}, 0 }, sie.ErrNotIssued, "invoice"},
		"basis":               {func(d *invoice.Document) { d.Kind, d.Series, d.Number = invoice.Basis, "", 0 }, sie.ErrNotIssued, "basis"},
		"R40 part":            {func(d *invoice.Document) { d.Rates = nil }, sie.ErrPart, ""},
		"rate":                {func(d *invoice.Document) { d.Rates[0].Rate = 1050 }, sie.ErrNoAccount, "10.50 %"},
		"VAT at no rate":      {func(d *invoice.Document) { d.Rates[0].Rate = 0 }, sie.ErrNoAccount, "0.00 %"},
		"gross of a rate":     {func(d *invoice.Document) { d.Rates[0].Gross++ }, sie.ErrUnbalanced, "37.01"},
		"gross":               {func(d *invoice.Document) { d.Gross++ }, sie.ErrUnbalanced, "37.01"},
		"net and VAT changed": {func(d *invoice.Document) { d.Net++; d.VAT-- }, sie.ErrUnbalanced, "34.92"},
		"a rate is missing":   {func(d *invoice.Document) { d.Net += 100; d.Gross += 100 }, sie.ErrUnbalanced, "38.00"},
		"another seller":      {func(d *invoice.Document) { d.SellerID = "other" }, sie.ErrMixed, `seller "other" after ""`},
		"another currency":    {func(d *invoice.Document) { d.Currency = "DKK" }, sie.ErrMixed, `currency "DKK" after "SEK"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, d := plain(), plain()
			d.ID, d.Number = invoice.DocumentID{15: 9}, 8
			c.change(&d)
			books := must(sie.New(time.UTC, sie.Options{}))
			err := books.Export(t.Context(), io.Discard, each([]invoice.Document{first, d}))
			require.ErrorIs(t, err, c.want)
			var of *sie.DocumentError
			require.ErrorAs(t, err, &of)
			assert.Equal(t, d.ID, of.ID)
			assert.Contains(t, err.Error(), c.says)
			if d.Number != 0 {
				assert.Contains(t, err.Error(), "document JLT-8: ")
			} else {
				assert.Contains(t, err.Error(), "document "+d.ID.String()+": ")
			}
		})
	}
	t.Run("several sellers of a month", func(t *testing.T) {
		t.Parallel()
		ctx := t.Context()
		s := newShop(ctx)
		s.save(ctx, s.bought(37_00), s.bought(50_00, func(e *travel.Entry) { e.Ticket.Seller = "other" }))
		documents := s.closed(ctx, time.January)
		require.Len(t, documents, 2)
		books := must(sie.New(s.zone, sie.Options{}))
		require.ErrorIs(t, books.Export(ctx, io.Discard, each(documents)), sie.ErrMixed)
		for _, d := range documents {
			assert.Contains(t, read(exported(t, sie.Options{}, d)).heads, []string{"#FNAMN", d.Seller.Name})
		}
	})
	t.Run("objects", func(t *testing.T) {
		t.Parallel()
		calls := 0
		for name, f := range map[string]func(invoice.Document) []sie.Object{
			"no number": func(invoice.Document) []sie.Object { return []sie.Object{{1, "a", "", ""}} },
			"zero":      func(invoice.Document) []sie.Object { return []sie.Object{{0, "a", "1", ""}} },
			"twice":     func(invoice.Document) []sie.Object { return []sie.Object{{1, "a", "1", ""}, {1, "a", "2", ""}} },
			"changing": func(invoice.Document) []sie.Object {
				calls++
				return []sie.Object{{1, "a", strconv.Itoa(calls), ""}}
			},
		} {
			books := must(sie.New(time.UTC, sie.Options{Objects: f}))
			err := books.Render(t.Context(), io.Discard, plain(), nil)
			require.ErrorIs(t, err, sie.ErrObject, name)
			assert.Contains(t, err.Error(), "JLT-7")
		}
	})
}

var errBroken = errors.New("broken")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errBroken }

func TestExportEnds(t *testing.T) {
	t.Parallel()
	objects := func(invoice.Document) []sie.Object { return nil }
	for name, o := range map[string]sie.Options{"once": {}, "twice": {Objects: objects}} {
		books := must(sie.New(time.UTC, o))
		var file bytes.Buffer
		require.ErrorIs(t, books.Export(t.Context(), &file, each(nil)), sie.ErrEmpty, name)
		assert.Zero(t, file.Len())
		broken := func(yield func(invoice.Document, error) bool) {
			_ = yield(plain(), nil) && yield(invoice.Document{}, errBroken)
		}
		require.ErrorIs(t, books.Export(t.Context(), io.Discard, broken), errBroken, name)
		require.ErrorIs(t, books.Export(t.Context(), failing{}, each([]invoice.Document{plain()})), errBroken, name)
		stopped, stop := context.WithCancel(t.Context())
		stop()
		require.ErrorIs(t, books.Export(stopped, io.Discard, each([]invoice.Document{plain()})), context.Canceled, name)
	}
}

func TestSameBytes(t *testing.T) {
	t.Parallel()
	books := must(sie.New(time.UTC, sie.Options{Objects: func(d invoice.Document) []sie.Object {
		return []sie.Object{{20, "Referens", d.Reference, ""}}
	}}))
	var documents []invoice.Document
	for i := range 50 {
		d := plain()
		d.Number, d.Reference = int64(i+1), strconv.Itoa(i%7)
		documents = append(documents, d)
	}
	write := func() []byte {
		var file bytes.Buffer
		assert.NoError(t, books.Export(t.Context(), &file, each(documents)))
		return file.Bytes()
	}
	want := write()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { assert.True(t, bytes.Equal(want, write())) })
	}
	wg.Wait()
}

// BenchmarkExport writes a month of documents; they are not collected.
func BenchmarkExport(b *testing.B) {
	books := must(sie.New(time.UTC, sie.Options{}))
	for _, n := range []int{1_000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			documents := func(yield func(invoice.Document, error) bool) {
				d := plain()
				for i := range n {
					d.Number = int64(i + 1)
					if !yield(d, nil) {
						return
					}
				}
			}
			b.ReportAllocs()
			for range b.N {
				require.NoError(b, books.Export(b.Context(), io.Discard, iter.Seq2[invoice.Document, error](documents)))
			}
		})
	}
}
