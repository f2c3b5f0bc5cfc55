package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// outbox is the queue of events. Purchases put theirs into the shards, so that
// they need no lock in common; a lease fetches them.
type outbox struct {
	mu sync.Mutex
	// waiting is in ascending order of id. What is settled stays in it until
	// it is half of it.
	waiting []*leasable
	settled int
	byID    map[travel.EventID]*leasable
}

type leasable struct {
	event   travel.Event
	owner   string
	until   time.Time
	settled bool
}

// fetch takes the events that were saved since the last time. Store.outbox is
// locked.
func (s *Store) fetch() {
	o := &s.outbox
	for i := range s.shards {
		h := &s.shards[i]
		h.mu.Lock()
		events := h.events
		h.events = nil
		h.mu.Unlock()
		for _, e := range slices.Concat(events...) {
			l := &leasable{event: e}
			o.waiting = append(o.waiting, l)
			o.byID[e.ID] = l
		}
	}
	slices.SortFunc(o.waiting, func(a, b *leasable) int { return a.event.ID.Compare(b.event.ID) })
}

// LeaseEvents implements travel.EventQueue.
func (s *Store) LeaseEvents(ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	s.fetch()
	var leased []travel.Event
	for _, l := range s.outbox.waiting {
		if len(leased) >= limit {
			break
		}
		if l.settled || l.until.After(now) {
			continue
		}
		l.owner, l.until = owner, until
		leased = append(leased, l.event)
	}
	return leased, nil
}

// SettleEvents implements travel.EventQueue.
func (s *Store) SettleEvents(ctx context.Context, owner string, ids ...travel.EventID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		if l := o.byID[id]; l != nil && l.owner == owner {
			l.settled = true
			o.settled++
			delete(o.byID, id)
		}
	}
	if o.settled > len(o.waiting)/2 {
		o.waiting = slices.DeleteFunc(o.waiting, func(l *leasable) bool { return l.settled })
		o.settled = 0
	}
	return nil
}

func (x *tx) AppendEvents(ctx context.Context, events ...travel.Event) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	x.events = append(x.events, events...)
	return nil
}
