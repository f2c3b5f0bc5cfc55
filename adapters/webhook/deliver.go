package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	// maxPause is the longest that an endpoint which does not answer is left
	// alone, unless it asks for more.
	maxPause = 5 * time.Minute
	// minWait is before anything is tried again.
	minWait = time.Second
)

// deliver sends what is due to one endpoint, in rounds of as many requests as
// it may have at a time, until nothing is due or the endpoint is to be left alone.
func (r run) deliver(ctx context.Context, e *Endpoint) (total Summary, err error) {
	fail := func(err error) (Summary, error) { return total, fmt.Errorf("endpoint %s: %w", e.ID, err) }
	for {
		state, err := r.store.Endpoint(ctx, e.ID)
		if err != nil {
			return fail(err)
		}
		now := r.at()
		if state.blocked(now) {
			return total, nil
		}
		limit := e.Parallel
		if state.Failures > 0 && state.DisabledAt.IsZero() {
			limit = 1
		}
		leased, err := r.store.Lease(ctx, LeaseRequest{
			Endpoint: e.ID, Owner: r.options.Owner, Now: now, Until: now.Add(r.options.LeaseFor), Limit: limit,
		})
		if err != nil {
			return fail(err)
		}
		if len(leased) == 0 {
			return total, nil
		}
		s, err := r.round(ctx, e, state, leased)
		total.add(s)
		if err != nil {
			return fail(err)
		}
		if err := ctx.Err(); err != nil {
			return fail(err)
		}
	}
}

// round attempts deliveries side by side, settles each, and judges the
// endpoint by all of them.
func (r run) round(ctx context.Context, e *Endpoint, state EndpointState, leased []Delivery) (total Summary, err error) {
	answers := make([]answer, len(leased))
	summaries := make([]Summary, len(leased))
	failures := make([]error, len(leased))
	var running sync.WaitGroup
	for i, q := range leased {
		running.Go(func() {
			if state.DisabledAt.IsZero() {
				answers[i] = r.post(ctx, e, q)
			} else {
				answers[i] = answer{at: r.at(), code: codeDisabled}
			}
			summaries[i], failures[i] = r.settle(ctx, q, answers[i])
		})
	}
	running.Wait()
	for _, s := range summaries {
		total.add(s)
	}
	if state.DisabledAt.IsZero() {
		failures = append(failures, r.judge(ctx, state, answers))
	}
	return total, errors.Join(failures...)
}

// settleTimeout bounds the calls that are made after ctx is done: an event that
// the endpoint has need not be sent again because the host is stopping.
const settleTimeout = 10 * time.Second

// settle writes down what became of an attempt.
func (r run) settle(ctx context.Context, q Delivery, a answer) (Summary, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	s := Settlement{
		Endpoint: q.Endpoint, Event: q.Event, Token: q.LeaseToken, State: StateWaiting,
		At: a.at, Took: a.took, Status: a.status, Code: a.code,
	}
	now := r.at()
	result := Summary{Retried: 1}
	switch {
	case a.code == codeDelivered:
		s.State, result = StateDelivered, Summary{Delivered: 1}
	case a.code == codeStopped:
		s.NextAt = now
	case a.code == codeDisabled || a.gone() || !now.Before(q.GiveUpAt):
		s.State, result = StateFailed, Summary{Failed: 1}
	default:
		s.NextAt = now.Add(max(r.jitter(r.options.Backoff, r.options.MaxBackoff, q.Attempts+1), r.asked(a), minWait))
	}
	err := r.store.Settle(ctx, s)
	if errors.Is(err, travel.ErrLeaseLost) {
		return Summary{Lost: 1}, nil
	}
	if err != nil {
		return Summary{}, fmt.Errorf("settle event %s: %w", q.Event, err)
	}
	level := slog.LevelInfo
	if s.State != StateDelivered {
		level = slog.LevelWarn
	}
	r.options.Logger.LogAttrs(ctx, level, "webhook: attempt",
		slog.String("endpoint", q.Endpoint), slog.String("event", q.Event.String()), slog.String("type", string(q.Type)),
		slog.String("state", string(s.State)), slog.String("code", s.Code), slog.Int("attempts", q.Attempts+1))
	return result, nil
}

// jitter is full jitter under a limit that doubles with each attempt.
func (r run) jitter(first, longest time.Duration, attempt int) time.Duration {
	limit := first
	for i := 1; i < attempt && limit < longest; i++ {
		limit *= 2
	}
	return r.options.Jitter(min(limit, longest))
}

// asked is how long the endpoint asks to wait, within reason.
func (r run) asked(a answer) time.Duration { return min(a.retryAfter, r.options.MaxBackoff) }

// judge disables an endpoint that is gone, leaves one alone that is overloaded
// or answers nothing, and knows one as well again.
func (r run) judge(ctx context.Context, before EndpointState, answers []answer) error {
	var gone, busy, answered, silent bool
	var asked time.Duration
	for _, a := range answers {
		gone = gone || a.gone()
		busy = busy || a.busy()
		answered = answered || a.status != 0
		silent = silent || a.status == 0 && a.code != codeStopped
		asked = max(asked, r.asked(a))
	}
	down := busy || silent && !answered
	if !gone && !down && (before.Failures == 0 || !answered) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	now := r.at()
	var after EndpointState
	err := r.store.UpdateEndpoint(ctx, before.ID, func(s EndpointState) EndpointState {
		if gone && s.DisabledAt.IsZero() {
			s.DisabledAt = now
		}
		if !down {
			s.Failures, s.FailingSince, s.PausedUntil = 0, time.Time{}, time.Time{}
			after = s
			return s
		}
		s.Failures++
		if s.FailingSince.IsZero() {
			s.FailingSince = now
		}
		pause := max(r.jitter(r.options.Backoff, max(maxPause, r.options.Backoff), s.Failures), asked, minWait)
		if until := now.Add(pause); until.After(s.PausedUntil) {
			s.PausedUntil = until
		}
		after = s
		return s
	})
	if err != nil {
		return err
	}
	switch {
	case gone:
		r.options.Logger.LogAttrs(ctx, slog.LevelError, "webhook: endpoint is gone and disabled", slog.String("endpoint", before.ID))
	case down:
		r.options.Logger.LogAttrs(ctx, slog.LevelWarn, "webhook: endpoint is left alone", slog.String("endpoint", before.ID),
			slog.Time("until", after.PausedUntil), slog.Time("since", after.FailingSince))
	}
	return nil
}
