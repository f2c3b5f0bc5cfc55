package otel

import (
	"errors"
	"sync"

	"go.opentelemetry.io/otel/metric"
)

// registrations are the callbacks of gauges.
type registrations struct {
	mu   sync.Mutex
	list []metric.Registration
}

func (r *registrations) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, one := range r.list {
		errs = append(errs, one.Unregister())
	}
	r.list = nil
	return errors.Join(errs...)
}

// observe registers a callback of gauges.
func (t *Telemetry) observe(callback metric.Callback, gauges ...metric.Observable) error {
	one, err := t.meter.RegisterCallback(callback, gauges...)
	if err != nil {
		return err
	}
	t.registered.mu.Lock()
	defer t.registered.mu.Unlock()
	t.registered.list = append(t.registered.list, one)
	return nil
}
