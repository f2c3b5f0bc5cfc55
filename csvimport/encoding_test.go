package csvimport

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

const swedishList = "Förnamn;Efternamn;Mobilnummer;Avdelning\r\nÅsa;Öberg;070-123 45 67;Räddningstjänsten\r\nJörgen;Åkesson;070-123 45 68;Café\r\n"

func TestEncodings(t *testing.T) {
	t.Parallel()
	encoded := func(s string, err error) string {
		require.NoError(t, err)
		return s
	}
	utf16 := func(order unicode.Endianness, mark unicode.BOMPolicy) string {
		return encoded(unicode.UTF16(order, mark).NewEncoder().String(swedishList))
	}
	for name, c := range map[string]struct {
		file string
		want Encoding
	}{
		"UTF-8":                            {swedishList, UTF8},
		"UTF-8 with mark":                  {"\ufeff" + swedishList, UTF8},
		"UTF-8, decomposed as on old Macs": {norm.NFD.String(swedishList), UTF8},
		"UTF-16LE":                         {utf16(unicode.LittleEndian, unicode.UseBOM), UTF16LE},
		"UTF-16BE":                         {utf16(unicode.BigEndian, unicode.UseBOM), UTF16BE},
		"Windows-1252":                     {encoded(charmap.Windows1252.NewEncoder().String(swedishList)), Windows1252},
	} {
		result, err := Read(strings.NewReader(c.file), Options{})
		require.NoError(t, err, name)
		assert.Equal(t, c.want, result.Encoding, name)
		assert.Equal(t, []plainRow{
			{line: 2, first: "Åsa", last: "Öberg", number: "+46701234567", department: "Räddningstjänsten"},
			{line: 3, first: "Jörgen", last: "Åkesson", number: "+46701234568", department: "Café"},
		}, plainRows(result.Rows), name)
	}
}

func TestWrongEncodingIsSaid(t *testing.T) {
	t.Parallel()
	in := func(m *charmap.Charmap, s string) string {
		encoded, err := m.NewEncoder().String(s)
		require.NoError(t, err)
		return encoded
	}
	withoutRing := strings.NewReplacer("Å", "A").Replace(swedishList) // Å is a byte that Windows-1252 does not have
	english := "First name;Last name;Mobile\r\nOla;Svensson;0701234567\r\n"
	for name, c := range map[string]struct {
		file     string
		line     int
		headings []string
	}{
		"code page 850":                       {in(charmap.CodePage850, swedishList), 2, nil},
		"code page 850, no Å":                 {in(charmap.CodePage850, withoutRing), 0, []string{"F”rnamn"}},
		"MacRoman":                            {in(charmap.Macintosh, swedishList), 2, nil},
		"MacRoman, no Å":                      {in(charmap.Macintosh, withoutRing), 0, []string{"Fšrnamn"}},
		"UTF-8 read as Windows-1252 before":   {strings.ReplaceAll(withoutRing, "ö", "Ã¶"), 0, []string{"FÃ¶rnamn"}},
		"question marks for letters":          {strings.ReplaceAll(swedishList, "ö", "?"), 0, []string{"F?rnamn"}},
		"an optional heading":                 {english[:10] + ";Last name;Mobile;Kreditgr„ns\r\n", 0, []string{"Kreditgr„ns"}},
		"a heading with a unit":               {english[:10] + ";Last name;Mobile;Kredit gr„ns (kr)\r\n", 0, []string{"Kredit gr„ns (kr)"}},
		"UTF-8 with a stray byte":             {swedishList + "J\xf6rgen;Berg;0701234569;X\r\n", 4, nil},
		"UTF-8 with mark and a stray byte":    {"\ufeff" + swedishList + "J\xf6rgen;Berg;0701234569;X\r\n", 4, nil},
		"Windows-1252, then UTF-8":            {in(charmap.Windows1252, swedishList) + "Jörgen;Berg;0701234569;X\r\n", 1, nil},
		"a byte that stands for nothing":      {english + "\xc5sa;\x8d;0701234568\r\n", 3, nil},
		"UTF-16 without a mark":               {strings.Join(strings.Split(english, ""), "\x00") + "\x00", 0, nil},
		"UTF-16, odd, in the row of headings": {"\xff\xfeF\x00o", 0, nil},
	} {
		_, err := Read(strings.NewReader(c.file), Options{})
		var e *FileError
		require.ErrorAs(t, err, &e, name)
		assert.ErrorIs(t, err, ErrEncoding, name)
		assert.Equal(t, c.line, e.Line, name)
		if c.headings != nil {
			assert.Equal(t, c.headings, e.Headings, name)
		}
		assert.Contains(t, e.Text(language.Swedish), "teckenkodning", name)
		assert.Contains(t, e.Text(language.English), "character encoding", name)
		for _, heading := range c.headings {
			assert.Contains(t, e.Text(language.Swedish), heading, name)
		}
		if c.line > 0 {
			assert.Contains(t, e.Text(language.Swedish), fmt.Sprintf("rad %d", c.line), name)
		}
	}
}

func TestUnreadableCharactersAreRowErrors(t *testing.T) {
	t.Parallel()
	result, err := Read(strings.NewReader("First name;Last name;Mobile\nJ\ufffdrgen;Berg;0701234567\nB†rje;Berg;0701234568\nÅsa;”X” Berg;0701234569\n"), Options{})
	require.NoError(t, err)
	require.Len(t, result.Rows, 1)
	assert.Equal(t, "”X” Berg", result.Rows[0].LastName, "quotation marks around a word are no sign of anything")
	require.Len(t, result.Errors, 2)
	assert.Equal(t, CodeEncoding, result.Errors[0].Code)
	assert.Equal(t, CodeEncoding, result.Errors[1].Code)
	assert.Contains(t, result.Errors[0].Text(language.Swedish), "teckenkodning")
}

// Every byte, at every place within a word and at both ends.
func TestTableIsWindows1252(t *testing.T) {
	t.Parallel()
	table := newTable()
	undefined := 0
	for b := range 256 {
		r := charmap.Windows1252.DecodeByte(byte(b))
		for _, before := range []string{"", "a", "abcdefg", "abcdefgh", "abcdefghijkl\xe5"} {
			for _, after := range []string{"", "z", "\xe4", "\xf6uvwxyz0123456789"} {
				if b == tilde && strings.HasPrefix(after, "\x80") {
					continue
				}
				text, at := table.decode(before + string([]byte{byte(b)}) + after)
				if r == utf8.RuneError {
					assert.Equal(t, len(before), at, "%#x", b)
					undefined++
					continue
				}
				want, err := charmap.Windows1252.NewDecoder().String(before + string([]byte{byte(b)}) + after)
				require.NoError(t, err)
				assert.Equal(t, -1, at, "%#x", b)
				assert.Equal(t, want, text, "%#x", b)
			}
		}
	}
	assert.Equal(t, 5*5*4, undefined, "81, 8d, 8f, 90 and 9d, in 20 places")
	_, at := table.decode("abc\xc3\xb6")
	assert.Equal(t, 3, at, "ö in UTF-8")
}

func FuzzDecode(f *testing.F) {
	f.Add("Åsa")
	f.Add("\xff\xfeA\x00\xe5\x00")
	f.Add("\xfe\xff\x00A")
	f.Add("\xc5sa \xf6 0123456789 \x81")
	f.Fuzz(func(t *testing.T, file string) {
		text, encoding, err := decode(file)
		if err != nil {
			return
		}
		if !utf8.ValidString(text) {
			t.Fatalf("%q: %q is no UTF-8", file, text)
		}
		switch encoding {
		case UTF8:
			if text != strings.TrimPrefix(file, "\ufeff") {
				t.Fatalf("%q became %q", file, text)
			}
		case Windows1252:
			want, err := charmap.Windows1252.NewDecoder().String(file)
			if err != nil || text != want {
				t.Fatalf("%q became %q, want %q, %v", file, text, want, err)
			}
		}
	})
}
