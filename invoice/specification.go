package invoice

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/csvsafe"
	"github.com/tjansteresor/tjansteresor/travel"
)

// erased stands for what is not known of a person, or not any more (R44).
const erased = "–"

type specification struct{ printer }

func (specification) Format() Format {
	return Format{Name: "specification", MediaType: "text/plain; charset=utf-8", Extension: "txt"}
}

func (r specification) Render(_ context.Context, w io.Writer, d Document, lines iter.Seq2[Line, error]) error {
	t := textPage{bufio.NewWriter(w)}
	t.row(field{r.say("SPECIFIKATION", "SPECIFICATION") + " " + d.Month.String() + ", " + d.Buyer.Name, 0})
	t.row(field{r.title(d) + ", " + r.say("er referens", "your reference") + " " + d.Reference, 0})
	at := -1
	for l, err := range lines {
		if err != nil {
			return err
		}
		for at < 0 || d.Departments[at].ID != l.Entry.Department {
			r.subtotal(t, d, at)
			if at++; at == len(d.Departments) {
				return fmt.Errorf("%w: line %s is of a department that is not on the document", travel.ErrDrift, l.Entry.ID)
			}
			r.heading(t, d.Departments[at])
		}
		r.line(t, d.Departments[at], &l)
	}
	r.subtotal(t, d, at)
	t.blank()
	r.sum(t, r.say("Summa", "Total")+" "+d.Currency, d.Lines, d.VAT, d.Gross)
	return t.out.Flush()
}

func (r specification) heading(t textPage, d DepartmentTotal) {
	t.blank()
	t.row(field{r.department(d), 0})
	r.row(t, r.say("Köpt", "Bought"), r.say("Resenär", "Traveler"), r.say("Anst.nr", "Empl. no."), r.say("Biljett", "Ticket"), r.say("Moms", "VAT"), r.say("Belopp", "Amount"))
}

func (r specification) row(t textPage, bought, traveler, employee, ticket, vat, amount string) {
	t.row(field{" " + bought, 17}, field{traveler, 24}, field{employee, 9}, field{ticket, 46}, field{vat, -9}, field{amount, -10})
}

func (r specification) line(t textPage, d DepartmentTotal, l *Line) {
	e := &l.Entry
	ticket := r.ticketText(e.Ticket)
	if e.Kind == travel.EntryRefund {
		ticket = r.say("Återbetalning: ", "Refund: ") + ticket
	}
	p := e.Personal
	r.row(t, e.PurchasedAt.In(r.zone).Format("2006-01-02 15:04"), cmp.Or(p.Name, erased), p.EmployeeNumber, ticket, r.money(l.VAT), r.money(l.Gross))
	detail := r.say("Syfte: ", "Purpose: ") + cmp.Or(strings.Join(strings.Fields(p.Purpose), " "), erased)
	if e.DepartmentName != d.Name {
		detail += " (" + r.say("avdelning vid köpet: ", "department at the purchase: ") + e.DepartmentName + ")"
	}
	t.row(field{"   " + detail, 0})
}

func (r specification) subtotal(t textPage, d Document, at int) {
	if at >= 0 {
		s := d.Departments[at]
		r.sum(t, " "+r.say("Summa", "Total")+" "+r.department(s), s.Lines, s.VAT, s.Gross)
	}
}

func (r specification) sum(t textPage, name string, lines int, vat, gross credit.Amount) {
	count := strconv.Itoa(lines) + " " + r.say("rader", "lines")
	if lines == 1 {
		count = r.say("1 rad", "1 line")
	}
	t.row(field{name, 52}, field{count, 46}, field{r.money(vat), -9}, field{r.money(gross), -10})
}

type csvRenderer struct{ printer }

func (csvRenderer) Format() Format {
	return Format{Name: "csv", MediaType: "text/csv; charset=utf-8", Extension: "csv"}
}

func (r csvRenderer) Render(_ context.Context, w io.Writer, d Document, lines iter.Seq2[Line, error]) error {
	out := csvsafe.NewWriter(w)
	err := out.Write(
		r.say("Dokument", "Document"), r.say("Månad", "Month"), r.say("Referens", "Reference"),
		r.say("Avdelning", "Department"), r.say("Resenär", "Traveler"), r.say("Anställningsnummer", "Employee number"),
		r.say("Köpt", "Bought"), r.say("Typ", "Kind"), r.say("Biljett", "Ticket"), r.say("Resenärskategori", "Traveler category"),
		r.say("Zoner", "Zones"), r.say("Från", "From"), r.say("Till", "To"), r.say("Biljett-id", "Ticket id"),
		r.say("Momssats %", "VAT rate %"), r.say("Netto", "Net"), r.say("Moms", "VAT"), r.say("Belopp", "Amount"),
		r.say("Syfte", "Purpose"),
	)
	if err != nil {
		return err
	}
	for l, err := range lines {
		if err == nil {
			err = r.write(out, d, &l)
		}
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

func (r csvRenderer) write(out *csvsafe.Writer, d Document, l *Line) error {
	e, t := &l.Entry, &l.Entry.Ticket
	kind := r.say("Köp", "Purchase")
	if e.Kind == travel.EntryRefund {
		kind = r.say("Återbetalning", "Refund")
	}
	return out.Write(
		d.Label(), d.Month.String(), d.Reference, e.DepartmentName, cmp.Or(e.Personal.Name, erased), e.Personal.EmployeeNumber,
		e.PurchasedAt.In(r.zone).Format("2006-01-02 15:04:05"), kind, cmp.Or(t.ProductName, t.Product), t.Category,
		strings.Join(t.Zones, " "), t.From, t.To, t.ID,
		printer{}.percent(t.VATRate), commas(l.Net), commas(l.VAT), commas(l.Gross), cmp.Or(e.Personal.Purpose, erased),
	)
}

// commas writes an amount for Swedish Excel: 1500,00.
func commas(a credit.Amount) string { return strings.Replace(a.String(), ".", ",", 1) }
