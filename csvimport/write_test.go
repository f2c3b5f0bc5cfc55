package csvimport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
)

func errorFile(t *testing.T, tag language.Tag, errs []RowError) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WriteErrors(&b, tag, errs))
	return b.String()
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	result, err := Read(strings.NewReader("Titel,Förnamn,Efternamn,Mobil,Kreditgräns\n"+
		"@x,Anna,Berg,+46 70 123 45 61,\"1 500,00\"\n"+
		"=1+1,,-B,08-123 45 67,-5\n"+
		"\"a;b\nc\",D,D,+46701234561,\n"+
		"x,E,E\n"+
		"x,F \"G\",F,0701234566,1,y\n"), Options{})
	require.NoError(t, err)
	require.Len(t, result.Rows, 1)
	assert.Equal(t, "\ufeffTitel;Förnamn;Efternamn;Mobil;Kreditgräns;Fel\r\n"+
		"'=1+1;;'-B;08-123 45 67;-5;Förnamn: saknas | Efternamn ”-***”: börjar som en formel (= + - @) | Mobil ”08-12*****67”: är inte ett mobilnummer | Kreditgräns ”-5”: är negativ, måste vara mer än 0\r\n"+
		"\"a;b\r\nc\";D;D;'+46701234561;;Mobil ”+4670*****61”: samma mobilnummer finns på rad 2\r\n"+
		"x;E;E;raden har 3 celler men rubrikraden har 5\r\n"+
		"x;\"F \"\"G\"\"\";F;0701234566;1;y;Förnamn: ett citattecken saknas eller står fel\r\n",
		errorFile(t, language.Swedish, result.Errors))

	english := errorFile(t, language.English, result.Errors)
	assert.True(t, strings.HasPrefix(english, "\ufeffTitel;Förnamn;Efternamn;Mobil;Kreditgräns;Error\r\n"))
	assert.Contains(t, english, "is not a mobile number")

	assert.Empty(t, errorFile(t, language.Swedish, nil), "nothing to write")
}

func TestErrorFileIsMendedAndImportedAgain(t *testing.T) {
	t.Parallel()
	result := sample(t, "travelers-bad-rows.csv", operator())
	file := errorFile(t, language.Swedish, result.Errors)

	again, err := Read(strings.NewReader(file), operator())
	require.NoError(t, err)
	assert.Empty(t, again.Ignored, "the column of errors is ours")
	// Two rows had nothing wrong with them but that they repeated another.
	assert.Equal(t, []int{2, 10}, lines(again.Rows))
	assert.Equal(t, 8, again.ErrorCount)
	assert.Equal(t, 1, strings.Count(errorFile(t, language.Swedish, again.Errors), "Fel"), "there is one such column")

	mended := strings.NewReplacer("08-123 45 67", "070-123 45 67", "15 000,01", "15 000,00", "1.500", "1500", "4,67012E+10", "'+46701234568", ";-5;", ";5;", ";0;", ";1;",
		`"'=HYPERLINK(""x"")"`, "Jan", ";Citron", "Carl;Citron").Replace(file)
	again, err = Read(strings.NewReader(mended), operator())
	require.NoError(t, err)
	assert.Empty(t, again.Errors)
	assert.Len(t, again.Rows, 10)
}

// What the caller finds in a good row ends up in the same file.
func TestRowFail(t *testing.T) {
	t.Parallel()
	result := sample(t, "travelers-bad-rows.csv", operator())
	hugo := result.Rows[1]
	unknown := hugo.Fail(FieldDepartment, "department_unknown", "finns inte i företaget", "is not a department of the company")
	assert.Equal(t, `line 9: Avdelning "Finns inte": is not a department of the company`, unknown.Error())
	assert.Equal(t, "Avdelning ”Finns inte”: finns inte i företaget", unknown.Text(language.Swedish))
	assert.Equal(t, Code("department_unknown"), unknown.Code)
	assert.Equal(t, "\ufeffFörnamn;Efternamn;Mobilnummer;E-post;Avdelning;Referensnummer;Anställningsnummer;Kreditgräns;Fel\r\n"+
		"Hugo;Holm;070-111 22 39;h@kommunen.example;Finns inte;;50008;500;Avdelning ”Finns inte”: finns inte i företaget\r\n",
		errorFile(t, language.Swedish, []RowError{unknown}))

	assert.Equal(t, "line 9: Mobilnummer \"070-1******39\": x", hugo.Fail(FieldMobile, "c", "x", "x").Error())
	assert.Equal(t, "line 9: whole row", hugo.Fail("", "c", "hela raden", "whole row").Error())

	t.Run("a row that comes from no file", func(t *testing.T) {
		e := Row{Line: 3}.Fail(FieldDepartment, "c", "saknas", "is missing")
		assert.Equal(t, "line 3: is missing", e.Error())
		assert.Nil(t, Row{}.Record())
		assert.Equal(t, "\ufeffFel\r\nsaknas\r\n", errorFile(t, language.Swedish, []RowError{e}))
	})
	t.Run("a column that the file does not have", func(t *testing.T) {
		result, err := Read(strings.NewReader("Förnamn;Efternamn;Mobil\nA;A;0701234561\n"), Options{})
		require.NoError(t, err)
		assert.Equal(t, "line 2: is missing", result.Rows[0].Fail(FieldDepartment, "c", "saknas", "is missing").Error())
	})
	t.Run("no text", func(t *testing.T) {
		assert.Equal(t, "line 1: quote", RowError{Line: 1, Code: CodeQuote}.Error())
	})
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsReportsTheWriter(t *testing.T) {
	t.Parallel()
	result := sample(t, "travelers-bad-rows.csv", operator())
	assert.ErrorContains(t, WriteErrors(fullDisk{}, language.Swedish, result.Errors), "disk full")
	assert.NoError(t, WriteErrors(fullDisk{}, language.Swedish, nil))
}

// I7: rows and errors can be logged.
func TestI7_RowsAndErrorsShowNoPersonalData(t *testing.T) {
	t.Parallel()
	secrets := []string{"Zacharias", "Quist", "7098765", "987 65", "zq@", "E4711", "+4670987"}
	result, err := Read(strings.NewReader(head+
		"Zacharias;Quist;070-987 65 43;zq@kommunen.example;IT;;E4711;500\n"+
		"Zacharias;Quist;070-987 65 43;zq@;IT;;E4711;0709876543\n"+
		"Zacharias;Quist;Zacharias Quist 0709876543;070-987 65 43;070-987 65 43;zq@x;+46709876543;Quist\n"+
		"=Zacharias;-Quist;=0709876543;@zq@;=zq@x;-070987654;=E4711;070-987 65 43\n"+
		"Zacharias;\"Quist;0709876543;;;;;\n"+
		"Zacharias;Quist;0709876543\n"+
		"Zach\x00arias;Qu\x01ist;070987654\x003;zq@x\x00.se;070987654\x00;zq@\x00;E4711\x00;\x00Quist\n"), Options{})
	require.NoError(t, err)
	require.Len(t, result.Rows, 1)
	require.Greater(t, len(result.Errors), 20)
	type holder struct {
		Rows   []Row
		Errors []RowError
		row    Row
		err    RowError
	}
	row := result.Rows[0]
	row.FirstName, row.LastName, row.Email, row.EmployeeNumber = "", "", "", "" // fmt reads unexported fields without asking
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&out, verb, result.Rows[0])
		fmt.Fprintf(&out, verb, &result.Rows[0])
		fmt.Fprintf(&out, verb, result)
		fmt.Fprintf(&out, verb, holder{result.Rows, result.Errors, row, result.Errors[0]})
	}
	for _, e := range result.Errors {
		out.WriteString(e.Error() + e.Text(language.Swedish))
	}
	encoded, err := json.Marshal(result.Errors)
	require.NoError(t, err)
	out.Write(encoded)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("imported", "row", result.Rows[0], "errors", result.Errors)
	slog.New(slog.NewTextHandler(&out, nil)).Info("imported", "row", result.Rows[0], "errors", result.Errors)
	for _, secret := range secrets {
		assert.NotContains(t, out.String(), secret)
	}
	assert.Equal(t, "row on line 2", fmt.Sprintf("%+v", result.Rows[0]))
}
