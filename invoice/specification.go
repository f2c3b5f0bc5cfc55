package invoice

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/csvsafe"
	"github.com/tjansteresor/tjansteresor/travel"
)

type specification struct{ Words }

func (specification) Format() Format {
	return Format{Name: "specification", MediaType: "text/plain; charset=utf-8", Extension: "txt"}
}

func (r specification) Render(_ context.Context, w io.Writer, d Document, lines iter.Seq2[Line, error]) error {
	t := textPage{bufio.NewWriter(w)}
	t.row(field{r.Say("SPECIFIKATION", "SPECIFICATION") + " " + d.Month.String() + ", " + d.Buyer.Name, 0})
	t.row(field{r.Title(&d) + ", " + r.Say("er referens", "your reference") + " " + d.Reference, 0})
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
	r.sum(t, r.Say("Summa", "Total")+" "+d.Currency, d.Lines, d.VAT, d.Gross)
	return t.out.Flush()
}

func (r specification) heading(t textPage, d DepartmentTotal) {
	t.blank()
	t.row(field{r.Department(&d), 0})
	r.row(t, r.Say("Köpt", "Bought"), r.Say("Resenär", "Traveler"), r.Say("Anst.nr", "Empl. no."), r.Say("Biljett", "Ticket"), r.Say("Moms", "VAT"), r.Say("Belopp", "Amount"))
}

func (r specification) row(t textPage, bought, traveler, employee, ticket, vat, amount string) {
	t.row(field{" " + bought, 17}, field{traveler, 24}, field{employee, 9}, field{ticket, 46}, field{vat, -9}, field{amount, -10})
}

func (r specification) line(t textPage, d DepartmentTotal, l *Line) {
	e := &l.Entry
	p := e.Personal
	r.row(t, r.Minute(e.PurchasedAt), r.Known(p.Name), p.EmployeeNumber, r.Ticket(e), r.Money(l.VAT), r.Money(l.Gross))
	detail := r.Say("Syfte: ", "Purpose: ") + r.Known(strings.Join(strings.Fields(p.Purpose), " "))
	if e.DepartmentName != d.Name {
		detail += " (" + r.Say("avdelning vid köpet: ", "department at the purchase: ") + e.DepartmentName + ")"
	}
	t.row(field{"   " + detail, 0})
}

func (r specification) subtotal(t textPage, d Document, at int) {
	if at >= 0 {
		s := d.Departments[at]
		r.sum(t, " "+r.Say("Summa", "Total")+" "+r.Department(&s), s.Lines, s.VAT, s.Gross)
	}
}

func (r specification) sum(t textPage, name string, lines int, vat, gross credit.Amount) {
	t.row(field{name, 52}, field{r.Count(lines), 46}, field{r.Money(vat), -9}, field{r.Money(gross), -10})
}

type csvRenderer struct{ Words }

func (csvRenderer) Format() Format {
	return Format{Name: "csv", MediaType: "text/csv; charset=utf-8", Extension: "csv"}
}

func (r csvRenderer) Render(_ context.Context, w io.Writer, d Document, lines iter.Seq2[Line, error]) error {
	out := csvsafe.NewWriter(w)
	err := out.Write(
		r.Say("Dokument", "Document"), r.Say("Månad", "Month"), r.Say("Referens", "Reference"),
		r.Say("Avdelning", "Department"), r.Say("Resenär", "Traveler"), r.Say("Anställningsnummer", "Employee number"),
		r.Say("Köpt", "Bought"), r.Say("Typ", "Kind"), r.Say("Biljett", "Ticket"), r.Say("Resenärskategori", "Traveler category"),
		r.Say("Zoner", "Zones"), r.Say("Från", "From"), r.Say("Till", "To"), r.Say("Biljett-id", "Ticket id"),
		r.Say("Momssats %", "VAT rate %"), r.Say("Netto", "Net"), r.Say("Moms", "VAT"), r.Say("Belopp", "Amount"),
		r.Say("Syfte", "Purpose"), r.Say("Kostnadsställe", "Cost center"),
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
	kind := r.Say("Köp", "Purchase")
	if e.Kind == travel.EntryRefund {
		kind = r.Say("Återbetalning", "Refund")
	}
	return out.Write(
		d.Label(), d.Month.String(), d.Reference, e.DepartmentName, r.Known(e.Personal.Name), e.Personal.EmployeeNumber,
		e.PurchasedAt.In(r.zone).Format("2006-01-02 15:04:05"), kind, cmp.Or(t.ProductName, t.Product), t.Category,
		strings.Join(t.Zones, " "), t.From, t.To, t.ID,
		Words{}.Percent(t.VATRate), commas(l.Net), commas(l.VAT), commas(l.Gross), r.Known(e.Personal.Purpose),
		d.CostCenter(e.Department),
	)
}

// commas writes an amount for Swedish Excel: 1500,00.
func commas(a credit.Amount) string { return strings.Replace(a.String(), ".", ",", 1) }
