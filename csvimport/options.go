package csvimport

import (
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// ErrOptions: an [Options] field has a value that cannot be meant. The error
// names the field.
var ErrOptions = errors.New("unusable options")

// Options say what a file may hold. The zero Options are good for a Swedish
// operator.
type Options struct {
	// HomeCountry is the ISO 3166 code of the country that numbers without a
	// country code belong to. Defaults to SE.
	HomeCountry string
	// Countries are the ISO 3166 codes of the countries whose mobile numbers
	// are accepted. Defaults to SE, NO, DK and FI.
	Countries []string
	// MaxBytes is the largest file, in bytes; a file is held in memory while it
	// is read. Defaults to 5 MB (5,242,880).
	MaxBytes int64
	// MaxRows is the largest number of rows below the headings, rows with
	// errors counted, empty ones not. Defaults to 10,000.
	MaxRows int
	// MaxField is the longest cell, in bytes of UTF-8. Defaults to 1,024.
	MaxField int
	// MaxErrors is how many row errors a [Result] holds; further ones are only
	// counted. Defaults to 1,000.
	MaxErrors int
	// MaxLimit is the highest credit limit (R17), in the operator's currency
	// with at most two decimals. Defaults to zero, which means that the limit
	// is not checked here.
	MaxLimit decimal.Decimal
}

// withDefaults returns a checked copy.
func (o Options) withDefaults() (Options, error) {
	if o.MaxBytes < 0 || o.MaxRows < 0 || o.MaxField < 0 || o.MaxErrors < 0 {
		return o, fmt.Errorf("%w: MaxBytes %d, MaxRows %d, MaxField %d, MaxErrors %d: none may be negative",
			ErrOptions, o.MaxBytes, o.MaxRows, o.MaxField, o.MaxErrors)
	}
	if o.MaxLimit.IsNegative() {
		return o, fmt.Errorf("%w: MaxLimit %s: must not be negative", ErrOptions, o.MaxLimit)
	}
	o.HomeCountry = orDefault(o.HomeCountry, "SE")
	o.MaxBytes = orDefault(o.MaxBytes, 5<<20)
	o.MaxRows = orDefault(o.MaxRows, 10_000)
	o.MaxField = orDefault(o.MaxField, 1<<10)
	o.MaxErrors = orDefault(o.MaxErrors, 1_000)

	known := phone.Countries()
	if !slices.Contains(known, o.HomeCountry) {
		return o, fmt.Errorf("%w: HomeCountry %q: want one of %v", ErrOptions, o.HomeCountry, known)
	}
	for _, country := range o.Countries {
		if !slices.Contains(known, country) {
			return o, fmt.Errorf("%w: Countries %q: want some of %v", ErrOptions, country, known)
		}
	}
	o.Countries = slices.Clone(o.Countries)
	return o, nil
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
