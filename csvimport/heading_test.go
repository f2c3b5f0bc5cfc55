package csvimport

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
)

func TestHeadingsInAnyOrderAndSpelling(t *testing.T) {
	t.Parallel()
	want := []plainRow{{2, "Anna", "Berg", "+46701234567", "a@b.example", "IT", "R1", "E1", "500.00"}}
	for name, file := range map[string]string{
		"Swedish":              "Förnamn;Efternamn;Mobilnummer;E-post;Avdelning;Referensnummer;Anställningsnummer;Kreditgräns\nAnna;Berg;0701234567;a@b.example;IT;R1;E1;500\n",
		"other Swedish words":  "Tilltalsnamn;Efternamn;Mobil;E-postadress;Enhet;Ansvarsnummer;Anst.nr;Kreditgräns (kr)\nAnna;Berg;0701234567;a@b.example;IT;R1;E1;500\n",
		"another order":        "Kreditgräns;Anställningsnummer;Referens;Enhet;E-post;Telefon;Efternamn;Förnamn\n500;E1;R1;IT;a@b.example;0701234567;Berg;Anna\n",
		"English":              "First name;Last name;Mobile number;Email;Department;Reference;Employee number;Credit limit\nAnna;Berg;0701234567;a@b.example;IT;R1;E1;500\n",
		"case and space":       " FÖRNAMN ; efter namn;MOBIL-NUMMER;e_post;\u00a0Avdelning;Referens nr;anställnings-nummer;KREDIT GRÄNS\nAnna;Berg;0701234567;a@b.example;IT;R1;E1;500\n",
		"commas":               "First name,Last name,Mobile,Email,Department,Reference,Employee number,Credit limit\nAnna,Berg,0701234567,a@b.example,IT,R1,E1,500\n",
		"tabs":                 "First name\tLast name\tMobile\tEmail\tDepartment\tReference\tEmployee number\tCredit limit\nAnna\tBerg\t0701234567\ta@b.example\tIT\tR1\tE1\t500\n",
		"quoted":               "\"Förnamn\";\"Efternamn\";\"Mobilnummer\";\"E-post\";\"Avdelning\";\"Referensnummer\";\"Anställningsnummer\";\"Kreditgräns\"\n\"Anna\";\"Berg\";\"0701234567\";\"a@b.example\";\"IT\";\"R1\";\"E1\";\"500\"\n",
		"decomposed":           "Fo\u0308rnamn;Efternamn;Mobilnummer;E-post;Avdelning;Referensnummer;Ansta\u0308llningsnummer;Kreditgra\u0308ns\nAnna;Berg;0701234567;a@b.example;IT;R1;E1;500\n",
		"commas in semicolons": "Förnamn;Efternamn;Mobilnummer;E-post;Avdelning;Referensnummer;Anställningsnummer;Kreditgräns;\"a,b,c,d,e,f,g,h,i\"\nAnna;Berg;0701234567;a@b.example;IT;R1;E1;500,00;,,,,,,,,\n",
	} {
		result, err := Read(strings.NewReader(file), Options{})
		require.NoError(t, err, name)
		assert.Empty(t, result.Errors, name)
		assert.Equal(t, want, plainRows(result.Rows), name)
	}
}

func TestSeparatorLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file      string
		separator string
	}{
		"semicolon":        {"sep=;\r\nFirst name;Last name;Mobile\r\nA;B;0701234567\r\n", ";"},
		"comma":            {"SEP=,\nFirst name,Last name,Mobile\nA,B,0701234567\n", ","},
		"tab, quoted":      {"\"sep=\t\"\nFirst name\tLast name\tMobile\nA\tB\t0701234567\n", "\t"},
		"behind a BOM":     {"\ufeffsep=;\nFirst name;Last name;Mobile\nA;B;0701234567\n", ";"},
		"against the odds": {"sep=;\n\"First name\";Last name;Mobile;a,b,c\nA;B;0701234567;\n", ";"},
	} {
		result, err := Read(strings.NewReader(c.file), Options{})
		require.NoError(t, err, name)
		assert.Equal(t, c.separator, string(result.Separator), name)
		assert.Equal(t, []int{3}, lines(result.Rows), name)
		require.NotEmpty(t, result.Rows)
		assert.Equal(t, "A", result.Rows[0].Record()[0], name)
	}
	_, err := Read(strings.NewReader("sep=|\nFirst name|Last name|Mobile\n"), Options{})
	assert.ErrorIs(t, err, ErrMissingHeading, "not a separator of ours")
}

func TestHeadingErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file     string
		want     FileError
		sv, en   string
		notShown string
	}{
		"nothing":        {file: "", want: FileError{Kind: ErrEmptyFile}, sv: "tom", en: "empty"},
		"empty lines":    {file: "\n \r\n;;\n", want: FileError{Kind: ErrEmptyFile}, sv: "tom", en: "empty"},
		"no mobile":      {file: "Förnamn;Efternamn\nA;B\n", want: FileError{Kind: ErrMissingHeading, Fields: []Field{FieldMobile}}, sv: "Mobilnummer", en: "Mobile number"},
		"no names":       {file: "Mobil;E-post\n", want: FileError{Kind: ErrMissingHeading, Fields: []Field{FieldFirstName, FieldLastName}}, sv: "Förnamn, Efternamn", en: "First name, Last name"},
		"no headings":    {file: "Anna;Berg;0701234567\n", want: FileError{Kind: ErrMissingHeading, Fields: []Field{FieldFirstName, FieldLastName, FieldMobile}}, sv: "Förnamn", en: "First name", notShown: "Anna"},
		"wrong mark":     {file: "\nFörnamn;\"Efternamn;Mobil\nA;B;C\n", want: FileError{Kind: ErrHeadingRow, Line: 2}, sv: "rad 2", en: "line 2"},
		"too many":       {file: "Förnamn;Efternamn;Mobil" + strings.Repeat(";x", 500) + "\n", want: FileError{Kind: ErrHeadingRow, Line: 1}, sv: "rad 1", en: "line 1"},
		"the same twice": {file: "Förnamn;Efternamn;Mobil;förnamn\n", want: FileError{Kind: ErrDuplicateHeading, Fields: []Field{FieldFirstName}, Headings: []string{"Förnamn", "förnamn"}}, sv: "Förnamn, förnamn", en: "First name"},
		"two words for one": {file: "Förnamn;Efternamn;Telefon;Mobil;Mobilnr;Enhet;Avdelning\n",
			want: FileError{Kind: ErrDuplicateHeading, Fields: []Field{FieldMobile, FieldDepartment}, Headings: []string{"Telefon", "Mobil", "Mobilnr", "Enhet", "Avdelning"}},
			sv:   "Telefon, Mobil, Mobilnr, Enhet, Avdelning", en: "Department"},
	} {
		_, err := Read(strings.NewReader(c.file), Options{})
		var e *FileError
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, &c.want, e, name)
		assert.ErrorIs(t, err, c.want.Kind, name)
		assert.Contains(t, e.Text(language.Swedish), c.sv, name)
		assert.Contains(t, e.Error(), c.en, name)
		if c.notShown != "" {
			assert.NotContains(t, e.Error()+e.Text(language.Swedish), c.notShown, "I7: the row may be data")
		}
	}
}

func TestFileErrorOfNoKind(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "csvimport: file cannot be read", (&FileError{}).Error())
}

func TestIgnoredHeadings(t *testing.T) {
	t.Parallel()
	result, err := Read(strings.NewReader("Titel;Förnamn;Efternamn;Mobil;Chef\x07;;Fel;"+strings.Repeat("å", 70)+"\nx;A;B;0701234567;=1;y;\"z\nz\";\n"), Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"Titel", "Chef\ufffd", strings.Repeat("å", 60) + "…"}, result.Ignored)
	assert.Len(t, result.Rows, 1, "what stands in columns that are ignored does not matter")
}
