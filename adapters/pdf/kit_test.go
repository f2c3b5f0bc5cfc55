package pdf_test

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	swedish, english = language.Swedish, language.English
)

// stockholm is the operator's zone.
func stockholm(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(t, err)
	return zone
}

// printer returns a printer with the options.
func printer(t testing.TB, o pdf.Options) *pdf.Printer {
	t.Helper()
	p, err := pdf.New(stockholm(t), o)
	require.NoError(t, err)
	return p
}

// issued returns an issued invoice without departments: bill adds them.
func issued() invoice.Document {
	return invoice.Document{
		ID: invoice.DocumentID{1}, Kind: invoice.Invoice, Series: "JLT", Number: 17, Month: credit.NewMonth(2026, time.January), Currency: "SEK",
		Seller: invoice.Party{
			Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
			Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE", FTax: true, RegisteredOffice: "Jönköping",
			Contact: invoice.Contact{Name: "Kundtjänst", Phone: "036-19 95 50", Email: "faktura@lanstrafiken.example"},
		},
		Buyer:     invoice.Party{Name: "Habo kommun", OrganizationNumber: "2120001629", Street: "Box 212", PostalCode: "566 24", City: "Habo", Country: "SE"},
		Reference: "4711", IssuedAt: time.Date(2026, 2, 3, 23, 30, 0, 0, time.UTC), DueAt: time.Date(2026, 3, 5, 23, 0, 0, 0, time.UTC),
		Payee:            invoice.Payee{Bankgiro: "50501055", Plusgiro: "2865434", IBAN: "SE4550000000058398257466", BIC: "ESSESESS"},
		PaymentReference: "1735",
		LinesHash:        [32]byte{0xab, 0xcd},
	}
}

// bill puts tickets of one department on a document and adds them up.
func bill(d *invoice.Document, department string, entries ...travel.Entry) []invoice.Line {
	total := invoice.DepartmentTotal{Name: department}
	if department != "" {
		total.ID = travel.DepartmentID{byte(len(d.Departments) + 1)}
	}
	var lines []invoice.Line
	for _, e := range entries {
		if e.Department, e.DepartmentName = total.ID, department; e.Of != (travel.EntryID{}) {
			e.Kind = travel.EntryRefund
		}
		vat := credit.Share(e.Gross, credit.Amount(e.Ticket.VATRate), 10_000+credit.Amount(e.Ticket.VATRate))
		l := invoice.Line{Entry: e, Net: e.Gross - vat, VAT: vat, Gross: e.Gross}
		if e.Kind == travel.EntryRefund && d.Original == nil {
			l.Net, l.VAT, l.Gross = -l.Net, -l.VAT, -l.Gross
		}
		lines = append(lines, l)
		add(&total.Net, &total.VAT, &total.Gross, l)
		add(&d.Net, &d.VAT, &d.Gross, l)
		rate := 0
		for rate < len(d.Rates) && d.Rates[rate].Rate != e.Ticket.VATRate {
			rate++
		}
		if rate == len(d.Rates) {
			d.Rates = append(d.Rates, invoice.RateTotal{Rate: e.Ticket.VATRate, Category: e.Ticket.VATCategory, Reason: e.Ticket.VATReason})
		}
		add(&d.Rates[rate].Net, &d.Rates[rate].VAT, &d.Rates[rate].Gross, l)
	}
	total.Lines = len(lines)
	d.Lines += len(lines)
	d.Departments = append(d.Departments, total)
	return lines
}

func add(net, vat, gross *credit.Amount, l invoice.Line) {
	*net, *vat, *gross = *net+l.Net, *vat+l.VAT, *gross+l.Gross
}

// ticket returns the entry of a ticket.
func ticket(gross credit.Amount, with ...func(*travel.Entry)) travel.Entry {
	e := travel.Entry{
		ID: travel.EntryID{7}, Kind: travel.EntryCapture, PurchasedAt: time.Date(2026, 1, 13, 11, 5, 0, 0, time.UTC), Gross: gross,
		Ticket:   travel.Ticket{Product: "single", ProductName: "Enkelbiljett", Category: "vuxen", Zones: []string{"Habo"}, VATRate: 600, VATCategory: "S"},
		Personal: travel.Personal{Name: "Anna Ek", EmployeeNumber: "1001", Purpose: "Utbildning i stadshuset"},
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// month returns a month of tickets, no two alike.
func month(n int) []travel.Entry {
	names := []string{"Anna Ek", "Zażółć Gęślą-Jaźń", "Γιώργος Παπαδόπουλος", "Екатерина Щербакова", "Björn Åström"}
	purposes := []string{"Utbildning i stadshuset", "Möte med Region Jönköpings län om trafikplanen, därefter studiebesök på bussdepån", "Tjänsteresa"}
	var entries []travel.Entry
	for i := range n {
		entries = append(entries, ticket(credit.Amount(3700+i*100), func(e *travel.Entry) {
			e.ID = travel.EntryID{byte(i >> 8), byte(i)}
			e.PurchasedAt = e.PurchasedAt.Add(time.Duration(i) * time.Minute)
			e.Personal = travel.Personal{Name: names[i%len(names)], EmployeeNumber: fmt.Sprint(1000 + i), Purpose: purposes[i%len(purposes)]}
		}))
	}
	return entries
}

// each yields lines.
func each(lines []invoice.Line) iter.Seq2[invoice.Line, error] {
	return func(yield func(invoice.Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// rendered renders a document.
func rendered(t testing.TB, r invoice.Renderer, d invoice.Document, lines []invoice.Line) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.Render(t.Context(), &b, d, each(lines)))
	return b.Bytes()
}

var plain = strings.NewReplacer("\u00a0", " ")
