package invoice

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tjansteresor/tjansteresor/internal/number"
)

// textPage writes lines of text. A failed write shows when it is flushed.
type textPage struct {
	out *bufio.Writer
}

// field is a cell of a text table. A negative width aligns to the right.
type field struct {
	text  string
	width int
}

// row writes a line of fields; a text that is too long moves the others.
func (t textPage) row(fields ...field) {
	var b strings.Builder
	for i, f := range fields {
		gap := max(f.width, -f.width) - utf8.RuneCountInString(f.text)
		if f.width < 0 {
			b.WriteString(strings.Repeat(" ", max(0, gap)))
		}
		b.WriteString(f.text)
		if f.width > 0 {
			b.WriteString(strings.Repeat(" ", max(0, gap)))
		}
		if i < len(fields)-1 {
			b.WriteString(" ")
		}
	}
	t.out.WriteString(strings.TrimRight(b.String(), " "))
	t.out.WriteString("\n")
}

func (t textPage) blank() { t.out.WriteString("\n") }

type textRenderer struct{ Words }

func (textRenderer) Format() Format {
	return Format{Name: "text", MediaType: "text/plain; charset=utf-8", Extension: "txt"}
}

func (r textRenderer) Render(_ context.Context, w io.Writer, d Document, _ iter.Seq2[Line, error]) error {
	if len(d.Content) > 0 && languageCode(r.language) == d.Language {
		_, err := w.Write(d.Content)
		return err
	}
	t := textPage{bufio.NewWriter(w)}
	r.head(t, d)
	t.blank()
	r.parties(t, d)
	t.blank()
	r.sums(t, d)
	return t.out.Flush()
}

func (r textRenderer) head(t textPage, d Document) {
	t.row(field{r.Title(&d), 0})
	said := func(label, value string) {
		if value != "" {
			t.row(field{label, 16}, field{value, 0})
		}
	}
	if !d.IssuedAt.IsZero() {
		said(r.Say("Datum", "Date"), r.Date(d.IssuedAt))
	}
	if !d.DueAt.IsZero() && d.Original == nil {
		said(r.Say("Förfaller", "Due"), r.Date(d.DueAt))
	}
	said(r.Say("Månad", "Month"), d.Month.String())
	said(r.Say("Er referens", "Your reference"), d.Reference)
	if d.Original != nil {
		said(r.Say("Krediterar", "Credits"), r.Named(d.Original))
	}
	if d.Replaces != nil {
		said(r.Say("Ersätter", "Replaces"), r.Named(d.Replaces))
	}
}

func (r textRenderer) parties(t textPage, d Document) {
	seller, buyer := r.party(d.Seller), r.party(d.Buyer)
	t.row(field{r.Say("Säljare", "Seller"), 38}, field{r.Say("Köpare", "Buyer"), 0})
	for i := range max(len(seller), len(buyer)) {
		var left, right string
		if i < len(seller) {
			left = seller[i]
		}
		if i < len(buyer) {
			right = buyer[i]
		}
		t.row(field{left, 38}, field{right, 0})
	}
}

func (r textRenderer) party(p Party) []string {
	lines := []string{p.Name, p.Street, strings.TrimSpace(p.PostalCode + " " + p.City), r.Say("Org.nr ", "Reg. no. ") + number.ShowOrganization(p.OrganizationNumber)}
	said := func(label, value string) {
		if value != "" {
			lines = append(lines, label+value)
		}
	}
	said(r.Say("Momsreg.nr ", "VAT no. "), p.VATNumber)
	if p.FTax {
		lines = append(lines, r.Say("Godkänd för F-skatt", "Approved for F-tax"))
	}
	said(r.Say("Säte: ", "Registered office: "), p.RegisteredOffice)
	said("", p.Contact.Name)
	said("", p.Contact.Phone)
	said("", p.Contact.Email)
	return lines
}

func (r textRenderer) sums(t textPage, d Document) {
	row := func(name, lines string, net, vat, gross string) {
		t.row(field{name, 32}, field{lines, -6}, field{net, -13}, field{vat, -12}, field{gross, -13})
	}
	row(r.Say("Avdelning", "Department"), r.Say("Rader", "Lines"), r.Say("Netto", "Net"), r.Say("Moms", "VAT"), r.Say("Summa", "Total"))
	for _, s := range d.Departments {
		row(r.Department(&s), strconv.Itoa(s.Lines), r.Money(s.Net), r.Money(s.VAT), r.Money(s.Gross))
	}
	t.blank()
	for _, v := range d.Rates {
		row(r.Rate(&v), "", r.Money(v.Net), r.Money(v.VAT), r.Money(v.Gross))
		if v.Reason != "" {
			t.row(field{"  " + v.Reason, 0})
		}
	}
	row(r.Say("Summa", "Total")+" "+d.Currency, strconv.Itoa(d.Lines), r.Money(d.Net), r.Money(d.VAT), r.Money(d.Gross))
	if d.Rounding != 0 {
		row(r.Say("Öresavrundning", "Rounding"), "", "", "", r.Money(d.Rounding))
		payable := r.Say("Att betala", "To pay")
		if d.Original != nil {
			payable = r.Say("Att kreditera", "To credit")
		}
		row(payable, "", "", "", r.Money(d.Payable()))
	}
	r.payment(t, d)
	if d.LinesHash != [32]byte{} {
		t.blank()
		t.row(field{r.Say("Specifikationens kontrollsumma (SHA-256)", "Checksum of the specification (SHA-256)"), 0})
		t.row(field{fmt.Sprintf("%x", d.LinesHash), 0})
	}
}

// payment says where to pay: not on a credit note, nor a draft, nor a basis, nor
// on a part of a document.
func (r textRenderer) payment(t textPage, d Document) {
	if d.Original != nil || d.Number == 0 || d.Partial() || d.Payee == (Payee{}) {
		return
	}
	t.blank()
	for _, f := range [...][2]string{
		{"Bankgiro", number.Dashed(d.Payee.Bankgiro, 4)}, {"Plusgiro", number.Dashed(d.Payee.Plusgiro, 1)}, {"IBAN", d.Payee.IBAN}, {"BIC", d.Payee.BIC},
		{r.Say("Betalreferens", "Reference"), d.PaymentReference},
	} {
		if f[1] != "" {
			t.row(field{f[0], 16}, field{f[1], 0})
		}
	}
}
