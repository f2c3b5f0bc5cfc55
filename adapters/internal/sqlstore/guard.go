package sqlstore

import (
	"context"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// haltRow is the one row of the kill switch.
const haltRow = "sms"

func haltColumns(h *sms.Halt) []column {
	id := haltRow
	return []column{
		text("id", &id),
		flag("halted", &h.On),
		text("turned_by", &h.By),
		text("reason", &h.Reason),
		instant("turned_at", &h.At),
	}
}

// halt reads the kill switch without locking it: one that is turned at this
// very moment counts from the next attempt on.
func (x *tx) halt(ctx context.Context) (h sms.Halt, err error) {
	list, err := list(ctx, x, "halt", haltColumns, "WHERE id = $1", haltRow)
	if err == nil && len(list) > 0 {
		h = list[0]
	}
	return h, err
}

// Halted implements sms.Queue.
func (s *Store) Halted(ctx context.Context) (h sms.Halt, err error) {
	err = s.transact(ctx, Snapshot, func(x *tx) (err error) {
		h, err = x.halt(ctx)
		return err
	})
	return h, err
}

// SetHalt implements sms.Queue.
func (s *Store) SetHalt(ctx context.Context, h sms.Halt) error {
	return s.transact(ctx, Write, func(x *tx) error { return x.save(ctx, "halt", 1, haltColumns(&h)) })
}

// messageCount is how many attempts fell into a window.
type messageCount struct {
	scope, key string
	start, end time.Time
	n          int
}

func messageCountColumns(c *messageCount) []column {
	return []column{
		text("counted", &c.key),
		text("scope", &c.scope),
		instant("started_at", &c.start),
		instant("ended_at", &c.end),
		number("attempts", &c.n),
	}
}

// messageCounts locks the counts of windows, in their order.
func (x *tx) messageCounts(ctx context.Context, windows []sms.Window) ([]messageCount, error) {
	var counts []messageCount
	for _, w := range windows {
		c := messageCount{scope: w.Scope, key: w.Key, start: w.Start, end: w.End}
		if _, err := x.insert(ctx, "message_count", messageCountColumns(&c)); err != nil {
			return nil, err
		}
		c, _, err := get(ctx, x, "message_count", messageCountColumns,
			"WHERE counted = $1 AND scope = $2 AND started_at = $3", w.Key, w.Scope, x.at(w.Start))
		if err != nil {
			return nil, err
		}
		counts = append(counts, c)
	}
	return counts, nil
}

func (x *tx) raiseCounts(ctx context.Context, counts []messageCount) error {
	for _, c := range counts {
		c.n++
		if err := x.save(ctx, "message_count", 3, messageCountColumns(&c)); err != nil {
			return err
		}
	}
	return nil
}

// ForgetCounts implements sms.Queue.
func (s *Store) ForgetCounts(ctx context.Context, ended time.Time) error {
	return s.transact(ctx, Write, func(x *tx) error {
		_, err := x.exec(ctx, "DELETE FROM {message_count} WHERE ended_at <= $1", x.at(ended))
		return err
	})
}
