package sms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

// leased is message n under a lease that begins at start and lasts a minute.
func leased(t *testing.T, n byte) sms.Queued {
	t.Helper()
	m, ok := waiting(t, n).Leased(sms.LeaseRequest{Now: start, Until: start.Add(time.Minute), Owner: "a"})
	require.True(t, ok)
	return m
}

func TestDueAndLease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at   time.Duration
		m    func(sms.Queued) sms.Queued
		want bool
	}{
		"at its time":            {0, nil, true},
		"before its time":        {-1, nil, false},
		"under a lease":          {time.Minute - 1, func(sms.Queued) sms.Queued { return leased(t, 1) }, false},
		"when the lease ends":    {time.Minute, func(sms.Queued) sms.Queued { return leased(t, 1) }, true},
		"superseded":             {time.Hour, func(m sms.Queued) sms.Queued { return m.Superseded(start) }, false},
		"long after its end too": {1000 * time.Hour, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := waiting(t, 1)
			if c.m != nil {
				m = c.m(m)
			}
			r := sms.LeaseRequest{Now: start.Add(c.at), Until: start.Add(c.at + time.Hour), Owner: "b"}
			got, ok := m.Leased(r)
			assert.Equal(t, c.want, ok)
			assert.Equal(t, c.want, m.Due(r.Now))
			want := m
			if c.want {
				want.LeaseOwner, want.LeaseUntil, want.LeaseToken = "b", r.Until, m.LeaseToken+1
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestOnlyThePresentLeaseCounts(t *testing.T) {
	t.Parallel()
	m := leased(t, 1)
	attempt := sms.AttemptRequest{Token: m.LeaseToken, At: start, Until: start.Add(time.Minute)}
	settle := sms.Settlement{Token: m.LeaseToken, State: sms.StateSent, At: start}

	t.Run("it does", func(t *testing.T) {
		t.Parallel()
		begun, err := m.Attempted(attempt, sms.Guard{})
		require.NoError(t, err)
		assert.Equal(t, 1, begun.Attempts)
		assert.Equal(t, sms.StateUnknown, begun.State)
		settled, err := begun.Settled(settle)
		require.NoError(t, err)
		assert.Equal(t, sms.StateSent, settled.State)

		_, err = settled.Settled(settle)
		require.ErrorIs(t, err, sms.ErrLeaseLost, "settled twice")
		_, err = settled.Attempted(attempt, sms.Guard{})
		require.ErrorIs(t, err, sms.ErrLeaseLost, "attempted after it was settled")
	})
	t.Run("another has taken it", func(t *testing.T) {
		t.Parallel()
		other, ok := m.Leased(sms.LeaseRequest{Now: start.Add(time.Minute), Until: start.Add(2 * time.Minute), Owner: "b"})
		require.True(t, ok)
		got, err := other.Attempted(attempt, sms.Guard{})
		require.ErrorIs(t, err, sms.ErrLeaseLost)
		assert.Equal(t, other, got)
		got, err = other.Settled(settle)
		require.ErrorIs(t, err, sms.ErrLeaseLost)
		assert.Equal(t, other, got)
	})
	t.Run("it ended, and nobody has taken it", func(t *testing.T) {
		t.Parallel()
		late := attempt
		late.At = start.Add(time.Hour)
		late.Until = late.At.Add(time.Minute)
		begun, err := m.Attempted(late, sms.Guard{})
		require.NoError(t, err)
		assert.Equal(t, late.Until, begun.LeaseUntil, "the lease is renewed")
	})
	t.Run("never leased", func(t *testing.T) {
		t.Parallel()
		_, err := waiting(t, 1).Attempted(sms.AttemptRequest{At: start}, sms.Guard{})
		require.ErrorIs(t, err, sms.ErrLeaseLost)
		_, err = waiting(t, 1).Settled(sms.Settlement{State: sms.StateSent, At: start})
		require.ErrorIs(t, err, sms.ErrLeaseLost)
	})
	t.Run("superseded under the lease", func(t *testing.T) {
		t.Parallel()
		_, err := m.Superseded(start).Attempted(attempt, sms.Guard{})
		require.ErrorIs(t, err, sms.ErrLeaseLost)
	})
}

func TestSupersededAndErased(t *testing.T) {
	t.Parallel()
	at := start.Add(time.Hour)
	sent := waiting(t, 1)
	sent.State, sent.NextAt, sent.Sealed = sms.StateSent, time.Time{}, sms.Sealed{}
	maybe := waiting(t, 1)
	maybe.State, maybe.Attempts = sms.StateUnknown, 1

	for name, c := range map[string]struct {
		m     sms.Queued
		state sms.State
		ended bool
	}{
		"waiting":                  {waiting(t, 1), sms.StateFailed, true},
		"waiting for another try":  {maybe, sms.StateUnknown, true},
		"sent already":             {sent, sms.StateSent, false},
		"delivered while it waits": {reported(maybe, sms.StateDelivered), sms.StateDelivered, false},
	} {
		t.Run("R13 "+name, func(t *testing.T) {
			t.Parallel()
			got := c.m.Superseded(at)
			assert.Equal(t, c.state, got.State)
			assert.False(t, got.Waiting())
			assert.True(t, got.Sealed.IsZero())
			assert.Equal(t, number, got.To.E164())
			if !c.ended {
				assert.Equal(t, c.m, got)
				return
			}
			assert.Equal(t, sms.CodeSuperseded, got.ErrorCode)
			assert.Equal(t, at, got.UpdatedAt)
			assert.Equal(t, got, got.Superseded(at.Add(time.Hour)), "a second time changes nothing")
		})
		t.Run("R44 "+name, func(t *testing.T) {
			t.Parallel()
			got := c.m.Erased(at)
			assert.True(t, got.To.IsZero(), "the number is gone, whatever the state")
			assert.Equal(t, c.state, got.State)
			assert.False(t, got.Waiting())
			assert.True(t, got.Sealed.IsZero())
			assert.Equal(t, at, got.UpdatedAt)
			if c.ended {
				assert.Equal(t, sms.CodeErased, got.ErrorCode)
			}
		})
	}
}

func reported(m sms.Queued, s sms.State) sms.Queued {
	m, _ = m.Reported(sms.DeliveryReport{State: s, At: start})
	return m
}

func TestReportKeepsItsReason(t *testing.T) {
	t.Parallel()
	m := reported(waiting(t, 1), sms.StateSent)
	m, changed := m.Reported(sms.DeliveryReport{
		State: sms.StateFailed, Gateway: "g", GatewayID: "7", ErrorCode: "30003", At: start.Add(time.Hour),
	})
	assert.True(t, changed)
	assert.Equal(t, "30003", m.ErrorCode)
	assert.Equal(t, "7", m.GatewayID)
	assert.Equal(t, start.Add(time.Hour), m.UpdatedAt)

	late, changed := m.Reported(sms.DeliveryReport{State: sms.StateSent, GatewayID: "8", ErrorCode: "0", At: start.Add(2 * time.Hour)})
	assert.False(t, changed)
	assert.Equal(t, m, late)

	delivered, changed := m.Reported(sms.DeliveryReport{State: sms.StateDelivered, GatewayID: "8", At: start.Add(2 * time.Hour)})
	assert.True(t, changed)
	assert.Equal(t, "7", delivered.GatewayID, "an earlier attempt may tell too")
	assert.Empty(t, delivered.ErrorCode, "what arrived has no error")

	odd, changed := waiting(t, 1).Reported(sms.DeliveryReport{State: sms.State(9), At: start})
	assert.False(t, changed)
	assert.Equal(t, waiting(t, 1), odd)
}
