package sms

import (
	"cmp"
	"context"
	"errors"
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

// Dispatcher sends the messages that wait in a [Queue], at least once each and
// at most MaxAttempts times, always with the same text. Any number of them, in
// any number of processes, may work on one Queue. It is safe for concurrent use
// and starts no goroutine.
type Dispatcher struct {
	queue   Queue
	sender  Sender
	ring    *KeyRing
	options DispatcherOptions
}

// NewDispatcher returns a Dispatcher that leases from queue, opens with ring
// and sends by sender. The error wraps [ErrSenderName] or [ErrOption].
func NewDispatcher(queue Queue, sender Sender, ring *KeyRing, o DispatcherOptions) (*Dispatcher, error) {
	if queue == nil || sender == nil || ring == nil {
		return nil, fmt.Errorf("%w: queue, sender and key ring are required", ErrOption)
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Dispatcher{queue: queue, sender: sender, ring: ring, options: o}, nil
}

// Summary says what a run has done.
type Summary struct {
	// Leased is how many messages were taken up. Each is in one of the others,
	// or in the error.
	Leased int
	// Sent were taken by the gateway.
	Sent int
	// Retried failed for now and wait for another attempt.
	Retried int
	// Failed will not be delivered: refused, expired, or not to be opened.
	Failed int
	// Unknown may have been taken, and no attempt is left.
	Unknown int
	// Lost were superseded, or taken by another process, before they were sent
	// or settled.
	Lost int
}

func (s *Summary) add(other Summary) {
	s.Leased += other.Leased
	s.Sent += other.Sent
	s.Retried += other.Retried
	s.Failed += other.Failed
	s.Unknown += other.Unknown
	s.Lost += other.Lost
}

// Run calls [Dispatcher.RunDue] at once and then at every tick, until ctx is
// done, and returns the reason why it is. Errors of the Queue are logged and
// tried again at the next tick.
func (d *Dispatcher) Run(ctx context.Context, tick time.Duration) error {
	if tick <= 0 {
		return fmt.Errorf("%w: tick %s", ErrOption, tick)
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		if _, err := d.RunDue(ctx); err != nil && ctx.Err() == nil {
			d.options.Logger.LogAttrs(ctx, slog.LevelError, "sms: dispatch", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// RunDue sends every message that is due, one after the other, and returns when
// none is left or ctx is done. What a gateway answers is in the Summary; the
// error joins those of the Queue and of ctx. After one, RunDue finishes its
// batch, unless ctx is done, and takes no other; messages that it could not
// settle come back when their lease ends.
func (d *Dispatcher) RunDue(ctx context.Context) (Summary, error) {
	var total Summary
	for {
		batch, err := d.runBatch(ctx)
		total.add(batch)
		if err != nil || batch.Leased < d.options.BatchSize {
			return total, err
		}
	}
}

func (d *Dispatcher) runBatch(ctx context.Context) (Summary, error) {
	now := d.now()
	leased, err := d.queue.LeaseMessages(ctx, LeaseRequest{
		Now: now, Until: now.Add(d.options.LeaseFor), Owner: d.options.Owner, Limit: d.options.BatchSize,
	})
	if err != nil {
		return Summary{}, fmt.Errorf("lease messages: %w", err)
	}
	total := Summary{Leased: len(leased)}
	var failures []error
	for _, q := range leased {
		if err := ctx.Err(); err != nil {
			return total, errors.Join(append(failures, err)...)
		}
		one, err := d.dispatch(ctx, q)
		total.add(one)
		if err != nil {
			failures = append(failures, fmt.Errorf("message %s: %w", q.ID, err))
		}
	}
	return total, errors.Join(failures...)
}

func (d *Dispatcher) now() time.Time { return d.options.Clock().UTC() }

// dispatch makes one attempt, or finds that none may be made.
func (d *Dispatcher) dispatch(ctx context.Context, leased Queued) (Summary, error) {
	now := d.now()
	if code := leased.blocked(now, d.options.MaxAttempts); code != "" {
		return d.settle(ctx, leased, leased.settlement(code, now))
	}
	text, err := OpenText(d.ring, leased.ID, leased.Sealed)
	if err != nil {
		return d.settle(ctx, leased, leased.settlement(CodePayload, now))
	}
	q, err := d.queue.AttemptMessage(ctx, AttemptRequest{
		Company: leased.Company, ID: leased.ID, Token: leased.LeaseToken,
		At: now, Until: now.Add(d.options.LeaseFor),
	})
	if err != nil {
		return lost(err)
	}
	receipt, err := d.send(ctx, Message{
		ID: q.ID, Company: q.Company, To: q.To, From: d.options.From, Text: text, Expires: q.Expires,
	})
	return d.settle(ctx, q, d.outcome(leased.State, q, receipt, err))
}

func (d *Dispatcher) send(ctx context.Context, m Message) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, d.options.SendTimeout)
	defer cancel()
	return d.sender.Send(ctx, m)
}

// outcome says how to settle an attempt. An attempt that the gateway has
// certainly not taken leaves the message in the state that it had before.
func (d *Dispatcher) outcome(before State, q Queued, receipt Receipt, err error) Settlement {
	now := d.now()
	s := q.settlement("", now)
	if err == nil {
		s.State, s.Gateway, s.GatewayID = StateSent, receipt.Gateway, receipt.GatewayID
		return s
	}
	failure := asSendError(err)
	s.ErrorCode = failure.Code
	if failure.Kind != KindUnknown {
		s.State = before
	}
	if failure.Kind != KindPermanent && q.Attempts < d.options.MaxAttempts {
		s.NextAt = now.Add(d.wait(q.Attempts, failure.RetryAfter))
	}
	return s
}

// wait is full jitter under a doubling limit, no shorter than the gateway asks.
func (d *Dispatcher) wait(attempt int, asked time.Duration) time.Duration {
	limit := d.options.Backoff
	for i := 1; i < attempt && limit < d.options.MaxBackoff; i++ {
		limit *= 2
	}
	limit = min(limit, d.options.MaxBackoff)
	return max(d.options.Jitter(limit), min(asked, d.options.MaxBackoff))
}

// settleTimeout bounds the one call that is made after ctx is done: a message
// that the gateway has must not be sent again because the host is stopping.
const settleTimeout = 10 * time.Second

func (d *Dispatcher) settle(ctx context.Context, q Queued, s Settlement) (Summary, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if err := d.queue.SettleMessage(ctx, s); err != nil {
		return lost(err)
	}
	settled, err := q.Settled(s)
	if err != nil {
		return lost(err)
	}
	d.log(ctx, settled)
	switch {
	case settled.Waiting():
		return Summary{Retried: 1}, nil
	case settled.State == StateSent:
		return Summary{Sent: 1}, nil
	case settled.State == StateUnknown:
		return Summary{Unknown: 1}, nil
	}
	return Summary{Failed: 1}, nil
}

// lost counts a message that somebody else has taken, replaced or removed; that
// is no failure.
func lost(err error) (Summary, error) {
	if errors.Is(err, ErrLeaseLost) || errors.Is(err, ErrUnknownMessage) {
		return Summary{Lost: 1}, nil
	}
	return Summary{}, err
}

// log tells ids, counts and codes. The sender's error is not among them: what
// is in it is not ours to know.
func (d *Dispatcher) log(ctx context.Context, q Queued) {
	level := slog.LevelInfo
	if q.State != StateSent {
		level = slog.LevelWarn
	}
	d.options.Logger.LogAttrs(ctx, level, "sms: attempt",
		slog.String("id", q.ID.String()), slog.String("state", q.State.String()), slog.Int("attempts", q.Attempts),
		slog.Bool("again", q.Waiting()), slog.String("code", q.ErrorCode),
		slog.String("gateway", q.Gateway), slog.String("gateway_id", q.GatewayID))
}
