package otel

import (
	"context"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Events wraps the event queue for its consumer, and counts what the consumer
// settles. The error is that of the MeterProvider.
func (t *Telemetry) Events(q travel.EventQueue) (travel.EventQueue, error) {
	e := &eventQueue{EventQueue: q, telemetry: t}
	return e, t.observe(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(t.outboxAge, t.age(e.held.oldest()))
		return nil
	}, t.outboxAge)
}

// age is in whole seconds; 0 when there is none.
func (t *Telemetry) age(oldest time.Time) int64 {
	if oldest.IsZero() {
		return 0
	}
	return wholeSeconds(t.since(oldest))
}

type eventQueue struct {
	travel.EventQueue
	telemetry *Telemetry
	held      held[travel.EventID, travel.Event]
}

func (q *eventQueue) LeaseEvents(ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
	events, err := q.EventQueue.LeaseEvents(ctx, owner, now, until, limit)
	if err == nil {
		items := make(map[travel.EventID]item[travel.Event], len(events))
		for _, e := range events {
			items[e.ID] = item[travel.Event]{value: e, at: e.At, until: until}
		}
		q.held.put(now, items)
	}
	return events, err
}

func (q *eventQueue) SettleEvents(ctx context.Context, owner string, ids ...travel.EventID) error {
	err := q.EventQueue.SettleEvents(ctx, owner, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if i, ok := q.held.take(id); ok {
			q.telemetry.consumed(ctx, i.value)
		}
	}
	return nil
}

func (t *Telemetry) consumed(ctx context.Context, e travel.Event) {
	t.outboxDelay.Record(ctx, t.since(e.At).Seconds())
	t.events.Add(ctx, 1, metric.WithAttributes(keyEvent.String(string(e.Type))))
	outcome, ok := strings.CutPrefix(string(e.Type), "purchase.")
	if !ok {
		return
	}
	t.purchases.Add(ctx, 1, metric.WithAttributes(t.ofCompany(e, keyOutcome.String(outcome))...))
	if e.Type == travel.EventPurchaseDeclined {
		t.declines.Add(ctx, 1, metric.WithAttributes(t.ofCompany(e, keyReason.String(e.Reason))...))
	}
}

// ofCompany adds the company if the host wants it.
func (t *Telemetry) ofCompany(e travel.Event, list ...attribute.KeyValue) []attribute.KeyValue {
	if t.options.Companies {
		list = append(list, keyCompany.String(e.Company.String()))
	}
	return list
}
