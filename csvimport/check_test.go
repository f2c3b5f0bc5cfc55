package csvimport

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
)

const head = "Förnamn;Efternamn;Mobilnummer;E-post;Avdelning;Referensnummer;Anställningsnummer;Kreditgräns\n"

// list reads rows under a row of headings.
func list(t *testing.T, o Options, rows ...string) Result {
	t.Helper()
	result, err := Read(strings.NewReader(head+strings.Join(rows, "\n")+"\n"), o)
	require.NoError(t, err)
	return result
}

func TestRowErrors(t *testing.T) {
	t.Parallel()
	o := operator()
	o.Countries = []string{"SE", "NO"}
	o.MaxField = 40
	for _, c := range []struct {
		row     string
		code    Code
		swedish string
		english string
	}{
		{";Berg;0701234567;;;;;", CodeRequired, `Förnamn: saknas`, `line 2: Förnamn: is missing`},
		{"Anna;\u00a0;0701234567;;;;;", CodeRequired, `Efternamn: saknas`, `line 2: Efternamn: is missing`},
		{"Anna;Berg; ;;;;;", CodeRequired, `Mobilnummer: saknas`, `line 2: Mobilnummer: is missing`},
		{"Anna;Berg;';;;;;", CodeRequired, `Mobilnummer: saknas`, `line 2: Mobilnummer: is missing`},
		{"=Anna;Berg;0701234567;;;;;", CodeFormula, `Förnamn ”=***”: börjar som en formel (= + - @)`, `line 2: Förnamn "=***": begins like a formula (= + - @)`},
		{"Anna;'@Berg;0701234567;;;;;", CodeFormula, `Efternamn ”'***”: börjar som en formel (= + - @)`, ``},
		{"Anna;Berg;=0701234567;;;;;", CodeFormula, `Mobilnummer ”=0701****67”: börjar som en formel (= + - @)`, ``},
		{"Anna;Berg;0701234567;;-IT;;;", CodeFormula, `Avdelning ”-IT”: börjar som en formel (= + - @)`, ``},
		{"Anna;Berg;0701234567;;;+46701234568;;", CodeFormula, `Referensnummer ”+***”: börjar som en formel (= + - @)`, ``},
		{"Anna;Berg;0701234567;;;;@1;", CodeFormula, `Anställningsnummer ”@***”: börjar som en formel (= + - @)`, ``},
		{"An\x01na;Berg;0701234567;;;;;", CodeControl, `Förnamn ”A***”: innehåller ett styrtecken`, `line 2: Förnamn "A***": holds a control character`},
		{"Anna;Berg;0701234567;;I\x02T;;;", CodeControl, "Avdelning ”I\ufffdT”: innehåller ett styrtecken", ``},
		{"Anna;Berg;0701234567;;\"I\nT\";;;", CodeLineBreak, "Avdelning ”I\ufffdT”: innehåller en radbrytning, kanske saknas ett citattecken", ``},
		{"Anna;B\ufffdrg;0701234567;;;;;", CodeEncoding, `Efternamn ”B***”: innehåller ett tecken som inte kunde läsas, kontrollera filens teckenkodning`, ``},
		{"Anna;Berg;0701234567;;" + strings.Repeat("x", 41) + ";;;", CodeTooLong, `Avdelning ”` + strings.Repeat("x", 41) + `”: är för lång, högst 40 byte`, ``},
		{"Anna;Berg;0701234567;anna;;;;", CodeEmail, `E-post ”a***”: ser inte ut som en e-postadress`, `line 2: E-post "a***": does not look like an e-mail address`},
		{"Anna;Berg;070-CALL ME NOW;;;;;", CodePhoneCharacters, `Mobilnummer ”0***”: innehåller något som inte hör till ett telefonnummer`, ``},
		{"Anna;Berg;4,67012E+10;;;;;", CodePhoneScientific, `Mobilnummer ”4,670****10”: har blivit ett decimaltal i kalkylprogrammet, formatera kolumnen som text`, ``},
		{"Anna;Berg;+358401234567;;;;;", CodePhoneCountry, `Mobilnummer ”+3584******67”: hör till ett land som inte är tillåtet`, ``},
		{"Anna;Berg;08-123 45 67;;;;;", CodePhoneNotMobile, `Mobilnummer ”08-12*****67”: är inte ett mobilnummer`, ``},
		{"Anna;Berg;0701234567;;;;;mycket", CodeAmountSyntax, `Kreditgräns ”m***”: är inte ett belopp`, `line 2: Kreditgräns "m***": is not an amount`},
		{"Anna;Berg;0701234567;;;;;1.500", CodeAmountAmbiguous, `Kreditgräns ”1.500”: kan betyda två belopp, skriv 1500 eller 1,50`, ``},
		{"Anna;Berg;0701234567;;;;;1,505 kr", CodeAmountAmbiguous, `Kreditgräns ”1,505 kr”: kan betyda två belopp, skriv 1500 eller 1,50`, ``},
		{"Anna;Berg;0701234567;;;;;0,505", CodeAmountDecimals, `Kreditgräns ”0,505”: har fler än två decimaler`, ``},
		{"Anna;Berg;0701234567;;;;;'-5", CodeAmountNegative, `Kreditgräns ”'-5”: är negativ, måste vara mer än 0`, ``},
		{"Anna;Berg;0701234567;;;;;1,5E+03", CodeAmountExponent, `Kreditgräns ”1,5E+03”: är skriven med exponent, formatera kolumnen som tal med två decimaler`, ``},
		{"Anna;Berg;0701234567;;;;;0,00", CodeAmountZero, `Kreditgräns ”0,00”: måste vara mer än 0`, ``},
		{"Anna;Berg;0701234567;;;;;1000000000000", CodeAmountTooLarge, `Kreditgräns ”1***”: är ett för stort belopp`, ``},
		{"Anna;Berg;0701234567;;;;;15 000,01", CodeLimitMaximum, "Kreditgräns ”15 000,01”: är över det högsta tillåtna, 15\u00a0000,00", `line 2: Kreditgräns "15 000,01": is over the maximum, 15,000.00`},
		{"Anna;Berg;0701234567;;;;0701234568", CodeFieldCount, `raden har 7 celler men rubrikraden har 8`, `line 2: row has 7 cells but the headings are 8`},
		{"Anna;Berg;0701234567;;;;;;", CodeFieldCount, `raden har 9 celler men rubrikraden har 8`, ``},
		{"Anna;Be\"rg;0701234567;;;;;", CodeQuote, `Efternamn: ett citattecken saknas eller står fel`, `line 2: Efternamn: a quotation mark is missing or misplaced`},
	} {
		result := list(t, o, c.row)
		assert.Empty(t, result.Rows, c.row)
		require.Len(t, result.Errors, 1, "%q", c.row)
		e := result.Errors[0]
		assert.Equal(t, c.code, e.Code, c.row)
		assert.Equal(t, c.swedish, e.Text(language.Swedish), c.row)
		if c.english != "" {
			assert.Equal(t, c.english, e.Error(), c.row)
		}
	}
	for code, text := range texts {
		assert.NotEmpty(t, text.Swedish, code)
		assert.NotEmpty(t, text.English, code)
	}
}

func TestAllErrorsOfAllRows(t *testing.T) {
	t.Parallel()
	result := list(t, operator(),
		";=B;08-1;x;-;-;-;0",
		"Anna;Berg;0701234567;;;;;",
		strings.Repeat("x", 1025)+";;0701234567;x;;;;-1",
	)
	var got []string
	for _, e := range result.Errors {
		got = append(got, fmt.Sprintf("%d %s %s", e.Line, e.Field, e.Code))
	}
	assert.Equal(t, []string{
		"2 first_name required", "2 last_name formula", "2 mobile phone_not_mobile", "2 email email", "2 department formula", "2 reference formula",
		"2 employee_number formula", "2 credit_limit amount_zero",
		"4 first_name too_long", "4 last_name required", "4 email email", "4 credit_limit amount_negative", "4 mobile duplicate_number",
	}, got)
	assert.Equal(t, len(got), result.ErrorCount)
	assert.Equal(t, []int{3}, lines(result.Rows))
}

func TestACellThatIsTooLongIsSaidOnce(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 1025)
	result := list(t, Options{}, strings.Join([]string{long, long, long, long, long, long, long, long}, ";"))
	require.Len(t, result.Errors, 8)
	for _, e := range result.Errors {
		assert.Equal(t, CodeTooLong, e.Code, e.Column)
		assert.Less(t, len([]rune(e.Value)), 70, e.Column)
	}
	result, err := Read(strings.NewReader("Förnamn;Efternamn;Mobil;Titel\nA;A;0701234561;"+long+"\n"), Options{})
	require.NoError(t, err)
	require.Len(t, result.Errors, 1, "also where the column is ignored: a mark may be missing")
	assert.Equal(t, Field(""), result.Errors[0].Field)
	assert.Equal(t, "Titel", result.Errors[0].Column)
}

func TestR17_LimitIsMoreThanZeroAndAtMostTheMaximum(t *testing.T) {
	t.Parallel()
	result := list(t, operator(),
		"A;A;0701234561;;;;;15 000,00",
		"A;A;0701234562;;;;;15 000,01",
		"A;A;0701234563;;;;;0,01",
		"A;A;0701234564;;;;;0",
		"A;A;0701234565;;;;;",
		"A;A;0701234566;;;;;' 500",
		"A;A;0701234567;;;;;' ",
	)
	assert.Equal(t, []int{2, 4, 6, 7, 8}, lines(result.Rows))
	assert.Equal(t, "15000", result.Rows[0].Limit.String())
	assert.Equal(t, "0.01", result.Rows[1].Limit.String())
	t.Run("R07 a blank limit is none", func(t *testing.T) {
		assert.False(t, result.Rows[2].HasLimit)
		assert.True(t, result.Rows[2].Limit.IsZero())
		assert.True(t, result.Rows[3].HasLimit)
		assert.False(t, result.Rows[4].HasLimit)
	})
	result = list(t, Options{MaxLimit: decimal.RequireFromString("1000.50")}, "A;A;0701234561;;;;;1000,50", "A;A;0701234562;;;;;1000,51")
	assert.Equal(t, []int{2}, lines(result.Rows))
}

func TestR08_DuplicatesNameTheFirstLine(t *testing.T) {
	t.Parallel()
	result := list(t, Options{},
		"A;A;070-123 45 61;;;;E1;",
		"B;B;+46 70 123 45 61;;;;E2;",
		";C;0701234563;;;;E-number-3;", // an error of its own
		"D;D;0701234563;;;;E-number-3;",
		"E;E;0701234565;;;; E1 ;",
		"F;F;46701234561;;;;e1;",
	)
	var got []string
	for _, e := range result.Errors {
		got = append(got, e.Error())
	}
	assert.Equal(t, []string{
		`line 3: Mobilnummer "+46 7*********61": line 2 has the same mobile number`,
		`line 4: Förnamn: is missing`,
		`line 5: Mobilnummer "070*******": line 4 has the same mobile number`,
		`line 5: Anställningsnummer "E***": line 4 has the same employee number`,
		`line 6: Anställningsnummer "E***": line 2 has the same employee number`,
		`line 7: Mobilnummer "46701****61": line 2 has the same mobile number`,
	}, got)
	assert.Equal(t, []int{2}, lines(result.Rows))
}

func TestEmployeeNumbersAreComparedWhole(t *testing.T) {
	t.Parallel()
	result := list(t, Options{}, "A;A;0701234561;;;;2026-00001;", "A;A;0701234562;;;;2026-00002;", "A;A;0701234563;;;;2026-000;", "A;A;0701234564;;;;2026-00;", "A;A;0701234565;;;;2026-00002;")
	assert.Equal(t, []int{2, 3, 4, 5}, lines(result.Rows))
}

func TestPhoneNumbersOfOurOwnFiles(t *testing.T) {
	t.Parallel()
	result := list(t, Options{}, "A;A;'+46701234561;;;;;", "A;A; '0701234562;;;;;", "A;A;+46701234563;;;;;")
	assert.Empty(t, result.Errors)
	assert.Len(t, result.Rows, 3)
}

func TestHomeCountry(t *testing.T) {
	t.Parallel()
	result := list(t, Options{HomeCountry: "NO", Countries: []string{"NO"}}, "A;A;41234567;;;;;", "A;A;+46701234561;;;;;")
	require.Len(t, result.Rows, 1)
	assert.Equal(t, "+4741234567", result.Rows[0].Number.E164())
	require.Len(t, result.Errors, 1)
	assert.Equal(t, CodePhoneCountry, result.Errors[0].Code)
}

func TestAmountsAreRememberedByTheirWriting(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range 3000 {
		rows = append(rows, fmt.Sprintf("A;A;070%07d;;;;;%d,%02d", i, i%997+1, i%100))
	}
	for i, r := range list(t, Options{}, rows...).Rows {
		require.Equal(t, fmt.Sprintf("%d.%02d", i%997+1, i%100), r.Limit.StringFixed(2))
	}
}
