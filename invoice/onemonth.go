package invoice

import (
	"context"
	"errors"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// closeMonth closes one month of one company, or sets it aside. Every step can
// be taken again: after a crash the next run goes on where this one stopped.
func (s *Service) closeMonth(ctx context.Context, company travel.CompanyID, m credit.Month) (Close, error) {
	c, err := s.tryClose(ctx, company, m)
	var p *Problem
	switch {
	case !errors.As(err, &p):
		return c, err
	case p.Reason == ReasonHeld: // by the operator, who may have released it since
		return c, nil
	}
	return s.setAside(ctx, company, m, p)
}

// redrafts bounds how often a draft is made again because the company, or an
// open month, changed meanwhile.
const redrafts = 5

// tryClose closes a month; a [*Problem] is why it cannot.
func (s *Service) tryClose(ctx context.Context, company travel.CompanyID, m credit.Month) (Close, error) {
	c, err := s.standing(ctx, company, m)
	if err != nil || c.State == CloseIssued {
		return c, err
	}
	if p := c.held(); p != nil {
		return c, p
	}
	if c.FencedAt.IsZero() {
		if err := s.precheck(ctx, company, m); err != nil {
			return c, err
		}
		if c, err = s.fence(ctx, company, m); err != nil || c.State == CloseIssued {
			return c, err
		}
	}
	for range redrafts {
		var d draft
		if d, err = s.draft(ctx, company, m); err != nil {
			return s.overtaken(ctx, company, m, c, err)
		}
		if d.problem != nil {
			return c, d.problem
		}
		if c, err = s.issue(ctx, d); !errors.Is(err, errOutdated) {
			return c, err
		}
	}
	return c, err
}

// overtaken returns what another has issued while a draft failed: an invoice may
// have been issued anew since, and what was read is of both times.
func (s *Service) overtaken(ctx context.Context, company travel.CompanyID, m credit.Month, c Close, failed error) (Close, error) {
	if now, err := s.standing(ctx, company, m); err == nil && now.State == CloseIssued {
		return now, nil
	}
	return c, failed
}

// setAside writes down why a month is not closed. The event comes once for
// each reason.
func (s *Service) setAside(ctx context.Context, company travel.CompanyID, m credit.Month, p *Problem) (c Close, err error) {
	at := s.now()
	err = s.store.UpdateInvoices(ctx, func(tx Tx) error {
		c, err = lockClose(ctx, tx, company, m)
		if err != nil || c.State == CloseIssued || c.held() != nil {
			return err
		}
		if c.State == CloseAside && c.Reason == p.Reason && c.Detail == p.Detail {
			return nil
		}
		c.State, c.Reason, c.Detail = CloseAside, p.Reason, p.Detail
		if err := tx.SaveClose(ctx, c); err != nil {
			return err
		}
		return tx.AppendEvents(ctx, travel.Event{
			ID: s.ids(), Type: travel.EventMonthSetAside, At: at, Company: company, Month: m, Reason: string(p.Reason),
		})
	})
	return c, err
}

// standing reads where the close of a month stands.
func (s *Service) standing(ctx context.Context, company travel.CompanyID, m credit.Month) (c Close, err error) {
	err = s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
		c, err = lockClose(ctx, tx, company, m)
		return err
	})
	return c, err
}

// precheck returns a problem that can be seen before the month is fenced: as
// long as it is not, its refunds can still be netted there. Only when something
// may be missing does it look at what was bought.
func (s *Service) precheck(ctx context.Context, company travel.CompanyID, m credit.Month) error {
	var b billing
	err := s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
		b, err = readBilling(ctx, tx, company)
		return err
	})
	if err != nil {
		return err
	}
	doubt, err := s.doubtful(ctx, b, m)
	if err != nil || !doubt {
		return err
	}
	d, err := s.openDraft(ctx, company, m)
	if err == nil && d.problem != nil {
		return d.problem
	}
	return err
}

// openDraft drafts a month that may still be open.
func (s *Service) openDraft(ctx context.Context, company travel.CompanyID, m credit.Month) (d draft, err error) {
	for range redrafts {
		if d, err = s.draft(ctx, company, m); !errors.Is(err, errMoved) {
			break
		}
	}
	return d, err
}

// doubtful tells whether something may be missing that a document needs.
func (s *Service) doubtful(ctx context.Context, b billing, m credit.Month) (bool, error) {
	if len(b.missing()) > 0 {
		return true, nil
	}
	if b.company.DefaultReference != "" {
		return false, nil
	}
	for _, d := range b.bare {
		for _, err := range s.store.Entries(ctx, travel.EntryQuery{Company: b.company.ID, Billing: m, Department: &d}) {
			return true, err
		}
	}
	return false, nil
}
