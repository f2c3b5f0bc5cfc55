package id

import (
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type company struct{}

func TestSourceNeverGoesBackwards(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 22, 59, 59, 0, time.UTC)
	s := NewSource(func() time.Time { return at }, rand.Reader)
	last := ID[company](s.New())
	for i := range 10_000 {
		if i == 5_000 {
			at = at.Add(-time.Hour)
		}
		next := ID[company](s.New())
		require.Equal(t, -1, last.Compare(next), "id %d", i)
		require.Equal(t, byte(7), next[6]>>4, "version")
		require.Equal(t, byte(2), next[8]>>6, "variant")
		last = next
	}
}

func TestTextForm(t *testing.T) {
	t.Parallel()
	v := ID[company](NewSource(time.Now, rand.Reader).New())
	got, err := Parse[company](v.String())
	require.NoError(t, err)
	assert.Equal(t, v, got)

	data, err := json.Marshal(map[string]ID[company]{"id": v, "none": {}})
	require.NoError(t, err)
	var back map[string]ID[company]
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, v, back["id"])
	assert.True(t, back["none"].IsZero())

	for _, bad := range []string{"x", "0190163d-8694-739b-aea5-966c26f8ad9", "0190163d-8694-739b-aea5-966c26f8adzz", "0190163d_8694-739b-aea5-966c26f8ad90"} {
		_, err := Parse[company](bad)
		assert.ErrorIs(t, err, ErrMalformed, bad)
	}
}
