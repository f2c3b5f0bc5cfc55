package invoice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// fence makes sure that nothing can enter a company's month any more, or finds
// out why that cannot be done. What it does it does once: a month that is
// fenced stays so.
func (s *Service) fence(ctx context.Context, company travel.CompanyID, m credit.Month) (c Close, err error) {
	at := s.now()
	err = s.store.UpdateInvoices(ctx, func(tx Tx) error {
		c, err = lockClose(ctx, tx, company, m)
		if err != nil || c.State == CloseIssued || !c.FencedAt.IsZero() {
			return err
		}
		if p := c.held(); p != nil {
			return p
		}
		// Months are locked newest first and before the company, everywhere:
		// no two closes wait for each other.
		before, err := lockClose(ctx, tx, company, m-1)
		if err != nil {
			return err
		}
		record, err := tx.Company(ctx, company)
		if err != nil {
			return err
		}
		if err := inOrder(record.ClosedThrough, before, m); err != nil {
			return err
		}
		if err := s.fenceTravelers(ctx, tx, company, m, at); err != nil {
			return err
		}
		record.ClosedThrough = max(record.ClosedThrough, m)
		if err := tx.SaveCompany(ctx, record); err != nil {
			return err
		}
		c = Close{Company: company, Month: m, State: CloseFenced, FencedAt: at}
		return tx.SaveClose(ctx, c)
	})
	return c, err
}

// lockClose locks the record of a company's month and returns it, also when
// there is none yet.
func lockClose(ctx context.Context, tx Tx, company travel.CompanyID, m credit.Month) (Close, error) {
	c, err := tx.Close(ctx, company, m)
	if errors.Is(err, travel.ErrNotFound) {
		return Close{Company: company, Month: m}, nil
	}
	return c, err
}

// inOrder returns a problem unless the month before is closed: a credit note
// could not name an invoice that is not issued. A month in which there was no
// such company is none that could be closed.
func inOrder(through credit.Month, before Close, m credit.Month) error {
	switch {
	case through.IsZero():
		return nil
	case m <= through:
		return fmt.Errorf("%w: %s is before the company's first month", travel.ErrConflict, m)
	case m > through+1:
		return &Problem{Reason: ReasonEarlierMonth, Detail: (through + 1).String()}
	case !before.FencedAt.IsZero() && before.State != CloseIssued:
		return &Problem{Reason: ReasonEarlierMonth, Detail: through.String()}
	}
	return nil
}

// fenceTravelers fences the accounts of a company; what is still reserved there
// expires. A charge that the payment provider has not answered is a problem.
func (s *Service) fenceTravelers(ctx context.Context, tx Tx, company travel.CompanyID, m credit.Month, at time.Time) error {
	if err := tx.FenceTravelers(ctx, company, m); err != nil {
		return err
	}
	q := travel.TravelerQuery{Company: company, Open: true, Limit: page}
	for {
		travelers, err := tx.Travelers(ctx, q)
		if err != nil {
			return err
		}
		for _, t := range travelers {
			if err := s.fenceTraveler(ctx, tx, t, m, at); err != nil {
				return err
			}
			q.After = t.ID
		}
		if len(travelers) < page {
			return nil
		}
	}
}

func (s *Service) fenceTraveler(ctx context.Context, tx Tx, t travel.Traveler, m credit.Month, at time.Time) error {
	account, expired, ok := s.travel.Rules().Close(t.Credit, m)
	if !ok {
		return &Problem{Reason: ReasonChargeUnanswered, Detail: unanswered(t.Credit, m)}
	}
	if len(expired) == 0 {
		return nil
	}
	t.Credit = account
	if err := tx.SaveTraveler(ctx, t); err != nil {
		return err
	}
	for _, id := range expired {
		z, err := tx.Authorization(ctx, t.Company, id)
		if err != nil {
			return err
		}
		if !z.State.Open() {
			continue
		}
		z.State = credit.Expired
		if err := tx.SaveAuthorization(ctx, z); err != nil {
			return err
		}
		err = tx.AppendEvents(ctx, travel.Event{
			ID: s.ids(), Type: travel.EventPurchaseExpired, At: at, Company: t.Company, Traveler: t.ID,
			Authorization: id, Month: z.Month, Amount: z.Amount,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unanswered names the charge that keeps an account open.
func unanswered(a credit.Account, m credit.Month) string {
	for _, held := range a.Open {
		if held.Capturing && held.Month <= m {
			return held.ID.String()
		}
	}
	return ""
}
