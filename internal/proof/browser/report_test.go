package browser_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fetch downloads what there is of the month that was closed, and compares it
// with what was bought (R32, R34).
func (j *journey) fetch() {
	a, t := j.admin, j.t
	j.menu("Statistik och rapporter", "Statistics and reports")
	months := slices.DeleteFunc(a.links(), func(l string) bool { return !strings.HasPrefix(l, "/portal/reports/2") })
	require.Len(t, months, 1)
	a.open(months[0])
	var lines []purchase
	for label, amount := range map[string]string{"EXT-1": "37,00", "KRO-1": "2398,00"} {
		document := `//section[*[self::h2][contains(.,"` + label + `")]]`
		name, file := a.download(document, j.said("Specifikation (CSV)", "Specification (CSV)"))
		assert.Equal(t, label+"-csv.csv", name)
		bought := j.specified(file)
		require.Len(t, bought, 1, "%s", file)
		assert.Equal(t, amount, bought[0].amount, label)
		lines = append(lines, bought...)

		_, file = a.download(document, j.said("E-faktura (Peppol)", "E-invoice (Peppol)"))
		number, payable := electronic(t, file)
		assert.Equal(t, label, number)
		assert.True(t, payable.Equal(money(t, amount)), "%s is to be paid, of %s", payable, amount)

		for _, format := range []string{j.said("Faktura (PDF)", "Invoice (PDF)"), j.said("Specifikation (PDF)", "Specification (PDF)")} {
			name, file = a.download(document, format)
			assert.True(t, bytes.HasPrefix(file, []byte("%PDF-")), name)
			assert.Contains(t, string(file[max(0, len(file)-32):]), "%%EOF", name)
		}
		_, file = a.download(document, j.said("Specifikation (Excel)", "Specification (Excel)"))
		assert.True(t, bytes.HasPrefix(file, []byte("PK")))
	}
	assert.ElementsMatch(t, j.bought, lines)
}

// specified reads the lines of a specification.
func (j *journey) specified(file []byte) (lines []purchase) {
	assert.True(j.t, bytes.HasPrefix(file, []byte("\xef\xbb\xbf")), "Excel knows UTF-8 by its mark")
	rows := table(j.t, file)
	amount, purpose := slices.Index(rows[0], j.said("Belopp", "Amount")), slices.Index(rows[0], j.said("Syfte", "Purpose"))
	require.NotEqual(j.t, -1, amount, rows[0])
	require.NotEqual(j.t, -1, purpose, rows[0])
	for _, row := range rows[1:] {
		// An apostrophe keeps spreadsheets from computing what a traveler has
		// typed.
		typed, formula := strings.CutPrefix(row[purpose], "'")
		assert.Equal(j.t, strings.HasPrefix(typed, "="), formula, "%s", row[purpose])
		lines = append(lines, purchase{row[amount], typed})
	}
	return lines
}

// table reads a CSV file as spreadsheets do here.
func table(t *testing.T, file []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))))
	r.Comma = ';'
	rows, err := r.ReadAll()
	require.NoError(t, err, "%s", file)
	require.NotEmpty(t, rows)
	return rows
}

// electronic reads the number of an e-invoice and what is to be paid.
func electronic(t *testing.T, file []byte) (number string, payable decimal.Decimal) {
	t.Helper()
	var bill struct {
		XMLName xml.Name `xml:"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2 Invoice"`
		ID      string
		Payable string `xml:"LegalMonetaryTotal>PayableAmount"`
	}
	require.NoError(t, xml.Unmarshal(file, &bill))
	return bill.ID, money(t, bill.Payable)
}

func money(t *testing.T, text string) decimal.Decimal {
	t.Helper()
	amount, err := decimal.NewFromString(strings.Replace(text, ",", ".", 1))
	require.NoError(t, err, text)
	return amount
}
