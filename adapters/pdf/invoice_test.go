package pdf_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func untaxed(e *travel.Entry) {
	e.Ticket.VATRate, e.Ticket.VATCategory, e.Ticket.VATReason = 0, "E", "Resa utanför Sverige"
}

func at25(e *travel.Entry) { e.Ticket.VATRate = 2500 }

func TestInvoiceSaysAll(t *testing.T) {
	t.Parallel()
	d := issued()
	bill(&d, "Barn- och utbildning", ticket(3700), ticket(125_050, at25))
	bill(&d, "", ticket(9900, untaxed))
	d.Rounding = 50
	for tag, want := range map[language.Tag][]string{
		swedish: {
			"FAKTURA JLT-17", "Säljare", "Länstrafiken AB", "Resvägen 1", "551 11 Jönköping", "Org.nr 556000-0167", "Momsreg.nr SE556000016701",
			"Köpare", "Habo kommun", "Box 212", "566 24 Habo", "Org.nr 212000-1629",
			"Datum", "2026-02-04", "Förfaller", "2026-03-06", "Månad", "januari 2026", "Er referens", "4711",
			"Avdelning|Rader|Netto|Moms|Summa", "Barn- och utbildning|2|1 035,31|252,19|1 287,50", "Utan avdelning|1|99,00|0,00|99,00", "Summa SEK|3|1 134,31|252,19|1 386,50",
			"Moms 6 %|34,91|2,09|37,00", "Moms 25 %|1 000,40|250,10|1 250,50", "Moms 0 % (E)|99,00|0,00|99,00", "Resa utanför Sverige",
			"Summa|1 386,50", "Öresavrundning|0,50", "Att betala SEK|1 387,00",
			"Betalning", "Bankgiro", "5050-1055", "Plusgiro", "286543-4", "IBAN", "SE45 5000 0000 0583 9825 7466", "BIC", "ESSESESS",
			"Betalreferens (OCR)", "1735", "SEK 1 387,00",
			"Specifikationens kontrollsumma (SHA-256): abcd000000000000000000000000000000000000000000000000000000000000",
			"Godkänd för F-skatt", "Säte: Jönköping", "Kundtjänst", "036-19 95 50", "faktura@lanstrafiken.example", "FAKTURA JLT-17|Sida 1 av 1",
		},
		english: {
			"INVOICE JLT-17", "Seller", "Reg. no. 556000-0167", "VAT no. SE556000016701", "Buyer", "Date", "Due", "Month", "January 2026", "Your reference",
			"Department|Lines|Net|VAT|Total", "Barn- och utbildning|2|1,035.31|252.19|1,287.50", "No department|1|99.00|0.00|99.00", "VAT 25 %|1,000.40|250.10|1,250.50",
			"Rounding|0.50", "To pay SEK|1,387.00", "Payment", "Reference (OCR)", "SEK 1,387.00", "Approved for F-tax", "Registered office: Jönköping", "INVOICE JLT-17|Page 1 of 1",
		},
	} {
		f := read(t, rendered(t, printer(t, pdf.Options{Language: tag}).Invoice(), d, nil))
		assert.Len(t, f.pages, 1)
		said := text(f.pages[0])
		for _, r := range rows(f.pages[0]) {
			said += r + "\n"
		}
		for _, w := range want {
			assert.Contains(t, "\n"+said, "\n"+w+"\n", "%s", tag)
		}
	}
}

// What kind of document it is says who pays whom, if anybody does.
func TestKindsOfDocuments(t *testing.T) {
	t.Parallel()
	original := &invoice.Original{Series: "JLT", Number: 9, IssuedAt: time.Date(2026, 1, 3, 12, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		change                     func(*invoice.Document)
		swedish, english, sum, not string
		paid                       bool
	}{
		"invoice": {func(*invoice.Document) {}, "FAKTURA JLT-17", "INVOICE JLT-17", "Att betala SEK|37,00", "UTKAST", true},
		"credit note": {func(d *invoice.Document) {
			d.Kind, d.Original, d.PaymentReference = invoice.CreditNote, original, ""
		}, "KREDITFAKTURA JLT-17", "CREDIT NOTE JLT-17", "Att kreditera SEK|37,00", "Förfaller", false},
		"basis": {func(d *invoice.Document) {
			d.Kind, d.Series, d.Number, d.DueAt, d.PaymentReference = invoice.Basis, "", 0, time.Time{}, ""
		}, "FAKTURAUNDERLAG", "INVOICE BASIS", "Summa SEK|37,00", "Att betala", false},
		"basis of a credit note": {func(d *invoice.Document) {
			d.Kind, d.Series, d.Number, d.DueAt, d.PaymentReference, d.Original = invoice.Basis, "", 0, time.Time{}, "", &invoice.Original{IssuedAt: original.IssuedAt}
		}, "KREDITUNDERLAG", "CREDIT BASIS", "Att kreditera SEK|37,00", "Att betala", false},
		"draft": {func(d *invoice.Document) {
			d.Series, d.Number, d.IssuedAt, d.DueAt, d.PaymentReference, d.LinesHash = "", 0, time.Time{}, time.Time{}, "", [32]byte{}
		}, "FAKTURA (UTKAST)", "INVOICE (DRAFT)", "Att betala SEK|37,00", "kontrollsumma", false},
		"part": {func(d *invoice.Document) {
			d.Rates, d.LinesHash, d.Rounding = nil, [32]byte{}, 63
		}, "FAKTURA JLT-17", "INVOICE JLT-17", "Summa SEK|37,00", "Öresavrundning", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := issued()
			bill(&d, "Skola", ticket(3700))
			c.change(&d)
			f := read(t, rendered(t, printer(t, pdf.Options{}).Invoice(), d, nil))
			assert.Equal(t, c.swedish, titleOf(f))
			assert.Contains(t, rows(f.pages[0]), c.sum)
			assert.NotContains(t, f.all(), c.not)
			assert.Equal(t, c.paid, pays(f), "only an issued invoice says where to pay")
			if d.Original != nil {
				assert.Contains(t, f.all(), "av den 2026-01-03", "what is credited")
			}
			assert.Equal(t, name == "part", contains(f, "Utdrag: endast egna avdelningar"))
			assert.Equal(t, c.english, titleOf(read(t, rendered(t, printer(t, pdf.Options{Language: english}).Invoice(), d, nil))))
		})
	}
}

// titleOf joins what is set largest.
func titleOf(f *file) (title string) {
	for _, s := range f.pages[0] {
		if s.size == 17 {
			title += " " + plain.Replace(s.text)
		}
	}
	return title[1:]
}

func contains(f *file, line string) bool {
	for _, p := range f.pages {
		for _, s := range p {
			if plain.Replace(s.text) == line {
				return true
			}
		}
	}
	return false
}

func pays(f *file) bool { return contains(f, "5050-1055") || contains(f, "Betalning") }

func TestR36_AnInvoiceHoldsNothingPersonal(t *testing.T) {
	t.Parallel()
	d := issued()
	lines := bill(&d, "Skola", month(30)...)
	f := read(t, rendered(t, printer(t, pdf.Options{}).Invoice(), d, lines))
	for _, personal := range []string{"Anna", "Tjänsteresa", "1001"} {
		assert.NotContains(t, f.all(), personal)
		assert.Contains(t, read(t, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines)).all(), personal)
	}
}

func TestInvoiceOfManyDepartments(t *testing.T) {
	t.Parallel()
	d := issued()
	for range 100 {
		bill(&d, "Förvaltningen för samhällsbyggnad, trafik och fritid i kommundelen", ticket(3700))
	}
	f := read(t, rendered(t, printer(t, pdf.Options{}).Invoice(), d, nil))
	assert.Greater(t, len(f.pages), 2)
	sums := 0
	for i, p := range f.pages {
		lines := rows(p)
		assert.Contains(t, text(p), "Säte: Jönköping", "the foot is on every page")
		assert.Contains(t, lines, "FAKTURA JLT-17|"+pageOf(i+1, len(f.pages)))
		for _, l := range lines {
			switch l {
			case "Avdelning|Rader|Netto|Moms|Summa":
				sums += 1000
			case "Förvaltningen för samhällsbyggnad, trafik och|1|34,91|2,09|37,00":
				sums++
			}
		}
	}
	last := len(f.pages) - 1
	if !containsRow(f.pages[last], "Avdelning|Rader|Netto|Moms|Summa") {
		last--
	}
	assert.Equal(t, 1000*(last+1)+100, sums, "each department once, the head on each page of the table")
}

func containsRow(page []said, row string) bool {
	for _, r := range rows(page) {
		if r == row {
			return true
		}
	}
	return false
}
