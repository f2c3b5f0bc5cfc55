package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// ErrLeaseEnded is the cause of the end of a run's context when the run has
// taken longer than [Config.LeaseFor].
var ErrLeaseEnded = errors.New("run has outlived its lease")

// finishWithin bounds the call that marks a period finished when the context
// of the scheduler is done already.
const finishWithin = 10 * time.Second

// Report tells what one call of [Scheduler.RunDue] has done.
type Report struct {
	// Finished lists the periods that were run, in order.
	Finished []Period
	// Held lists those that are due, but that another owner is running.
	Held []Period
	// Failed lists those that will be tried again.
	Failed []*JobError
}

// Period is one period of a job.
type Period struct {
	Job string
	// At is when it was due, in UTC.
	At time.Time
}

// JobError is the failure of a job.
type JobError struct {
	Job string
	// Period is when it was due, in UTC; zero when the store could not tell
	// what is due.
	Period time.Time
	Err    error
}

// Error names the job and the period.
func (e *JobError) Error() string {
	if e.Period.IsZero() {
		return fmt.Sprintf("job %q: %v", e.Job, e.Err)
	}
	return fmt.Sprintf("job %q of %s: %v", e.Job, e.Period.Format(time.RFC3339), e.Err)
}

// Unwrap returns the cause.
func (e *JobError) Unwrap() error { return e.Err }

// PanicError is the error of a job that has panicked.
type PanicError struct {
	Value any
	Stack []byte
}

// Error names the value.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// RunDue runs all periods that are due, job by job, and returns when nothing
// is left that this process can do. The error joins the [*JobError] of every
// job that failed, and that of the context if it is done; the report is valid
// with an error too. A second call waits for the first.
func (s *Scheduler) RunDue(ctx context.Context) (Report, error) {
	var report Report
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return report, ctx.Err()
	}
	var errs []error
	for _, j := range s.jobs {
		if err := s.runJob(ctx, j, &report); err != nil {
			report.Failed = append(report.Failed, err)
			errs = append(errs, err)
			s.log(ctx, err)
		}
	}
	return report, errors.Join(append(errs, ctx.Err())...)
}

func (s *Scheduler) log(ctx context.Context, err *JobError) {
	attrs := []slog.Attr{slog.String("job", err.Job), slog.Time("period", err.Period), slog.String("error", err.Err.Error())}
	if ctx.Err() != nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelInfo, "job interrupted", attrs...)
		return
	}
	var panicked *PanicError
	if errors.As(err, &panicked) {
		attrs = append(attrs, slog.String("stack", string(panicked.Stack)))
	}
	s.config.Logger.LogAttrs(ctx, slog.LevelError, "job failed", attrs...)
}

// runJob runs the periods of one job that are due, until one fails or is held
// by another owner.
func (s *Scheduler) runJob(ctx context.Context, j job, report *Report) *JobError {
	var refused time.Time
	for ctx.Err() == nil {
		last, err := s.config.Store.LastJob(ctx, j.Name)
		if err != nil {
			return &JobError{Job: j.Name, Err: err}
		}
		at, ok := j.due(last, s.config.Clock())
		if !ok {
			return nil
		}
		period := Period{Job: j.Name, At: at}
		if at.Equal(refused) {
			report.Held = append(report.Held, period)
			return nil
		}
		ran, err := s.runPeriod(ctx, j, at)
		switch {
		case err != nil:
			return &JobError{Job: j.Name, Period: at, Err: err}
		case ran:
			report.Finished = append(report.Finished, period)
			s.config.Logger.Info("job finished", slog.String("job", j.Name), slog.Time("period", at))
		default:
			// Another owner has finished it, and then it is not due the next
			// time round; or holds it, and then it still is.
			refused = at
		}
	}
	return nil
}

// runPeriod claims, runs and finishes one period. It is false when the period
// could not be claimed.
func (s *Scheduler) runPeriod(ctx context.Context, j job, period time.Time) (bool, error) {
	now := s.config.Clock().UTC()
	claim, ok, err := s.config.Store.ClaimJob(ctx, travel.JobClaim{
		Job: j.Name, Period: period, Owner: s.config.Owner, Now: now, Until: now.Add(s.config.LeaseFor),
	})
	if err != nil || !ok {
		return false, err
	}
	leased, end := context.WithTimeoutCause(ctx, s.config.LeaseFor, ErrLeaseEnded)
	defer end()
	if err := j.run(leased, period); err != nil {
		if errors.Is(context.Cause(leased), ErrLeaseEnded) {
			err = fmt.Errorf("%w: %w", ErrLeaseEnded, err)
		}
		return false, err
	}
	// What is done is done, also when the host is stopping.
	finish, end := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer end()
	if err := s.config.Store.FinishJob(finish, claim); err != nil {
		return false, fmt.Errorf("done, but not marked finished: %w", err)
	}
	return true, nil
}

// run runs the job's function, and turns a panic into an error.
func (j job) run(ctx context.Context, period time.Time) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return j.Run(ctx, period)
}
