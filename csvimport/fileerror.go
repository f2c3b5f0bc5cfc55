package csvimport

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// The kinds of a [FileError]; [errors.Is] tells them apart.
var (
	// ErrTooLarge: more than [Options.MaxBytes].
	ErrTooLarge = errors.New("file is too large")
	// ErrTooManyRows: more than [Options.MaxRows].
	ErrTooManyRows = errors.New("file has too many rows")
	// ErrEncoding: the characters are stored in a way that is not understood.
	ErrEncoding = errors.New("file looks like a wrong character encoding; save it as UTF-8")
	// ErrEmptyFile: nothing but empty lines.
	ErrEmptyFile = errors.New("file is empty")
	// ErrHeadingRow: the first row cannot be read.
	ErrHeadingRow = errors.New("row of headings cannot be read")
	// ErrMissingHeading: there is no first name, last name or mobile number.
	ErrMissingHeading = errors.New("headings are missing")
	// ErrDuplicateHeading: two headings mean the same field.
	ErrDuplicateHeading = errors.New("headings mean the same")
)

// FileError says why a file as a whole is refused. Nothing of such a file
// should be used.
type FileError struct {
	Kind     error    // one of the Err values above; what Unwrap returns
	Line     int      // of the file, from 1; 0 if the error is not at one place
	Headings []string // as in the file: those that are garbled or mean the same
	Fields   []Field  // those that are missing or double
	Limit    int64    // the bytes or rows that are allowed
}

// Unwrap returns the kind.
func (e *FileError) Unwrap() error { return e.Kind }

// Error returns the English text.
func (e *FileError) Error() string { return "csvimport: " + e.Text(language.English) }

// Text says in Swedish or English what is wrong, to the person who made the
// file.
func (e *FileError) Text(tag language.Tag) string {
	var names []string
	for _, f := range e.Fields {
		if c, ok := columnOf(f); ok {
			names = append(names, vocabulary[c].name.In(tag))
		}
	}
	fields, headings := strings.Join(names, ", "), strings.Join(e.Headings, ", ")
	switch e.Kind {
	case ErrTooLarge:
		return lang.Text{
			Swedish: fmt.Sprintf("filen är för stor, högst %d byte är tillåtet", e.Limit),
			English: fmt.Sprintf("file is too large, at most %d bytes are allowed", e.Limit),
		}.In(tag)
	case ErrTooManyRows:
		return lang.Text{
			Swedish: fmt.Sprintf("filen har för många rader, högst %d är tillåtet", e.Limit),
			English: fmt.Sprintf("file has too many rows, at most %d are allowed", e.Limit),
		}.In(tag)
	case ErrEncoding:
		return e.encodingText(headings).In(tag)
	case ErrEmptyFile:
		return lang.Text{Swedish: "filen är tom", English: "file is empty"}.In(tag)
	case ErrHeadingRow:
		return lang.Text{
			Swedish: fmt.Sprintf("rad %d: rubrikraden går inte att läsa, kanske står ett citattecken fel", e.Line),
			English: fmt.Sprintf("line %d: row of headings cannot be read, maybe for a misplaced quotation mark", e.Line),
		}.In(tag)
	case ErrMissingHeading:
		return lang.Text{
			Swedish: "rubriker saknas på första raden: " + fields,
			English: "headings are missing in the first row: " + fields,
		}.In(tag)
	case ErrDuplicateHeading:
		return lang.Text{
			Swedish: fmt.Sprintf("flera rubriker betyder samma sak (%s): %s", fields, headings),
			English: fmt.Sprintf("several headings mean the same (%s): %s", fields, headings),
		}.In(tag)
	}
	return lang.Text{Swedish: "filen går inte att läsa", English: "file cannot be read"}.In(tag)
}

func (e *FileError) encodingText(headings string) lang.Text {
	text := lang.Text{
		Swedish: "filen verkar ha fel teckenkodning; spara den som CSV UTF-8",
		English: "file looks like a wrong character encoding; save it as CSV UTF-8",
	}
	if headings != "" {
		text.Swedish += fmt.Sprintf(" (rubriken %s)", headings)
		text.English += fmt.Sprintf(" (heading %s)", headings)
	}
	if e.Line > 0 {
		text.Swedish += fmt.Sprintf(" (rad %d)", e.Line)
		text.English += fmt.Sprintf(" (line %d)", e.Line)
	}
	return text
}
