package load

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Shop sells tickets through the service, on any store, to travelers whose
// limit no run reaches.
type Shop struct {
	Service *travel.Service
	// Holders are the travelers to sell to.
	Holders []travel.Holder
	keys    *id.Source

	// Approved, Released and Answered count what callers were told.
	Approved, Released, Answered atomic.Int64
}

// Limit is the limit of every traveler.
const Limit credit.Amount = 10_000_000_00

// NewShop returns a shop without travelers, where it is what clock says.
func NewShop(store travel.Store, clock func() time.Time) (*Shop, error) {
	secrets, err := sms.NewKeyRing(sms.Key{ID: "k", Secret: make([]byte, 32)})
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return nil, err
	}
	service, err := travel.New(travel.Config{
		Store: store, Keys: secrets, Clock: clock, Zone: zone, Random: rand.Reader, CodeCost: 1, MaxOpen: 1 << 30,
	})
	return &Shop{Service: service, keys: id.NewSource(clock, rand.Reader)}, err
}

// OpenCompany adds an approved company that can be invoiced.
func (s *Shop) OpenCompany(ctx context.Context) (travel.CompanyID, error) {
	c, _, err := s.Service.Apply(ctx, travel.Application{
		Name: "Gnosjö kommun", OrganizationNumber: "2120000829", DefaultReference: "4711", AdministratorName: "A",
		Billing: travel.Billing{Street: "Box 1", PostalCode: "335 80", City: "Gnosjö"},
	})
	if err == nil {
		err = s.Service.Approve(ctx, travel.OperatorActor("o"), c.ID, "")
	}
	return c.ID, err
}

// Traveler returns the n-th traveler of all, connected.
func (s *Shop) Traveler(company travel.CompanyID, n int) (travel.Traveler, error) {
	number, err := s.Service.ParseNumber(fmt.Sprintf("+467%08d", n))
	t := travel.Traveler{Company: company, ID: Nth(n), Number: number, Credit: credit.Account{Limit: Limit}}
	t.Connection = travel.Connection{ID: Nth(n), State: travel.ConnectionActive, Device: "d"}
	return t, err
}

// Admit adds a traveler to those that are sold to.
func (s *Shop) Admit(t travel.Traveler) {
	s.Holders = append(s.Holders, travel.Holder{
		Device: t.Connection.Device, Number: t.Number,
		Method: travel.PaymentMethod{Company: t.Company, Traveler: t.ID, Connection: t.Connection.ID},
	})
}

// Nth is the n-th id of those that are made up.
func Nth(n int) [16]byte {
	v := [16]byte{0x01, 0x9a, 0, 0, 0, 0, 0x70, 0, 0x80}
	for i := range 6 {
		v[15-i] = byte(n >> (8 * i))
	}
	return v
}

// Ticket is a ticket at a price.
func Ticket(price credit.Amount) travel.Ticket {
	return travel.Ticket{
		Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"}, Region: "Jönköping",
		Gross: price.Decimal(), VATRate: 600,
	}
}

// Buy sells a ticket to the first traveler, in one step.
func (s *Shop) Buy(ctx context.Context, ticket travel.Ticket) error {
	answer, err := s.Service.Purchase(ctx, travel.PurchaseRequest{
		Holder: s.Holders[0], Key: s.key(), Tickets: []travel.Ticket{ticket}, Purpose: "Möte med regionen om skolresorna",
	})
	if err == nil && answer.Decline != nil {
		err = fmt.Errorf("a purchase was declined: %s", answer.Decline.Code)
	}
	return err
}

// Authorize sells to travelers at random: in a hundred requests one is a
// repetition and one is declined.
func (s *Shop) Authorize(ctx context.Context, clients int, length time.Duration) (Outcome, error) {
	sold, dear := []travel.Ticket{Ticket(1_00)}, []travel.Ticket{Ticket(Limit + 1_00)}
	last := make([]travel.AuthorizeRequest, clients)
	return Together(ctx, clients, length, func(ctx context.Context, client int) error {
		n := mathrand.IntN(100)
		if repeated := &last[client]; n == 0 && repeated.Key != "" {
			_, err := s.Service.Authorize(ctx, *repeated)
			return err
		}
		req := travel.AuthorizeRequest{Holder: s.Holders[mathrand.IntN(len(s.Holders))], Key: s.key(), Tickets: sold}
		if n == 1 {
			req.Tickets = dear
		}
		last[client] = req
		_, err := s.authorize(ctx, req)
		return err
	})
}

func (s *Shop) authorize(ctx context.Context, req travel.AuthorizeRequest) (travel.AuthorizeResult, error) {
	answer, err := s.Service.Authorize(ctx, req)
	if err == nil {
		s.Answered.Add(1)
		if answer.Decline == nil {
			s.Approved.Add(1)
		}
	}
	return answer, err
}

// AuthorizeOne sells to one single traveler: each client authorizes and
// releases in turns, so that the account stays small. Both are decisions on
// the same record, and both count.
func (s *Shop) AuthorizeOne(ctx context.Context, clients int, length time.Duration) (Outcome, error) {
	sold, holder := []travel.Ticket{Ticket(1_00)}, s.Holders[0]
	open := make([]travel.AuthorizationID, clients)
	return Together(ctx, clients, length, func(ctx context.Context, client int) error {
		if z := open[client]; !z.IsZero() {
			open[client] = travel.AuthorizationID{}
			_, err := s.Service.Release(ctx, travel.ReleaseRequest{Holder: holder, Key: s.key(), Authorization: z})
			if err == nil {
				s.Answered.Add(1)
				s.Released.Add(1)
			}
			return err
		}
		answer, err := s.authorize(ctx, travel.AuthorizeRequest{Holder: holder, Key: s.key(), Tickets: sold})
		open[client] = answer.Authorization
		return err
	})
}

func (s *Shop) key() string { return travel.EventID(s.keys.New()).String() }

// Tally is what a database holds of a shop's sales.
type Tally struct {
	// Authorizations and Commands count records, Pending those of the first
	// that are open, with their sum in öre.
	Authorizations, Commands, Pending, Reserved int64
	// Held is the sum in öre that the accounts hold open, Over how many of
	// them are over their limit.
	Held, Over int64
}

// Since returns what has come since a tally.
func (t Tally) Since(before Tally) Tally {
	return Tally{
		Authorizations: t.Authorizations - before.Authorizations, Commands: t.Commands - before.Commands,
		Pending: t.Pending - before.Pending, Reserved: t.Reserved - before.Reserved,
		Held: t.Held - before.Held, Over: t.Over - before.Over,
	}
}

// Check compares what callers were told with what the database holds.
func (s *Shop) Check(t Tally) error {
	approved, open := s.Approved.Load(), s.Approved.Load()-s.Released.Load()
	switch {
	case t.Authorizations != approved:
		return fmt.Errorf("%d authorizations are stored and %d were approved", t.Authorizations, approved)
	case t.Pending != open:
		return fmt.Errorf("%d authorizations are open, want %d", t.Pending, open)
	case t.Reserved != t.Held:
		return fmt.Errorf("the accounts hold %d öre and the authorizations %d", t.Held, t.Reserved)
	case t.Commands != s.Answered.Load():
		return fmt.Errorf("%d answers are stored and %d were given", t.Commands, s.Answered.Load())
	case t.Over > 0:
		return fmt.Errorf("%d travelers are over their limit", t.Over)
	}
	return nil
}

// TallySQL reads a Tally, of tables with the default prefix. It wants the
// amount of a reservation r, and the table function that turns a traveler's
// open into reservations.
const TallySQL = `SELECT (SELECT count(*) FROM tjr_authorization), (SELECT count(*) FROM tjr_command),
	(SELECT count(*) FROM tjr_authorization WHERE state = 'pending'),
	(SELECT coalesce(sum(amount), 0) FROM tjr_authorization WHERE state = 'pending'),
	coalesce(sum(held), 0), coalesce(sum(CASE WHEN held > credit_limit THEN 1 ELSE 0 END), 0)
	FROM (SELECT credit_limit, (SELECT coalesce(sum(CAST(%s AS bigint)), 0) FROM %s r) AS held FROM tjr_traveler t0 WHERE CAST(open AS text) <> 'null') t`
