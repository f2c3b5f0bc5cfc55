package invoice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

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
		if p := c.held(); p != nil {
			return p
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
		seller := &s.sellers[s.sellerIndex[doc.SellerID]]
		if doc.Series = seller.Series; doc.Series == "" {
			return invalid("Config.Sellers.Series", "", "is required for what credits or replaces an invoice of ours")
		}
		if doc.Number, err = tx.NextNumber(ctx, doc.Series); err != nil {
			return err
		}
		if doc.Original == nil {
			if doc.PaymentReference, err = seller.OCR.reference(doc.Series, doc.Number); err != nil {
				return err
			}
		}
	}
	if err := s.freeze(ctx, doc); err != nil {
		return err
	}
	if err := tx.InsertDocument(ctx, *doc); err != nil {
		return err
	}
	if err := s.enqueue(ctx, tx, doc); err != nil {
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
	doc.Content = nil // or that would be what is written
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
