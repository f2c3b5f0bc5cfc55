package csvimport

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/csvsafe"
)

// WriteErrors writes the rows that have errors as a CSV file to mend and import
// again: the original cells and, in a last column Fel or Error, what is wrong.
// The file opens in Swedish Excel by a double click (UTF-8 with a byte-order
// mark, semicolons, CRLF), and cells that could be formulas get a ' in front.
//
// errs are in the order of the file, as in [Result] or sorted by line; those
// that follow each other and belong to one row become one row. Without errors
// nothing is written. The file holds personal data: it is for the person who
// imported the original.
func WriteErrors(w io.Writer, tag language.Tag, errs []RowError) error {
	if len(errs) == 0 {
		return nil
	}
	out := csvsafe.NewWriter(w)
	err := out.Write(append(errs[0].source.headings(), errorHeadings.In(tag))...)
	for err == nil && len(errs) > 0 {
		n := sameRow(errs)
		said := make([]string, n)
		for i, e := range errs[:n] {
			said[i] = e.Text(tag)
		}
		err = out.Write(append(errs[0].cells(), strings.Join(said, " | "))...)
		errs = errs[n:]
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("writing csv errors: %w", err)
	}
	return nil
}

// sameRow counts the errors at the beginning that belong to one row.
func sameRow(errs []RowError) int {
	n := 1
	for n < len(errs) && errs[n].Line == errs[0].Line {
		n++
	}
	return n
}

func (s *source) headings() []string {
	if s == nil {
		return nil
	}
	return s.withoutErrors(s.header.names)
}

// cells does not fill up a row that has too few: imported again as it is, it
// must be an error again and not a row whose last cells are blank.
func (e RowError) cells() []string {
	if e.source == nil {
		return nil
	}
	return e.source.withoutErrors(e.source.record(e.at))
}

// withoutErrors returns a copy without the column of an earlier error file.
func (s *source) withoutErrors(record []string) []string {
	if at := s.header.errors; at >= 0 && at < len(record) {
		return slices.Concat(record[:at], record[at+1:])
	}
	return slices.Clone(record)
}
