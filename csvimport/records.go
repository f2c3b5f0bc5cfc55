package csvimport

import (
	"errors"
	"io"
	"strings"
)

// records splits a text into records as encoding/csv does (a test compares
// them) but makes no copy of the cells, and can go back: a quotation mark that
// is not closed would otherwise swallow all rows after it.
type records struct {
	text  string
	comma byte
	pos   int // of the next record
	line  int // of the next record
	cells []string

	// Where the last record begins, and the cell that could not be read.
	at, broken int
}

// errQuote: a quotation mark is missing or misplaced.
var errQuote = errors.New("misplaced quotation mark")

// newRecords finds out the separator: the one that a first line sep=; tells,
// or else the one with which most headings are known.
func newRecords(text string) *records {
	if line, rest, _ := strings.Cut(text, "\n"); len(line) <= len("\"sep=;\"\r") {
		word := strings.Trim(strings.TrimSuffix(line, "\r"), `"`)
		if len(word) == len("sep=;") && strings.EqualFold(word[:4], "sep=") && strings.Contains(separators, word[4:]) {
			return &records{text: text, comma: word[4], pos: len(text) - len(rest), line: 2}
		}
	}
	best, most := separators[0], 0
	for i := range len(separators) {
		trial := records{text: text, comma: separators[i], line: 1}
		record, line, err := trial.nextFilled()
		if err != nil {
			continue
		}
		if _, matched, _ := newHeader(record, line); matched > most {
			best, most = separators[i], matched
		}
	}
	return &records{text: text, comma: best, line: 1}
}

// separators in the order in which they are preferred.
const separators = ";,\t"

// nextFilled is next without the records that have nothing but blank cells.
func (s *records) nextFilled() (record []string, line int, err error) {
	for {
		record, line, err = s.next()
		if err != nil || !isBlank(record) {
			return record, line, err
		}
	}
}

func isBlank(record []string) bool {
	for _, cell := range record {
		if trim(cell) != "" {
			return false
		}
	}
	return true
}

// next returns a record, which is valid until the following call, and the line
// on which it begins. The error is [io.EOF], or errQuote: then the record is
// that line split at every separator.
func (s *records) next() (record []string, line int, err error) {
	s.skipEmptyLines()
	if s.pos == len(s.text) {
		return nil, s.line, io.EOF
	}
	s.at, line = s.pos, s.line
	s.cells = s.cells[:0]
	if !s.split() {
		s.broken = len(s.cells)
		s.reread(line)
		text, _ := lineAt(s.text, s.at)
		return strings.Split(text, string(s.comma)), line, errQuote
	}
	return s.cells, line, nil
}

// reread goes back to the line after the first one of the last record, which
// began on this line.
func (s *records) reread(line int) {
	_, s.pos = lineAt(s.text, s.at)
	s.line = line + 1
}

func (s *records) skipEmptyLines() {
	for s.pos < len(s.text) && (s.text[s.pos] == '\n' || s.text[s.pos] == '\r') {
		line, end := lineAt(s.text, s.pos)
		if line != "" {
			return
		}
		s.pos = end
		s.line++
	}
}

// lineAt returns the line of text from pos on, without its end, and where the
// next one begins.
func lineAt(text string, pos int) (line string, end int) {
	line, end = text[pos:], len(text)
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line, end = line[:i], pos+i+1
	}
	return strings.TrimSuffix(line, "\r"), end
}

// split reads the cells of a record, and tells if its quotation marks are all
// right.
func (s *records) split() bool {
	at := s.pos
	line, end := lineAt(s.text, at) // what is left of the line
	marks := strings.IndexByte(line, '"') >= 0
	for {
		if !marks || line == "" || line[0] != '"' {
			i := strings.IndexByte(line, s.comma)
			cell := line
			if i >= 0 {
				cell = line[:i]
			}
			if marks && strings.IndexByte(cell, '"') >= 0 {
				return false
			}
			s.cells = append(s.cells, cell)
			if i < 0 {
				break
			}
			line, at = line[i+1:], at+i+1
			continue
		}
		cell, ok := closed(s.text[at+1:])
		if !ok {
			return false
		}
		length := len(cell) + len(`""`)
		at += length
		if length <= len(line) {
			line = line[length:]
		} else {
			s.line += strings.Count(cell, "\n")
			line, end = lineAt(s.text, at)
		}
		if line != "" && line[0] != s.comma {
			return false
		}
		s.cells = append(s.cells, unescape(cell))
		if line == "" {
			break
		}
		line, at = line[1:], at+1
	}
	s.pos = end
	s.line++
	return true
}

// closed returns what of s is before the quotation mark that closes a cell.
func closed(s string) (cell string, ok bool) {
	for at := 0; ; at += len(`""`) {
		i := strings.IndexByte(s[at:], '"')
		if i < 0 {
			return "", false
		}
		at += i
		if !strings.HasPrefix(s[at+1:], `"`) {
			return s[:at], true
		}
	}
}

// unescape reads what stood between quotation marks.
func unescape(cell string) string {
	if strings.IndexByte(cell, '"') >= 0 {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	if strings.IndexByte(cell, '\r') >= 0 {
		cell = strings.ReplaceAll(cell, "\r\n", "\n")
	}
	return cell
}
