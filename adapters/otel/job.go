package otel

import (
	"context"
	"errors"
	"slices"

	"go.opentelemetry.io/otel/metric"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Jobs wraps the storage port of jobs for a scheduler. The named ones are
// also asked for when gauges are collected: the newest period of each that is
// finished, by whichever machine. The error is that of the MeterProvider.
func (t *Telemetry) Jobs(s travel.JobStore, names ...string) (travel.JobStore, error) {
	j := &jobStore{JobStore: s, telemetry: t}
	if len(names) == 0 {
		return j, nil
	}
	names = slices.Clone(names)
	return j, t.observe(func(ctx context.Context, o metric.Observer) error {
		var errs []error
		for _, name := range names {
			last, err := s.LastJob(ctx, name)
			if err == nil && !last.IsZero() {
				o.ObserveInt64(t.jobAge, wholeSeconds(t.since(last)), metric.WithAttributes(keyJob.String(name)))
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}, t.jobAge)
}

type jobStore struct {
	travel.JobStore
	telemetry *Telemetry
}

func (s *jobStore) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	claim, ok, err := s.JobStore.ClaimJob(ctx, c)
	if err == nil && ok {
		s.telemetry.jobDelay.Record(ctx, max(0, c.Now.Sub(c.Period)).Seconds(), metric.WithAttributes(keyJob.String(c.Job)))
	}
	return claim, ok, err
}

func (s *jobStore) FinishJob(ctx context.Context, c travel.JobClaim) error {
	err := s.JobStore.FinishJob(ctx, c)
	if err == nil {
		s.telemetry.jobs.Add(ctx, 1, metric.WithAttributes(keyJob.String(c.Job)))
	}
	return err
}
