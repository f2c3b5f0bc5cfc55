package lang

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ amount, swedish, english string }{
		{"0", "0,00", "0.00"},
		{"0.01", "0,01", "0.01"},
		{"250.1", "250,10", "250.10"},
		{"999.99", "999,99", "999.99"},
		{"1000", "1\u00a0000,00", "1,000.00"},
		{"15000.01", "15\u00a0000,01", "15,000.01"},
		{"1234567.89", "1\u00a0234\u00a0567,89", "1,234,567.89"},
		{"10000000000000", "10\u00a0000\u00a0000\u00a0000\u00a0000,00", "10,000,000,000,000.00"},
		{"-0.01", "-0,01", "-0.01"},
		{"-1500.5", "-1\u00a0500,50", "-1,500.50"},
		{"0.004", "0,00", "0.00"},
		{"-0.004", "0,00", "0.00"}, // no minus before nothing
		{"0.995", "1,00", "1.00"},  // the krona follows
		{"999.995", "1\u00a0000,00", "1,000.00"},
		{"1e3", "1\u00a0000,00", "1,000.00"},
	} {
		d := decimal.RequireFromString(c.amount)
		assert.Equal(t, c.swedish, Money(language.Swedish, d), c.amount)
		assert.Equal(t, c.swedish, Money(language.Und, d), "the operators' own")
		assert.Equal(t, c.english, Money(language.English, d), c.amount)
		assert.Equal(t, c.english, Money(language.German, d), "neither gets English")
	}
}

// What is written can be read back, in both languages.
func TestMoneyLosesNothing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	swedish := strings.NewReplacer("\u00a0", "", ",", ".")
	english := strings.NewReplacer(",", "")
	for range 2_000 {
		d := decimal.New(random.Int64()>>random.IntN(63)*int64(1-2*random.IntN(2)), -2)
		for tag, plain := range map[language.Tag]*strings.Replacer{language.Swedish: swedish, language.English: english} {
			back, err := decimal.NewFromString(plain.Replace(Money(tag, d)))
			require.NoError(t, err)
			require.True(t, d.Equal(back), "%s: %s", d, Money(tag, d))
		}
	}
}
