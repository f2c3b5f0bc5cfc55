package otel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/metric"
)

// Watch asks how much waits in a queue of the host's, and since when, whenever
// gauges are collected: deliveries to a webhook endpoint, say, from the method
// Backlog of its store. The name becomes an attribute. The error is that of the
// MeterProvider.
func (t *Telemetry) Watch(name string, waiting func(context.Context) (size int, oldest time.Time, err error)) error {
	queue := metric.WithAttributes(keyQueue.String(name))
	return t.observe(func(ctx context.Context, o metric.Observer) error {
		size, oldest, err := waiting(ctx)
		if err != nil {
			return err
		}
		o.ObserveInt64(t.queueLen, int64(size), queue)
		o.ObserveInt64(t.queueAge, t.age(oldest), queue)
		return nil
	}, t.queueLen, t.queueAge)
}
