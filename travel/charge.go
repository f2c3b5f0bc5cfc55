package travel

import (
	"context"
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/credit"
)

// charge asks the payment provider for a capture that has begun, and finishes
// it. It may be called again at any time, by any process: the provider is asked
// with the same id, and the first answer that is saved is the answer.
func (s *Service) charge(ctx context.Context, company CompanyID, traveler TravelerID, id AuthorizationID) (Answer, error) {
	z, err := s.authorizationOf(ctx, company, traveler, id)
	if err != nil {
		return Answer{}, err
	}
	if z.Outcome != nil {
		return *z.Outcome, nil
	}
	if s.provider == nil {
		return Answer{Authorization: id}, fmt.Errorf("%w: no payment provider is configured any more", ErrPaymentPending)
	}
	reply, err := s.provider.Charge(ctx, Charge{
		ID: id, Company: company, Traveler: traveler, Amount: z.Pending.Amount, Month: z.Month,
	})
	if err != nil {
		return Answer{Authorization: id}, fmt.Errorf("%w: %w", ErrPaymentPending, err)
	}
	return s.finishCharge(ctx, z, reply)
}

// authorizationOf returns an authorization that is being captured or was.
func (s *Service) authorizationOf(ctx context.Context, company CompanyID, traveler TravelerID, id AuthorizationID) (Authorization, error) {
	var z Authorization
	err := s.store.View(ctx, func(tx Tx) (err error) {
		z, err = tx.Authorization(ctx, company, id)
		return err
	})
	if err == nil && (z.Traveler != traveler || z.Pending == nil && z.Outcome == nil) {
		err = ErrNotFound
	}
	return z, err
}

// finishCharge saves the provider's answer, unless another process has.
func (s *Service) finishCharge(ctx context.Context, asked Authorization, reply ProviderAnswer) (Answer, error) {
	var answer Answer
	query := Query{Company: asked.Company, Traveler: asked.Traveler, Authorization: asked.ID}
	at, event := s.now(), EventID(s.ids.New())
	ids := make([]EntryID, len(asked.Tickets))
	for i := range ids {
		ids[i] = s.ids.New()
	}
	err := s.store.Decide(ctx, query, func(st State) (Change, error) {
		if st.Authorization == nil {
			return Change{}, ErrNotFound
		}
		z := *st.Authorization
		if z.Outcome != nil {
			answer = *z.Outcome
			return Change{}, nil
		}
		account := st.account()
		change := Change{Authorization: &z}
		e := Event{ID: event, At: at, Company: z.Company, Traveler: z.Traveler, Authorization: z.ID, Month: z.Month, Amount: z.Pending.Amount}
		answer = Answer{Authorization: z.ID, Month: z.Month}
		if reply.Approved {
			account, z.Authorization = s.rules.FinishCapture(account, z.Authorization, z.Pending.Amount)
			z.Tickets, change.Entries = s.captureEntries(z, z.Pending.Gross, ids, at)
			answer.Amount, answer.Available = z.Captured, s.rules.Balance(account, at).Available
			e.Type = EventPurchaseCaptured
		} else {
			account, z.Authorization = s.rules.Refuse(account, z.Authorization)
			answer.Decline = s.rules.Decline(account, credit.ProviderRefused, z.Pending.Amount, at)
			answer.Decline.Detail = reply.Reason
			e.Type, e.Reason = EventPurchaseDeclined, string(credit.ProviderRefused)
		}
		answer.State = z.State
		z.Pending, z.Outcome = nil, &answer
		change.Account = &account
		change.Events = []Event{e}
		return change, nil
	})
	return answer, err
}

// DrivePayments asks the payment provider again about everything that it has
// not answered, over all companies: after a crash, or while it was silent. A
// host runs it now and then. It returns how many were answered; what stays
// unanswered is in the error.
func (s *Service) DrivePayments(ctx context.Context) (answered int, err error) {
	if s.provider == nil {
		return 0, nil
	}
	var failed []error
	for q := (AuthorizationQuery{Unanswered: true, Limit: jobPage}); ; {
		var waiting []Authorization
		err := s.store.View(ctx, func(tx Tx) (err error) {
			waiting, err = tx.Authorizations(ctx, q)
			return err
		})
		if err != nil {
			return answered, err
		}
		for _, z := range waiting {
			q.Before = z.ID
			if ctx.Err() != nil {
				return answered, ctx.Err()
			}
			if err := s.drive(ctx, z); err != nil {
				failed = append(failed, fmt.Errorf("authorization %s: %w", z.ID, err))
				continue
			}
			answered++
		}
		if len(waiting) < jobPage {
			return answered, errors.Join(failed...)
		}
	}
}

// jobPage is how many records a job reads at a time.
const jobPage = 500

func (s *Service) drive(ctx context.Context, z Authorization) error {
	if z.Pending != nil {
		if _, err := s.charge(ctx, z.Company, z.Traveler, z.ID); err != nil {
			return err
		}
	}
	for _, r := range z.Refunds {
		if r.State != RefundPending {
			continue
		}
		if _, err := s.askRefund(ctx, z, r); err != nil {
			return err
		}
	}
	return nil
}
