package xlsx

import (
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tjansteresor/tjansteresor/credit"
)

// sheet writes one worksheet, row by row and cell by cell. The first error
// stays.
type sheet struct {
	out io.Writer
	buf []byte
	// row and column are those of the last cell, from 1.
	row, column int
	err         error
}

// chunk is how much is collected before it is written.
const chunk = 32 << 10

func (s *sheet) raw(text string) { s.buf = append(s.buf, text...) }

func (s *sheet) integer(n int64) { s.buf = strconv.AppendInt(s.buf, n, 10) }

func (s *sheet) flush() {
	if s.err == nil && len(s.buf) > 0 {
		_, s.err = s.out.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

// begin begins the next row, end ends it.
func (s *sheet) begin() {
	s.row++
	s.column = 0
	s.raw(`<row r="`)
	s.integer(int64(s.row))
	s.raw(`">`)
}

func (s *sheet) end() {
	s.raw(`</row>`)
	if len(s.buf) >= chunk {
		s.flush()
	}
}

// skip leaves a cell empty, blank a row.
func (s *sheet) skip() { s.column++ }

func (s *sheet) blank() { s.row++ }

// cell begins the next cell: number and text end it.
func (s *sheet) cell(as style) {
	s.column++
	s.raw(`<c r="`)
	s.buf = append(s.buf, byte('A'+s.column-1))
	s.integer(int64(s.row))
	s.raw(`" s="`)
	s.integer(int64(as))
}

const (
	numberBegin, numberEnd = `"><v>`, `</v></c>`
	textBegin, textEnd     = `" t="inlineStr"><is><t`, `</t></is></c>`
)

func (s *sheet) count(n int) {
	s.cell(general)
	s.raw(numberBegin)
	s.integer(int64(n))
	s.raw(numberEnd)
}

// money writes an amount in kronor.
func (s *sheet) money(as style, a credit.Amount) {
	s.cell(as)
	s.raw(numberBegin)
	s.hundredths(int64(a))
	s.raw(numberEnd)
}

// percent writes a rate, which is in hundredths of a percent. It shows as 6 or
// 12.5.
func (s *sheet) percent(rate int) {
	s.cell(general)
	s.raw(numberBegin)
	s.hundredths(int64(rate))
	s.raw(numberEnd)
}

// hundredths writes n/100 with two decimals, exactly.
func (s *sheet) hundredths(n int64) {
	u := uint64(n)
	if n < 0 {
		s.buf = append(s.buf, '-')
		u = -u
	}
	s.buf = strconv.AppendUint(s.buf, u/100, 10)
	s.buf = append(s.buf, '.', byte('0'+u%100/10), byte('0'+u%10))
}

const (
	secondsPerDay = 86_400
	// unixDay is the day 1 January 1970 in spreadsheets, which count from 30
	// December 1899.
	unixDay = 25_569
	// dayDigits is how many decimals of a day are written: a spreadsheet, which
	// has binary fractions, cannot tell more of them apart.
	dayDigits = 11
	dayParts  = 100_000_000_000
)

// time writes what clocks and calendars showed, to the second, as days.
func (s *sheet) time(as style, t time.Time) {
	year, month, date := t.Date()
	hour, minute, second := t.Clock()
	s.cell(as)
	s.raw(numberBegin)
	s.integer(time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Unix()/secondsPerDay + unixDay)
	if as == moment {
		parts := (int64(hour*3600+minute*60+second)*dayParts + secondsPerDay/2) / secondsPerDay
		digits := len(s.buf) + 1
		s.integer(dayParts + parts) // with a one before, for leading zeros
		s.buf[digits-1] = '.'
		s.buf = s.buf[:digits+dayDigits]
	}
	s.raw(numberEnd)
}

// text writes a text cell; an empty text leaves the cell empty.
func (s *sheet) text(as style, text string) {
	if text == "" {
		s.skip()
		return
	}
	s.cell(as)
	s.raw(textBegin)
	if text[0] <= ' ' || text[len(text)-1] <= ' ' || strings.IndexByte(text, '\n') >= 0 {
		s.raw(` xml:space="preserve"`)
	}
	s.raw(`>`)
	s.escaped(shortened(text))
	s.raw(textEnd)
}

// escaped writes text as a spreadsheet reads it from XML. Control characters
// are left out, and what would be read as the escape of a character stays what
// it is.
func (s *sheet) escaped(text string) {
	for i, r := range text {
		switch {
		case r == '&':
			s.raw("&amp;")
		case r == '<':
			s.raw("&lt;")
		case r == '>':
			s.raw("&gt;")
		case r == '_' && isEscape(text[i:]):
			s.raw("_x005F_")
		case r == '\r' && !strings.HasPrefix(text[i+1:], "\n"):
			s.raw("\n")
		case r >= ' ' && r < unicode.MaxASCII || r == '\n' || r == '\t':
			s.buf = append(s.buf, byte(r))
		case unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF':
		default:
			s.buf = append(s.buf, string(r)...)
		}
	}
}

// isEscape tells whether text begins with _xHHHH_, by which spreadsheets mean
// the character with this number.
func isEscape(text string) bool {
	return len(text) > 6 && text[1] == 'x' && text[6] == '_' && strings.Trim(text[2:6], "0123456789abcdefABCDEF") == ""
}

// maxText is how many UTF-16 units a cell holds; one more and the whole file
// is said to be damaged.
const maxText = 32_767

// shortened cuts what is too long for a cell.
func shortened(text string) string {
	if len(text) <= maxText { // in bytes, which are never fewer
		return text
	}
	units, end := 0, 0
	for i, r := range text {
		if units < maxText {
			end = i // room for "…" here
		}
		if units++; r > 0xFFFF {
			units++
		}
	}
	if units <= maxText {
		return text
	}
	return text[:end] + "…"
}
