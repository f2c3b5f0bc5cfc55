package xlsx

import (
	"cmp"
	"fmt"
	"iter"
	"strings"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// column is a column of the specification.
type column struct {
	swedish, english string
	// width is in characters.
	width int
	write func(*sheet, *row)
}

// row is a line with what all lines of its document share.
type row struct {
	*Renderer
	invoice.Line
	document *invoice.Document
	month    string
	label    string
}

// columns are those of the CSV, in its order.
var columns = [...]column{
	{"Dokument", "Document", 11, func(s *sheet, r *row) { s.text(text, r.label) }},
	{"Månad", "Month", 9, func(s *sheet, r *row) { s.text(text, r.month) }},
	{"Referens", "Reference", 14, func(s *sheet, r *row) { s.text(text, r.document.Reference) }},
	{"Avdelning", "Department", 22, func(s *sheet, r *row) { s.text(text, r.Entry.DepartmentName) }},
	{"Resenär", "Traveler", 24, func(s *sheet, r *row) { s.text(text, r.words.Known(r.Entry.Personal.Name)) }},
	{"Anställningsnummer", "Employee number", 20, func(s *sheet, r *row) { s.text(text, r.Entry.Personal.EmployeeNumber) }},
	{"Köpt", "Bought", 19, func(s *sheet, r *row) { s.time(moment, r.Entry.PurchasedAt.In(r.zone)) }},
	{"Typ", "Kind", 14, func(s *sheet, r *row) { s.text(text, r.kind()) }},
	{"Biljett", "Ticket", 22, func(s *sheet, r *row) { s.text(text, cmp.Or(r.Entry.Ticket.ProductName, r.Entry.Ticket.Product)) }},
	{"Resenärskategori", "Traveler category", 18, func(s *sheet, r *row) { s.text(text, r.Entry.Ticket.Category) }},
	{"Zoner", "Zones", 16, func(s *sheet, r *row) { s.text(text, strings.Join(r.Entry.Ticket.Zones, " ")) }},
	{"Från", "From", 18, func(s *sheet, r *row) { s.text(text, r.Entry.Ticket.From) }},
	{"Till", "To", 18, func(s *sheet, r *row) { s.text(text, r.Entry.Ticket.To) }},
	{"Biljett-id", "Ticket id", 16, func(s *sheet, r *row) { s.text(text, r.Entry.Ticket.ID) }},
	{"Momssats %", "VAT rate %", 13, func(s *sheet, r *row) { s.percent(r.Entry.Ticket.VATRate) }},
	{"Netto", "Net", 12, func(s *sheet, r *row) { s.money(amount, r.Net) }},
	{"Moms", "VAT", 11, func(s *sheet, r *row) { s.money(amount, r.VAT) }},
	{"Belopp", "Amount", 12, func(s *sheet, r *row) { s.money(amount, r.Gross) }},
	{"Syfte", "Purpose", 44, func(s *sheet, r *row) { s.text(text, r.words.Known(r.Entry.Personal.Purpose)) }},
	{"Kostnadsställe", "Cost center", 16, func(s *sheet, r *row) { s.text(text, r.document.CostCenter(r.Entry.Department)) }},
}

// lastColumn is the letter of the last of columns.
const lastColumn = "T"

func (r *row) kind() string {
	if r.Entry.Kind == travel.EntryRefund {
		return r.words.Say("Återbetalning", "Refund")
	}
	return r.words.Say("Köp", "Purchase")
}

func (r *Renderer) specificationName() string { return r.words.Say("Specifikation", "Specification") }

// specification writes the first sheet.
func (r *Renderer) specification(s *sheet, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	s.raw(header + `<worksheet ` + mainSpace + `><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>` +
		`<sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`)
	var widths []int
	for _, c := range columns {
		widths = append(widths, c.width)
	}
	s.widths(widths...)
	s.raw(`<sheetData>`)
	s.begin()
	for _, c := range columns {
		s.text(heading, r.words.Say(c.swedish, c.english))
	}
	s.end()
	line := &row{Renderer: r, document: &d, month: d.Month.String(), label: d.Label()}
	for l, err := range lines {
		if err == nil {
			err = s.err
		}
		if err != nil {
			return err
		}
		line.Line = l
		s.begin()
		for i := range columns {
			columns[i].write(s, line)
		}
		s.end()
	}
	if n := s.row - 1; n != d.Lines {
		return fmt.Errorf("%w: %d lines on a document that has %d", travel.ErrDrift, n, d.Lines)
	}
	s.raw(`</sheetData><autoFilter ref="A1:` + lastColumn)
	s.integer(int64(s.row))
	s.raw(`"/>`)
	s.landscape()
	s.raw(`<ignoredErrors><ignoredError sqref="A1:` + lastColumn)
	s.integer(int64(s.row))
	s.raw(`" numberStoredAsText="1"/></ignoredErrors></worksheet>`)
	return nil
}

// widths sets how wide the columns are, in characters.
func (s *sheet) widths(widths ...int) {
	s.raw(`<sheetFormatPr defaultRowHeight="15"/><cols>`)
	for i, w := range widths {
		s.raw(`<col min="`)
		s.integer(int64(i + 1))
		s.raw(`" max="`)
		s.integer(int64(i + 1))
		s.raw(`" width="`)
		s.integer(int64(w))
		s.raw(`" customWidth="1"/>`)
	}
	s.raw(`</cols>`)
}

// landscape makes A4 pages that are as wide as the sheet.
func (s *sheet) landscape() {
	s.raw(`<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>` +
		`<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/><headerFooter><oddFooter>&amp;R&amp;P (&amp;N)</oddFooter></headerFooter>`)
}
