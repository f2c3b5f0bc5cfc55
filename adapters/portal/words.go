package portal

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/invoice"
)

// words says things in the user's language and the operator's zone.
type words struct {
	invoice.Words
	tag  language.Tag
	zone *time.Location
}

func newWords(tag language.Tag, zone *time.Location) words {
	return words{invoice.NewWords(tag, zone), tag, zone}
}

// T chooses between the two languages; templates call it t.
func (w words) T(swedish, english string) string { return w.Say(swedish, english) }

// Kronor writes an amount with its unit.
func (w words) Kronor(d decimal.Decimal) string {
	if w.Language() == "en" {
		return "SEK " + lang.Money(w.tag, d)
	}
	return lang.Money(w.tag, d) + "\u00a0kr"
}

// Ore is Kronor for an amount in öre.
func (w words) Ore(a credit.Amount) string { return w.Kronor(a.Decimal()) }

var monthNames = []lang.Text{
	{Swedish: "januari", English: "January"}, {Swedish: "februari", English: "February"}, {Swedish: "mars", English: "March"},
	{Swedish: "april", English: "April"}, {Swedish: "maj", English: "May"}, {Swedish: "juni", English: "June"},
	{Swedish: "juli", English: "July"}, {Swedish: "augusti", English: "August"}, {Swedish: "september", English: "September"},
	{Swedish: "oktober", English: "October"}, {Swedish: "november", English: "November"}, {Swedish: "december", English: "December"},
}

// Month names a month: januari 2026.
func (w words) Month(m credit.Month) string {
	return monthNames[m.Month()-1].In(w.tag) + " " + m.Start(w.zone).In(w.zone).Format("2006")
}

// ShortMonth is the month's first three letters.
func (w words) ShortMonth(m credit.Month) string {
	return monthNames[m.Month()-1].In(w.tag)[:3]
}

var dayNames = []lang.Text{
	{Swedish: "söndag", English: "Sunday"}, {Swedish: "måndag", English: "Monday"}, {Swedish: "tisdag", English: "Tuesday"},
	{Swedish: "onsdag", English: "Wednesday"}, {Swedish: "torsdag", English: "Thursday"}, {Swedish: "fredag", English: "Friday"},
	{Swedish: "lördag", English: "Saturday"},
}

// Day names a day of the week.
func (w words) Day(d time.Weekday) string { return dayNames[d].In(w.tag) }

// list joins words: a, b och c.
func (w words) list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + w.T(" och ", " and ") + parts[last]
}
