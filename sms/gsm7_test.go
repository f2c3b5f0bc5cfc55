package sms

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

func TestAnalyze(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want Count
	}{
		"nothing":                     {"", Count{GSM7, 0, 0, nil}},
		"one septet":                  {"a", Count{GSM7, 1, 1, nil}},
		"Swedish":                     {"åäöÅÄÖéÉüÜ", Count{GSM7, 10, 1, nil}},
		"signs":                       {"@£$¥§¤¡¿\r\n", Count{GSM7, 10, 1, nil}},
		"extension":                   {"^{}\\[]~|€\f", Count{GSM7, 20, 1, nil}},
		"160 septets":                 {strings.Repeat("a", 160), Count{GSM7, 160, 1, nil}},
		"161 septets":                 {strings.Repeat("a", 161), Count{GSM7, 161, 2, nil}},
		"306 septets":                 {strings.Repeat("a", 306), Count{GSM7, 306, 2, nil}},
		"307 septets":                 {strings.Repeat("a", 307), Count{GSM7, 307, 3, nil}},
		"80 euro":                     {strings.Repeat("€", 80), Count{GSM7, 160, 1, nil}},
		"81 euro":                     {strings.Repeat("€", 81), Count{GSM7, 162, 2, nil}},
		"escape on the edge":          {strings.Repeat("a", 152) + "€" + strings.Repeat("b", 151), Count{GSM7, 305, 2, nil}},
		"escape on the edge, no room": {strings.Repeat("a", 152) + "€" + strings.Repeat("b", 152), Count{GSM7, 306, 3, nil}},
		"70 units":                    {strings.Repeat("–", 70), Count{UCS2, 70, 1, []rune("–")}},
		"71 units":                    {strings.Repeat("–", 71), Count{UCS2, 71, 2, []rune("–")}},
		"134 units":                   {strings.Repeat("–", 134), Count{UCS2, 134, 2, []rune("–")}},
		"135 units":                   {strings.Repeat("–", 135), Count{UCS2, 135, 3, []rune("–")}},
		"35 emoji":                    {strings.Repeat("😀", 35), Count{UCS2, 70, 1, []rune("😀")}},
		"36 emoji":                    {strings.Repeat("😀", 36), Count{UCS2, 72, 2, []rune("😀")}},
		"67 emoji":                    {strings.Repeat("😀", 67), Count{UCS2, 134, 3, []rune("😀")}},
		"euro is one unit in UCS-2":   {"€–€", Count{UCS2, 3, 1, []rune("–")}},
		"autocorrected":               {"”It’s” – …", Count{UCS2, 10, 1, []rune("”’–…")}},
		"no-break space, tab":         {"a\u00a0b\tc", Count{UCS2, 5, 1, []rune("\u00a0\t")}},
		"foreign letters":             {"áâïëôŠł", Count{UCS2, 7, 1, []rune("áâïëôŠł")}},
		"signs that are missing":      {"´`¨°½ç", Count{UCS2, 6, 1, []rune("´`¨°½ç")}},
		"decomposed å is composed":    {"a\u030a", Count{GSM7, 1, 1, nil}},
		"Ångström sign is composed":   {"\u212b", Count{GSM7, 1, 1, nil}},
		"a ring that cannot be":       {"q\u030a", Count{UCS2, 2, 1, []rune("\u030a")}},
		"the escape itself":           {"\x1b", Count{UCS2, 1, 1, []rune("\x1b")}},
		"invalid UTF-8":               {"a\xff", Count{UCS2, 2, 1, []rune("\uFFFD")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, Analyze(c.text))
		})
	}
}

func TestCountNamesWhatIsInvisible(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `segments: 1, UCS-2 units: 5, because of U+00A0 U+0009`, Analyze("a\u00a0b\tc").String())
	assert.Equal(t, `segments: 1, UCS-2 units: 1, because of U+2013 '–'`, Analyze("–").String())
	assert.Equal(t, `segments: 2, GSM-7 units: 162`, Analyze(strings.Repeat("€", 81)).String())
}

func TestSplit(t *testing.T) {
	t.Parallel()
	a := strings.Repeat("a", 152)
	assert.Nil(t, Split(""))
	assert.Equal(t, []string{a + "€"}, Split(a+"€"))
	assert.Equal(t, []string{a, "€bbbbbbb"}, Split(a+"€bbbbbbb"), "the escape moves with its euro")
	b := strings.Repeat("–", 66)
	assert.Equal(t, []string{b, "😀–––"}, Split(b+"😀–––"), "a surrogate pair moves whole")
	assert.Equal(t, []string{"å"}, Split("a\u030a"))
}

// The codes of 3GPP TS 23.038, clause 6.2.1, for all that the Nordic languages
// need and for every corner of the tables.
func TestEncode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":              "",
		"@£$¥":          "\x00\x01\x02\x03",
		"Øø\r\nÅå":      "\x0b\x0c\x0d\x0a\x0e\x0f",
		"Δ_Ξ":           "\x10\x11\x1a",
		"ÆæßÉ ":         "\x1c\x1d\x1e\x1f\x20",
		"¤":             "\x24",
		"/09:?":         "\x2f\x30\x39\x3a\x3f",
		"¡AZÄÖÑ\u00dc§": "\x40\x41\x5a\x5b\x5c\x5d\x5e\x5f",
		"¿azäöñüà":      "\x60\x61\x7a\x7b\x7c\x7d\x7e\x7f",
		"\f^{}\\":       "\x1b\x0a\x1b\x14\x1b\x28\x1b\x29\x1b\x2f",
		"[~]|€":         "\x1b\x3c\x1b\x3d\x1b\x3e\x1b\x40\x1b\x65",
		"a\u030a":       "\x0f",
		"K7QP-3MXW.":    "K7QP-3MXW.",
	} {
		got, err := Encode(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, string(got), text)
	}
	_, err := Encode("a – b")
	require.ErrorIs(t, err, ErrNotGSM7)
	assert.ErrorContains(t, err, `'\u2013'`)
}

func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	seen := map[uint16]rune{}
	for r, code := range septets {
		assert.Zero(t, seen[code], "%q and %q share code %#x", r, seen[code], code)
		seen[code] = r
	}
	assert.Len(t, seen, 127+10, "128 codes less the escape, and ten extensions")
}

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"”Det’s” – “så” — bra…":     `"Det's" - "så" - bra...`,
		"a\u00a0b\u202fc\td":        "a b c d",
		"re\u00adsa\u200b\ufeff":    "resa",
		"• punkt":                   "- punkt",
		"Zoë, Łukasz, å, €, {}":     "Zoë, Łukasz, å, €, {}",
		"a\u030a":                   "å",
		"Redan ren: 'a' \"b\" - ok": "Redan ren: 'a' \"b\" - ok",
	} {
		assert.Equal(t, want, Fold(text))
		assert.Equal(t, want, Fold(Fold(text)), "folding twice")
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"", "a", strings.Repeat("€", 81), strings.Repeat("😀", 36), strings.Repeat("a", 152) + "€bbbbbbb",
		strings.Repeat("–", 66) + "😀–––", "a\u030a", "\xff\xfe", strings.Repeat("a\u030a", 200), "\x1b[", "e\u0301\u0301",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, parts := Analyze(text), Split(text)
		sent := strings.Join(parts, "")
		require.Equal(t, norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD")), sent, "parts join to the text in NFC")
		require.True(t, utf8.ValidString(sent))
		require.Len(t, parts, c.Segments)
		require.Equal(t, c.Encoding == UCS2, len(c.Offending) > 0)

		encoded, err := Encode(text)
		require.Equal(t, c.Encoding == GSM7, err == nil)
		limit, units := 160, 0
		switch {
		case c.Encoding == UCS2 && len(parts) == 1:
			limit = 70
		case c.Encoding == UCS2:
			limit = 67
		case len(parts) > 1:
			limit = 153
		}
		for i, part := range parts {
			require.NotEmpty(t, part)
			n := len(utf16.Encode([]rune(part)))
			if c.Encoding == GSM7 {
				septets, err := Encode(part)
				require.NoError(t, err)
				require.NotEqual(t, byte(escape), septets[len(septets)-1], "part %d ends in an escape", i)
				n = len(septets)
			} else if last := utf16.Encode([]rune(part)); i < len(parts)-1 {
				require.False(t, last[len(last)-1] >= 0xd800 && last[len(last)-1] < 0xdc00, "part %d ends in half a pair", i)
			}
			require.LessOrEqual(t, n, limit, "part %d", i)
			if i < len(parts)-1 {
				require.GreaterOrEqual(t, n, limit-1, "part %d could hold more", i)
			}
			units += n
		}
		require.Equal(t, c.Units, units)
		if c.Encoding == GSM7 {
			require.Len(t, encoded, c.Units)
		}
		if c.Segments == 2 {
			single := map[Encoding]int{GSM7: 160, UCS2: 70}[c.Encoding]
			require.Greater(t, c.Units, single, "two parts where one would do")
		}
	})
}
