package otel

import (
	"sync"
	"time"
)

// held is what this process has leased and not settled.
type held[K comparable, V any] struct {
	mu    sync.Mutex
	items map[K]item[V]
}

type item[V any] struct {
	value V
	// at is when it came to be; until is when it is nobody's any more.
	at, until time.Time
}

// put adds items, and forgets those whose time is over: others may have them.
func (h *held[K, V]) put(now time.Time, items map[K]item[V]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.items == nil {
		h.items = map[K]item[V]{}
	}
	for k, i := range h.items {
		if !i.until.After(now) {
			delete(h.items, k)
		}
	}
	for k, i := range items {
		h.items[k] = i
	}
}

// take removes an item.
func (h *held[K, V]) take(k K) (item[V], bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, ok := h.items[k]
	delete(h.items, k)
	return i, ok
}

// oldest is when the oldest item came to be; zero without any.
func (h *held[K, V]) oldest() (at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, i := range h.items {
		if at.IsZero() || i.at.Before(at) {
			at = i.at
		}
	}
	return at
}
