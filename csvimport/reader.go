package csvimport

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// Result is what a file holds.
type Result struct {
	// Rows are those without any error, in the order of the file.
	Rows []Row
	// Errors are those of the other rows, in the order of the file; the first
	// [Options.MaxErrors] of them.
	Errors []RowError
	// ErrorCount is the number of all errors.
	ErrorCount int
	// Ignored are the headings that are not known; their columns are not read.
	Ignored []string
	// Encoding and Separator are those that were found.
	Encoding  Encoding
	Separator rune
}

// Read reads a whole file. An error means that nothing could be read: a
// [FileError], [ErrOptions], or what r returned. Errors of single rows are in
// the Result, and the other rows are good (R06).
func Read(r io.Reader, o Options) (Result, error) {
	reader, err := NewReader(r, o)
	if err != nil {
		return Result{}, err
	}
	result := Result{
		Rows:      make([]Row, 0, reader.expected+1),
		Ignored:   reader.Ignored(),
		Encoding:  reader.Encoding(),
		Separator: reader.Separator(),
	}
	for {
		n := len(result.Rows)
		result.Rows = append(result.Rows, Row{})
		errs, err := reader.read(&result.Rows[n])
		if err == nil && errs == nil {
			continue
		}
		result.Rows = result.Rows[:n]
		switch {
		case errors.Is(err, io.EOF):
			return result, nil
		case err != nil:
			return Result{}, err
		}
		result.ErrorCount += len(errs)
		room := reader.options.MaxErrors - len(result.Errors)
		result.Errors = append(result.Errors, errs[:min(room, len(errs))]...)
	}
}

// Reader reads a file row by row. It is for hosts that do not want to hold all
// rows; [Read] is made of it. A Reader is not safe for concurrent use.
type Reader struct {
	options  Options
	encoding Encoding
	records  *records
	source   *source
	rows     int // below the headings, so far
	expected int // rows, at most
	done     error

	// The line on which a number was first seen.
	numbers   map[phone.Number]int
	employees map[string]int
	// Amounts by how they are written: a list has few different ones.
	amounts [64]struct {
		cell string
		amount
	}
}

// NewReader reads the file into memory, up to [Options.MaxBytes], and its
// headings. The errors are those of [Read].
func NewReader(r io.Reader, o Options) (*Reader, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	file, err := readAll(r, o.MaxBytes)
	if err != nil {
		return nil, err
	}
	text, encoding, err := decode(file)
	if err != nil {
		return nil, err
	}
	records := newRecords(text)
	reader := &Reader{
		options:  o,
		encoding: encoding,
		records:  records,
		expected: min(o.MaxRows, strings.Count(text, "\n")),
	}
	if err := reader.readHeader(); err != nil {
		return nil, err
	}
	return reader, nil
}

// readAll reads up to limit bytes.
func readAll(r io.Reader, limit int64) (string, error) {
	var b strings.Builder
	if sized, ok := r.(interface{ Len() int }); ok {
		b.Grow(int(min(int64(sized.Len()), limit)))
	}
	n, err := io.Copy(&b, io.LimitReader(r, limit))
	if err == nil && n == limit {
		// One byte more is too much.
		n, err = io.Copy(io.Discard, io.LimitReader(r, 1))
		if n > 0 {
			return "", &FileError{Kind: ErrTooLarge, Limit: limit}
		}
	}
	if err != nil {
		return "", fmt.Errorf("reading csv file: %w", err)
	}
	return b.String(), nil
}

func (r *Reader) readHeader() error {
	record, line, err := r.records.nextFilled()
	switch {
	case errors.Is(err, io.EOF):
		return &FileError{Kind: ErrEmptyFile}
	case err != nil:
		return &FileError{Kind: ErrHeadingRow, Line: line}
	}
	h, _, err := newHeader(record, line)
	r.source = &source{header: h, text: &r.records.text, comma: r.records.comma}
	return err
}

// Encoding returns the encoding that was found.
func (r *Reader) Encoding() Encoding { return r.encoding }

// Separator returns the character between cells: a semicolon, comma or tab.
func (r *Reader) Separator() rune { return rune(r.records.comma) }

// Ignored returns the headings that are not known.
func (r *Reader) Ignored() []string { return slices.Clone(r.source.header.ignored) }

// Next returns the next row, or all that is wrong with it. At the end of the
// file the error is [io.EOF]. With another error the file as a whole is
// refused, also the rows that came before: a [FileError].
func (r *Reader) Next() (row Row, errs []RowError, err error) {
	errs, err = r.read(&row)
	return row, errs, err
}

// read fills row if there is neither kind of error.
func (r *Reader) read(row *Row) ([]RowError, error) {
	if r.done != nil {
		return nil, r.done
	}
	record, line, err := r.records.nextFilled()
	if errors.Is(err, io.EOF) {
		r.done = io.EOF
		return nil, r.done
	}
	if r.numbers == nil {
		r.numbers = make(map[phone.Number]int, r.expected)
		r.employees = make(map[string]int, r.expected)
	}
	if r.rows++; r.rows > r.options.MaxRows {
		r.done = &FileError{Kind: ErrTooManyRows, Line: line, Limit: int64(r.options.MaxRows)}
		return nil, r.done
	}
	c := check{reader: r, record: record, row: Row{Line: line, source: r.source, at: r.records.at}}
	if err != nil {
		c.unreadable()
	} else {
		c.all()
	}
	if c.errs == nil {
		*row = c.row
	}
	return c.errs, nil
}
