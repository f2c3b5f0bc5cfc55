package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/travel"
)

// family is what fpdf knows the fonts as.
const family = "document"

// fonts are the regular and the bold letters.
type fonts struct {
	regular, bold *font
}

// font is a TrueType font, which characters of Unicode's first plane it has,
// and their widths in thousandths of the size, as fpdf writes them into a file.
type font struct {
	data   []byte
	has    [1 << 16]bool
	widths [1 << 16]uint16
}

func readFonts(f Fonts) (*fonts, error) {
	if f.Regular == nil && f.Bold == nil {
		f = Fonts{goregular.TTF, gobold.TTF}
	}
	regular, err := readFont(f.Regular)
	if err != nil {
		return nil, &travel.InputError{Field: "Options.Fonts.Regular", Reason: err.Error(), Err: err}
	}
	bold, err := readFont(f.Bold)
	if err != nil {
		return nil, &travel.InputError{Field: "Options.Fonts.Bold", Reason: err.Error(), Err: err}
	}
	return &fonts{regular, bold}, nil
}

// readFont reads a font and tries it: fpdf panics on some that it can't read.
func readFont(data []byte) (f *font, err error) {
	parsed, err := sfnt.Parse(data)
	if err != nil {
		return nil, err
	}
	f = &font{data: bytes.Clone(data)}
	var buffer sfnt.Buffer
	for r := range f.has {
		i, err := parsed.GlyphIndex(&buffer, rune(r))
		if err != nil {
			return nil, err
		}
		f.has[r] = i != 0
	}
	if !f.has['0'] || !isTrueType(data) {
		return nil, errors.New("is no TrueType font with Unicode characters")
	}
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("can't be embedded: %v", r)
		}
	}()
	out := newFile("P")
	out.AddUTF8FontFromBytes(family, "", bytes.Clone(data))
	out.AddPage()
	out.SetFont(family, "", 10)
	out.Text(0, 0, "0")
	for r := range f.widths {
		f.widths[r] = uint16(out.GetStringSymbolWidth(string(rune(r))))
	}
	return f, out.Output(new(bytes.Buffer))
}

func isTrueType(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0, 1, 0, 0}) || bytes.HasPrefix(data, []byte("true"))
}

// add makes the fonts known to a file. fpdf pads tables in place, so each file
// has its own copy.
func (f *fonts) add(out *fpdf.Fpdf) {
	out.AddUTF8FontFromBytes(family, "", bytes.Clone(f.regular.data))
	out.AddUTF8FontFromBytes(family, "B", bytes.Clone(f.bold.data))
}

// style is how a text looks.
type style struct {
	bold bool
	// size is in points.
	size float64
	ink  ink
}

// ink is a color, in red, green and blue.
type ink [3]int

// mmPerPoint is how many millimeters a point has.
const mmPerPoint = 25.4 / 72

// lead is the height of a line in millimeters.
func (s style) lead() float64 { return s.size * mmPerPoint * 1.36 }

func (f *fonts) face(s style) *font {
	if s.bold {
		return f.bold
	}
	return f.regular
}

// width returns how wide a clean text is, in millimeters.
func (f *fonts) width(s style, text string) float64 {
	face, sum := f.face(s), 0
	for _, r := range text {
		sum += int(face.widths[uint16(r)])
	}
	return float64(sum) * s.size * mmPerPoint / 1000
}

// clean returns a text as it can be set: as clean does, and letters that the
// fonts lack without their marks, if they have those: Nguyen for Nguyễn.
func (f *fonts) clean(text string) string {
	if isPlain(text) {
		return text
	}
	text = clean(text)
	lacks := func(r rune) bool { return !f.regular.has[uint16(r)] || !f.bold.has[uint16(r)] }
	if strings.IndexFunc(text, lacks) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if lacks(r) {
			if base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r))); !lacks(base) {
				return base
			}
		}
		return r
	}, text)
}

// clean returns a text as it can be written: composed (NFC), white space as single
// spaces, nothing invisible, and U+FFFD for what is not in Unicode's first
// plane, which fpdf can't write.
func clean(text string) string {
	if isPlain(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u202f':
			return '\u00a0'
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		case r > 0xffff:
			return unicode.ReplacementChar
		}
		return r
	}, norm.NFC.String(text))
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }), " ")
}

// isPlain tells whether a text is clean already, as most are.
func isPlain(text string) bool {
	space := true
	for _, r := range text {
		if r < ' ' || r > 0x17f || r >= 0x7f && r <= 0xa0 || r == 0xad || r == ' ' && space {
			return false
		}
		space = r == ' '
	}
	return !space || text == ""
}

// wrap breaks a clean text into lines of at most width millimeters, at spaces,
// and a word that is longer than a line behind a dash or the like, or where the
// line ends. A line has at least one character.
func (f *fonts) wrap(s style, text string, width float64) []string {
	if f.width(s, text) <= width {
		return []string{text}
	}
	var lines []string
	line, used := "", 0.0
	space := f.width(s, " ")
	for word := range strings.SplitSeq(text, " ") {
		w := f.width(s, word)
		if line != "" && used+space+w <= width {
			line += " " + word
			used += space + w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for w > width {
			cut := f.cut(s, word, width)
			if cut == len(word) {
				break // one character
			}
			lines = append(lines, word[:cut])
			word = word[cut:]
			w = f.width(s, word)
		}
		line, used = word, w
	}
	return append(lines, line)
}

// cut returns where a word that is too long is broken.
func (f *fonts) cut(s style, word string, width float64) int {
	face := f.face(s)
	room := width / (s.size * mmPerPoint / 1000)
	end, good, used := 0, 0, 0.0
	var before rune
	for i, r := range word {
		if i > 0 && !unicode.Is(unicode.M, r) {
			end = i
			if strings.ContainsRune("-–/@._", before) {
				good = i
			}
		}
		used += float64(face.widths[uint16(r)])
		if used > room && end > 0 {
			if good > end/2 {
				return good
			}
			return end
		}
		before = r
	}
	return len(word)
}
