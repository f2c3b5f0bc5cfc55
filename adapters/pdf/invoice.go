package pdf

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/tjansteresor/tjansteresor/internal/number"
	"github.com/tjansteresor/tjansteresor/invoice"
)

var (
	caption = style{size: 7.5, ink: gray}
	body    = style{size: 9, ink: black}
	strong  = style{size: 9, ink: black, bold: true}
	small   = style{size: 7, ink: gray}
)

// The two halves of an invoice.
const (
	leftHalf, rightHalf = 20.0, 110.0
	half                = 80.0
)

type invoiceRenderer struct{ *Printer }

// Format says that a PDF is written.
func (invoiceRenderer) Format() invoice.Format {
	return invoice.Format{Name: "pdf", MediaType: "application/pdf", Extension: "pdf"}
}

// Render writes the document. The lines are not asked for.
func (r invoiceRenderer) Render(ctx context.Context, w io.Writer, d invoice.Document, _ iter.Seq2[invoice.Line, error]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := paperInvoice{words: r.words, sheet: r.newSheet(portrait, &d, r.words.Title(&d)), d: &d, feet: r.words.feet(&d.Seller)}
	if l, ok := r.logos[d.SellerID]; ok {
		p.logo = &l
	}
	if err := p.makeRoom(); err != nil {
		return err
	}
	p.page()
	p.head = p.runningHead
	p.letterhead()
	p.parties()
	p.facts()
	p.sums()
	p.total()
	p.payment(true)
	p.notes()
	return p.finish(w, p.foot)
}

// paperInvoice is an invoice that is being set.
type paperInvoice struct {
	words
	*sheet
	d    *invoice.Document
	logo *logo
	feet [][]string
}

// letterhead sets who writes, and what.
func (p *paperInvoice) letterhead() {
	y := p.y
	if p.logo != nil {
		y += p.logo.draw(p.out, p.left, p.y, 60, 18)
	} else {
		y = p.block(style{size: 14, ink: blue, bold: true}, leftHalf, p.y, half, p.d.Seller.Name)
	}
	right := p.block(style{size: 17, ink: black, bold: true}, rightHalf, p.y, half, p.Title(p.d))
	if p.d.Partial() {
		right = p.block(strong, rightHalf, right+1, half, p.Say("Utdrag: endast egna avdelningar", "Extract: own departments only"))
	}
	p.y = max(y, right, 40) + 6
}

// runningHead stands on every page but the first.
func (p *paperInvoice) runningHead() {
	y := p.block(small, leftHalf, p.y, half, p.d.Buyer.Name)
	p.y = max(y, p.block(small, rightHalf, p.y, half, p.name(p.d))) + 5
}

// parties sets the seller beside the buyer.
func (p *paperInvoice) parties() {
	seller, buyer := &p.d.Seller, &p.d.Buyer
	countries := seller.Country != buyer.Country && seller.Country != "" && buyer.Country != ""
	y := p.party(leftHalf, p.Say("Säljare", "Seller"), seller, countries)
	p.y = max(y, p.party(rightHalf, p.Say("Köpare", "Buyer"), buyer, countries)) + 7
}

func (p *paperInvoice) party(x float64, title string, party *invoice.Party, country bool) float64 {
	y := p.block(caption, x, p.y, half, title) + 0.6
	y = p.block(strong, x, y, half, party.Name)
	lines := []string{party.Street, party.PostalCode + " " + party.City}
	if country {
		lines = append(lines, party.Country)
	}
	for _, l := range append(lines, p.registration(party)...) {
		if l = p.fonts.clean(l); l != "" {
			y = p.block(body, x, y, half, l)
		}
	}
	return y
}

// registration says under which numbers a party is known.
func (p *paperInvoice) registration(party *invoice.Party) (lines []string) {
	return p.labeled(
		p.Say("Org.nr ", "Reg. no. "), number.ShowOrganization(party.OrganizationNumber),
		p.Say("Momsreg.nr ", "VAT no. "), party.VATNumber,
	)
}

// labeled returns labels with their values, of those that have one.
func (words) labeled(pairs ...string) (lines []string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			lines = append(lines, pairs[i]+pairs[i+1])
		}
	}
	return lines
}

// facts sets dates and references in a band.
func (p *paperInvoice) facts() {
	type fact struct{ label, value string }
	var narrow, wide []fact
	if !p.d.IssuedAt.IsZero() {
		narrow = append(narrow, fact{p.Say("Datum", "Date"), p.Date(p.d.IssuedAt)})
	}
	if !p.d.DueAt.IsZero() && p.d.Original == nil {
		narrow = append(narrow, fact{p.Say("Förfaller", "Due"), p.Date(p.d.DueAt)})
	}
	narrow = append(narrow, fact{p.Say("Månad", "Month"), p.month(p.d.Month)})
	if p.d.Original != nil {
		wide = append(wide, fact{p.Say("Krediterar", "Credits"), p.Named(p.d.Original)})
	}
	if p.d.Replaces != nil {
		wide = append(wide, fact{p.Say("Ersätter", "Replaces"), p.Named(p.d.Replaces)})
	}
	wide = append(wide, fact{p.Say("Er referens", "Your reference"), p.d.Reference})

	const pad, gap = 4.0, 6.0
	x := p.left + pad
	needs := func(f fact) float64 {
		return max(p.fonts.width(caption, f.label), p.fonts.width(strong, f.value)) + gap
	}
	rest := p.right - x
	for _, f := range narrow {
		rest -= needs(f)
	}
	rest /= float64(len(wide))
	high := 0.0
	for _, f := range wide {
		high = max(high, p.high(strong, rest-gap, f.value))
	}
	high += caption.lead() + 2*3
	p.fill(p.left, p.y, p.right-p.left, high, band)
	set := func(f fact, width float64) {
		y := p.block(caption, x, p.y+3, width, f.label)
		p.block(strong, x, y, width-gap+0.1, f.value)
		x += width
	}
	for _, f := range narrow {
		set(f, needs(f))
	}
	for _, f := range wide {
		set(f, rest)
	}
	p.y += high + 8
}

// sums sets what each department and each VAT rate comes to.
func (p *paperInvoice) sums() {
	t := table{sheet: p.sheet, heading: style{size: 7.5, ink: gray, bold: true}, pad: 1.1}
	t.columns = columns(p.left, 3,
		column{title: p.Say("Avdelning", "Department"), width: 68},
		column{title: p.Say("Rader", "Lines"), width: 14, figures: true},
		column{title: p.Say("Netto", "Net"), width: 25, figures: true},
		column{title: p.Say("Moms", "VAT"), width: 24, figures: true},
		column{title: p.Say("Summa", "Total"), width: 27, figures: true},
	)
	p.need(30)
	t.heads()
	for i := range p.d.Departments {
		s := &p.d.Departments[i]
		if i == len(p.d.Departments)-1 {
			t.keep = 8 // the sum goes with it
		}
		t.row(body, t.columns, true, p.Department(s), fmt.Sprint(s.Lines), p.Money(s.Net), p.Money(s.VAT), p.Money(s.Gross))
	}
	t.keep = 0
	t.row(strong, t.columns, false, p.Say("Summa", "Total")+" "+p.d.Currency, fmt.Sprint(p.d.Lines), p.Money(p.d.Net), p.Money(p.d.VAT), p.Money(p.d.Gross))
	p.y += 7
	p.rates(t)
}

// rates sets the VAT, with its figures under those of the departments.
func (p *paperInvoice) rates(t table) {
	if p.d.Partial() {
		return
	}
	p.need(20)
	t.columns[0].title, t.columns[1].title = p.Say("Moms", "VAT"), ""
	t.heads()
	for i := range p.d.Rates {
		v := &p.d.Rates[i]
		t.row(body, t.columns, v.Reason == "", p.Rate(v), "", p.Money(v.Net), p.Money(v.VAT), p.Money(v.Gross))
		if v.Reason != "" {
			t.y -= t.pad
			t.row(caption, []column{over(t.columns...)}, true, v.Reason)
		}
	}
	p.y += 7
}

// total sets what is to be paid, or credited, on the page on which it is said
// how.
func (p *paperInvoice) total() {
	p.need(24 + p.payment(false))
	figure := column{x: rightHalf + 40, width: half - 40, figures: true}
	label := column{x: rightHalf, width: 38}
	t := table{sheet: p.sheet, pad: 0.8}
	if p.d.Rounding != 0 && !p.d.Partial() {
		t.row(body, []column{label, figure}, false, p.Say("Summa", "Total"), p.Money(p.d.Gross))
		t.row(body, []column{label, figure}, false, p.Say("Öresavrundning", "Rounding"), p.Money(p.d.Rounding))
	}
	p.out.SetDrawColor(blue[0], blue[1], blue[2])
	p.out.SetLineWidth(0.5)
	p.out.Line(rightHalf, p.y, p.right, p.y)
	p.y++
	large := style{size: 13, ink: black, bold: true}
	name, sum := p.Say("Att betala", "To pay"), p.d.Payable()
	switch {
	case p.d.Partial():
		name, sum = p.Say("Summa", "Total"), p.d.Gross
	case p.d.Original != nil:
		name = p.Say("Att kreditera", "To credit")
	case p.d.Kind == invoice.Basis:
		name = p.Say("Summa", "Total")
	}
	t.row(large, []column{{x: rightHalf, width: 44}, {x: rightHalf + 45, width: half - 45, figures: true}}, false, name+" "+p.d.Currency, p.Money(sum))
	p.y += 6
}

// payment sets where and by what to pay, or only returns how high that would be.
// A credit note is not paid, a basis elsewhere, and a draft or a part of a
// document not yet.
func (p *paperInvoice) payment(really bool) (high float64) {
	d := p.d
	if d.Original != nil || d.Kind == invoice.Basis || d.Payee == (invoice.Payee{}) || d.IssuedAt.IsZero() || d.Partial() {
		return 0
	}
	reference := p.Say("Betalreferens", "Reference")
	if isOCR(d.PaymentReference) {
		reference += " (OCR)"
	}
	to := [][2]string{
		{"Bankgiro", number.Dashed(d.Payee.Bankgiro, 4)}, {"Plusgiro", number.Dashed(d.Payee.Plusgiro, 1)}, {"IBAN", iban(d.Payee.IBAN)}, {"BIC", d.Payee.BIC},
	}
	by := [][2]string{
		{reference, d.PaymentReference}, {p.Say("Förfaller", "Due"), p.Date(d.DueAt)}, {p.Say("Att betala", "To pay"), d.Currency + " " + p.Money(d.Payable())},
	}
	const pad, caption, toIndent, byIndent = 4.0, 6.0, 20.0, 35.0
	high = max(p.pairs(to, leftHalf+pad, toIndent, false), p.pairs(by, rightHalf, byIndent, false)) + caption + 2*pad
	if !really {
		return high
	}
	p.fill(p.left, p.y, p.right-p.left, high, band)
	p.fill(p.left, p.y, 1, high, blue)
	p.text(strong, leftHalf+pad, p.y+pad, p.Say("Betalning", "Payment"))
	top := p.y
	p.y += pad + caption
	p.pairs(to, leftHalf+pad, toIndent, true)
	p.pairs(by, rightHalf, byIndent, true)
	p.y = top + high + 6
	return high
}

// isOCR tells a reference of digits from one of series and number.
func isOCR(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// pairs sets labels with their values to the right of them, within a half of
// the page, or only returns how high that would be.
func (p *paperInvoice) pairs(list [][2]string, x, indent float64, really bool) float64 {
	begin, y := p.y, p.y
	for _, pair := range list {
		if pair[1] == "" {
			continue
		}
		width := half - 4 - indent
		if really {
			p.text(style{size: 8, ink: gray}, x, y+0.2, pair[0])
			p.block(strong, x+indent, y, width, pair[1])
		}
		y += p.high(strong, width, pair[1]) + 0.4
	}
	return y - begin
}

// notes says what else belongs to the document.
func (p *paperInvoice) notes() {
	notes := []string{p.Say(
		"Specifikationen, med datum och belopp för varje biljett, är en del av detta dokument.",
		"The specification, with date and amount of every ticket, is a part of this document.",
	)}
	if p.d.LinesHash != [32]byte{} {
		notes = append(notes, p.Say("Specifikationens kontrollsumma (SHA-256): ", "Checksum of the specification (SHA-256): ")+fmt.Sprintf("%x", p.d.LinesHash))
	}
	p.need(float64(len(notes)+1) * small.lead())
	for _, n := range notes {
		p.y = p.block(small, p.left, p.y, p.right-p.left, n)
	}
}

// feet is what stands at the foot of every page, in columns: who the seller
// is, by law and by mail.
func (w words) feet(seller *invoice.Party) [][]string {
	status := []string{}
	if seller.FTax {
		status = append(status, w.Say("Godkänd för F-skatt", "Approved for F-tax"))
	}
	var all [][]string
	for _, lines := range [][]string{
		{seller.Name, seller.Street, seller.PostalCode + " " + seller.City},
		w.labeled("", seller.Contact.Name, "", seller.Contact.Phone, "", seller.Contact.Email),
		w.labeled(w.Say("Org.nr ", "Reg. no. "), number.ShowOrganization(seller.OrganizationNumber), w.Say("Momsreg.nr ", "VAT no. "), seller.VATNumber),
		append(status, w.labeled(w.Say("Säte: ", "Registered office: "), seller.RegisteredOffice)...),
	} {
		if len(lines) > 0 {
			all = append(all, lines)
		}
	}
	return all
}

// footWidth is how wide a column of the foot is.
const footWidth = 40.0

// makeRoom leaves as much of every page to the foot as it needs.
func (p *paperInvoice) makeRoom() error {
	high := 0.0
	for _, lines := range p.feet {
		sum := 0.0
		for _, l := range lines {
			sum += p.high(small, footWidth, l)
		}
		high = max(high, sum)
	}
	const most = 90
	if high > most {
		return fmt.Errorf("pdf: the name and address of seller %q are too long for the foot of a page", p.d.SellerID)
	}
	p.bottom -= high + 5
	return nil
}

func (p *paperInvoice) foot(page, of int) {
	y := p.bottom + 2.5
	p.rule(y, 0.2, line)
	y += 1.5
	step := (p.right - p.left - footWidth) / float64(max(1, len(p.feet)-1))
	for i, lines := range p.feet {
		at := y
		for _, l := range lines {
			at = p.block(small, p.left+float64(i)*step, at, footWidth, l)
		}
	}
	p.text(small, p.left, portrait.overFoot+3, p.fonts.clean(p.name(p.d)))
	p.textRight(small, p.right, portrait.overFoot+3, half, p.pageOf(page, of))
}

func (w words) pageOf(page, of int) string {
	return fmt.Sprintf("%s %d %s %d", w.Say("Sida", "Page"), page, w.Say("av", "of"), of)
}
