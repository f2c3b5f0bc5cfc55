package csvsafe

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCell(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                    "",
		"Anna":                "Anna",
		"a=b":                 "a=b",
		" =1":                 " =1",
		"'=1":                 "'=1",
		"ÅÄÖ":                 "ÅÄÖ",
		"\xff":                "\xff",
		"-12":                 "-12",
		"-12,50":              "-12,50",
		"-12.5":               "-12.5",
		"=HYPERLINK(\"x\")":   "'=HYPERLINK(\"x\")",
		"+46701234567":        "'+46701234567",
		"@SUM(A1)":            "'@SUM(A1)",
		"-":                   "'-",
		"--1":                 "'--1",
		"-12,":                "'-12,",
		"-,5":                 "'-,5",
		"-1,2,3":              "'-1,2,3",
		"-1+cmd|' /C calc'!A": "'-1+cmd|' /C calc'!A",
		"-2\n":                "'-2\n",
		"\t=1":                "'\t=1",
		"\r=1":                "'\r=1",
		"\n=1":                "'\n=1",
		"\x00=1":              "'\x00=1",
		"＝1+1":                "'＝1+1",
		"－1":                  "'－1",
		"＠x":                  "'＠x",
		"＋1":                  "'＋1",
	} {
		assert.Equal(t, want, Cell(in), "%q", in)
		assert.Equal(t, want, Cell(Cell(in)), "twice, %q", in)
	}
}

func TestWriter(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := NewWriter(&b)
	require.NoError(t, w.Flush())
	assert.Empty(t, b.Bytes(), "nothing before the first record")

	require.NoError(t, w.Write("Namn", "Syfte", "Belopp"))
	record := []string{"Åsa; Öberg", "=1+\"1\"", "-12,50"}
	require.NoError(t, w.Write(record...))
	require.NoError(t, w.Flush())
	assert.Equal(t, "\ufeffNamn;Syfte;Belopp\r\n\"Åsa; Öberg\";\"'=1+\"\"1\"\"\";-12,50\r\n", b.String())
	assert.Equal(t, "=1+\"1\"", record[1], "the caller's record is left alone")
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestWriterReportsErrors(t *testing.T) {
	t.Parallel()
	assert.ErrorContains(t, NewWriter(&failing{0}).Write("a"), "disk full")
	w := NewWriter(&failing{1})
	require.NoError(t, w.Write("a"))
	assert.ErrorContains(t, w.Flush(), "disk full")
}

func FuzzWriter(f *testing.F) {
	for _, s := range []string{"=1", "-1", "-1,5", "a;b", "\"", "\r\n", "'x", "＝"} {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var out bytes.Buffer
		w := NewWriter(&out)
		if err := errors.Join(w.Write("a", "b"), w.Write(a, b), w.Flush()); err != nil {
			t.Fatal(err)
		}
		text, ok := strings.CutPrefix(out.String(), "\ufeff")
		if !ok {
			t.Fatal("no byte-order mark")
		}
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = ';'
		records, err := r.ReadAll()
		if err != nil || len(records) != 2 {
			t.Fatalf("%q: %d records, %v", text, len(records), err)
		}
		for i, cell := range records[1] {
			if IsFormula(cell) && !isNegative(cell) {
				t.Fatalf("%q can be a formula", cell)
			}
			want := []string{a, b}[i]
			if utf8.ValidString(want) && !strings.ContainsAny(want, "\r\n") && strings.TrimPrefix(cell, "'") != strings.TrimPrefix(want, "'") {
				t.Fatalf("%q was written as %q", want, cell)
			}
		}
	})
}
