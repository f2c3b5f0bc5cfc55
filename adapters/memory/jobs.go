package memory

import (
	"context"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// jobs holds the periods of jobs by name and instant, in microseconds.
type jobs struct {
	mu      sync.Mutex
	periods map[string]map[int64]*jobPeriod
}

type jobPeriod struct {
	claim    travel.JobClaim
	finished bool
}

// LastJob implements travel.JobStore.
func (s *Store) LastJob(ctx context.Context, job string) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	var newest time.Time
	for _, p := range s.jobs.periods[job] {
		if p.finished && p.claim.Period.After(newest) {
			newest = p.claim.Period
		}
	}
	return newest, nil
}

// ClaimJob implements travel.JobStore.
func (s *Store) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	if err := ctx.Err(); err != nil {
		return travel.JobClaim{}, false, err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	periods := s.jobs.periods[c.Job]
	if periods == nil {
		periods = map[int64]*jobPeriod{}
		s.jobs.periods[c.Job] = periods
	}
	p := periods[c.Period.UnixMicro()]
	if p == nil {
		p = &jobPeriod{}
		periods[c.Period.UnixMicro()] = p
	}
	if p.finished || p.claim.Owner != c.Owner && p.claim.Until.After(c.Now) {
		return travel.JobClaim{}, false, nil
	}
	c.Token = p.claim.Token + 1
	p.claim = c
	return c, true, nil
}

// FinishJob implements travel.JobStore.
func (s *Store) FinishJob(ctx context.Context, c travel.JobClaim) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	p := s.jobs.periods[c.Job][c.Period.UnixMicro()]
	if p == nil || p.claim.Owner != c.Owner || p.claim.Token != c.Token {
		return travel.ErrLeaseLost
	}
	p.finished = true
	return nil
}
