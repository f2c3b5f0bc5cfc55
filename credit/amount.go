package credit

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"
)

// Amount is money in the operator's currency, in its smallest unit (öre,
// hundredths). Inside the library all sums are Amounts; at the public edges
// they are decimals.
type Amount int64

// The ways in which a decimal is no amount.
var (
	// ErrDecimals: the amount has more than two decimals. Zeros at the end do
	// not count, up to 64 digits in all.
	ErrDecimals = errors.New("more than two decimals")
	// ErrRange: the amount is larger than the library counts, ten trillion
	// kronor either way.
	ErrRange = errors.New("amount out of range")
)

// maxAmount keeps sums of very many amounts inside 64 bits.
const maxAmount = 1_000_000_000_000_000

var pow10 = [...]int64{1, 10, 100}

// FromDecimal converts kronor to öre, exactly. It returns [ErrDecimals] or
// [ErrRange] with the value that was wrong.
func FromDecimal(d decimal.Decimal) (Amount, error) {
	exponent, digits := int(d.Exponent()), d.NumDigits()
	if exponent >= -2 && exponent <= 0 && digits <= 15 {
		v := d.CoefficientInt64() * pow10[exponent+2]
		if v > maxAmount || v < -maxAmount {
			return 0, fmt.Errorf("%w: %s", ErrRange, d)
		}
		return Amount(v), nil
	}
	// Numbers far out are answered by their size alone: to write them out, in
	// arithmetic or in a message, could take as much memory as there is.
	switch size := digits + exponent; {
	case d.IsZero():
		return 0, nil
	case size > 18:
		return 0, fmt.Errorf("%w: a number of about 10^%d", ErrRange, size-1)
	case size < -2 || digits > 64:
		return 0, fmt.Errorf("%w: a number of about 10^%d with %d digits", ErrDecimals, size-1, digits)
	}
	cents := d.Shift(2)
	if !cents.IsInteger() {
		return 0, fmt.Errorf("%w: %s", ErrDecimals, d)
	}
	if cents.Abs().GreaterThan(decimal.New(maxAmount, 0)) {
		return 0, fmt.Errorf("%w: %s", ErrRange, d)
	}
	return Amount(cents.IntPart()), nil
}

// Decimal returns the amount in kronor.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(int64(a), -2) }

// String returns the amount in kronor with two decimals and a decimal point,
// for logs and errors: 250.01.
func (a Amount) String() string {
	sign, v := "", uint64(a)
	if a < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%02d", sign, v/100, v%100)
}
