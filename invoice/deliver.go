package invoice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Silence after an attempt to deliver is tried again, first within a minute,
// then after up to twice as long, and so on up to six hours, for as long as it
// takes.
const (
	firstWait   = time.Minute
	longestWait = 6 * time.Hour
	// leaseMargin is how much longer than an attempt others keep away: it is
	// for writing down what became of it.
	leaseMargin = time.Minute
)

// errTaken: it is not this process's turn to deliver.
var errTaken = errors.New("not to be delivered now")

// DeliverReport says what a run has done.
type DeliverReport struct {
	// Accepted, Refused and Silent count attempts by what became of them.
	// Silence is tried again.
	Accepted, Refused, Silent int
}

// DeliveryError is an attempt of which nothing was heard, and why.
type DeliveryError struct {
	Company  travel.CompanyID
	Document DocumentID
	Err      error
}

// Error names the document and the cause.
func (e *DeliveryError) Error() string {
	return fmt.Sprintf("company %s, document %s: %v", e.Company, e.Document, e.Err)
}

// Unwrap returns the cause.
func (e *DeliveryError) Unwrap() error { return e.Err }

// DeliverDue delivers every document that is due, one after the other: those
// that were issued since the last time, and those of which nothing was heard.
// It is what a scheduler calls, as often as it likes and on any number of
// machines; each document is with one of them at a time. A credit note, and what
// replaces an invoice, waits until that is no longer waiting. What is refused
// stays so until [Service.Redeliver].
//
// The error joins a [*DeliveryError] for each attempt without an answer, and
// errors of the store, after which it goes on with the next document. Without
// a deliverer it is a [*travel.InputError].
func (s *Service) DeliverDue(ctx context.Context) (DeliverReport, error) {
	var report DeliverReport
	if s.deliverer == nil {
		return report, invalid("Config.Deliverer", "", "is required")
	}
	var failures []error
	q := DeliveryQuery{State: DeliveryWaiting, DueBy: s.now(), Limit: page}
	for ctx.Err() == nil {
		due, err := s.deliveries(ctx, q)
		if err != nil {
			failures = append(failures, err)
			break
		}
		for _, r := range due {
			q.After = r.Document
			if ctx.Err() != nil {
				break
			}
			if err := s.deliver(ctx, r, &report); err != nil {
				failures = append(failures, &DeliveryError{r.Company, r.Document, err})
			}
		}
		if len(due) < page {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		failures = append(failures, err)
	}
	return report, errors.Join(failures...)
}

func (s *Service) deliveries(ctx context.Context, q DeliveryQuery) (list []DeliveryRecord, err error) {
	err = s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
		list, err = tx.Deliveries(ctx, q)
		return err
	})
	return list, err
}

// deliver makes one attempt, unless another process makes it.
func (s *Service) deliver(ctx context.Context, due DeliveryRecord, report *DeliverReport) error {
	leased, d, err := s.lease(ctx, due)
	if errors.Is(err, errTaken) {
		return nil
	}
	if err != nil {
		return err
	}
	answer, failure := s.attempt(ctx, d)
	// What the deliverer has said is written down also when the host is
	// stopping.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseMargin)
	defer cancel()
	settled, err := s.settleDelivery(ctx, leased, answer, failure)
	switch {
	case errors.Is(err, errTaken):
		return nil
	case err != nil:
		return errors.Join(err, failure)
	}
	switch settled.State {
	case DeliveryAccepted:
		report.Accepted++
	case DeliveryRefused:
		report.Refused++
	default:
		report.Silent++
	}
	return failure
}

func (s *Service) attempt(ctx context.Context, d Document) (Delivery, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.deliverer.Deliver(ctx, d, s.Lines(ctx, d))
}

// lease counts an attempt and keeps others from the document meanwhile.
func (s *Service) lease(ctx context.Context, due DeliveryRecord) (r DeliveryRecord, d Document, err error) {
	at := s.now()
	err = s.store.UpdateInvoices(ctx, func(tx Tx) error {
		if r, err = tx.Delivery(ctx, due.Company, due.Document); err != nil {
			return err
		}
		if !r.Due(at) {
			return errTaken
		}
		if d, err = tx.Document(ctx, due.Company, due.Document); err != nil {
			return err
		}
		behind, err := d.behind(ctx, tx)
		if err != nil {
			return err
		}
		if behind {
			return errTaken
		}
		r = r.attempted(at, at.Add(s.timeout+leaseMargin))
		return tx.SaveDelivery(ctx, r)
	})
	return r, d, err
}

// behind tells whether a document waits for the one that it credits or
// replaces: a receiver that does not know that one could do nothing with it.
func (d *Document) behind(ctx context.Context, tx Tx) (bool, error) {
	of := cmp.Or(d.Original, d.Replaces)
	if of == nil {
		return false, nil
	}
	r, err := tx.Delivery(ctx, d.Company, of.ID)
	if errors.Is(err, travel.ErrNotFound) {
		return false, nil
	}
	return r.State == DeliveryWaiting, err
}

// settleDelivery writes down what became of an attempt.
func (s *Service) settleDelivery(ctx context.Context, leased DeliveryRecord, answer Delivery, failure error) (r DeliveryRecord, err error) {
	at := s.now()
	err = s.store.UpdateInvoices(ctx, func(tx Tx) error {
		if r, err = tx.Delivery(ctx, leased.Company, leased.Document); err != nil {
			return err
		}
		if r.LeaseToken != leased.LeaseToken {
			return errTaken
		}
		if failure != nil {
			r = r.unanswered(at, at.Add(s.wait(r.Attempts)))
			return tx.SaveDelivery(ctx, r)
		}
		r = r.answered(answer, at)
		if err := tx.SaveDelivery(ctx, r); err != nil {
			return err
		}
		event := travel.Event{ID: s.ids(), Type: travel.EventInvoiceDelivered, At: at, Company: r.Company, Subject: r.Document}
		if r.State == DeliveryRefused {
			event.Type = travel.EventInvoiceRefused
		}
		return tx.AppendEvents(ctx, event)
	})
	return r, err
}

// wait is full jitter under a doubling limit.
func (s *Service) wait(attempts int) time.Duration {
	limit := firstWait
	for i := 1; i < attempts && limit < longestWait; i++ {
		limit *= 2
	}
	return s.jitter(min(limit, longestWait))
}

// enqueue lets a document that was just issued wait for its delivery, in the
// transaction of the issue: so none is forgotten.
func (s *Service) enqueue(ctx context.Context, tx Tx, d *Document) error {
	if s.deliverer == nil || d.Kind == Basis {
		return nil
	}
	return tx.SaveDelivery(ctx, DeliveryRecord{Company: d.Company, Document: d.ID}.queued(d.IssuedAt))
}

// Redeliver lets a document be delivered again: one that was refused, when the
// cause is mended, or one that was issued before there was a deliverer. One
// that was accepted goes out again too, and it is the deliverer that knows that
// it has it. It is for the operator; a basis, which the payment provider
// delivers, is [travel.ErrConflict].
func (s *Service) Redeliver(ctx context.Context, a travel.Actor, company travel.CompanyID, id DocumentID) error {
	if !a.IsOperator() {
		return errOperator
	}
	at := s.now()
	return s.store.UpdateInvoices(ctx, func(tx Tx) error {
		// This locks the company, so that no two make the first record at once.
		if err := s.travel.Record(ctx, tx, a, company, travel.Act{Action: "invoice.redeliver", Subject: id.String()}); err != nil {
			return err
		}
		r, err := tx.Delivery(ctx, company, id)
		if errors.Is(err, travel.ErrNotFound) {
			r, err = DeliveryRecord{Company: company, Document: id}, nil
		}
		if err != nil {
			return err
		}
		d, err := tx.Document(ctx, company, id)
		if err != nil {
			return err
		}
		if d.Kind == Basis {
			return fmt.Errorf("%w: a basis is not delivered", travel.ErrConflict)
		}
		return tx.SaveDelivery(ctx, r.queued(at))
	})
}

// Delivery returns the delivery log of a document that the actor may see.
// [travel.ErrNotFound] is also the answer for a document that waits for no
// delivery.
func (s *Service) Delivery(ctx context.Context, a travel.Actor, company travel.CompanyID, id DocumentID) (r DeliveryRecord, err error) {
	if _, err := s.Document(ctx, a, company, id); err != nil {
		return DeliveryRecord{}, err
	}
	err = s.store.ViewInvoices(ctx, func(tx Tx) error {
		r, err = tx.Delivery(ctx, company, id)
		return err
	})
	return r, err
}

// Deliveries lists the delivery logs of all companies that are in a state, in
// the order of the issue: up to limit, of which 0 and the most are 200, after
// one. It is for the operator, who wants to know what waits and what was
// refused.
func (s *Service) Deliveries(ctx context.Context, a travel.Actor, state DeliveryState, after DocumentID, limit int) ([]DeliveryRecord, error) {
	if !a.IsOperator() {
		return nil, errOperator
	}
	if limit < 0 || limit > page {
		return nil, invalid("Limit", strconv.Itoa(limit), "must be 0 to "+strconv.Itoa(page))
	}
	if limit == 0 {
		limit = page
	}
	return s.deliveries(ctx, DeliveryQuery{State: state, After: after, Limit: limit})
}
