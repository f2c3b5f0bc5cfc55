package sie

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// likeness is what stands for characters that code page 437 does not have and
// that are no letter with a mark.
var likeness = map[rune]string{
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-", '⁄': "/",
	'‘': "'", '’': "'", '‚': "'", '´': "'", '“': `"`, '”': `"`, '„': `"`,
	'Ø': "O", 'ø': "o", 'Ł': "L", 'ł': "l", 'Đ': "D", 'đ': "d", 'Ð': "D", 'ð': "d", 'Þ': "Th", 'þ': "th",
	'Œ': "OE", 'œ': "oe", 'ı': "i", 'ẞ': "SS", '€': "EUR", '×': "x", '©': "(c)", '®': "(r)",
}

// quoted returns a text field of a line, in code page 437.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range norm.NFC.String(text) {
		nearest(&b, r)
	}
	b.WriteByte('"')
	return b.String()
}

// nearest writes a character, or what is nearest to it.
func nearest(b *strings.Builder, r rune) {
	c, ok := charmap.CodePage437.EncodeRune(r)
	like, alike := likeness[r]
	switch {
	case unicode.IsControl(r) || unicode.IsSpace(r):
		b.WriteByte(' ')
	case unicode.In(r, unicode.Mn, unicode.Cf): // a mark that has lost its letter, or nothing to see
	case r == '"':
		b.WriteString(`\"`)
	case r == '\\':
		b.WriteByte('/')
	case ok:
		b.WriteByte(c)
	case alike:
		for _, r := range like {
			nearest(b, r)
		}
	default:
		parts := norm.NFKD.String(string(r))
		if parts == string(r) {
			b.WriteByte('?')
			return
		}
		for _, r := range parts {
			nearest(b, r)
		}
	}
}
