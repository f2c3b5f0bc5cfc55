package csvimport

import (
	"fmt"
	"log/slog"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// Row is one traveler. Texts are trimmed, in NFC and without control
// characters; optional ones are "" where the cell is blank or the column is
// missing.
//
// The texts share memory with the whole file; clone what is kept for long.
//
// Printing a Row with fmt or slog gives its line only: its fields are personal
// data (I7).
type Row struct {
	Line           int // of the file, as a text editor counts, from 1
	FirstName      string
	LastName       string
	Number         phone.Number
	Email          string // optional
	Department     string // optional
	Reference      string // optional
	EmployeeNumber string // optional
	// Limit is the credit limit, more than zero with two decimals, if HasLimit.
	// A blank cell is no limit; a written zero is an error (R07, R17).
	Limit    decimal.Decimal
	HasLimit bool

	source *source
	at     int // in the source
}

// Record returns the cells as they are in the file, without any change but the
// decoding.
func (r Row) Record() []string { return r.source.record(r.at) }

// Fail returns an error that the caller has found in the row, a department
// that does not exist, say: with the line, the column and the value filled in,
// and the row kept for [WriteErrors]. The texts follow the heading and the
// value of the cell: "finns inte", "does not exist".
func (r Row) Fail(f Field, code Code, swedish, english string) RowError {
	return r.fail(r.Record(), f, code, lang.Text{Swedish: swedish, English: english})
}

func (r Row) fail(record []string, f Field, code Code, text lang.Text) RowError {
	e := RowError{Line: r.Line, Field: f, Code: code, text: text, source: r.source, at: r.at}
	c, known := columnOf(f)
	if !known || r.source == nil {
		return e
	}
	if at := r.source.header.at[c]; at >= 0 {
		e.Column = printable(r.source.header.names[at])
		if at < len(record) && code != CodeRequired {
			e.Value = shown(f, record[at])
		}
	}
	return e
}

// source is the file that rows come from. Its text is behind two pointers from
// a row: fmt prints unexported fields, and with an unfit verb follows one.
type source struct {
	header *header
	text   *string
	comma  byte
}

// record reads the row that begins at a place in the source once more.
func (s *source) record(at int) []string {
	if s == nil {
		return nil
	}
	r := records{text: *s.text, comma: s.comma, pos: at}
	record, _, _ := r.next()
	return record
}

// String returns the line only.
func (r Row) String() string { return fmt.Sprintf("row on line %d", r.Line) }

// Format prints the line only, whatever the verb.
func (r Row) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue gives slog the line only.
func (r Row) LogValue() slog.Value { return slog.StringValue(r.String()) }
