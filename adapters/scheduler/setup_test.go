package scheduler_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/scheduler"
	"github.com/tjansteresor/tjansteresor/travel"
)

var stockholm = location("Europe/Stockholm")

func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// local is an instant in Stockholm's wall-clock time.
func local(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, stockholm).UTC()
}

// store is a travel.JobStore to look into, and to break.
type store struct {
	mu       sync.Mutex
	claims   map[string]travel.JobClaim
	finished map[string]time.Time
	newest   map[string]time.Time
	// broken fails the method of this name.
	broken string
	err    error
}

func newStore() *store {
	return &store{claims: map[string]travel.JobClaim{}, finished: map[string]time.Time{}, newest: map[string]time.Time{}}
}

func periodKey(job string, period time.Time) string {
	return job + " " + period.Format(time.RFC3339Nano)
}

func (s *store) enter(ctx context.Context, method string) error {
	s.mu.Lock()
	if s.broken == method {
		return s.err
	}
	return ctx.Err()
}

func (s *store) fail(method string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken, s.err = method, err
}

func (s *store) LastJob(ctx context.Context, job string) (time.Time, error) {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "LastJob"); err != nil {
		return time.Time{}, err
	}
	return s.newest[job], nil
}

func (s *store) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "ClaimJob"); err != nil {
		return travel.JobClaim{}, false, err
	}
	key := periodKey(c.Job, c.Period)
	held, claimed := s.claims[key]
	if _, finished := s.finished[key]; finished || claimed && held.Owner != c.Owner && held.Until.After(c.Now) {
		return travel.JobClaim{}, false, nil
	}
	c.Token = held.Token + 1
	s.claims[key] = c
	return c, true, nil
}

func (s *store) FinishJob(ctx context.Context, c travel.JobClaim) error {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "FinishJob"); err != nil {
		return err
	}
	key := periodKey(c.Job, c.Period)
	if s.claims[key].Token != c.Token {
		return travel.ErrLeaseLost
	}
	s.finished[key] = c.Period
	if c.Period.After(s.newest[c.Job]) {
		s.newest[c.Job] = c.Period
	}
	return nil
}

// runs remembers which periods were run, in order.
type runs struct {
	mu   sync.Mutex
	list []scheduler.Period
}

func (r *runs) add(job string, period time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, scheduler.Period{Job: job, At: period})
}

func (r *runs) all() []scheduler.Period {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// of returns the periods of a job in Stockholm's wall-clock time.
func (r *runs) of(job string) (periods []string) {
	for _, p := range r.all() {
		if p.Job == job {
			periods = append(periods, p.At.In(stockholm).Format("2006-01-02 15:04 -0700"))
		}
	}
	return periods
}

// noting returns a job that only notes that it ran.
func (r *runs) noting(name, spec string, since time.Time) scheduler.Job {
	return scheduler.Job{Name: name, Spec: spec, Since: since, Run: func(_ context.Context, period time.Time) error {
		r.add(name, period)
		return nil
	}}
}

func newScheduler(t *testing.T, c scheduler.Config, jobs ...scheduler.Job) *scheduler.Scheduler {
	t.Helper()
	if c.Owner == "" {
		c.Owner = "web-1"
	}
	if c.Zone == nil {
		c.Zone = stockholm
	}
	s, err := scheduler.New(c, jobs...)
	require.NoError(t, err)
	return s
}
