package travel

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCodesAreDrawnEvenlyFromTheAlphabet(t *testing.T) {
	t.Parallel()
	require.Len(t, alphabet, 30)
	assert.False(t, strings.ContainsAny(alphabet, "01ILOU"), "look-alikes")
	const n = 300_000
	text, err := randomText(rand.Reader, n)
	require.NoError(t, err)
	require.Len(t, text, n)
	for _, r := range alphabet {
		// 10 000 of each are expected; 6 standard deviations are about 590.
		assert.InDelta(t, n/len(alphabet), strings.Count(text, string(r)), 600, string(r))
	}
	_, err = randomText(strings.NewReader("too short"), 8)
	require.Error(t, err)
}

// However a code is written down, it is read back; and nothing that is not the
// code becomes it by being guessed at (R11).
func FuzzReadTyped(f *testing.F) {
	for _, s := range []string{"K7QP-3MXW", "k7qp 3mxw", " K7QP\u20133MXW\n", "\uff2b7QP3MXW", "0OIL1U", "\xff", strings.Repeat("A", 100)} {
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, typed string, at uint8) {
		got := readTyped(typed)
		assert.False(t, strings.ContainsAny(got, "abcdefghijklmnopqrstuvwxyz"))
		assert.NotContains(t, got, "-")
		assert.NotContains(t, got, " ")

		code, err := randomText(rand.Reader, codeLength)
		require.NoError(t, err)
		assert.Equal(t, code, readTyped(showCode(code)))
		i := int(at) % codeLength
		for _, gap := range []string{" ", "-", "\u2013", "\u00a0", "\u200b"} {
			assert.Equal(t, code, readTyped(strings.ToLower(code[:i]+gap+code[i:])))
		}
		for _, lookalike := range []string{"0", "O", "1", "I", "L", "U"} {
			assert.NotContains(t, alphabet, readTyped(lookalike), "nothing is guessed")
		}
	})
}
