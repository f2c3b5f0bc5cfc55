package credit_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

// most is the largest amount there is: ten trillion kronor.
const most credit.Amount = 1_000_000_000_000_000

func TestFromDecimal(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 200)
	for s, want := range map[string]credit.Amount{
		"0": 0, "-0": 0, "0.00": 0, "0e50": 0, "0e-50": 0, "0e2000000000": 0, "0e-2000000000": 0,
		"0.01": 1, "-0.01": -1, "250.01": 250*kr + 1, "250.1": 250*kr + 10, "15000": 15_000 * kr,
		"250.010": 250*kr + 1, "250.0100000000000000000000": 250*kr + 1, // zeros say nothing
		"1e3": 1000 * kr, "25001e-2": 250*kr + 1, "1000e-5": 1,
		"1000000000000000e-17": 1, // NumDigits counts 15 digits
		"10000000000000":       most, "-10000000000000.00": -most, "10000000000000.000": most, "1e13": most,
		"9999999999999.99": most - 1,
	} {
		got, err := credit.FromDecimal(decimal.RequireFromString(s))
		require.NoError(t, err, s)
		assert.Equal(t, want, got, s)
	}
	for s, want := range map[string]error{
		"0.001": credit.ErrDecimals, "250.015": credit.ErrDecimals, "-0.009": credit.ErrDecimals, "0.0001": credit.ErrDecimals,
		"1e-64": credit.ErrDecimals, "1e-1000000": credit.ErrDecimals, "-7e-2147483000": credit.ErrDecimals,
		"5." + zeros: credit.ErrDecimals, "5." + zeros + "1": credit.ErrDecimals, "0." + zeros + "1": credit.ErrDecimals, "100e-5": credit.ErrDecimals,
		"10000000000000.01": credit.ErrRange, "-10000000000000.01": credit.ErrRange, "1e14": credit.ErrRange,
		"999999999999999": credit.ErrRange, "1000000000000000": credit.ErrRange, "-999999999999999": credit.ErrRange, "9223372036854775808": credit.ErrRange,
		"1e17": credit.ErrRange, "1e18": credit.ErrRange, "1e1000000": credit.ErrRange, "-3e2147483000": credit.ErrRange,
		"7" + zeros: credit.ErrRange, "7" + zeros + ".00": credit.ErrRange,
	} {
		got, err := credit.FromDecimal(decimal.RequireFromString(s))
		require.ErrorIs(t, err, want, s)
		assert.Zero(t, got, s)
		assert.Less(t, len(err.Error()), 150, "an error that fits a line: %s", s)
	}
	var zero decimal.Decimal
	got, err := credit.FromDecimal(zero)
	require.NoError(t, err)
	assert.Zero(t, got)
}

func TestFromDecimalNamesTheValue(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"250.015":           "more than two decimals: 250.015",
		"10000000000000.01": "amount out of range: 10000000000000.01",
		"99999999999999999": "amount out of range: 99999999999999999",
		"999999999999999":   "amount out of range: 999999999999999",
		"1e1000000":         "amount out of range: a number of about 10^1000000",
		"1e-1000000":        "more than two decimals: a number of about 10^-1000000 with 1 digits",
	} {
		_, err := credit.FromDecimal(decimal.RequireFromString(s))
		assert.EqualError(t, err, want)
	}
}

// oracle is d·100 by big rationals: ok when that is whole and in range.
func oracle(d decimal.Decimal) (credit.Amount, bool) {
	ore := new(big.Rat).Mul(d.Rat(), big.NewRat(100, 1))
	if !ore.IsInt() || ore.Num().CmpAbs(big.NewInt(int64(most))) > 0 {
		return 0, false
	}
	return credit.Amount(ore.Num().Int64()), true
}

func TestFromDecimalIsExact(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(16, 17))
	accepted := 0
	for range 50_000 {
		coefficient := random.Int64() >> random.IntN(63)
		if random.IntN(2) == 0 {
			coefficient = -coefficient
		}
		d := decimal.New(coefficient, int32(random.IntN(30)-20))
		if random.IntN(2) == 0 { // the same number, written with more zeros
			d = d.Mul(decimal.New(int64(math.Pow10(random.IntN(12))), -int32(random.IntN(12))))
		}
		want, ok := oracle(d)
		got, err := credit.FromDecimal(d)
		require.Equal(t, ok, err == nil, "%s: %v", d, err)
		require.Equal(t, want, got, "%s", d)
		if ok {
			accepted++
			require.True(t, got.Decimal().Equal(d), "%s there and back is %s", d, got.Decimal())
		}
	}
	require.Greater(t, accepted, 5_000, "the property was put to the test")
}

func FuzzFromDecimal(f *testing.F) {
	for _, s := range []string{"0", "250.01", "-0.01", "1e1000000", "1e-1000000", "0e2147483647", "0.000000000000000000001", "10000000000000", "92233720368547758.07", "1000e-5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := decimal.NewFromString(s)
		if err != nil {
			return // not a decimal
		}
		got, err := credit.FromDecimal(d)
		if err != nil {
			assert.Zero(t, got)
			assert.Less(t, len(err.Error()), 200)
			return
		}
		assert.LessOrEqual(t, max(got, -got), most)
		if d.Exponent() > -1000 && d.Exponent() < 1000 {
			want, ok := oracle(d)
			assert.True(t, ok)
			assert.Equal(t, want, got)
		}
	})
}

func TestAmountString(t *testing.T) {
	t.Parallel()
	for a, want := range map[credit.Amount]string{
		0: "0.00", 1: "0.01", -1: "-0.01", 250*kr + 1: "250.01", -250*kr - 10: "-250.10",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		assert.Equal(t, want, a.String())
		assert.Equal(t, want, a.Decimal().StringFixed(2))
	}
}
