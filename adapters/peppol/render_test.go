package peppol_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ubl is what the tests read of a document.
type ubl struct {
	XMLName    xml.Name
	Custom     string  `xml:"CustomizationID"`
	ID         string  `xml:"ID"`
	Issued     string  `xml:"IssueDate"`
	Due        string  `xml:"DueDate"`
	Type       string  `xml:"InvoiceTypeCode"`
	CreditType string  `xml:"CreditNoteTypeCode"`
	Cost       string  `xml:"AccountingCost"`
	Reference  string  `xml:"BuyerReference"`
	Period     *period `xml:"InvoicePeriod"`
	Original   string  `xml:"BillingReference>InvoiceDocumentReference>ID"`
	OriginalAt string  `xml:"BillingReference>InvoiceDocumentReference>IssueDate"`
	Attached   []struct {
		ID     string `xml:"ID"`
		Object struct {
			Media string `xml:"mimeCode,attr"`
			Name  string `xml:"filename,attr"`
			Data  string `xml:",chardata"`
		} `xml:"Attachment>EmbeddedDocumentBinaryObject"`
	} `xml:"AdditionalDocumentReference"`
	Seller xmlParty `xml:"AccountingSupplierParty>Party"`
	Buyer  xmlParty `xml:"AccountingCustomerParty>Party"`
	Means  []struct {
		Code      string `xml:"PaymentMeansCode"`
		Reference string `xml:"PaymentID"`
		Account   string `xml:"PayeeFinancialAccount>ID"`
		Branch    string `xml:"PayeeFinancialAccount>FinancialInstitutionBranch>ID"`
	} `xml:"PaymentMeans"`
	VAT   string `xml:"TaxTotal>TaxAmount"`
	Rates []struct {
		Net, VAT string
		Taxable  string `xml:"TaxableAmount"`
		Tax      string `xml:"TaxAmount"`
		Category string `xml:"TaxCategory>ID"`
		Percent  string `xml:"TaxCategory>Percent"`
		Code     string `xml:"TaxCategory>TaxExemptionReasonCode"`
		Reason   string `xml:"TaxCategory>TaxExemptionReason"`
	} `xml:"TaxTotal>TaxSubtotal"`
	Net      string    `xml:"LegalMonetaryTotal>LineExtensionAmount"`
	Gross    string    `xml:"LegalMonetaryTotal>TaxInclusiveAmount"`
	Rounding string    `xml:"LegalMonetaryTotal>PayableRoundingAmount"`
	Payable  string    `xml:"LegalMonetaryTotal>PayableAmount"`
	Lines    []xmlLine `xml:"InvoiceLine"`
	Credits  []xmlLine `xml:"CreditNoteLine"`
}

type period struct {
	Start string `xml:"StartDate"`
	End   string `xml:"EndDate"`
}

type xmlParty struct {
	Endpoint struct {
		Scheme string `xml:"schemeID,attr"`
		ID     string `xml:",chardata"`
	} `xml:"EndpointID"`
	Taxes   []string `xml:"PartyTaxScheme>CompanyID"`
	Legal   string   `xml:"PartyLegalEntity>CompanyLegalForm"`
	Number  string   `xml:"PartyLegalEntity>CompanyID"`
	Contact string   `xml:"Contact>Name"`
}

type xmlLine struct {
	Note     string  `xml:"Note"`
	Quantity string  `xml:"InvoicedQuantity"`
	Credited string  `xml:"CreditedQuantity"`
	Net      string  `xml:"LineExtensionAmount"`
	Cost     string  `xml:"AccountingCost"`
	Period   *period `xml:"InvoicePeriod"`
	Ticket   string  `xml:"DocumentReference>ID"`
	Type     string  `xml:"DocumentReference>DocumentTypeCode"`
	Name     string  `xml:"Item>Name"`
	Where    string  `xml:"Item>Description"`
	Price    string  `xml:"Price>PriceAmount"`
	Props    []struct {
		Name  string
		Value string
	} `xml:"Item>AdditionalItemProperty"`
}

func (l xmlLine) property(name string) string {
	for _, p := range l.Props {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

func read(tb testing.TB, r invoice.Renderer, p paper) (u ubl) {
	tb.Helper()
	require.NoError(tb, xml.Unmarshal(rendered(tb, r, p), &u))
	return u
}

func TestInvoice(t *testing.T) {
	t.Parallel()
	k := setup(t, func(c *invoice.Config) {
		c.WholeKronor, c.Sellers[0].OCR, c.Sellers[0].Payee.Plusgiro = true, invoice.OCRPlain, "286543-4"
	})
	a, b := k.ticket(3750, at(time.Date(2026, 1, 31, 22, 30, 0, 0, time.UTC))), k.ticket(5000, vat("E", 0, "Undantag"))
	u := read(t, renderer(t, peppol.Options{}), k.billed(a, b, k.given(a, 0, 1000, january)))

	assert.Equal(t, "Invoice", u.XMLName.Local)
	assert.Equal(t, "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", u.Custom)
	assert.Equal(t, []string{"JLT-1", "2026-02-04", "2026-03-06", "380", "4711"}, []string{u.ID, u.Issued, u.Due, u.Type, u.Reference})
	assert.Equal(t, &period{"2026-01-01", "2026-01-31"}, u.Period)
	assert.Equal(t, "0007", u.Seller.Endpoint.Scheme)
	assert.Equal(t, "2120001629", u.Buyer.Endpoint.ID)
	assert.Equal(t, []string{"SE556000016701", "Godkänd för F-skatt"}, u.Seller.Taxes)
	assert.Equal(t, []string{"5560000167", "Säte: Jönköping", "Fakturafrågor"}, []string{u.Seller.Number, u.Seller.Legal, u.Seller.Contact})
	require.Len(t, u.Means, 2)
	assert.Equal(t, "30 18 50501055 SE:BANKGIRO", strings.Join([]string{u.Means[0].Code, u.Means[0].Reference, u.Means[0].Account, u.Means[0].Branch}, " "))
	assert.Equal(t, "2865434 SE:PLUSGIRO", u.Means[1].Account+" "+u.Means[1].Branch)
	require.Len(t, u.Rates, 2)
	assert.Equal(t, []string{"E", "0", "Undantag", "50.00", "0.00"}, []string{u.Rates[0].Category, u.Rates[0].Percent, u.Rates[0].Reason, u.Rates[0].Taxable, u.Rates[0].Tax})
	assert.Equal(t, []string{"S", "6", "25.95", "1.55"}, []string{u.Rates[1].Category, u.Rates[1].Percent, u.Rates[1].Taxable, u.Rates[1].Tax})
	assert.Equal(t, []string{"75.95", "1.55", "77.50", "0.50", "78.00"}, []string{u.Net, u.VAT, u.Gross, u.Rounding, u.Payable})

	require.Len(t, u.Lines, 3)
	var bought, back xmlLine
	for _, l := range u.Lines {
		switch {
		case strings.HasPrefix(l.Name, "Återbetalning: "):
			back = l
		case l.Net == "35.38":
			bought = l
		}
	}
	assert.Equal(t, []string{"1", "35.38", a.Ticket.ID, "130", "Enkelbiljett, vuxen", "Zon Habo"}, []string{bought.Quantity, bought.Price, bought.Ticket, bought.Type, bought.Name, bought.Where})
	assert.Equal(t, &period{"2026-01-31", "2026-01-31"}, bought.Period, "the day in the operator's zone")
	assert.Equal(t, "1001", bought.property("Anställningsnummer"))
	assert.Equal(t, "37.50", bought.property("Pris inkl. moms"))
	assert.Equal(t, []string{"-1", "-9.43", "9.43", a.Ticket.ID}, []string{back.Quantity, back.Net, back.Price, back.Ticket}, "R43: a refund that is netted")
	assert.Equal(t, "2026-01-13", back.property("Återbetald"))
}

func TestR43_CreditNote(t *testing.T) {
	t.Parallel()
	u := read(t, renderer(t, peppol.Options{}), note(setup(t)))
	assert.Equal(t, "CreditNote", u.XMLName.Local)
	assert.Equal(t, []string{"JLT-2", "381", "JLT-1", "2026-02-04"}, []string{u.ID, u.CreditType, u.Original, u.OriginalAt})
	assert.Empty(t, u.Due)
	assert.Empty(t, u.Means, "nobody pays a credit note")
	assert.Equal(t, &period{"2026-02-01", "2026-02-28"}, u.Period)
	require.Len(t, u.Credits, 2)
	l := u.Credits[0]
	assert.Equal(t, []string{"1", "34.91", "34.91"}, []string{l.Credited, l.Net, l.Price})
	assert.Nil(t, l.Period, "R110: the purchase was in another month")
	assert.Equal(t, "2026-01-13", l.property("Köpdatum"))
	assert.Equal(t, "2026-02-10", l.property("Återbetald"))
}

func TestR36_AnInvoiceThatIsCanceledAndIssuedAnew(t *testing.T) {
	t.Parallel()
	canceled, anew := reissued(setup(t))
	u := read(t, renderer(t, peppol.Options{}), canceled)
	assert.Equal(t, []string{"JLT-3", "381", "JLT-1"}, []string{u.ID, u.CreditType, u.Original})
	var names, quantities []string
	for _, l := range u.Credits {
		names, quantities = append(names, l.Name), append(quantities, l.Credited)
	}
	assert.Equal(t, []string{"1", "1", "-1", "-1"}, quantities, "what was refunded before is taken off")
	assert.Equal(t, "Återbetalning: Enkelbiljett, vuxen", names[2])
	u = read(t, renderer(t, peppol.Options{}), anew)
	assert.Equal(t, []string{"JLT-4", "380", "JLT-1", "2026-02-04"}, []string{u.ID, u.Type, u.Original, u.OriginalAt})
	assert.Equal(t, &period{"2026-01-01", "2026-01-31"}, u.Period, "R110: the month that is billed")
}

func TestR32_NameAndPurposeOnlyWhenWanted(t *testing.T) {
	t.Parallel()
	p := plain(setup(t))
	for _, style := range []peppol.Style{peppol.Tickets, peppol.Products} {
		quiet := string(rendered(t, renderer(t, peppol.Options{Style: style}), p))
		assert.NotContains(t, quiet, "Anna")
		assert.NotContains(t, quiet, "Utbildning")
	}
	p = p.changed(personal)
	u := read(t, renderer(t, peppol.Options{}), p)
	assert.Equal(t, "Utbildning i stadshuset", u.Lines[0].Note)
	assert.Equal(t, "Anna Ek", u.Lines[0].property("Resenär"))
	// Of a person that was erased nothing is there.
	u = read(t, renderer(t, peppol.Options{}), p.changed(func(p *paper) { p.lines[0].Entry.Personal = travel.Personal{} }))
	assert.Empty(t, u.Lines[0].Note)
	assert.Empty(t, u.Lines[0].property("Resenär")+u.Lines[0].property("Anställningsnummer"))
}

func TestProducts(t *testing.T) {
	t.Parallel()
	k := setup(t)
	a := k.ticket(3701)
	p := k.billed(a, k.ticket(3700), k.ticket(3700), k.ticket(12_500, vat("S", 2500, "")), k.given(a, 0, 3701, january))
	u := read(t, renderer(t, peppol.Options{Style: peppol.Products}), p)
	require.Len(t, u.Lines, 3)
	assert.Equal(t, []string{"Enkelbiljett", "3"}, []string{u.Lines[0].Name, u.Lines[0].Quantity})
	assert.Equal(t, []string{"104.73", "34.91"}, []string{u.Lines[0].Net, u.Lines[0].Price})
	assert.Equal(t, []string{"100.00", "1"}, []string{u.Lines[1].Net, u.Lines[1].Quantity})
	assert.Equal(t, []string{"Återbetalning: Enkelbiljett", "-1", "34.91", "-34.91"}, []string{u.Lines[2].Name, u.Lines[2].Quantity, u.Lines[2].Price, u.Lines[2].Net})
}

func TestCostCenters(t *testing.T) {
	t.Parallel()
	p := departments(setup(t))
	u := read(t, renderer(t, peppol.Options{}), p.changed(costs(func(travel.DepartmentID) string { return " 5300 " })))
	assert.Equal(t, "5300", u.Cost)
	assert.Empty(t, u.Lines[0].Cost)
	u = read(t, renderer(t, peppol.Options{}), p.changed(costs(centers)))
	assert.Empty(t, u.Cost)
	for i, l := range u.Lines {
		assert.Equal(t, centers(p.lines[i].Entry.Department), l.Cost)
	}
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	p := mixed(setup(t))
	u := read(t, renderer(t, peppol.Options{Attachments: []invoice.Renderer{csv, pdf}}), p)
	require.Len(t, u.Attached, 2)
	assert.Equal(t, "JLT-1-csv.csv", u.Attached[0].Object.Name)
	assert.Equal(t, "text/csv", u.Attached[0].Object.Media, "without parameters (CL001)")
	for _, a := range u.Attached {
		data, err := base64.StdEncoding.DecodeString(a.Object.Data)
		require.NoError(t, err)
		assert.Equal(t, string(rendered(t, csv, p)), string(data))
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	p := plain(setup(t)).changed(func(p *paper) {
		p.Reference = `<&>"' å 中 ` + "\x01\xff"
		p.lines[0].Entry.Ticket.From, p.lines[0].Entry.Ticket.To = "A & B", "C < D"
	})
	u := read(t, renderer(t, peppol.Options{}), p)
	assert.Equal(t, `<&>"' å 中 `+"\ufffd\ufffd", u.Reference)
	assert.Equal(t, "A & B–C < D", u.Lines[0].Where)
}

func TestNorway(t *testing.T) {
	t.Parallel()
	u := read(t, renderer(t, peppol.Options{Profile: peppol.Norway}), plain(setup(t)).changed(fromNorway))
	assert.Equal(t, []string{"NO974760673MVA", "Foretaksregisteret"}, u.Seller.Taxes)
	assert.Equal(t, []string{"974760673", "Forretningskontor: Oslo"}, []string{u.Seller.Number, u.Seller.Legal})
	u = read(t, renderer(t, peppol.Options{}), plain(setup(t)).changed(fromNorway))
	assert.Equal(t, []string{"NO974760673MVA"}, u.Seller.Taxes)
}

func TestXRechnung(t *testing.T) {
	t.Parallel()
	r := renderer(t, peppol.Options{Profile: peppol.XRechnung})
	assert.Equal(t, "xrechnung", r.Format().Name)
	u := read(t, r, plain(setup(t)).changed(fromGermany))
	assert.Equal(t, "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", u.Custom)
	assert.Equal(t, "58 DE89370400440532013000 COBADEFFXXX", u.Means[0].Code+" "+u.Means[0].Account+" "+u.Means[0].Branch)
	u = read(t, r, note(setup(t)).changed(fromGermany))
	require.Len(t, u.Means, 1)
	assert.Equal(t, "97", u.Means[0].Code)
}

// Many goroutines with one renderer get the same bytes.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	k := setup(t)
	p := k.billed(k.many(500)...)
	r := renderer(t, peppol.Options{Attachments: []invoice.Renderer{csv}})
	want := rendered(t, r, p)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			var b bytes.Buffer
			assert.NoError(t, r.Render(context.Background(), &b, p.Document, p.all()))
			assert.True(t, bytes.Equal(want, b.Bytes()))
		})
	}
	wait.Wait()
}

type brokenPipe struct{ left int }

func (w *brokenPipe) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

type sad struct{ sheet }

func (sad) Render(context.Context, io.Writer, invoice.Document, iter.Seq2[invoice.Line, error]) error {
	return errors.ErrUnsupported
}

func TestRenderFails(t *testing.T) {
	t.Parallel()
	k := setup(t)
	p := k.billed(k.many(600)...)
	r := renderer(t, peppol.Options{})
	render := func(ctx context.Context, r invoice.Renderer, w io.Writer, p paper, lines iter.Seq2[invoice.Line, error]) error {
		return r.Render(ctx, w, p.Document, lines)
	}
	assert.ErrorIs(t, render(t.Context(), r, io.Discard, p.changed(func(p *paper) { p.Kind = invoice.Basis }), p.all()), peppol.ErrNotIssued)
	assert.ErrorIs(t, render(t.Context(), r, io.Discard, p.changed(func(p *paper) { p.Number = 0 }), p.all()), peppol.ErrNotIssued)
	assert.ErrorIs(t, render(t.Context(), r, io.Discard, p.changed(func(p *paper) { p.Rates = nil }), p.all()), peppol.ErrPartial)
	assert.ErrorIs(t, render(t.Context(), r, io.Discard, p, failing), travel.ErrDrift)
	assert.ErrorIs(t, render(t.Context(), renderer(t, peppol.Options{Style: peppol.Products}), io.Discard, p, failing), travel.ErrDrift)
	attached := renderer(t, peppol.Options{Attachments: []invoice.Renderer{sad{csv}}})
	assert.ErrorIs(t, render(t.Context(), attached, io.Discard, p, p.all()), errors.ErrUnsupported)
	for _, room := range []int{0, 100_000} {
		assert.ErrorIs(t, render(t.Context(), r, &brokenPipe{room}, p, p.all()), io.ErrClosedPipe)
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := render(ctx, r, io.Discard, p, func(yield func(invoice.Line, error) bool) {
		for l, err := range p.all() {
			if seen++; seen == 10 {
				cancel()
			}
			if !yield(l, err) {
				return
			}
		}
	})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Less(t, seen, 600)
}

// A department administrator sees a part of a document, and gets no e-invoice
// of it (R40).
func TestR40_NoPartOfADocument(t *testing.T) {
	t.Parallel()
	k := setup(t)
	p := departments(k)
	school := p.Departments[0].ID
	other, err := k.travel.AddAdministrator(t.Context(), k.admin, k.company, "Bo", "", school)
	require.NoError(t, err)
	request := invoice.RenderRequest{Company: k.company, Document: p.ID, Renderer: renderer(t, peppol.Options{})}
	require.NoError(t, k.Render(t.Context(), io.Discard, k.admin, request))
	assert.ErrorIs(t, k.Render(t.Context(), io.Discard, travel.AdministratorActor(k.company, other.ID), request), peppol.ErrPartial)
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	media := func(m string) sheet {
		return sheet{invoice.Format{Name: "x", MediaType: m, Extension: "x"}}
	}
	for field, o := range map[string]peppol.Options{
		"Options.Profile":        {Profile: peppol.XRechnung + 1},
		"Options.Style":          {Style: peppol.Products + 1},
		"Options.Attachments[0]": {Attachments: []invoice.Renderer{nil}},
		"Options.Attachments[1]": {Attachments: []invoice.Renderer{pdf, pdf}},
		"Options.Attachments[2]": {Attachments: []invoice.Renderer{pdf, csv, media("application/json")}},
	} {
		_, err := peppol.New(time.UTC, o)
		var wrong *travel.InputError
		require.ErrorAs(t, err, &wrong, field)
		assert.Equal(t, field, wrong.Field)
	}
	_, err := peppol.New(nil, peppol.Options{})
	assert.Error(t, err)
}
