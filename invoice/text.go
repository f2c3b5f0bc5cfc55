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
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Label returns series and number as they are printed and referred to: JLT-17.
// A draft and a basis have none.
func (d Document) Label() string { return label(d.Series, d.Number) }

// Label returns series and number as they are printed and referred to.
func (o Original) Label() string { return label(o.Series, o.Number) }

func label(series string, number int64) string {
	if number == 0 {
		return ""
	}
	return series + "-" + strconv.FormatInt(number, 10)
}

// printer writes dates, amounts and words of one language.
type printer struct {
	language language.Tag
	zone     *time.Location
}

func (s *Service) printer(tag language.Tag) printer { return printer{language: tag, zone: s.zone} }

func (p printer) say(swedish, english string) string {
	return lang.Text{Swedish: swedish, English: english}.In(p.language)
}

func (p printer) money(a credit.Amount) string { return lang.Money(p.language, a.Decimal()) }

func (p printer) date(at time.Time) string { return at.In(p.zone).Format(time.DateOnly) }

// percent writes a rate: 6, 12,5.
func (p printer) percent(rate int) string {
	whole, part := rate/100, strings.TrimRight(fmt.Sprintf("%02d", rate%100), "0")
	if part == "" {
		return strconv.Itoa(whole)
	}
	return strconv.Itoa(whole) + p.say(",", ".") + part
}

func (p printer) title(d Document) string {
	var title string
	switch {
	case d.Kind == Basis && d.Original != nil:
		title = p.say("KREDITUNDERLAG", "CREDIT BASIS")
	case d.Kind == Basis:
		title = p.say("FAKTURAUNDERLAG", "INVOICE BASIS")
	case d.Original != nil:
		title = p.say("KREDITFAKTURA", "CREDIT NOTE")
	default:
		title = p.say("FAKTURA", "INVOICE")
	}
	switch {
	case d.Number != 0:
		title += " " + d.Label()
	case d.IssuedAt.IsZero():
		title += " " + p.say("(UTKAST)", "(DRAFT)")
	}
	return title
}

func (p printer) department(t DepartmentTotal) string {
	if t.ID.IsZero() {
		return p.say("Utan avdelning", "No department")
	}
	return t.Name
}

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

type textRenderer struct{ printer }

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
	t.row(field{r.title(d), 0})
	said := func(label, value string) {
		if value != "" {
			t.row(field{label, 16}, field{value, 0})
		}
	}
	if !d.IssuedAt.IsZero() {
		said(r.say("Datum", "Date"), r.date(d.IssuedAt))
	}
	if !d.DueAt.IsZero() && d.Original == nil {
		said(r.say("Förfaller", "Due"), r.date(d.DueAt))
	}
	said(r.say("Månad", "Month"), d.Month.String())
	said(r.say("Er referens", "Your reference"), d.Reference)
	if d.Original != nil {
		said(r.say("Krediterar", "Credits"), strings.TrimSpace(d.Original.Label()+" "+r.say("av den", "of")+" "+r.date(d.Original.IssuedAt)))
	}
}

func (r textRenderer) parties(t textPage, d Document) {
	seller, buyer := r.party(d.Seller), r.party(d.Buyer)
	t.row(field{r.say("Säljare", "Seller"), 38}, field{r.say("Köpare", "Buyer"), 0})
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
	lines := []string{p.Name, p.Street, strings.TrimSpace(p.PostalCode + " " + p.City), r.say("Org.nr ", "Reg. no. ") + organizationNumber(p.OrganizationNumber)}
	said := func(label, value string) {
		if value != "" {
			lines = append(lines, label+value)
		}
	}
	said(r.say("Momsreg.nr ", "VAT no. "), p.VATNumber)
	if p.FTax {
		lines = append(lines, r.say("Godkänd för F-skatt", "Approved for F-tax"))
	}
	said(r.say("Säte: ", "Registered office: "), p.RegisteredOffice)
	said("", p.Contact.Name)
	said("", p.Contact.Phone)
	said("", p.Contact.Email)
	return lines
}

// organizationNumber shows a Swedish number as people write it: 212000-0829.
func organizationNumber(s string) string {
	if len(s) == 10 && strings.Trim(s, "0123456789") == "" {
		return s[:6] + "-" + s[6:]
	}
	return s
}

func (r textRenderer) sums(t textPage, d Document) {
	row := func(name, lines string, net, vat, gross string) {
		t.row(field{name, 32}, field{lines, -6}, field{net, -13}, field{vat, -12}, field{gross, -13})
	}
	row(r.say("Avdelning", "Department"), r.say("Rader", "Lines"), r.say("Netto", "Net"), r.say("Moms", "VAT"), r.say("Summa", "Total"))
	for _, s := range d.Departments {
		row(r.department(s), strconv.Itoa(s.Lines), r.money(s.Net), r.money(s.VAT), r.money(s.Gross))
	}
	t.blank()
	for _, v := range d.Rates {
		name := r.say("Moms ", "VAT ") + r.percent(v.Rate) + " %"
		if v.Category != "S" {
			name += " (" + v.Category + ")"
		}
		row(name, "", r.money(v.Net), r.money(v.VAT), r.money(v.Gross))
		if v.Reason != "" {
			t.row(field{"  " + v.Reason, 0})
		}
	}
	row(r.say("Summa", "Total")+" "+d.Currency, strconv.Itoa(d.Lines), r.money(d.Net), r.money(d.VAT), r.money(d.Gross))
	if d.Rounding != 0 {
		row(r.say("Öresavrundning", "Rounding"), "", "", "", r.money(d.Rounding))
		payable := r.say("Att betala", "To pay")
		if d.Original != nil {
			payable = r.say("Att kreditera", "To credit")
		}
		row(payable, "", "", "", r.money(d.Payable()))
	}
	r.payment(t, d)
	if d.LinesHash != [32]byte{} {
		t.blank()
		t.row(field{r.say("Specifikationens kontrollsumma (SHA-256)", "Checksum of the specification (SHA-256)"), 0})
		t.row(field{fmt.Sprintf("%x", d.LinesHash), 0})
	}
}

// payment says where to pay: not on a credit note, nor a draft, nor a basis, nor
// on a part of a document.
func (r textRenderer) payment(t textPage, d Document) {
	if d.Original != nil || d.Number == 0 || len(d.Rates) == 0 || d.Payee == (Payee{}) {
		return
	}
	t.blank()
	for _, f := range [...][2]string{
		{"Bankgiro", giro(d.Payee.Bankgiro, 4)}, {"Plusgiro", giro(d.Payee.Plusgiro, 1)}, {"IBAN", d.Payee.IBAN}, {"BIC", d.Payee.BIC},
		{r.say("Betalreferens", "Reference"), d.PaymentReference},
	} {
		if f[1] != "" {
			t.row(field{f[0], 16}, field{f[1], 0})
		}
	}
}

// giro shows a number as people write it, with the last digits behind a dash.
func giro(s string, last int) string {
	if len(s) <= last {
		return s
	}
	return s[:len(s)-last] + "-" + s[len(s)-last:]
}

// ticketText says what a ticket is.
func (p printer) ticketText(t travel.Ticket) string {
	text := cmp.Or(t.ProductName, t.Product)
	if t.Category != "" {
		text += ", " + t.Category
	}
	switch {
	case t.From != "" || t.To != "":
		text += ", " + t.From + "–" + t.To
	case len(t.Zones) > 0:
		text += ", " + p.say("zon ", "zone ") + strings.Join(t.Zones, " ")
	}
	return text
}
