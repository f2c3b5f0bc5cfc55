package sms

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// DispatcherOptions configures a [Dispatcher].
type DispatcherOptions struct {
	// From is the sender name; see [CheckSender]. Required.
	From string
	// Owner names this process in leases. Defaults to "dispatcher".
	Owner string
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
	// Jitter returns a random wait between 0 and limit, which is above 0.
	// Defaults to a uniform one from math/rand/v2.
	Jitter func(limit time.Duration) time.Duration
	// Tick is how often Run looks for what is due. Defaults to 5 seconds.
	Tick time.Duration
	// Limits bound how many messages go out.
	Limits Limits
	// Zone is where the days of Limits begin. Defaults to UTC.
	Zone *time.Location
	// BatchSize is how many messages are leased at a time. Defaults to 50.
	BatchSize int
	// MaxAttempts is how often one message is sent at most. Defaults to 3.
	MaxAttempts int
	// SendTimeout bounds one attempt. Defaults to 30 seconds.
	SendTimeout time.Duration
	// LeaseFor is how long a message is kept from other processes, counted
	// anew when its attempt begins. It must be longer than SendTimeout.
	// Defaults to 2 minutes.
	LeaseFor time.Duration
	// Backoff is the longest wait after the first attempt; each further one
	// doubles it. Defaults to 5 minutes.
	Backoff time.Duration
	// MaxBackoff is the longest wait of all, also where a gateway asks for a
	// longer one. Defaults to 1 hour.
	MaxBackoff time.Duration
	// Logger is told of every message by its id, never by number or text.
	// Defaults to one that discards.
	Logger *slog.Logger
}

func (o *DispatcherOptions) complete() error {
	if err := CheckSender(o.From); err != nil {
		return err
	}
	o.Owner = cmp.Or(o.Owner, "dispatcher")
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = func(limit time.Duration) time.Duration { return rand.N(limit) }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	o.Limits.setDefaults()
	for _, n := range []struct {
		name     string
		value    *int
		standard int
	}{{"BatchSize", &o.BatchSize, 50}, {"MaxAttempts", &o.MaxAttempts, 3}} {
		if *n.value < 0 {
			return fmt.Errorf("%w: %s %d", ErrOption, n.name, *n.value)
		}
		*n.value = cmp.Or(*n.value, n.standard)
	}
	for _, d := range []struct {
		name     string
		value    *time.Duration
		standard time.Duration
	}{
		{"SendTimeout", &o.SendTimeout, 30 * time.Second}, {"LeaseFor", &o.LeaseFor, 2 * time.Minute},
		{"Backoff", &o.Backoff, 5 * time.Minute}, {"MaxBackoff", &o.MaxBackoff, time.Hour},
		{"Tick", &o.Tick, 5 * time.Second},
	} {
		if *d.value < 0 {
			return fmt.Errorf("%w: %s %s", ErrOption, d.name, *d.value)
		}
		*d.value = cmp.Or(*d.value, d.standard)
	}
	if o.LeaseFor <= o.SendTimeout {
		return fmt.Errorf("%w: LeaseFor %s is not longer than SendTimeout %s", ErrOption, o.LeaseFor, o.SendTimeout)
	}
	return nil
}
