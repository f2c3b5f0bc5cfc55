package credit_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ whole, part, total, want credit.Amount }{
		{0, 1, 2, 0},
		{3, 1, 2, 2}, // 1.5, half up
		{1, 1, 3, 0},
		{2, 1, 3, 1},
		{209, 37 * kr, 37 * kr, 209},
		{100, 0, 100, 0},
		{100, -1, 100, 0},
		{-100, 1, 100, 0},
		{100, 1, 0, 0},
		{100, 101, 100, 100}, // no more than the whole
		{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64},
		{1<<32 - 1, 1<<32 + 1, math.MaxInt64, 2}, // the half carries over 64 bits
		{math.MaxInt64, math.MaxInt64, 1, math.MaxInt64},
		{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 - 1},
	} {
		assert.Equal(t, c.want, credit.Share(c.whole, c.part, c.total), "%d of %d of %d", c.part, c.total, c.whole)
	}
}

func TestR43_SharesAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(43, 1))
	for range 5_000 {
		total := credit.Amount(1 + random.Int64N(int64(most)>>random.IntN(48)))
		whole := credit.Amount(random.Int64N(int64(total) + 1))
		var part, sum credit.Amount
		for part < total {
			next := min(total, part+1+credit.Amount(random.Int64N(int64(total))))
			step := credit.Share(whole, next, total) - credit.Share(whole, part, total)
			require.GreaterOrEqual(t, step, credit.Amount(0), "R43 a refund takes nothing back")
			sum, part = sum+step, next

			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(int64(whole)), big.NewInt(int64(part))), big.NewInt(int64(total)))
			off := new(big.Rat).Sub(big.NewRat(int64(credit.Share(whole, part, total)), 1), exact)
			require.LessOrEqual(t, off.Cmp(big.NewRat(1, 2)), 0, "at most half up")
			require.Positive(t, off.Cmp(big.NewRat(-1, 2)))
		}
		require.Equal(t, whole, sum, "R43 %d over %d", whole, total)
	}
}
