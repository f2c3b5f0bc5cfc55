package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/travel"
)

var start = time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)

// kit is an outbox with a webhook store and a clock.
type kit struct {
	t     testing.TB
	clock *testclock.Clock
	ids   *id.Source
	queue *memory.Store
	store *webhook.Memory
	log   *lockedBuffer
}

func setup(t testing.TB) *kit {
	clock := testclock.New(start)
	return &kit{
		t: t, clock: clock, ids: id.NewSource(clock.Now, rand.NewChaCha8([32]byte{7})),
		queue: memory.New(memory.Options{}), store: webhook.NewMemory(), log: &lockedBuffer{},
	}
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// happened puts n events of a type into the outbox.
func (k *kit) happened(eventType travel.EventType, n int) []travel.EventID {
	k.t.Helper()
	var events []travel.Event
	var ids []travel.EventID
	for range n {
		e := travel.Event{
			ID: k.ids.New(), Type: eventType, At: k.clock.Now(), Company: k.ids.New(), Traveler: k.ids.New(),
			Authorization: k.ids.New(), Amount: 25001,
		}
		events, ids = append(events, e), append(ids, e.ID)
	}
	k.append(events...)
	return ids
}

func (k *kit) append(events ...travel.Event) {
	k.t.Helper()
	ctx := context.Background()
	require.NoError(k.t, k.queue.Update(ctx, func(tx travel.Tx) error { return tx.AppendEvents(ctx, events...) }))
}

// dispatcher has no jitter: each wait is the longest that it may be.
func (k *kit) dispatcher(endpoints ...webhook.Endpoint) *webhook.Dispatcher {
	k.t.Helper()
	return k.on(k.queue, k.store, webhook.Options{}, endpoints...)
}

func (k *kit) on(queue travel.EventQueue, store webhook.Store, o webhook.Options, endpoints ...webhook.Endpoint) *webhook.Dispatcher {
	k.t.Helper()
	o.Clock, o.Jitter = k.clock.Now, func(limit time.Duration) time.Duration { return limit }
	o.Logger = slog.New(slog.NewJSONHandler(k.log, nil))
	d, err := webhook.New(queue, store, endpoints, o)
	require.NoError(k.t, err)
	return d
}

func (k *kit) run(d *webhook.Dispatcher) webhook.Summary {
	k.t.Helper()
	s, err := d.RunDue(context.Background(), k.clock.Now())
	require.NoError(k.t, err)
	return s
}

func (k *kit) delivery(endpoint string, event travel.EventID) webhook.Delivery {
	k.t.Helper()
	list, err := k.store.Deliveries(context.Background(), webhook.DeliveryQuery{
		Selection: webhook.Selection{Endpoint: endpoint, Events: []travel.EventID{event}},
	})
	require.NoError(k.t, err)
	require.Len(k.t, list, 1)
	return list[0]
}

// state is what the store knows of an endpoint.
func (k *kit) state(endpoint string) webhook.EndpointState {
	k.t.Helper()
	s, err := k.store.Endpoint(context.Background(), endpoint)
	require.NoError(k.t, err)
	return s
}

// secretOf is a secret of an endpoint's own.
func secretOf(name string) webhook.Secret {
	s, err := webhook.NewSecret(bytes.NewReader([]byte(fmt.Sprintf("%032s", name))))
	if err != nil {
		panic(err)
	}
	return s
}

// receiver is a system that verifies what it gets.
type receiver struct {
	webhook.Endpoint
	mu sync.Mutex
	// got are the bodies by webhook-id, in the order of arrival.
	got    map[string][]string
	order  []string
	answer func(w http.ResponseWriter, r *http.Request, n int)
}

// receiver answers what answer says to the nth request, or 204.
func (k *kit) receiver(name string, answer func(w http.ResponseWriter, r *http.Request, n int)) *receiver {
	k.t.Helper()
	r := &receiver{got: map[string][]string{}, answer: answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		assert.NoError(k.t, err)
		assert.NoError(k.t, webhook.Verify(request.Header, body, r.Secrets[:1], k.clock.Now(), 0))
		id := request.Header.Get("webhook-id")
		r.mu.Lock()
		r.got[id] = append(r.got[id], string(body))
		r.order = append(r.order, id)
		n := len(r.order)
		r.mu.Unlock()
		if r.answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		r.answer(w, request, n)
	}))
	k.t.Cleanup(server.Close)
	r.Endpoint = webhook.Endpoint{ID: name, URL: server.URL + "/token-of-the-url", Secrets: []webhook.Secret{secretOf(name)}}
	return r
}

// ids are those that have arrived, in order, repetitions too.
func (r *receiver) ids() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.order...)
}

func texts(ids []travel.EventID) []string {
	var list []string
	for _, v := range ids {
		list = append(list, v.String())
	}
	return list
}

func status(code int) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(code) }
}
