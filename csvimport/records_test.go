package csvimport

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// compare reads a text with encoding/csv too, up to a quotation mark that is
// open at the end of a line, after which only records goes back.
func compare(t *testing.T, text string, comma byte) {
	t.Helper()
	ours := records{text: text, comma: comma, line: 1}
	theirs := csv.NewReader(strings.NewReader(text))
	theirs.Comma, theirs.FieldsPerRecord = rune(comma), -1
	for {
		record, line, err := ours.next()
		want, wantErr := theirs.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(wantErr, io.EOF):
			if !errors.Is(err, io.EOF) {
				t.Fatalf("%q: %q, %v after the end", text, record, err)
			}
			return
		case errors.As(wantErr, &bad):
			if !errors.Is(err, errQuote) || line != bad.StartLine || ours.broken != len(want) {
				t.Fatalf("%q: line %d, cell %d, %v; want line %d, cell %d, %v", text, line, ours.broken, err, bad.StartLine, len(want), wantErr)
			}
			if bad.Line > bad.StartLine {
				return
			}
		case wantErr != nil:
			t.Fatal(wantErr)
		default:
			if wantLine, _ := theirs.FieldPos(0); err != nil || line != wantLine || !slices.Equal(record, want) {
				t.Fatalf("%q: line %d, %q, %v; want line %d, %q", text, line, record, err, wantLine, want)
			}
		}
	}
}

var recordTexts = []string{
	"", "\n", "\r\n", "\r", "a", "a;b\n", "a;b\r\nc;d", "a;b\r\nc;d\r", ";", ";\n;;", "\n\n\r\na;b\n\n;c\n",
	`"a"`, `"a";"b"` + "\r\n", `"a;b";c`, `"a""b";""` + "\n", `"";""""` + "\n", "\"a\r\nb\";c\nd\n", "\"a\nb\nc\"\n\nd;e\n", `a"b;c` + "\nd;e\n", `"a"b;c` + "\nd\n",
	`a;"b`, "a;\"b\nc;d\n", "\"\"\"a\nb\"\"\";c\nd\n", "a;\"b\r", "\"a\"\r", "\"a\"\rb\n", "\"a\r\"\n", "a\rb;c\n", "\ra\n", "é;\"å\"\nö\xff;\xfe", "a,b;c\t\n",
}

func TestRecordsAsEncodingCSV(t *testing.T) {
	t.Parallel()
	for _, text := range recordTexts {
		for _, comma := range []byte(separators) {
			compare(t, text, comma)
		}
	}
}

func FuzzRecords(f *testing.F) {
	for _, text := range recordTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compare(t, text, ';')

		// Going back loses nothing and comes to an end.
		r := records{text: text, comma: ';', line: 1}
		last := 0
		for {
			_, line, err := r.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if line <= last || line > 1+strings.Count(text, "\n") {
				t.Fatalf("%q: line %d after %d", text, line, last)
			}
			last = line
		}
	})
}

func TestAQuotationMarkThatIsNotClosedCostsOneRow(t *testing.T) {
	t.Parallel()
	list := func(broken string) string {
		return "First name;Last name;Mobile;Department\nA;A;0701234561;x\n" + broken + "C;C;0701234563;\"y; z\"\nD;D;0701234564;z\n"
	}
	long := strings.Repeat("x", 2000)
	for name, c := range map[string]struct {
		broken string
		column string
		code   Code
		record []string
	}{
		"open to the end": {"B;\"B;0701234562;x\n", "Last name", CodeQuote, []string{"B", `"B`, "0701234562", "x"}},
		"in front":        {"\"B;B;0701234562;x\r\n", "First name", CodeQuote, []string{`"B`, "B", "0701234562", "x"}},
		"bare":            {"B;Bo \"Bosse\";0701234562;x\n", "Last name", CodeQuote, []string{"B", `Bo "Bosse"`, "0701234562", "x"}},
		"text behind":     {"B;\"Bo\" B;0701234562;x\n", "Last name", CodeQuote, []string{"B", `"Bo" B`, "0701234562", "x"}},
	} {
		result, err := Read(strings.NewReader(list(c.broken)), Options{})
		require.NoError(t, err, name)
		assert.Equal(t, []int{2, 4, 5}, lines(result.Rows), name)
		assert.Equal(t, "y; z", result.Rows[1].Department, name)
		require.Len(t, result.Errors, 1, name)
		e := result.Errors[0]
		assert.Equal(t, 3, e.Line, name)
		assert.Equal(t, c.code, e.Code, name)
		assert.Equal(t, c.column, e.Column, name)
		assert.Equal(t, c.record, e.source.record(e.at), name)
	}

	// It is closed by a later row's, which comes too late.
	result, err := Read(strings.NewReader(list("B;B;0701234562;\"x\nE;E;0701234565;y\nF;F;0701234566;"+long+"\nG;G;0701234567;z\"\n")), Options{})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 4, 7, 8}, lines(result.Rows))
	var got []string
	for _, e := range result.Errors {
		got = append(got, fmt.Sprintf("%d %s", e.Line, e.Code))
	}
	assert.Equal(t, []string{"3 too_long", "5 too_long", "6 quote"}, got)

	// It is closed by a later row's, and the cells are too few for it.
	result, err = Read(strings.NewReader(list("B;\"B;0701234562;x\nE;E;0701234565;y\nF;F;0701234566\"\n")), Options{})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 4, 6, 7}, lines(result.Rows))
	require.Len(t, result.Errors, 2)
	assert.Equal(t, CodeFieldCount, result.Errors[0].Code)
	assert.Equal(t, CodeQuote, result.Errors[1].Code)

	// A line break on purpose.
	result, err = Read(strings.NewReader(list("B;B;0701234562;\"x\r\ny\"\n")), Options{})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 5, 6}, lines(result.Rows))
	require.Len(t, result.Errors, 1)
	assert.Equal(t, CodeLineBreak, result.Errors[0].Code)
	assert.Equal(t, "Department", result.Errors[0].Column)
}

func lines(rows []Row) (lines []int) {
	for _, r := range rows {
		lines = append(lines, r.Line)
	}
	return lines
}

func TestLinesAsATextEditorCounts(t *testing.T) {
	t.Parallel()
	result, err := Read(strings.NewReader(
		"\r\n\r\nFirst name;Last name;Mobile;Note\r\n"+ // 3
			";;;\r\n"+
			"A;A;0701234561;\"two\r\nlines\"\r\n"+ // 5
			"\r\n \r\n ; \r\n"+
			"B;B;0701234562;\r\n"+ // 10
			"C;C;08-12345;"), Options{}) // 11
	require.NoError(t, err)
	assert.Equal(t, []int{5, 10}, lines(result.Rows))
	require.Len(t, result.Errors, 1)
	assert.Equal(t, 11, result.Errors[0].Line)
}
