package travel

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
)

// Balance is what travelers see of their own credit, at any time (R33). Amounts
// are in kronor.
type Balance struct {
	Month credit.Month
	// Available is what can be bought for now, whether or not Frozen; see
	// [credit.Balance].
	Limit, Used, Reserved, Available decimal.Decimal
	// ResetsAt is the instant from which the whole limit is available again,
	// in UTC (R18).
	ResetsAt time.Time
	Frozen   bool
}

// Balance returns the holder's balance (R40: the own one only). The error is
// [ErrNotFound] when the payment method is not, or no longer, the holder's.
func (s *Service) Balance(ctx context.Context, h Holder) (Balance, error) {
	var b Balance
	err := s.asHolder(ctx, h, func(_ Tx, c Company, t Traveler) error {
		account := accountOf(&c, &t)
		v := s.rules.Balance(account, s.now())
		b = Balance{
			Month: v.Month, Limit: v.Limit.Decimal(), Used: v.Used.Decimal(), Reserved: v.Reserved.Decimal(),
			Available: v.Available.Decimal(), ResetsAt: v.ResetsAt, Frozen: account.Frozen,
		}
		return nil
	})
	return b, err
}

// asHolder runs do on the holder's own records.
func (s *Service) asHolder(ctx context.Context, h Holder, do func(Tx, Company, Traveler) error) error {
	if err := h.check(); err != nil {
		return err
	}
	return s.store.View(ctx, func(tx Tx) error {
		c, err := tx.Company(ctx, h.Method.Company)
		if err != nil {
			return err
		}
		t, err := tx.Traveler(ctx, h.Method.Company, h.Method.Traveler)
		if err != nil {
			return err
		}
		if code := h.refuse(&t); code != "" {
			return fmt.Errorf("%w: %s", ErrNotFound, code)
		}
		return do(tx, c, t)
	})
}

// HistoryItem is one purchase as its traveler sees it.
type HistoryItem struct {
	Authorization AuthorizationID
	State         credit.State
	At            time.Time
	Month         credit.Month
	// Amount is what was reserved, Captured what was bought, Refunded what was
	// given back of it, in kronor.
	Amount, Captured, Refunded decimal.Decimal
	Tickets                    []Ticket
	Purpose                    string
}

// History lists up to limit of the holder's own purchases, newest first, that
// are older than before (zero: from the newest on). Those of earlier
// connections with the same employer are among them.
func (s *Service) History(ctx context.Context, h Holder, before AuthorizationID, limit int) (list []HistoryItem, err error) {
	err = s.asHolder(ctx, h, func(tx Tx, _ Company, t Traveler) error {
		page, err := tx.Authorizations(ctx, AuthorizationQuery{Company: t.Company, Traveler: t.ID, Before: before, Limit: limit})
		if err != nil {
			return err
		}
		at := s.now()
		list = make([]HistoryItem, 0, len(page))
		for _, z := range page {
			item := HistoryItem{
				Authorization: z.ID, State: t.Credit.StateOf(z.Authorization, at), At: z.At, Month: z.Month,
				Amount: z.Amount.Decimal(), Captured: z.Captured.Decimal(), Refunded: z.Refunded.Decimal(),
				Purpose: z.Personal.Purpose,
			}
			for _, line := range z.Tickets {
				item.Tickets = append(item.Tickets, line.Ticket)
			}
			list = append(list, item)
		}
		return nil
	})
	return list, err
}

// Employer is a company that a phone can travel for (R08).
type Employer struct {
	Method      PaymentMethod
	CompanyName string
}

// Employers lists the payment methods that are active for a number on a phone,
// so that the traveler can choose whom the trip is for.
func (s *Service) Employers(ctx context.Context, n PhoneNumber, device string) (list []Employer, err error) {
	if n.IsZero() || device == "" {
		return nil, invalid("Number", "", "number and device are required")
	}
	err = s.store.View(ctx, func(tx Tx) error {
		list = nil
		travelers, err := tx.TravelersByNumber(ctx, n)
		if err != nil {
			return err
		}
		for _, t := range travelers {
			if t.Connection.State != ConnectionActive || t.Connection.Device != device {
				continue
			}
			c, err := tx.Company(ctx, t.Company)
			if err != nil {
				return err
			}
			if c.Status == CompanyApproved {
				list = append(list, Employer{PaymentMethod{t.Company, t.ID, t.Connection.ID}, c.Name})
			}
		}
		return nil
	})
	return list, err
}

// Purchases streams the entries that are invoiced in a month, within the
// actor's reach, in ascending order of id. A month that is not closed is empty
// for administrators (R33). The error ends the sequence.
func (s *Service) Purchases(ctx context.Context, a Actor, company CompanyID, m credit.Month) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var covered reach
		hidden := false
		err := s.read(ctx, a, company, func(w *session) error {
			covered = w.reach
			hidden = a.role == RoleAdministrator && !w.company.visible(m)
			return nil
		})
		if err != nil {
			yield(Entry{}, err)
			return
		}
		if hidden {
			return
		}
		for e, err := range s.store.Entries(ctx, EntryQuery{Company: company, Billing: m}) {
			if err == nil && !covered.covers(e.Department) {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
