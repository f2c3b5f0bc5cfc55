package peppol

import (
	"cmp"
	"iter"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// row is a line of the e-invoice.
type row struct {
	// quantity is negative for what is given back: a price never is (BR-27).
	quantity                                      int64
	net                                           credit.Amount
	price                                         price
	name, description, product, ticket, note, day string
	cost                                          string
	category                                      string
	rate                                          int
	properties                                    []property
	// line is the first of the document's lines that it holds, from 0.
	line int
}

type property struct{ name, value string }

// price is per piece, in 10^-decimals kronor.
type price struct {
	units    int64
	decimals int
}

// priceOf returns the price of each of n pieces that are net together, with so
// many decimals that n of them are net to the öre (R120 allows 0.02).
func priceOf(net credit.Amount, n int64) price {
	whole, rest := int64(net)/n, int64(net)%n
	p := price{decimals: 2}
	for scale := int64(1); ; scale *= 10 {
		part := rest * scale
		half := n / 2
		if part < 0 {
			half = -half
		}
		part = (part + half) / n
		if off := 2 * (part*n - rest*scale); max(off, -off) < scale {
			p.units = whole*scale + part
			return p
		}
		p.decimals++
	}
}

// rows returns the lines of the e-invoice. A row is valid until the next.
func (r *Renderer) rows(d *document, lines iter.Seq2[invoice.Line, error]) iter.Seq2[*row, error] {
	if r.options.Style == Products {
		return r.products(d, lines)
	}
	return r.tickets(d, lines)
}

func (r *Renderer) tickets(d *document, lines iter.Seq2[invoice.Line, error]) iter.Seq2[*row, error] {
	return func(yield func(*row, error) bool) {
		var x row
		n := 0
		for l, err := range lines {
			if err != nil {
				yield(nil, err)
				return
			}
			r.ticket(&x, d, &l)
			x.line = n
			if n++; !yield(&x, nil) {
				return
			}
		}
	}
}

// ticket makes the row of one line.
func (r *Renderer) ticket(x *row, d *document, l *invoice.Line) {
	e, t := &l.Entry, &l.Entry.Ticket
	properties := x.properties[:0]
	*x = row{
		quantity: sign(l), net: l.Net, category: t.VATCategory, rate: t.VATRate,
		name: cmp.Or(t.ProductName, t.Product), description: d.where(t), product: t.Product, ticket: t.ID,
		cost: d.lineCost(e.Department),
	}
	x.price = price{units: int64(l.Net) * x.quantity, decimals: 2}
	if x.name != "" && t.Category != "" {
		x.name += ", " + t.Category
	}
	x.name = d.refunded(x.name, e)
	add := func(name, value string) {
		if value = strings.Join(strings.Fields(value), " "); value != "" {
			properties = append(properties, property{name, value})
		}
	}
	if x.day = r.day(e.PurchasedAt); !d.covers(x.day) {
		add(d.say("Köpdatum", "Date of purchase"), x.day)
		x.day = ""
	}
	if e.Kind == travel.EntryRefund {
		add(d.say("Återbetald", "Refunded"), r.day(e.At))
	}
	add(d.say("Anställningsnummer", "Employee number"), e.Personal.EmployeeNumber)
	if d.PersonalLines {
		add(d.say("Resenär", "Traveler"), e.Personal.Name)
		x.note = strings.Join(strings.Fields(e.Personal.Purpose), " ")
	}
	add(d.say("Pris inkl. moms", "Price incl. VAT"), l.Gross.String())
	x.properties = properties
}

// sign is -1 for what lowers the document.
func sign(l *invoice.Line) int64 {
	if l.Gross < 0 || l.Gross == 0 && l.Net < 0 {
		return -1
	}
	return 1
}

// product tells apart what stands on a line of its own.
type product struct {
	code, name, category, cost string
	rate                       int
	sign                       int64
}

// products adds the lines up. Memory grows with products.
func (r *Renderer) products(d *document, lines iter.Seq2[invoice.Line, error]) iter.Seq2[*row, error] {
	return func(yield func(*row, error) bool) {
		found := map[product]*row{}
		var order []*row
		n := 0
		for l, err := range lines {
			if err != nil {
				yield(nil, err)
				return
			}
			t := &l.Entry.Ticket
			key := product{
				code: t.Product, name: cmp.Or(t.ProductName, t.Product), category: t.VATCategory, rate: t.VATRate,
				cost: d.lineCost(l.Entry.Department), sign: sign(&l),
			}
			x := found[key]
			if x == nil {
				x = &row{name: d.refunded(key.name, &l.Entry), product: key.code, cost: key.cost, category: key.category, rate: key.rate, line: n}
				found[key] = x
				order = append(order, x)
			}
			x.quantity += key.sign
			x.net += l.Net
			n++
		}
		for _, x := range order {
			x.price = priceOf(x.net*credit.Amount(x.quantity/max(x.quantity, -x.quantity)), max(x.quantity, -x.quantity))
			if !yield(x, nil) {
				return
			}
		}
	}
}

// lineCost returns the cost center of a line, where the document has not one
// for all.
func (d *document) lineCost(department travel.DepartmentID) string {
	if d.cost != "" {
		return ""
	}
	return d.costs[department]
}

// covers tells whether a day lies in the month of the document. One that does
// not may not stand as the period of a line (R110, R111).
func (d *document) covers(day string) bool { return d.first <= day && day <= d.last }

func (d *document) say(swedish, english string) string {
	if d.Language == "en" {
		return english
	}
	return swedish
}

// refunded says that a line is a refund, where that is not what all are.
func (d *document) refunded(name string, e *travel.Entry) string {
	if e.Kind == travel.EntryRefund && (!d.credits || d.Cancels) && name != "" {
		return d.say("Återbetalning: ", "Refund: ") + name
	}
	return name
}

// where says where a ticket is valid.
func (d *document) where(t *travel.Ticket) string {
	switch {
	case t.From != "" || t.To != "":
		return t.From + "–" + t.To
	case len(t.Zones) > 0:
		return d.say("Zon ", "Zone ") + strings.Join(t.Zones, " ")
	}
	return ""
}
