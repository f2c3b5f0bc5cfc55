package pgserver

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExcused(t *testing.T) {
	t.Parallel()
	none := fmt.Errorf("here: %w", ErrUnavailable)
	broken := errors.New("initdb: no space left")
	for _, c := range []struct {
		err  error
		ci   string
		want bool
	}{
		{none, "", true},
		{none, "false", true},
		{none, "0", true},
		{none, "true", false},
		{none, "1", false},
		{none, "drone", false},
		{broken, "", false},
		{broken, "true", false},
	} {
		assert.Equal(t, c.want, excused(c.err, c.ci), "%v, CI=%q", c.err, c.ci)
	}
	assert.NotContains(t, ErrUnavailable.Error(), "\n", "one line")
	assert.Contains(t, ErrUnavailable.Error(), "TEST_POSTGRES_URL")
}
