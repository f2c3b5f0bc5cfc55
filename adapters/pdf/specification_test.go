package pdf_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func pageOf(page, of int) string { return fmt.Sprintf("Sida %d av %d", page, of) }

func TestR32_OneRowPerTicket(t *testing.T) {
	t.Parallel()
	d := issued()
	lines := bill(&d, "Skola", month(150)...)
	lines = append(lines, bill(&d, "", month(80)...)...)
	f := read(t, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines))

	var all []string
	for i, p := range f.pages {
		of := rows(p)
		assert.Contains(t, of, "Köpt|Biljett|Resenär|Anst.nr|Syfte|Netto|Moms|Belopp", "page %d: the head is repeated", i+1)
		assert.Contains(t, text(p), pageOf(i+1, len(f.pages)))
		all = append(all, of...)
	}
	require.Greater(t, len(f.pages), 5)
	at := 0
	for _, l := range lines {
		row := fmt.Sprintf("%s|Enkelbiljett, vuxen, zon Habo|%s|%s|", l.Entry.PurchasedAt.In(stockholm(t)).Format("2006-01-02 15:04"), l.Entry.Personal.Name, l.Entry.Personal.EmployeeNumber)
		amounts := "|" + strings.Join([]string{money(l.Net), money(l.VAT), money(l.Gross)}, "|")
		for at < len(all) && !(strings.HasPrefix(all[at], row) && strings.HasSuffix(all[at], amounts)) {
			at++
		}
		require.Less(t, at, len(all), "no row %s…%s in its place", row, amounts)
		purpose := strings.TrimSuffix(strings.TrimPrefix(all[at], row), amounts)
		for at++; purpose != l.Entry.Personal.Purpose && at < len(all); at++ {
			purpose += " " + all[at]
			require.LessOrEqual(t, len(purpose), len(l.Entry.Personal.Purpose), "the purpose is whole")
		}
	}
	for _, s := range d.Departments {
		name := "Skola"
		if s.ID.IsZero() {
			name = "Utan avdelning"
		}
		assert.Contains(t, all, fmt.Sprintf("Summa %s|%d rader|%s|%s|%s", name, s.Lines, money(s.Net), money(s.VAT), money(s.Gross)))
		assert.Contains(t, all, name)
		assert.Contains(t, all, name+" (forts.)")
	}
	assert.Equal(t, fmt.Sprintf("Summa SEK|230 rader|%s|%s|%s", money(d.Net), money(d.VAT), money(d.Gross)), all[len(all)-2])
}

// money writes an amount as Swedish does, by other means.
func money(a interface{ String() string }) string {
	whole, cents, _ := strings.Cut(a.String(), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + " " + whole[i:]
	}
	return sign + whole + "," + cents
}

func TestRowsSayWhatIsSpecial(t *testing.T) {
	t.Parallel()
	d := issued()
	lines := bill(&d, "Skola",
		ticket(3700),
		ticket(1700, func(e *travel.Entry) { e.Of = travel.EntryID{7} }),
		ticket(9900, func(e *travel.Entry) { e.Personal = travel.Personal{} }),
		ticket(9900, func(e *travel.Entry) { e.Ticket.Zones, e.Ticket.From, e.Ticket.To = nil, "Nässjö", "København H" }),
		ticket(1100, func(e *travel.Entry) { e.Personal.Purpose = "=1+1\n\tmöte (a\\b) {nb}" }),
	)
	lines[4].Entry.DepartmentName = "Skolan"
	f := read(t, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines))
	for _, want := range []string{
		"Återbetalning: Enkelbiljett, vuxen, zon Habo|Anna Ek|1001|Utbildning i stadshuset|-16,04|-0,96|-17,00",
		"2026-01-13 12:05|Enkelbiljett, vuxen, zon Habo|–|–|93,40|5,60|99,00",
		"Enkelbiljett, vuxen, Nässjö–København H",
		"=1+1 möte (a\\b) {nb} (avdelning vid köpet:|10,38|0,62|11,00\nSkolan)\n",
	} {
		assert.Contains(t, strings.Join(rows(f.pages[0]), "\n"), want)
	}
	f = read(t, rendered(t, printer(t, pdf.Options{Language: english}).Specification(), d, lines))
	for _, want := range []string{
		"SPECIFICATION", "INVOICE JLT-17, January 2026", "Bought|Ticket|Traveler|Empl. no.|Purpose|Net|VAT|Amount", "Refund: Enkelbiljett, vuxen, zone Habo",
		"Total Skola|5 lines|216.05|12.95|229.00", "department at the", "Länstrafiken AB|Page 1 of 1",
	} {
		assert.Contains(t, strings.Join(rows(f.pages[0]), "\n"), want)
	}
}

// A row may be higher than a page, and still nothing of it is lost.
func TestARowHigherThanAPage(t *testing.T) {
	t.Parallel()
	d := issued()
	long := strings.Repeat("ord ", 1_500) + "slut"
	lines := bill(&d, "Skola", ticket(3700), ticket(3700, func(e *travel.Entry) { e.Personal.Purpose = long }), ticket(3700))
	f := read(t, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines))
	assert.Equal(t, 1_500, strings.Count(f.all(), "ord"))
	assert.Equal(t, 1, strings.Count(f.all(), "slut"))
	assertTidy(t, f)
}

func TestPaperThatWouldBeWrongIsNotPrinted(t *testing.T) {
	t.Parallel()
	r := printer(t, pdf.Options{}).Specification()
	broken := errors.New("the store is gone")
	for name, c := range map[string]struct {
		change func(*invoice.Document, []invoice.Line) []invoice.Line
		want   error
	}{
		"a line is missing":        {func(_ *invoice.Document, l []invoice.Line) []invoice.Line { return l[1:] }, travel.ErrDrift},
		"the last line is missing": {func(_ *invoice.Document, l []invoice.Line) []invoice.Line { return l[:3] }, travel.ErrDrift},
		"a line too many":          {func(_ *invoice.Document, l []invoice.Line) []invoice.Line { return append(l, l[3]) }, travel.ErrDrift},
		"no lines":                 {func(*invoice.Document, []invoice.Line) []invoice.Line { return nil }, travel.ErrDrift},
		"another amount":           {func(_ *invoice.Document, l []invoice.Line) []invoice.Line { l[0].VAT--; return l }, travel.ErrDrift},
		"out of order":             {func(_ *invoice.Document, l []invoice.Line) []invoice.Line { l[0], l[3] = l[3], l[0]; return l }, travel.ErrDrift},
		"a department is missing":  {func(_ *invoice.Document, l []invoice.Line) []invoice.Line { return l[2:] }, travel.ErrDrift},
		"another department": {func(_ *invoice.Document, l []invoice.Line) []invoice.Line {
			l[3].Entry.Department = travel.DepartmentID{99}
			return l
		}, travel.ErrDrift},
		"nothing wrong": {func(_ *invoice.Document, l []invoice.Line) []invoice.Line { return l }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := issued()
			lines := bill(&d, "A", month(2)...)
			lines = append(lines, bill(&d, "B", month(2)...)...)
			lines = c.change(&d, lines)
			assert.ErrorIs(t, r.Render(t.Context(), io.Discard, d, each(lines)), c.want)
		})
	}
	d := issued()
	lines := bill(&d, "A", month(2)...)
	assert.ErrorIs(t, r.Render(t.Context(), io.Discard, d, func(yield func(invoice.Line, error) bool) {
		_ = yield(lines[0], nil) && yield(invoice.Line{}, broken)
	}), broken)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, r.Render(gone, io.Discard, d, each(lines)), context.Canceled)
	assert.ErrorIs(t, printer(t, pdf.Options{}).Invoice().Render(gone, io.Discard, d, nil), context.Canceled)
	assert.ErrorIs(t, r.Render(t.Context(), fullDisk{}, d, each(lines)), errFull)
	assert.ErrorIs(t, printer(t, pdf.Options{}).Invoice().Render(t.Context(), fullDisk{}, d, nil), errFull)
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestSameBytes(t *testing.T) {
	t.Parallel()
	d := issued()
	lines := bill(&d, "Skola", month(60)...)
	draft := d
	draft.Number, draft.IssuedAt = 0, time.Time{}
	p := printer(t, pdf.Options{Logos: map[string][]byte{"": pngLogo(t)}})
	other := printer(t, pdf.Options{Logos: map[string][]byte{"": pngLogo(t)}})
	for _, doc := range []invoice.Document{d, draft} {
		first, of := rendered(t, p.Invoice(), doc, nil), rendered(t, p.Specification(), doc, lines)
		done := make(chan bool)
		for range 8 {
			go func() {
				var a, b bytes.Buffer
				err := errors.Join(other.Invoice().Render(t.Context(), &a, doc, nil), other.Specification().Render(t.Context(), &b, doc, each(lines)))
				done <- err == nil && bytes.Equal(first, a.Bytes()) && bytes.Equal(of, b.Bytes())
			}()
		}
		for range 8 {
			assert.True(t, <-done)
		}
	}
	assert.Contains(t, string(rendered(t, p.Invoice(), d, nil)), "/CreationDate (D:20260203233000)", "the instant of the issue")
	assert.Contains(t, string(rendered(t, p.Invoice(), draft, nil)), "/CreationDate (D:20260131230000)", "the end of the month")
}
