package memory

import (
	"context"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// jobs holds the jobs, by name.
type jobs struct {
	mu   sync.Mutex
	jobs map[string]travel.Job
}

// LastJob implements travel.JobStore.
func (s *Store) LastJob(ctx context.Context, job string) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	return s.jobs.jobs[job].Finished, nil
}

// ClaimJob implements travel.JobStore.
func (s *Store) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	if err := ctx.Err(); err != nil {
		return travel.JobClaim{}, false, err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	j, given := s.jobs.jobs[c.Job].Claimed(c)
	if !given {
		return travel.JobClaim{}, false, nil
	}
	s.jobs.jobs[c.Job] = j
	return j.Held, true, nil
}

// FinishJob implements travel.JobStore.
func (s *Store) FinishJob(ctx context.Context, c travel.JobClaim) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	j, err := s.jobs.jobs[c.Job].Ended(c)
	if err == nil {
		s.jobs.jobs[c.Job] = j
	}
	return err
}
