package phone

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestR08_SpellingsOfOneNumberAreOnePerson(t *testing.T) {
	t.Parallel()
	want, err := FromE164("+46701234567")
	require.NoError(t, err)
	for name, s := range map[string]string{
		"hyphen and spaces":          "070-123 45 67",
		"bare":                       "0701234567",
		"international prefix 00":    "0046701234567",
		"plus, (0), spaces":          "+46 (0)70 123 45 67",
		"plus, (0), no spaces":       "+46(0)701234567",
		"plus, (0) set apart":        "+46 (0) 70 123 45 67",
		"00 and (0)":                 "0046 (0)70 123 45 67",
		"plus and trunk zero":        "+46 070 123 45 67",
		"code in parentheses":        "(+46) 70 123 45 67",
		"trunk in parentheses":       "(070) 123 45 67",
		"lost plus":                  "46701234567",
		"lost plus, (0)":             "46 (0)70 123 45 67",
		"lost zero":                  "701234567",
		"slash and dots":             "070/123.45.67",
		"en dash":                    "070\u2013123\u00a045\u00a067",
		"non-breaking hyphen":        "070\u2011123 45 67",
		"minus sign":                 "070\u2212123 45 67",
		"no-break spaces":            "070\u00a0123\u00a045\u00a067",
		"narrow no-break spaces":     "070\u202f123\u202f45\u202f67",
		"thin spaces":                "070\u2009123\u200945\u200967",
		"white space around":         "\t 070-123 45 67\u00a0\n",
		"full-width":                 "\uff10\uff17\uff10\uff0d\uff11\uff12\uff13\u3000\uff14\uff15\uff16\uff17",
		"full-width plus":            "\uff0b\uff14\uff16\uff17\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
		"full-width (0)":             "+46\uff080\uff09701234567",
		"marks of a contact list":    "\u202a070-123 45 67\u202c",
		"override of a contact":      "\u202d0701234567\u202c",
		"byte-order mark and U+200B": "\ufeff070\u200b1234567",
		"soft hyphen":                "070\u00ad1234567",
		"as a link":                  "tel:+46701234567",
		"as a link, capitals":        "Tel: 070-123 45 67",
	} {
		got, err := Parse(s, "SE")
		require.NoError(t, err, name)
		assert.True(t, want == got, "%s: %s", name, got.E164())
	}
}

func TestR08_CountriesHaveTheirOwnNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, home, want string }{
		{"+47 412 34 567", "SE", "+4741234567"},
		{"41234567", "NO", "+4741234567"},
		{"4741234567", "NO", "+4741234567"},
		{"47123456", "NO", "+4747123456"}, // eight digits that begin like the calling code
		{"+47 (0)412 34 567", "SE", "+4741234567"},
		{"+45 20 12 34 56", "SE", "+4520123456"},
		{"20123456", "DK", "+4520123456"},
		{"0045 45201234", "SE", "+4545201234"},
		{"+358 40 1234567", "SE", "+358401234567"},
		{"+358 (0)50 123 456", "SE", "+35850123456"},
		{"040 123 4567", "FI", "+358401234567"},
		{"00358401234567", "SE", "+358401234567"},
	} {
		got, err := Parse(c.in, c.home)
		require.NoError(t, err, c.in)
		assert.Equal(t, c.want, got.E164(), c.in)
	}
}

func TestR08_RefusesWhatIsNoMobileNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     error
	}{
		{"nothing", "", ErrEmpty},
		{"spaces", " \t\u00a0\u202f", ErrEmpty},
		{"marks only", "\u200b\ufeff", ErrEmpty},
		{"land line", "08-123 45 67", ErrNotMobile},
		{"land line of ten digits", "046-123 45 67", ErrNotMobile},
		{"free number", "020-12 34 56", ErrNotMobile},
		{"premium number", "0900-123 45 67", ErrNotMobile},
		{"emergency", "112", ErrNotMobile},
		{"machine series 71", "071-123 45 67", ErrNotMobile},
		{"a digit short", "070-123 45 6", ErrNotMobile},
		{"a digit long", "070-123 45 678", ErrNotMobile},
		{"very long", strings.Repeat("070", 30), ErrNotMobile},
		{"longer than is kept", "+46701234567" + strings.Repeat("0", 20), ErrNotMobile},
		{"two trunk zeros", "+46 00 70 123 45 67", ErrNotMobile},
		{"zero lost in the middle", "070 12(0)3 45 67", ErrNotMobile},
		{"Danish premium", "+45 90 12 34 56", ErrNotMobile},
		{"Danish free number", "+45 80 12 34 56", ErrNotMobile},
		{"Norwegian land line", "+47 22 12 34 56", ErrNotMobile},
		{"Finnish land line", "+358 9 123 456", ErrNotMobile},
		{"Finnish land line of mobile length", "+358 51 123 4567", ErrNotMobile},
		{"other country", "+49 170 1234567", ErrCountry},
		{"other country, 00", "001 212 555 0100", ErrCountry},
		{"plus and 00", "+0046701234567", ErrCountry},
		{"nothing but zeros", "00", ErrNotMobile},
		{"letters", "070-CALL ME", ErrCharacters},
		{"letter O for zero", "O70-123 45 67", ErrCharacters},
		{"extension", "070-123 45 67;ext=5", ErrCharacters},
		{"extension in words", "070-123 45 67 ext 5", ErrCharacters},
		{"extension x", "0701234567x5", ErrCharacters},
		{"link with extension", "tel:+46701234567;ext=5", ErrCharacters},
		{"formula", "=0701234567", ErrCharacters},
		{"apostrophe", "'0701234567", ErrCharacters},
		{"plus inside", "070+1234567", ErrCharacters},
		{"two plus", "++46701234567", ErrCharacters},
		{"two numbers", "070-123 45 67, 070-123 45 68", ErrCharacters},
		{"line break inside", "070-123\n45 67", ErrCharacters},
		{"NUL", "0701234567\x00", ErrCharacters},
		{"superscript is no digit", "070-123 45 6\u00b2", ErrCharacters},
		{"Arabic digits", "\u0660\u0667\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667", ErrCharacters},
		{"right-to-left override", "\u202e0701234567", ErrCharacters},
		{"broken text", "070\xff1234567", ErrCharacters},
		{"punctuation only", "+-()", ErrCharacters},
		{"scientific, Swedish", "4,67012E+10", ErrScientific},
		{"scientific, English", "4.67E+10", ErrScientific},
		{"scientific, no sign", "4,67e10", ErrScientific},
		{"nearly scientific", "4,67E+", ErrCharacters},
		{"begins with E", "E+10", ErrCharacters},
	} {
		got, err := Parse(c.in, "SE")
		assert.ErrorIs(t, err, c.want, c.name)
		assert.True(t, got.IsZero(), c.name)
		if digits := strings.Trim(c.in, " "); err != nil && len(digits) > 5 {
			assert.NotContains(t, err.Error(), digits, "I7 %s", c.name)
		}
	}
}

// All two-digit beginnings of a Swedish number, so that none is let in by
// mistake.
func TestR08_SwedishMobileSeries(t *testing.T) {
	t.Parallel()
	mobile := map[int]bool{70: true, 72: true, 73: true, 76: true, 79: true}
	for series := range 100 {
		s := fmt.Sprintf("+46%02d1234567", series)
		_, err := Parse(s, "SE")
		assert.Equal(t, mobile[series], err == nil, s)
	}
}

func TestAllowedCountries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in      string
		home    string
		allowed []string
		want    error
	}{
		{"+4741234567", "SE", nil, nil},
		{"+4741234567", "SE", []string{"SE", "NO"}, nil},
		{"+4741234567", "SE", []string{"SE"}, ErrCountry},
		{"0701234567", "SE", []string{"NO"}, ErrCountry},
		{"+46701234567", "DE", nil, nil}, // home is asked for national numbers only
		{"0701234567", "DE", nil, ErrCountry},
	} {
		_, err := Parse(c.in, c.home, c.allowed...)
		assert.ErrorIs(t, err, c.want, "%s %s %v", c.in, c.home, c.allowed)
	}
	assert.Equal(t, []string{"SE", "NO", "DK", "FI"}, Countries())
	Countries()[0] = "XX"
	assert.Equal(t, "SE", Countries()[0], "a caller's change of the list stays with the caller")
}

func TestFromE164(t *testing.T) {
	t.Parallel()
	n, err := FromE164("")
	require.NoError(t, err)
	assert.True(t, n.IsZero())
	assert.Empty(t, n.E164())
	for _, s := range []string{"+46701234567", "+4741234567", "+4520123456", "+358401234", "+3584012345678"} {
		n, err := FromE164(s)
		require.NoError(t, err, s)
		assert.Equal(t, s, n.E164())
	}
	for _, s := range []string{"46701234567", "0701234567", "+46 701234567", "+460701234567", "+4681234567", "x", " "} {
		n, err := FromE164(s)
		assert.Error(t, err, s)
		assert.True(t, n.IsZero(), s)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":              "",
		"1":             "*",
		"112":           "1**",
		"4,67E+10":      "4,******",
		"0701234567":    "070*******",
		"+46701234567":  "+4670*****67",
		"070-123 45 67": "070-1******67",
		"ÅÄÖåäö":        "ÅÄ****",
	} {
		assert.Equal(t, want, Mask(in), in)
	}
}

// I7: whatever way a Number is printed, also as an unexported field that fmt
// reads without asking, its digits do not show.
func TestI7_NumberIsNeverPrinted(t *testing.T) {
	t.Parallel()
	n, err := Parse("070-123 45 67", "SE")
	require.NoError(t, err)
	type exported struct {
		Number  Number
		Pointer *Number
		Map     map[Number]Number
	}
	type hidden struct {
		number Number
		list   []Number
	}
	for name, v := range map[string]any{
		"value":   n,
		"pointer": &n,
		"slice":   []Number{n},
		"struct":  exported{n, &n, map[Number]Number{n: n}},
		"hidden":  hidden{n, []Number{n}},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%o", "%b", "%t", "%20s"} {
			noDigits(t, fmt.Sprintf(verb, v), name+" "+verb)
		}
		out, err := json.Marshal(v)
		require.NoError(t, err, name)
		noDigits(t, string(out), name+" json")
		for _, h := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(h(&b)).Info("message", "number", v)
			noDigits(t, b.String(), name+" slog")
		}
	}
	assert.Equal(t, "+4670*****67", fmt.Sprintf("%d", n))
	assert.Equal(t, "+4670*****67", n.LogValue().String())
	noDigits(t, fmt.Sprint(fmt.Errorf("number %v", n)), "error")
}

// noDigits looks for the part of the number that identifies a person.
func noDigits(t *testing.T, s, how string) {
	t.Helper()
	assert.NotContains(t, s, "12345", how)
	assert.NotContains(t, s, "6701234567", how)
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"070-123 45 67", "+46701234567", "070\u00a0123\u00a045\u00a067"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(s, "SE"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
