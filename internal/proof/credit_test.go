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
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t)
		t.Repeat(map[string]func(*rapid.T){
			"authorize": s.reserve, "authorize again": s.reserve, "dry run": s.ask, "purchase": s.buy,
			"capture": s.capture, "capture again": s.capture, "release": s.release, "refund": s.refund,
			"set limit": s.setLimit, "raise": s.raise, "end raise": s.endRaise, "freeze": s.freeze,
			"remove limit": s.disconnect, "connect": s.connect, "activate": s.activatePending, "change number": s.renumber,
			"maximum": s.bound, "clock": s.tick, "clock again": s.tick, "expire": s.tidy,
			"": func(t *rapid.T) {
				s.compare(t)
				s.withinLimits(t)
				s.audited(t)
			},
		})
	})
}
