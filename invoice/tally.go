package invoice

import (
	"fmt"
	"hash"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// tally sums up the lines of one document in one pass, and keeps what is needed
// to give each line its exact share of net and VAT afterwards: per department
// and rate, how many lines have which remainder. Its memory does not grow with
// the lines, but for the purchases that refunds ask for.
//
// Lines are added in ascending order within a department, departments in any
// order; then sections are put in the order of the document, and settle is
// called once.
type tally struct {
	sections []*section
	columns  []*column
	wanted   purchases
	placed   []*purchase
	refunds  []mirrored
	// credits tells that refunds are what the document is about; else they are
	// subtracted.
	credits bool
	scratch []byte
}

// purchases are the captures that refunds mirror, by entry.
type purchases map[travel.EntryID]*purchase

// purchase is a capture that was refunded: its own net is known when the
// document that bills it is settled.
type purchase struct {
	net   credit.Amount
	known bool

	cell      *cell
	column    *column
	floor     credit.Amount
	remainder int
	rank      int64
}

// mirrored is a refund that waits for the net of its purchase.
type mirrored struct {
	cell                 *cell
	of                   *purchase
	before, gross, whole credit.Amount
}

// column is one VAT rate and category of a document.
type column struct {
	rate     int
	category string
	reason   string
	fraction fraction
	sharing  sharing
}

// section is one department of a document.
type section struct {
	id    travel.DepartmentID
	name  string
	lines int
	hash  hash.Hash
	cells []*cell // by column; nil where the department has none
	total DepartmentTotal
}

// cell is one department's lines of one rate.
type cell struct {
	// priced is the sum of the prices that are split by the rate, floors that
	// of their nets rounded down, and remainders how many lines have each
	// remainder.
	priced, floors credit.Amount
	remainders     []int64
	// ahead is how many lines of earlier departments stand at the threshold,
	// seen how many of this one were handed out.
	ahead, seen int64
	// net and vat are the sums: first of what enters as it is, and of all when
	// settled.
	net, vat credit.Amount
}

func (t *tally) section(id travel.DepartmentID) *section {
	s := &section{id: id, hash: newLinesHash()}
	t.sections = append(t.sections, s)
	return s
}

func (t *tally) column(ticket *travel.Ticket) int {
	for i, c := range t.columns {
		if c.rate == ticket.VATRate && c.category == ticket.VATCategory {
			if c.reason == "" || ticket.VATReason != "" && ticket.VATReason < c.reason {
				c.reason = ticket.VATReason
			}
			return i
		}
	}
	t.columns = append(t.columns, &column{
		rate: ticket.VATRate, category: ticket.VATCategory, reason: ticket.VATReason, fraction: netFraction(ticket.VATRate),
	})
	return len(t.columns) - 1
}

func (s *section) cell(column int) *cell {
	for len(s.cells) <= column {
		s.cells = append(s.cells, nil)
	}
	if s.cells[column] == nil {
		s.cells[column] = &cell{}
	}
	return s.cells[column]
}

// add adds a line to a department.
func (t *tally) add(s *section, e *travel.Entry) error {
	if err := sound(e); err != nil {
		return err
	}
	i, c := t.enter(s, e)
	switch {
	case e.Kind == travel.EntryRefund:
		return t.refund(c, e)
	case e.Stated:
		c.net += e.Net
		c.vat += e.VAT
	default:
		t.price(t.columns[i], c, e)
	}
	return nil
}

// addShared adds a line whose net is known.
func (t *tally) addShared(s *section, l *Line) error {
	if err := sound(&l.Entry); err != nil {
		return err
	}
	_, c := t.enter(s, &l.Entry)
	c.net += l.Net
	c.vat += l.VAT
	return nil
}

// enter counts a line and returns where its sums go.
func (t *tally) enter(s *section, e *travel.Entry) (column int, c *cell) {
	s.lines++
	t.scratch = appendFacts(t.scratch[:0], e)
	s.hash.Write(t.scratch)
	if e.Kind == travel.EntryCapture || t.credits || s.name == "" {
		s.name = e.DepartmentName
	}
	column = t.column(&e.Ticket)
	return column, s.cell(column)
}

// price adds a line whose net follows from its rate.
func (t *tally) price(col *column, c *cell, e *travel.Entry) {
	if c.remainders == nil {
		c.remainders = make([]int64, col.fraction.den)
	}
	floor, remainder := col.fraction.floor(e.Gross)
	if p := t.wanted[e.ID]; p != nil {
		p.cell, p.column, p.floor, p.remainder, p.rank = c, col, floor, remainder, c.remainders[remainder]
		t.placed = append(t.placed, p)
	}
	c.priced += e.Gross
	c.floors += floor
	c.remainders[remainder]++
}

func (t *tally) refund(c *cell, e *travel.Entry) error {
	of := t.purchaseOf(e)
	if of == nil {
		return fmt.Errorf("%w: refund %s is newer than the draft", errMoved, e.ID)
	}
	t.refunds = append(t.refunds, mirrored{cell: c, of: of, before: e.Before, gross: e.Gross, whole: e.OfGross})
	return nil
}

// purchaseOf returns the purchase that a refund mirrors. What the seller has
// stated of it stands on the refund too.
func (t *tally) purchaseOf(e *travel.Entry) *purchase {
	if e.Stated {
		return &purchase{net: e.Net, known: true}
	}
	return t.wanted[e.Of]
}

// want asks for the own net of the purchase that a refund mirrors.
func (w purchases) want(e *travel.Entry) {
	if !e.Stated && w[e.Of] == nil {
		w[e.Of] = &purchase{}
	}
}

// sound returns an error for an entry that no store may return: the arithmetic
// would go wrong silently.
func sound(e *travel.Entry) error {
	ok := e.Gross > 0 && e.Ticket.VATRate >= 0 && e.Ticket.VATRate <= wholeRate
	switch e.Kind {
	case travel.EntryCapture:
		ok = ok && e.Month == e.Billing && (!e.Stated || e.Net >= 0 && e.VAT >= 0 && e.Net+e.VAT == e.Gross)
	case travel.EntryRefund:
		ok = ok && e.Month <= e.Billing && !e.Of.IsZero() && e.Before >= 0 && e.Before+e.Gross <= e.OfGross &&
			(!e.Stated || e.Net >= 0 && e.VAT >= 0 && e.Net+e.VAT == e.OfGross)
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("%w: entry %s does not add up", travel.ErrDrift, e.ID)
	}
	return nil
}
