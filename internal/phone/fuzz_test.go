package phone

import (
	"strings"
	"testing"
	"unicode"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"070-123 45 67", "+46 (0)70 123 45 67", "46(0)701234567", "701234567", "0046701234567", "+4741234567", "20123456",
		"+358 50 123 456", "4,67012E+10", "tel:+46701234567;ext=5", "=0701234567", "'070", "070\u00a0123\u202f45 67", "\uff10\uff17\uff10", "112", "\xff",
	} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(2))
	}
	f.Add("47(0)000000", uint8(1)) // once read as +47 47 00 00 00
	f.Fuzz(func(t *testing.T, s string, country uint8) {
		home := Countries()[int(country)%len(Countries())]
		n, err := Parse(s, home)
		if err != nil {
			if !n.IsZero() {
				t.Fatalf("%q: an error and a number", s)
			}
			return
		}
		e164 := n.E164()
		if len(e164) > 16 || e164[0] != '+' || e164[1] == '0' || strings.Trim(e164[1:], "0123456789") != "" {
			t.Fatalf("%q: %q is no E.164", s, e164)
		}
		// Every digit that was typed is in the number, in order, and nothing
		// else is: only zeros and a calling code may come or go at the front.
		typed := strings.TrimLeft(digitsOf(s), "0")
		if national := e164[len("+46"):]; !strings.HasSuffix(typed, national[1:]) {
			t.Fatalf("%q: %q holds other digits", s, e164)
		}
		for _, again := range []func() (Number, error){
			func() (Number, error) { return Parse(e164, home) },
			func() (Number, error) { return Parse(e164, "") },
			func() (Number, error) { return FromE164(e164) },
		} {
			if m, err := again(); err != nil || m != n {
				t.Fatalf("%q: %q reads back as %q, %v", s, e164, m.E164(), err)
			}
		}
		p := planOf(home)
		for i := range plans {
			if strings.HasPrefix(e164[1:], plans[i].code) {
				p = &plans[i]
			}
		}
		if national := e164[1+len(p.code):]; strings.Contains(n.Masked(), national) {
			t.Fatalf("%q: the mask %q shows the number", s, n.Masked())
		}
		if strings.Count(n.Masked(), "*") < 4 {
			t.Fatalf("%q: the mask %q hides too little", s, n.Masked())
		}
	})
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\uff10' && r <= '\uff19':
			return r - 0xfee0
		case r <= unicode.MaxASCII && unicode.IsDigit(r):
			return r
		}
		return -1
	}, s)
}
