package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// clock is the demo's: real time, and as much later as the buttons have moved
// it. How much is a setting, so that it survives a restart. A real backend has
// time.Now.
type clock struct {
	real   func() time.Time
	zone   *time.Location
	db     *database
	offset atomic.Int64
}

const clockSetting = "clock offset"

func openClock(ctx context.Context, db *database, real func() time.Time, zone *time.Location) (*clock, error) {
	c := &clock{real: real, zone: zone, db: db}
	stored, err := db.setting(ctx, clockSetting)
	if err != nil || stored == "" {
		return c, err
	}
	offset, err := strconv.ParseInt(stored, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("setting %q: %w", clockSetting, err)
	}
	c.offset.Store(offset)
	return c, nil
}

// now is the instant in UTC.
func (c *clock) now() time.Time {
	return c.real().Add(time.Duration(c.offset.Load())).UTC()
}

// local is the instant as people in the operator's zone have it.
func (c *clock) local() time.Time { return c.now().In(c.zone) }

var errStep = errors.New("the clock moves by an hour, a day or a month")

// move moves the clock forward: "hour", or to 08:00 on the next "day", or to
// 08:00 on the 1st of the next "month".
func (c *clock) move(ctx context.Context, step string) error {
	now := c.local()
	year, month, day := now.Date()
	const morning = 8
	var to time.Time
	switch step {
	case "hour":
		to = now.Add(time.Hour)
	case "day":
		to = time.Date(year, month, day+1, morning, 0, 0, 0, c.zone)
	case "month":
		to = time.Date(year, month+1, 1, morning, 0, 0, 0, c.zone)
	default:
		return errStep
	}
	before := c.offset.Load()
	after := before + int64(to.Sub(now))
	if err := c.db.setSetting(ctx, clockSetting, strconv.FormatInt(after, 10)); err != nil {
		return err
	}
	c.offset.CompareAndSwap(before, after) // who else has moved it meanwhile was first
	return nil
}

// micros is how the host's tables keep an instant; the zero one is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant reads what micros wrote.
func instant(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
