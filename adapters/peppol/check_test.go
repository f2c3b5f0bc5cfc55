package peppol_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// broken is a document that breaks a rule on purpose.
type broken struct {
	rule, field string
	options     peppol.Options
	paper       paper
}

func (b broken) check(tb testing.TB) []peppol.Finding {
	tb.Helper()
	found, err := renderer(tb, b.options).Check(b.paper.Document, b.paper.all())
	require.NoError(tb, err)
	return found
}

// breaks returns a document for each rule that Check knows.
func breaks(tb testing.TB) []broken {
	var all []broken
	add := func(rule, field string, p paper, change func(*paper), o ...peppol.Options) {
		b := broken{rule: rule, field: field, paper: p.changed(change)}
		if len(o) > 0 {
			b.options = o[0]
		}
		all = append(all, b)
	}
	of := func(category string, rate int, reason string) paper {
		k := setup(tb)
		return k.billed(k.ticket(3700, vat(category, rate, reason)))
	}
	base, credited, many := plain(setup(tb)), note(setup(tb)), mixed(setup(tb))
	german := many.changed(fromGermany)
	norwegian := many.changed(fromNorway)

	// Sweden.
	const number, vatNumber = "Seller.OrganizationNumber", "Seller.VATNumber"
	add("SE-R-001", vatNumber, base, func(p *paper) { p.Seller.VATNumber = "SE5560000167" })
	add("SE-R-002", vatNumber, base, func(p *paper) { p.Seller.VATNumber = "SE5560000167AB" })
	add("SE-R-003", number, base, func(p *paper) { p.Seller.OrganizationNumber = "556000-016" })
	add("SE-R-004", number, base, func(p *paper) { p.Seller.OrganizationNumber = "165560000167" })
	add("SE-R-013", number, base, func(p *paper) { p.Seller.OrganizationNumber = "5560000168" })
	add("SE-R-006", "Rates[0].Rate", of("S", 700, ""), func(*paper) {})
	add("SE-R-007", "Payee.Plusgiro", base, func(p *paper) { p.Payee = invoice.Payee{Plusgiro: "286543-4"} })
	add("SE-R-008", "Payee.Bankgiro", base, func(p *paper) { p.Payee.Bankgiro = "5050-105" })
	add("SE-R-009", "Payee.Bankgiro", base, func(p *paper) { p.Payee.Bankgiro = "505010" })
	add("SE-R-010", "Payee.Plusgiro", base, func(p *paper) { p.Payee = invoice.Payee{Plusgiro: "123456789"} })
	add("PEPPOL-COMMON-R049", "Buyer.OrganizationNumber", base, func(p *paper) { p.Buyer.OrganizationNumber = "2120001620" })
	add("PEPPOL-COMMON-R049", "Buyer.PeppolID", base, func(p *paper) { p.Buyer.PeppolID = "0007:212000-1629" })

	// Parties.
	add("PEPPOL-COMMON-R040", "Buyer.PeppolID", base, func(p *paper) { p.Buyer.PeppolID = "0088:7350053850018" })
	add("PEPPOL-EN16931-R010", "Buyer.PeppolID", base, func(p *paper) { p.Buyer.PeppolID = "" })
	add("PEPPOL-EN16931-R020", "Seller.PeppolID", base, func(p *paper) { p.Seller.PeppolID = " " })
	add("PEPPOL-EN16931-CL008", "Buyer.PeppolID", base, func(p *paper) { p.Buyer.PeppolID = "9955:SE212000162901" })
	add("BR-62", "Seller.PeppolID", base, func(p *paper) { p.Seller.PeppolID = "5560000167" })
	add("BR-63", "Buyer.PeppolID", base, func(p *paper) { p.Buyer.PeppolID = "2120001629" })
	add("BR-06", "Seller.Name", base, func(p *paper) { p.Seller.Name = "" })
	add("BR-07", "Buyer.Name", base, func(p *paper) { p.Buyer.Name = "\n" })
	add("BR-CL-14", "Buyer.Country", base, func(p *paper) { p.Buyer.Country = "XX" })
	add("BR-CO-09", vatNumber, base, func(p *paper) { p.Seller.VATNumber = "556000016701" })
	add("BR-CO-09", "Buyer.VATNumber", base, func(p *paper) { p.Buyer.VATNumber = "2" })
	add("BR-CO-26", number, base, func(p *paper) { p.Seller.OrganizationNumber, p.Seller.VATNumber = "", "" })

	// The head.
	add("PEPPOL-EN16931-R003", "Reference", base, func(p *paper) { p.Reference = "" })
	add("BR-CL-04", "Currency", base, func(p *paper) { p.Currency = "KRO" })
	add("PEPPOL-EN16931-CL007", "Currency", base, func(p *paper) { p.Currency = "KRO" })
	add("BR-55", "Original.Number", credited, func(p *paper) {
		o := *p.Original
		o.Number, p.Original = 0, &o
	})
	add("BR-16", "Lines", base, func(p *paper) { p.lines = nil })

	// Sums.
	add("BR-CO-10", "Net", base, func(p *paper) { p.lines[0].Net++ })
	add("BR-CO-14", "VAT", base, func(p *paper) { p.VAT++; p.Gross++ })
	add("BR-CO-15", "Gross", base, func(p *paper) { p.Gross++ })
	add("BR-CO-17", "Rates[0].VAT", base, func(p *paper) { p.Rates[0].VAT += 100; p.VAT += 100; p.Gross += 100 })
	add("BR-CO-17", "Rates[0].VAT", of("Z", 0, ""), func(p *paper) { p.Rates[0].VAT, p.VAT = 50, 50; p.Gross += 50 })
	add("BR-S-09", "Rates[0].VAT", base, func(p *paper) { p.Rates[0].VAT -= 100; p.VAT -= 100; p.Gross -= 100 })
	add("BR-S-08", "Rates[0].Net", base, func(p *paper) { p.Rates[0].Net += 101 })
	add("BR-S-08", "Rates[0].Net", base, func(p *paper) { p.lines[0].Entry.Ticket.VATRate = 1200 })
	add("BR-S-01", "Rates", base, func(p *paper) { p.lines[0].Entry.Ticket.VATCategory, p.lines[0].Entry.Ticket.VATRate = "Z", 0 })
	add("BR-S-01", "Rates", of("Z", 0, ""), func(p *paper) { p.lines[0].Entry.Ticket.VATCategory, p.lines[0].Entry.Ticket.VATRate = "S", 600 })
	add("BR-CL-17", "Rates[0].Category", base, func(p *paper) { p.Rates[0].Category = "X" })

	// Lines.
	add("BR-CL-18", "Lines[0].Entry.Ticket.VATCategory", base, func(p *paper) { p.lines[0].Entry.Ticket.VATCategory = "X" })
	add("BR-25", "Lines[1].Entry.Ticket.ProductName", many, func(p *paper) { called("", "")(&p.lines[1].Entry) })
	add("BR-27", "Lines[0].Net", base, func(p *paper) { p.lines[0].Gross = -1 })
	add("BR-27", "Lines[0].Net", base, func(p *paper) { p.lines[0].Gross = -1 }, peppol.Options{Style: peppol.Products})

	// Categories.
	const category, rate = "Rates[0].", "Lines[0].Entry.Ticket.VATRate"
	noVAT := func(p *paper) { p.Seller.VATNumber, p.Seller.FTax = "", false }
	add("BR-S-02", vatNumber, base, noVAT)
	add("BR-S-05", rate, base, func(p *paper) { p.lines[0].Entry.Ticket.VATRate, p.Rates[0].Rate = 0, 0 })
	for name, prefix := range map[string]string{"Z": "BR-Z-", "E": "BR-E-", "AE": "BR-AE-", "G": "BR-G-", "K": "BR-IC-", "O": "BR-O-"} {
		p := of(name, 0, "").changed(func(p *paper) {
			if name == "E" {
				p.Rates[0].Reason = "Undantag"
			}
			if name == "K" {
				p.Buyer.VATNumber = "DK13585628"
			}
		})
		add(prefix+"08", category+"Net", p, func(p *paper) { p.Rates[0].Net++ })
		add(prefix+"09", category+"VAT", p, func(p *paper) { p.Rates[0].VAT, p.VAT = 1, 1; p.Gross++ })
		add(prefix+"01", category[:5]+"[1].Category", p, func(p *paper) { p.Rates = append(p.Rates, p.Rates[0]) })
		add(prefix+"01", "Rates", p, func(p *paper) { p.Rates[0].Category, p.Rates[0].Rate = "S", 600 })
		if name == "O" {
			continue
		}
		add(prefix+"02", vatNumber, p, noVAT)
		add(prefix+"05", rate, p, func(p *paper) { p.lines[0].Entry.Ticket.VATRate = 600 })
	}
	add("BR-E-10", category+"Reason", of("E", 0, ""), func(*paper) {})
	add("BR-AE-02", "Buyer.VATNumber", of("AE", 0, ""), func(p *paper) { p.Buyer.OrganizationNumber = "" })
	add("BR-IC-02", "Buyer.VATNumber", of("K", 0, ""), func(*paper) {})
	withO := func() paper { k := setup(tb); return k.billed(k.ticket(3700), k.ticket(3700, vat("O", 0, ""))) }
	add("BR-O-02", vatNumber, withO(), func(*paper) {})
	add("BR-O-11", "Rates", withO(), func(*paper) {})
	add("BR-O-12", "Lines", withO(), func(*paper) {})

	// Norway.
	norway := peppol.Options{Profile: peppol.Norway}
	add("NO-R-001", vatNumber, norwegian, func(p *paper) { p.Seller.VATNumber = "NO974760674MVA" }, norway)
	add("NO-R-001", vatNumber, norwegian, func(p *paper) { p.Seller.VATNumber = "NO97476067" }, norway)
	add("NO-R-002", "Seller", norwegian, func(*paper) {})
	add("NO-R-002", "Seller", norwegian, func(p *paper) { p.Seller.VATNumber = "" })
	add("PEPPOL-COMMON-R041", "Buyer.OrganizationNumber", norwegian, func(p *paper) { p.Buyer.OrganizationNumber = "959159093" }, norway)
	add("PEPPOL-COMMON-R041", "Seller.PeppolID", norwegian, func(p *paper) { p.Seller.PeppolID = "0192:97476067" }, norway)

	// Germany.
	add("DE-R-001", "Payee", german, func(p *paper) { p.Payee = invoice.Payee{} })
	add("DE-R-002", "Seller.Contact", german, func(p *paper) { p.Seller.Contact = invoice.Contact{} })
	add("DE-R-003", "Seller.City", german, func(p *paper) { p.Seller.City = "" })
	add("DE-R-004", "Seller.PostalCode", german, func(p *paper) { p.Seller.PostalCode = "" })
	add("DE-R-005", "Seller.Contact.Name", german, func(p *paper) { p.Seller.Contact.Name = "" })
	add("DE-R-006", "Seller.Contact.Phone", german, func(p *paper) { p.Seller.Contact.Phone = "" })
	add("DE-R-007", "Seller.Contact.Email", german, func(p *paper) { p.Seller.Contact.Email = "" })
	add("DE-R-008", "Buyer.City", german, func(p *paper) { p.Buyer.City = "" })
	add("DE-R-009", "Buyer.PostalCode", german, func(p *paper) { p.Buyer.PostalCode = "" })
	add("DE-R-014", "Rates", of("O", 0, "").changed(fromGermany), func(*paper) {})
	add("DE-R-015", "Reference", german, func(p *paper) { p.Reference = "" })
	add("DE-R-016", vatNumber, german, func(p *paper) { p.Seller.VATNumber = "" })
	add("DE-R-019", "Payee.IBAN", german, func(p *paper) { p.Payee.IBAN = "DE89370400440532013001" })
	add("DE-R-027", "Seller.Contact.Phone", german, func(p *paper) { p.Seller.Contact.Phone = "12" })
	add("DE-R-028", "Seller.Contact.Email", german, func(p *paper) { p.Seller.Contact.Email = "rechnung@" })
	return all
}

// Check names the rule and the field of what is broken on purpose.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	all := breaks(t)
	covered := map[string]bool{}
	for _, b := range all {
		covered[b.rule] = true
	}
	for _, b := range all {
		found := b.check(t)
		for _, f := range found {
			assert.True(t, covered[f.Rule], "no document breaks %s on purpose", f.Rule)
		}
		named := slices.ContainsFunc(found, func(f peppol.Finding) bool {
			return f.Rule == b.rule && f.Field == b.field && f.Text != ""
		})
		assert.True(t, named, "%s %s: %v", b.rule, b.field, found)
	}
}

// Check finds nothing in documents of all shapes.
func TestCheckFindsNothing(t *testing.T) {
	t.Parallel()
	for _, s := range shapes(t) {
		found, err := renderer(t, s.options).Check(s.paper.Document, s.paper.all())
		require.NoError(t, err, s.name)
		assert.Empty(t, found, s.name)
	}
}

// What Germany wants has the same numbers in XRechnung, whoever the buyer is.
func TestCheckXRechnung(t *testing.T) {
	t.Parallel()
	german := mixed(setup(t)).changed(fromGermany)
	options := peppol.Options{Profile: peppol.XRechnung}
	assert.Empty(t, broken{options: options, paper: german}.check(t))
	found := broken{options: options, paper: german.changed(func(p *paper) {
		p.Seller.Contact.Phone, p.Buyer, p.Payee = "", invoice.Party{Name: "Ville de Metz", Country: "FR", PeppolID: "0225:1234"}, invoice.Payee{}
	})}.check(t)
	var rules []string
	for _, f := range found {
		rules = append(rules, f.Rule)
	}
	assert.Equal(t, []string{"BR-DE-1", "BR-DE-6", "BR-DE-8", "BR-DE-9"}, rules)
}

func TestCheckOfWhatIsNoInvoice(t *testing.T) {
	t.Parallel()
	r, p := renderer(t, peppol.Options{}), plain(setup(t))
	_, err := r.Check(p.changed(func(p *paper) { p.Kind = invoice.Basis }).Document, p.all())
	assert.ErrorIs(t, err, peppol.ErrNotIssued)
	_, err = r.Check(p.changed(func(p *paper) { p.Rates = nil }).Document, p.all())
	assert.ErrorIs(t, err, peppol.ErrPartial)
	_, err = r.Check(p.Document, failing)
	assert.ErrorIs(t, err, travel.ErrDrift)
}

// A draft is checked as what it will be.
func TestCheckOfADraft(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.save(k.ticket(3700), k.ticket(credit.Amount(100), vat("E", 0, "")))
	preview, err := k.Preview(t.Context(), k.company, january)
	require.NoError(t, err)
	require.Len(t, preview.Documents, 1)
	d := preview.Documents[0]
	found, err := renderer(t, peppol.Options{}).Check(d, k.Lines(t.Context(), d))
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "BR-E-10: Rates[0].Reason is missing: why no VAT is charged", found[0].String())
}

func failing(yield func(invoice.Line, error) bool) { yield(invoice.Line{}, travel.ErrDrift) }
