package pdf_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// said is a text on a page: where it stands, from the lower left corner, in
// points, and in which font.
type said struct {
	text string
	x, y float64
	size float64
	bold bool
}

// file is what the tests read of a PDF, without any tool: what its pages say.
type file struct {
	testing.TB
	data  []byte
	pages [][]said
}

var (
	contents = regexp.MustCompile(`/Contents (\d+) 0 R`)
	fontName = regexp.MustCompile(`/F([0-9a-f]{40}) (\d+) 0 R`)
	operator = regexp.MustCompile(`(?s)/F([0-9a-f]{40}) ([\d.]+) Tf|BT ([\d.-]+) ([\d.-]+) Td \(((?:\\.|[^\\)])*)\) Tj`)
	escaped  = regexp.MustCompile(`(?s)\\(.)`)
)

// read reads a file.
func read(t testing.TB, data []byte) *file {
	t.Helper()
	f := &file{TB: t, data: data}
	require.True(t, bytes.HasPrefix(data, []byte("%PDF-1.")))
	bold := map[string]bool{}
	for _, m := range fontName.FindAllSubmatch(data, -1) {
		bold[string(m[1])] = bytes.Contains(f.object(string(m[2])), []byte("/BaseFont /utf8documentB"))
	}
	require.Len(t, bold, 2)
	for _, m := range contents.FindAllSubmatch(data, -1) {
		var page []said
		var now said
		for _, o := range operator.FindAllSubmatch(f.stream(string(m[1])), -1) {
			if len(o[1]) > 0 {
				now.size, now.bold = number(t, o[2]), bold[string(o[1])]
				continue
			}
			s := now
			s.x, s.y, s.text = number(t, o[3]), number(t, o[4]), fromUTF16(o[5])
			page = append(page, s)
		}
		f.pages = append(f.pages, page)
	}
	require.NotEmpty(t, f.pages)
	return f
}

// object returns an object.
func (f *file) object(n string) []byte {
	f.Helper()
	_, rest, found := bytes.Cut(f.data, []byte("\n"+n+" 0 obj\n"))
	require.True(f, found, "object %s", n)
	body, _, found := bytes.Cut(rest, []byte("endobj"))
	require.True(f, found)
	return body
}

// stream returns what is in a compressed stream.
func (f *file) stream(n string) []byte {
	f.Helper()
	_, rest, found := bytes.Cut(f.data, []byte("\n"+n+" 0 obj\n"))
	require.True(f, found, "object %s", n)
	_, rest, found = bytes.Cut(rest, []byte("stream\n"))
	require.True(f, found)
	z, err := zlib.NewReader(bytes.NewReader(rest))
	require.NoError(f, err)
	data, err := io.ReadAll(z)
	require.NoError(f, err)
	return data
}

func number(t testing.TB, s []byte) float64 {
	n, err := strconv.ParseFloat(string(s), 64)
	require.NoError(t, err)
	return n
}

func fromUTF16(s []byte) string {
	s = escaped.ReplaceAllFunc(s, func(e []byte) []byte {
		if e[1] == 'r' {
			return []byte("\r")
		}
		return e[1:]
	})
	var units []uint16
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(units))
}

// text is what a page says, a text per line, with ordinary spaces.
func text(page []said) string {
	var b strings.Builder
	for _, s := range page {
		b.WriteString(plain.Replace(s.text) + "\n")
	}
	return b.String()
}

// all is what all pages say.
func (f *file) all() string {
	var b strings.Builder
	for _, p := range f.pages {
		b.WriteString(text(p))
	}
	return b.String()
}

// rows are the texts of a page by their height on it, those of a line joined by
// bars, from left to right.
func rows(page []said) (lines []string) {
	at := map[float64]int{}
	for _, s := range page {
		if i, met := at[s.y]; met {
			lines[i] += "|" + plain.Replace(s.text)
			continue
		}
		at[s.y] = len(lines)
		lines = append(lines, plain.Replace(s.text))
	}
	return lines
}
