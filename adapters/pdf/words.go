package pdf

import (
	"fmt"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// words are those of package invoice, and what only paper needs.
type words struct {
	invoice.Words
	zone *time.Location
}

var swedishMonths = [...]string{
	"januari", "februari", "mars", "april", "maj", "juni",
	"juli", "augusti", "september", "oktober", "november", "december",
}

func (w words) month(m credit.Month) string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %d", w.Say(swedishMonths[m.Month()-1], m.Month().String()), m.Year())
}

// name is the title, and says when only a part of the document is to be seen.
func (w words) name(d *invoice.Document) string {
	if d.Partial() {
		return w.Title(d) + ", " + w.Say("utdrag", "extract")
	}
	return w.Title(d)
}

// purpose says what a trip was for, and in which department, if that has
// another name on the document.
func (w words) purpose(e *travel.Entry, department *invoice.DepartmentTotal) string {
	text := w.Known(clean(e.Personal.Purpose))
	if e.DepartmentName != department.Name {
		text += " (" + w.Say("avdelning vid köpet: ", "department at the purchase: ") + e.DepartmentName + ")"
	}
	return text
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
