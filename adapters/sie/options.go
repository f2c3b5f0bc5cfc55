package sie

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Account is an account of the seller's books.
type Account struct{ Number, Name string }

// Rate says where the sales of a VAT rate are booked.
type Rate struct {
	// Rate is in hundredths of a percent: 600 is 6 %.
	Rate int
	// Category is that of [invoice.RateTotal]; "" is every category that has no
	// Rate of its own.
	Category string
	// Sales is credited with the net, VAT with the VAT. Where no VAT is charged
	// it may be zero.
	Sales, VAT Account
}

// Object is something that amounts are followed by, such as a cost center.
type Object struct {
	// Dimension is what kind of object it is: 1 is a cost center, 6 a project, 8
	// a customer, 20 and above are free. DimensionName says so in words.
	Dimension     int
	DimensionName string
	// Number identifies the object, Name is for people.
	Number, Name string
}

// Options are what a [Renderer] can do without.
type Options struct {
	// Receivable is debited with what is to be paid. Defaults to 1510.
	Receivable Account
	// Rounding gets what is rounded to whole kronor. Defaults to 3740.
	Rounding Account
	// Rates are the accounts of sales and VAT. Defaults to those of the BAS
	// chart for 25, 12, 6 and 0 %.
	Rates []Rate
	// Chart is the chart of accounts by the format's name. Defaults to EUBAS97.
	Chart string
	// Series is the series of verifications, such as F. Defaults to "": the
	// importing program chooses.
	Series string
	// Numbered gives a verification the number of its document, for a Series
	// that has nothing else in it: a document that is imported twice is then
	// noticed. Defaults to false: the importing program counts.
	Numbered bool
	// Objects returns the objects of a document's sales and rounding, one per
	// dimension. It is called twice for each document and must return the same.
	// Defaults to none.
	Objects func(invoice.Document) []Object
	// Language is that of the texts, Swedish or English. Defaults to Swedish.
	Language language.Tag
	// Program and Version say what has made the file. They default to
	// tjansteresor and 1.
	Program, Version string
}

func bas() []Rate {
	return []Rate{
		{2500, "", Account{"3001", "Försäljning inom Sverige, 25 % moms"}, Account{"2611", "Utgående moms på försäljning inom Sverige, 25 %"}},
		{1200, "", Account{"3002", "Försäljning inom Sverige, 12 % moms"}, Account{"2621", "Utgående moms på försäljning inom Sverige, 12 %"}},
		{600, "", Account{"3003", "Försäljning inom Sverige, 6 % moms"}, Account{"2631", "Utgående moms på försäljning inom Sverige, 6 %"}},
		{0, "", Account{"3004", "Försäljning inom Sverige, momsfri"}, Account{}},
	}
}

// complete sets defaults and checks accounts.
func (o *Options) complete() error {
	o.Receivable = cmp.Or(o.Receivable, Account{"1510", "Kundfordringar"})
	o.Rounding = cmp.Or(o.Rounding, Account{"3740", "Öres- och kronutjämning"})
	o.Chart, o.Program, o.Version = cmp.Or(o.Chart, "EUBAS97"), cmp.Or(o.Program, "tjansteresor"), cmp.Or(o.Version, "1")
	if o.Rates = slices.Clone(o.Rates); o.Rates == nil {
		o.Rates = bas()
	}
	if err := o.Receivable.check("Receivable"); err != nil {
		return err
	}
	if err := o.Rounding.check("Rounding"); err != nil {
		return err
	}
	seen := map[Rate]bool{}
	for i, r := range o.Rates {
		field := fmt.Sprintf("Rates[%d].", i)
		if err := r.Sales.check(field + "Sales"); err != nil {
			return err
		}
		if r.VAT != (Account{}) || r.Rate != 0 {
			if err := r.VAT.check(field + "VAT"); err != nil {
				return err
			}
		}
		key := Rate{Rate: r.Rate, Category: r.Category}
		if seen[key] {
			return invalid(field+"Rate", fmt.Sprint(r.Rate), "is there twice")
		}
		seen[key] = true
	}
	return nil
}

// check returns an error if the number is none of digits.
func (a Account) check(field string) error {
	if a.Number == "" || strings.Trim(a.Number, "0123456789") != "" {
		return invalid(field+".Number", a.Number, "must be digits")
	}
	return nil
}

// accounts are all accounts, ascending, each once.
func (o *Options) accounts() []Account {
	list := []Account{o.Receivable, o.Rounding}
	for _, r := range o.Rates {
		list = append(list, r.Sales)
		if r.VAT.Number != "" {
			list = append(list, r.VAT)
		}
	}
	slices.SortStableFunc(list, func(a, b Account) int { return strings.Compare(a.Number, b.Number) })
	return slices.CompactFunc(list, func(a, b Account) bool { return a.Number == b.Number })
}

// rate returns where a rate and category is booked: its own place before that
// of every category.
func (o *Options) rate(rate int, category string) (Rate, bool) {
	for _, c := range [...]string{category, ""} {
		for _, r := range o.Rates {
			if r.Rate == rate && r.Category == c {
				return r, true
			}
		}
	}
	return Rate{}, false
}

func invalid(field, value, reason string) error {
	return &travel.InputError{Field: field, Value: value, Reason: reason}
}
