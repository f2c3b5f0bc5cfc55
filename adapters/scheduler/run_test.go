package scheduler_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/scheduler"
)

// In a synctest bubble the clock begins in the year 2000 and moves when all
// goroutines wait.

func sleepUntil(at time.Time) { time.Sleep(time.Until(at)) }

// running runs a scheduler until the returned function is called.
func running(t *testing.T, s *scheduler.Scheduler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	return func() {
		cancel()
		assert.ErrorIs(t, <-ended, context.Canceled)
	}
}

func TestRunAtMidnight(t *testing.T) {
	t.Parallel()
	for name, midnight := range map[string]time.Time{
		"winter":                 local(2000, time.February, 1, 0, 0),
		"summer":                 local(2000, time.July, 1, 0, 0),
		"after the clocks went":  local(2000, time.April, 1, 0, 0),
		"after the clocks came":  local(2000, time.November, 1, 0, 0),
		"after the leap day":     local(2000, time.March, 1, 0, 0),
		"in the night to a year": local(2001, time.January, 1, 0, 0),
	} {
		t.Run("R18 "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(midnight.Add(-10*time.Minute - 20*time.Second))
				var at []time.Time
				job := scheduler.Job{Name: "close-month", Spec: "0 0 1 * *", Since: time.Now(), Run: func(_ context.Context, period time.Time) error {
					assert.Equal(t, midnight, period)
					at = append(at, time.Now())
					return nil
				}}
				stop := running(t, newScheduler(t, scheduler.Config{Store: newStore()}, job))
				sleepUntil(midnight.Add(10 * time.Minute))
				stop()
				require.Len(t, at, 1, "once")
				assert.Equal(t, midnight.Add(40*time.Second), at[0].UTC(), "at the first tick that is not before it")
			})
		})
	}
}

func TestRunOverAYear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var monthly, daily runs
		since := time.Now()
		st := newStore()
		jobs := []scheduler.Job{monthly.noting("monthly", "0 0 1 * *", since), daily.noting("daily", "0 3 * * *", since)}
		stops := []func(){
			running(t, newScheduler(t, scheduler.Config{Store: st, Owner: "web-1", Tick: 3 * time.Hour}, jobs...)),
			running(t, newScheduler(t, scheduler.Config{Store: st, Owner: "web-2", Tick: 3 * time.Hour}, jobs...)),
		}
		sleepUntil(local(2001, time.January, 1, 12, 0))
		for _, stop := range stops {
			stop()
		}
		require.Len(t, monthly.all(), 12)
		for i, p := range monthly.all() {
			assert.Equal(t, local(2000, time.February+time.Month(i), 1, 0, 0), p.At)
		}
		require.Len(t, daily.all(), 367)
		for i, p := range daily.all() {
			assert.Equal(t, local(2000, time.January, 1+i, 3, 0), p.At, "also on the days of daylight saving")
		}
	})
}

func TestRunCatchesUpWhenItStarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r runs
		job := r.noting("close-month", "0 0 1 * *", time.Now())
		st := newStore()
		sleepUntil(local(2000, time.January, 31, 23, 30))
		stop := running(t, newScheduler(t, scheduler.Config{Store: st}, job))
		sleepUntil(local(2000, time.February, 1, 0, 5))
		stop() // and all machines sleep over three month ends
		sleepUntil(local(2000, time.May, 17, 9, 0))
		require.Len(t, r.all(), 1)
		stop = running(t, newScheduler(t, scheduler.Config{Store: st, Owner: "web-2"}, job))
		synctest.Wait()
		assert.Equal(t, []string{"2000-02-01 00:00 +0100", "2000-03-01 00:00 +0100", "2000-04-01 00:00 +0200", "2000-05-01 00:00 +0200"}, r.of("close-month"))
		stop()
	})
}

func TestRunTriesAgainAtTheNextTick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		var log bytes.Buffer
		begin := time.Now()
		s := newScheduler(t, scheduler.Config{Store: newStore(), Tick: 5 * time.Minute, Logger: slog.New(slog.NewTextHandler(&log, nil))},
			scheduler.Job{Name: "sweep", Spec: "0 * * * *", Since: begin, MaxCatchUp: 1, Run: func(context.Context, time.Time) error {
				at = append(at, time.Since(begin))
				if len(at) < 3 {
					return errors.New("not yet")
				}
				return nil
			}})
		stop := running(t, s)
		time.Sleep(30 * time.Minute)
		stop()
		assert.Equal(t, []time.Duration{0, 5 * time.Minute, 10 * time.Minute}, at)
		assert.Equal(t, 2, bytes.Count(log.Bytes(), []byte(`level=ERROR msg="job failed" job=sweep period=2000-01-01T00:00:00.000Z error="not yet"`)))
	})
}

// Calls on one scheduler do not run one job twice at a time, although they
// share its owner.
func TestCallsWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r runs
		job := r.noting("close-month", "0 * * * *", time.Now())
		note := job.Run
		job.Run = func(ctx context.Context, period time.Time) error {
			time.Sleep(time.Minute)
			return note(ctx, period)
		}
		s := newScheduler(t, scheduler.Config{Store: newStore()}, job)
		stop := running(t, s)
		synctest.Wait()
		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.RunDue(hurried)
		require.ErrorIs(t, err, context.DeadlineExceeded, "a call that waits can be given up")
		assert.Empty(t, r.all())
		report, err := s.RunDue(t.Context())
		require.NoError(t, err)
		assert.Empty(t, report, "the first call has done it")
		assert.Equal(t, periods("close-month", local(2000, time.January, 1, 1, 0)), r.all())
		stop()
	})
}

func TestRunEndsWithItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		s := newScheduler(t, scheduler.Config{Store: newStore()}, scheduler.Job{
			Name: "close-month", Spec: "0 * * * *", Since: begin, Run: func(ctx context.Context, _ time.Time) error {
				<-ctx.Done()
				assert.ErrorIs(t, context.Cause(ctx), scheduler.ErrLeaseEnded)
				return ctx.Err()
			},
		})
		_, err := s.RunDue(t.Context())
		require.ErrorIs(t, err, scheduler.ErrLeaseEnded)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 15*time.Minute, time.Since(begin))
	})
}

func TestRunThatIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var r runs
		st := newStore()
		waiting := scheduler.Job{Name: "waiting", Spec: "0 * * * *", Since: time.Now(), Run: func(ctx context.Context, _ time.Time) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		s := newScheduler(t, scheduler.Config{Store: st, Logger: slog.New(slog.NewTextHandler(&log, nil))}, waiting, r.noting("after", "0 * * * *", time.Now()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		report, err := s.RunDue(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.NotErrorIs(t, err, scheduler.ErrLeaseEnded)
		assert.Len(t, report.Failed, 1)
		assert.Contains(t, log.String(), `level=INFO msg="job interrupted" job=waiting`)
		assert.NotContains(t, log.String(), "ERROR", "stopping the host is no failure")
		assert.Empty(t, r.all(), "what follows is not begun")
		assert.Empty(t, st.finished)
	})
}

func TestRunThatIsDoneIsFinishedAlsoWhenTheHostStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	st := newStore()
	s := newScheduler(t, scheduler.Config{Store: st, Clock: func() time.Time { return march }}, scheduler.Job{
		Name: "close-month", Spec: "0 0 1 * *", Since: january, Run: func(context.Context, time.Time) error {
			cancel()
			return nil
		}})
	report, err := s.RunDue(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, periods("close-month", february), report.Finished, "and March waits for the next start")
	assert.Equal(t, february, st.newest["close-month"])
}
