package sms_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

// to gives a message another number.
func to(t *testing.T, m sms.Queued, digits string) sms.Queued {
	t.Helper()
	n, err := sms.PhoneNumberFromE164(digits)
	require.NoError(t, err)
	m.To = n
	return m
}

// limited is a desk with limits, on n messages, each to another number unless
// same, each later than the one before.
func limited(t *testing.T, l sms.Limits, n int, same bool) *desk {
	t.Helper()
	var list []sms.Queued
	for i := range n {
		m := waiting(t, byte(i+1))
		if !same {
			m = to(t, m, fmt.Sprintf("+467012345%02d", i))
		}
		list = append(list, m)
	}
	d := setup(t, list...)
	zone, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(t, err)
	d.options.Limits, d.options.Zone = l, zone
	d.dispatcher = d.open(t, d.queue, d.gateway)
	return d
}

func TestLimits(t *testing.T) {
	t.Parallel()
	// start is 2 March 2026, 09:00 in Stockholm.
	midnight := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		limits sms.Limits
		same   bool
		until  time.Time
		code   string
	}{
		"per number and day":   {sms.Limits{NumberPerDay: 2}, true, midnight, sms.CodeLimitNumber},
		"per company and hour": {sms.Limits{CompanyPerHour: 2}, false, start.Truncate(time.Hour).Add(time.Hour), sms.CodeLimitCompany},
		"per operator and day": {sms.Limits{OperatorPerDay: 2}, false, midnight, sms.CodeLimitOperator},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := limited(t, c.limits, 3, c.same)
			assert.Equal(t, sms.Summary{Leased: 3, Sent: 2, Deferred: 1}, d.run(t))
			row := d.queue.row(3)
			assert.Equal(t, sms.StateQueued, row.State, "no gateway has seen it")
			assert.Equal(t, c.code, row.ErrorCode, "and an administrator sees why")
			assert.Zero(t, row.Attempts)
			assert.Equal(t, c.until.Add(5*time.Minute), row.NextAt)
			assert.False(t, row.Sealed.IsZero())

			d.now = row.NextAt
			assert.Equal(t, sms.Summary{Leased: 1, Sent: 1}, d.run(t))
			assert.Empty(t, d.queue.row(3).ErrorCode)
			for w := range d.queue.counts {
				assert.True(t, w.End.After(d.now), "what is over is forgotten: %+v", w)
			}
		})
	}
}

func TestLimitsCountApart(t *testing.T) {
	t.Parallel()
	d := limited(t, sms.Limits{NumberPerDay: 1, CompanyPerHour: 1}, 3, false)
	for n := byte(2); n <= 3; n++ {
		other := d.queue.rows[messageID(n)]
		other.Company[0] = n
		d.queue.rows[messageID(n)] = other
	}
	assert.Equal(t, sms.Summary{Leased: 3, Sent: 3}, d.run(t), "other numbers of other companies")
}

// A retry is a message more on the phone, and on the bill.
func TestLimitsCountAttempts(t *testing.T) {
	t.Parallel()
	d := limited(t, sms.Limits{NumberPerDay: 2}, 1, true)
	d.gateway.script = []error{unknown("timeout"), unknown("timeout")}
	for range 2 {
		d.run(t)
		d.now = d.queue.row(1).NextAt
	}
	assert.Equal(t, sms.Summary{Leased: 1, Deferred: 1}, d.run(t))
	assert.Equal(t, sms.StateUnknown, d.queue.row(1).State, "it may have arrived")
	assert.Len(t, d.gateway.sent, 2)
}

func TestALimitDoesNotOutlastTheCode(t *testing.T) {
	t.Parallel()
	d := limited(t, sms.Limits{NumberPerDay: 1}, 2, true)
	m := d.queue.rows[messageID(2)]
	m.Expires = start.Add(time.Hour)
	d.queue.rows[messageID(2)] = m
	assert.Equal(t, sms.Summary{Leased: 2, Sent: 1, Failed: 1}, d.run(t))
	assert.Equal(t, sms.StateFailed, d.queue.row(2).State)
	assert.Equal(t, sms.CodeLimitNumber, d.queue.row(2).ErrorCode)
	assert.True(t, d.queue.row(2).Sealed.IsZero())
}

func TestTheKillSwitch(t *testing.T) {
	t.Parallel()
	d := setup(t, waiting(t, 1), waiting(t, 2), waiting(t, 3))
	d.options.BatchSize = 2
	d.dispatcher = d.open(t, d.queue, d.gateway)
	require.NoError(t, d.dispatcher.Halt(t.Context(), "staff-7", "storm"))
	assert.Equal(t, sms.Summary{Halted: true}, d.run(t))
	assert.Empty(t, d.gateway.sent)
	for _, row := range d.queue.all() {
		assert.Zero(t, row.LeaseToken, "not even leased")
	}
	halt, err := d.dispatcher.Halted(t.Context())
	require.NoError(t, err)
	assert.Equal(t, sms.Halt{On: true, By: "staff-7", Reason: "storm", At: start}, halt)
	assert.Contains(t, d.log.String(), `"msg":"sms: kill switch","on":true,"by":"staff-7","reason":"storm"`)

	require.NoError(t, d.dispatcher.Resume(t.Context(), "staff-7", "over"))
	assert.Equal(t, sms.Summary{Leased: 3, Sent: 3}, d.run(t))
}

// It stops a run between two messages, and what was leased waits untouched.
func TestTheKillSwitchStopsARun(t *testing.T) {
	t.Parallel()
	d := setup(t, waiting(t, 1), waiting(t, 2), waiting(t, 3), waiting(t, 4))
	d.options.BatchSize = 3
	d.dispatcher = d.open(t, d.queue, d.gateway)
	d.now = start.Add(time.Minute)
	d.gateway.during = func(_ context.Context, n int) {
		if n == 0 {
			require.NoError(t, d.dispatcher.Halt(t.Context(), "staff-7", "storm"))
		}
	}
	assert.Equal(t, sms.Summary{Leased: 3, Sent: 1, Deferred: 2, Halted: true}, d.run(t))
	for n := byte(2); n <= 4; n++ {
		row := d.queue.row(n)
		assert.Equal(t, sms.StateQueued, row.State)
		assert.Equal(t, start, row.NextAt)
		assert.Empty(t, row.ErrorCode)
		assert.False(t, row.Sealed.IsZero())
	}
	require.NoError(t, d.dispatcher.Resume(t.Context(), "staff-7", "over"))
	assert.Equal(t, sms.Summary{Leased: 3, Sent: 3}, d.run(t))
}

func TestLimitError(t *testing.T) {
	t.Parallel()
	err := error(&sms.LimitError{Scope: sms.ScopeNumber, Until: start})
	require.ErrorIs(t, err, sms.ErrLimit)
	assert.EqualError(t, err, "no more messages per number")
	var full *sms.LimitError
	require.True(t, errors.As(fmt.Errorf("store: %w", err), &full))
}

// Days begin at midnight of the zone, also when the clocks change: 29 March
// 2026 has 23 hours in Stockholm.
func TestLimitsByTheDayOfTheZone(t *testing.T) {
	t.Parallel()
	d := limited(t, sms.Limits{NumberPerDay: 1}, 2, true)
	for id, m := range d.queue.rows {
		m.NextAt, m.Expires = time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), time.Date(2026, 4, 4, 0, 0, 0, 0, time.UTC)
		if id == messageID(2) {
			m.NextAt = m.NextAt.Add(time.Hour)
		}
		d.queue.rows[id] = m
	}
	d.now = time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC)
	assert.Equal(t, sms.Summary{Leased: 1, Sent: 1}, d.run(t))
	d.now = d.now.Add(time.Hour)
	assert.Equal(t, sms.Summary{Leased: 1, Deferred: 1}, d.run(t), "another day in UTC, and the same one here")
	assert.Equal(t, time.Date(2026, 3, 29, 22, 5, 0, 0, time.UTC), d.queue.row(2).NextAt)
}
