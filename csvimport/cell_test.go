package csvimport

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/internal/csvsafe"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string
		code     Code
	}{
		{"", "", ""},
		{"  ", "", ""},
		{"\t", "", ""},
		{"\u00a0\u202f\u200b", "", ""},
		{"Anna", "Anna", ""},
		{"  Anna Maria ", "Anna Maria", ""},
		{"\u00a0Åsa\u2003", "Åsa", ""},
		{"Anna\n", "Anna", ""},
		{"A\u030asa", "Åsa", ""},
		{"e\u0301", "é", ""},
		{"\u212b", "Å", ""}, // the sign of ångström
		{"Tekniska\u00a0kontoret", "Tekniska kontoret", ""},
		{"O'Brien", "O'Brien", ""},
		{"'t Hart", "'t Hart", ""},
		{"Łukasz Žižek", "Łukasz Žižek", ""},
		{"محمد", "محمد", ""},
		{"x\u00d7y\u00f7z", "x\u00d7y\u00f7z", ""},
		{"a=b+c-d@e", "a=b+c-d@e", ""},
		{"=1", "", CodeFormula},
		{" =1", "", CodeFormula},
		{"\u00a0=1", "", CodeFormula},
		{"+46", "", CodeFormula},
		{"-", "", CodeFormula},
		{"-5", "", CodeFormula},
		{"@x", "", CodeFormula},
		{"'=1", "", CodeFormula},
		{"'-5", "", CodeFormula},
		{"\t=1", "", CodeFormula},
		{"\tAnna", "", CodeFormula},
		{"\rAnna", "", CodeFormula},
		{"＝1", "", CodeFormula},
		{"An\x00na", "", CodeControl},
		{"An\tna", "", CodeControl},
		{"Anna\x7fB", "", CodeControl},
		{"An\u0085na", "", CodeControl},
		{"An\u202ena", "", CodeControl},
		{"An\u2066na", "", CodeControl},
		{"An\nna", "", CodeLineBreak},
		{"An\rna", "", CodeLineBreak},
		{"An\u2028na", "", CodeLineBreak},
		{"An\ufffdna", "", CodeEncoding},
		{"J”rgen", "", CodeEncoding},
		{"B†t", "", CodeEncoding},
		{"5”-skärm, ”x”", "5”-skärm, ”x”", ""},
	} {
		got, code := clean(c.in)
		assert.Equal(t, c.want, got, "%q", c.in)
		assert.Equal(t, c.code, code, "%q", c.in)
	}
}

// The short way for most cells gives what the long way gives.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"Anna", " Åsa ", "=1", "'=1", "A\u030a", "a\u00a0b", "\t", "a\u2028", "J”rgen", "'-", "-\u0301", "\u0344", "a\u1100\u1161"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "x")
		got, code := clean(s)
		if want, wantCode := cleanUnicode(s); got != want || code != wantCode {
			t.Fatalf("%q gave %q %s, want %q %s", s, got, code, want, wantCode)
		}
		if code != "" {
			if got != "" {
				t.Fatalf("%q: %s and %q", s, code, got)
			}
			return
		}
		checkText(t, got)
		if again, code := clean(got); again != got || code != "" {
			t.Fatalf("%q gave %q, which gave %q %s", s, got, again, code)
		}
	})
}

// checkText sees that a text of a row is as it should be.
func checkText(t *testing.T, s string) {
	t.Helper()
	if s != trim(s) || !norm.NFC.IsNormalString(s) || !utf8.ValidString(s) || csvsafe.IsFormula(s) {
		t.Fatalf("%q is not clean", s)
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError || r != ' ' && unicode.Is(unicode.Zs, r) {
			t.Fatalf("%q holds %U", s, r)
		}
	}
}

func TestLooksLikeEmail(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"a@b.se", "anna.berg@kommunen.example", "ü.3@kommunen.example", "a+b@x.se", "o'brien@x.se", "a_b-c@sub.x-y.example", "åsa@räksmörgås.se", "1@1.se",
		strings.Repeat("a", 64) + "@b.se",
	} {
		assert.True(t, looksLikeEmail(s), s)
	}
	for _, s := range []string{
		"", "a", "@", "a@", "@b.se", "a@b", "a@.se", "a@b.", "a@b..se", ".a@b.se", "a.@b.se", "a..b@c.se", "a@b@c.se", "a b@c.se", "a@b c.se", "a@-b.se", "a,b@c.se",
		"Anna <a@b.se>", "a@b.se;c@d.se", "a@b.se,", "\"a\"@b.se", "a@[1.2.3.4]", "mailto:a@b.se", "a@b_c.se", "a@b.se/x", "a(b)@c.se", "a\\b@c.se",
		strings.Repeat("a", 65) + "@b.se", "a@" + strings.Repeat("b", 250) + ".se",
	} {
		assert.False(t, looksLikeEmail(s), s)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", " ": "", "A": "A***", "Anna": "A***", " Åsa": "Å***", "=HYPERLINK": "=***"} {
		assert.Equal(t, want, mask(in))
	}
}
