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
