package peppol_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// shape is a document and how it is written.
type shape struct {
	name    string
	options peppol.Options
	paper   paper
}

var (
	norwegianSeller = invoice.Party{
		Name: "Grensebussen AS", OrganizationNumber: "974 760 673 MVA", VATNumber: "NO974760673", Street: "Storgata 1", PostalCode: "0155", City: "Oslo",
		Country: "NO", PeppolID: "0192:974760673", Email: "faktura@grensebussen.example", RegisteredOffice: "Oslo",
	}
	norwegianBuyer = invoice.Party{
		Name: "Halden kommune", OrganizationNumber: "959159092", Street: "Storgata 8", PostalCode: "1771", City: "Halden", Country: "NO", PeppolID: "0192:959159092",
	}
	germanSeller = invoice.Party{
		Name: "Fährlinien GmbH", OrganizationNumber: "HRB 4711", VATNumber: "DE123456789", Street: "Hafenstr. 1", PostalCode: "18055", City: "Rostock",
		Country: "DE", PeppolID: "9930:DE123456789", RegisteredOffice: "Rostock",
		Contact: invoice.Contact{Name: "Rechnungen", Phone: "+49 381 1234", Email: "rechnung@faehrlinien.example"},
	}
	germanBuyer = invoice.Party{
		Name: "Stadt Kiel", Street: "Fleethörn 9", PostalCode: "24103", City: "Kiel", Country: "DE", PeppolID: "9930:DE987654321",
	}
	iban = invoice.Payee{IBAN: "SE4550000000058398257466", BIC: "ESSESESS"}
)

func fromNorway(p *paper) {
	p.Seller, p.Buyer, p.Payee, p.Currency = norwegianSeller, norwegianBuyer, invoice.Payee{IBAN: "NO9386011117947", BIC: "DNBANOKK"}, "NOK"
}

func fromGermany(p *paper) {
	p.Seller, p.Buyer, p.Payee, p.Currency = germanSeller, germanBuyer, invoice.Payee{IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX"}, "EUR"
	p.Reference = "04011000-12345-34"
}

// sheet is an attachment that says its lines' ticket ids.
type sheet struct{ format invoice.Format }

func (s sheet) Format() invoice.Format { return s.format }

func (s sheet) Render(_ context.Context, w io.Writer, _ invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	for l, err := range lines {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, l.Entry.Ticket.ID+"\n"); err != nil {
			return err
		}
	}
	return nil
}

var (
	pdf  = sheet{invoice.Format{Name: "pdf", MediaType: "application/pdf", Extension: "pdf"}}
	xlsx = sheet{invoice.Format{Name: "xlsx", MediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Extension: "xlsx"}}
	csv  = sheet{invoice.Format{Name: "csv", MediaType: "text/csv; charset=utf-8", Extension: "csv"}}
)

func plain(k *kit) paper { return k.billed(k.ticket(3700)) }

func mixed(k *kit) paper {
	return k.billed(
		k.ticket(3700), k.ticket(12_550, vat("S", 2500, ""), called("bike", "Cykel")), k.ticket(9_900, vat("S", 1200, "")),
		k.ticket(15_000, vat("Z", 0, ""), called("cph", "København")), k.ticket(5_000, vat("E", 0, "Undantag enligt 10 kap. 1 § ML"), called("school", "Kurs")),
	)
}

func note(k *kit) paper {
	return k.credited([]travel.Entry{k.ticket(3700), k.ticket(12_550, vat("S", 2500, ""))}, func(e []travel.Entry) []travel.Entry {
		return []travel.Entry{k.given(e[0], 0, 3700, february), k.given(e[1], 0, 50_01, february)}
	})
}

// shapes returns documents of all shapes, each as it should be.
func shapes(tb testing.TB) []shape {
	var all []shape
	add := func(name string, o peppol.Options, p paper) { all = append(all, shape{name, o, p}) }
	terms := func(change func(*invoice.Config, *invoice.Seller)) *kit {
		return setup(tb, func(c *invoice.Config) { change(c, &c.Sellers[0]) })
	}
	std := peppol.Options{}

	add("one ticket", std, plain(setup(tb)))
	add("rates and categories", std, mixed(setup(tb)))
	add("in English", std, mixed(terms(func(c *invoice.Config, _ *invoice.Seller) { c.Language = language.English })))
	add("name and purpose", std, mixed(setup(tb)).changed(personal))
	add("products", peppol.Options{Style: peppol.Products}, mixed(setup(tb)))
	add("whole kronor up", std, func() paper {
		k := terms(func(c *invoice.Config, _ *invoice.Seller) { c.WholeKronor = true })
		return k.billed(k.ticket(3750))
	}())
	add("whole kronor down", std, func() paper {
		k := terms(func(c *invoice.Config, _ *invoice.Seller) { c.WholeKronor = true })
		return k.billed(k.ticket(3749))
	}())
	add("plusgiro", std, plain(terms(func(_ *invoice.Config, s *invoice.Seller) { s.Payee = invoice.Payee{Plusgiro: "286543-4"} })))
	add("IBAN", std, plain(terms(func(_ *invoice.Config, s *invoice.Seller) { s.Payee = iban })))
	add("every account", std, plain(terms(func(_ *invoice.Config, s *invoice.Seller) {
		s.Payee = invoice.Payee{Bankgiro: "5050-1055", Plusgiro: "286543-4", IBAN: iban.IBAN}
	})))
	add("no account", std, plain(terms(func(_ *invoice.Config, s *invoice.Seller) { s.Payee = invoice.Payee{} })))
	add("OCR", std, plain(terms(func(_ *invoice.Config, s *invoice.Seller) { s.OCR = invoice.OCRPlain })))
	add("OCR with length", std, plain(terms(func(_ *invoice.Config, s *invoice.Seller) { s.OCR = invoice.OCRLength })))
	add("bare seller", std, plain(terms(func(_ *invoice.Config, s *invoice.Seller) {
		s.Party.FTax, s.Party.RegisteredOffice, s.Party.Contact, s.Party.Email, s.Party.Country = false, "", invoice.Contact{}, "", ""
	})))
	add("GLN", std, plain(setup(tb)).changed(func(p *paper) { p.Seller.PeppolID, p.Buyer.PeppolID = "0088:7350000001228", "0088:7350053850019" }))
	add("signs of XML", std, func() paper {
		k := setup(tb)
		return k.billed(k.ticket(3700, in(k.department(`R&D <"'>`, `<&>"'`)), func(e *travel.Entry) {
			e.Personal.Purpose = "<script>&amp;]]>\u0007\xff\n  två\trader"
			e.Ticket.From, e.Ticket.To = "Å&Ö", "Łódź"
		})).changed(personal)
	}())
	add("no ids", std, func() paper {
		k := setup(tb)
		return k.billed(k.ticket(3700, called("", "Enkelbiljett"), func(e *travel.Entry) {
			e.Ticket.ID, e.Ticket.Zones, e.Ticket.Category, e.Personal = "", nil, "", travel.Personal{}
		}))
	}())
	add("reverse charge", std, func() paper {
		k := setup(tb)
		return k.billed(k.ticket(3700, vat("AE", 0, "Omvänd betalningsskyldighet")))
	}())
	add("export", std, func() paper { k := setup(tb); return k.billed(k.ticket(3700, vat("G", 0, ""))) }())
	add("within the Union", std, func() paper {
		k := setup(tb)
		return k.billed(k.ticket(3700, vat("K", 0, ""))).changed(func(p *paper) { p.Buyer.VATNumber, p.Buyer.Country = "DK13585628", "DK" })
	}())
	add("outside of VAT", std, func() paper { k := setup(tb); return k.billed(k.ticket(3700, vat("O", 0, ""))) }())
	add("refunds", std, func() paper {
		k := setup(tb)
		a, b := k.ticket(3700), k.ticket(12_550, vat("S", 2500, ""))
		return k.billed(a, b, k.given(a, 0, 3700, january), k.given(b, 0, 33_33, january), k.given(b, 33_33, 33_33, january))
	}())
	add("refunds by product", peppol.Options{Style: peppol.Products}, func() paper {
		k := setup(tb)
		a, b := k.ticket(3700), k.ticket(3701)
		return k.billed(a, b, k.ticket(100), k.given(a, 0, 3699, january), k.given(b, 0, 1, january))
	}())
	add("a rate that was all given back", std, func() paper {
		k := setup(tb)
		a := k.ticket(3700)
		return k.billed(a, k.given(a, 0, 3700, january), k.ticket(5000, vat("S", 2500, "")))
	}())
	add("credit note", std, note(setup(tb)))
	add("credit note by product", peppol.Options{Style: peppol.Products}, note(setup(tb)))
	add("credit note in whole kronor", std, note(terms(func(c *invoice.Config, _ *invoice.Seller) { c.WholeKronor = true })))
	add("credit note of a part", peppol.Options{Attachments: []invoice.Renderer{csv}}, func() paper {
		k := setup(tb)
		return k.credited([]travel.Entry{k.ticket(10_000)}, func(e []travel.Entry) []travel.Entry {
			return []travel.Entry{k.given(e[0], 0, 1, february), k.given(e[0], 1, 9_998, february)}
		}).changed(personal)
	}())
	canceled, anew := reissued(setup(tb))
	add("an invoice that is canceled with what it had given back", std, canceled)
	add("an invoice that is canceled, by product", peppol.Options{Style: peppol.Products}, canceled)
	add("an invoice that is issued anew", std, anew)
	add("an invoice that is issued anew, by product", peppol.Options{Style: peppol.Products}, anew)
	add("first and last of the month", std, func() paper {
		k := setup(tb)
		return k.billed(k.ticket(3700, at(time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC))), k.ticket(3700, at(time.Date(2026, 1, 31, 22, 59, 59, 0, time.UTC))))
	}())
	add("a day outside of the month", std, plain(setup(tb)).changed(func(p *paper) {
		p.lines[0].Entry.PurchasedAt = time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)
	}))
	add("one öre", std, func() paper { k := setup(tb); return k.billed(k.ticket(1), k.ticket(1, vat("S", 2500, ""))) }())
	add("stated VAT", std, func() paper {
		k := setup(tb)
		return k.billed(k.ticket(3700, stated(210)), k.ticket(3700, stated(209)), k.ticket(3700))
	}())
	thousand := func() paper {
		k := setup(tb)
		var e []travel.Entry
		for range 1000 {
			e = append(e, k.ticket(3700))
		}
		return k.billed(e...)
	}()
	add("1000 × 37 kr", std, thousand)
	add("1000 × 37 kr by product", peppol.Options{Style: peppol.Products}, thousand)
	add("cost centers", std, departments(setup(tb)).changed(costs(centers)))
	add("cost centers by product", peppol.Options{Style: peppol.Products}, departments(setup(tb)).changed(costs(centers)))
	add("one cost center", std, departments(setup(tb)).changed(costs(func(travel.DepartmentID) string { return "5300" })))
	add("attachments", peppol.Options{Attachments: []invoice.Renderer{pdf, csv, xlsx}}, mixed(setup(tb)))
	add("a real specification", peppol.Options{Style: peppol.Products, Attachments: []invoice.Renderer{setup(tb).CSV(language.Swedish)}}, mixed(setup(tb)))
	add("Norway", peppol.Options{Profile: peppol.Norway}, mixed(setup(tb)).changed(fromNorway))
	add("Norway's credit note", peppol.Options{Profile: peppol.Norway}, note(setup(tb)).changed(fromNorway))
	add("Norway for Sweden", peppol.Options{Profile: peppol.Norway}, mixed(setup(tb)))
	add("Germany by BIS", std, mixed(setup(tb)).changed(fromGermany))
	add("Germany's credit note by BIS", std, note(setup(tb)).changed(fromGermany))
	add("Sweden to Germany", std, mixed(setup(tb)).changed(func(p *paper) { p.Buyer = germanBuyer }))
	for i, p := range split(setup(tb)) {
		add(fmt.Sprintf("part %d of a document that was split", i), std, p)
	}
	k := setup(tb)
	large := k.billed(k.many(5000)...)
	require.Equal(tb, 5000, large.Lines)
	add("5000 lines", std, large)
	add("5000 lines by product", peppol.Options{Style: peppol.Products, Attachments: []invoice.Renderer{csv}}, large)
	return all
}

// departments returns the document of two departments of one reference.
func departments(k *kit) paper {
	school, park := k.department("Skola", ""), k.department("Park", "")
	return k.billed(k.ticket(3700, in(school)), k.ticket(2500, in(park)), k.ticket(3700, in(park)), k.ticket(100))
}

// costs gives departments their cost centers.
func costs(of func(travel.DepartmentID) string) func(*paper) {
	return func(p *paper) {
		p.Departments = slices.Clone(p.Departments)
		for i := range p.Departments {
			p.Departments[i].CostCenter = of(p.Departments[i].ID)
		}
	}
}

// personal makes the company want names and purposes on lines.
func personal(p *paper) { p.PersonalLines = true }

func centers(d travel.DepartmentID) string {
	if d.IsZero() {
		return ""
	}
	return "53-" + d.String()[34:]
}

// reissued returns the credit note and the new invoice of one that was issued
// anew, after something on it was refunded before and after it was issued.
func reissued(k *kit) (canceled, anew paper) {
	a, b := k.ticket(12_550, vat("S", 2500, "")), k.ticket(3700)
	p := k.billed(a, b, k.given(b, 0, 1000, january))
	k.clock.Set(time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC))
	k.save(k.given(a, 0, 50_01, february))
	k.closed(february)
	r, err := k.Reissue(context.Background(), travel.OperatorActor("staff-7"), invoice.ReissueRequest{Company: k.company, Document: p.ID, Reason: "fel"})
	require.NoError(k, err)
	require.Len(k, r.Invoices, 1)
	return k.paper(r.CreditNotes[0]), k.paper(r.Invoices[0])
}

// split returns the documents of tickets on which a seller has stated VAT that
// is too far off its rate for one.
func split(k *kit) []paper {
	var entries []travel.Entry
	for range 5 {
		entries = append(entries, k.ticket(10_600, stated(600+credit.Amount(40))))
	}
	k.save(entries...)
	papers := k.closed(january)
	require.Greater(k, len(papers), 1)
	return papers
}
