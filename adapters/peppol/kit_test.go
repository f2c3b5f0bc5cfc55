package peppol_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	january  = credit.NewMonth(2026, time.January)
	february = credit.NewMonth(2026, time.February)

	seller = invoice.Party{
		Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
		Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE", PeppolID: "0007:5560000167",
		Email: "faktura@lanstrafiken.example", RegisteredOffice: "Jönköping", FTax: true,
		Contact: invoice.Contact{Name: "Fakturafrågor", Phone: "036-10 00 00", Email: "faktura@lanstrafiken.example"},
	}
	payee   = invoice.Payee{Bankgiro: "50501055"}
	billing = travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo", PeppolID: "0007:2120001629"}
)

// kit is the services on the memory store, with one approved company.
type kit struct {
	testing.TB
	*invoice.Service
	store   *memory.Store
	travel  *travel.Service
	clock   *testclock.Clock
	zone    *time.Location
	ids     *id.Source
	company travel.CompanyID
	admin   travel.Actor
	person  travel.TravelerID
}

func stockholm(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(tb, err)
	return zone
}

// setup returns a kit that stands on 13 January 2026; configure may change the
// configuration.
func setup(tb testing.TB, configure ...func(*invoice.Config)) *kit {
	tb.Helper()
	ctx := context.Background()
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(tb, err)
	k := &kit{
		TB: tb, store: memory.New(memory.Options{}), zone: stockholm(tb),
		clock: testclock.New(time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)),
	}
	k.ids = id.NewSource(k.clock.Now, rand.NewChaCha8([32]byte{2}))
	k.travel, err = travel.New(travel.Config{
		Store: k.store, Keys: keys, Clock: k.clock.Now, Zone: k.zone, CodeCost: 2, Random: rand.NewChaCha8([32]byte{1}),
	})
	require.NoError(tb, err)
	config := invoice.Config{
		Store: k.store, Travel: k.travel, Clock: k.clock.Now, IDs: k.ids.New,
		Sellers: []invoice.Seller{{Party: seller, Payee: payee, Series: "JLT"}},
	}
	for _, f := range configure {
		f(&config)
	}
	k.Service, err = invoice.New(config)
	require.NoError(tb, err)
	c, admin, err := k.travel.Apply(ctx, travel.Application{
		Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "4711", AdministratorName: "Ada Min", Billing: billing,
	})
	require.NoError(tb, err)
	require.NoError(tb, k.travel.Approve(ctx, travel.OperatorActor("staff-7"), c.ID, ""))
	k.company, k.admin = c.ID, travel.AdministratorActor(c.ID, admin.ID)
	n, err := k.travel.ParseNumber("070-123 45 67")
	require.NoError(tb, err)
	v, err := k.travel.AddTraveler(ctx, k.admin, k.company, n, travel.TravelerDetails{FirstName: "Anna", LastName: "Ek", EmployeeNumber: "1001"})
	require.NoError(tb, err)
	k.person = v.ID
	return k
}

func (k *kit) department(name, reference string) travel.Department {
	k.Helper()
	d, err := k.travel.AddDepartment(context.Background(), k.admin, k.company, travel.DepartmentDetails{Name: name, Reference: reference})
	require.NoError(k, err)
	return d
}

// ticket returns the entry of a ticket of 6 % for the price in öre, bought now.
func (k *kit) ticket(gross credit.Amount, with ...func(*travel.Entry)) travel.Entry {
	at := k.clock.Now()
	e := travel.Entry{
		ID: k.ids.New(), Kind: travel.EntryCapture, Company: k.company, Traveler: k.person, Authorization: k.ids.New(), PurchasedAt: at, At: at, Gross: gross,
		Ticket: travel.Ticket{
			Product: "single", ProductName: "Enkelbiljett", Category: "vuxen", Zones: []string{"Habo"},
			Gross: gross.Decimal(), VATRate: 600, VATCategory: "S",
		},
		Personal: travel.Personal{Name: "Anna Ek", EmployeeNumber: "1001", Purpose: "Utbildning i stadshuset"},
	}
	e.Ticket.ID = "T-" + e.ID.String()[28:]
	for _, f := range with {
		f(&e)
	}
	e.Month = credit.MonthOf(e.PurchasedAt, k.zone)
	e.Billing = e.Month
	return e
}

func in(d travel.Department) func(*travel.Entry) {
	return func(e *travel.Entry) { e.Department, e.DepartmentName = d.ID, d.Name }
}

func vat(category string, rate int, reason string) func(*travel.Entry) {
	return func(e *travel.Entry) {
		e.Ticket.VATCategory, e.Ticket.VATRate, e.Ticket.VATReason = category, rate, reason
	}
}

func called(code, name string) func(*travel.Entry) {
	return func(e *travel.Entry) { e.Ticket.Product, e.Ticket.ProductName = code, name }
}

// stated makes the seller have stated the VAT.
func stated(vat credit.Amount) func(*travel.Entry) {
	return func(e *travel.Entry) { e.Stated, e.Net, e.VAT = true, e.Gross-vat, vat }
}

func at(t time.Time) func(*travel.Entry) {
	return func(e *travel.Entry) { e.PurchasedAt, e.At = t, t }
}

// given returns the refund of a part of a purchase, of which before was given
// back earlier, that is billed in a month.
func (k *kit) given(e travel.Entry, before, gross credit.Amount, billing credit.Month) travel.Entry {
	e.Of, e.OfGross, e.Before, e.Gross = e.ID, e.Gross, before, gross
	e.ID, e.Kind, e.At, e.Billing = k.ids.New(), travel.EntryRefund, k.clock.Now(), billing
	return e
}

// save stores entries as package travel would.
func (k *kit) save(entries ...travel.Entry) {
	k.Helper()
	q := travel.Query{Company: k.company, Traveler: k.person}
	require.NoError(k, k.store.Decide(context.Background(), q, func(travel.State) (travel.Change, error) {
		return travel.Change{Entries: entries}, nil
	}))
}

// paper is a document with its lines.
type paper struct {
	invoice.Document
	lines []invoice.Line
}

// closed closes a month and returns its documents.
func (k *kit) closed(m credit.Month) []paper {
	k.Helper()
	ctx := context.Background()
	k.clock.Set(m.End(k.zone).Add(72 * time.Hour))
	_, err := k.Close(ctx, invoice.CloseRequest{Month: m})
	require.NoError(k, err)
	documents, err := k.Documents(ctx, travel.OperatorActor("staff-7"), invoice.ListRequest{Company: k.company, Month: m})
	require.NoError(k, err)
	var papers []paper
	for _, d := range documents {
		papers = append(papers, k.paper(d))
	}
	return papers
}

// paper collects the lines of a document.
func (k *kit) paper(d invoice.Document) paper {
	k.Helper()
	p := paper{Document: d}
	for l, err := range k.Lines(context.Background(), d) {
		require.NoError(k, err)
		p.lines = append(p.lines, l)
	}
	return p
}

// billed closes January with the entries and returns its only document.
func (k *kit) billed(entries ...travel.Entry) paper {
	k.Helper()
	k.save(entries...)
	papers := k.closed(january)
	require.Len(k, papers, 1)
	return papers[0]
}

// credited bills purchases in January and credits their refunds in February.
func (k *kit) credited(purchases []travel.Entry, refunds func([]travel.Entry) []travel.Entry) paper {
	k.Helper()
	k.billed(purchases...)
	k.clock.Set(time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC))
	k.save(refunds(purchases)...)
	papers := k.closed(february)
	require.Len(k, papers, 1)
	require.Equal(k, invoice.CreditNote, papers[0].Kind)
	return papers[0]
}

func (p paper) all() iter.Seq2[invoice.Line, error] {
	return func(yield func(invoice.Line, error) bool) {
		for _, l := range p.lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// changed returns a copy in which the head and each line may be changed.
func (p paper) changed(change func(*paper)) paper {
	p.lines, p.Rates = slices.Clone(p.lines), slices.Clone(p.Rates)
	change(&p)
	return p
}

func renderer(tb testing.TB, o peppol.Options) *peppol.Renderer {
	tb.Helper()
	r, err := peppol.New(stockholm(tb), o)
	require.NoError(tb, err)
	return r
}

func rendered(tb testing.TB, r invoice.Renderer, p paper) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, r.Render(context.Background(), &b, p.Document, p.all()))
	return b.Bytes()
}

// many returns n tickets of any price over the month, one in fifty of them
// given back.
func (k *kit) many(n int) []travel.Entry {
	r := rand.New(rand.NewPCG(1, 2))
	products := [...][2]string{{"single", "Enkelbiljett"}, {"day", "24-timmarsbiljett"}, {"train", "Tåg & buss"}}
	var entries []travel.Entry
	for len(entries) < n {
		day := time.Date(2026, 1, 1+r.IntN(31), 6+r.IntN(14), r.IntN(60), 0, 0, time.UTC)
		of := products[r.IntN(len(products))]
		e := k.ticket(credit.Amount(1000+r.IntN(9000)), at(day), called(of[0], of[1]), func(e *travel.Entry) {
			e.Personal.EmployeeNumber = fmt.Sprint(1000 + r.IntN(300))
			if r.IntN(10) == 0 {
				e.Ticket.VATRate = 2500
			}
		})
		entries = append(entries, e)
		if r.IntN(50) == 0 && len(entries) < n {
			entries = append(entries, k.given(e, 0, 1+credit.Amount(r.IntN(int(e.Gross))), january))
		}
	}
	return entries
}
