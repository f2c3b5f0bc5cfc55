// Package testclock holds a clock that stands still until a test moves it. It
// is for tests only: built code takes a func() time.Time from its host, and
// [Clock.Now] is one.
package testclock

import (
	"sync"
	"time"
)

// Clock shows the instant that it was last set to. It is safe for concurrent
// use, and may be set back. The zero Clock shows the zero time.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// New returns a clock that shows an instant.
func New(at time.Time) *Clock { return &Clock{at: at} }

// Now returns the instant, in the zone in which it was set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Set moves the clock to an instant, forward or back.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Add moves the clock by a duration; a negative one moves it back.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
