package otel

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Audit wraps what looks for drift, such as the method Audit of travel.Service
// and of invoice.Service, under a name of the host's: "travel", say. Its result
// goes through; how much it found of each invariant, and how long ago, are gauges.
// One that fails leaves what an earlier one has found. The error is that of the
// MeterProvider.
func (t *Telemetry) Audit(
	name string, audit func(context.Context) ([]travel.Drift, error),
) (func(context.Context) ([]travel.Drift, error), error) {
	var mu sync.Mutex
	var at time.Time
	found := map[string]int64{}
	err := t.observe(func(_ context.Context, o metric.Observer) error {
		mu.Lock()
		defer mu.Unlock()
		if at.IsZero() {
			return nil
		}
		audit := keyAudit.String(name)
		o.ObserveInt64(t.auditAge, wholeSeconds(t.since(at)), metric.WithAttributes(audit))
		for invariant, n := range found {
			o.ObserveInt64(t.auditDrift, n, metric.WithAttributes(audit, keyInvariant.String(invariant)))
		}
		return nil
	}, t.auditAge, t.auditDrift)
	return func(ctx context.Context) ([]travel.Drift, error) {
		drifts, err := audit(ctx)
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			at, found = t.options.Clock(), map[string]int64{}
			for _, invariant := range invariants {
				found[invariant] = 0 // so that an alert can tell none from no audit
			}
			for _, d := range drifts {
				found[d.Invariant]++
			}
		}
		return drifts, err
	}, err
}

var invariants = []string{"I1", "I2", "I3", "I4", "I5", "I6"}
