package invoice

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Words says things in one language, and times in one zone, as the renderers of
// this package do: those elsewhere use it to say the same.
type Words struct {
	language language.Tag
	zone     *time.Location
}

// NewWords returns the words of a language, Swedish or English, for the
// operator's zone.
func NewWords(tag language.Tag, zone *time.Location) Words { return Words{tag, zone} }

// Say returns the one of the two that is in the language of the words.
func (w Words) Say(swedish, english string) string {
	return lang.Text{Swedish: swedish, English: english}.In(w.language)
}

// Language is "sv" or "en".
func (w Words) Language() string { return languageCode(w.language) }

// Money writes an amount as people do: 1 500,00.
func (w Words) Money(a credit.Amount) string { return lang.Money(w.language, a.Decimal()) }

// Date writes the day of an instant: 2026-02-04.
func (w Words) Date(at time.Time) string { return at.In(w.zone).Format(time.DateOnly) }

// Minute writes day and time of an instant, to the minute.
func (w Words) Minute(at time.Time) string { return at.In(w.zone).Format("2006-01-02 15:04") }

// Percent writes a rate: 6, 12,5.
func (w Words) Percent(rate int) string {
	whole, part := rate/100, strings.TrimRight(fmt.Sprintf("%02d", rate%100), "0")
	if part == "" {
		return strconv.Itoa(whole)
	}
	return strconv.Itoa(whole) + w.Say(",", ".") + part
}

// Title says what a document is, with its number.
func (w Words) Title(d *Document) string {
	var title string
	switch {
	case d.Kind == Basis && d.Original != nil:
		title = w.Say("KREDITUNDERLAG", "CREDIT BASIS")
	case d.Kind == Basis:
		title = w.Say("FAKTURAUNDERLAG", "INVOICE BASIS")
	case d.Original != nil:
		title = w.Say("KREDITFAKTURA", "CREDIT NOTE")
	default:
		title = w.Say("FAKTURA", "INVOICE")
	}
	switch {
	case d.Number != 0:
		title += " " + d.Label()
	case d.IssuedAt.IsZero():
		title += " " + w.Say("(UTKAST)", "(DRAFT)")
	}
	return title
}

// Named says which other document is meant.
func (w Words) Named(o *Original) string {
	return strings.TrimSpace(o.Label() + " " + w.Say("av den", "of") + " " + w.Date(o.IssuedAt))
}

// Department names a department on a document.
func (w Words) Department(t *DepartmentTotal) string {
	if t.ID.IsZero() {
		return w.Say("Utan avdelning", "No department")
	}
	return t.Name
}

// Rate names a VAT rate, and its category unless that is the usual one.
func (w Words) Rate(r *RateTotal) string {
	name := w.Say("Moms ", "VAT ") + w.Percent(r.Rate) + " %"
	if r.Category != "S" {
		name += " (" + r.Category + ")"
	}
	return name
}

// Count says how many lines there are.
func (w Words) Count(lines int) string {
	if lines == 1 {
		return w.Say("1 rad", "1 line")
	}
	return strconv.Itoa(lines) + " " + w.Say("rader", "lines")
}

// Ticket says what ticket was bought or refunded.
func (w Words) Ticket(e *travel.Entry) string {
	t := &e.Ticket
	text := cmp.Or(t.ProductName, t.Product)
	if e.Kind == travel.EntryRefund {
		text = w.Say("Återbetalning: ", "Refund: ") + text
	}
	if t.Category != "" {
		text += ", " + t.Category
	}
	switch {
	case t.From != "" || t.To != "":
		text += ", " + t.From + "–" + t.To
	case len(t.Zones) > 0:
		text += ", " + w.Say("zon ", "zone ") + strings.Join(t.Zones, " ")
	}
	return text
}

// Known returns what is known of a person, or a dash for what is not, or not
// any more (R44).
func (Words) Known(text string) string { return cmp.Or(text, "–") }

func (s *Service) words(tag language.Tag) Words { return NewWords(tag, s.zone) }
