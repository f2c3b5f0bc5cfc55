package sms_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

var states = []sms.State{sms.StateQueued, sms.StateSent, sms.StateUnknown, sms.StateFailed, sms.StateDelivered}

func TestStateAdvances(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, next, want sms.State
	}{
		{sms.StateQueued, sms.StateSent, sms.StateSent},
		{sms.StateQueued, sms.StateUnknown, sms.StateUnknown},
		{sms.StateQueued, sms.StateDelivered, sms.StateDelivered},
		{sms.StateSent, sms.StateDelivered, sms.StateDelivered},
		{sms.StateSent, sms.StateFailed, sms.StateFailed},
		{sms.StateUnknown, sms.StateDelivered, sms.StateDelivered},
		{sms.StateUnknown, sms.StateFailed, sms.StateFailed},
		{sms.StateFailed, sms.StateDelivered, sms.StateDelivered},
		{sms.StateDelivered, sms.StateFailed, sms.StateDelivered},
		{sms.StateDelivered, sms.StateSent, sms.StateDelivered},
		{sms.StateFailed, sms.StateSent, sms.StateFailed},
		{sms.StateSent, sms.StateQueued, sms.StateSent},
		{sms.StateSent, sms.StateSent, sms.StateSent},
		{sms.StateSent, sms.State(99), sms.StateSent},
	} {
		got, moved := c.from.Advance(c.next)
		assert.Equal(t, c.want, got, "%s then %s", c.from, c.next)
		assert.Equal(t, c.want != c.from, moved, "%s then %s", c.from, c.next)
	}
}

func TestStateText(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(states)
	require.NoError(t, err)
	assert.JSONEq(t, `["queued","sent","unknown","failed","delivered"]`, string(data))
	var back []sms.State
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, states, back)

	_, err = sms.ParseState("Delivered")
	require.ErrorIs(t, err, sms.ErrState)
	assert.ErrorContains(t, err, `"Delivered"`)
	_, err = json.Marshal(sms.State(99))
	require.ErrorIs(t, err, sms.ErrState)
	assert.Equal(t, "state 99", fmt.Sprint(sms.State(99)))
}

// Whatever reports come, however often and in whatever order, the message ends
// the same. All sequences of up to four reports are tried, and all orders of each.
func TestReportsInAnyOrderEndTheSame(t *testing.T) {
	t.Parallel()
	for _, from := range []sms.State{sms.StateQueued, sms.StateSent, sms.StateUnknown} {
		ends := map[string]sms.Queued{} // by the set of reports
		sequences(4, func(reports []sms.State) {
			m := waiting(t, 1)
			m.State = from
			set := [5]bool{}
			for i, s := range reports {
				before := m
				var changed bool
				m, changed = m.Reported(sms.DeliveryReport{State: s, Gateway: "g", GatewayID: "1", At: start})
				require.GreaterOrEqual(t, m.State, before.State, "%s: report %d of %v", from, i, reports)
				require.Equal(t, changed, before.State != m.State || before.Waiting() != m.Waiting())
				set[s] = true
			}
			set[sms.StateQueued] = false // says nothing
			key := fmt.Sprint(set)
			if end, ok := ends[key]; ok {
				require.Equal(t, end, m, "%s: %v", from, reports)
			}
			ends[key] = m
			require.Equal(t, set == [5]bool{}, m.Waiting(), "a report means that a gateway has it")
			require.Equal(t, m.Waiting(), !m.Sealed.IsZero(), "wiped when it waits no longer")
		})
		require.Len(t, ends, 16)
	}
}

// sequences calls f with every sequence of n or fewer states.
func sequences(n int, f func([]sms.State)) {
	var grow func(prefix []sms.State)
	grow = func(prefix []sms.State) {
		f(prefix)
		if len(prefix) < n {
			for _, s := range states {
				grow(append(prefix[:len(prefix):len(prefix)], s))
			}
		}
	}
	grow(nil)
}
