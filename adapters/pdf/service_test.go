package pdf_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Documents that are issued by the service itself, as the operator and as a
// department administrator gets them.
func TestR40_OnPaper(t *testing.T) {
	t.Parallel()
	ctx, zone, store := t.Context(), stockholm(t), memory.New(memory.Options{})
	clock := testclock.New(time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC))
	ids := id.NewSource(clock.Now, rand.NewChaCha8([32]byte{2}))
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(t, err)
	trips, err := travel.New(travel.Config{Store: store, Keys: keys, Clock: clock.Now, Zone: zone, CodeCost: 2, Random: rand.NewChaCha8([32]byte{1})})
	require.NoError(t, err)
	of := issued()
	invoices, err := invoice.New(invoice.Config{
		Store: store, Travel: trips, Clock: clock.Now, IDs: ids.New, WholeKronor: true,
		Sellers: []invoice.Seller{{Party: of.Seller, Payee: of.Payee, OCR: invoice.OCRLength, Series: "JLT"}},
	})
	require.NoError(t, err)

	company, first, err := trips.Apply(ctx, travel.Application{
		Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "4711", AdministratorName: "Ada Min",
		Billing: travel.Billing{Name: "Habo kommun", Street: "Box 212", PostalCode: "566 24", City: "Habo"},
	})
	require.NoError(t, err)
	require.NoError(t, trips.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, ""))
	admin := travel.AdministratorActor(company.ID, first.ID)
	phone, err := trips.ParseNumber("070-123 45 67")
	require.NoError(t, err)
	anna, err := trips.AddTraveler(ctx, admin, company.ID, phone, travel.TravelerDetails{FirstName: "Anna", LastName: "Ek", EmployeeNumber: "1001"})
	require.NoError(t, err)
	var entries []travel.Entry
	var departments []travel.Department
	for i, name := range []string{"Skola", "Omsorg"} {
		d, err := trips.AddDepartment(ctx, admin, company.ID, travel.DepartmentDetails{Name: name})
		require.NoError(t, err)
		departments = append(departments, d)
		e := ticket(credit.Amount(3700+i*1000), func(e *travel.Entry) {
			e.ID, e.Authorization, e.Company, e.Traveler = ids.New(), ids.New(), company.ID, anna.ID
			e.Department, e.DepartmentName, e.At, e.PurchasedAt = d.ID, d.Name, clock.Now(), clock.Now()
			e.Month = credit.MonthOf(clock.Now(), zone)
			e.Billing, e.Ticket.Gross = e.Month, e.Gross.Decimal()
			e.Personal.Purpose = "Möte på " + name
		})
		entries = append(entries, e)
	}
	save := func(e ...travel.Entry) {
		require.NoError(t, store.Decide(ctx, travel.Query{Company: company.ID, Traveler: anna.ID}, func(travel.State) (travel.Change, error) {
			return travel.Change{Entries: e}, nil
		}))
	}
	save(entries...)
	closed := func(m credit.Month) invoice.Document {
		clock.Set(m.End(zone).Add(73 * time.Hour))
		_, err := invoices.Close(ctx, invoice.CloseRequest{Month: m})
		require.NoError(t, err)
		documents, err := invoices.Documents(ctx, admin, invoice.ListRequest{Company: company.ID, Month: m})
		require.NoError(t, err)
		require.Len(t, documents, 1)
		return documents[0]
	}
	p := printer(t, pdf.Options{})
	fetch := func(a travel.Actor, d invoice.Document, r invoice.Renderer) *file {
		var b bytes.Buffer
		require.NoError(t, invoices.Render(ctx, &b, a, invoice.RenderRequest{Company: company.ID, Document: d.ID, Renderer: r}))
		return read(t, b.Bytes())
	}

	preview, err := invoices.Preview(ctx, company.ID, entries[0].Month)
	require.NoError(t, err)
	require.Len(t, preview.Documents, 1)
	for _, r := range []invoice.Renderer{p.Invoice(), p.Specification()} {
		var b bytes.Buffer
		require.NoError(t, invoices.Write(ctx, &b, preview.Documents[0], r))
		assert.Contains(t, read(t, b.Bytes()).all(), "FAKTURA (UTKAST)")
	}

	d := closed(entries[0].Month)
	paper, specification := fetch(admin, d, p.Invoice()), fetch(admin, d, p.Specification())
	for _, row := range []string{"Skola|1|34,91|2,09|37,00", "Omsorg|1|44,34|2,66|47,00", "Att betala SEK|84,00", "5050-1055|133"} {
		assert.Contains(t, rows(paper.pages[0]), row)
	}
	assert.Contains(t, specification.all(), "Möte på Omsorg")

	principal, err := trips.AddAdministrator(ctx, admin, company.ID, "Bo Ek", "", departments[0].ID)
	require.NoError(t, err)
	own := travel.AdministratorActor(company.ID, principal.ID)
	paper, specification = fetch(own, d, p.Invoice()), fetch(own, d, p.Specification())
	assert.True(t, contains(paper, "Utdrag: endast egna avdelningar"))
	assert.False(t, pays(paper))
	assert.NotContains(t, paper.all()+specification.all(), "Omsorg")
	assert.Contains(t, rows(specification.pages[0]), "Summa SEK|1 rad|34,91|2,09|37,00")

	refund := entries[0]
	refund.ID, refund.Kind, refund.Of, refund.OfGross, refund.Gross = ids.New(), travel.EntryRefund, refund.ID, refund.Gross, 1700
	refund.At, refund.Billing = clock.Now(), refund.Month+1
	save(refund)
	note := closed(refund.Billing)
	paper, specification = fetch(admin, note, p.Invoice()), fetch(admin, note, p.Specification())
	assert.Equal(t, "KREDITFAKTURA JLT-2", titleOf(paper))
	assert.Contains(t, paper.all(), "JLT-1 av den 2026-02-04")
	assert.Contains(t, rows(paper.pages[0]), "Att kreditera SEK|17,00")
	assert.Contains(t, specification.all(), "Återbetalning: Enkelbiljett")
	assert.False(t, pays(paper))
}
