package invoice_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
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
	march    = credit.NewMonth(2026, time.March)
)

// kit is both services on the memory store, with one approved company.
type kit struct {
	testing.TB
	*invoice.Service
	ctx      context.Context
	store    *memory.Store
	travel   *travel.Service
	config   invoice.Config
	clock    *testclock.Clock
	zone     *time.Location
	ids      *id.Source
	operator travel.Actor
	company  travel.CompanyID
	admin    travel.Actor
	traveler travel.TravelerID
}

var (
	operatorParty = invoice.Party{
		Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
		Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
	}
	otherParty = invoice.Party{
		Name: "Grannlandstrafiken", OrganizationNumber: "5560000175", VATNumber: "SE556000017501",
		Street: "Bussgatan 2", PostalCode: "351 00", City: "Växjö", Country: "SE",
	}
	billing = travel.Billing{Name: "Habo kommun", Street: "Box 212", PostalCode: "566 24", City: "Habo"}
)

// setup returns a kit that stands on 13 January 2026; configure may change the
// configurations. When the test ends everything must add up.
func setup(t testing.TB, configure ...func(*invoice.Config)) *kit {
	t.Helper()
	return setupTravel(t, func(*travel.Config) {}, configure...)
}

func setupTravel(t testing.TB, configureTravel func(*travel.Config), configure ...func(*invoice.Config)) *kit {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(t, err)
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(t, err)
	k := &kit{
		TB: t, ctx: t.Context(), store: memory.New(memory.Options{}), zone: zone,
		clock:    testclock.New(time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)),
		operator: travel.OperatorActor("staff-7"),
	}
	k.ids = id.NewSource(k.clock.Now, rand.NewChaCha8([32]byte{2}))
	travelConfig := travel.Config{
		Store: k.store, Keys: keys, Clock: k.clock.Now, Zone: zone, CodeCost: 2, Random: rand.NewChaCha8([32]byte{1}),
	}
	configureTravel(&travelConfig)
	k.travel, err = travel.New(travelConfig)
	require.NoError(t, err)
	k.config = invoice.Config{
		Store: k.store, Travel: k.travel, Clock: k.clock.Now, IDs: k.ids.New,
		Sellers: []invoice.Seller{{Party: operatorParty, Series: "JLT"}, {ID: "other", Party: otherParty, Series: "GLT"}},
	}
	for _, f := range configure {
		f(&k.config)
	}
	k.Service, err = invoice.New(k.config)
	require.NoError(t, err)
	k.company, k.admin = k.newCompany("Habo kommun", "4711", billing)
	k.traveler = k.newTraveler(k.company, k.admin, "070-123 45 67")
	t.Cleanup(func() { k.audited() })
	return k
}

// audited asserts that purchases and documents add up.
func (k *kit) audited() {
	k.Helper()
	ctx := context.WithoutCancel(k.ctx)
	drifts, err := k.Audit(ctx)
	require.NoError(k, err)
	require.Empty(k, drifts)
}

func (k *kit) newCompany(name, reference string, b travel.Billing) (travel.CompanyID, travel.Actor) {
	k.Helper()
	c, admin, err := k.travel.Apply(k.ctx, travel.Application{
		Name: name, OrganizationNumber: "212000-1629", DefaultReference: reference, AdministratorName: "Ada Min", Billing: b,
	})
	require.NoError(k, err)
	require.NoError(k, k.travel.Approve(k.ctx, k.operator, c.ID, ""))
	return c.ID, travel.AdministratorActor(c.ID, admin.ID)
}

func (k *kit) newTraveler(company travel.CompanyID, admin travel.Actor, number string) travel.TravelerID {
	k.Helper()
	n, err := k.travel.ParseNumber(number)
	require.NoError(k, err)
	v, err := k.travel.AddTraveler(k.ctx, admin, company, n, travel.TravelerDetails{FirstName: "Anna", LastName: "Ek", EmployeeNumber: number[len(number)-5:]})
	require.NoError(k, err)
	return v.ID
}

func (k *kit) department(name, reference string) travel.Department {
	k.Helper()
	d, err := k.travel.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: name, Reference: reference})
	require.NoError(k, err)
	return d
}

// bought returns the entry of a ticket of 6 % for the price in öre, bought now,
// and not yet stored.
func (k *kit) bought(gross credit.Amount, with ...func(*travel.Entry)) travel.Entry {
	at := k.clock.Now()
	e := travel.Entry{
		ID: k.ids.New(), Kind: travel.EntryCapture, Company: k.company, Traveler: k.traveler, Authorization: k.ids.New(),
		Month: credit.MonthOf(at, k.zone), PurchasedAt: at, At: at, Gross: gross,
		Ticket:   travel.Ticket{Product: "single", ProductName: "Enkelbiljett", Category: "vuxen", Zones: []string{"Habo"}, Gross: gross.Decimal(), VATRate: 600, VATCategory: "S"},
		Personal: travel.Personal{Name: "Anna Ek", EmployeeNumber: "1001", Purpose: "Utbildning i stadshuset"},
	}
	e.Billing = e.Month
	for _, f := range with {
		f(&e)
	}
	return e
}

func in(d travel.Department) func(*travel.Entry) {
	return func(e *travel.Entry) { e.Department, e.DepartmentName = d.ID, d.Name }
}

func rate(bps int) func(*travel.Entry) {
	return func(e *travel.Entry) {
		e.Ticket.VATRate = bps
		if bps == 0 {
			e.Ticket.VATCategory = "Z"
		}
	}
}

func soldBy(seller string) func(*travel.Entry) {
	return func(e *travel.Entry) { e.Ticket.Seller = seller }
}

// stated makes the seller have stated the VAT.
func stated(vat credit.Amount) func(*travel.Entry) {
	return func(e *travel.Entry) { e.Stated, e.Net, e.VAT = true, e.Gross-vat, vat }
}

// given returns the refund of a part of a purchase, of which before was given
// back earlier, that is billed in a month, and not yet stored.
func (k *kit) given(e travel.Entry, before, gross credit.Amount, billing credit.Month) travel.Entry {
	e.Of, e.OfGross, e.Before, e.Gross = e.ID, e.Gross, before, gross
	e.ID, e.Kind, e.At, e.Billing = k.ids.New(), travel.EntryRefund, k.clock.Now(), billing
	return e
}

// save stores entries as package travel would.
func (k *kit) save(entries ...travel.Entry) {
	k.Helper()
	require.NotEmpty(k, entries)
	q := travel.Query{Company: entries[0].Company, Traveler: entries[0].Traveler}
	err := k.store.Decide(k.ctx, q, func(travel.State) (travel.Change, error) { return travel.Change{Entries: entries}, nil })
	require.NoError(k, err)
}

// buy stores purchases of now.
func (k *kit) buy(gross credit.Amount, with ...func(*travel.Entry)) travel.Entry {
	k.Helper()
	e := k.bought(gross, with...)
	k.save(e)
	return e
}

// due moves the clock to when a month can be closed.
func (k *kit) due(m credit.Month) { k.clock.Set(m.End(k.zone).Add(72 * time.Hour)) }

// closed closes a month and returns the documents of the kit's company.
func (k *kit) closed(m credit.Month) []invoice.Document {
	k.Helper()
	k.due(m)
	_, err := k.Close(k.ctx, invoice.CloseRequest{Month: m})
	require.NoError(k, err)
	return k.issued(m)
}

// issued lists the documents of the kit's company in a month.
func (k *kit) issued(m credit.Month) []invoice.Document {
	k.Helper()
	documents, err := k.Documents(k.ctx, k.operator, invoice.ListRequest{Company: k.company, Month: m})
	require.NoError(k, err)
	return documents
}

// standing returns the record of the close of the kit's company, if any.
func (k *kit) standing(m credit.Month) (c invoice.Close) {
	k.Helper()
	require.NoError(k, k.store.ViewInvoices(k.ctx, func(tx invoice.Tx) (err error) {
		c, err = tx.Close(k.ctx, k.company, m)
		if errors.Is(err, travel.ErrNotFound) {
			return nil
		}
		return err
	}))
	return c
}

// linesOf collects the lines of a document.
func (k *kit) linesOf(d invoice.Document) []invoice.Line {
	k.Helper()
	var lines []invoice.Line
	for l, err := range k.Lines(k.ctx, d) {
		require.NoError(k, err)
		lines = append(lines, l)
	}
	return lines
}

// text renders a document.
func (k *kit) text(d invoice.Document, r invoice.Renderer) string {
	k.Helper()
	var b bytes.Buffer
	require.NoError(k, k.Write(k.ctx, &b, d, r))
	return b.String()
}

var swedish = language.Swedish
