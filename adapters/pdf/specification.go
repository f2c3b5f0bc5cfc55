package pdf

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	row    = style{size: 8, ink: black}
	rowSum = style{size: 8, ink: black, bold: true}

	departmentName = style{size: 10, ink: blue, bold: true}
)

type specificationRenderer struct{ *Printer }

// Format says that a PDF is written.
func (specificationRenderer) Format() invoice.Format {
	return invoice.Format{Name: "specification-pdf", MediaType: "application/pdf", Extension: "pdf"}
}

// Render writes the specification.
func (r specificationRenderer) Render(ctx context.Context, w io.Writer, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	title := r.words.Say("SPECIFIKATION", "SPECIFICATION")
	p := paperSpecification{words: r.words, sheet: r.newSheet(landscape, &d, title+", "+r.words.name(&d)), d: &d, at: -1}
	p.table = table{sheet: p.sheet, heading: style{size: 7.5, ink: gray, bold: true}, pad: 0.9, again: p.continued}
	p.table.columns = p.layout()
	p.page()
	p.head = p.runningHead
	p.opening(title)
	for l, err := range lines {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = p.line(&l)
		}
		if err != nil {
			return err
		}
	}
	if err := p.close(len(d.Departments)); err != nil {
		return err
	}
	p.y += 3
	p.sum(p.Say("Summa", "Total")+" "+d.Currency, d.Lines, d.Net, d.VAT, d.Gross)
	return p.finish(w, p.foot)
}

// paperSpecification is a specification that is being set.
type paperSpecification struct {
	words
	*sheet
	d     *invoice.Document
	table table
	// at is the department whose lines are being set, and so far what they come
	// to.
	at    int
	sofar invoice.DepartmentTotal
}

func (p *paperSpecification) layout() []column {
	return columns(p.left, 3,
		column{title: p.Say("Köpt", "Bought"), width: 24},
		column{title: p.Say("Biljett", "Ticket"), width: 58},
		column{title: p.Say("Resenär", "Traveler"), width: 38},
		column{title: p.Say("Anst.nr", "Empl. no."), width: 18},
		column{title: p.Say("Syfte", "Purpose"), width: 57},
		column{title: p.Say("Netto", "Net"), width: 17, figures: true},
		column{title: p.Say("Moms", "VAT"), width: 16, figures: true},
		column{title: p.Say("Belopp", "Amount"), width: 18, figures: true},
	)
}

// opening sets what the first page begins with.
func (p *paperSpecification) opening(title string) {
	const right, width = 165.0, 117.0
	large := style{size: 17, ink: black, bold: true}
	y := p.block(large, p.left, p.y, width, title)
	y = p.block(strong, p.left, y+0.5, width, p.name(p.d)+", "+p.month(p.d.Month))
	y = p.block(body, p.left, y, width, p.d.Seller.Name)
	at := p.block(caption, right, p.y+1, width, p.Say("Köpare", "Buyer"))
	at = p.block(strong, right, at, width, p.d.Buyer.Name)
	at = p.block(caption, right, at+1, width, p.Say("Er referens", "Your reference"))
	p.y = max(y, p.block(strong, right, at, width, p.d.Reference)) + 6
	p.fresh = p.y
}

// runningHead stands on every page but the first.
func (p *paperSpecification) runningHead() {
	const right, width = 165.0, 117.0
	y := p.block(small, p.left, p.y, width, p.name(p.d)+", "+p.month(p.d.Month))
	p.y = max(y, p.block(small, right, p.y, width, p.d.Buyer.Name)) + 3
}

// line sets a row, after what ends one department and begins the next.
func (p *paperSpecification) line(l *invoice.Line) error {
	e := &l.Entry
	for p.at < 0 || p.d.Departments[p.at].ID != e.Department {
		if err := p.close(p.at + 1); err != nil {
			return err
		}
		if p.at++; p.at == len(p.d.Departments) {
			return fmt.Errorf("%w: line %s is of a department that is not on the document", travel.ErrDrift, e.ID)
		}
		p.sofar = invoice.DepartmentTotal{}
	}
	texts := [...]string{
		p.Minute(e.PurchasedAt), p.Ticket(e), p.Known(p.fonts.clean(e.Personal.Name)), e.Personal.EmployeeNumber,
		p.purpose(e, &p.d.Departments[p.at]), p.Money(l.Net), p.Money(l.VAT), p.Money(l.Gross),
	}
	if p.sofar.Lines == 0 {
		p.open(texts[:])
	}
	p.sofar.Lines++
	p.sofar.Net += l.Net
	p.sofar.VAT += l.VAT
	p.sofar.Gross += l.Gross
	p.table.keep = 0
	if p.sofar.Lines == p.d.Departments[p.at].Lines {
		p.table.keep = sumsHigh
	}
	p.table.row(row, p.table.columns, true, texts[:]...)
	return nil
}

// sumsHigh is how much the sums at the end of a department need: they stand on
// the page of its last row.
const sumsHigh = 14

// open begins a department, on a page that has room for its first row.
func (p *paperSpecification) open(first []string) {
	if p.at > 0 && p.y > p.fresh {
		p.y += 5
	}
	t := &p.table
	p.need(p.high(departmentName, p.right-p.left, p.Department(&p.d.Departments[p.at])) + t.headHigh() + t.rowHigh(row, t.columns, first) + sumsHigh)
	begun := p.y <= p.fresh
	p.heading("")
	t.heads()
	if begun {
		p.fresh = p.y
	}
}

func (p *paperSpecification) heading(more string) {
	name := p.Department(&p.d.Departments[p.at]) + more
	p.y = p.block(departmentName, p.left, p.y, p.right-p.left, name) + 0.5
}

// continued is what stands over a department's rows on the pages that follow.
func (p *paperSpecification) continued() { p.heading(p.Say(" (forts.)", " (cont.)")) }

// close ends a department, if one is open, and compares what its lines come to
// with the document; next is the one that begins.
func (p *paperSpecification) close(next int) error {
	if p.at < 0 {
		return p.missing(next)
	}
	want := p.d.Departments[p.at]
	got := p.sofar
	got.ID, got.Name = want.ID, want.Name
	if got != want {
		return fmt.Errorf("%w: department %s has %d lines of %s, and the document says %d of %s",
			travel.ErrDrift, want.ID, got.Lines, got.Gross, want.Lines, want.Gross)
	}
	p.sum(p.Say("Summa", "Total")+" "+p.Department(&want), want.Lines, want.Net, want.VAT, want.Gross)
	return p.missing(next)
}

// missing tells of departments that should have come before the next.
func (p *paperSpecification) missing(next int) error {
	if next > p.at+1 {
		return fmt.Errorf("%w: department %s has no lines", travel.ErrDrift, p.d.Departments[p.at+1].ID)
	}
	return nil
}

// sum sets a row of sums.
func (p *paperSpecification) sum(name string, lines int, net, vat, gross credit.Amount) {
	c := p.table.columns
	p.table.keep = 0
	p.table.row(rowSum, []column{over(c[:4]...), c[4], c[5], c[6], c[7]}, false, name, p.Count(lines), p.Money(net), p.Money(vat), p.Money(gross))
}

func (p *paperSpecification) foot(page, of int) {
	y := p.bottom + 1.5
	p.rule(y, 0.2, line)
	name := p.fonts.wrap(small, p.fonts.clean(p.d.Seller.Name), 180)[0]
	p.text(small, p.left, y+1, name)
	p.textRight(small, p.right, y+1, 60, p.pageOf(page, of))
}
