package sms

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Encoding is how a text travels over the air.
type Encoding uint8

// The two encodings of a text message.
const (
	// GSM7 is the 7-bit default alphabet of 3GPP TS 23.038 with its extension
	// table: 160 septets in one part, 153 in each of several.
	GSM7 Encoding = iota
	// UCS2 is UTF-16: 70 units in one part, 67 in each of several. One rune
	// outside GSM 7-bit forces the whole text into it.
	UCS2
)

// String gives the name as the operators of gateways write it.
func (e Encoding) String() string {
	if e == UCS2 {
		return "UCS-2"
	}
	return "GSM-7"
}

// limits returns how many units fit a message of one part, and each part of a
// longer one, which begins with a header.
func (e Encoding) limits() (single, part int) {
	if e == UCS2 {
		return 70, 67
	}
	return 160, 153
}

// units returns how many septets or UTF-16 units a rune takes. They are never
// divided between parts: an escape belongs to what it escapes, a surrogate to
// its other half.
func (e Encoding) units(r rune) int {
	if e == GSM7 && septets[r] <= 0x7f || e == UCS2 && r <= 0xffff {
		return 1
	}
	return 2
}

// basic is the default alphabet in the order of its codes; code 0x1B, the
// escape, is no character and is held by the replacement character here.
const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\uFFFDÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

const escape = 0x1b

// septets maps each rune of GSM 7-bit to its code; that of an extension rune
// has the escape in its high byte.
var septets = gsmTable()

func gsmTable() map[rune]uint16 {
	table := map[rune]uint16{
		'\f': 0x0a, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2f,
		'[': 0x3c, '~': 0x3d, ']': 0x3e, '|': 0x40, '€': 0x65,
	}
	for r, code := range table {
		table[r] = escape<<8 | code
	}
	for code, r := range []rune(basic) {
		if code != escape {
			table[r] = uint16(code)
		}
	}
	return table
}

// Count says what a text costs to send. Gateways charge by the segment.
type Count struct {
	// Encoding is GSM7 unless a rune forces UCS2.
	Encoding Encoding
	// Units is the length in septets (GSM7) or UTF-16 units (UCS2), without
	// the headers of the parts.
	Units int
	// Segments is the number of parts; 0 for an empty text.
	Segments int
	// Offending lists the runes that GSM 7-bit lacks, each once, in the order
	// in which they appear.
	Offending []rune
}

// String describes the count, with the offending runes and their code points:
// they are often invisible.
func (c Count) String() string {
	s := fmt.Sprintf("segments: %d, %s units: %d", c.Segments, c.Encoding, c.Units)
	for i, r := range c.Offending {
		if i == 0 {
			s += ", because of "
		} else {
			s += " "
		}
		s += fmt.Sprintf("%#U", r)
	}
	return s
}

// Analyze counts the segments of a text in NFC, the form in which it is sent.
func Analyze(text string) Count {
	text = normalize(text)
	var c Count
	for _, r := range text {
		if _, ok := septets[r]; !ok && !slices.Contains(c.Offending, r) {
			c.Encoding = UCS2
			c.Offending = append(c.Offending, r)
		}
	}
	for _, r := range text {
		c.Units += c.Encoding.units(r)
	}
	c.Segments = len(cut(text, c.Encoding, c.Units))
	return c
}

// Split returns the parts in which a text travels, each filled as far as it
// goes. Joined they are the text in NFC. An empty text has none.
func Split(text string) []string {
	c := Analyze(text)
	return cut(normalize(text), c.Encoding, c.Units)
}

func cut(text string, e Encoding, units int) []string {
	if text == "" {
		return nil
	}
	single, limit := e.limits()
	if units <= single {
		return []string{text}
	}
	var parts []string
	begin, used := 0, 0
	for at, r := range text {
		n := e.units(r)
		if used+n > limit {
			parts = append(parts, text[begin:at])
			begin, used = at, 0
		}
		used += n
	}
	return append(parts, text[begin:])
}

// Encode returns a text in GSM 7-bit, one septet in each byte, an extension
// rune as the escape 0x1B and its code. The error wraps [ErrNotGSM7] and names
// the first rune that the alphabet lacks.
func Encode(text string) ([]byte, error) {
	text = normalize(text)
	out := make([]byte, 0, len(text))
	for _, r := range text {
		code, ok := septets[r]
		if !ok {
			return nil, fmt.Errorf("%w: %+q", ErrNotGSM7, r)
		}
		if code > 0x7f {
			out = append(out, escape)
		}
		out = append(out, byte(code))
	}
	return out, nil
}

// normalize composes what can be composed: å as a and a ring would force UCS-2.
func normalize(text string) string {
	return norm.NFC.String(strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// folds maps what word processors and phones put in by themselves to what was
// typed. A replacer is immutable.
var folds = strings.NewReplacer(
	"‘", "'", "’", "'", "‚", "'", "‛", "'", "′", "'", "´", "'", "`", "'", "‹", "'", "›", "'",
	"“", `"`, "”", `"`, "„", `"`, "‟", `"`, "″", `"`, "«", `"`, "»", `"`,
	"‐", "-", "\u2011", "-", "‒", "-", "–", "-", "—", "-", "―", "-", "−", "-",
	"…", "...", "•", "-", "\t", " ",
	"\u00a0", " ", "\u2002", " ", "\u2003", " ", "\u2007", " ", "\u2009", " ", "\u200a", " ", "\u202f", " ",
	"\u00ad", "", "\u200b", "", "\u2060", "", "\ufeff", "",
)

// Fold replaces typographic quotes, dashes, ellipses, bullets and spaces by
// those of GSM 7-bit, and drops invisible marks, so that an apostrophe which a
// phone has made round does not double the cost of a message. Letters are left
// as they are. The result is in NFC.
func Fold(text string) string { return folds.Replace(normalize(text)) }
