package travel

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
)

// AuthorizeRequest asks for a reservation, after "complete the purchase" (R27).
type AuthorizeRequest struct {
	Holder Holder
	// Key is the caller's idempotency key, unique per company: the same request
	// sent again has the same answer (R42). A retry after a raise takes a new
	// key.
	Key string
	// Tickets are what is bought; their Gross adds up to what is reserved.
	Tickets []Ticket
	// DryRun decides and saves nothing; the Key is ignored.
	DryRun bool
}

// AuthorizeResult is the answer. With a Decline nothing is reserved.
type AuthorizeResult struct {
	// Authorization is what Capture and Release take; zero in a dry run.
	Authorization AuthorizationID
	// Amount is what is reserved and Available what is left, in kronor.
	Amount, Available decimal.Decimal
	// ExpiresAt is the deadline of the capture, in UTC.
	ExpiresAt time.Time
	// Decline says why not; nil when approved.
	Decline *credit.Decline
}

// Authorize reserves the price of tickets, whole or not at all, from the
// traveler's credit of this month (R16, R22).
//
// A decline is an answer: the error is nil. Errors are [*InputError] for a
// request that makes no sense, [ErrNotFound] for an unknown payment method,
// [ErrKeyReused], and what the store returns.
func (s *Service) Authorize(ctx context.Context, req AuthorizeRequest) (AuthorizeResult, error) {
	p, err := s.newPurchase(OperationAuthorize, req.Holder, req.Key, req.Tickets, req.DryRun)
	if err != nil {
		return AuthorizeResult{}, err
	}
	p.hash = newDigest(p.operation).holder(&p.holder).tickets(p.lines).sum()
	query, dryRun := p.query(), req.DryRun
	if dryRun {
		query.Key = ""
	}
	var answer Answer
	err = s.store.Decide(ctx, query, func(st State) (Change, error) {
		if st.Earlier != nil {
			return Change{}, st.Earlier.replay(p.hash, &answer)
		}
		var change Change
		change, answer = s.decideAuthorize(&st, p)
		if dryRun {
			answer.Authorization = AuthorizationID{}
			return Change{}, nil
		}
		return change, nil
	})
	if err != nil {
		return AuthorizeResult{}, err
	}
	return AuthorizeResult{
		Authorization: answer.Authorization, Amount: answer.Amount.Decimal(),
		Available: answer.Available.Decimal(), ExpiresAt: answer.ExpiresAt, Decline: answer.Decline,
	}, nil
}

// purchase is a checked request to buy.
type purchase struct {
	operation Operation
	holder    Holder
	key       string
	hash      [32]byte
	lines     []TicketLine
	amount    credit.Amount
	purpose   string
	// gross is what is captured of each ticket; nil means all of them whole.
	gross []credit.Amount
	at    time.Time
	// The ids are drawn before the decision, which may run again.
	id      AuthorizationID
	events  [2]EventID
	entries []EntryID
}

func (s *Service) newPurchase(op Operation, h Holder, key string, tickets []Ticket, keyless bool) (*purchase, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	if !keyless {
		if err := checkKey(key); err != nil {
			return nil, err
		}
	}
	lines, amount, err := s.ticketLines(tickets)
	if err != nil {
		return nil, err
	}
	p := &purchase{operation: op, holder: h, key: key, lines: lines, amount: amount, at: s.now()}
	s.ids.Fill((*[16]byte)(&p.id), (*[16]byte)(&p.events[0]), (*[16]byte)(&p.events[1]))
	return p, nil
}

func (p *purchase) query() Query {
	return Query{Company: p.holder.Method.Company, Traveler: p.holder.Method.Traveler, Operation: p.operation, Key: p.key}
}

func (p *purchase) command(answer Answer) *Command {
	return &Command{
		Company: p.holder.Method.Company, Operation: p.operation, Key: p.key,
		RequestHash: p.hash, At: p.at, Answer: answer,
	}
}

// replay gives the earlier answer again, or refuses another content.
func (c *Command) replay(hash [32]byte, answer *Answer) error {
	if c.RequestHash != hash {
		return ErrKeyReused
	}
	*answer = c.Answer
	return nil
}

// decideAuthorize is the decision on an authorization: who may buy, then what,
// then for how much.
func (s *Service) decideAuthorize(st *State, p *purchase) (Change, Answer) {
	account, z, decline := s.reserve(st, p)
	answer := Answer{
		Authorization: p.id, State: z.State, Month: z.Month, Amount: p.amount,
		ExpiresAt: z.ExpiresAt, Decline: decline,
	}
	change := Change{Expired: account.expired, Events: s.expiredEvents(p, account.expired)}
	if decline != nil {
		answer.Authorization, answer.State = AuthorizationID{}, credit.Declined
		change.Events = append(change.Events, p.event(0, EventPurchaseDeclined, string(decline.Code)))
		if len(account.expired) > 0 {
			change.Account = &account.after
		}
	} else {
		answer.Available = account.after.AvailableIn(z.Month, z.Limit, p.at)
		change.Account = &account.after
		change.Authorization = p.authorization(st, z)
		change.Events = append(change.Events, p.event(0, EventPurchaseAuthorized, ""))
	}
	change.Command = p.command(answer)
	return change, answer
}

// accountChange is an account after a decision, and what expired in it.
type accountChange struct {
	after   credit.Account
	expired []AuthorizationID
}

func (s *Service) reserve(st *State, p *purchase) (accountChange, credit.Authorization, *credit.Decline) {
	before := st.account()
	account, expired := s.rules.Expire(before, p.at)
	if code := s.refuse(st, p); code != "" {
		shown := account
		if p.holder.refuse(st.Traveler) != "" {
			shown = credit.Account{} // a stranger learns nothing of the account (R40)
		}
		decline := s.rules.Decline(shown, code, p.amount, p.at)
		if code == credit.HourNotAllowed {
			decline.PassesAt = s.opensAt(st, account, p)
		}
		return accountChange{account, expired}, credit.Authorization{}, decline
	}
	account, z, decline := s.rules.Authorize(account, credit.Request{
		ID: p.id, Amount: p.amount, At: p.at, ExpiresAt: p.at.Add(s.ttl),
	})
	return accountChange{account, expired}, z, decline
}

// opensAt returns the instant at which a purchase that came at a wrong hour
// would pass by itself, in UTC: the hours allow it and there is credit, or the
// zero time.
func (s *Service) opensAt(st *State, account credit.Account, p *purchase) time.Time {
	policies := []*Policy{st.Company.Policy}
	if st.Department != nil {
		policies = append(policies, st.Department.Policy)
	}
	at := p.at
	for {
		at = opens(at.In(s.rules.Zone), policies...).UTC()
		if at.IsZero() {
			return at
		}
		_, _, decline := s.rules.Authorize(account, credit.Request{ID: p.id, Amount: p.amount, At: at, ExpiresAt: at.Add(s.ttl)})
		if decline == nil {
			return at
		}
		if at = decline.PassesAt; at.IsZero() {
			return at
		}
	}
}

// refuse names the first reason against the purchase that is not the credit's,
// or "".
func (s *Service) refuse(st *State, p *purchase) credit.DeclineCode {
	if st.Company.Status != CompanyApproved {
		return credit.CompanyInactive
	}
	if code := p.holder.refuse(st.Traveler); code != "" {
		return code
	}
	local := p.at.In(s.rules.Zone)
	if code := st.Company.Policy.refuse(p.lines, local); code != "" || st.Department == nil {
		return code
	}
	return st.Department.Policy.refuse(p.lines, local)
}

// accountOf returns a traveler's account with the maxima of today: the company
// record has them, so that a change needs no rewriting of its travelers.
func accountOf(c *Company, t *Traveler) credit.Account {
	a := t.Credit
	a.Ceiling, a.Maximum = c.Ceiling, c.Maximum
	return a
}

func (st *State) account() credit.Account { return accountOf(st.Company, st.Traveler) }

func (p *purchase) authorization(st *State, z credit.Authorization) *Authorization {
	a := &Authorization{
		Authorization: z, Company: st.Traveler.Company, Traveler: st.Traveler.ID, Connection: st.Traveler.Connection.ID,
		Department: st.Traveler.Department, Tickets: p.lines,
	}
	if st.Department != nil {
		a.DepartmentName = st.Department.Name
	}
	return a
}

func (p *purchase) event(i int, t EventType, reason string) Event {
	return Event{
		ID: p.events[i], Type: t, At: p.at, Company: p.holder.Method.Company, Traveler: p.holder.Method.Traveler,
		Authorization: p.id, Amount: p.amount, Reason: reason,
	}
}

// expiredEvents tells the host of reservations that turned out to have expired.
func (s *Service) expiredEvents(p *purchase, expired []AuthorizationID) []Event {
	var events []Event
	for _, z := range expired {
		e := s.purchaseEvent(EventPurchaseExpired, p.holder.Method.Company, p.holder.Method.Traveler, z, p.at)
		events = append(events, e)
	}
	return events
}

func (s *Service) purchaseEvent(t EventType, c CompanyID, traveler TravelerID, z AuthorizationID, at time.Time) Event {
	return Event{ID: s.ids.New(), Type: t, At: at, Company: c, Traveler: traveler, Authorization: z}
}
