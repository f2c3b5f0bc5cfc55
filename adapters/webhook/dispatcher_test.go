package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestDelivers(t *testing.T) {
	t.Parallel()
	k := setup(t)
	all, some := k.receiver("all", nil), k.receiver("some", nil)
	some.Types = []travel.EventType{travel.EventInvoiceIssued}
	captured := k.happened(travel.EventPurchaseCaptured, 3)
	issued := k.happened(travel.EventInvoiceIssued, 1)
	d := k.dispatcher(all.Endpoint, some.Endpoint)
	assert.Equal(t, webhook.Summary{Moved: 4, Delivered: 5}, k.run(d))
	assert.ElementsMatch(t, texts(append(captured, issued...)), all.ids())
	assert.Equal(t, texts(issued), some.ids())
	assert.Equal(t, webhook.Summary{}, k.run(d), "delivered once")
	assert.Equal(t, webhook.StateDelivered, k.delivery("all", captured[0]).State)
	attempts, err := k.store.Attempts(t.Context(), "all", captured[0])
	require.NoError(t, err)
	assert.Equal(t, []webhook.Attempt{{
		Endpoint: "all", Event: captured[0], Number: 1, At: start, Status: 204, Code: "delivered",
	}}, attempts)
}

func TestPayloads(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", nil)
	subject := k.ids.New()
	e := travel.Event{
		ID: k.ids.New(), At: start.Add(123456 * time.Microsecond), Company: k.ids.New(), Traveler: k.ids.New(),
		Authorization: k.ids.New(), Month: credit.NewMonth(2026, time.January), Amount: 25001, Reason: "limit_exceeded",
	}
	declined, refunded, issued, other := e, e, e, e
	declined.Type = travel.EventPurchaseDeclined
	refunded.Type, refunded.ID, refunded.Subject = travel.EventPurchaseRefunded, k.ids.New(), subject
	issued = travel.Event{ID: k.ids.New(), Type: travel.EventInvoiceIssued, At: start, Company: e.Company, Subject: subject, Amount: -100}
	other = travel.Event{ID: k.ids.New(), Type: "of.tomorrow", At: start, Subject: subject}
	k.append(declined, refunded, issued, other)
	k.run(k.dispatcher(r.Endpoint))

	s := travel.EventID(subject).String()
	purchase := `"company":"` + e.Company.String() + `","traveler":"` + e.Traveler.String() + `","authorization":"` + e.Authorization.String() + `",`
	for event, want := range map[travel.EventID]string{
		declined.ID: `{"type":"purchase.declined","timestamp":"2026-01-13T11:00:00.123456Z","data":{"id":"` + declined.ID.String() + `",` +
			purchase + `"month":"2026-01","amount":"250.01","reason":"limit_exceeded"}}`,
		refunded.ID: `{"type":"purchase.refunded","timestamp":"2026-01-13T11:00:00.123456Z","data":{"id":"` + refunded.ID.String() + `",` +
			purchase + `"refund":"` + s + `","month":"2026-01","amount":"250.01","reason":"limit_exceeded"}}`,
		issued.ID: `{"type":"invoice.issued","timestamp":"2026-01-13T11:00:00Z","data":{"id":"` + issued.ID.String() + `",` +
			`"company":"` + e.Company.String() + `","document":"` + s + `","amount":"-1.00"}}`,
		other.ID: `{"type":"of.tomorrow","timestamp":"2026-01-13T11:00:00Z","data":{"id":"` + other.ID.String() + `","subject":"` + s + `"}}`,
	} {
		require.Len(t, r.got[event.String()], 1)
		assert.Equal(t, want, r.got[event.String()][0])
		var p webhook.Payload
		require.NoError(t, json.Unmarshal([]byte(want), &p))
		assert.Equal(t, event.String(), p.Data.ID)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", nil) // knows the old secret only
	r.Secrets = []webhook.Secret{secretOf("old")}
	sent := r.Endpoint
	sent.Secrets = []webhook.Secret{secretOf("new"), secretOf("old")}
	k.happened(travel.EventMonthClosed, 1)
	assert.Equal(t, 1, k.run(k.dispatcher(sent)).Delivered)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status     int
		retryAfter string
		state      webhook.State
		wait       time.Duration
		paused     time.Duration
	}{
		{status: 200, state: webhook.StateDelivered},
		{status: 202, state: webhook.StateDelivered},
		{status: 204, state: webhook.StateDelivered},
		{status: 301, state: webhook.StateWaiting, wait: 30 * time.Second},
		{status: 400, state: webhook.StateWaiting, wait: 30 * time.Second},
		{status: 404, state: webhook.StateWaiting, wait: 30 * time.Second},
		{status: 500, state: webhook.StateWaiting, wait: 30 * time.Second},
		{status: 500, retryAfter: "120", state: webhook.StateWaiting, wait: 30 * time.Second},
		{status: 502, state: webhook.StateWaiting, wait: 30 * time.Second, paused: 30 * time.Second},
		{status: 504, state: webhook.StateWaiting, wait: 30 * time.Second, paused: 30 * time.Second},
		{status: 429, retryAfter: "120", state: webhook.StateWaiting, wait: 2 * time.Minute, paused: 2 * time.Minute},
		{status: 503, retryAfter: start.Add(time.Hour).Format(http.TimeFormat), state: webhook.StateWaiting, wait: time.Hour, paused: time.Hour},
		{status: 503, retryAfter: "999999999999999999", state: webhook.StateWaiting, wait: 12 * time.Hour, paused: 12 * time.Hour},
		{status: 503, retryAfter: "soon", state: webhook.StateWaiting, wait: 30 * time.Second, paused: 30 * time.Second},
		{status: 503, retryAfter: "-5", state: webhook.StateWaiting, wait: 30 * time.Second, paused: 30 * time.Second},
	} {
		t.Run(strconv.Itoa(c.status)+" "+c.retryAfter, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			r := k.receiver("r", func(w http.ResponseWriter, _ *http.Request, _ int) {
				if c.retryAfter != "" {
					w.Header().Set("Retry-After", c.retryAfter)
				}
				w.WriteHeader(c.status)
			})
			event := k.happened(travel.EventMonthClosed, 1)[0]
			k.run(k.dispatcher(r.Endpoint))
			d := k.delivery("r", event)
			assert.Equal(t, c.state, d.State)
			if c.wait > 0 {
				assert.Equal(t, start.Add(c.wait), d.NextAt)
				assert.Equal(t, "http-"+strconv.Itoa(c.status), d.Code)
			}
			if c.paused > 0 {
				assert.Equal(t, start.Add(c.paused), k.state("r").PausedUntil)
			} else {
				assert.Zero(t, k.state("r").Failures)
			}
			assert.Len(t, r.ids(), 1)
		})
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			w.WriteHeader(http.StatusGone)
		}
	})
	r.Parallel = 1
	other := k.receiver("other", nil)
	events := k.happened(travel.EventMonthClosed, 5)
	d := k.dispatcher(r.Endpoint, other.Endpoint)
	assert.Equal(t, webhook.Summary{Moved: 5, Delivered: 5, Failed: 5}, k.run(d))
	assert.Equal(t, start, k.state("r").DisabledAt)
	assert.Len(t, r.ids(), 1, "nothing more is sent")
	assert.Len(t, other.ids(), 5)
	k.clock.Add(time.Hour)
	more := k.happened(travel.EventMonthClosed, 1)
	assert.Equal(t, webhook.Summary{Moved: 1, Delivered: 1, Failed: 1}, k.run(d))
	assert.Equal(t, "disabled", k.delivery("r", more[0]).Code)

	require.NoError(t, d.Enable(t.Context(), "r"))
	n, err := d.Replay(t.Context(), webhook.Selection{Endpoint: "r", State: webhook.StateFailed})
	require.NoError(t, err)
	assert.Equal(t, 6, n)
	assert.Equal(t, webhook.Summary{Delivered: 6}, k.run(d))
	assert.ElementsMatch(t, texts(append(events, more...)), r.ids()[1:])
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	k := setup(t)
	elsewhere := k.receiver("elsewhere", nil)
	for _, code := range []int{301, 302, 303, 307, 308} {
		r := k.receiver("r"+strconv.Itoa(code), func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, elsewhere.URL, code)
		})
		k.happened(travel.EventMonthClosed, 1)
		assert.Equal(t, 1, k.run(k.dispatcher(r.Endpoint)).Retried)
	}
	assert.Empty(t, elsewhere.ids())
}

func TestRetriesForDays(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", status(http.StatusInternalServerError))
	event := k.happened(travel.EventMonthClosed, 1)[0]
	d := k.dispatcher(r.Endpoint)
	k.run(d)
	last := time.Duration(0)
	for n := 2; k.delivery("r", event).State == webhook.StateWaiting; n++ {
		next := k.delivery("r", event).NextAt
		k.clock.Set(next.Add(-time.Microsecond))
		require.Equal(t, webhook.Summary{}, k.run(d), "it is not due yet")
		wait := next.Sub(k.delivery("r", event).SettledAt)
		assert.True(t, wait == min(2*last, 12*time.Hour) || last == 0, "%s after %s", wait, last)
		last = wait
		k.clock.Set(next)
		k.run(d)
		require.Equal(t, n, k.delivery("r", event).Attempts)
	}
	assert.Equal(t, webhook.StateFailed, k.delivery("r", event).State)
	assert.GreaterOrEqual(t, k.clock.Now().Sub(start), 72*time.Hour)
	assert.Less(t, k.clock.Now().Sub(start), 72*time.Hour+12*time.Hour)
	got := r.got[event.String()]
	for _, body := range got {
		assert.Equal(t, got[0], body, "the same bytes each time")
	}
	assert.Equal(t, len(got), k.delivery("r", event).Attempts)
	k.clock.Add(1000 * time.Hour)
	assert.Equal(t, webhook.Summary{}, k.run(d))
}

// One event that an endpoint cannot digest, and an endpoint that is down, hold
// up nobody.
func TestNobodyIsHeldUp(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var bad string
	picky := k.receiver("picky", func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Header.Get("webhook-id") == bad {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	picky.Parallel = 1
	down := webhook.Endpoint{ID: "down", URL: "http://" + nobody(t), Secrets: []webhook.Secret{secretOf("down")}}
	first := k.happened(travel.EventMonthClosed, 1)
	bad = first[0].String()
	rest := k.happened(travel.EventMonthClosed, 20)
	s := k.run(k.dispatcher(down, picky.Endpoint))
	assert.Equal(t, 20, s.Delivered)
	assert.Equal(t, append(texts(first), texts(rest)...), picky.ids())
	assert.Equal(t, "connection", k.delivery("down", first[0]).Code)
	assert.Equal(t, 1, k.state("down").Failures)
	b, err := k.store.Backlog(t.Context(), "down")
	require.NoError(t, err)
	assert.Equal(t, webhook.Backlog{Count: 21, Oldest: start}, b)
}

// nobody is an address at which nobody listens.
func nobody(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// An endpoint that is down costs one attempt at a time, not one for each event
// that waits, and gets all of them when it is back.
func TestDownAndBack(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var up atomic.Bool
	r := k.receiver("r", func(w http.ResponseWriter, _ *http.Request, _ int) {
		if !up.Load() {
			panic(http.ErrAbortHandler)
		}
	})
	events := k.happened(travel.EventMonthClosed, 50)
	d := k.dispatcher(r.Endpoint)
	k.run(d)
	assert.Len(t, r.ids(), 4, "as many as go side by side")
	for range 10 {
		before := len(r.ids())
		k.clock.Set(k.state("r").PausedUntil.Add(-time.Microsecond))
		require.Equal(t, webhook.Summary{}, k.run(d))
		k.clock.Set(k.state("r").PausedUntil)
		require.Equal(t, webhook.Summary{Retried: 1}, k.run(d))
		require.Len(t, r.ids(), before+1)
	}
	state := k.state("r")
	assert.Equal(t, start, state.FailingSince)
	assert.Equal(t, 11, state.Failures)
	assert.Equal(t, k.clock.Now().Add(5*time.Minute), state.PausedUntil)
	up.Store(true)
	k.clock.Set(state.PausedUntil)
	k.run(d)
	assert.Zero(t, k.state("r").Failures)
	k.clock.Add(12 * time.Hour)
	k.run(d)
	for _, e := range events {
		assert.Equal(t, webhook.StateDelivered, k.delivery("r", e).State)
	}
}

func TestSlowEndpoint(t *testing.T) {
	t.Parallel()
	k := setup(t)
	release := make(chan struct{})
	slow := k.receiver("slow", func(w http.ResponseWriter, r *http.Request, _ int) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	quick := k.receiver("quick", nil)
	ctx, stop := context.WithCancel(t.Context())
	d := k.on(k.queue, k.store, webhook.Options{}, slow.Endpoint, quick.Endpoint)
	ended := make(chan error, 1)
	first := k.happened(travel.EventMonthClosed, 1)
	go func() { ended <- d.Run(ctx, 5*time.Millisecond) }()
	arrived := func(r *receiver, n int) func() bool { return func() bool { return len(r.ids()) == n } }
	require.Eventually(t, arrived(slow, 1), 10*time.Second, time.Millisecond)
	more := k.happened(travel.EventMonthClosed, 10)
	require.Eventually(t, arrived(quick, 11), 10*time.Second, time.Millisecond, "while the slow one has the first")
	require.Eventually(t, func() bool {
		b, err := k.store.Backlog(ctx, "quick")
		return err == nil && b.Count == 0
	}, 10*time.Second, time.Millisecond)
	assert.Len(t, slow.ids(), 1)
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	q := k.delivery("slow", first[0])
	assert.Equal(t, webhook.StateWaiting, q.State)
	assert.Equal(t, "stopped", q.Code)
	assert.Equal(t, k.clock.Now(), q.NextAt, "it is due when the host is back")
	assert.Zero(t, k.state("slow").Failures, "that the host stops is no fault of the endpoint")
	close(release)
	assert.Equal(t, 11, k.run(d).Delivered)
	assert.ElementsMatch(t, append(texts(first), append(texts(first), texts(more)...)...), slow.ids())
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() })
	event := k.happened(travel.EventMonthClosed, 1)[0]
	k.run(k.on(k.queue, k.store, webhook.Options{Timeout: 20 * time.Millisecond}, r.Endpoint))
	assert.Equal(t, "timeout", k.delivery("r", event).Code)
	assert.Equal(t, 1, k.state("r").Failures)
}

// One event of which nothing is heard is no reason to leave alone an endpoint
// that answers the others.
func TestOneTimeout(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var bad string
	r := k.receiver("r", func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Header.Get("webhook-id") == bad {
			<-r.Context().Done()
		}
	})
	events := k.happened(travel.EventMonthClosed, 12)
	bad = events[1].String()
	s := k.run(k.on(k.queue, k.store, webhook.Options{Timeout: 50 * time.Millisecond}, r.Endpoint))
	assert.Equal(t, webhook.Summary{Moved: 12, Delivered: 11, Retried: 1}, s)
	assert.Equal(t, "timeout", k.delivery("r", events[1]).Code)
	assert.Zero(t, k.state("r").Failures)
}

// A certificate that nobody vouches for is no endpoint.
func TestTLS(t *testing.T) {
	t.Parallel()
	k := setup(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	e := webhook.Endpoint{ID: "r", URL: server.URL, Secrets: []webhook.Secret{secretOf("r")}}
	event := k.happened(travel.EventMonthClosed, 1)[0]
	k.run(k.dispatcher(e))
	assert.Equal(t, "tls", k.delivery("r", event).Code)
	k.clock.Add(time.Hour)
	k.run(k.on(k.queue, k.store, webhook.Options{Transport: server.Client().Transport}, e))
	assert.Equal(t, webhook.StateDelivered, k.delivery("r", event).State)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", nil)
	d := k.dispatcher(r.Endpoint)
	early := k.happened(travel.EventMonthClosed, 2)
	k.clock.Add(time.Hour)
	late := k.happened(travel.EventMonthClosed, 2)
	k.run(d)
	k.clock.Add(30 * 24 * time.Hour)
	for name, c := range map[string]struct {
		webhook.Selection
		want []travel.EventID
	}{
		"from":             {webhook.Selection{From: start.Add(time.Hour)}, late},
		"to":               {webhook.Selection{To: start.Add(time.Hour)}, early},
		"ids":              {webhook.Selection{Events: []travel.EventID{late[0], early[1]}}, []travel.EventID{early[1], late[0]}},
		"what has failed":  {webhook.Selection{State: webhook.StateFailed}, nil},
		"another endpoint": {webhook.Selection{Endpoint: "x"}, nil},
	} {
		before := len(r.ids())
		n, err := d.Replay(t.Context(), c.Selection)
		require.NoError(t, err)
		assert.Equal(t, len(c.want), n, name)
		assert.Equal(t, len(c.want), k.run(d).Delivered, name)
		assert.ElementsMatch(t, texts(c.want), r.ids()[before:], name)
	}
	_, err := d.Replay(t.Context(), webhook.Selection{})
	require.ErrorIs(t, err, travel.ErrInvalid)

	attempts, err := k.store.Attempts(t.Context(), "r", late[0])
	require.NoError(t, err)
	assert.Len(t, attempts, 3)
	n, err := d.Prune(t.Context(), start.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	n, err = d.Replay(t.Context(), webhook.Selection{From: start})
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	n, err = d.Prune(t.Context(), k.clock.Now())
	require.NoError(t, err)
	assert.Zero(t, n, "what is still tried is kept")
}

func TestSeveralDispatchers(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r, other := k.receiver("r", nil), k.receiver("other", nil)
	events := k.happened(travel.EventMonthClosed, 200)
	var running sync.WaitGroup
	for i := range 4 {
		d := k.on(k.queue, k.store, webhook.Options{Owner: strconv.Itoa(i), BatchSize: 7}, r.Endpoint, other.Endpoint)
		for range 2 {
			running.Go(func() {
				_, err := d.RunDue(t.Context(), k.clock.Now())
				assert.NoError(t, err)
			})
		}
	}
	running.Wait()
	// The last events may have been moved by one when the others had looked.
	k.run(k.dispatcher(r.Endpoint, other.Endpoint))
	assert.ElementsMatch(t, texts(events), r.ids())
	assert.ElementsMatch(t, texts(events), other.ids())
}

func TestNothingPersonalOrSecretIsLogged(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", func(w http.ResponseWriter, _ *http.Request, n int) {
		w.WriteHeader([]int{204, 500, 503}[n%3])
		_, _ = w.Write([]byte("the answer of Anna Ek"))
	})
	down := webhook.Endpoint{ID: "down", URL: "http://" + nobody(t) + "/token-of-the-url", Secrets: r.Secrets}
	k.happened(travel.EventMonthClosed, 10)
	d := k.dispatcher(r.Endpoint, down)
	for range 5 {
		k.run(d)
		k.clock.Add(time.Hour)
	}
	broken := k.on(k.queue, failing{k.store}, webhook.Options{}, r.Endpoint)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	_ = broken.Run(ctx, time.Millisecond)
	logged := k.log.String()
	assert.Contains(t, logged, "webhook: run")
	assert.Contains(t, logged, `"code":"http-500"`)
	for _, secret := range []string{"token-of-the-url", "127.0.0.1", "Anna", r.Secrets[0].Reveal()[6:], "v1,", "250.01"} {
		assert.NotContains(t, logged, secret)
	}
}

type failing struct{ webhook.Store }

func (failing) Lease(context.Context, webhook.LeaseRequest) ([]webhook.Delivery, error) {
	return nil, errors.New("no database")
}

func TestNoGoroutineIsLeft(t *testing.T) { // not parallel: it counts
	k := setup(t)
	long := make([]byte, 1<<20)
	r := k.receiver("r", func(w http.ResponseWriter, _ *http.Request, n int) {
		if n%2 == 0 {
			_, _ = w.Write(long) // nobody reads that much
		}
	})
	d := k.dispatcher(r.Endpoint)
	before := runtime.NumGoroutine()
	k.happened(travel.EventMonthClosed, 20)
	k.run(d)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx, time.Millisecond) }()
	k.happened(travel.EventMonthClosed, 20)
	require.Eventually(t, func() bool { return len(r.ids()) == 40 }, 10*time.Second, time.Millisecond)
	stop()
	<-ended
	// The server notices a closed connection in its own time.
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines are left, before %d:\n%s", n, before, stacks[:runtime.Stack(stacks, true)])
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	k := setup(t)
	good := webhook.Endpoint{ID: "r", URL: "https://user.example/hook?token=tok", Secrets: []webhook.Secret{secretOf("r")}}
	with := func(change func(*webhook.Endpoint)) []webhook.Endpoint {
		e := good
		change(&e)
		return []webhook.Endpoint{e}
	}
	url := func(s string) []webhook.Endpoint { return with(func(e *webhook.Endpoint) { e.URL = s }) }
	for _, s := range []string{"https://user.example", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:80"} {
		_, err := webhook.New(k.queue, k.store, url(s), webhook.Options{})
		assert.NoError(t, err, s)
	}
	for name, c := range map[string]struct {
		endpoints []webhook.Endpoint
		options   webhook.Options
	}{
		"none":                {},
		"http":                {endpoints: url("http://user.example/token")},
		"http near loopback":  {endpoints: url("http://localhost.example/token")},
		"ftp":                 {endpoints: url("ftp://127.0.0.1/token")},
		"no host":             {endpoints: url("https:///token")},
		"no URL":              {endpoints: url("")},
		"a user":              {endpoints: url("https://a:token@user.example")},
		"a fragment":          {endpoints: url("https://user.example/#token")},
		"nonsense":            {endpoints: url("https://user.example/%zztoken")},
		"no id":               {endpoints: with(func(e *webhook.Endpoint) { e.ID = "" })},
		"id with a space":     {endpoints: with(func(e *webhook.Endpoint) { e.ID = "a b" })},
		"long id":             {endpoints: with(func(e *webhook.Endpoint) { e.ID = strings.Repeat("a", 65) })},
		"the same id":         {endpoints: []webhook.Endpoint{good, good}},
		"no secret":           {endpoints: with(func(e *webhook.Endpoint) { e.Secrets = nil })},
		"empty secret":        {endpoints: with(func(e *webhook.Endpoint) { e.Secrets = []webhook.Secret{{}} })},
		"negative parallel":   {endpoints: with(func(e *webhook.Endpoint) { e.Parallel = -1 })},
		"negative timeout":    {endpoints: []webhook.Endpoint{good}, options: webhook.Options{Timeout: -1}},
		"negative batch size": {endpoints: []webhook.Endpoint{good}, options: webhook.Options{BatchSize: -1}},
		"short lease":         {endpoints: []webhook.Endpoint{good}, options: webhook.Options{LeaseFor: time.Second}},
	} {
		_, err := webhook.New(k.queue, k.store, c.endpoints, c.options)
		require.ErrorIs(t, err, travel.ErrInvalid, name)
		assert.NotContains(t, err.Error(), "token", name)
	}
	_, err := webhook.New(nil, k.store, []webhook.Endpoint{good}, webhook.Options{})
	require.ErrorIs(t, err, travel.ErrInvalid)
	_, err = webhook.New(k.queue, nil, []webhook.Endpoint{good}, webhook.Options{})
	require.ErrorIs(t, err, travel.ErrInvalid)
	d, err := webhook.New(k.queue, k.store, []webhook.Endpoint{good}, webhook.Options{})
	require.NoError(t, err)
	require.ErrorIs(t, d.Run(t.Context(), 0), travel.ErrInvalid)
}
