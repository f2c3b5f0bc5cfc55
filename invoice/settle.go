package invoice

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// settle shares out the öre that are missing, and with that everything is
// known: the sums of departments and rates, and the net of each line.
func (t *tally) settle() error {
	for i, col := range t.columns {
		col.settle(t.sections, i)
	}
	for _, p := range t.placed {
		p.net, p.known = p.floor, true
		if p.column.sharing.gets(p.remainder, p.cell.ahead+p.rank) {
			p.net++
		}
	}
	for _, r := range t.refunds {
		if !r.of.known {
			return fmt.Errorf("%w: a refund of %s öre has no purchase on its document", travel.ErrDrift, r.gross)
		}
		net := mirror(r.of.net, r.before, r.gross, r.whole)
		vat := r.gross - net
		if !t.credits {
			net, vat = -net, -vat
		}
		r.cell.net += net
		r.cell.vat += vat
	}
	for _, s := range t.sections {
		s.settle()
	}
	return nil
}

// settle finds out which lines of a rate get a missing öre, and adds up the
// lines that are priced by it.
func (col *column) settle(sections []*section, i int) {
	var gross, floors credit.Amount
	remainders := make([]int64, col.fraction.den)
	for _, s := range sections {
		if c := s.at(i); c != nil {
			gross += c.priced
			floors += c.floors
			for r, n := range c.remainders {
				remainders[r] += n
			}
		}
	}
	col.sharing = shareOut(int64(gross-vatIn(gross, col.rate)-floors), remainders)
	var ahead int64
	for _, s := range sections {
		if c := s.at(i); c != nil {
			c.ahead = ahead
			ahead += c.count(col.sharing.threshold)
			net := c.floors + credit.Amount(c.extra(col.sharing))
			c.net += net
			c.vat += c.priced - net
		}
	}
}

func (s *section) at(column int) *cell {
	if column < len(s.cells) {
		return s.cells[column]
	}
	return nil
}

func (c *cell) count(remainder int) int64 {
	if remainder < len(c.remainders) {
		return c.remainders[remainder]
	}
	return 0
}

// extra returns how many lines of the cell get one öre more.
func (c *cell) extra(sh sharing) int64 {
	n := min(c.count(sh.threshold), max(0, sh.ties-c.ahead))
	for r := sh.threshold + 1; r < len(c.remainders); r++ {
		n += c.remainders[r]
	}
	return n
}

// gets tells whether a line gets an öre more; rank is how many lines with the
// same remainder stand before it.
func (sh sharing) gets(remainder int, rank int64) bool {
	return remainder > sh.threshold || remainder == sh.threshold && rank < sh.ties
}

func (s *section) settle() {
	s.total = DepartmentTotal{ID: s.id, Name: s.name, Lines: s.lines}
	for _, c := range s.cells {
		if c != nil {
			s.total.Net += c.net
			s.total.VAT += c.vat
		}
	}
	s.total.Gross = s.total.Net + s.total.VAT
}

// line returns the share of a line. Lines are handed out in their order.
func (t *tally) line(s *section, e *travel.Entry) (Line, error) {
	net, err := t.net(s, e)
	if err != nil {
		return Line{}, err
	}
	l := Line{Entry: *e, Net: net, VAT: e.Gross - net, Gross: e.Gross}
	if e.Kind == travel.EntryRefund && !t.credits {
		l.Net, l.VAT, l.Gross = -l.Net, -l.VAT, -l.Gross
	}
	return l, nil
}

func (t *tally) net(s *section, e *travel.Entry) (credit.Amount, error) {
	switch {
	case e.Kind == travel.EntryRefund:
		of := t.purchaseOf(e)
		if of == nil || !of.known {
			return 0, fmt.Errorf("%w: refund %s was not there when its document was drafted", errMoved, e.ID)
		}
		return mirror(of.net, e.Before, e.Gross, e.OfGross), nil
	case e.Stated:
		return e.Net, nil
	}
	i := t.column(&e.Ticket)
	c, col := s.at(i), t.columns[i]
	if c == nil {
		return 0, fmt.Errorf("%w: line %s was not there when its document was drafted", errMoved, e.ID)
	}
	floor, remainder := col.fraction.floor(e.Gross)
	rank := c.ahead + c.seen
	if remainder == col.sharing.threshold {
		c.seen++
	}
	if col.sharing.gets(remainder, rank) {
		floor++
	}
	return floor, nil
}

// order returns the indexes of the columns, ascending by rate and category.
func (t *tally) order() []int {
	order := make([]int, len(t.columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := t.columns[i], t.columns[j]
		return cmp.Or(cmp.Compare(a.rate, b.rate), cmp.Compare(a.category, b.category))
	})
	return order
}

// rates returns the sums of each rate and category, ascending.
func (t *tally) rates() []RateTotal {
	var rates []RateTotal
	for _, i := range t.order() {
		col := t.columns[i]
		r := RateTotal{Rate: col.rate, Category: col.category, Reason: col.reason}
		for _, s := range t.sections {
			if c := s.at(i); c != nil {
				r.Net += c.net
				r.VAT += c.vat
			}
		}
		r.Gross = r.Net + r.VAT
		rates = append(rates, r)
	}
	return rates
}

// fill puts the sums on a document.
func (t *tally) fill(d *Document) {
	d.Departments, d.Net, d.VAT, d.Gross, d.Lines = nil, 0, 0, 0, 0
	for _, s := range t.sections {
		d.Departments = append(d.Departments, s.total)
		d.Net += s.total.Net
		d.VAT += s.total.VAT
		d.Gross += s.total.Gross
		d.Lines += s.lines
	}
	d.Rates = t.rates()
	d.LinesHash = t.linesHash()
}

// tooFar tells whether the VAT of some rate is too far off it.
func (t *tally) tooFar() bool {
	return slices.ContainsFunc(t.rates(), func(r RateTotal) bool { return tooFar(drift(r.Net, r.VAT, r.Rate)) })
}
