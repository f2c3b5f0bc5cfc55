package scheduler_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/scheduler"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	january = local(2026, time.January, 10, 8, 0)
	// The midnights at which the first three months are over.
	february = local(2026, time.February, 1, 0, 0)
	march    = local(2026, time.March, 1, 0, 0)
	april    = local(2026, time.April, 1, 0, 0)
)

func periods(job string, at ...time.Time) (list []scheduler.Period) {
	for _, t := range at {
		list = append(list, scheduler.Period{Job: job, At: t})
	}
	return list
}

func TestCatchUp(t *testing.T) {
	t.Parallel()
	later := local(2026, time.April, 17, 9, 0)
	for _, c := range []struct {
		name  string
		max   int
		since time.Time
		last  time.Time
		want  []time.Time
	}{
		{name: "all that was missed, in order", since: january, want: []time.Time{february, march, april}},
		{name: "after what is finished", since: january, last: february, want: []time.Time{march, april}},
		{name: "nothing is missed", since: january, last: april},
		{name: "the first one at Since itself", since: march, want: []time.Time{march, april}},
		{name: "none before Since", since: march.Add(time.Second), want: []time.Time{april}},
		{name: "Since moved on", since: march.Add(time.Second), last: february, want: []time.Time{april}},
		{name: "Since ahead", since: later.AddDate(0, 1, 0)},
		{name: "only the newest", max: 1, since: january, want: []time.Time{april}},
		{name: "the newest two", max: 2, since: january, want: []time.Time{march, april}},
		{name: "at most so many", max: 5, since: january, want: []time.Time{february, march, april}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r runs
			st := newStore()
			st.newest["close-month"] = c.last
			job := r.noting("close-month", "0 0 1 * *", c.since)
			job.MaxCatchUp = c.max
			s := newScheduler(t, scheduler.Config{Store: st, Clock: func() time.Time { return later }}, job)
			want := periods("close-month", c.want...)

			report, err := s.RunDue(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, r.all())
			assert.Equal(t, scheduler.Report{Finished: want}, report)

			report, err = s.RunDue(t.Context())
			require.NoError(t, err)
			assert.Empty(t, report, "once")
			assert.Equal(t, want, r.all(), "finished never runs again")
		})
	}
}

func TestNothingIsDueBeforeItsTime(t *testing.T) {
	t.Parallel()
	var r runs
	c := testclock.New(february.Add(-time.Nanosecond))
	s := newScheduler(t, scheduler.Config{Store: newStore(), Clock: c.Now}, r.noting("close-month", "0 0 1 * *", january))
	_, err := s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Empty(t, r.all())
	c.Set(february)
	_, err = s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, periods("close-month", february), r.all())
	c.Set(january) // the clock is set back
	_, err = s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Len(t, r.all(), 1)
}

func TestFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("no connection")
	var r runs
	failures := map[time.Time]int{march: 2}
	failing := scheduler.Job{Name: "close-month", Spec: "0 0 1 * *", Since: january, Run: func(_ context.Context, period time.Time) error {
		r.add("close-month", period)
		if failures[period] > 0 {
			failures[period]--
			return broken
		}
		return nil
	}}
	s := newScheduler(t, scheduler.Config{Store: newStore(), Clock: func() time.Time { return april }}, failing, r.noting("other", "0 0 1 4 *", january))

	report, err := s.RunDue(t.Context())
	require.ErrorIs(t, err, broken)
	assert.EqualError(t, err, `job "close-month" of 2026-02-28T23:00:00Z: no connection`)
	assert.Equal(t, append(periods("close-month", february), periods("other", april)...), report.Finished, "others go on, later periods wait")
	require.Len(t, report.Failed, 1)
	assert.Equal(t, &scheduler.JobError{Job: "close-month", Period: march, Err: broken}, report.Failed[0])

	_, err = s.RunDue(t.Context())
	require.ErrorIs(t, err, broken, "tried again, at once")
	report, err = s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, periods("close-month", march, april), report.Finished)
	assert.Equal(t, []string{"2026-02-01 00:00 +0100", "2026-03-01 00:00 +0100", "2026-03-01 00:00 +0100", "2026-03-01 00:00 +0100", "2026-04-01 00:00 +0200"},
		r.of("close-month"))
}

func TestPanic(t *testing.T) {
	t.Parallel()
	cause := errors.New("out of paper")
	for _, value := range []any{cause, "out of paper"} {
		var r runs
		var log bytes.Buffer
		s := newScheduler(t, scheduler.Config{
			Store: newStore(), Clock: func() time.Time { return february }, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		}, scheduler.Job{Name: "close-month", Spec: "0 0 1 * *", Since: january, Run: func(context.Context, time.Time) error { panic(value) }},
			r.noting("other", "0 0 1 * *", january))
		report, err := s.RunDue(t.Context())
		assert.EqualError(t, err, `job "close-month" of 2026-01-31T23:00:00Z: panic: out of paper`)
		var panicked *scheduler.PanicError
		require.ErrorAs(t, err, &panicked)
		assert.Equal(t, value, panicked.Value)
		assert.Contains(t, string(panicked.Stack), "TestPanic")
		assert.Equal(t, value == cause, errors.Is(err, cause))
		assert.Equal(t, periods("other", february), report.Finished)
		assert.Contains(t, log.String(), `level=ERROR msg="job failed" job=close-month period=2026-01-31T23:00:00.000Z error="panic: out of paper" stack=`)
		assert.Contains(t, log.String(), `level=INFO msg="job finished" job=other period=2026-01-31T23:00:00.000Z`)
	}
}

func TestStoreFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("store is down")
	for method, want := range map[string]string{
		"LastJob":   `job "close-month": store is down`,
		"ClaimJob":  `job "close-month" of 2026-01-31T23:00:00Z: store is down`,
		"FinishJob": `job "close-month" of 2026-01-31T23:00:00Z: done, but not marked finished: store is down`,
	} {
		var r runs
		st := newStore()
		st.fail(method, broken)
		s := newScheduler(t, scheduler.Config{Store: st, Clock: func() time.Time { return february }}, r.noting("close-month", "0 0 1 * *", january))
		report, err := s.RunDue(t.Context())
		require.ErrorIs(t, err, broken)
		assert.EqualError(t, err, want)
		assert.Empty(t, report.Finished)
		assert.Len(t, report.Failed, 1)

		st.fail("", nil)
		report, err = s.RunDue(t.Context())
		require.NoError(t, err)
		assert.Equal(t, periods("close-month", february), report.Finished)
	}
}

func TestLeaseOfAnOwnerThatDied(t *testing.T) {
	t.Parallel()
	var r runs
	st, c := newStore(), testclock.New(march)
	_, ok, err := st.ClaimJob(t.Context(), travel.JobClaim{Job: "close-month", Period: february, Owner: "dead", Now: february, Until: march.Add(time.Minute)})
	require.NoError(t, err)
	require.True(t, ok)
	job := r.noting("close-month", "0 0 1 * *", january)
	s := newScheduler(t, scheduler.Config{Store: st, Clock: c.Now}, job)

	report, err := s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, scheduler.Report{Held: periods("close-month", february)}, report, "held, and March waits for it")
	assert.Empty(t, r.all())

	c.Set(march.Add(time.Minute))
	report, err = s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, periods("close-month", february, march), report.Finished, "taken over when the lease has ended")

	reborn := newScheduler(t, scheduler.Config{Store: st, Clock: c.Now, Owner: "dead"}, job)
	report, err = reborn.RunDue(t.Context())
	require.NoError(t, err)
	assert.Empty(t, report)
}

func TestOwnerThatIsRebornGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	var r runs
	st := newStore()
	_, ok, err := st.ClaimJob(t.Context(), travel.JobClaim{Job: "close-month", Period: february, Owner: "web-1", Now: february, Until: march})
	require.NoError(t, err)
	require.True(t, ok)
	s := newScheduler(t, scheduler.Config{Store: st, Clock: func() time.Time { return february }}, r.noting("close-month", "0 0 1 * *", january))
	_, err = s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, periods("close-month", february), r.all())
}

// A run that was overtaken does not finish the period of the one who took over.
func TestLeaseThatWasLost(t *testing.T) {
	t.Parallel()
	st, c := newStore(), testclock.New(february)
	var r runs
	second := newScheduler(t, scheduler.Config{Store: st, Clock: c.Now, Owner: "web-2"}, r.noting("close-month", "0 0 1 * *", january))
	first := newScheduler(t, scheduler.Config{Store: st, Clock: c.Now, Owner: "web-1", LeaseFor: time.Hour},
		scheduler.Job{Name: "close-month", Spec: "0 0 1 * *", Since: january, Run: func(ctx context.Context, _ time.Time) error {
			report, err := second.RunDue(ctx)
			require.NoError(t, err)
			assert.Len(t, report.Held, 1, "while the lease lasts")
			c.Set(february.Add(time.Hour))
			report, err = second.RunDue(ctx)
			require.NoError(t, err)
			assert.Len(t, report.Finished, 1)
			return nil
		}})
	report, err := first.RunDue(t.Context())
	require.ErrorIs(t, err, travel.ErrLeaseLost)
	assert.Empty(t, report.Finished)
	assert.Equal(t, periods("close-month", february), r.all())
	report, err = first.RunDue(t.Context())
	require.NoError(t, err)
	assert.Empty(t, report)
}

// What another machine finishes between the look and the claim is not run, and
// the next period is.
func TestPeriodThatWasFinishedMeanwhile(t *testing.T) {
	t.Parallel()
	st := newStore()
	var r runs
	other := newScheduler(t, scheduler.Config{Store: st, Owner: "web-2", Clock: func() time.Time { return february }},
		r.noting("close-month", "0 0 1 * *", january))
	slow := &overtaken{store: st, meanwhile: func() {
		_, err := other.RunDue(t.Context())
		assert.NoError(t, err)
	}}
	s := newScheduler(t, scheduler.Config{Store: slow, Clock: func() time.Time { return march }}, r.noting("close-month", "0 0 1 * *", january))
	report, err := s.RunDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, scheduler.Report{Finished: periods("close-month", march)}, report)
	assert.Equal(t, periods("close-month", february, march), r.all())
}

// overtaken lets something happen before the first claim.
type overtaken struct {
	*store
	meanwhile func()
}

func (o *overtaken) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	if o.meanwhile != nil {
		o.meanwhile()
		o.meanwhile = nil
	}
	return o.store.ClaimJob(ctx, c)
}

// However many machines tick, each period runs once, in order, and never two
// of one job at a time.
func TestManyMachines(t *testing.T) {
	t.Parallel()
	const machines, days = 6, 40
	st, now := newStore(), january.AddDate(0, 0, days)
	var r runs
	var running [2]atomic.Int32
	job := func(n int) scheduler.Job {
		name := fmt.Sprintf("job %d", n)
		return scheduler.Job{Name: name, Spec: "0 0 * * *", Since: january, Run: func(_ context.Context, period time.Time) error {
			assert.Equal(t, int32(1), running[n].Add(1), "two runs of %s at once", name)
			r.add(name, period)
			runtime.Gosched()
			running[n].Add(-1)
			return nil
		}}
	}
	var group sync.WaitGroup
	for m := range machines {
		s := newScheduler(t, scheduler.Config{Store: st, Clock: func() time.Time { return now }, Owner: fmt.Sprintf("web-%d", m)}, job(0), job(1))
		group.Go(func() {
			for {
				report, err := s.RunDue(t.Context())
				if !assert.NoError(t, err) || len(report.Held) == 0 {
					return
				}
			}
		})
	}
	group.Wait()
	for n := range 2 {
		got := r.of(fmt.Sprintf("job %d", n))
		require.Len(t, got, days)
		for i, p := range got {
			assert.Equal(t, january.In(stockholm).AddDate(0, 0, i+1).Format("2006-01-02")+" 00:00 +0100", p, "in order, each once")
		}
	}
}
