// Package webhooktest is the conformance suite of webhook.Store, for a store
// of your own:
//
//	func TestStore(t *testing.T) {
//		webhooktest.Run(t, func(tb testing.TB) webhook.Store { return mystore.New(emptyDatabase(tb)) })
//	}
//
// Each case is a sentence of the contract, which is printed when it fails.
package webhooktest

import (
	"context"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Case is a sentence of the contract and the proof of it.
type Case struct {
	Name string
	// Contract is the sentence, as the comment of the port says it.
	Contract string

	run func(*check)
}

// Run runs every case on an empty store of its own, which open returns. What
// open opens it closes by tb.Cleanup.
func Run(t *testing.T, open func(tb testing.TB) webhook.Store) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, open) })
	}
}

// Run runs one case.
func (c Case) Run(t testing.TB, open func(tb testing.TB) webhook.Store) {
	t.Helper()
	k := &check{TB: t, ctx: t.Context(), contract: c.Contract, store: open(t)}
	c.run(k)
}

// Cases returns all cases.
func Cases() []Case { return slices.Clone(cases) }

var cases = []Case{
	{"round trip", "What is enqueued comes back as it was, instants to the microsecond, in UTC.", (*check).roundTrip},
	{"enqueue again", "One whose endpoint has the event already stays as it is.", (*check).enqueueAgain},
	{"enqueue at once", "Enqueue is safe for concurrent use.", (*check).enqueueAtOnce},
	{"enqueue nothing", "Enqueue adds all or none.", (*check).enqueueNothing},
	{"lease order", "Lease gives those with the earliest NextAt first, ties by Event.", (*check).leaseOrder},
	{"lease due", "Lease gives what is due, of one endpoint, that nobody has.", (*check).leaseDue},
	{"lease taken over", "A lease that has ended is taken over, under another token.", (*check).leaseTakenOver},
	{"lease at once", "Two callers never hold the same one under the same token; none only when there is none.", (*check).leaseAtOnce},
	{"settle", "Settle ends a lease and adds a line to the log.", (*check).settle},
	{"settle lost", "Settle fails with travel.ErrLeaseLost, and then it changes nothing.", (*check).settleLost},
	{"requeue", "Requeue makes deliveries due and says how many.", (*check).requeue},
	{"requeue in a lease", "Requeue leaves a lease as it is.", (*check).requeueLeased},
	{"endpoint", "UpdateEndpoint changes what is known; one never saved has only its ID.", (*check).endpoint},
	{"endpoint at once", "UpdateEndpoint is atomic.", (*check).endpointAtOnce},
	{"deliveries", "Deliveries are listed by event and endpoint, within the bounds.", (*check).deliveries},
	{"backlog", "Backlog tells what waits for an endpoint.", (*check).backlog},
	{"prune", "Prune removes deliveries that are over, with their log.", (*check).prune},
	{"context", "What ctx ends has not happened.", (*check).ended},
}

var start = time.Date(2026, 1, 13, 11, 0, 0, 123456000, time.UTC)

type check struct {
	testing.TB
	ctx      context.Context
	contract string
	store    webhook.Store
}

// Errorf says which sentence is broken.
func (c *check) Errorf(format string, args ...any) {
	c.Helper()
	c.TB.Errorf(format+"\nthe contract: %s", append(args, c.contract)...)
}

func (c *check) must(what string, err error) {
	c.Helper()
	if err != nil {
		c.Errorf("%s: %v", what, err)
		c.FailNow()
	}
}

func (c *check) equal(what string, got, want any) {
	c.Helper()
	if !reflect.DeepEqual(got, want) {
		c.Errorf("%s\n got %+v\nwant %+v", what, got, want)
	}
}

// event makes an id that sorts by n.
func event(n int) (id travel.EventID) {
	binary.BigEndian.PutUint64(id[:8], uint64(n))
	id[15] = 1
	return id
}

// delivery is that of event n, due at the start.
func delivery(endpoint string, n int) webhook.Delivery {
	d := webhook.Delivery{
		Endpoint: endpoint, Event: event(n), Type: travel.EventPurchaseCaptured, Company: travel.CompanyID(event(n % 2)),
		At: start.Add(time.Duration(n) * time.Second), Body: []byte(`{"text":"åäö \"<&"}`), State: webhook.StateWaiting,
		NextAt: start, GiveUpAt: start.Add(72 * time.Hour),
	}
	return d
}

func (c *check) enqueue(list ...webhook.Delivery) {
	c.Helper()
	c.must("Enqueue", c.store.Enqueue(c.ctx, list...))
}

// lease leases for a minute.
func (c *check) lease(endpoint string, now time.Time, limit int) []webhook.Delivery {
	c.Helper()
	list, err := c.store.Lease(c.ctx, webhook.LeaseRequest{
		Endpoint: endpoint, Owner: "a", Now: now, Until: now.Add(time.Minute), Limit: limit,
	})
	c.must("Lease", err)
	return list
}

// one leases a delivery that is due.
func (c *check) one(endpoint string, now time.Time) webhook.Delivery {
	c.Helper()
	list := c.lease(endpoint, now, 1)
	if len(list) != 1 {
		c.Errorf("%d deliveries are leased, want 1", len(list))
		c.FailNow()
	}
	return list[0]
}

func (c *check) list(q webhook.DeliveryQuery) []webhook.Delivery {
	c.Helper()
	list, err := c.store.Deliveries(c.ctx, q)
	c.must("Deliveries", err)
	return list
}

func (c *check) all() []webhook.Delivery {
	c.Helper()
	return c.list(webhook.DeliveryQuery{})
}

func (c *check) log(endpoint string, n int) []webhook.Attempt {
	c.Helper()
	list, err := c.store.Attempts(c.ctx, endpoint, event(n))
	c.must("Attempts", err)
	return list
}

func keys(list []webhook.Delivery) (names []webhook.Key) {
	for _, d := range list {
		names = append(names, d.Key())
	}
	return names
}

func key(endpoint string, n int) webhook.Key { return webhook.Key{Event: event(n), Endpoint: endpoint} }

// together runs do in several goroutines.
func (c *check) together(n int, do func(i int) error) {
	c.Helper()
	errs := make([]error, n)
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() { errs[i] = do(i) })
	}
	running.Wait()
	c.must("at once", errors.Join(errs...))
}

func (c *check) roundTrip() {
	d := delivery("a", 1)
	c.enqueue(d)
	c.equal("deliveries", c.all(), []webhook.Delivery{d})
	zone := d
	zone.Event = event(2)
	zone.At = d.At.In(time.FixedZone("x", 3600)).Add(999)
	c.enqueue(zone)
	c.equal("how many", len(c.all()), 2)
	for _, got := range c.all() {
		c.equal("an instant of another zone, with nanoseconds", got.At, d.At)
	}
}

func (c *check) enqueueAgain() {
	c.enqueue(delivery("a", 1))
	before := c.lease("a", start, 1)
	other := delivery("a", 1)
	other.Body = []byte(`{}`)
	c.enqueue(other, delivery("b", 1), delivery("b", 1))
	c.equal("deliveries", c.all(), append(before, delivery("b", 1)))
}

func (c *check) enqueueAtOnce() {
	c.together(4, func(int) error {
		for n := range 20 {
			if err := c.store.Enqueue(c.ctx, delivery("a", n), delivery("b", n)); err != nil {
				return err
			}
		}
		return nil
	})
	c.equal("how many", len(c.all()), 40)
}

func (c *check) enqueueNothing() {
	c.enqueue()
	c.equal("deliveries", len(c.all()), 0)
	many := make([]webhook.Delivery, 1500)
	for n := range many {
		many[n] = delivery("a", n)
	}
	c.enqueue(many...)
	c.equal("deliveries", len(c.all()), len(many))
}

func (c *check) leaseOrder() {
	for n, at := range map[int]time.Duration{1: 2, 2: 1, 4: 1, 3: 1, 5: 0} {
		d := delivery("a", n)
		d.NextAt = start.Add(at * time.Second)
		c.enqueue(d)
	}
	c.equal("the first", keys(c.lease("a", start.Add(time.Hour), 2)), []webhook.Key{key("a", 5), key("a", 2)})
	c.equal("the rest", keys(c.lease("a", start.Add(time.Hour), 9)), []webhook.Key{key("a", 3), key("a", 4), key("a", 1)})
}

func (c *check) leaseDue() {
	later := delivery("a", 2)
	later.NextAt = start.Add(time.Microsecond)
	c.enqueue(delivery("a", 1), later, delivery("b", 1))
	want := delivery("a", 1)
	want.LeaseOwner, want.LeaseUntil, want.LeaseToken = "a", start.Add(time.Minute), 1
	c.equal("what is due", c.lease("a", start, 9), []webhook.Delivery{want})
	c.equal("what is due to others", len(c.lease("a", start, 9)), 0)
	c.equal("what is due a microsecond later", keys(c.lease("a", later.NextAt, 9)), []webhook.Key{key("a", 2)})
	c.equal("what is due at an endpoint without deliveries", len(c.lease("x", start, 9)), 0)
	c.equal("none of those due", len(c.lease("b", start, 0)), 0)
}

func (c *check) leaseTakenOver() {
	c.enqueue(delivery("a", 1))
	first := c.lease("a", start, 1)
	c.equal("before it has ended", len(c.lease("a", start.Add(time.Minute-time.Microsecond), 1)), 0)
	second := c.lease("a", start.Add(time.Minute), 1)
	if len(first) != 1 || len(second) != 1 || first[0].LeaseToken >= second[0].LeaseToken {
		c.Errorf("the first lease is %+v, the second %+v", first, second)
	}
}

func (c *check) leaseAtOnce() {
	const n = 60
	for i := range n {
		c.enqueue(delivery("a", i))
	}
	var mu sync.Mutex
	held := map[webhook.Key]int{}
	c.together(4, func(i int) error {
		for {
			list, err := c.store.Lease(c.ctx, webhook.LeaseRequest{
				Endpoint: "a", Owner: "x", Now: start, Until: start.Add(time.Minute), Limit: 3,
			})
			if err != nil || len(list) == 0 {
				return err
			}
			mu.Lock()
			for _, d := range list {
				held[d.Key()]++
			}
			mu.Unlock()
		}
	})
	c.equal("how many were leased", len(held), n)
	for k, times := range held {
		if times != 1 {
			c.Errorf("%v was leased %d times at once", k, times)
		}
	}
}

func settlement(d webhook.Delivery, state webhook.State) webhook.Settlement {
	return webhook.Settlement{
		Endpoint: d.Endpoint, Event: d.Event, Token: d.LeaseToken, State: state,
		At: start.Add(time.Second), Took: 1500 * time.Microsecond, Status: 204, Code: "delivered",
	}
}

func (c *check) settle() {
	c.enqueue(delivery("a", 1))
	d := c.one("a", start)
	again := settlement(d, webhook.StateWaiting)
	again.NextAt, again.Status, again.Code = start.Add(time.Hour), 0, "timeout"
	c.must("Settle", c.store.Settle(c.ctx, again))
	want, line, err := d.Settled(again)
	c.must("Settled", err)
	c.equal("when it waits again", c.all(), []webhook.Delivery{want})
	c.equal("before it is due", len(c.lease("a", again.NextAt.Add(-time.Microsecond), 1)), 0)
	d = c.one("a", again.NextAt)
	done := settlement(d, webhook.StateDelivered)
	c.must("Settle", c.store.Settle(c.ctx, done))
	want, second, err := d.Settled(done)
	c.must("Settled", err)
	c.equal("when it is delivered", c.all(), []webhook.Delivery{want})
	c.equal("the log", c.log("a", 1), []webhook.Attempt{line, second})
	c.equal("the log of nothing", len(c.log("b", 1)), 0)
	c.equal("what is due then", len(c.lease("a", start.Add(1000*time.Hour), 1)), 0)
}

func (c *check) settleLost() {
	c.enqueue(delivery("a", 1))
	first := c.one("a", start)
	second := c.one("a", start.Add(time.Hour))
	lost := func(what string, s webhook.Settlement) {
		c.Helper()
		if err := c.store.Settle(c.ctx, s); !errors.Is(err, travel.ErrLeaseLost) {
			c.Errorf("%s: %v", what, err)
		}
	}
	lost("a lease that was taken over", settlement(first, webhook.StateFailed))
	lost("a delivery that is none", settlement(delivery("x", 1), webhook.StateFailed))
	c.equal("the delivery", c.all(), []webhook.Delivery{second})
	c.must("Settle", c.store.Settle(c.ctx, settlement(second, webhook.StateDelivered)))
	lost("a settlement again", settlement(second, webhook.StateFailed))
	want, _, err := second.Settled(settlement(second, webhook.StateDelivered))
	c.must("Settled", err)
	c.equal("the delivery", c.all(), []webhook.Delivery{want})
	c.equal("the log", len(c.log("a", 1)), 1)
}

func (c *check) requeue() {
	c.enqueue(delivery("a", 1), delivery("a", 2), delivery("b", 1), delivery("b", 3))
	for _, d := range append(c.lease("a", start, 9), c.lease("b", start, 1)...) {
		c.must("Settle", c.store.Settle(c.ctx, settlement(d, webhook.StateDelivered)))
	}
	before := c.all()
	for _, s := range []webhook.Selection{
		{Endpoint: "x"}, {State: webhook.StateFailed}, {From: start.Add(4 * time.Second)}, {To: start.Add(time.Second)},
		{Events: []travel.EventID{event(4), event(5)}},
	} {
		n, err := c.store.Requeue(c.ctx, webhook.RequeueRequest{Selection: s, Now: start, GiveUpAt: start})
		c.must("Requeue", err)
		c.equal("how many of none", n, 0)
	}
	c.equal("when none was selected", c.all(), before)
	r := webhook.RequeueRequest{
		Selection: webhook.Selection{
			Endpoint: "a", State: webhook.StateDelivered, From: start.Add(2 * time.Second), To: start.Add(3 * time.Second),
			Events: []travel.EventID{event(1), event(2)},
		},
		Now: start.Add(time.Hour), GiveUpAt: start.Add(2 * time.Hour),
	}
	n, err := c.store.Requeue(c.ctx, r)
	c.must("Requeue", err)
	c.equal("how many", n, 1)
	for i, d := range before {
		if d.Key() == key("a", 2) {
			before[i] = d.Requeued(r)
		}
	}
	c.equal("deliveries", c.all(), before)
	c.equal("what is due", keys(c.lease("a", r.Now, 9)), []webhook.Key{key("a", 2)})
	r.Selection = webhook.Selection{}
	n, err = c.store.Requeue(c.ctx, r)
	c.must("Requeue", err)
	c.equal("how many of all", n, 4)
}

func (c *check) requeueLeased() {
	c.enqueue(delivery("a", 1))
	d := c.one("a", start)
	_, err := c.store.Requeue(c.ctx, webhook.RequeueRequest{Now: start, GiveUpAt: start.Add(time.Hour)})
	c.must("Requeue", err)
	c.equal("what is due", len(c.lease("a", start, 1)), 0)
	c.must("Settle", c.store.Settle(c.ctx, settlement(d, webhook.StateDelivered)))
}

func (c *check) endpoint() {
	none, err := c.store.Endpoint(c.ctx, "a")
	c.must("Endpoint", err)
	c.equal("one never saved", none, webhook.EndpointState{ID: "a"})
	want := webhook.EndpointState{ID: "a", DisabledAt: start, Failures: 3, FailingSince: start.Add(1000), PausedUntil: start.Add(time.Hour)}
	for range 2 {
		c.must("UpdateEndpoint", c.store.UpdateEndpoint(c.ctx, "a", func(s webhook.EndpointState) webhook.EndpointState {
			c.equal("what was known", s, none)
			return want
		}))
		none = want
	}
	got, err := c.store.Endpoint(c.ctx, "a")
	c.must("Endpoint", err)
	c.equal("one that was saved", got, want)
	other, err := c.store.Endpoint(c.ctx, "b")
	c.must("Endpoint", err)
	c.equal("another", other, webhook.EndpointState{ID: "b"})
}

func (c *check) endpointAtOnce() {
	c.together(4, func(int) error {
		for range 10 {
			err := c.store.UpdateEndpoint(c.ctx, "a", func(s webhook.EndpointState) webhook.EndpointState {
				s.Failures++
				return s
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	s, err := c.store.Endpoint(c.ctx, "a")
	c.must("Endpoint", err)
	c.equal("how many changes", s.Failures, 40)
}

func (c *check) deliveries() {
	c.enqueue(delivery("b", 1), delivery("a", 2), delivery("a", 1), delivery("a", 3))
	for name, x := range map[string]struct {
		q    webhook.DeliveryQuery
		want []webhook.Key
	}{
		"all":      {webhook.DeliveryQuery{}, []webhook.Key{key("a", 1), key("b", 1), key("a", 2), key("a", 3)}},
		"limit":    {webhook.DeliveryQuery{Limit: 2}, []webhook.Key{key("a", 1), key("b", 1)}},
		"after":    {webhook.DeliveryQuery{After: key("a", 1), Limit: 2}, []webhook.Key{key("b", 1), key("a", 2)}},
		"company":  {webhook.DeliveryQuery{Company: travel.CompanyID(event(0))}, []webhook.Key{key("a", 2)}},
		"endpoint": {webhook.DeliveryQuery{Selection: webhook.Selection{Endpoint: "b"}}, []webhook.Key{key("b", 1)}},
		"state":    {webhook.DeliveryQuery{Selection: webhook.Selection{State: webhook.StateFailed}}, nil},
		"from":     {webhook.DeliveryQuery{Selection: webhook.Selection{From: start.Add(2 * time.Second)}}, []webhook.Key{key("a", 2), key("a", 3)}},
		"to":       {webhook.DeliveryQuery{Selection: webhook.Selection{To: start.Add(2 * time.Second)}}, []webhook.Key{key("a", 1), key("b", 1)}},
		"events":   {webhook.DeliveryQuery{Selection: webhook.Selection{Events: []travel.EventID{event(3), event(9)}}}, []webhook.Key{key("a", 3)}},
	} {
		c.equal(name, keys(c.list(x.q)), x.want)
	}
}

func (c *check) backlog() {
	c.enqueue(delivery("a", 2), delivery("a", 1), delivery("a", 3), delivery("b", 4))
	d := c.one("a", start)
	c.must("Settle", c.store.Settle(c.ctx, settlement(d, webhook.StateFailed)))
	for endpoint, want := range map[string]webhook.Backlog{
		"a": {Count: 2, Oldest: start.Add(2 * time.Second)}, "b": {Count: 1, Oldest: start.Add(4 * time.Second)}, "x": {},
	} {
		got, err := c.store.Backlog(c.ctx, endpoint)
		c.must("Backlog", err)
		c.equal("backlog of "+endpoint, got, want)
	}
}

func (c *check) prune() {
	c.enqueue(delivery("a", 1), delivery("a", 2), delivery("a", 3))
	old := delivery("b", 1)
	old.GiveUpAt = start
	c.enqueue(old)
	for _, d := range c.lease("a", start, 2) {
		c.must("Settle", c.store.Settle(c.ctx, settlement(d, webhook.StateDelivered)))
	}
	prune := func(now, before time.Time) int {
		n, err := c.store.Prune(c.ctx, webhook.PruneRequest{Now: now, Before: before})
		c.must("Prune", err)
		return n
	}
	c.equal("none is that old", prune(start, start.Add(time.Second)), 0)
	c.equal("one that is over", prune(start, start.Add(2*time.Second)), 1)
	c.equal("what is left", keys(c.all()), []webhook.Key{key("b", 1), key("a", 2), key("a", 3)})
	c.equal("the log of what was removed", len(c.log("a", 1)), 0)
	c.equal("the log of what was not", len(c.log("a", 2)), 1)
	c.equal("with one that was given up", prune(start.Add(time.Microsecond), start.Add(time.Hour)), 2)
	c.equal("what is left", keys(c.all()), []webhook.Key{key("a", 3)})
}

func (c *check) ended() {
	c.enqueue(delivery("a", 1))
	ctx, stop := context.WithCancel(c.ctx)
	stop()
	_, lease := c.store.Lease(ctx, webhook.LeaseRequest{Endpoint: "a", Now: start, Until: start.Add(time.Hour), Limit: 1})
	_, requeue := c.store.Requeue(ctx, webhook.RequeueRequest{Now: start.Add(time.Hour)})
	_, prune := c.store.Prune(ctx, webhook.PruneRequest{Now: start.Add(1000 * time.Hour), Before: start.Add(1000 * time.Hour)})
	for what, err := range map[string]error{
		"Enqueue": c.store.Enqueue(ctx, delivery("a", 2)), "Lease": lease, "Requeue": requeue, "Prune": prune,
		"UpdateEndpoint": c.store.UpdateEndpoint(ctx, "a", func(s webhook.EndpointState) webhook.EndpointState { return s }),
	} {
		if !errors.Is(err, context.Canceled) {
			c.Errorf("%s: %v", what, err)
		}
	}
	c.equal("deliveries", c.all(), []webhook.Delivery{delivery("a", 1)})
}
