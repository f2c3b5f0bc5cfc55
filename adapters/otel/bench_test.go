package otel_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/tjansteresor/tjansteresor/adapters/otel"
	"github.com/tjansteresor/tjansteresor/travel"
)

// instant is a store that takes no time, so that what is measured is what
// wrapping adds.
type instant struct{ travel.Store }

func (instant) Decide(_ context.Context, _ travel.Query, decide func(travel.State) (travel.Change, error)) error {
	_, err := decide(travel.State{})
	return err
}

func BenchmarkDecide(b *testing.B) {
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	for _, c := range []struct {
		name    string
		options *otel.Options
	}{
		{"bare", nil},
		{"no SDK", &otel.Options{}},
		{"metrics", &otel.Options{MeterProvider: meters}},
		{"metrics and 1 trace of 100", &otel.Options{
			MeterProvider: meters, TracerProvider: trace.NewTracerProvider(trace.WithSampler(trace.TraceIDRatioBased(.01))),
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var store travel.Store = instant{}
			if c.options != nil {
				seen, err := otel.New(*c.options)
				require.NoError(b, err)
				store = seen.Store(store)
			}
			ctx, q := context.Background(), travel.Query{Operation: travel.OperationAuthorize}
			change := travel.Change{Command: &travel.Command{}}
			b.ReportAllocs()
			for b.Loop() {
				if err := store.Decide(ctx, q, func(travel.State) (travel.Change, error) { return change, nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
