package csvimport

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// The kinds of an amount that is refused; [errors.Is] tells them apart.
var (
	// ErrAmountEmpty: nothing but white space.
	ErrAmountEmpty = errors.New("no amount")
	// ErrAmountSyntax: not an amount of money.
	ErrAmountSyntax = errors.New("not an amount")
	// ErrAmountAmbiguous: 1.500 and 1,500 are one and a half or fifteen hundred.
	ErrAmountAmbiguous = errors.New("can mean two amounts; write 1500 or 1.50")
	// ErrAmountDecimals: more than two decimals.
	ErrAmountDecimals = errors.New("more than two decimals")
	// ErrAmountNegative: less than zero.
	ErrAmountNegative = errors.New("negative")
	// ErrAmountExponent: a spreadsheet has turned the amount into 1,5E+03.
	ErrAmountExponent = errors.New("written with an exponent")
	// ErrAmountZero: zero.
	ErrAmountZero = errors.New("zero")
	// ErrAmountTooLarge: more than twelve digits before the decimals.
	ErrAmountTooLarge = errors.New("too large")
)

// ParseAmount reads an amount of money more than zero as people and Swedish or
// English spreadsheets write it:
//
//	1500   1 500,00   1.500,00   1,500.00   1500.00   1 500 kr   1500:-   500 SEK
//
// The spaces may be of any kind. The result has exactly two decimals. The
// error wraps one of the ErrAmount values; it shows the amount unless that
// might be somebody's number (a row that slipped a column).
func ParseAmount(s string) (decimal.Decimal, error) {
	ore, err := parseOre(s)
	if err != nil {
		return decimal.Decimal{}, fmt.Errorf("amount %q: %w", shownAmount(s), err)
	}
	return decimal.New(ore, -2), nil
}

// maxWhole is how many digits may stand before the decimals.
const maxWhole = 12

func parseOre(s string) (int64, error) {
	s = trim(s)
	if s == "" {
		return 0, ErrAmountEmpty
	}
	for _, minus := range [...]string{"-", "\u2212", "\u2013"} {
		if rest, ok := strings.CutPrefix(s, minus); ok && startsWithDigit(trim(rest)) {
			return 0, ErrAmountNegative
		}
	}
	if scientific(s) {
		return 0, ErrAmountExponent
	}
	var n numeral
	if err := n.read(withoutUnit(s)); err != nil {
		return 0, err
	}
	whole, cents, err := n.interpret()
	if err != nil {
		return 0, err
	}
	ore := whole*100 + cents
	if ore == 0 {
		return 0, ErrAmountZero
	}
	return ore, nil
}

// withoutUnit drops the currency behind an amount.
func withoutUnit(s string) string {
	for _, unit := range [...]string{"kr", "kr.", "sek", ":-", ",-", ":\u2013"} {
		if at := len(s) - len(unit); at > 0 && strings.EqualFold(s[at:], unit) {
			return trim(s[:at])
		}
	}
	return s
}

// numeral is a written number as runs of digits with separators between them:
// ' ', '.' or ','.
type numeral struct {
	runs [6]string
	seps [5]byte
	n    int
}

func (n *numeral) read(rest string) error {
	for {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 || n.n == len(n.runs) {
			return ErrAmountSyntax
		}
		n.runs[n.n] = rest[:digits]
		n.n++
		if rest = rest[digits:]; rest == "" {
			return nil
		}
		sep, size := utf8.DecodeRuneInString(rest)
		switch {
		case sep == '.' || sep == ',':
		case isSpace(sep):
			sep = ' '
		default:
			return ErrAmountSyntax
		}
		if n.n < len(n.runs) {
			n.seps[n.n-1] = byte(sep)
		}
		rest = rest[size:]
	}
}

// interpret decides which separators group digits and which one begins the
// decimals.
func (n *numeral) interpret() (whole, cents int64, err error) {
	groups, decimals := n.n, ""
	if n.n > 1 && n.seps[n.n-2] != ' ' {
		last := n.seps[n.n-2]
		switch {
		case n.n == 2 && len(n.runs[1]) == 3 && len(n.runs[0]) <= 3 && n.runs[0][0] != '0':
			return 0, 0, ErrAmountAmbiguous
		case n.n == 2 || n.seps[n.n-3] != last:
			groups, decimals = n.n-1, n.runs[n.n-1]
		}
	}
	whole, err = n.whole(groups)
	switch {
	case err != nil:
		return 0, 0, err
	case len(decimals) > 2:
		return 0, 0, ErrAmountDecimals
	case len(decimals) == 1:
		decimals += "0"
	}
	return whole, digitsValue(decimals), nil
}

// whole reads the first runs as one number that is grouped by thousands with
// one kind of separator, or not grouped.
func (n *numeral) whole(runs int) (int64, error) {
	length := 0
	for i, run := range n.runs[:runs] {
		switch {
		case i == 0 && run[0] == '0' && (len(run) > 1 || runs > 1),
			i == 0 && runs > 1 && len(run) > 3,
			i > 0 && len(run) != 3,
			i > 1 && n.seps[i-1] != n.seps[0]:
			return 0, ErrAmountSyntax
		}
		length += len(run)
	}
	if length > maxWhole {
		return 0, ErrAmountTooLarge
	}
	var v int64
	for i, run := range n.runs[:runs] {
		if i > 0 {
			v *= 1000
		}
		v += digitsValue(run)
	}
	return v, nil
}

func digitsValue(digits string) (v int64) {
	for i := range len(digits) {
		v = v*10 + int64(digits[i]-'0')
	}
	return v
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// scientific tells if s is a number with an exponent, 1,5E+03.
func scientific(s string) bool {
	e := strings.IndexAny(s, "eE")
	if e <= 0 || !startsWithDigit(s) {
		return false
	}
	exponent := strings.TrimLeft(s[e+1:], "+-")
	return exponent != "" && strings.Trim(exponent, "0123456789") == "" && strings.Trim(s[:e], "0123456789.,") == ""
}

// shownAmount returns s if it can only be meant as an amount, and else its
// first character: a name or a mobile number in the wrong column stays hidden.
func shownAmount(s string) string {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("krsekKRSEK.,:-+=\u2212\u2013'", r) || isSpace(r):
		default:
			return mask(s)
		}
	}
	if digits == 0 || digits > 8 {
		return mask(s)
	}
	return s
}
