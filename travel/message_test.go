package travel_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR13_SendingAgainMakesANewCode(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{})
	k.connect(id, "500")
	k.deliver()
	username, old := k.credentials()

	req := travel.ResendRequest{Company: k.company, Traveler: id, Key: "again-1"}
	_, err := k.Resend(k.ctx, k.admin, req)
	var wait *travel.CooldownError
	require.ErrorAs(t, err, &wait)
	require.ErrorIs(t, err, travel.ErrCooldown)
	assert.Equal(t, k.clock.Now().Add(2*time.Minute), wait.Until)
	require.Len(t, k.deliver(), 1)

	k.clock.Set(wait.Until)
	connection, err := k.Resend(k.ctx, k.admin, req)
	require.NoError(t, err)
	repeated, err := k.Resend(k.ctx, k.admin, req)
	require.NoError(t, err)
	assert.Equal(t, connection, repeated, "R42 the same key sends once")
	require.Len(t, k.deliver(), 2)

	_, err = k.Activate(k.ctx, travel.ActivateRequest{Username: username, Code: old, Number: k.number(annas), Device: "phone"})
	require.ErrorIs(t, err, travel.ErrActivation)
	k.activate(annas, "phone")
	view, err := k.Traveler(k.ctx, k.admin, k.company, id)
	require.NoError(t, err)
	assert.Equal(t, "500", view.Limit.String(), "the limit stays")

	k.clock.Add(time.Hour)
	req.Key = "again-2"
	_, err = k.Resend(k.ctx, k.admin, req)
	require.ErrorIs(t, err, travel.ErrConflict, "nobody waits for a code")
	req.Traveler = k.add("070-123 45 99", travel.TravelerDetails{})
	_, err = k.Resend(k.ctx, k.admin, req)
	require.ErrorIs(t, err, travel.ErrConflict)
}

func TestAdministratorsSeeWhatBecameOfAnSMS(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{})
	k.connect(id, "500")
	messages := func() []travel.MessageView {
		t.Helper()
		list, err := k.Messages(k.ctx, k.admin, k.company, id)
		require.NoError(t, err)
		return list
	}
	queued := messages()
	require.Len(t, queued, 1)
	assert.Equal(t, sms.StateQueued, queued[0].State)
	assert.Equal(t, k.clock.Now(), queued[0].NextAt)
	k.deliver()
	sent := messages()[0]
	assert.Equal(t, sms.StateSent, sent.State)
	assert.Equal(t, 1, sent.Attempts)
	assert.Zero(t, sent.NextAt)
	require.NoError(t, k.store.ReceiveReport(k.ctx, sms.DeliveryReport{
		Company: k.company, ID: sent.ID, State: sms.StateFailed, ErrorCode: "30003", At: k.clock.Now(),
	}))
	failed := messages()[0]
	assert.Equal(t, sms.StateFailed, failed.State)
	assert.Equal(t, "30003", failed.ErrorCode)

	k.clock.Add(time.Hour)
	_, err := k.Resend(k.ctx, k.admin, travel.ResendRequest{Company: k.company, Traveler: id, Key: "again"})
	require.NoError(t, err)
	both := messages()
	require.Len(t, both, 2)
	assert.Equal(t, sms.StateQueued, both[0].State, "newest first")
}

// An import does not empty the outbox at once, and says before what it costs.
func TestR07_AnImportIsSentAtARate(t *testing.T) {
	t.Parallel()
	k := setup(t, func(c *travel.Config) { c.ImportRate, c.SegmentPrice = 60, kr("0.35") })
	file := k.readText("Förnamn,Efternamn,Mobilnummer,Kreditgräns\nA,A,070-123 45 01,500\nB,B,070-123 45 02,\nC,C,070-123 45 03,500\nD,D,070-123 45 04,500\n")
	req := travel.ImportRequest{Company: k.company, File: file, Key: "i1"}
	plan, err := k.PlanImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	assert.Equal(t, []any{3, 3, "1.05", 2 * time.Second}, []any{plan.ToSend, plan.Segments, plan.Cost.String(), plan.SentWithin})
	_, err = k.ApplyImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	for n := 1; n <= 3; n++ {
		assert.Len(t, k.deliver(), n)
		assert.Len(t, k.deliver(), n, "not before its second")
		k.clock.Add(time.Second)
	}
}

func TestConfigOfMessages(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for field, change := range map[string]func(*travel.Config){
		"Config.ImportRate":     func(c *travel.Config) { c.ImportRate = 59 },
		"Config.ResendCooldown": func(c *travel.Config) { c.ResendCooldown = -1 },
		"Config.SegmentPrice":   func(c *travel.Config) { c.SegmentPrice = kr("-0.01") },
	} {
		c := travel.Config{Store: k.store, Keys: k.keys}
		change(&c)
		_, err := travel.New(c)
		var input *travel.InputError
		require.ErrorAs(t, err, &input, field)
		assert.Equal(t, field, input.Field)
	}
}
