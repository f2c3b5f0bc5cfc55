package invoice

import (
	"cmp"
	"fmt"
	"hash"
	"slices"

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
	category := categoryOf(ticket)
	for i, c := range t.columns {
		if c.rate == ticket.VATRate && c.category == category {
			if c.reason == "" || ticket.VATReason != "" && ticket.VATReason < c.reason {
				c.reason = ticket.VATReason
			}
			return i
		}
	}
	t.columns = append(t.columns, &column{
		rate: ticket.VATRate, category: category, reason: ticket.VATReason, fraction: netFraction(ticket.VATRate),
	})
	return len(t.columns) - 1
}

func categoryOf(ticket *travel.Ticket) string {
	switch {
	case ticket.VATCategory != "":
		return ticket.VATCategory
	case ticket.VATRate == 0:
		return "Z"
	}
	return "S"
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
	i := t.column(&e.Ticket)
	c := s.cell(i)
	s.lines++
	t.scratch = appendFacts(t.scratch[:0], e)
	s.hash.Write(t.scratch)
	if e.Kind == travel.EntryCapture || t.credits || s.name == "" {
		s.name = e.DepartmentName
	}
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
