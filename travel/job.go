package travel

import (
	"context"
	"errors"
	"time"
)

// ErrLeaseLost is returned when another process has taken over what was
// leased.
var ErrLeaseLost = errors.New("lease lost")

// JobStore is the storage port of scheduled jobs: each period of a job happens
// once, however many machines tick. It is implemented by the same value as
// [Store] and used by adapters/scheduler.
type JobStore interface {
	// LastJob returns the newest period of a job that is finished; the zero
	// time when there is none.
	LastJob(ctx context.Context, job string) (time.Time, error)
	// ClaimJob takes a job for one of its periods, for an owner until an
	// instant. It is false when the period or a later one is finished, or
	// another owner holds the job beyond Now. A claim that has ended is taken
	// over, with a fresh Token. So a job needs one row, however often it runs.
	ClaimJob(ctx context.Context, c JobClaim) (JobClaim, bool, error)
	// FinishJob marks the claimed period finished, for good, and lets the job
	// go. A claim that was taken over meanwhile is [ErrLeaseLost].
	FinishJob(ctx context.Context, c JobClaim) error
}

// JobClaim is a period of a job that an owner runs.
type JobClaim struct {
	Job string
	// Period is the instant at which the period was due, in UTC.
	Period time.Time
	Owner  string
	// Now and Until are the instants of the claim and of its end.
	Now, Until time.Time
	// Token fences: it grows with every claim of the job.
	Token int64
}

// Job is what a store keeps of a job: one record, by name. The methods are the
// rules of [JobStore]; a store locks the record, calls one, and saves what
// comes back. The zero Job has never run.
type Job struct {
	// Finished is the newest period that is finished; zero for none.
	Finished time.Time
	// Held is the claim that has the job; a zero Period is none. Its Token is
	// that of the latest claim, also when that has ended.
	Held JobClaim
}

// Claimed gives the job to a claim, to the microsecond. It reports false when
// the period or a later one is finished, or another owner has the job.
func (j Job) Claimed(c JobClaim) (Job, bool) {
	c.Period, c.Now, c.Until = stored(c.Period), stored(c.Now), stored(c.Until)
	if !j.Finished.IsZero() && !c.Period.After(j.Finished) {
		return j, false
	}
	if !j.Held.Period.IsZero() && j.Held.Owner != c.Owner && j.Held.Until.After(c.Now) {
		return j, false
	}
	c.Token = j.Held.Token + 1
	j.Held = c
	return j, true
}

// Ended marks the claimed period as finished. The error is [ErrLeaseLost].
func (j Job) Ended(c JobClaim) (Job, error) {
	held := j.Held
	if held.Period.IsZero() || held.Token != c.Token || held.Owner != c.Owner || !held.Period.Equal(stored(c.Period)) {
		return j, ErrLeaseLost
	}
	return Job{Finished: held.Period, Held: JobClaim{Job: held.Job, Token: held.Token}}, nil
}

// stored is an instant as stores keep it.
func stored(t time.Time) time.Time { return t.Truncate(time.Microsecond).UTC() }
