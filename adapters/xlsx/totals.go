package xlsx

import (
	"encoding/hex"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
)

func (r *Renderer) totalsName() string { return r.words.Say("Summor", "Totals") }

// totals writes the second sheet: what the document says of itself.
func (r *Renderer) totals(s *sheet, d invoice.Document) {
	s.raw(header + `<worksheet ` + mainSpace + `><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0"/></sheetViews>`)
	s.widths(34, 12, 15, 14, 15)
	s.raw(`<sheetData>`)
	r.head(s, d)
	r.departments(s, d)
	if len(d.Rates) > 0 {
		r.rates(s, d)
	}
	r.sum(s, d)
	s.raw(`</sheetData>`)
	s.landscape()
	s.raw(`</worksheet>`)
}

// head says which document it is. It has the day of issue as a day.
func (r *Renderer) head(s *sheet, d invoice.Document) {
	said := func(name, value string) {
		if value != "" {
			s.begin()
			s.text(strongText, name)
			s.text(text, value)
			s.end()
		}
	}
	s.begin()
	s.text(strongText, strings.TrimSpace(r.title(d)+" "+d.Label()))
	s.end()
	said(r.words.Say("Månad", "Month"), d.Month.String())
	if !d.IssuedAt.IsZero() {
		s.begin()
		s.text(strongText, r.words.Say("Datum", "Date"))
		s.time(day, d.IssuedAt.In(r.zone))
		s.end()
	}
	if d.Original != nil {
		said(r.words.Say("Krediterar", "Credits"), d.Original.Label())
	}
	if d.Replaces != nil {
		said(r.words.Say("Ersätter", "Replaces"), d.Replaces.Label())
	}
	said(r.words.Say("Säljare", "Seller"), d.Seller.Name)
	said(r.words.Say("Köpare", "Buyer"), d.Buyer.Name)
	said(r.words.Say("Er referens", "Your reference"), d.Reference)
	said(r.words.Say("Valuta", "Currency"), d.Currency)
	if d.LinesHash != [32]byte{} {
		said(r.words.Say("Specifikationens kontrollsumma", "Checksum of the specification"), hex.EncodeToString(d.LinesHash[:]))
	}
}

// title says what kind of document it is.
func (r *Renderer) title(d invoice.Document) string {
	title := r.words.Say("Faktura", "Invoice")
	switch credits := d.Original != nil; {
	case d.Kind == invoice.Basis && credits:
		title = r.words.Say("Kreditunderlag", "Credit basis")
	case d.Kind == invoice.Basis:
		title = r.words.Say("Fakturaunderlag", "Invoice basis")
	case credits:
		title = r.words.Say("Kreditfaktura", "Credit note")
	}
	if d.IssuedAt.IsZero() {
		title += " " + r.words.Say("(utkast)", "(draft)")
	}
	return title
}

func (r *Renderer) departments(s *sheet, d invoice.Document) {
	r.headings(s, r.words.Say("Avdelning", "Department"), r.words.Say("Rader", "Lines"))
	for _, t := range d.Departments {
		name := t.Name
		if t.ID.IsZero() {
			name = r.words.Say("Utan avdelning", "No department")
		}
		s.begin()
		s.text(text, name)
		s.count(t.Lines)
		sums(s, amount, t.Net, t.VAT, t.Gross)
	}
}

func (r *Renderer) rates(s *sheet, d invoice.Document) {
	r.headings(s, r.words.Say("Momskategori", "VAT category"), r.words.Say("Momssats %", "VAT rate %"))
	for _, v := range d.Rates {
		category := v.Category
		if v.Reason != "" {
			category += ": " + v.Reason
		}
		s.begin()
		s.text(text, category)
		s.percent(v.Rate)
		sums(s, amount, v.Net, v.VAT, v.Gross)
	}
}

// sum writes the sums of the document. Rounding is of the whole document only.
func (r *Renderer) sum(s *sheet, d invoice.Document) {
	r.headings(s, r.words.Say("Summa", "Total"), r.words.Say("Rader", "Lines"))
	s.begin()
	s.text(strongText, r.words.Say("Summa", "Total")+" "+d.Currency)
	s.count(d.Lines)
	sums(s, strongAmount, d.Net, d.VAT, d.Gross)
	if d.Rounding == 0 || d.Partial() {
		return
	}
	only := func(name string, as style, a credit.Amount) {
		s.begin()
		s.text(text, name)
		s.column = 4
		s.money(as, a)
		s.end()
	}
	only(r.words.Say("Öresavrundning", "Rounding"), amount, d.Rounding)
	pay := r.words.Say("Att betala", "To pay")
	if d.Original != nil {
		pay = r.words.Say("Att kreditera", "To credit")
	}
	only(pay, strongAmount, d.Payable())
}

// headings writes the headings of a table, below an empty row.
func (r *Renderer) headings(s *sheet, first, second string) {
	s.blank()
	s.begin()
	for _, name := range [...]string{first, second, r.words.Say("Netto", "Net"), r.words.Say("Moms", "VAT"), r.words.Say("Belopp", "Amount")} {
		s.text(heading, name)
	}
	s.end()
}

// sums ends a row with its three sums.
func sums(s *sheet, as style, net, vat, gross credit.Amount) {
	s.money(as, net)
	s.money(as, vat)
	s.money(as, gross)
	s.end()
}
