package memory

import (
	"context"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// jobs holds what is known of each job, by name.
type jobs struct {
	mu   sync.Mutex
	jobs map[string]*job
}

type job struct {
	// finished is the newest period that is.
	finished time.Time
	claim    travel.JobClaim
	held     bool
}

func (j *jobs) get(name string) *job {
	if j.jobs[name] == nil {
		j.jobs[name] = &job{}
	}
	return j.jobs[name]
}

// LastJob implements travel.JobStore.
func (s *Store) LastJob(ctx context.Context, job string) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	return s.jobs.get(job).finished, nil
}

// ClaimJob implements travel.JobStore.
func (s *Store) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	if err := ctx.Err(); err != nil {
		return travel.JobClaim{}, false, err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	j := s.jobs.get(c.Job)
	taken := j.held && j.claim.Owner != c.Owner && j.claim.Until.After(c.Now)
	if taken || !j.finished.IsZero() && !c.Period.After(j.finished) {
		return travel.JobClaim{}, false, nil
	}
	c.Token = j.claim.Token + 1
	j.claim, j.held = c, true
	return c, true, nil
}

// FinishJob implements travel.JobStore.
func (s *Store) FinishJob(ctx context.Context, c travel.JobClaim) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	j := s.jobs.get(c.Job)
	if !j.held || j.claim.Owner != c.Owner || j.claim.Token != c.Token || !j.claim.Period.Equal(c.Period) {
		return travel.ErrLeaseLost
	}
	j.finished, j.held = c.Period, false
	return nil
}
