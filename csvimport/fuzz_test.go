package csvimport

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/phone"
)

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/travelers-*")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 900)&^1])
	}
	for _, s := range []string{
		"", "sep=;\n" + head, head + "A;A;0701234561;;;;;1.500\nA;A;0701234561;a@b.se;'=;\x81;;5", head + "\"A\n;\";A;0701234561;;;;;\n", "\xff\xfe;\x00", "\ufeff" + head + "\"",
		"First name,Last name,Mobile,Error\nA,A,46701234561,\"x\"\nA,\"A,0701234561,\n,,,\n",
	} {
		f.Add([]byte(s))
	}
	o := Options{MaxBytes: 1 << 16, MaxRows: 50, MaxField: 100, MaxErrors: 20, MaxLimit: decimal.New(15_000, 0)}
	f.Fuzz(func(t *testing.T, file []byte) {
		result, err := Read(bytes.NewReader(file), o)
		if err != nil {
			var e *FileError
			if !errors.As(err, &e) || e.Text(language.Swedish) == "" || e.Text(language.English) == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		lines := 1 + max(bytes.Count(file, []byte{'\n'}), bytes.Count(file, []byte{'\n', 0}))
		checkRows(t, result, lines, o)
		checkErrors(t, result, lines, o)

		// Each row is in the result once, as a row or with its errors, and
		// going through them one by one gives the same.
		reader, err := NewReader(bytes.NewReader(file), o)
		if err != nil {
			t.Fatal(err)
		}
		rows, failed, last := 0, 0, 1
		for {
			row, errs, err := reader.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || (errs == nil) == (row.Line == 0) {
				t.Fatal(row, errs, err)
			}
			line := row.Line
			if errs != nil {
				line = errs[0].Line
				failed += len(errs)
			} else {
				rows++
			}
			if line <= last {
				t.Fatalf("line %d after %d", line, last)
			}
			last = line
		}
		if rows != len(result.Rows) || failed != result.ErrorCount {
			t.Fatalf("%d rows and %d errors, then %d and %d", len(result.Rows), result.ErrorCount, rows, failed)
		}

		var out bytes.Buffer
		if err := WriteErrors(&out, language.Swedish, result.Errors); err != nil {
			t.Fatal(err)
		}
		if again, err := Read(&out, Options{}); len(result.Errors) > 0 && (err != nil || len(again.Rows)+again.ErrorCount == 0) {
			t.Fatalf("the file of errors cannot be read: %v", err)
		}
	})
}

func checkRows(t *testing.T, result Result, lines int, o Options) {
	t.Helper()
	numbers, employees := map[phone.Number]bool{}, map[string]bool{}
	for _, r := range result.Rows {
		for _, s := range []string{r.FirstName, r.LastName, r.Email, r.Department, r.Reference, r.EmployeeNumber} {
			checkText(t, s)
		}
		if r.Line < 2 || r.Line > lines || r.FirstName == "" || r.LastName == "" || r.Number.IsZero() || numbers[r.Number] || r.EmployeeNumber != "" && employees[r.EmployeeNumber] {
			t.Fatalf("line %d of %d: %q", r.Line, lines, r.Record())
		}
		numbers[r.Number], employees[r.EmployeeNumber] = true, true
		if r.HasLimit != r.Limit.IsPositive() || r.Limit.IsNegative() || r.Limit.GreaterThan(o.MaxLimit) || r.HasLimit && r.Limit.Exponent() != -2 {
			t.Fatalf("limit %s, %v", r.Limit, r.HasLimit)
		}
		if r.Email != "" && !strings.Contains(r.Email, "@") {
			t.Fatalf("e-mail %q", r.Email)
		}
	}
}

func checkErrors(t *testing.T, result Result, lines int, o Options) {
	t.Helper()
	if len(result.Errors) != min(result.ErrorCount, o.MaxErrors) {
		t.Fatalf("%d of %d errors", len(result.Errors), result.ErrorCount)
	}
	bad := map[int]bool{}
	for _, e := range result.Errors {
		bad[e.Line] = true
		if e.Line < 2 || e.Line > lines || e.Code == "" || texts[e.Code].Swedish == "" || e.Text(language.Swedish) == "" || e.Text(language.Swedish) == e.Text(language.English) {
			t.Fatalf("%d %#v", lines, e)
		}
		if e.Field == FieldFirstName && len([]rune(e.Value)) > 4 {
			t.Fatalf("%q is not masked", e.Value)
		}
	}
	for _, r := range result.Rows {
		if bad[r.Line] {
			t.Fatalf("line %d is good and bad", r.Line)
		}
	}
}
