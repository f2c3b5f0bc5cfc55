package travel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
)

// CaptureRequest completes a purchase, with its purpose as the last step (R27).
type CaptureRequest struct {
	Holder Holder
	// Key is the caller's idempotency key (R42).
	Key           string
	Authorization AuthorizationID
	// Purpose says why the trip is made; at least one visible character, kept
	// as typed (R28).
	Purpose string
	// Amounts are the prices of the tickets that were issued, in kronor, in the
	// order of the authorization; nil means all of them whole. 0 is a ticket
	// that was not issued. What is reserved beyond them is free again.
	Amounts []decimal.Decimal
}

// PurchaseRequest buys in one step: authorize and capture, whole or not at
// all.
type PurchaseRequest struct {
	Holder Holder
	// Key is the caller's idempotency key (R42).
	Key     string
	Tickets []Ticket
	// Purpose is as in [CaptureRequest].
	Purpose string
}

// PurchaseResult is the answer to a capture. Without a Decline the purchase is
// done: the host issues its tickets.
type PurchaseResult struct {
	Authorization AuthorizationID
	// Amount is what was captured and Available what is left, in kronor.
	Amount, Available decimal.Decimal
	// Decline says why not; nil when the purchase is done.
	Decline *credit.Decline
}

// Capture turns a reservation, or less than it, into a purchase that is
// invoiced.
//
// A decline is an answer. Errors are [*InputError], [ErrNotFound] when there is
// no such authorization of this traveler, [ErrKeyReused], and
// [ErrPaymentPending] when the payment provider has not answered: then the
// purchase is driven on, and the same request tells later how it ended.
func (s *Service) Capture(ctx context.Context, req CaptureRequest) (PurchaseResult, error) {
	p, err := s.newCapture(req)
	if err != nil {
		return PurchaseResult{}, err
	}
	query := p.query()
	query.Authorization = req.Authorization
	var answer Answer
	err = s.store.Decide(ctx, query, func(st State) (Change, error) {
		if st.Earlier != nil {
			return Change{}, st.Earlier.replay(p.hash, &answer)
		}
		if st.Authorization == nil {
			return Change{}, ErrNotFound
		}
		var change Change
		var err error
		change, answer, err = s.decideCapture(&st, p)
		return change, err
	})
	if err != nil {
		return PurchaseResult{}, err
	}
	return s.answered(ctx, p, answer)
}

// Purchase authorizes and captures in one decision.
//
// Answers and errors are those of [Service.Authorize] and [Service.Capture].
func (s *Service) Purchase(ctx context.Context, req PurchaseRequest) (PurchaseResult, error) {
	if err := s.mayCharge(); err != nil {
		return PurchaseResult{}, err
	}
	p, err := s.newPurchase(OperationPurchase, req.Holder, req.Key, req.Tickets, false)
	if err != nil {
		return PurchaseResult{}, err
	}
	if err := checkPurpose(req.Purpose, s.purpose); err != nil {
		return PurchaseResult{}, err
	}
	p.purpose = req.Purpose
	p.hash = newDigest(p.operation).holder(&p.holder).text(p.purpose).tickets(p.lines).sum()
	p.drawEntries(s, len(p.lines))
	var answer Answer
	err = s.store.Decide(ctx, p.query(), func(st State) (Change, error) {
		if st.Earlier != nil {
			return Change{}, st.Earlier.replay(p.hash, &answer)
		}
		var change Change
		change, answer = s.decidePurchase(&st, p)
		return change, nil
	})
	if err != nil {
		return PurchaseResult{}, err
	}
	return s.answered(ctx, p, answer)
}

// mayCharge refuses to bind a purchase to the host's transaction when a
// payment provider would have to be asked inside it.
func (s *Service) mayCharge() error {
	if s.bound && s.provider != nil {
		return fmt.Errorf("%w: a payment provider cannot be asked inside the host's transaction", ErrConflict)
	}
	return nil
}

func (s *Service) newCapture(req CaptureRequest) (*purchase, error) {
	if err := s.mayCharge(); err != nil {
		return nil, err
	}
	if err := req.Holder.check(); err != nil {
		return nil, err
	}
	if err := checkKey(req.Key); err != nil {
		return nil, err
	}
	if err := checkPurpose(req.Purpose, s.purpose); err != nil {
		return nil, err
	}
	gross, err := captureAmounts(req.Amounts)
	if err != nil {
		return nil, err
	}
	p := &purchase{
		operation: OperationCapture, holder: req.Holder, key: req.Key, purpose: req.Purpose, at: s.now(),
		id: req.Authorization, gross: gross, events: [2]EventID{s.ids.New(), s.ids.New()},
	}
	p.hash = newDigest(p.operation).holder(&p.holder).id(p.id).text(p.purpose).amounts(gross).sum()
	p.drawEntries(s, max(1, len(gross)))
	return p, nil
}

func captureAmounts(amounts []decimal.Decimal) ([]credit.Amount, error) {
	if len(amounts) > maxTickets {
		return nil, invalid("Amounts", fmt.Sprint(len(amounts)), "too many")
	}
	var gross []credit.Amount
	var sum credit.Amount
	for i, d := range amounts {
		a, err := credit.FromDecimal(d)
		if err != nil {
			return nil, &InputError{Field: fmt.Sprintf("Amounts[%d]", i), Value: d.String(), Err: err}
		}
		if a < 0 {
			return nil, invalid(fmt.Sprintf("Amounts[%d]", i), d.String(), "must not be negative")
		}
		gross = append(gross, a)
		sum += a
	}
	if len(gross) > 0 && sum == 0 {
		return nil, invalid("Amounts", "", "are all 0: release the authorization instead")
	}
	return gross, nil
}

// drawEntries draws the ids of the entries, in ascending order.
func (p *purchase) drawEntries(s *Service, n int) {
	for len(p.entries) < n {
		p.entries = append(p.entries, s.ids.New())
	}
}

// decidePurchase authorizes and captures; nothing is kept of the first when
// the second cannot be.
func (s *Service) decidePurchase(st *State, p *purchase) (Change, Answer) {
	change, answer := s.decideAuthorize(st, p)
	if answer.Decline != nil {
		return change, answer
	}
	done, answer := s.capture(st.Traveler, *change.Account, change.Authorization, p)
	done.Expired = change.Expired
	done.Events = append(change.Events, done.Events...)
	return done, answer
}

// decideCapture is the decision on a capture: whose it is, then the credit's.
func (s *Service) decideCapture(st *State, p *purchase) (Change, Answer, error) {
	z := st.Authorization
	if len(p.gross) != 0 && len(p.gross) != len(z.Tickets) {
		return Change{}, Answer{}, invalid("Amounts", fmt.Sprint(len(p.gross)), fmt.Sprintf("the authorization has %d tickets", len(z.Tickets)))
	}
	code := p.holder.refuse(st.Traveler)
	if code == "" && z.Connection != p.holder.Method.Connection {
		code = credit.NotConnected
	}
	if code != "" {
		decline := s.rules.Decline(credit.Account{}, code, 0, p.at) // a stranger learns nothing (R40)
		answer := Answer{Authorization: z.ID, State: z.State, Month: z.Month, Decline: decline}
		return Change{Command: p.command(answer)}, answer, nil
	}
	change, answer := s.capture(st.Traveler, st.account(), z, p)
	return change, answer, nil
}

// grossOf returns what is captured of each ticket.
func (p *purchase) grossOf(z *Authorization) []credit.Amount {
	if len(p.gross) > 0 {
		return p.gross
	}
	gross := make([]credit.Amount, len(z.Tickets))
	for i := range z.Tickets {
		gross[i] = z.Tickets[i].Gross
	}
	return gross
}

// capture captures at once when the payment is our own invoice, and else marks
// what is to be captured and leaves the rest to the provider's answer.
func (s *Service) capture(t *Traveler, account credit.Account, authorized *Authorization, p *purchase) (Change, Answer) {
	z, gross := *authorized, p.grossOf(authorized)
	total, fits := captureTotal(z.Tickets, gross)
	if !fits {
		total = z.Amount + 1 // one ticket would cost more than was authorized for it
	}
	var decline *credit.Decline
	asked := credit.Authorization{}
	if s.provider == nil {
		account, asked, decline = s.rules.Capture(account, z.Authorization, total, p.at)
	} else {
		account, asked, decline = s.rules.BeginCapture(account, z.Authorization, total, p.at)
	}
	changed := asked.State != z.State
	z.Authorization = asked
	answer := Answer{Authorization: z.ID, State: z.State, Month: z.Month, Decline: decline}
	change := Change{}
	if changed {
		change.Account, change.Authorization = &account, &z
	}
	switch {
	case decline != nil:
		change.Events = p.captureEvents(EventPurchaseDeclined, z, total, string(decline.Code))
	case z.State == credit.Capturing:
		z.Personal = personal(t, p.purpose)
		z.Pending = &PendingCapture{At: p.at, Amount: total, Gross: gross}
	default:
		answer.Amount, answer.Available = total, s.rules.Balance(account, p.at).Available
		z.Personal = personal(t, p.purpose)
		z.Tickets, change.Entries = s.captureEntries(z, gross, p.entries, p.at)
		change.Events = p.captureEvents(EventPurchaseCaptured, z, total, "")
	}
	change.Command = p.command(answer)
	return change, answer
}

// captureTotal adds up what is captured; no ticket may cost more than was
// authorized for it.
func captureTotal(tickets []TicketLine, gross []credit.Amount) (total credit.Amount, fits bool) {
	fits = true
	for i, g := range gross {
		total += g
		fits = fits && g <= tickets[i].Gross
	}
	return total, fits
}

func personal(t *Traveler, purpose string) Personal {
	return Personal{Name: t.name(), EmployeeNumber: t.EmployeeNumber, Purpose: purpose}
}

func (p *purchase) captureEvents(t EventType, z Authorization, amount credit.Amount, reason string) []Event {
	return []Event{{
		ID: p.events[1], Type: t, At: p.at, Company: z.Company, Traveler: z.Traveler,
		Authorization: z.ID, Month: z.Month, Amount: amount, Reason: reason,
	}}
}

// captureEntries makes the entries of a capture, one per ticket that was
// issued, and the tickets as they are from then on.
func (s *Service) captureEntries(z Authorization, gross []credit.Amount, ids []EntryID, at time.Time) ([]TicketLine, []Entry) {
	tickets := slices.Clone(z.Tickets)
	entries := make([]Entry, 0, len(tickets))
	for i := range tickets {
		t := &tickets[i]
		captured := gross[i]
		if t.Stated && captured < t.Gross {
			t.Net = credit.Share(t.Net, captured, t.Gross)
			t.VAT = captured - t.Net
		}
		t.Gross = captured
		if captured == 0 {
			continue
		}
		if len(ids) > 0 {
			t.Capture, ids = ids[0], ids[1:]
		} else {
			t.Capture = s.ids.New()
		}
		e := z.entry(i, *t)
		e.ID, e.Kind, e.Billing, e.At = t.Capture, EntryCapture, z.Month, at
		entries = append(entries, e)
	}
	return tickets, entries
}

// entry returns what every entry of a ticket has in common.
func (z Authorization) entry(line int, t TicketLine) Entry {
	return Entry{
		Company: z.Company, Traveler: z.Traveler, Authorization: z.ID, Line: line,
		Month: z.Month, PurchasedAt: z.At, Department: z.Department, DepartmentName: z.DepartmentName,
		Ticket: t.Ticket, Gross: t.Gross, Stated: t.Stated, Net: t.Net, VAT: t.VAT, Personal: z.Personal,
	}
}

// answered turns an answer into a result; when the provider is to be asked, it
// is asked now.
func (s *Service) answered(ctx context.Context, p *purchase, answer Answer) (PurchaseResult, error) {
	if answer.State == credit.Capturing && answer.Decline == nil {
		var err error
		if answer, err = s.charge(ctx, p.holder.Method.Company, p.holder.Method.Traveler, answer.Authorization); err != nil {
			return PurchaseResult{Authorization: answer.Authorization}, err
		}
	}
	return PurchaseResult{
		Authorization: answer.Authorization, Amount: answer.Amount.Decimal(),
		Available: answer.Available.Decimal(), Decline: answer.Decline,
	}, nil
}
