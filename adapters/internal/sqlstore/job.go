package sqlstore

import (
	"context"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// job is what is known of a job.
type job struct {
	name string
	// finished is the newest period that is; zero for none.
	finished time.Time
	// period, owner and until are of the claim that holds the job; a zero
	// period is none.
	period time.Time
	owner  string
	until  time.Time
	// token is the one of the latest claim.
	token int64
}

func jobColumns(j *job) []column {
	return []column{
		text("job", &j.name),
		instant("finished", &j.finished),
		instant("period", &j.period),
		text("owner", &j.owner),
		instant("until", &j.until),
		number("token", &j.token),
	}
}

// takes tells whether a claim is given, by the contract of travel.JobStore.
func (j job) takes(c travel.JobClaim) bool {
	if !j.finished.IsZero() && !stored(c.Period).After(j.finished) {
		return false
	}
	return j.period.IsZero() || j.owner == c.Owner || !j.until.After(c.Now)
}

// holds tells whether a claim is the latest and not finished.
func (j job) holds(c travel.JobClaim) bool {
	return !j.period.IsZero() && j.token == c.Token && j.owner == c.Owner && j.period.Equal(stored(c.Period))
}

// stored is an instant as it is when it has been stored.
func stored(t time.Time) time.Time { return t.Truncate(time.Microsecond) }

func (x *tx) job(ctx context.Context, name string) (job, error) {
	j, _, err := get(ctx, x, "job", jobColumns, "WHERE job = $1", name)
	j.name = name
	return j, err
}

// LastJob implements travel.JobStore.
func (s *Store) LastJob(ctx context.Context, name string) (last time.Time, err error) {
	err = s.transact(ctx, Snapshot, func(x *tx) error {
		j, err := x.job(ctx, name)
		last = j.finished
		return err
	})
	return last, err
}

// ClaimJob implements travel.JobStore. A job that nobody has claimed yet gets a
// row first, so that there is one to lock.
func (s *Store) ClaimJob(ctx context.Context, c travel.JobClaim) (claim travel.JobClaim, given bool, err error) {
	err = s.transact(ctx, Write, func(x *tx) error {
		claim, given = travel.JobClaim{}, false
		if _, err := x.insert(ctx, "job", jobColumns(&job{name: c.Job})); err != nil {
			return err
		}
		j, err := x.job(ctx, c.Job)
		if err != nil || !j.takes(c) {
			return err
		}
		j.period, j.owner, j.until, j.token = c.Period, c.Owner, c.Until, j.token+1
		claim, given = c, true
		claim.Token = j.token
		return x.save(ctx, "job", 1, jobColumns(&j))
	})
	if err != nil {
		return travel.JobClaim{}, false, err
	}
	return claim, given, nil
}

// FinishJob implements travel.JobStore.
func (s *Store) FinishJob(ctx context.Context, c travel.JobClaim) error {
	return s.transact(ctx, Write, func(x *tx) error {
		j, err := x.job(ctx, c.Job)
		if err != nil {
			return err
		}
		if !j.holds(c) {
			return travel.ErrLeaseLost
		}
		j.finished, j.period, j.owner, j.until = c.Period, time.Time{}, "", time.Time{}
		return x.save(ctx, "job", 1, jobColumns(&j))
	})
}
