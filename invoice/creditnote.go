package invoice

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// credited is the refunds that one earlier document has to be credited with.
type credited struct {
	original Document
	refunds  []travel.Entry
}

// creditNotes makes a document for each earlier one of which something was
// refunded after its month was closed (R43). It is made out to the company as
// it is now, with the reference of what it credits.
func (s *Service) creditNotes(ctx context.Context, b billing, m credit.Month, late []travel.Entry) ([]Document, error) {
	originals, err := s.originals(ctx, b.company.ID, late)
	if err != nil {
		return nil, err
	}
	var notes []Document
	for _, c := range originals {
		wanted := purchases{}
		for i := range c.refunds {
			wanted.want(&c.refunds[i])
		}
		if _, err := s.recountInvoice(ctx, &c.original, wanted); err != nil {
			return nil, err
		}
		note := s.blank(b, m, s.sellerIndex[c.original.SellerID], c.original.Reference)
		note.Kind = CreditNote
		if c.original.Kind == Basis {
			note.Kind = Basis
		}
		note.Original = c.original.named()
		parts, err := c.parts(note, wanted)
		if err != nil {
			return nil, err
		}
		notes = append(notes, parts...)
	}
	return notes, nil
}

// originals finds the document on which each refunded purchase is billed.
func (s *Service) originals(ctx context.Context, company travel.CompanyID, late []travel.Entry) ([]*credited, error) {
	months := map[credit.Month][]Document{}
	found := map[DocumentID]*credited{}
	for i := range late {
		e := &late[i]
		if err := sound(e); err != nil {
			return nil, err
		}
		if _, known := s.sellerIndex[e.Ticket.Seller]; !known {
			return nil, &Problem{Reason: ReasonUnknownSeller, Detail: e.Ticket.Seller}
		}
		documents, read := months[e.Month]
		if !read {
			var err error
			if documents, err = s.documents(ctx, DocumentQuery{Company: company, Month: e.Month}); err != nil {
				return nil, err
			}
			documents = standing(documents)
			months[e.Month] = documents
		}
		j := slices.IndexFunc(documents, func(d Document) bool { return s.billed(&d, e) })
		if j < 0 {
			return nil, fmt.Errorf("%w: refund %s is of a purchase that no document of %s bills", travel.ErrDrift, e.ID, e.Month)
		}
		c := found[documents[j].ID]
		if c == nil {
			c = &credited{original: documents[j]}
			found[documents[j].ID] = c
		}
		c.refunds = append(c.refunds, *e)
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *credited) int {
		return cmp.Or(cmp.Compare(a.original.Month, b.original.Month), cmp.Compare(a.original.Number, b.original.Number), a.original.ID.Compare(b.original.ID))
	}), nil
}

// billed tells whether a document that bills the month of a refund bills its
// purchase, and has not netted the refund.
func (s *Service) billed(d *Document, refund *travel.Entry) bool {
	i := d.index(refund.Department)
	return i >= 0 && refund.Billing > d.Netted && s.sellerID(refund.Ticket.Seller) == d.SellerID && d.bounds(i, refund.Of)
}

// standing returns the documents that bill and were not canceled.
func standing(documents []Document) []Document {
	canceled := map[DocumentID]bool{}
	for _, d := range documents {
		if d.Cancels {
			canceled[d.Original.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(documents), func(d Document) bool { return d.Original != nil || canceled[d.ID] })
}

// documents reads all documents of a query.
func (s *Service) documents(ctx context.Context, q DocumentQuery) ([]Document, error) {
	var all []Document
	for d, err := range s.eachDocument(ctx, q) {
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// eachDocument reads the documents of a query, a page at a time.
func (s *Service) eachDocument(ctx context.Context, q DocumentQuery) iter.Seq2[Document, error] {
	q.Limit = page
	return func(yield func(Document, error) bool) {
		for {
			var some []Document
			err := s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
				some, err = tx.Documents(ctx, q)
				return err
			})
			if err != nil {
				yield(Document{}, err)
				return
			}
			for _, d := range some {
				if !yield(d, nil) {
					return
				}
			}
			if len(some) < page {
				return
			}
			q.After = some[len(some)-1].ID
		}
	}
}

// page is how many records are read at a time.
const page = 200

// parts returns the document of the refunds, or several when the VAT would
// drift too far from its rate. The nets of the purchases are known.
func (c *credited) parts(note Document, wanted purchases) ([]Document, error) {
	t, err := c.tally(wanted, nil)
	if err != nil {
		return nil, err
	}
	if !t.tooFar() {
		return whole(note, t), nil
	}
	var cut cutter
	for i, d := range c.departments() {
		for j := range c.refunds {
			e := &c.refunds[j]
			if e.Department != d {
				continue
			}
			net, err := t.net(t.sections[i], e)
			if err != nil {
				return nil, err
			}
			cut.add(i, e.ID, &e.Ticket, lean{exact: drift(net, e.Gross-net, e.Ticket.VATRate)})
		}
	}
	var parts []Document
	for _, p := range cut.parts {
		t, err := c.tally(wanted, &p)
		if err != nil {
			return nil, err
		}
		note.From, note.Through = p.from, p.through
		parts = append(parts, whole(note, t)...)
	}
	return parts, nil
}

// departments returns those of the refunds, in the order of the original.
func (c *credited) departments() []travel.DepartmentID {
	var ids []travel.DepartmentID
	for _, d := range c.original.Departments {
		if slices.ContainsFunc(c.refunds, func(e travel.Entry) bool { return e.Department == d.ID }) {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// tally tallies the refunds, or a part of them.
func (c *credited) tally(wanted purchases, p *part) (*tally, error) {
	t := &tally{wanted: wanted, credits: true}
	departments := c.departments()
	first, last := 0, len(departments)-1
	var bounds Document
	if p != nil {
		first, last = p.first, p.last
		bounds.From, bounds.Through = p.from, p.through
	}
	bounds.Departments = make([]DepartmentTotal, last-first+1)
	for i, d := range departments[first : last+1] {
		section := t.section(d)
		for j := range c.refunds {
			e := &c.refunds[j]
			if e.Department != d || !bounds.bounds(i, e.ID) {
				continue
			}
			if err := t.add(section, e); err != nil {
				return nil, err
			}
		}
	}
	return t, t.settle()
}
