package otel_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/otel"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A host with a reader of its own; in production it is an exporter's.
func Example() {
	ctx := context.Background()
	reader := metric.NewManualReader()
	store := memory.New(memory.Options{})
	seen, err := otel.New(otel.Options{MeterProvider: metric.NewMeterProvider(metric.WithReader(reader))})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = seen.Close() }()

	keys, err := sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte(strings.Repeat("k", 32))})
	if err != nil {
		log.Fatal(err)
	}
	trips, err := travel.New(travel.Config{Store: seen.Store(store), Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	audit, err := seen.Audit("travel", trips.Audit)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := audit(ctx); err != nil { // a scheduler does this daily
		log.Fatal(err)
	}

	var data metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &data); err != nil {
		log.Fatal(err)
	}
	for _, m := range data.ScopeMetrics[0].Metrics {
		if drift, ok := m.Data.(metricdata.Gauge[int64]); ok && m.Name == "tjansteresor.audit.drift" {
			fmt.Println(m.Name, len(drift.DataPoints), "invariants, the first with", drift.DataPoints[0].Value)
		}
	}
	// Output: tjansteresor.audit.drift 6 invariants, the first with 0
}
