package otel_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/otel"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestPurchases(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	require.Nil(t, k.buy(200).Decline)
	require.Nil(t, k.buy(200).Decline)
	require.NotNil(t, k.buy(200).Decline)
	k.key--
	require.NotNil(t, k.buy(200).Decline, "sent again")
	reserved, err := k.trips.Authorize(t.Context(), travel.AuthorizeRequest{Holder: k.holder, Key: "a", Tickets: []travel.Ticket{ticket(100)}})
	require.NoError(t, err)
	_, err = k.trips.Release(t.Context(), travel.ReleaseRequest{Holder: k.holder, Key: "r", Authorization: reserved.Authorization})
	require.NoError(t, err)
	stranger := k.holder
	stranger.Method.Company[0]++
	_, err = k.trips.Authorize(t.Context(), travel.AuthorizeRequest{Holder: stranger, Key: "s", Tickets: []travel.Ticket{ticket(100)}})
	require.ErrorIs(t, err, travel.ErrNotFound)

	m := k.metrics()
	for name, want := range map[string]float64{
		"decision.duration operation=purchase outcome=done":     2,
		"decision.duration operation=purchase outcome=declined": 1,
		"decision.duration operation=purchase outcome=repeated": 1,
		"decision.duration operation=authorize outcome=done":    1,
		"decision.duration operation=release outcome=done":      1,
		"decision.duration operation=authorize outcome=error":   1,
	} {
		assert.Equal(t, want, m[name], name)
	}
	assert.NotContains(t, fmt.Sprint(m), "purchases", "events are counted when they are consumed")
	k.clock.Add(7 * time.Second)
	k.consume()
	m = k.metrics()
	for name, want := range map[string]float64{
		"purchases outcome=authorized": 3, "purchases outcome=captured": 2, "purchases outcome=declined": 1,
		"purchases outcome=released": 1, "declines reason=limit_exceeded": 1, "events event=company.applied": 1,
		"events event=purchase.captured": 2, "outbox.age": 0,
	} {
		assert.Equal(t, want, m[name], name)
	}
	assert.Equal(t, 7*m["outbox.delay"], m["outbox.delay sum"])
	k.consume()
	assert.Equal(t, m, k.metrics(), "each event counts once")
}

func TestCompanies(t *testing.T) {
	t.Parallel()
	k := setup(t, true)
	require.NotNil(t, k.buy(501).Decline)
	k.consume()
	company := " company=" + k.holder.Method.Company.String()
	m := k.metrics()
	assert.Equal(t, 1.0, m["purchases"+company+" outcome=declined"], m)
	assert.Equal(t, 1.0, m["declines"+company+" reason=limit_exceeded"], m)
}

func TestOutboxAge(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	k.consume()
	k.buy(10)
	k.clock.Add(time.Minute)
	k.buy(10)
	lease := func() {
		now := k.clock.Now()
		_, err := k.events.LeaseEvents(t.Context(), "x", now, now.Add(time.Minute), 1000)
		require.NoError(t, err)
	}
	lease()
	k.clock.Add(30 * time.Second)
	assert.Equal(t, 90.0, k.metrics()["outbox.age"], "the consumer is stuck: the oldest counts")
	k.clock.Add(30 * time.Second)
	k.consume()
	assert.Equal(t, 0.0, k.metrics()["outbox.age"])

	k.buy(10)
	lease()
	now := k.clock.Now().Add(time.Minute)
	k.clock.Set(now)
	list, err := k.store.LeaseEvents(t.Context(), "another process", now, now.Add(time.Minute), 1000)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	lease()
	assert.Equal(t, 0.0, k.metrics()["outbox.age"], "another process has them now")
}

type failing struct {
	travel.EventQueue
	sms.Queue
	travel.JobStore
}

var errDown = errors.New("down: " + number)

func (failing) LeaseEvents(context.Context, string, time.Time, time.Time, int) ([]travel.Event, error) {
	return nil, errDown
}
func (failing) SettleEvents(context.Context, string, ...travel.EventID) error { return errDown }
func (failing) LeaseMessages(context.Context, sms.LeaseRequest) ([]sms.Queued, error) {
	return nil, errDown
}
func (failing) SettleMessage(context.Context, sms.Settlement) error     { return errDown }
func (failing) ReceiveReport(context.Context, sms.DeliveryReport) error { return errDown }
func (failing) FinishJob(context.Context, travel.JobClaim) error        { return errDown }
func (failing) LastJob(context.Context, string) (time.Time, error)      { return time.Time{}, errDown }
func (failing) ClaimJob(context.Context, travel.JobClaim) (travel.JobClaim, bool, error) {
	return travel.JobClaim{}, true, errDown
}

// What fails is returned as it is and counts as nothing.
func TestFailures(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	before := k.metrics()
	events, err := k.seen.Events(failing{})
	require.NoError(t, err)
	queue, err := k.seen.Queue(failing{})
	require.NoError(t, err)
	jobs, err := k.seen.Jobs(failing{})
	require.NoError(t, err)
	_, err = events.LeaseEvents(t.Context(), "", start, start, 1)
	require.Equal(t, errDown, err)
	require.Equal(t, errDown, events.SettleEvents(t.Context(), "", travel.EventID{1}))
	_, err = queue.LeaseMessages(t.Context(), sms.LeaseRequest{})
	require.Equal(t, errDown, err)
	require.Equal(t, errDown, queue.SettleMessage(t.Context(), sms.Settlement{}))
	require.Equal(t, errDown, queue.ReceiveReport(t.Context(), sms.DeliveryReport{}))
	_, _, err = jobs.ClaimJob(t.Context(), travel.JobClaim{})
	require.Equal(t, errDown, err)
	require.Equal(t, errDown, jobs.FinishJob(t.Context(), travel.JobClaim{}))
	assert.Equal(t, before, k.metrics())
}

func TestMessages(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	m := k.metrics()
	assert.Equal(t, 1.0, m["sms.attempts sms.again=false sms.state=sent"], m)
	assert.Equal(t, 1.0, m["sms.send.duration outcome=sent"], m)
	assert.Equal(t, 0.0, m["sms.age"], m)
	require.NoError(t, k.queue.ReceiveReport(t.Context(), sms.DeliveryReport{
		Gateway: "test", GatewayID: k.phone.last.ID.String(), State: sms.StateDelivered, At: k.clock.Now(),
	}))
	assert.Equal(t, 1.0, k.metrics()["sms.reports sms.state=delivered"])

	k.phone.err = &sms.SendError{Kind: sms.KindTemporary, Err: errDown}
	_, err := k.trips.Connect(t.Context(), k.admin, travel.ConnectRequest{
		Company: k.holder.Method.Company, Traveler: k.holder.Method.Traveler, Key: "again",
	})
	require.NoError(t, err)
	k.send()
	k.clock.Add(2 * time.Minute)
	m = k.metrics()
	assert.Equal(t, 1.0, m["sms.attempts sms.again=true sms.state=queued"], m)
	assert.Equal(t, 1.0, m["sms.send.duration outcome=temporary"], m)
	assert.Equal(t, 120.0, m["sms.age"], "it waits for another attempt")
	k.clock.Add(10 * time.Minute)
	k.phone.err = &sms.SendError{Kind: sms.KindPermanent}
	k.send()
	m = k.metrics()
	assert.Equal(t, 1.0, m["sms.attempts sms.again=false sms.state=failed"]+m["sms.attempts sms.again=false sms.state=queued"], m)
	assert.Equal(t, 1.0, m["sms.send.duration outcome=permanent"], m)
	assert.Equal(t, 0.0, m["sms.age"])
	_, err = k.seen.Sender(&phone{err: errDown}).Send(t.Context(), sms.Message{})
	require.Equal(t, errDown, err)
	assert.Equal(t, 1.0, k.metrics()["sms.send.duration outcome=unknown"])
}

func TestJobs(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	jobs, err := k.seen.Jobs(k.store, "close", "never")
	require.NoError(t, err)
	claim, ok, err := jobs.ClaimJob(t.Context(), travel.JobClaim{
		Job: "close", Period: start.Add(-time.Minute), Owner: "x", Now: start, Until: start.Add(time.Hour),
	})
	require.NoError(t, err)
	require.True(t, ok)
	_, ok, err = jobs.ClaimJob(t.Context(), travel.JobClaim{Job: "close", Period: start, Owner: "y", Now: start, Until: start.Add(time.Hour)})
	require.NoError(t, err)
	require.False(t, ok)
	m := k.metrics()
	assert.Equal(t, 1.0, m["job.delay job=close"], "who did not get it has no delay")
	assert.Equal(t, 60.0, m["job.delay sum job=close"])
	assert.NotContains(t, m, "job.age job=close", "none is finished")
	require.NoError(t, jobs.FinishJob(t.Context(), claim))
	k.clock.Add(time.Hour)
	m = k.metrics()
	assert.Equal(t, 1.0, m["job.runs job=close"])
	assert.Equal(t, 3660.0, m["job.age job=close"])
	assert.NotContains(t, m, "job.age job=never")
}

func TestAudit(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	var drifts []travel.Drift
	var failure error
	audit, err := k.seen.Audit("travel", func(context.Context) ([]travel.Drift, error) { return drifts, failure })
	require.NoError(t, err)
	assert.NotContains(t, k.metrics(), "audit.age audit=travel")
	run := func() map[string]float64 {
		got, err := audit(t.Context())
		assert.Equal(t, drifts, got)
		assert.Equal(t, failure, err)
		return k.metrics()
	}
	m := run()
	assert.Equal(t, 0.0, m["audit.age audit=travel"])
	for _, invariant := range []string{"I1", "I2", "I3", "I4", "I5", "I6"} {
		assert.Contains(t, m, "audit.drift audit=travel invariant="+invariant)
	}
	k.clock.Add(time.Hour)
	drifts = []travel.Drift{{Invariant: "I1", Detail: name}, {Invariant: "I2"}, {Invariant: "I2"}}
	failure = errDown
	assert.Equal(t, 3600.0, run()["audit.age audit=travel"], "one that fails is none")
	failure = nil
	m = run()
	assert.Equal(t, 0.0, m["audit.age audit=travel"])
	assert.Equal(t, 1.0, m["audit.drift audit=travel invariant=I1"])
	assert.Equal(t, 2.0, m["audit.drift audit=travel invariant=I2"])
	drifts = nil
	assert.Equal(t, 0.0, run()["audit.drift audit=travel invariant=I2"])
	real, err := k.seen.Audit("real", k.trips.Audit)
	require.NoError(t, err)
	_, err = real(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 0.0, k.metrics()["audit.drift audit=real invariant=I1"])
}

func TestWatch(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	size, oldest := 3, start.Add(-time.Minute)
	require.NoError(t, k.seen.Watch("ledger", func(context.Context) (int, time.Time, error) { return size, oldest, nil }))
	m := k.metrics()
	assert.Equal(t, 3.0, m["queue.size queue=ledger"])
	assert.Equal(t, 60.0, m["queue.age queue=ledger"])
	size, oldest = 0, time.Time{}
	m = k.metrics()
	assert.Equal(t, 0.0, m["queue.size queue=ledger"])
	assert.Equal(t, 0.0, m["queue.age queue=ledger"])
	require.NoError(t, k.seen.Close())
	assert.NotContains(t, k.metrics(), "queue.size queue=ledger")
}

// I7: everything that is recorded is looked through.
func TestNothingPersonal(t *testing.T) {
	t.Parallel()
	k := setup(t, false)
	k.buy(200)
	k.buy(501)
	k.phone.err = errDown
	_, err := k.trips.Connect(t.Context(), k.admin, travel.ConnectRequest{
		Company: k.holder.Method.Company, Traveler: k.holder.Method.Traveler, Key: "again",
	})
	require.NoError(t, err)
	k.send()
	_, err = k.trips.Capture(t.Context(), travel.CaptureRequest{Holder: k.holder, Key: "c", Purpose: purpose})
	require.Error(t, err)
	k.consume()
	spans := k.spans.GetSpans()
	text := fmt.Sprint(k.metrics()) + fmt.Sprintf("%+v", spans)
	for _, secret := range []string{
		name, "Ek", "701234567", purpose, "stadshuset", "Habo", "2120001629", "staff-7", "device", "down:",
		k.holder.Method.Company.String(), k.holder.Method.Traveler.String(),
	} {
		assert.NotContains(t, text, secret)
	}
	found := map[string]int{}
	for _, s := range spans {
		var words []string
		for _, a := range s.Attributes {
			words = append(words, strings.TrimPrefix(string(a.Key), "tjansteresor.")+"="+a.Value.Emit())
		}
		found[s.Name+" "+s.Status.Code.String()+" "+strings.Join(words, " ")]++
	}
	for _, want := range []string{
		"travel.decide Unset operation=purchase outcome=done",
		"travel.decide Unset operation=purchase outcome=declined reason=limit_exceeded",
		"travel.decide Error operation=capture outcome=error error.type=not_found",
		"sms.send Unset outcome=sent",
		"sms.send Error outcome=unknown",
	} {
		assert.Equal(t, 1, found[want], "%s in %v", want, found)
	}
}

// Without providers, and after any use, nothing runs that the host has not
// started.
func TestNothingIsStarted(t *testing.T) { // not parallel: it counts
	before := runtime.NumGoroutine()
	seen, err := otel.New(otel.Options{})
	require.NoError(t, err)
	k := setup(t, false)
	store := seen.Store(k.store)
	trips, err := travel.New(travel.Config{Store: store, Keys: k.keys, Clock: k.clock.Now})
	require.NoError(t, err)
	r, err := trips.Balance(t.Context(), k.holder)
	require.NoError(t, err)
	assert.Equal(t, "500", r.Available.String())
	k.buy(10)
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}
