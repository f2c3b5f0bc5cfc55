package sqlstore

import (
	"context"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// jobColumns are those of the job that is held, or was the last time.
func jobColumns(j *travel.Job) []column {
	return []column{
		text("job", &j.Held.Job),
		instant("finished", &j.Finished),
		instant("period", &j.Held.Period),
		text("owner", &j.Held.Owner),
		instant("claimed_at", &j.Held.Now),
		instant("until", &j.Held.Until),
		number("token", &j.Held.Token),
	}
}

func (x *tx) job(ctx context.Context, name string) (travel.Job, error) {
	j, _, err := get(ctx, x, "job", jobColumns, "WHERE job = $1", name)
	return j, err
}

// LastJob implements travel.JobStore.
func (s *Store) LastJob(ctx context.Context, name string) (last time.Time, err error) {
	err = s.transact(ctx, Snapshot, func(x *tx) error {
		j, err := x.job(ctx, name)
		last = j.Finished
		return err
	})
	return last, err
}

// ClaimJob implements travel.JobStore. A job that nobody has claimed yet gets a
// row first, so that there is one to lock.
func (s *Store) ClaimJob(ctx context.Context, c travel.JobClaim) (claim travel.JobClaim, given bool, err error) {
	err = s.transact(ctx, Write, func(x *tx) error {
		claim, given = travel.JobClaim{}, false
		if _, err := x.insert(ctx, "job", jobColumns(&travel.Job{Held: travel.JobClaim{Job: c.Job}})); err != nil {
			return err
		}
		j, err := x.job(ctx, c.Job)
		if err != nil {
			return err
		}
		if j, given = j.Claimed(c); !given {
			return nil
		}
		claim = j.Held
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
		if j, err = j.Ended(c); err != nil {
			return err
		}
		return x.save(ctx, "job", 1, jobColumns(&j))
	})
}
