// Package csvsafe writes CSV that Swedish Excel opens with a double click and
// in which no cell is taken for a formula.
package csvsafe

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// starts are the characters at which a spreadsheet begins to see a formula,
// also in their full-width forms, and the white space that it skips before.
const starts = "=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"

// IsFormula tells whether a spreadsheet could take s for a formula, by its
// first character.
func IsFormula(s string) bool {
	if s == "" {
		return false
	}
	if s[0] < utf8.RuneSelf {
		return strings.IndexByte(starts, s[0]) >= 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune(starts, r)
}

// Cell returns s with ' before what a spreadsheet could take for a formula. A
// plain negative number (-12,50), which is just that, is left alone.
func Cell(s string) string {
	if IsFormula(s) && !isNegative(s) {
		return "'" + s
	}
	return s
}

// isNegative tells whether s is a minus, digits, and perhaps a point or comma
// with more digits: an amount of a credit note must stay a number.
func isNegative(s string) bool {
	s, minus := strings.CutPrefix(s, "-")
	i := strings.IndexAny(s, ".,")
	if i < 0 {
		return minus && isDigits(s)
	}
	return minus && isDigits(s[:i]) && isDigits(s[i+1:])
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Writer writes records as UTF-8 with a byte-order mark, semicolons and CRLF.
// It passes every cell through [Cell]. Call [Writer.Flush] at the end.
type Writer struct {
	out     *csv.Writer
	raw     io.Writer
	cells   []string
	started bool
}

// NewWriter returns a Writer to w. Nothing is written before the first record.
func NewWriter(w io.Writer) *Writer {
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	return &Writer{out: out, raw: w}
}

// Write writes one record.
func (w *Writer) Write(record ...string) error {
	if !w.started {
		if _, err := io.WriteString(w.raw, "\ufeff"); err != nil {
			return err
		}
		w.started = true
	}
	w.cells = w.cells[:0]
	for _, s := range record {
		w.cells = append(w.cells, Cell(s))
	}
	return w.out.Write(w.cells)
}

// Flush writes what is still buffered and returns the first error of any write.
func (w *Writer) Flush() error {
	w.out.Flush()
	return w.out.Error()
}
