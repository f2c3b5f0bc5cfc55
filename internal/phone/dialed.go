package phone

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// dialed is a number as it was written, less what people put between digits.
type dialed struct {
	buf  [24]byte
	n    int
	plus bool // began with + or 00
}

func (d *dialed) digits() []byte { return d.buf[:d.n] }

// read fills d from what was written.
func (d *dialed) read(s string) error {
	// Most numbers are plain: what scan takes as it is needs no cleaning.
	if d.scan(s) {
		return nil
	}
	s = strings.TrimSpace(toASCII(s))
	if s == "" {
		return ErrEmpty
	}
	if scientific(s) {
		return ErrScientific
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	if *d = (dialed{}); !d.scan(s) {
		return ErrCharacters
	}
	return nil
}

// scan reads digits and what people put between them, and tells if there was
// nothing else.
func (d *dialed) scan(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			if d.n < len(d.buf) { // that many are too many in any country
				d.buf[d.n] = c
				d.n++
			}
			continue
		}
		switch c {
		case '+':
			if d.n > 0 || d.plus {
				return false
			}
			d.plus = true
		case '(':
			// The zero in +46 (0)70 is not dialed after a calling code. Without
			// a plus, 47(0) may as well begin a Norwegian number.
			if strings.HasPrefix(s[i:], "(0)") && d.isCallingCode() {
				i += len("(0)") - 1
			}
		case ' ', '.', '-', ')', '/':
		default:
			return false
		}
	}
	if !d.plus && d.n > 2 && string(d.buf[:2]) == "00" {
		d.plus = true
		d.n = copy(d.buf[:], d.buf[2:d.n])
	}
	return d.n > 0
}

func (d *dialed) isCallingCode() bool {
	code := d.digits()
	if !d.plus {
		rest, ok := cutPrefix(code, "00")
		if !ok {
			return false
		}
		code = rest
	}
	for i := range plans {
		if plans[i].code == string(code) {
			return true
		}
	}
	return false
}

// split finds the country and the national number. A national number whose
// first zero a spreadsheet has eaten, and an international one that lost its
// plus, are still understood for home, where nothing else could be meant.
func (d *dialed) split(home string) (*plan, []byte) {
	digits := d.digits()
	if d.plus {
		for i := range plans {
			if rest, found := cutPrefix(digits, plans[i].code); found {
				return &plans[i], plans[i].withoutTrunk(rest)
			}
		}
		return nil, nil
	}
	p := planOf(home)
	if p == nil {
		return nil, nil
	}
	if rest, found := cutPrefix(digits, p.code); found {
		if rest = p.withoutTrunk(rest); p.isMobile(rest) {
			return p, rest
		}
	}
	return p, p.withoutTrunk(digits)
}

func cutPrefix(b []byte, prefix string) ([]byte, bool) {
	if len(b) < len(prefix) || string(b[:len(prefix)]) != prefix {
		return b, false
	}
	return b[len(prefix):], true
}

// scientific tells if s is what a spreadsheet makes of a long number.
func scientific(s string) bool {
	e := strings.IndexAny(s, "eE")
	if e <= 0 {
		return false
	}
	exponent := strings.TrimPrefix(s[e+1:], "+")
	return exponent != "" && strings.Trim(exponent, "0123456789") == "" && strings.Trim(s[:e], "0123456789.,") == ""
}

// toASCII turns the full-width forms, the spaces and the dashes of word
// processors into plain ones and drops the invisible marks that come along
// when a number is copied. It is narrower than Unicode's compatibility forms
// on purpose: those would also read a footnote's ² as the digit 2.
func toASCII(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	if ascii {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return r
		case r >= '\uff01' && r <= '\uff5e':
			return r - 0xfee0
		case r >= '\u2010' && r <= '\u2015', r == '\u2212':
			return '-'
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		switch r {
		case '\u00ad', '\u200b', '\u2060', '\ufeff', // soft hyphen, zero-width space, word joiner, byte-order mark
			'\u200e', '\u200f', '\u202a', '\u202c', '\u202d', '\u2066', '\u2068', '\u2069': // direction marks of contact lists
			return -1
		}
		return r
	}, s)
}
