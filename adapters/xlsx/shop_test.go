package xlsx_test

import (
	"context"
	"log"
	"math/rand/v2"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// must keeps tests and examples short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// shop is an operator with one company, on 13 January 2026 at noon.
type shop struct {
	invoices *invoice.Service
	zone     *time.Location
	clock    *testclock.Clock
	store    *memory.Store
	ids      *id.Source
	travel   *travel.Service
	company  travel.CompanyID
	admin    travel.Actor
	traveler travel.TravelerID
}

func newShop(ctx context.Context, configure ...func(*invoice.Config)) *shop {
	s := &shop{
		zone: must(time.LoadLocation("Europe/Stockholm")), store: memory.New(memory.Options{}),
		clock: testclock.New(time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)),
	}
	s.ids = id.NewSource(s.clock.Now, rand.NewChaCha8([32]byte{1}))
	keys := must(sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")}))
	s.travel = must(travel.New(travel.Config{
		Store: s.store, Keys: keys, Clock: s.clock.Now, Zone: s.zone, CodeCost: 2, Random: rand.NewChaCha8([32]byte{2}),
	}))
	config := invoice.Config{
		Store: s.store, Travel: s.travel, Clock: s.clock.Now, IDs: s.ids.New,
		Sellers: []invoice.Seller{{Series: "JLT", Party: invoice.Party{
			Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
			Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
		}}},
	}
	for _, f := range configure {
		f(&config)
	}
	s.invoices = must(invoice.New(config))
	company, admin, err := s.travel.Apply(ctx, travel.Application{
		Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "00471", AdministratorName: "Ada Ek",
		Billing: travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo"},
	})
	if err == nil {
		err = s.travel.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, "")
	}
	if err != nil {
		log.Fatal(err)
	}
	s.company, s.admin = company.ID, travel.AdministratorActor(company.ID, admin.ID)
	number := must(s.travel.ParseNumber("070-123 45 67"))
	s.traveler = must(s.travel.AddTraveler(ctx, s.admin, s.company, number, travel.TravelerDetails{FirstName: "Anna", LastName: "Ek"})).ID
	return s
}

// bought returns the entry of a ticket at 6 %, bought now and not yet stored.
func (s *shop) bought(gross credit.Amount, with ...func(*travel.Entry)) travel.Entry {
	at := s.clock.Now()
	e := travel.Entry{
		ID: s.ids.New(), Kind: travel.EntryCapture, Company: s.company, Traveler: s.traveler, Authorization: s.ids.New(),
		Month: credit.MonthOf(at, s.zone), Billing: credit.MonthOf(at, s.zone), PurchasedAt: at, At: at, Gross: gross,
		Ticket:   travel.Ticket{Product: "single", ProductName: "Enkelbiljett", Category: "vuxen", Zones: []string{"Habo"}, VATRate: 600, VATCategory: "S"},
		Personal: travel.Personal{Name: "Anna Ek", EmployeeNumber: "0101", Purpose: "Utbildning i stadshuset"},
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// refund returns the refund of a whole purchase, in the month of the clock.
func (s *shop) refund(e travel.Entry) travel.Entry {
	e.Of, e.OfGross, e.Before = e.ID, e.Gross, 0
	e.ID, e.Kind, e.At, e.Billing = s.ids.New(), travel.EntryRefund, s.clock.Now(), credit.MonthOf(s.clock.Now(), s.zone)
	return e
}

// save stores entries as package travel would.
func (s *shop) save(ctx context.Context, entries ...travel.Entry) {
	q := travel.Query{Company: s.company, Traveler: s.traveler}
	err := s.store.Decide(ctx, q, func(travel.State) (travel.Change, error) { return travel.Change{Entries: entries}, nil })
	if err != nil {
		log.Fatal(err)
	}
}

// closed closes a month of 2026 and returns its documents.
func (s *shop) closed(ctx context.Context, m time.Month) []invoice.Document {
	month := credit.NewMonth(2026, m)
	s.clock.Set(month.End(s.zone).Add(72 * time.Hour))
	must(s.invoices.Close(ctx, invoice.CloseRequest{Month: month}))
	return must(s.invoices.Documents(ctx, travel.OperatorActor("staff-7"), invoice.ListRequest{Company: s.company, Month: month}))
}
