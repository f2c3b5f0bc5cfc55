// Package market buys tickets on a store that is made to fail, as apps do: under
// a key for each purchase, which they repeat until there is an answer. Then it
// holds what was answered against what is stored. It is for tests of stores.
package market

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Market sells to the travelers of one company, at one instant. Several markets,
// of several processes, may be on one database. It is safe for concurrent use.
type Market struct {
	Service *travel.Service
	Store   travel.Store
	Company travel.CompanyID
	// Travelers is how many there are, and Limit the limit of each.
	Travelers int
	Limit     credit.Amount
	// Attempt, if set, gives each attempt of Insist its context.
	Attempt func(context.Context) (context.Context, context.CancelFunc)

	travelers []travel.Traveler
}

// Open makes a company with travelers in a database that was migrated.
func Open(ctx context.Context, store travel.Store, travelers int, limit credit.Amount) (*Market, error) {
	m, err := newMarket(store)
	if err != nil {
		return nil, err
	}
	c, _, err := m.Service.Apply(ctx, travel.Application{Name: "Bolaget", OrganizationNumber: "2120000829", AdministratorName: "Eva"})
	if err != nil {
		return nil, err
	}
	if err := m.Service.Approve(ctx, travel.OperatorActor("o"), c.ID, ""); err != nil {
		return nil, err
	}
	if err := m.admit(c.ID, travelers, limit); err != nil {
		return nil, err
	}
	return m, store.Update(ctx, func(tx travel.Tx) error {
		for _, t := range m.travelers {
			if err := tx.SaveTraveler(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// Join returns a market on another store of the same database.
func (m *Market) Join(store travel.Store) (*Market, error) {
	return Join(store, m.Company, m.Travelers, m.Limit)
}

// Join returns a market on a database where Open was called before.
func Join(store travel.Store, company travel.CompanyID, travelers int, limit credit.Amount) (*Market, error) {
	m, err := newMarket(store)
	if err == nil {
		err = m.admit(company, travelers, limit)
	}
	return m, err
}

func newMarket(store travel.Store) (*Market, error) {
	keys, err := sms.NewKeyRing(sms.Key{ID: "k", Secret: make([]byte, 32)})
	if err != nil {
		return nil, err
	}
	// CodeCost and MaxOpen stay out of the way.
	s, err := travel.New(travel.Config{Store: store, Keys: keys, Clock: now, Zone: time.UTC, Random: rand.Reader, CodeCost: 1, MaxOpen: 1 << 30})
	return &Market{Service: s, Store: store}, err
}

// now is when everything happens.
func now() time.Time { return time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC) }

// admit lists the travelers, who are the same whoever lists them.
func (m *Market) admit(company travel.CompanyID, travelers int, limit credit.Amount) error {
	m.Company, m.Travelers, m.Limit = company, travelers, limit
	for n := range travelers {
		number, err := m.Service.ParseNumber(fmt.Sprintf("+467066%05d", n))
		if err != nil {
			return err
		}
		id := [16]byte{0x01, 0x9a, 6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
		m.travelers = append(m.travelers, travel.Traveler{
			Company: company, ID: id, Number: number, FirstName: "Gunhild", LastName: "Klingspor", EmployeeNumber: fmt.Sprintf("A-%d", n),
			Credit:     credit.Account{Limit: limit},
			Connection: travel.Connection{ID: id, State: travel.ConnectionActive, Device: "d"},
		})
	}
	return nil
}

// Answer is what was answered to an order, all of it.
type Answer string

// Bought tells whether the order was not declined.
func (a Answer) Bought() bool { return strings.HasPrefix(string(a), "bought ") }

// purpose begins the purpose of every order, and key its key.
const (
	purpose = "Besök hos kund nr "
	key     = "order-"
)

func twoSteps(n int) bool { return n%3 == 0 }

// Price is what an order costs.
func Price(n int) credit.Amount { return credit.Amount(10_00 + 37*(n%50)) }

// Buy places an order, by its number: each has one traveler, key and price, and
// every third is authorized and captured in two steps.
func (m *Market) Buy(ctx context.Context, n int) (Answer, error) {
	t := m.travelers[n%len(m.travelers)]
	h := travel.Holder{
		Device: t.Connection.Device, Number: t.Number,
		Method: travel.PaymentMethod{Company: t.Company, Traveler: t.ID, Connection: t.Connection.ID},
	}
	tickets := []travel.Ticket{{
		Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"}, Region: "Jönköping",
		Gross: Price(n).Decimal(), VATRate: 600,
	}}
	key, purpose := fmt.Sprint(key, n), fmt.Sprint(purpose, n)
	if !twoSteps(n) {
		r, err := m.Service.Purchase(ctx, travel.PurchaseRequest{Holder: h, Key: key, Tickets: tickets, Purpose: purpose})
		return answer(r), err
	}
	z, err := m.Service.Authorize(ctx, travel.AuthorizeRequest{Holder: h, Key: key, Tickets: tickets})
	if err != nil || z.Decline != nil {
		return answer(travel.PurchaseResult{Decline: z.Decline}), err
	}
	r, err := m.Service.Capture(ctx, travel.CaptureRequest{Holder: h, Key: key, Authorization: z.Authorization, Purpose: purpose})
	return answer(r), err
}

func answer(r travel.PurchaseResult) Answer {
	if r.Decline != nil {
		return Answer(fmt.Sprint("declined ", r.Decline.Code))
	}
	return Answer(fmt.Sprintf("bought %s for %s, left %s", r.Authorization, r.Amount, r.Available))
}

// Leak returns what an error tells of a person, or "".
func (m *Market) Leak(err error) string {
	text := fmt.Sprintf("%v %+v", err, err)
	for _, personal := range []string{"Gunhild", "Klingspor", "706600", "A-0", "A-1", purpose, key} {
		if strings.Contains(text, personal) {
			return personal
		}
	}
	return ""
}
