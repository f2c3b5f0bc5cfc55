package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Options configures a [Dispatcher].
type Options struct {
	// Owner names this process in leases. Defaults to "webhook".
	Owner string
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
	// Jitter returns a random wait between 0 and limit, which is above 0.
	// Defaults to a uniform one from math/rand/v2.
	Jitter func(limit time.Duration) time.Duration
	// Transport makes the requests. Defaults to one like
	// http.DefaultTransport, whose connections are closed when a run ends.
	Transport http.RoundTripper
	// Timeout bounds one attempt. Defaults to 15 seconds.
	Timeout time.Duration
	// LeaseFor is how long events and deliveries are kept from other processes.
	// It must be longer than Timeout. Defaults to a minute.
	LeaseFor time.Duration
	// BatchSize is how many events are moved at a time. Defaults to 200.
	BatchSize int
	// Backoff is the longest wait after the first failure of a delivery; each
	// further one doubles it. Defaults to 30 seconds.
	Backoff time.Duration
	// MaxBackoff is the longest wait of all, also where an endpoint asks for a
	// longer one. Defaults to 12 hours.
	MaxBackoff time.Duration
	// MaxAge is for how long a delivery is tried. Defaults to 72 hours.
	MaxAge time.Duration
	// Logger is told of every attempt, by ids and codes. Defaults to one that
	// discards.
	Logger *slog.Logger
}

func (o *Options) complete() error {
	o.Owner = cmp.Or(o.Owner, "webhook")
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = func(limit time.Duration) time.Duration { return rand.N(limit) }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.BatchSize < 0 {
		return invalid("Options.BatchSize", fmt.Sprint(o.BatchSize), "must be more than 0")
	}
	o.BatchSize = cmp.Or(o.BatchSize, 200)
	for _, d := range []struct {
		name     string
		value    *time.Duration
		standard time.Duration
	}{
		{"Timeout", &o.Timeout, 15 * time.Second}, {"LeaseFor", &o.LeaseFor, time.Minute},
		{"Backoff", &o.Backoff, 30 * time.Second}, {"MaxBackoff", &o.MaxBackoff, 12 * time.Hour},
		{"MaxAge", &o.MaxAge, 72 * time.Hour},
	} {
		if *d.value < 0 {
			return invalid("Options."+d.name, d.value.String(), "must be more than 0")
		}
		*d.value = cmp.Or(*d.value, d.standard)
	}
	if o.LeaseFor <= o.Timeout {
		return invalid("Options.LeaseFor", o.LeaseFor.String(), "must be longer than Timeout")
	}
	return nil
}

// Dispatcher moves events from the outbox to a [Store] and sends them from
// there. Any number of them, in any number of processes, may work on one queue
// and one Store. It is safe for concurrent use. Between calls it has no
// goroutine; during one, each endpoint has its own.
type Dispatcher struct {
	queue     travel.EventQueue
	store     Store
	endpoints []*Endpoint
	options   Options
	client    http.Client
	// idle closes connections that nobody uses.
	idle func()
}

// maxHeader bounds what an endpoint can make a process read.
const maxHeader = 64 << 10

// New returns a Dispatcher that moves events from queue to store and sends them
// to endpoints, of which there is at least one. The error is a
// [*travel.InputError].
func New(queue travel.EventQueue, store Store, endpoints []Endpoint, o Options) (*Dispatcher, error) {
	switch {
	case queue == nil:
		return nil, invalid("queue", "", "is required")
	case store == nil:
		return nil, invalid("store", "", "is required")
	case len(endpoints) == 0:
		return nil, invalid("endpoints", "", "is empty: events would be taken off the queue and go nowhere")
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	d := &Dispatcher{queue: queue, store: store, options: o, idle: func() {}}
	known, parallel := map[string]bool{}, 0
	for i, e := range endpoints {
		if err := e.complete(i); err != nil {
			return nil, err
		}
		if known[e.ID] {
			return nil, invalid(fmt.Sprintf("Endpoints[%d].ID", i), e.ID, "is taken by an earlier endpoint")
		}
		known[e.ID] = true
		parallel = max(parallel, e.Parallel)
		d.endpoints = append(d.endpoints, &e)
	}
	transport := o.Transport
	if transport == nil {
		own := &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: o.Timeout,
			MaxIdleConnsPerHost: parallel, IdleConnTimeout: 90 * time.Second, MaxResponseHeaderBytes: maxHeader,
		}
		transport, d.idle = own, own.CloseIdleConnections
	}
	// A redirect would hand the event to somebody else.
	d.client = http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return d, nil
}

// Summary says what a run has done.
type Summary struct {
	// Moved is how many events left the outbox.
	Moved int
	// Delivered, Retried and Failed count attempts by what became of them:
	// answered 2xx, to be tried again, given up.
	Delivered, Retried, Failed int
	// Lost were taken by another process before they could be settled.
	Lost int
}

func (s *Summary) add(other Summary) {
	s.Moved += other.Moved
	s.Delivered += other.Delivered
	s.Retried += other.Retried
	s.Failed += other.Failed
	s.Lost += other.Lost
}

func (d *Dispatcher) now() time.Time { return d.options.Clock().UTC() }

// run is work that began at an instant.
type run struct {
	*Dispatcher
	// now is the instant that RunDue was given, and began what the clock showed
	// then: what the run takes goes on top.
	now, began time.Time
}

func (r run) at() time.Time { return r.now.Add(r.options.Clock().Sub(r.began)) }

// RunDue moves every event that waits and makes one attempt at every delivery
// that is due at now, the endpoints side by side, and returns when nothing is due
// or ctx is done. It takes as long as the slowest endpoint; [Dispatcher.Run] does not
// wait for it. What endpoints answer is in the Summary; the error joins those of
// the queue, of the Store and of ctx. What was interrupted is done by a later run.
func (d *Dispatcher) RunDue(ctx context.Context, now time.Time) (Summary, error) {
	defer d.idle()
	r := run{Dispatcher: d, now: now.UTC(), began: d.options.Clock()}
	total, err := r.move(ctx)
	failures := []error{err}
	var mu sync.Mutex
	var running sync.WaitGroup
	for _, e := range d.endpoints {
		running.Go(func() {
			s, err := r.deliver(ctx, e)
			mu.Lock()
			defer mu.Unlock()
			total.add(s)
			failures = append(failures, err)
		})
	}
	running.Wait()
	return total, errors.Join(failures...)
}

// Run moves and sends at once and then at every tick, until ctx is done, and
// returns the reason why it is. Each endpoint has a goroutine of its own
// meanwhile, so that a slow one holds up nobody; all have ended when Run returns.
// Errors are logged and what failed is tried again at the next tick.
func (d *Dispatcher) Run(ctx context.Context, tick time.Duration) error {
	if tick <= 0 {
		return invalid("tick", tick.String(), "must be more than 0")
	}
	defer d.idle()
	var running sync.WaitGroup
	var wake []chan struct{}
	for _, e := range d.endpoints {
		moved := make(chan struct{}, 1)
		wake = append(wake, moved)
		running.Go(func() {
			d.every(ctx, tick, moved, func(r run) error {
				_, err := r.deliver(ctx, e)
				return err
			})
		})
	}
	d.every(ctx, tick, nil, func(r run) error {
		s, err := r.move(ctx)
		if s.Moved == 0 {
			return err
		}
		for _, moved := range wake {
			select {
			case moved <- struct{}{}:
			default: // it has not seen the last one yet
			}
		}
		return err
	})
	running.Wait()
	return context.Cause(ctx)
}

// every works at once, at every tick, and when it is woken.
func (d *Dispatcher) every(ctx context.Context, tick time.Duration, wake <-chan struct{}, work func(run) error) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		now := d.options.Clock()
		if err := work(run{Dispatcher: d, now: now.UTC(), began: now}); err != nil && ctx.Err() == nil {
			d.options.Logger.LogAttrs(ctx, slog.LevelError, "webhook: run", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-wake:
		}
	}
}

// move takes events off the outbox when their deliveries are in the Store.
func (r run) move(ctx context.Context) (total Summary, err error) {
	for {
		now := r.at()
		events, err := r.queue.LeaseEvents(ctx, r.options.Owner, now, now.Add(r.options.LeaseFor), r.options.BatchSize)
		if err != nil {
			return total, fmt.Errorf("lease events: %w", err)
		}
		if len(events) == 0 {
			return total, nil
		}
		var deliveries []Delivery
		ids := make([]travel.EventID, len(events))
		for i, e := range events {
			ids[i] = e.ID
			if deliveries, err = r.address(deliveries, e, now); err != nil {
				return total, fmt.Errorf("event %s: %w", e.ID, err)
			}
		}
		if err := r.store.Enqueue(ctx, deliveries...); err != nil {
			return total, fmt.Errorf("enqueue deliveries: %w", err)
		}
		if err := r.queue.SettleEvents(ctx, r.options.Owner, ids...); err != nil {
			return total, fmt.Errorf("settle events: %w", err)
		}
		total.Moved += len(events)
		if len(events) < r.options.BatchSize {
			return total, nil
		}
	}
}

// address adds a delivery of an event for each endpoint that wants it.
func (r run) address(list []Delivery, e travel.Event, now time.Time) ([]Delivery, error) {
	wants := func(p *Endpoint) bool { return p.wants(e.Type) }
	if !slices.ContainsFunc(r.endpoints, wants) {
		return list, nil
	}
	text, err := body(e)
	if err != nil {
		return list, err
	}
	for _, p := range r.endpoints {
		if wants(p) {
			list = append(list, Delivery{
				Endpoint: p.ID, Event: e.ID, Type: e.Type, Company: e.Company, At: e.At, Body: text,
				State: StateWaiting, NextAt: now, GiveUpAt: now.Add(r.options.MaxAge),
			})
		}
	}
	return list, nil
}
