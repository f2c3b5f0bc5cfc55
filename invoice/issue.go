package invoice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// errOutdated: reference or parties have changed since the documents were
// drafted.
var errOutdated = fmt.Errorf("%w: the company changed while its documents were drafted", travel.ErrConflict)

// issue issues the documents of a month that is fenced, all or none, in the
// transaction that numbers them. When another has done so already, it returns
// what that one did (R35).
func (s *Service) issue(ctx context.Context, d draft) (c Close, err error) {
	at := s.now()
	company := d.billing.company.ID
	err = s.store.UpdateInvoices(ctx, func(tx Tx) error {
		c, err = lockClose(ctx, tx, company, d.month)
		if err != nil || c.State == CloseIssued {
			return err
		}
		now, err := readBilling(ctx, tx, company)
		if err != nil {
			return err
		}
		if c.FencedAt.IsZero() || !now.equal(d.billing) {
			return errOutdated
		}
		c = Close{Company: company, Month: d.month, State: CloseIssued, FencedAt: c.FencedAt, IssuedAt: at}
		for _, doc := range d.documents {
			if err := s.insert(ctx, tx, &doc, at); err != nil {
				return err
			}
			c.Documents = append(c.Documents, doc.ID)
		}
		err = tx.AppendEvents(ctx, travel.Event{
			ID: s.ids(), Type: travel.EventMonthClosed, At: at, Company: company, Month: d.month,
		})
		if err != nil {
			return err
		}
		return tx.SaveClose(ctx, c)
	})
	return c, err
}

// insert numbers, freezes and adds a document.
func (s *Service) insert(ctx context.Context, tx Tx, doc *Document, at time.Time) (err error) {
	doc.ID, doc.IssuedAt = s.ids(), at
	if doc.Kind != Basis {
		doc.DueAt = s.due(at)
		doc.Series = s.sellers[s.sellerIndex[doc.SellerID]].Series
		if doc.Number, err = tx.NextNumber(ctx, doc.Series); err != nil {
			return err
		}
	}
	if err := s.freeze(ctx, doc); err != nil {
		return err
	}
	if err := tx.InsertDocument(ctx, *doc); err != nil {
		return err
	}
	return tx.AppendEvents(ctx, travel.Event{
		ID: s.ids(), Type: travel.EventInvoiceIssued, At: at, Company: doc.Company, Subject: doc.ID,
		Month: doc.Month, Amount: doc.Gross, Reason: string(doc.Kind),
	})
}

// freeze writes the document as it stays.
func (s *Service) freeze(ctx context.Context, doc *Document) error {
	var content bytes.Buffer
	if err := s.Text(s.language).Render(ctx, &content, *doc, nil); err != nil {
		return err
	}
	doc.Content = content.Bytes()
	doc.Hash = sha256.Sum256(doc.Content)
	return nil
}

// due returns the first instant of the day by which a document is to be paid.
func (s *Service) due(at time.Time) time.Time {
	year, month, day := at.In(s.zone).Date()
	return time.Date(year, month, day+s.paymentDays, 0, 0, 0, 0, s.zone).UTC()
}

// setAside writes down why a month is not closed. The event comes once for
// each reason.
func (s *Service) setAside(ctx context.Context, company travel.CompanyID, m credit.Month, p *Problem) (c Close, err error) {
	at := s.now()
	err = s.store.UpdateInvoices(ctx, func(tx Tx) error {
		c, err = lockClose(ctx, tx, company, m)
		if err != nil || c.State == CloseIssued {
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

// closeMonth closes one month of one company, or sets it aside. Every step can
// be taken again: after a crash the next run goes on where this one stopped.
func (s *Service) closeMonth(ctx context.Context, company travel.CompanyID, m credit.Month) (Close, error) {
	c, err := s.tryClose(ctx, company, m)
	var p *Problem
	if errors.As(err, &p) {
		return s.setAside(ctx, company, m, p)
	}
	return c, err
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
			return c, err
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
