package webhooktest_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/adapters/webhook/webhooktest"
	"github.com/tjansteresor/tjansteresor/travel"
)

// recorder is a testing.TB that keeps what a case fails with to itself.
type recorder struct {
	testing.TB
	failed bool
	log    strings.Builder
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failed = true
	_, _ = fmt.Fprintf(&r.log, format+"\n", args...)
}

func (r *recorder) FailNow() {
	r.failed = true
	runtime.Goexit()
}

// broken is a store with one fault.
type broken struct {
	webhook.Store
	enqueue    func(s webhook.Store, ctx context.Context, list []webhook.Delivery) error
	lease      func(s webhook.Store, ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error)
	settle     func(s webhook.Store, ctx context.Context, r webhook.Settlement) error
	requeue    func(s webhook.Store, ctx context.Context, r webhook.RequeueRequest) (int, error)
	endpoint   func(s webhook.Store, ctx context.Context, id string, change func(webhook.EndpointState) webhook.EndpointState) error
	deliveries func(s webhook.Store, ctx context.Context, q webhook.DeliveryQuery) ([]webhook.Delivery, error)
	backlog    func(s webhook.Store, ctx context.Context, endpoint string) (webhook.Backlog, error)
	prune      func(s webhook.Store, ctx context.Context, r webhook.PruneRequest) (int, error)
}

func (b broken) Enqueue(ctx context.Context, list ...webhook.Delivery) error {
	if b.enqueue == nil {
		return b.Store.Enqueue(ctx, list...)
	}
	return b.enqueue(b.Store, ctx, list)
}

func (b broken) Lease(ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error) {
	if b.lease == nil {
		return b.Store.Lease(ctx, r)
	}
	return b.lease(b.Store, ctx, r)
}

func (b broken) Settle(ctx context.Context, r webhook.Settlement) error {
	if b.settle == nil {
		return b.Store.Settle(ctx, r)
	}
	return b.settle(b.Store, ctx, r)
}

func (b broken) Requeue(ctx context.Context, r webhook.RequeueRequest) (int, error) {
	if b.requeue == nil {
		return b.Store.Requeue(ctx, r)
	}
	return b.requeue(b.Store, ctx, r)
}

func (b broken) UpdateEndpoint(ctx context.Context, id string, change func(webhook.EndpointState) webhook.EndpointState) error {
	if b.endpoint == nil {
		return b.Store.UpdateEndpoint(ctx, id, change)
	}
	return b.endpoint(b.Store, ctx, id, change)
}

func (b broken) Deliveries(ctx context.Context, q webhook.DeliveryQuery) ([]webhook.Delivery, error) {
	if b.deliveries == nil {
		return b.Store.Deliveries(ctx, q)
	}
	return b.deliveries(b.Store, ctx, q)
}

func (b broken) Backlog(ctx context.Context, endpoint string) (webhook.Backlog, error) {
	if b.backlog == nil {
		return b.Store.Backlog(ctx, endpoint)
	}
	return b.backlog(b.Store, ctx, endpoint)
}

func (b broken) Prune(ctx context.Context, r webhook.PruneRequest) (int, error) {
	if b.prune == nil {
		return b.Store.Prune(ctx, r)
	}
	return b.prune(b.Store, ctx, r)
}

var faults = []struct {
	name, cases string
	broken      broken
}{
	{"milliseconds", "round trip", broken{enqueue: func(s webhook.Store, ctx context.Context, list []webhook.Delivery) error {
		for i := range list {
			list[i].At = list[i].At.Truncate(time.Millisecond)
		}
		return s.Enqueue(ctx, list...)
	}}},
	{"replaces", "enqueue again", broken{enqueue: func(s webhook.Store, ctx context.Context, list []webhook.Delivery) error {
		if _, err := s.Prune(ctx, webhook.PruneRequest{Now: list[0].GiveUpAt.Add(time.Hour), Before: list[0].At.Add(time.Hour)}); err != nil {
			return err
		}
		return s.Enqueue(ctx, list...)
	}}},
	{"only the first hundred", "enqueue nothing", broken{enqueue: func(s webhook.Store, ctx context.Context, list []webhook.Delivery) error {
		return s.Enqueue(ctx, list[:min(len(list), 100)]...)
	}}},
	{"one of two", "enqueue at once", broken{enqueue: func(s webhook.Store, ctx context.Context, list []webhook.Delivery) error {
		return s.Enqueue(ctx, list[:min(len(list), 1)]...)
	}}},
	{"newest first", "lease order", broken{lease: func(s webhook.Store, ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error) {
		list, err := s.Lease(ctx, r)
		slices.Reverse(list)
		return list, err
	}}},
	{"too early", "lease due/settle", broken{lease: func(s webhook.Store, ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error) {
		r.Now = r.Now.Add(time.Second)
		return s.Lease(ctx, r)
	}}},
	{"never taken back", "lease taken over", broken{lease: func(s webhook.Store, ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error) {
		r.Until = r.Until.AddDate(1, 0, 0)
		return s.Lease(ctx, r)
	}}},
	{"leases that are none", "lease at once", broken{lease: func(s webhook.Store, ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error) {
		list, err := s.Lease(ctx, r)
		if len(list) > 1 {
			return list[1:], err
		}
		return nil, err
	}}},
	{"settled by nobody", "settle/requeue/prune/backlog", broken{settle: func(webhook.Store, context.Context, webhook.Settlement) error { return nil }}},
	{"settled by anybody", "settle lost", broken{settle: func(s webhook.Store, ctx context.Context, r webhook.Settlement) error {
		list, err := s.Deliveries(ctx, webhook.DeliveryQuery{Selection: webhook.Selection{Endpoint: r.Endpoint, Events: []travel.EventID{r.Event}}})
		if err == nil && len(list) > 0 {
			r.Token = list[0].LeaseToken
		}
		return s.Settle(ctx, r)
	}}},
	{"requeued without bounds", "requeue", broken{requeue: func(s webhook.Store, ctx context.Context, r webhook.RequeueRequest) (int, error) {
		r.Selection = webhook.Selection{}
		return s.Requeue(ctx, r)
	}}},
	{"requeued never", "requeue/context", broken{requeue: func(webhook.Store, context.Context, webhook.RequeueRequest) (int, error) { return 0, nil }}},
	{"lease lost when requeued", "requeue in a lease", broken{requeue: func(s webhook.Store, ctx context.Context, r webhook.RequeueRequest) (int, error) {
		_, err := s.Lease(ctx, webhook.LeaseRequest{Endpoint: "a", Now: r.Now.AddDate(1, 0, 0), Until: r.Now.AddDate(2, 0, 0), Limit: 100})
		if err != nil {
			return 0, err
		}
		return s.Requeue(ctx, r)
	}}},
	{"endpoint forgotten", "endpoint/endpoint at once", broken{endpoint: func(s webhook.Store, ctx context.Context, id string, change func(webhook.EndpointState) webhook.EndpointState) error {
		return s.UpdateEndpoint(ctx, id, func(webhook.EndpointState) webhook.EndpointState { return change(webhook.EndpointState{ID: id}) })
	}}},
	{"list without bounds", "deliveries", broken{deliveries: func(s webhook.Store, ctx context.Context, _ webhook.DeliveryQuery) ([]webhook.Delivery, error) {
		return s.Deliveries(ctx, webhook.DeliveryQuery{})
	}}},
	{"backlog of all", "backlog", broken{backlog: func(s webhook.Store, ctx context.Context, _ string) (webhook.Backlog, error) {
		return s.Backlog(ctx, "a")
	}}},
	{"what waits is pruned", "prune", broken{prune: func(s webhook.Store, ctx context.Context, r webhook.PruneRequest) (int, error) {
		r.Now = r.Now.AddDate(1, 0, 0)
		return s.Prune(ctx, r)
	}}},
	{"context ignored", "context", broken{enqueue: func(s webhook.Store, ctx context.Context, list []webhook.Delivery) error {
		return s.Enqueue(context.WithoutCancel(ctx), list...)
	}}},
}

// Each case has a store that fails it, and says which sentence is broken.
func TestBrokenStoresFail(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, f := range faults {
		for name := range strings.SplitSeq(f.cases, "/") {
			found[name] = true
			t.Run(f.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				i := slices.IndexFunc(webhooktest.Cases(), func(c webhooktest.Case) bool { return c.Name == name })
				if !assert.GreaterOrEqual(t, i, 0, "there is no such case") {
					return
				}
				c := webhooktest.Cases()[i]
				r := &recorder{TB: t}
				done := make(chan struct{})
				go func() {
					defer close(done)
					c.Run(r, func(testing.TB) webhook.Store {
						b := f.broken
						b.Store = webhook.NewMemory()
						return b
					})
				}()
				<-done
				assert.True(t, r.failed, "the case passed")
				assert.Contains(t, r.log.String(), c.Contract)
			})
		}
	}
	for _, c := range webhooktest.Cases() {
		assert.True(t, found[c.Name], "no broken store fails %q", c.Name)
	}
}
