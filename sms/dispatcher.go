package sms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Dispatcher sends the messages that wait in a [Queue], at least once each and
// at most MaxAttempts times, always with the same text. Any number of them, in
// any number of processes, may work on one Queue. It is safe for concurrent use
// and starts no goroutine.
type Dispatcher struct {
	queue   Queue
	sender  Sender
	ring    *KeyRing
	options DispatcherOptions
	// forgotten is when old counts were forgotten last, in microseconds.
	forgotten atomic.Int64
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
	// Deferred wait, untouched, for a window of the Limits to end, or for
	// sending to be resumed.
	Deferred int
	// Lost were superseded, or taken by another process, before they were sent
	// or settled.
	Lost int
	// Halted tells that sending is halted; see [Dispatcher.Halt].
	Halted bool
}

func (s *Summary) add(other Summary) {
	s.Leased += other.Leased
	s.Sent += other.Sent
	s.Retried += other.Retried
	s.Failed += other.Failed
	s.Unknown += other.Unknown
	s.Deferred += other.Deferred
	s.Lost += other.Lost
	s.Halted = s.Halted || other.Halted
}

// Run calls [Dispatcher.RunDue] at once and then at every Tick, until ctx is
// done, and returns the reason why it is. Errors of the Queue are logged and
// tried again at the next tick.
func (d *Dispatcher) Run(ctx context.Context) error {
	ticker := time.NewTicker(d.options.Tick)
	defer ticker.Stop()
	for {
		if _, err := d.RunDue(ctx, d.options.Clock()); err != nil && ctx.Err() == nil {
			d.options.Logger.LogAttrs(ctx, slog.LevelError, "sms: dispatch", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// RunDue sends every message that is due at now, one after the other, and
// returns when none is left or ctx is done. What a gateway answers is in the
// Summary; the error joins those of the Queue and of ctx. After one, RunDue
// finishes its batch, unless ctx is done, and takes no other; messages that it
// could not settle come back when their lease ends.
func (d *Dispatcher) RunDue(ctx context.Context, now time.Time) (Summary, error) {
	r := run{Dispatcher: d, now: now.UTC(), began: d.options.Clock()}
	halt, err := d.queue.Halted(ctx)
	if err != nil {
		return Summary{}, fmt.Errorf("kill switch: %w", err)
	}
	if halt.On {
		return Summary{Halted: true}, nil
	}
	if err := r.forget(ctx); err != nil {
		return Summary{}, fmt.Errorf("forget counts: %w", err)
	}
	var total Summary
	for {
		batch, err := r.batch(ctx)
		total.add(batch)
		if err != nil || batch.Halted || batch.Leased < d.options.BatchSize {
			return total, err
		}
	}
}

// run is one call of RunDue.
type run struct {
	*Dispatcher
	// now is the instant that RunDue was given, and began what the clock showed
	// then: what the run takes goes on top.
	now, began time.Time
}

func (r run) at() time.Time { return r.now.Add(r.options.Clock().Sub(r.began)) }

// forget drops old counts, at most once an hour.
func (r run) forget(ctx context.Context) error {
	last := r.forgotten.Load()
	if r.now.Sub(time.UnixMicro(last)) < time.Hour || !r.forgotten.CompareAndSwap(last, r.now.UnixMicro()) {
		return nil
	}
	return r.queue.ForgetCounts(ctx, r.now)
}

func (r run) batch(ctx context.Context) (Summary, error) {
	now := r.at()
	leased, err := r.queue.LeaseMessages(ctx, LeaseRequest{
		Now: now, Until: now.Add(r.options.LeaseFor), Owner: r.options.Owner, Limit: r.options.BatchSize,
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
		one, err := r.dispatch(ctx, q)
		total.add(one)
		if err != nil {
			failures = append(failures, fmt.Errorf("message %s: %w", q.ID, err))
		}
	}
	return total, errors.Join(failures...)
}

// dispatch makes one attempt, or finds that none may be made.
func (r run) dispatch(ctx context.Context, leased Queued) (Summary, error) {
	now := r.at()
	if code := leased.blocked(now, r.options.MaxAttempts); code != "" {
		return r.settle(ctx, leased, leased.settlement(code, now))
	}
	text, err := OpenText(r.ring, leased.ID, leased.Sealed)
	if err != nil {
		return r.settle(ctx, leased, leased.settlement(CodePayload, now))
	}
	q, err := r.queue.AttemptMessage(ctx, AttemptRequest{
		Company: leased.Company, ID: leased.ID, Token: leased.LeaseToken,
		At: now, Until: now.Add(r.options.LeaseFor), Windows: r.options.Limits.windows(leased, now, r.options.Zone),
	})
	if errors.Is(err, ErrHalted) || asLimit(err) != nil {
		return r.hold(ctx, leased, asLimit(err))
	}
	if err != nil {
		return lost(err)
	}
	receipt, err := r.send(ctx, Message{
		ID: q.ID, Company: q.Company, To: q.To, From: r.options.From, Text: text, Expires: q.Expires,
	})
	return r.settle(ctx, q, r.outcome(leased.State, q, receipt, err))
}

// hold gives a lease back: because sending is halted, or else until a window
// has ended, and a little longer, so that not all come at once.
func (r run) hold(ctx context.Context, leased Queued, full *LimitError) (Summary, error) {
	s := leased.settlement(leased.ErrorCode, r.at())
	s.NextAt = leased.NextAt
	if full != nil {
		s.ErrorCode, s.NextAt = full.code(), full.Until.Add(r.options.Jitter(r.options.Backoff))
	}
	settled, err := r.settle(ctx, leased, s)
	if settled.Retried > 0 {
		settled = Summary{Deferred: 1}
	}
	settled.Halted = full == nil
	return settled, err
}

func (d *Dispatcher) send(ctx context.Context, m Message) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, d.options.SendTimeout)
	defer cancel()
	return d.sender.Send(ctx, m)
}

// outcome says how to settle an attempt. An attempt that the gateway has
// certainly not taken leaves the message in the state that it had before.
func (r run) outcome(before State, q Queued, receipt Receipt, err error) Settlement {
	now := r.at()
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
	if failure.Kind != KindPermanent && q.Attempts < r.options.MaxAttempts {
		s.NextAt = now.Add(r.wait(q.Attempts, failure.RetryAfter))
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
