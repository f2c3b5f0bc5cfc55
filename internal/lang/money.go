package lang

import (
	"github.com/shopspring/decimal"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Money writes an amount with two decimals as the language does: 1 500,00 with
// no-break spaces in Swedish, 1,500.00 in English.
func Money(tag language.Tag, d decimal.Decimal) string {
	printer, point := message.NewPrinter(language.Swedish), ","
	if IsEnglish(tag) {
		printer, point = message.NewPrinter(language.English), "."
	}
	d = d.Round(2)
	sign := ""
	if d.IsNegative() {
		sign, d = "-", d.Neg()
	}
	whole := d.Truncate(0)
	cents := d.Sub(whole).StringFixed(2)
	return sign + printer.Sprintf("%d", whole.IntPart()) + point + cents[2:]
}
