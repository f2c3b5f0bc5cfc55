package invoice

import (
	"context"
	"iter"
	"slices"

	"github.com/tjansteresor/tjansteresor/travel"
)

// index returns the place of a department on the document, or -1.
func (d *Document) index(id travel.DepartmentID) int {
	return slices.IndexFunc(d.Departments, func(t DepartmentTotal) bool { return t.ID == id })
}

// bounds tells whether a line of department i lies within From and Through.
func (d *Document) bounds(i int, at travel.EntryID) bool {
	switch {
	case i == 0 && !d.From.IsZero() && at.Compare(d.From) < 0:
		return false
	case i == len(d.Departments)-1 && !d.Through.IsZero() && at.Compare(d.Through) > 0:
		return false
	}
	return true
}

// place is where a line stands among those of its department when a document
// is split: a refund that is netted goes with its purchase.
func place(e *travel.Entry) travel.EntryID {
	if e.Kind == travel.EntryRefund {
		return e.Of
	}
	return e.ID
}

// bills tells whether the document bills an entry of its department i: a
// purchase of the month, or a refund that is netted there.
func (s *Service) bills(d *Document, i int, e *travel.Entry) bool {
	return e.Month == d.Month && e.Billing <= d.Netted && s.sellerID(e.Ticket.Seller) == d.SellerID && d.bounds(i, place(e))
}

// credits tells whether the document, which credits original, holds an entry
// of its department i: a refund that came after the month was closed, and is
// not netted in original.
func (s *Service) credits(d, original *Document, i int, e *travel.Entry) bool {
	return e.Kind == travel.EntryRefund && e.Month == original.Month && s.billed(original, e) && d.bounds(i, e.ID)
}

// entries streams what stands on a document under its department i, in order.
// original is what the refunds on the document credit, or nil.
func (s *Service) entries(ctx context.Context, d, original *Document, i int, kind travel.EntryKind) iter.Seq2[travel.Entry, error] {
	last := d.Netted
	if original != nil {
		kind, last = travel.EntryRefund, d.Month
	}
	return func(yield func(travel.Entry, error) bool) {
		for m := d.Month; m <= last; m++ {
			if m > d.Month {
				kind = travel.EntryRefund
			}
			q := travel.EntryQuery{Company: d.Company, Billing: m, Department: &d.Departments[i].ID, Kind: kind}
			for e, err := range s.store.Entries(ctx, q) {
				if err == nil && original == nil && !s.bills(d, i, &e) || err == nil && original != nil && !s.credits(d, original, i, &e) {
					continue
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

// wants collects the purchases that the refunds on a document mirror.
func (s *Service) wants(ctx context.Context, d, original *Document, into purchases) error {
	for i := range d.Departments {
		for e, err := range s.entries(ctx, d, original, i, travel.EntryRefund) {
			if err != nil {
				return err
			}
			if e.Kind == travel.EntryRefund {
				into.want(&e)
			}
		}
	}
	return nil
}

// recount tallies a document anew from its entries. It also returns the
// document that is credited, if it credits one.
func (s *Service) recount(ctx context.Context, d *Document) (t *tally, original *Document, err error) {
	wanted := purchases{}
	if d.Original == nil {
		t, err = s.recountInvoice(ctx, d, wanted)
		return t, nil, err
	}
	if original, err = s.load(ctx, d.Company, d.Original.ID); err != nil {
		return nil, nil, err
	}
	if d.Cancels {
		t, err = s.recountCanceling(ctx, d, original)
		return t, original, err
	}
	if err = s.wants(ctx, d, original, wanted); err != nil {
		return nil, nil, err
	}
	if _, err = s.recountInvoice(ctx, original, wanted); err != nil {
		return nil, nil, err
	}
	t = &tally{wanted: wanted, credits: true}
	return t, original, s.tallyInto(ctx, t, d, original)
}

// recountInvoice tallies a document that bills; the own nets of the purchases
// that are wanted are known afterwards.
func (s *Service) recountInvoice(ctx context.Context, d *Document, wanted purchases) (*tally, error) {
	if err := s.wants(ctx, d, nil, wanted); err != nil {
		return nil, err
	}
	t := &tally{wanted: wanted}
	return t, s.tallyInto(ctx, t, d, nil)
}

func (s *Service) tallyInto(ctx context.Context, t *tally, d, original *Document) error {
	for i := range d.Departments {
		section := t.section(d.Departments[i].ID)
		for e, err := range s.entries(ctx, d, original, i, 0) {
			if err == nil {
				err = t.add(section, &e)
			}
			if err != nil {
				return err
			}
		}
	}
	return t.settle()
}

// Lines streams the lines of a document or draft in their order: by department,
// then by the time of the entry, each with its exact share of net and VAT. It
// may be ranged over again. The error ends the sequence. Nothing is collected:
// the entries are read twice, and memory grows only with the refunds.
func (s *Service) Lines(ctx context.Context, d Document) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		if d.Cancels {
			s.canceledLines(ctx, &d, yield)
			return
		}
		t, original, err := s.recount(ctx, &d)
		if err != nil {
			yield(Line{}, err)
			return
		}
		for i := range d.Departments {
			for e, err := range s.entries(ctx, &d, original, i, 0) {
				var l Line
				if err == nil {
					l, err = t.line(t.sections[i], &e)
				}
				if !yield(l, err) || err != nil {
					return
				}
			}
		}
	}
}

// load reads a document.
func (s *Service) load(ctx context.Context, company travel.CompanyID, id DocumentID) (*Document, error) {
	var d Document
	err := s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
		d, err = tx.Document(ctx, company, id)
		return err
	})
	return &d, err
}
