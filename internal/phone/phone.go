// Package phone parses mobile numbers as people write them and keeps them
// from being printed by accident.
package phone

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// Number is a mobile number in E.164. The zero Number is no number. Number is
// comparable: two spellings of one number are equal (R08).
//
// Every way of printing a Number (fmt verbs, slog, text and JSON encoding)
// gives the masked form; only [Number.E164] gives the digits, so that each
// place where a number leaves the library can be found by name (I7).
type Number struct {
	// packed holds the digits as one big-endian integer and not as text: fmt
	// prints the unexported fields of a host's struct without asking Format,
	// and must not find a number there either.
	packed [8]byte
}

// The kinds of a number that is refused; [errors.Is] tells them apart.
var (
	// ErrEmpty: nothing but white space.
	ErrEmpty = errors.New("no number")
	// ErrScientific: a spreadsheet has turned the number into 4,67E+10.
	ErrScientific = errors.New("turned into a decimal number by a spreadsheet; format the column as text")
	// ErrCharacters: letters, extensions, formulas or other foreign characters.
	ErrCharacters = errors.New("holds something that is not part of a number")
	// ErrCountry: the country is not among those allowed.
	ErrCountry = errors.New("country is not allowed")
	// ErrNotMobile: too long, too short, or a land line.
	ErrNotMobile = errors.New("not a mobile number")
)

// Countries lists the ISO 3166 codes of the countries that can be allowed.
func Countries() []string {
	list := make([]string, len(plans))
	for i := range plans {
		list[i] = plans[i].country
	}
	return list
}

// Parse reads a mobile number as people and spreadsheets write it. Numbers
// without a country code belong to home; allowed lists the ISO 3166 codes that
// are accepted and defaults to all of [Countries]. The error is one of the Err
// values and never holds the number.
func Parse(s, home string, allowed ...string) (Number, error) {
	var d dialed
	if err := d.read(s); err != nil {
		return Number{}, err
	}
	p, national := d.split(home)
	if p == nil || !p.among(allowed) {
		return Number{}, ErrCountry
	}
	if !p.isMobile(national) {
		return Number{}, ErrNotMobile
	}
	return pack(p.code, national), nil
}

// FromE164 reads back what [Number.E164] gave; it is what a store uses.
func FromE164(s string) (Number, error) {
	if s == "" {
		return Number{}, nil
	}
	n, err := Parse(s, "")
	if err != nil {
		return Number{}, err
	}
	if n.E164() != s {
		return Number{}, fmt.Errorf("not in E.164: %w", ErrCharacters)
	}
	return n, nil
}

// pack needs no check: no plan has more than 15 digits, and no calling code
// begins with 0.
func pack(code string, national []byte) Number {
	var v uint64
	for i := range len(code) {
		v = v*10 + uint64(code[i]-'0')
	}
	for _, digit := range national {
		v = v*10 + uint64(digit-'0')
	}
	var n Number
	binary.BigEndian.PutUint64(n.packed[:], v)
	return n
}

// E164 returns the number in clear, +46701234567, for a gateway or a store.
// The zero Number gives "".
func (n Number) E164() string {
	if n.IsZero() {
		return ""
	}
	var buf [21]byte
	return string(strconv.AppendUint(append(buf[:0], '+'), binary.BigEndian.Uint64(n.packed[:]), 10))
}

// IsZero tells whether there is no number.
func (n Number) IsZero() bool { return n == Number{} }

// Masked returns the number with its middle hidden: +4670*****67.
func (n Number) Masked() string { return Mask(n.E164()) }

// String returns the masked form.
func (n Number) String() string { return n.Masked() }

// GoString returns the masked form.
func (n Number) GoString() string { return n.Masked() }

// Format prints the masked form whatever the verb.
func (n Number) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(n.Masked())) }

// LogValue gives slog the masked form.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.Masked()) }

// MarshalText gives encoders the masked form, so that a struct which is
// printed as JSON by accident shows no number. Stores use [Number.E164].
func (n Number) MarshalText() ([]byte, error) { return []byte(n.Masked()), nil }

// Mask hides the middle of anything that may be a number: the five first and
// two last characters stay, and of a short text no more than a third.
func Mask(s string) string {
	r := []rune(s)
	head, tail := 5, 2
	if len(r) < 11 {
		head, tail = len(r)/3, 0
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}
