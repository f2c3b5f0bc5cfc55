package webhook

import (
	"context"
	"time"
)

// Replay sends again what the Store still has, once the next run comes: by the
// times of the events, by their ids, only what has failed, or all of it. What was
// delivered is delivered again, with the same webhook-id, so that a receiver which
// knows ids ignores it. It is tried for MaxAge from now. Replay says how
// many deliveries it has made due.
//
// An empty Selection is a [*travel.InputError]: give at least one bound.
func (d *Dispatcher) Replay(ctx context.Context, s Selection) (int, error) {
	if s.Endpoint == "" && len(s.Events) == 0 && s.From.IsZero() && s.To.IsZero() && s.State == "" {
		return 0, invalid("Selection", "", "is empty")
	}
	now := d.now()
	return d.store.Requeue(ctx, RequeueRequest{Selection: s, Now: now, GiveUpAt: now.Add(d.options.MaxAge)})
}

// Enable lets an endpoint have events again, at once: one that was disabled, by
// itself or by [Dispatcher.Disable], or is left alone. What ended as failed
// meanwhile is sent by [Dispatcher.Replay].
func (d *Dispatcher) Enable(ctx context.Context, endpoint string) error {
	return d.store.UpdateEndpoint(ctx, endpoint, func(s EndpointState) EndpointState { return EndpointState{ID: s.ID} })
}

// Disable sends nothing more to an endpoint. What waits for it ends as failed.
func (d *Dispatcher) Disable(ctx context.Context, endpoint string) error {
	now := d.now()
	return d.store.UpdateEndpoint(ctx, endpoint, func(s EndpointState) EndpointState {
		if s.DisabledAt.IsZero() {
			s.DisabledAt = now
		}
		return s
	})
}

// Prune forgets deliveries and their log whose event happened before an
// instant, but for those that are still tried, and says how many. After that they
// cannot be replayed.
func (d *Dispatcher) Prune(ctx context.Context, before time.Time) (int, error) {
	return d.store.Prune(ctx, PruneRequest{Now: d.now(), Before: before})
}
