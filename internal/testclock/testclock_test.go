package testclock_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/tjansteresor/tjansteresor/internal/testclock"
)

var noon = time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)

func TestClockShowsWhatItWasSetTo(t *testing.T) {
	t.Parallel()
	c := testclock.New(noon)
	assert.Equal(t, noon, c.Now())
	assert.Equal(t, noon, c.Now(), "it stands still")
	c.Add(time.Hour)
	assert.Equal(t, noon.Add(time.Hour), c.Now())
	c.Add(-2 * time.Hour)
	assert.Equal(t, noon.Add(-time.Hour), c.Now(), "it goes back too")
	c.Set(noon.AddDate(-1, 0, 0))
	assert.Equal(t, noon.AddDate(-1, 0, 0), c.Now())
	assert.True(t, new(testclock.Clock).Now().IsZero())
}

// No step is lost when many move the clock; go test -race watches the reads.
func TestClockMovesConcurrently(t *testing.T) {
	t.Parallel()
	const movers, steps = 8, 1_000
	c := testclock.New(noon)
	var wg sync.WaitGroup
	for range movers {
		wg.Go(func() {
			for range steps {
				before := c.Now()
				c.Add(time.Second)
				assert.True(t, c.Now().After(before))
			}
		})
	}
	wg.Wait()
	assert.Equal(t, noon.Add(movers*steps*time.Second), c.Now())
}
