package sqlstore

import (
	"context"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// eventFree is the condition under which an event may be leased, now being $1.
const eventFree = "(lease_until IS NULL OR lease_until <= $1)"

// LeaseEvents implements travel.EventQueue. Events are looked for without a
// lock, and each is leased if it is still free: another process may have been
// faster. When it was so with all of them there may be more to look for.
func (s *Store) LeaseEvents(ctx context.Context, owner string, now, until time.Time, limit int) (leased []travel.Event, err error) {
	err = s.transact(ctx, Write, func(x *tx) error {
		for {
			free, err := list(ctx, x, "event", eventColumns, "WHERE "+eventFree+" ORDER BY id LIMIT $2", x.at(now), max(limit, 0))
			if err != nil || len(free) == 0 {
				leased = nil
				return err
			}
			if leased, err = x.leaseEvents(ctx, owner, now, until, free); err != nil || len(leased) > 0 {
				return err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return leased, nil
}

// leaseEvents leases those that are free indeed.
func (x *tx) leaseEvents(ctx context.Context, owner string, now, until time.Time, free []travel.Event) ([]travel.Event, error) {
	taken := make([]int64, len(free))
	statements := make([]Statement, len(free))
	for i, e := range free {
		statements[i] = Statement{
			SQL:      "UPDATE {event} SET lease_owner = $2, lease_until = $3 WHERE company = $4 AND id = $5 AND " + eventFree,
			Args:     []any{x.at(now), owner, x.at(until), x.id(e.Company), x.id(e.ID)},
			Affected: &taken[i],
		}
	}
	if err := x.run(ctx, statements...); err != nil {
		return nil, err
	}
	var leased []travel.Event
	for i, e := range free {
		if taken[i] > 0 {
			leased = append(leased, e)
		}
	}
	return leased, nil
}

// SettleEvents implements travel.EventQueue.
func (s *Store) SettleEvents(ctx context.Context, owner string, ids ...travel.EventID) error {
	// In order, so that nobody waits in a circle.
	ids = slices.SortedFunc(slices.Values(ids), travel.EventID.Compare)
	return s.transact(ctx, Write, func(x *tx) error {
		return x.run(ctx, convert(ids, func(id travel.EventID) Statement {
			return Statement{
				SQL:  "DELETE FROM {event} WHERE id = $1 AND lease_owner = $2 AND lease_until IS NOT NULL",
				Args: []any{x.id(id), owner},
			}
		})...)
	})
}
