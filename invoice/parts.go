package invoice

import (
	"context"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// parts returns the documents of one reference and seller: one, unless VAT as
// the sellers stated it, or refunds that mirror it, have drifted so far from
// the rate that it must be split; none when nothing is left to pay.
func (s *Service) parts(ctx context.Context, blank Document, t *tally) ([]Document, error) {
	if !t.tooFar() {
		return whole(blank, t), nil
	}
	cuts, err := s.cut(ctx, blank, t)
	if err != nil {
		return nil, err
	}
	var parts []Document
	for _, c := range cuts {
		part := c.of(blank)
		for _, section := range t.sections[c.first : c.last+1] {
			part.Departments = append(part.Departments, section.total)
		}
		counted, err := s.recountInvoice(ctx, &part, purchases{})
		if err != nil {
			return nil, err
		}
		parts = append(parts, whole(part, counted)...)
	}
	return parts, nil
}

// whole makes the document of a tally, or none when everything was refunded.
func whole(d Document, t *tally) []Document {
	t.fill(&d)
	if d.Gross == 0 {
		return nil
	}
	return []Document{d}
}

// cutter cuts lines that come in order into parts whose VAT stays near its
// rate. A line that is too far off alone becomes a part of its own: no split
// can help it.
type cutter struct {
	parts []part
	sums  map[rateKey]lean
	last  travel.EntryID
}

// part is a range of lines: departments first to last, from and through the
// first and the last line; zero at the ends of the whole.
type part struct {
	first, last   int
	from, through travel.EntryID
}

// of returns a document with the bounds of the part, within its own, and
// without departments.
func (p part) of(d Document) Document {
	d.Departments = nil
	if !p.from.IsZero() {
		d.From = p.from
	}
	if !p.through.IsZero() {
		d.Through = p.through
	}
	return d
}

type rateKey struct {
	rate     int
	category string
}

// lean is how far VAT is off its rate, in ten-thousandths of an öre: exact as
// far as it is known, and at most loose more in either direction.
type lean struct{ exact, loose int64 }

func (l lean) tooFar() bool { return tooFar(l.exact+l.loose) || tooFar(l.exact-l.loose) }

func (c *cutter) add(department int, id travel.EntryID, ticket *travel.Ticket, more lean) {
	key := rateKey{ticket.VATRate, ticket.VATCategory}
	switch {
	case len(c.parts) == 0:
		c.parts = append(c.parts, part{first: department, last: department})
		c.sums = map[rateKey]lean{}
	default:
		sum := c.sums[key]
		if (lean{sum.exact + more.exact, sum.loose + more.loose + rounding(key.rate)}).tooFar() {
			c.parts[len(c.parts)-1].through = c.last
			c.parts = append(c.parts, part{first: department, from: id})
			clear(c.sums)
		}
	}
	sum := c.sums[key]
	c.sums[key] = lean{sum.exact + more.exact, sum.loose + more.loose}
	c.parts[len(c.parts)-1].last = department
	c.last = id
}

// rounding bounds what the lines that are split by the rate add to the drift:
// their VAT is rounded once.
func rounding(rate int) int64 { return int64(wholeRate+rate)/2 + 1 }

// cut finds the parts of a document that bills. A purchase and its refunds stay
// together, so that no part is negative.
func (s *Service) cut(ctx context.Context, d Document, t *tally) ([]part, error) {
	d.Departments = nil
	for _, section := range t.sections {
		d.Departments = append(d.Departments, section.total)
	}
	refunded := map[travel.EntryID]credit.Amount{}
	for i := range d.Departments {
		for e, err := range s.entries(ctx, &d, nil, i, travel.EntryRefund) {
			if err != nil {
				return nil, err
			}
			if e.Kind == travel.EntryRefund {
				refunded[e.Of] += e.Gross
			}
		}
	}
	var c cutter
	for i := range d.Departments {
		for e, err := range s.entries(ctx, &d, nil, i, travel.EntryCapture) {
			if err != nil {
				return nil, err
			}
			if e.Kind == travel.EntryCapture {
				c.add(i, e.ID, &e.Ticket, leanOf(&e, refunded[e.ID]))
			}
		}
	}
	return c.parts, nil
}

// leanOf returns the drift of a purchase of which something was refunded.
func leanOf(e *travel.Entry, refunded credit.Amount) lean {
	rest := func(net credit.Amount) int64 {
		back := credit.Share(net, refunded, e.Gross)
		return drift(net-back, e.Gross-refunded-(net-back), e.Ticket.VATRate)
	}
	switch {
	case e.Stated:
		return lean{exact: rest(e.Net)}
	case refunded == 0:
		return lean{}
	}
	// The own net is known only when the part is: it is one of two. What the
	// purchase itself adds is in the rounding of the whole.
	floor, _ := netFraction(e.Ticket.VATRate).floor(e.Gross)
	var loose int64
	for own := floor; own <= floor+1; own++ {
		back := rest(own) - drift(own, e.Gross-own, e.Ticket.VATRate)
		loose = max(loose, back, -back)
	}
	return lean{loose: loose}
}
