package storetest

import (
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	leasesEvents = "LeaseEvents takes up to limit events, oldest first, that nobody has leased beyond now, and leases them " +
		"until an instant."
	takenOver = "A lease that has ended is taken over."
	settles   = "SettleEvents takes delivered events off the queue. Those that the owner does not hold any more stay."
)

var eventCases = []Case{
	{"events/order", leasesEvents, needsTravel, (*check).eventsOrder},
	{"events/one-owner", leasesEvents, needsTravel, (*check).eventsOneOwner},
	{"events/taken-over", takenOver, needsTravel, (*check).eventsTakenOver},
	{"events/settled", settles, needsTravel, (*check).eventsSettled},
	{"events/settled-late", settles, needsTravel, (*check).eventsSettledLate},
}

var leaseEnd = start.Add(time.Minute)

// happened saves n events, some by a decision and some by an update, and
// returns them oldest first.
func (c *check) happened(t travel.Traveler, n int) []travel.Event {
	c.Helper()
	var list, decided, updated []travel.Event
	for i := range n {
		e := sampleEvent(c, t)
		list = append(list, e)
		if i%2 == 0 {
			decided = append(decided, e)
		} else {
			updated = append(updated, e)
		}
	}
	c.update(func(tx travel.Tx) error { return tx.AppendEvents(c.ctx, updated...) })
	c.decide(t, travel.Change{Events: decided})
	return list
}

// lease takes events as an owner at an instant.
func (c *check) lease(owner string, now time.Time, limit int) []travel.Event {
	c.Helper()
	list, err := c.Travel.LeaseEvents(c.ctx, owner, now, now.Add(leaseEnd.Sub(start)), limit)
	c.must("LeaseEvents", err)
	return list
}

func (c *check) settle(owner string, events ...travel.Event) {
	c.Helper()
	c.must("SettleEvents", c.Travel.SettleEvents(c.ctx, owner, eventIDs(events)...))
}

func eventIDs(events []travel.Event) []travel.EventID {
	var ids []travel.EventID
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

func (c *check) eventsOrder() {
	want := c.happened(c.anyone(), 7)
	c.equal("first events", c.lease("a", start, 3), want[:3])
	c.equal("next events", c.lease("b", start, 3), want[3:6])
	c.equal("last event", c.lease("b", start, 3), want[6:])
	c.equal("events beyond the last", c.lease("c", start, 3), []travel.Event(nil))
}

func (c *check) eventsOneOwner() {
	want := c.happened(c.anyone(), 100)
	var mu sync.Mutex
	holders := map[travel.EventID]int{}
	c.together(4, func(i int) error {
		for range len(want) {
			list, err := c.Travel.LeaseEvents(c.ctx, string(rune('a'+i)), start, leaseEnd, 3)
			if err != nil || len(list) == 0 {
				return err
			}
			mu.Lock()
			for _, e := range list {
				holders[e.ID]++
			}
			mu.Unlock()
		}
		return nil
	})
	for _, e := range want {
		if n := holders[e.ID]; n != 1 {
			c.Errorf("an event of %d was leased %d times at once", len(want), n)
			return
		}
	}
}

func (c *check) eventsTakenOver() {
	want := c.happened(c.anyone(), 2)
	c.equal("events", c.lease("a", start, 10), want)
	c.equal("events a microsecond before the lease ends", c.lease("b", leaseEnd.Add(-time.Microsecond), 10), []travel.Event(nil))
	c.equal("events when the lease ends", c.lease("b", leaseEnd, 10), want)
	c.equal("events after they were taken over", c.lease("a", leaseEnd, 10), []travel.Event(nil))
}

func (c *check) eventsSettled() {
	t := c.anyone()
	want := c.happened(t, 4)
	c.lease("a", start, 10)
	c.settle("a", want[0], want[2])
	c.settle("a", want[0])
	c.settle("a")
	c.equal("events that were not settled", c.lease("b", leaseEnd, 10), []travel.Event{want[1], want[3]})
	c.settle("b", want[1], want[3])
	later := c.happened(t, 1)
	c.equal("events of later", c.lease("c", leaseEnd.Add(time.Hour), 10), later)
}

func (c *check) eventsSettledLate() {
	want := c.happened(c.anyone(), 2)
	c.settle("nobody", want...)
	c.lease("a", start, 10)
	c.settle("stranger", want...)
	c.lease("b", leaseEnd, 10)
	c.settle("a", want...)
	c.equal("events that only others have settled", c.lease("c", leaseEnd.Add(time.Hour), 10), want)
}
