package csvimport

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/internal/csvsafe"
)

// clean returns a cell's text trimmed, in NFC and with plain spaces, or the
// code of what is wrong with it. The cell is valid UTF-8.
func clean(s string) (string, Code) {
	if s == "" {
		return s, ""
	}
	var class byte
	for i := range len(s) {
		class |= classes[s[i]]
	}
	if class >= rare {
		return cleanUnicode(s)
	}
	if s[0] == ' ' || s[len(s)-1] == ' ' {
		s = strings.Trim(s, " ")
	}
	if s == "" || classes[s[0]] == plain {
		return s, ""
	}
	return checkFormula(s)
}

// Classes of the bytes of valid UTF-8.
const (
	plain   = 0 // letters from À to ÿ, which are 0xc3 and another byte, and most of ASCII
	formula = 1 // what could be a formula in the first place, or hide one
	rare    = 2 // parts of what may have to be composed, replaced or refused
)

var classes = func() (class [256]byte) {
	for c := range class {
		switch {
		case strings.IndexByte("=+-@'", byte(c)) >= 0:
			class[c] = formula
		case c < ' ' || c == 0x7f || c >= 0xc0 && c != 0xc3:
			class[c] = rare
		}
	}
	return class
}()

// cleanUnicode is clean for every text; the other is its short way for most.
func cleanUnicode(s string) (string, Code) {
	first := s
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
	}
	s = trim(s)
	if s == "" {
		return "", ""
	}
	if first[0] == '\t' || first[0] == '\r' {
		return "", CodeFormula
	}
	spaces := false
	for i, r := range s {
		switch {
		case r == utf8.RuneError || strings.ContainsRune(misread, r) && betweenLetters(s, i):
			return "", CodeEncoding
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			return "", CodeLineBreak
		case unicode.IsControl(r) || isDirection(r):
			return "", CodeControl
		case r != ' ' && isSpace(r):
			spaces = true
		}
	}
	if spaces {
		s = strings.Map(func(r rune) rune {
			if isSpace(r) {
				return ' '
			}
			return r
		}, s)
	}
	return checkFormula(s)
}

// misread are the signs that the Swedish letters and é of code page 850 become
// when they are read as Windows-1252: B†rje, J”rgen.
const misread = "†„”™€‚"

func betweenLetters(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	_, size := utf8.DecodeRuneInString(s[at:])
	after, _ := utf8.DecodeRuneInString(s[at+size:])
	return unicode.IsLetter(before) && unicode.IsLetter(after)
}

// checkFormula refuses what a spreadsheet would compute, also behind the
// apostrophe that our own files put there.
func checkFormula(s string) (string, Code) {
	if csvsafe.IsFormula(withoutApostrophe(s)) {
		return "", CodeFormula
	}
	return s, ""
}

// withoutApostrophe drops the ' that our own files put before + and the like,
// and leaves the one of 't Hart.
func withoutApostrophe(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && csvsafe.IsFormula(rest) {
		return rest
	}
	return s
}

// trim drops white space of every kind and invisible marks at both ends.
func trim(s string) string {
	// Most cells have nothing to trim, and ASCII at both ends.
	if s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff' || r == '\u00ad'
	})
}

// isSpace tells if r is a space within a line: plain, no-break, thin and so on.
func isSpace(r rune) bool {
	return r == ' ' || r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r)
}

// isDirection tells if r changes the direction of writing, by which a text can
// be made to look like another.
func isDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// looksLikeEmail tells if s can be an address: it finds slips, not whether the
// mailbox exists.
func looksLikeEmail(s string) bool {
	at, dot := -1, -1
	before := byte('.') // the character before, as far as it matters
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf {
			before = c
			continue
		}
		switch {
		case c == '.' && before != '.' && before != '@':
			dot = i
		case c == '@' && before != '.' && at < 0 && i <= 64:
			at = i
		case c == '-' && before != '@':
		case at < 0 && strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0:
		default:
			return false
		}
		before = c
	}
	return at > 0 && dot > at && before != '.' && len(s) <= 254
}

// mask shows the first character and hides the rest, its length included.
func mask(s string) string {
	s = trim(s)
	if s == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size] + "***"
}
