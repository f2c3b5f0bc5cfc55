package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/travel"
)

var errCrash = errors.New("crash")

// crashes fails every call from the nth on, as when the process had died there:
// before the call did anything, or after.
type crashes struct {
	calls atomic.Int64
	at    int64
	after bool
}

func crashing[T any](c *crashes, call func() (T, error)) (T, error) {
	var none T
	switch n := c.calls.Add(1); {
	case n < c.at:
		return call()
	case n == c.at && c.after:
		if _, err := call(); err != nil {
			return none, err
		}
	}
	return none, errCrash
}

func crashingDo(c *crashes, call func() error) error {
	_, err := crashing(c, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

type crashingQueue struct {
	travel.EventQueue
	*crashes
}

func (q crashingQueue) LeaseEvents(ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
	return crashing(q.crashes, func() ([]travel.Event, error) { return q.EventQueue.LeaseEvents(ctx, owner, now, until, limit) })
}

func (q crashingQueue) SettleEvents(ctx context.Context, owner string, ids ...travel.EventID) error {
	return crashingDo(q.crashes, func() error { return q.EventQueue.SettleEvents(ctx, owner, ids...) })
}

type crashingStore struct {
	webhook.Store
	*crashes
}

func (s crashingStore) Enqueue(ctx context.Context, list ...webhook.Delivery) error {
	return crashingDo(s.crashes, func() error { return s.Store.Enqueue(ctx, list...) })
}

func (s crashingStore) Lease(ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error) {
	return crashing(s.crashes, func() ([]webhook.Delivery, error) { return s.Store.Lease(ctx, r) })
}

func (s crashingStore) Settle(ctx context.Context, r webhook.Settlement) error {
	return crashingDo(s.crashes, func() error { return s.Store.Settle(ctx, r) })
}

func (s crashingStore) Endpoint(ctx context.Context, id string) (webhook.EndpointState, error) {
	return crashing(s.crashes, func() (webhook.EndpointState, error) { return s.Store.Endpoint(ctx, id) })
}

func (s crashingStore) UpdateEndpoint(ctx context.Context, id string, change func(webhook.EndpointState) webhook.EndpointState) error {
	return crashingDo(s.crashes, func() error { return s.Store.UpdateEndpoint(ctx, id, change) })
}

// Whatever call a process dies at, before or after it: the next process
// delivers every event to everyone, under the same id and with the same bytes.
func TestCrashes(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		n := int64(1)
		for crashed := true; crashed; n++ {
			crashed = sweep(t, n, after)
			require.Less(t, n, int64(500))
		}
		assert.Greater(t, n, int64(20), "there were calls to crash at")
	}
}

func sweep(t *testing.T, at int64, after bool) (crashed bool) {
	k := setup(t)
	r := k.receiver("r", func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	r.Parallel = 2
	other := k.receiver("other", nil)
	events := k.happened(travel.EventMonthClosed, 5)
	c := &crashes{at: at, after: after}
	o := webhook.Options{Owner: "first", BatchSize: 2}
	doomed := k.on(crashingQueue{k.queue, c}, crashingStore{k.store, c}, o, r.Endpoint, other.Endpoint)
	_, err := doomed.RunDue(t.Context(), k.clock.Now())
	if err != nil {
		require.ErrorIs(t, err, errCrash)
	}

	o.Owner = "second"
	next := k.on(k.queue, k.store, o, r.Endpoint, other.Endpoint)
	for range 3 {
		k.clock.Add(10 * time.Minute)
		k.run(next)
	}
	for _, system := range []*receiver{r, other} {
		assert.Len(t, system.got, len(events), "crash at call %d", at)
		for _, e := range events {
			bodies := system.got[e.String()]
			if assert.NotEmpty(t, bodies, "crash at call %d: lost", at) {
				assert.LessOrEqual(t, len(bodies), 3)
				for _, b := range bodies {
					assert.Equal(t, bodies[0], b)
				}
			}
			assert.Equal(t, webhook.StateDelivered, k.delivery(system.ID, e).State)
		}
	}
	left, err := k.queue.LeaseEvents(t.Context(), "x", k.clock.Now().Add(time.Hour), k.clock.Now().Add(2*time.Hour), 10)
	require.NoError(t, err)
	assert.Empty(t, left, "the outbox is empty")
	return c.calls.Load() >= at
}
