package httpapi

import (
	"net/netip"
	"sync"
	"time"
)

// limiter holds one bucket of tokens per key, as the instant at which the
// bucket is full again. It keeps two generations of them and drops the older
// one when a bucket that was not touched since must be full, or when the younger
// one has grown to its size: so memory is bounded whoever comes.
type limiter[K comparable] struct {
	rate  Rate
	size  int
	clock func() time.Time

	mu         sync.Mutex
	young, old map[K]time.Time
	turned     time.Time
}

func newLimiter[K comparable](r Rate, size int, clock func() time.Time) *limiter[K] {
	return &limiter[K]{rate: r, size: size, clock: clock, young: map[K]time.Time{}, turned: clock()}
}

// take takes tokens, or says how long to wait for them and takes none. No cost
// exceeds what a full bucket holds.
func (l *limiter[K]) take(key K, cost int) (wait time.Duration) {
	if l.rate.Burst < 0 {
		return 0
	}
	now, capacity := l.clock(), time.Duration(l.rate.Burst)*l.rate.Every
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.turned) >= capacity {
		l.turn(now)
	}
	full, young := l.young[key]
	if !young {
		full = l.old[key]
	}
	switch {
	case full.Before(now):
		full = now
	case full.After(now.Add(capacity)): // the clock was set back
		full = now.Add(capacity)
	}
	after := full.Add(time.Duration(min(cost, l.rate.Burst)) * l.rate.Every)
	if wait = after.Sub(now) - capacity; wait > 0 {
		after = full
	}
	if !young && len(l.young) >= l.size {
		l.turn(now)
	}
	l.young[key] = after
	return max(wait, 0)
}

// turn drops the older generation.
func (l *limiter[K]) turn(now time.Time) {
	l.old, l.young, l.turned = l.young, map[K]time.Time{}, now
}

// neighborhood is what counts as one remote address: whoever has an IPv6
// address has all of its network.
func neighborhood(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}
