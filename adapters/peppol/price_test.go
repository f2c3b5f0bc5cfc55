package peppol

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

// R120, and more: so many pieces at that price are the net to the öre.
func TestPrice(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		net, n := credit.Amount(r.Int64N(1<<r.IntN(46)+1)), 1+r.Int64N(1<<r.IntN(20)+1)
		if r.IntN(10) == 0 {
			net = -net
		}
		p := priceOf(net, n)
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(p.decimals-2)), nil)
		off := new(big.Int).Mul(big.NewInt(p.units), big.NewInt(n))
		off.Sub(off, new(big.Int).Mul(big.NewInt(int64(net)), scale))
		require.Negative(t, off.Abs(off).Mul(off, big.NewInt(2)).Cmp(scale), "%d öre for %d: %v", net, n, p)
	}
	assert.Equal(t, price{3491, 2}, priceOf(3491, 1))
	assert.Equal(t, price{3491, 2}, priceOf(3*3491, 3))
	assert.Equal(t, price{3490566, 5}, priceOf(34_905_66, 1000), "1000 × 37 kr: 34.90566")
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]price{
		"0.00": {0, 2}, "0.01": {1, 2}, "-0.01": {-1, 2}, "0.99": {99, 2}, "1.00": {100, 2}, "-12345.60": {-1234560, 2}, "0.000123": {123, 6},
		"92233720368547758.07": {1<<63 - 1, 2}, "-92233720368547758.08": {-1 << 63, 2},
	} {
		assert.Equal(t, want, string(appendDecimal(nil, c.units, c.decimals)))
	}
	for want, rate := range map[string]int{"6": 600, "12.5": 1250, "0": 0, "100": 10_000, "0.25": 25, "20": 2000} {
		assert.Equal(t, want, string(appendPercent(nil, rate)))
	}
}
