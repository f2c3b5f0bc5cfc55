package csvimport

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample reads one of the files that came out of real spreadsheets.
func sample(t *testing.T, name string, o Options) Result {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	result, err := Read(bytes.NewReader(data), o)
	require.NoError(t, err)
	return result
}

func operator() Options { return Options{MaxLimit: decimal.New(15_000, 0)} }

// plainRow is a row without what differs from file to file.
type plainRow struct {
	line                                                               int
	first, last, number, email, department, reference, employee, limit string
}

func plainRows(rows []Row) (plain []plainRow) {
	for _, r := range rows {
		p := plainRow{r.Line, r.FirstName, r.LastName, r.Number.E164(), r.Email, r.Department, r.Reference, r.EmployeeNumber, ""}
		if r.HasLimit {
			p.limit = r.Limit.StringFixed(2)
		}
		plain = append(plain, p)
	}
	return plain
}

func TestR06_EverySpreadsheetGivesTheSameTravelers(t *testing.T) {
	t.Parallel()
	var want []plainRow
	for _, file := range []struct {
		name      string
		encoding  Encoding
		separator rune
	}{
		{"travelers-excel-sv-windows1252.csv", Windows1252, ';'},
		{"travelers-excel-utf8-bom.csv", UTF8, ';'},
		{"travelers-excel-unicode-utf16.txt", UTF16LE, '\t'},
		{"travelers-sheets-utf8-comma.csv", UTF8, ','},
	} {
		result := sample(t, file.name, operator())
		assert.Equal(t, file.encoding, result.Encoding, file.name)
		assert.Equal(t, string(file.separator), string(result.Separator), file.name)
		assert.Empty(t, result.Errors, file.name)
		assert.Zero(t, result.ErrorCount, file.name)
		assert.Empty(t, result.Ignored, file.name)
		require.Len(t, result.Rows, 60, file.name)
		if want == nil {
			want = plainRows(result.Rows)
		}
		assert.Equal(t, want, plainRows(result.Rows), file.name)
	}
	assert.Equal(t, []plainRow{
		{2, "Fatima", "Svensson", "+46701000000", "f.0@kommunen.example", "Räddningstjänsten", "90001", "40000", "500.00"},
		{3, "Maja", "Öberg", "+46791070137", "m.1@kommunen.example", "Tekniska kontoret", "ZZ-4410", "40001", "500.00"},
		{4, "Erik", "Åkesson", "+46701140274", "e.2@kommunen.example", "Socialförvaltningen", "10234", "40002", "15000.00"},
		{5, "Ülle", "Öberg", "+46701210311", "ü.3@kommunen.example", "Barn- och utbildning", "10877", "40003", "2000.00"},
		{6, "Ülle", "Ångström", "+46701280448", "ü.4@kommunen.example", "Kommunledning", "", "40004", "1500.00"},
	}, want[:5])
	blank := 0
	for _, r := range want {
		if r.limit == "" {
			blank++
		}
	}
	assert.Equal(t, 15, blank, "rows without a limit")
}

func TestR07_WhatGoesWrongInARealFile(t *testing.T) {
	t.Parallel()
	result := sample(t, "travelers-bad-rows.csv", operator())
	assert.Equal(t, []plainRow{
		{2, "Anna", "Andersson", "+46701112233", "anna@kommunen.example", "Tekniska kontoret", "ZZ-4410", "50001", "500.00"},
		// The department does not exist, which only travel can know.
		{9, "Hugo", "Holm", "+46701112239", "h@kommunen.example", "Finns inte", "", "50008", "500.00"},
	}, plainRows(result.Rows))

	type finding struct {
		line   int
		column string
		field  Field
		code   Code
		value  string
	}
	var got []finding
	for _, e := range result.Errors {
		got = append(got, finding{e.Line, e.Column, e.Field, e.Code, e.Value})
	}
	assert.Equal(t, []finding{
		{3, "Mobilnummer", FieldMobile, CodeDuplicateNumber, "070-1******33"},
		{4, "Förnamn", FieldFirstName, CodeRequired, ""},
		{5, "Mobilnummer", FieldMobile, CodePhoneNotMobile, "08-12*****67"},
		{6, "Kreditgräns", FieldLimit, CodeLimitMaximum, "15 000,01"},
		{7, "Kreditgräns", FieldLimit, CodeAmountAmbiguous, "1.500"},
		{8, "Mobilnummer", FieldMobile, CodePhoneScientific, "4,670****10"},
		{10, "Kreditgräns", FieldLimit, CodeAmountNegative, "-5"},
		{11, "Förnamn", FieldFirstName, CodeFormula, "=***"},
		{12, "Anställningsnummer", FieldEmployeeNumber, CodeDuplicateEmployee, "5***"},
		{13, "Kreditgräns", FieldLimit, CodeAmountZero, "0"},
	}, got)
	assert.Equal(t, 10, result.ErrorCount)

	unchecked := sample(t, "travelers-bad-rows.csv", Options{})
	assert.Len(t, unchecked.Rows, 3, "without a maximum, 15 000,01 is not csvimport's business")
}
