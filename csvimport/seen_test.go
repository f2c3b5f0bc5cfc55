package csvimport

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSeenIsAMap(t *testing.T) {
	t.Parallel()
	for _, expected := range []int{0, 1, 100, 10_000} {
		random := rand.New(rand.NewPCG(1, uint64(expected)))
		set, want := newSeen[[8]byte](expected), map[[8]byte]int{}
		for line := 1; line < 5000; line++ {
			key := [8]byte{byte(random.IntN(60)), byte(random.IntN(60))}
			require.Equal(t, want[key], set.first(key, line))
			if want[key] == 0 {
				want[key] = line
			}
		}
	}
}
