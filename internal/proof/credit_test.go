package proof

import (
	"testing"

	"pgregory.net/rapid"
)

// TestI1 holds R16, R17 and R20 to R24 over clocks that go on, stand still and
// jump back: every answer and every balance is that of the model, and what is
// stored never exceeds the limit that was in force.
func TestI1(t *testing.T) {
	t.Parallel()
	var c tally
	defer func() { t.Log(&c) }()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, &c)
		t.Repeat(weigh(func(t *rapid.T) {
			c.count("steps")
			s.compare(t)
			s.withinLimits(t)
			s.audited(t)
		}, s.buying()))
	})
}
