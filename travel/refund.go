package travel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
)

// RefundRequest gives back a purchase, wholly or in parts.
type RefundRequest struct {
	Company CompanyID
	// Key is the caller's idempotency key (R42).
	Key           string
	Authorization AuthorizationID
	// Amounts are what is given back of each ticket, in kronor, in their order;
	// nil means all that is left.
	Amounts []decimal.Decimal
}

// RefundResult is the answer to a refund.
type RefundResult struct {
	Refund RefundID
	// Amount is what was given back, in kronor.
	Amount decimal.Decimal
	// Billing is the month in whose close it counts: netted there when that is
	// the month of the purchase, else as a credit note (R43).
	Billing credit.Month
	// Decline says why not; nil when refunded.
	Decline *credit.Decline
}

// Refund gives a captured purchase back, wholly or in parts; the amount used of
// its month, and of no other, is lowered (R43). It is for the operator.
//
// Over any number of refunds no ticket gives back more than was captured: the
// rest is a decline. Errors are [*InputError], [ErrForbidden], [ErrNotFound],
// [ErrKeyReused], and [ErrPaymentPending] when the payment provider has not
// answered.
func (s *Service) Refund(ctx context.Context, a Actor, req RefundRequest) (RefundResult, error) {
	if err := a.operator(); err != nil {
		return RefundResult{}, err
	}
	if err := s.mayCharge(); err != nil {
		return RefundResult{}, err
	}
	if err := checkKey(req.Key); err != nil {
		return RefundResult{}, err
	}
	gross, err := captureAmounts(req.Amounts)
	if err != nil {
		return RefundResult{}, err
	}
	z, err := s.purchaseOf(ctx, req.Company, req.Authorization)
	if err != nil {
		return RefundResult{}, err
	}
	r := &refund{
		id: s.ids.New(), event: s.ids.New(), key: req.Key, gross: gross, at: s.now(),
		hash: newDigest(OperationRefund).id(req.Authorization).amounts(gross).sum(),
	}
	for range z.Tickets {
		r.entries = append(r.entries, s.ids.New())
	}
	var answer Answer
	var begun Authorization
	query := Query{Company: z.Company, Traveler: z.Traveler, Operation: OperationRefund, Key: req.Key, Authorization: z.ID}
	err = s.store.Decide(ctx, query, func(st State) (Change, error) {
		begun = *st.Authorization
		if st.Earlier != nil {
			return Change{}, st.Earlier.replay(r.hash, &answer)
		}
		change, a, err := s.decideRefund(&st, r)
		if change.Authorization != nil {
			begun = *change.Authorization
		}
		answer = a
		return change, err
	})
	if err != nil {
		return RefundResult{}, err
	}
	return s.refunded(ctx, begun, answer)
}

// refund is a checked request to refund.
type refund struct {
	id      RefundID
	event   EventID
	entries []EntryID
	key     string
	hash    [32]byte
	gross   []credit.Amount
	at      time.Time
}

func (s *Service) purchaseOf(ctx context.Context, company CompanyID, id AuthorizationID) (z Authorization, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		z, err = tx.Authorization(ctx, company, id)
		return err
	})
	return z, err
}

// decideRefund begins a refund, and finishes it at once when the payment is
// our own invoice.
func (s *Service) decideRefund(st *State, r *refund) (Change, Answer, error) {
	z := *st.Authorization
	command := &Command{Company: z.Company, Operation: OperationRefund, Key: r.key, RequestHash: r.hash, At: r.at}
	if len(r.gross) > 0 && len(r.gross) != len(z.Tickets) {
		return Change{}, Answer{}, invalid("Amounts", fmt.Sprint(len(r.gross)), fmt.Sprintf("the purchase has %d tickets", len(z.Tickets)))
	}
	gross, total, fits := z.refundOf(r.gross)
	account := st.account()
	_, _, decline := s.rules.Refund(account, z.Authorization, total+z.refunding(), r.at)
	if decline == nil && (!fits || total <= 0) {
		decline = s.rules.Decline(account, credit.ExceedsCaptured, total, r.at)
	}
	if decline != nil {
		decline.Amount = total.Decimal()
		command.Answer = Answer{Authorization: z.ID, Month: z.Month, Amount: total, Decline: decline}
		return Change{Command: command}, command.Answer, nil
	}
	begun := Refund{ID: r.id, State: RefundPending, At: r.at, Amount: total, Gross: gross}
	z.Refunds = append(slices.Clone(z.Refunds), begun)
	command.Answer = Answer{Authorization: z.ID, Refund: r.id, Month: z.Month, Amount: total}
	change := Change{Authorization: &z, Command: command}
	if s.provider == nil {
		s.finishRefund(st, &change, len(z.Refunds)-1, r.entries, r.event, r.at)
	}
	return change, command.Answer, nil
}

// refundOf returns what is given back of each ticket, the sum, and whether no
// ticket gives back more than is left of it.
func (z Authorization) refundOf(asked []credit.Amount) (gross []credit.Amount, total credit.Amount, fits bool) {
	left := make([]credit.Amount, len(z.Tickets))
	for i, t := range z.Tickets {
		if !t.Capture.IsZero() {
			left[i] = t.Gross - t.Refunded
		}
	}
	for _, r := range z.Refunds {
		for i, g := range r.Gross {
			if r.State == RefundPending {
				left[i] -= g
			}
		}
	}
	if len(asked) == 0 {
		asked = left
	}
	fits = true
	for i, g := range asked {
		total += g
		fits = fits && g <= left[i]
	}
	return asked, total, fits
}

// refunding returns what is being given back.
func (z Authorization) refunding() credit.Amount {
	var sum credit.Amount
	for _, r := range z.Refunds {
		if r.State == RefundPending {
			sum += r.Amount
		}
	}
	return sum
}

// finishRefund turns the refund at index i into entries. A refund is netted in
// the month of the purchase until that is closed, and credited in the month of
// the refund after.
func (s *Service) finishRefund(st *State, change *Change, i int, ids []EntryID, event EventID, at time.Time) {
	z := change.Authorization
	z.Refunds = slices.Clone(z.Refunds)
	r := &z.Refunds[i]
	account, after, decline := s.rules.Refund(st.account(), z.Authorization, r.Amount, at)
	if decline != nil {
		// What was checked when the refund began still holds: nothing else
		// lowers what is refundable.
		r.State, r.Detail = RefundRefused, string(decline.Code)
		return
	}
	z.Authorization, change.Account = after, &account
	r.State, r.Billing = RefundDone, z.Month
	if z.Month <= account.ClosedThrough {
		r.Billing = max(credit.MonthOf(at, s.rules.Zone), account.ClosedThrough+1)
	}
	z.Tickets = slices.Clone(z.Tickets)
	for line, g := range r.Gross {
		if g == 0 {
			continue
		}
		t := &z.Tickets[line]
		e := z.entry(line, *t)
		e.ID, e.Kind, e.Billing, e.At = ids[line], EntryRefund, r.Billing, at
		e.Of, e.OfGross, e.Before, e.Gross = t.Capture, t.Gross, t.Refunded, g
		t.Refunded += g
		change.Entries = append(change.Entries, e)
	}
	change.Events = append(change.Events, Event{
		ID: event, Type: EventPurchaseRefunded, At: at, Company: z.Company, Traveler: z.Traveler,
		Authorization: z.ID, Subject: r.ID, Month: z.Month, Amount: r.Amount,
	})
}

// refunded turns an answer into a result; when the provider is to be asked, it
// is asked now.
func (s *Service) refunded(ctx context.Context, z Authorization, answer Answer) (RefundResult, error) {
	result := RefundResult{Refund: answer.Refund, Amount: answer.Amount.Decimal(), Decline: answer.Decline}
	i := slices.IndexFunc(z.Refunds, func(r Refund) bool { return r.ID == answer.Refund })
	if answer.Decline != nil || i < 0 {
		return result, nil
	}
	r := z.Refunds[i]
	if r.State == RefundPending {
		var err error
		if r, err = s.askRefund(ctx, z, r); err != nil {
			return result, err
		}
	}
	result.Billing = r.Billing
	if r.State == RefundRefused {
		result.Decline = &credit.Decline{
			Code: credit.ProviderRefused, Amount: r.Amount.Decimal(), Helper: credit.HelperOperator, Detail: r.Detail,
		}
	}
	return result, nil
}

// askRefund asks the payment provider for a refund that has begun, and
// finishes it, like charge.
func (s *Service) askRefund(ctx context.Context, z Authorization, r Refund) (Refund, error) {
	if s.provider == nil {
		return r, fmt.Errorf("%w: no payment provider is configured any more", ErrPaymentPending)
	}
	reply, err := s.provider.Refund(ctx, ProviderRefund{ID: r.ID, Charge: z.ID, Company: z.Company, Amount: r.Amount})
	if err != nil {
		return r, fmt.Errorf("%w: %w", ErrPaymentPending, err)
	}
	at, event := s.now(), EventID(s.ids.New())
	var ids []EntryID
	for range z.Tickets {
		ids = append(ids, s.ids.New())
	}
	query := Query{Company: z.Company, Traveler: z.Traveler, Authorization: z.ID}
	err = s.store.Decide(ctx, query, func(st State) (Change, error) {
		if st.Authorization == nil {
			return Change{}, ErrNotFound
		}
		now := *st.Authorization
		i := slices.IndexFunc(now.Refunds, func(x Refund) bool { return x.ID == r.ID })
		if i < 0 {
			return Change{}, ErrNotFound
		}
		if now.Refunds[i].State != RefundPending {
			r = now.Refunds[i]
			return Change{}, nil
		}
		change := Change{Authorization: &now}
		if reply.Approved {
			s.finishRefund(&st, &change, i, ids, event, at)
		} else {
			now.Refunds = slices.Clone(now.Refunds)
			now.Refunds[i].State, now.Refunds[i].Detail = RefundRefused, reply.Reason
		}
		r = now.Refunds[i]
		return change, nil
	})
	return r, err
}
