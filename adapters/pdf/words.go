package pdf

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// erased stands for what is not known of a person, or not any more (R44).
const erased = "–"

// words says things in one language, and times in one zone, as the documents in
// text of package invoice do.
type words struct {
	language language.Tag
	zone     *time.Location
}

func (w words) say(swedish, english string) string {
	return lang.Text{Swedish: swedish, English: english}.In(w.language)
}

// code is the language of the words.
func (w words) code() string { return w.say("sv", "en") }

func (w words) money(a credit.Amount) string { return lang.Money(w.language, a.Decimal()) }

func (w words) date(at time.Time) string { return at.In(w.zone).Format(time.DateOnly) }

var swedishMonths = [...]string{
	"januari", "februari", "mars", "april", "maj", "juni",
	"juli", "augusti", "september", "oktober", "november", "december",
}

func (w words) month(m credit.Month) string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %d", w.say(swedishMonths[m.Month()-1], m.Month().String()), m.Year())
}

func (w words) title(d *invoice.Document) string {
	var title string
	switch {
	case d.Kind == invoice.Basis && d.Original != nil:
		title = w.say("KREDITUNDERLAG", "CREDIT BASIS")
	case d.Kind == invoice.Basis:
		title = w.say("FAKTURAUNDERLAG", "INVOICE BASIS")
	case d.Original != nil:
		title = w.say("KREDITFAKTURA", "CREDIT NOTE")
	default:
		title = w.say("FAKTURA", "INVOICE")
	}
	switch {
	case d.Number != 0:
		title += " " + d.Label()
	case d.IssuedAt.IsZero():
		title += " " + w.say("(UTKAST)", "(DRAFT)")
	}
	return title
}

// name is the title, and says when only a part of the document is to be seen.
func (w words) name(d *invoice.Document) string {
	if isPart(d) {
		return w.title(d) + ", " + w.say("utdrag", "extract")
	}
	return w.title(d)
}

// isPart tells that a department administrator sees only a part of the document
// (R40): nobody pays by it.
func isPart(d *invoice.Document) bool { return len(d.Rates) == 0 }

// original names what a document credits.
func (w words) original(o *invoice.Original) string {
	return strings.TrimSpace(o.Label() + " " + w.say("av den", "of") + " " + w.date(o.IssuedAt))
}

func (w words) department(t *invoice.DepartmentTotal) string {
	if t.ID.IsZero() {
		return w.say("Utan avdelning", "No department")
	}
	return t.Name
}

func (w words) rate(r *invoice.RateTotal) string {
	whole, part := r.Rate/100, strings.TrimRight(fmt.Sprintf("%02d", r.Rate%100), "0")
	text := w.say("Moms ", "VAT ") + strconv.Itoa(whole)
	if part != "" {
		text += w.say(",", ".") + part
	}
	text += "\u00a0%"
	if r.Category != "S" {
		text += " (" + r.Category + ")"
	}
	return text
}

func (w words) count(lines int) string {
	if lines == 1 {
		return w.say("1 rad", "1 line")
	}
	return strconv.Itoa(lines) + " " + w.say("rader", "lines")
}

// ticket says what a ticket is.
func (w words) ticket(e *travel.Entry) string {
	t := &e.Ticket
	text := cmp.Or(t.ProductName, t.Product)
	if e.Kind == travel.EntryRefund {
		text = w.say("Återbetalning: ", "Refund: ") + text
	}
	if t.Category != "" {
		text += ", " + t.Category
	}
	switch {
	case t.From != "" || t.To != "":
		text += ", " + t.From + "–" + t.To
	case len(t.Zones) > 0:
		text += ", " + w.say("zon ", "zone ") + strings.Join(t.Zones, " ")
	}
	return text
}

// purpose says what a trip was for, and in which department, if that has
// another name on the document.
func (w words) purpose(e *travel.Entry, department *invoice.DepartmentTotal) string {
	text := cmp.Or(clean(e.Personal.Purpose), erased)
	if e.DepartmentName != department.Name {
		text += " (" + w.say("avdelning vid köpet: ", "department at the purchase: ") + e.DepartmentName + ")"
	}
	return text
}

// organizationNumber shows a Swedish number as people write it: 212000-0829.
func organizationNumber(s string) string {
	if len(s) == 10 && strings.Trim(s, "0123456789") == "" {
		return s[:6] + "-" + s[6:]
	}
	return s
}

// giro shows a number as people write it, with the last digits behind a dash.
func giro(s string, last int) string {
	if len(s) <= last {
		return s
	}
	return s[:len(s)-last] + "-" + s[len(s)-last:]
}

// iban shows a number in the groups of four that ISO 13616 has on paper.
func iban(s string) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
