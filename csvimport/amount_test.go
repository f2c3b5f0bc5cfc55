package csvimport

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1500":                  "1500",
		"1":                     "1",
		"0,01":                  "0.01",
		"0.5":                   "0.5",
		"1500,00":               "1500",
		"1500.00":               "1500",
		"1500,5":                "1500.5",
		"1 500":                 "1500",
		"1 500,00":              "1500",
		"1 500.00":              "1500",
		"1\u00a0500,00":         "1500",
		"1\u202f500,00":         "1500",
		"1\u2009500,00":         "1500",
		"15\u00a0000,00":        "15000",
		"1 234 567,89":          "1234567.89",
		"1.500,00":              "1500",
		"1,500.00":              "1500",
		"1.234.567,8":           "1234567.8",
		"1.500.000":             "1500000",
		"1,500,000":             "1500000",
		"999 999 999 999,99":    "999999999999.99",
		"999999999999.99":       "999999999999.99",
		"1 500 kr":              "1500",
		"1500kr":                "1500",
		"1500 kr.":              "1500",
		"1500 SEK":              "1500",
		"1\u00a0500,00\u00a0kr": "1500",
		"1500:-":                "1500",
		"1 500,00:-":            "1500",
		"1500,-":                "1500",
		"1500:\u2013":           "1500",
		" \u00a01500\t\n":       "1500",
		"\u200b1500\ufeff":      "1500",
		"500,00 kr ":            "500",
	} {
		got, err := ParseAmount(in)
		require.NoError(t, err, "%q", in)
		assert.True(t, decimal.RequireFromString(want).Equal(got), "%q: %s", in, got)
		assert.Equal(t, int32(-2), got.Exponent(), "%q", in)
	}
}

func TestParseAmountRefuses(t *testing.T) {
	t.Parallel()
	for want, in := range map[error][]string{
		ErrAmountEmpty:     {"", " ", "\u00a0\t", "\u200b"},
		ErrAmountAmbiguous: {"1.500", "1,500", "15.000", "150,000", "999.999 kr", "1,000:-"},
		ErrAmountDecimals:  {"1500.000", "1500,123", "0,500", "0.001", "1.5000", "1,2345", "1 500,000", "1.500,000", "1,500.123", "1 500,0000"},
		ErrAmountNegative:  {"-5", "- 5", "\u2212500", "\u20135", "-1 500,00 kr", "-0"},
		ErrAmountExponent:  {"1E3", "1,5E+03", "1.5e-2", "4,67012E+10"},
		ErrAmountZero:      {"0", "0,00", "0.0", "0 kr"},
		ErrAmountTooLarge:  {"1000000000000", "1 000 000 000 000", "1.000.000.000.000,00", strings.Repeat("9", 100)},
		ErrAmountSyntax: {
			"abc", "kr", "+5", "=500", "'500", "12oo", "1 50", "15 00", "1  500", "1500 000", "1 500 00", "1.50.000", "1 500.000,00", "1.500 000", "1,50,000", "1'500",
			"05", "00", "0 500", "00,5", "1500,", ",50", ".5", "1..5", "1,,5", "500 EUR", "kr 500", "5-", "(5)", "1,5,", "١٢", "１５００", "1\n500", "NaN", "Inf", "0x10", "5%", "E3", "1E", "1 2 3 4 5 6 7 8",
			"070-123 45 67", "0701234567", "Anna Andersson", "\xff", "1\x005",
		},
	} {
		for _, s := range in {
			got, err := ParseAmount(s)
			assert.ErrorIs(t, err, want, "%q", s)
			assert.True(t, got.IsZero(), "%q", s)
		}
	}
}

// I7: the error shows what was meant as an amount, and nothing that was not.
func TestI7_ParseAmountShowsNoPersonalData(t *testing.T) {
	t.Parallel()
	for in, shown := range map[string]string{
		"1.500":            `"1.500"`,
		"-1 500,00 kr":     `"-1 500,00 kr"`,
		"=500":             `"=500"`,
		"Anna":             `"A***"`,
		"0701234567":       `"0***"`,
		"701234567":        ``, // a whole number is an amount
		"070-123 45 67":    `"0***"`,
		"199001011234":     ``,
		"19900101-1234":    `"1***"`,
		"a@b.example":      `"a***"`,
		"":                 `""`,
		"Kerr":             `"K***"`,
		"4,67012E+10":      `"4,67012E+10"`,
		"1\n500 Andersson": `"1***"`,
	} {
		_, err := ParseAmount(in)
		if shown == "" {
			assert.NoError(t, err, in)
			continue
		}
		require.Error(t, err, in)
		assert.Contains(t, err.Error(), shown, in)
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1 500,00", "1.500", "1,500.00", "1500:-", "1E3", "-5", "0", "1\u202f500 kr", "999 999 999 999,99", "1 50", "05"} {
		f.Add(s, uint64(150_000))
	}
	f.Fuzz(func(t *testing.T, s string, ore uint64) {
		if got, err := ParseAmount(s); err == nil {
			if got.Exponent() != -2 || !got.IsPositive() || got.GreaterThan(decimal.New(99_999_999_999_999, -2)) {
				t.Fatalf("%q gave %s", s, got)
			}
			checkDigits(t, s, got)
		} else if !got.IsZero() {
			t.Fatalf("%q: an error and %s", s, got)
		}

		ore = ore%99_999_999_999_999 + 1
		want := decimal.New(int64(ore), -2)
		for _, written := range written(ore) {
			got, err := ParseAmount(written)
			if err != nil || !got.Equal(want) {
				t.Fatalf("%q gave %s, %v; want %s", written, got, err, want)
			}
		}
	})
}

// checkDigits sees that the digits of the amount are those that were typed.
func checkDigits(t *testing.T, s string, got decimal.Decimal) {
	t.Helper()
	typed := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	digits := strings.Replace(got.StringFixed(2), ".", "", 1)
	for _, padding := range []string{"", "0", "00"} {
		if strings.TrimLeft(typed+padding, "0") == strings.TrimLeft(digits, "0") {
			return
		}
	}
	t.Fatalf("%q gave %s", s, got)
}

// written writes an amount in the ways that people do.
func written(ore uint64) []string {
	whole, cents := ore/100, ore%100
	list := []string{fmt.Sprintf("%d,%02d", whole, cents), fmt.Sprintf("%d.%02d kr", whole, cents)}
	if cents == 0 {
		list = append(list, fmt.Sprint(whole), fmt.Sprintf("%d:-", whole))
	}
	for _, sep := range []string{" ", "\u00a0", "\u202f", "."} {
		list = append(list, fmt.Sprintf("%s,%02d", grouped(whole, sep), cents))
	}
	return append(list, fmt.Sprintf("%s.%02d", grouped(whole, ","), cents))
}

func grouped(n uint64, sep string) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}

func BenchmarkParseAmount(b *testing.B) {
	for _, s := range []string{"1500", "1 500,00", "1\u00a0500,00\u00a0kr"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseAmount(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
