package sms_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

// gateway is a Sender that answers from a script, then takes everything.
type gateway struct {
	mu     sync.Mutex
	script []error
	sent   []sms.Message
	during func(ctx context.Context, n int) // what happens while message n is sent, from 0
}

func (g *gateway) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	g.mu.Lock()
	n := len(g.sent)
	g.sent = append(g.sent, m)
	g.mu.Unlock()
	if g.during != nil {
		g.during(ctx, n)
	}
	if n < len(g.script) && g.script[n] != nil {
		return sms.Receipt{}, g.script[n]
	}
	return sms.Receipt{Gateway: "test", GatewayID: fmt.Sprintf("g%d", n)}, nil
}

// desk is a dispatcher with all that surrounds it.
type desk struct {
	queue      *queue
	gateway    *gateway
	now        time.Time
	limits     []time.Duration
	log        bytes.Buffer
	options    sms.DispatcherOptions
	dispatcher *sms.Dispatcher
}

// setup opens a desk at start. Waits are as long as they may be.
func setup(t *testing.T, messages ...sms.Queued) *desk {
	t.Helper()
	d := &desk{queue: newQueue(messages...), gateway: &gateway{}, now: start}
	d.options = sms.DispatcherOptions{
		From:   "Resor",
		Limits: sms.Limits{NumberPerDay: -1, CompanyPerHour: -1, OperatorPerDay: -1},
		Clock:  func() time.Time { return d.now },
		Jitter: func(limit time.Duration) time.Duration { d.limits = append(d.limits, limit); return limit },
		Logger: slog.New(slog.NewJSONHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	d.dispatcher = d.open(t, d.queue, d.gateway)
	return d
}

func (d *desk) open(t *testing.T, q sms.Queue, s sms.Sender) *sms.Dispatcher {
	t.Helper()
	dispatcher, err := sms.NewDispatcher(q, s, newRing(t), d.options)
	require.NoError(t, err)
	return dispatcher
}

func (d *desk) run(t *testing.T) sms.Summary {
	t.Helper()
	s, err := d.dispatcher.RunDue(t.Context(), d.now)
	require.NoError(t, err)
	return s
}

// runOut runs until message 1 waits no longer, each time at the instant when it is due.
func (d *desk) runOut(t *testing.T) (total []sms.Summary) {
	t.Helper()
	for range 10 {
		total = append(total, d.run(t))
		row := d.queue.row(1)
		if !row.Waiting() {
			return total
		}
		d.now = row.NextAt
	}
	require.Fail(t, "still waiting after ten runs")
	return nil
}

func temporary(code string) error { return &sms.SendError{Kind: sms.KindTemporary, Code: code} }
func unknown(code string) error   { return &sms.SendError{Kind: sms.KindUnknown, Code: code} }
func permanent(code string) error { return &sms.SendError{Kind: sms.KindPermanent, Code: code} }

func TestR09WaitingMessageIsSentOnce(t *testing.T) {
	t.Parallel()
	d := setup(t, waiting(t, 1))
	d.now = start.Add(time.Minute)
	assert.Equal(t, sms.Summary{Leased: 1, Sent: 1}, d.run(t))
	assert.Equal(t, sms.Summary{}, d.run(t), "nothing is left")

	require.Len(t, d.gateway.sent, 1)
	m := d.gateway.sent[0]
	assert.Equal(t, messageID(1), m.ID)
	assert.Equal(t, number, m.To.E164())
	assert.Equal(t, "Resor", m.From)
	assert.Equal(t, text, m.Text)
	assert.Equal(t, start.AddDate(0, 0, 7), m.Expires)

	row := d.queue.row(1)
	assert.Equal(t, sms.StateSent, row.State)
	assert.Equal(t, "test", row.Gateway)
	assert.Equal(t, "g0", row.GatewayID)
	assert.Equal(t, 1, row.Attempts)
	assert.Equal(t, d.now, row.UpdatedAt)
	assert.Empty(t, row.LeaseOwner)
	assert.Zero(t, row.LeaseUntil)
	assert.True(t, row.Sealed.IsZero(), "a message that will not be sent again is wiped")
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script []error
		sends  int
		state  sms.State
		code   string
	}{
		"taken at once":                         {nil, 1, sms.StateSent, ""},
		"taken at the second":                   {[]error{temporary("429")}, 2, sms.StateSent, ""},
		"taken at the third":                    {[]error{unknown("timeout"), temporary("429")}, 3, sms.StateSent, ""},
		"never taken":                           {[]error{temporary("1"), temporary("2"), temporary("3")}, 3, sms.StateFailed, "3"},
		"never heard of":                        {[]error{unknown("1"), unknown("2"), unknown("3")}, 3, sms.StateUnknown, "3"},
		"may have been taken in between":        {[]error{temporary("1"), unknown("2"), temporary("3")}, 3, sms.StateUnknown, "3"},
		"refused for good":                      {[]error{permanent("21211")}, 1, sms.StateFailed, "21211"},
		"refused for good after a failure":      {[]error{temporary("1"), permanent("2")}, 2, sms.StateFailed, "2"},
		"refused, but maybe taken before":       {[]error{unknown("1"), permanent("2")}, 2, sms.StateUnknown, "2"},
		"an error that is none of ours":         {[]error{errors.New("a"), errors.New("b"), errors.New("c")}, 3, sms.StateUnknown, "unknown"},
		"no code":                               {[]error{permanent("")}, 1, sms.StateFailed, "permanent"},
		"a code that is no code":                {[]error{permanent(strings.Repeat("x", 41))}, 1, sms.StateFailed, "permanent"},
		"wrapped":                               {[]error{fmt.Errorf("gateway: %w", permanent("9"))}, 1, sms.StateFailed, "9"},
		"a host that is stopping, unknown fate": {[]error{context.Canceled}, 2, sms.StateSent, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, waiting(t, 1))
			d.gateway.script = c.script
			runs := d.runOut(t)

			require.Len(t, d.gateway.sent, c.sends)
			for _, m := range d.gateway.sent {
				assert.Equal(t, d.gateway.sent[0], m, "a retry is the same message with the same text")
			}
			row := d.queue.row(1)
			assert.Equal(t, c.state, row.State)
			assert.Equal(t, c.code, row.ErrorCode)
			assert.Equal(t, c.sends, row.Attempts)
			assert.True(t, row.Sealed.IsZero(), "wiped at the end")
			for _, run := range runs[:len(runs)-1] {
				assert.Equal(t, sms.Summary{Leased: 1, Retried: 1}, run)
			}
			want := sms.Summary{Leased: 1}
			switch c.state {
			case sms.StateSent:
				want.Sent = 1
			case sms.StateFailed:
				want.Failed = 1
			default:
				want.Unknown = 1
			}
			assert.Equal(t, want, runs[len(runs)-1])
		})
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	slow := &sms.SendError{Kind: sms.KindTemporary, RetryAfter: 20 * time.Minute}
	never := &sms.SendError{Kind: sms.KindTemporary, RetryAfter: 20 * time.Hour}
	for name, c := range map[string]struct {
		script        []error
		most          int
		limits, waits []time.Duration
	}{
		"doubles up to the most": {
			[]error{temporary(""), temporary(""), temporary(""), temporary(""), temporary("")}, 6,
			[]time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute},
			[]time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute},
		},
		"no shorter than the gateway asks": {
			[]error{slow, slow}, 3,
			[]time.Duration{5 * time.Minute, 10 * time.Minute},
			[]time.Duration{20 * time.Minute, 20 * time.Minute},
		},
		"but no longer than the most": {
			[]error{never}, 3, []time.Duration{5 * time.Minute}, []time.Duration{30 * time.Minute},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, waiting(t, 1))
			d.options.MaxBackoff, d.options.MaxAttempts = 30*time.Minute, c.most
			d.dispatcher = d.open(t, d.queue, d.gateway)
			d.gateway.script = c.script
			for _, wait := range c.waits {
				d.run(t)
				require.Equal(t, d.now.Add(wait), d.queue.row(1).NextAt)
				d.now = d.now.Add(wait - 1)
				require.Equal(t, sms.Summary{}, d.run(t), "not before its time")
				d.now = d.now.Add(1)
			}
			d.run(t)
			assert.Equal(t, c.limits, d.limits)
			assert.Equal(t, sms.StateSent, d.queue.row(1).State)
		})
	}
}

func TestDefaultJitterStaysWithinTheLimit(t *testing.T) {
	t.Parallel()
	var messages []sms.Queued
	for n := range byte(100) {
		messages = append(messages, waiting(t, n))
	}
	d := setup(t, messages...)
	d.options.Jitter = nil
	d.gateway.script = make([]error, 100)
	for i := range d.gateway.script {
		d.gateway.script[i] = temporary("")
	}
	dispatcher := d.open(t, d.queue, d.gateway)
	for range 2 {
		_, err := dispatcher.RunDue(t.Context(), d.now)
		require.NoError(t, err)
	}
	waits := map[time.Time]bool{}
	for _, row := range d.queue.all() {
		if row.Waiting() {
			waits[row.NextAt] = true
			assert.WithinRange(t, row.NextAt, start, start.Add(5*time.Minute))
		}
	}
	assert.Greater(t, len(waits), 90, "they do not come back all at once")
}

func TestR10ExpiredIsNeverSent(t *testing.T) {
	t.Parallel()
	expires := start.AddDate(0, 0, 7)
	for name, c := range map[string]struct {
		at    time.Time
		sends int
	}{
		"a moment before":     {expires.Add(-1), 1},
		"at the very instant": {expires, 0},
		"a year later":        {expires.AddDate(1, 0, 0), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, waiting(t, 1))
			d.now = c.at
			assert.Equal(t, sms.Summary{Leased: 1, Sent: c.sends, Failed: 1 - c.sends}, d.run(t))
			assert.Len(t, d.gateway.sent, c.sends)
			row := d.queue.row(1)
			assert.True(t, row.Sealed.IsZero(), "wiped")
			assert.False(t, row.Waiting())
			assert.Equal(t, c.sends, row.Attempts)
			if c.sends == 0 {
				assert.Equal(t, sms.StateFailed, row.State)
				assert.Equal(t, sms.CodeExpired, row.ErrorCode)
			}
		})
	}
	t.Run("a retry after the end is not planned", func(t *testing.T) {
		t.Parallel()
		d := setup(t, waiting(t, 1))
		d.now = expires.Add(-5 * time.Minute)
		d.gateway.script = []error{temporary("429")}
		assert.Equal(t, sms.Summary{Leased: 1, Failed: 1}, d.run(t))
		assert.Equal(t, "429", d.queue.row(1).ErrorCode)
		assert.True(t, d.queue.row(1).Sealed.IsZero())
	})
	t.Run("one that may have been taken stays unknown", func(t *testing.T) {
		t.Parallel()
		m := waiting(t, 1)
		m.State, m.Attempts = sms.StateUnknown, 1
		d := setup(t, m)
		d.now = expires
		assert.Equal(t, sms.Summary{Leased: 1, Unknown: 1}, d.run(t))
		assert.Empty(t, d.gateway.sent)
	})
}

func TestPayloadThatDoesNotOpenFailsForGood(t *testing.T) {
	t.Parallel()
	other := waiting(t, 2)
	for name, spoil := range map[string]func(*sms.Queued){
		"sealed for another message": func(m *sms.Queued) { m.Sealed = other.Sealed },
		"changed":                    func(m *sms.Queued) { m.Sealed.Data[20] ^= 1 },
		"a key that is gone":         func(m *sms.Queued) { m.Sealed.KeyID = "k0" },
		"nothing":                    func(m *sms.Queued) { m.Sealed = sms.Sealed{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := waiting(t, 1)
			spoil(&m)
			d := setup(t, m, waiting(t, 3))
			assert.Equal(t, sms.Summary{Leased: 2, Failed: 1, Sent: 1}, d.run(t), "the next one is sent")
			row := d.queue.row(1)
			assert.Equal(t, sms.StateFailed, row.State)
			assert.Equal(t, sms.CodePayload, row.ErrorCode)
			assert.False(t, row.Waiting())
			assert.Zero(t, row.Attempts)
		})
	}
}

func TestR13SupersededIsNeverSent(t *testing.T) {
	t.Parallel()
	supersede := func(d *desk) {
		d.queue.update(1, func(m sms.Queued) sms.Queued { return m.Superseded(start) })
	}
	t.Run("before it is leased", func(t *testing.T) {
		t.Parallel()
		d := setup(t, waiting(t, 1))
		supersede(d)
		assert.Equal(t, sms.Summary{}, d.run(t))
		assert.Empty(t, d.gateway.sent)
	})
	t.Run("between lease and attempt", func(t *testing.T) {
		t.Parallel()
		first := waiting(t, 0)
		d := setup(t, first, waiting(t, 1))
		d.gateway.during = func(context.Context, int) { supersede(d) }
		assert.Equal(t, sms.Summary{Leased: 2, Sent: 1, Lost: 1}, d.run(t))
		assert.Len(t, d.gateway.sent, 1)
		assert.Equal(t, sms.StateFailed, d.queue.row(1).State)
		assert.Equal(t, sms.CodeSuperseded, d.queue.row(1).ErrorCode)
	})
	for name, c := range map[string]struct {
		answer error
		state  sms.State
	}{
		"while it is sent, and taken":     {nil, sms.StateSent},
		"while it is sent, and not taken": {temporary("429"), sms.StateFailed},
		"while it is sent, unknown":       {unknown("timeout"), sms.StateUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, waiting(t, 1))
			d.gateway.script = []error{c.answer}
			d.gateway.during = func(context.Context, int) { supersede(d) }
			d.run(t)
			row := d.queue.row(1)
			assert.Equal(t, c.state, row.State)
			assert.Equal(t, sms.CodeSuperseded, row.ErrorCode)
			assert.False(t, row.Waiting(), "no retry of a void code")
			assert.True(t, row.Sealed.IsZero())
			assert.Zero(t, row.LeaseUntil)
		})
	}
}

func TestReportFasterThanSettlement(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer error
		report sms.State
		want   sms.State
	}{
		"delivered, then the receipt":   {nil, sms.StateDelivered, sms.StateDelivered},
		"sent, then the receipt":        {nil, sms.StateSent, sms.StateSent},
		"failed, then the receipt":      {nil, sms.StateFailed, sms.StateFailed},
		"delivered, then a time-out":    {unknown("timeout"), sms.StateDelivered, sms.StateDelivered},
		"sent, then a time-out":         {unknown("timeout"), sms.StateSent, sms.StateUnknown},
		"delivered, then a connection":  {temporary("reset"), sms.StateDelivered, sms.StateDelivered},
		"delivered, then refused again": {permanent("dup"), sms.StateDelivered, sms.StateDelivered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, waiting(t, 1))
			d.gateway.script = []error{c.answer}
			d.gateway.during = func(ctx context.Context, _ int) {
				assert.NoError(t, d.queue.ReceiveReport(ctx, sms.DeliveryReport{
					Company: company, ID: messageID(1), Gateway: "test", GatewayID: "g0", State: c.report, At: start,
				}))
			}
			d.run(t)
			row := d.queue.row(1)
			assert.Equal(t, c.want, row.State)
			assert.False(t, row.Waiting(), "the gateway has it: no retry")
			assert.Equal(t, "g0", row.GatewayID)
		})
	}
}

// A process that is slower than its leases loses them; the message it was
// sending goes out twice, those it had not begun go out once.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	d := setup(t, waiting(t, 1), waiting(t, 2))
	other := d.open(t, d.queue, d.gateway)
	d.gateway.during = func(ctx context.Context, n int) {
		if n > 0 {
			return
		}
		s, err := other.RunDue(ctx, d.now)
		assert.NoError(t, err)
		assert.Equal(t, sms.Summary{}, s, "leased messages are kept from others")

		d.now = d.now.Add(2 * time.Minute)
		s, err = other.RunDue(ctx, d.now)
		assert.NoError(t, err)
		assert.Equal(t, sms.Summary{Leased: 2, Sent: 2}, s)
	}
	assert.Equal(t, sms.Summary{Leased: 2, Lost: 2}, d.run(t))

	var ids []sms.MessageID
	for _, m := range d.gateway.sent {
		ids = append(ids, m.ID)
	}
	assert.Equal(t, []sms.MessageID{messageID(1), messageID(1), messageID(2)}, ids)
	assert.Equal(t, "g1", d.queue.row(1).GatewayID, "the late settlement changed nothing")
}

// errCrash is what a process dies of.
var errCrash = errors.New("crash")

// crashing kills the process at the n-th thing that it does to the world,
// before or after it is done; or, if it only fails, the answer is an error.
type crashing struct {
	*queue
	*gateway
	left         int
	after, fails bool
}

func (c *crashing) point(do func() error) error {
	c.left--
	if c.left == 0 && !c.after {
		return c.die()
	}
	err := do()
	if c.left == 0 {
		return c.die()
	}
	return err
}

func (c *crashing) die() error {
	if c.fails {
		return errCrash
	}
	panic(errCrash)
}

func (c *crashing) Halted(ctx context.Context) (h sms.Halt, err error) {
	return h, c.point(func() error { h, err = c.queue.Halted(ctx); return err })
}

func (c *crashing) ForgetCounts(ctx context.Context, ended time.Time) error {
	return c.point(func() error { return c.queue.ForgetCounts(ctx, ended) })
}

func (c *crashing) LeaseMessages(ctx context.Context, r sms.LeaseRequest) (m []sms.Queued, err error) {
	err = c.point(func() error { m, err = c.queue.LeaseMessages(ctx, r); return err })
	return m, err
}

func (c *crashing) AttemptMessage(ctx context.Context, r sms.AttemptRequest) (m sms.Queued, err error) {
	err = c.point(func() error { m, err = c.queue.AttemptMessage(ctx, r); return err })
	return m, err
}

func (c *crashing) SettleMessage(ctx context.Context, s sms.Settlement) error {
	return c.point(func() error { return c.queue.SettleMessage(ctx, s) })
}

func (c *crashing) Send(ctx context.Context, m sms.Message) (r sms.Receipt, err error) {
	err = c.point(func() error { r, err = c.gateway.Send(ctx, m); return err })
	return r, err
}

// The process dies, or what it calls fails, at every point in turn, k times in
// a row; then another one takes over. No message is lost, none is sent with
// another text, none more than 3 times, and only the one that was being sent is
// sent again.
func TestCrashAtEveryPoint(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		for _, crashes := range []int{1, 2} {
			for _, after := range []bool{false, true} {
				points := 0
				for n := 1; ; n++ {
					d := setup(t, waiting(t, 1), waiting(t, 2), waiting(t, 3))
					died := 0
					for range crashes {
						if d.dies(t, n, after, fails) {
							died++
						}
						d.now = d.now.Add(11 * time.Minute)
					}
					d.run(t)
					name := fmt.Sprintf("%d crashes at point %d, after=%t, fails=%t", crashes, n, after, fails)
					d.checkAfterCrash(t, name, died)
					if died == 0 {
						break // n is beyond the last point
					}
					points++
				}
				assert.Equal(t, 13, points, "the switch, old counts, lease, three times attempt, send and settle, and a lease of none: all were tried")
			}
		}
	}
}

// dies runs the dispatcher until it crashes or ends, and tells which.
func (d *desk) dies(t *testing.T, n int, after, fails bool) (died bool) {
	c := &crashing{queue: d.queue, gateway: d.gateway, left: n, after: after, fails: fails}
	d.options.BatchSize = 3
	defer func() {
		if r := recover(); r != nil {
			require.Equal(t, errCrash, r)
			died = true
		}
	}()
	if _, err := d.open(t, c, c).RunDue(t.Context(), d.now); err != nil {
		require.ErrorIs(t, err, errCrash)
	}
	return c.left <= 0
}

func (d *desk) checkAfterCrash(t *testing.T, name string, crashes int) {
	t.Helper()
	times := map[sms.MessageID]int{}
	for _, m := range d.gateway.sent {
		require.Equal(t, text, m.Text, name)
		times[m.ID]++
	}
	require.LessOrEqual(t, len(d.gateway.sent), 3+crashes, name)
	for _, row := range d.queue.all() {
		require.Equal(t, sms.StateSent, row.State, name)
		require.False(t, row.Waiting(), name)
		require.True(t, row.Sealed.IsZero(), name)
		require.GreaterOrEqual(t, times[row.ID], 1, "%s: lost", name)
		require.LessOrEqual(t, row.Attempts, 3, name)
	}
}

// A message that kills the process whenever it is sent stops after its
// attempts, and does not take the others with it.
func TestMessageThatKillsItsProcess(t *testing.T) {
	t.Parallel()
	d := setup(t, waiting(t, 1), waiting(t, 2))
	d.gateway.during = func(_ context.Context, n int) {
		if d.gateway.sent[n].ID == messageID(1) {
			panic(errCrash)
		}
	}
	for range 3 {
		assert.PanicsWithValue(t, errCrash, func() { d.run(t) })
		assert.Equal(t, sms.StateUnknown, d.queue.row(1).State)
		d.now = d.now.Add(2 * time.Minute)
	}
	assert.Equal(t, sms.Summary{Leased: 2, Sent: 1, Unknown: 1}, d.run(t))
	row := d.queue.row(1)
	assert.Equal(t, sms.StateUnknown, row.State)
	assert.Equal(t, sms.CodeAttempts, row.ErrorCode)
	assert.Equal(t, 3, row.Attempts)
	assert.True(t, row.Sealed.IsZero())
	assert.Len(t, d.gateway.sent, 4)
}

// A host that stops still notes what the gateway has taken.
func TestStoppingSettlesWhatWasSent(t *testing.T) {
	t.Parallel()
	d := setup(t, waiting(t, 1), waiting(t, 2))
	ctx, stop := context.WithCancel(t.Context())
	d.gateway.during = func(context.Context, int) { stop() }
	s, err := d.dispatcher.RunDue(ctx, d.now)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, sms.Summary{Leased: 2, Sent: 1}, s)
	assert.Equal(t, sms.StateSent, d.queue.row(1).State)
	assert.Equal(t, sms.StateQueued, d.queue.row(2).State)
	assert.Zero(t, d.queue.row(2).Attempts)
}

func TestSendIsBoundedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := setup(t, waiting(t, 1))
		d.gateway.script = []error{context.DeadlineExceeded}
		began := time.Now()
		d.gateway.during = func(ctx context.Context, _ int) { <-ctx.Done() }
		assert.Equal(t, sms.Summary{Leased: 1, Retried: 1}, d.run(t))
		assert.Equal(t, 30*time.Second, time.Since(began))
		assert.Equal(t, sms.StateUnknown, d.queue.row(1).State)
	})
}

// broken is a queue with calls that fail.
type broken struct {
	*queue
	lease, attempt, settle func() error
}

func (b *broken) LeaseMessages(ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
	if b.lease != nil {
		if err := b.lease(); err != nil {
			return nil, err
		}
	}
	return b.queue.LeaseMessages(ctx, r)
}

func (b *broken) AttemptMessage(ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
	if b.attempt != nil && r.ID == messageID(1) {
		return sms.Queued{}, b.attempt()
	}
	return b.queue.AttemptMessage(ctx, r)
}

func (b *broken) SettleMessage(ctx context.Context, s sms.Settlement) error {
	if b.settle != nil && s.ID == messageID(1) {
		return b.settle()
	}
	return b.queue.SettleMessage(ctx, s)
}

func TestQueueErrors(t *testing.T) {
	t.Parallel()
	down := errors.New("database is down")
	fail := func() error { return down }
	for name, c := range map[string]struct {
		queue broken
		want  sms.Summary
		sends int
	}{
		"lease":   {broken{lease: fail}, sms.Summary{}, 0},
		"attempt": {broken{attempt: fail}, sms.Summary{Leased: 2, Sent: 1}, 1},
		"settle":  {broken{settle: fail}, sms.Summary{Leased: 2, Sent: 1}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, waiting(t, 1), waiting(t, 2))
			c.queue.queue = d.queue
			s, err := d.open(t, &c.queue, d.gateway).RunDue(t.Context(), d.now)
			require.ErrorIs(t, err, down)
			assert.Equal(t, c.want, s, "one message that cannot be saved does not hold up the next")
			assert.Len(t, d.gateway.sent, c.sends)
		})
	}
	t.Run("erased meanwhile", func(t *testing.T) {
		t.Parallel()
		d := setup(t, waiting(t, 1))
		q := &broken{queue: d.queue, attempt: func() error { return sms.ErrUnknownMessage }}
		s, err := d.open(t, q, d.gateway).RunDue(t.Context(), d.now)
		require.NoError(t, err)
		assert.Equal(t, sms.Summary{Leased: 1, Lost: 1}, s)
	})
}

func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := waiting(t, 1)
		m.NextAt = time.Now().Add(25 * time.Second)
		m.Expires = m.NextAt.Add(time.Hour)
		d := setup(t, m)
		d.options.Clock, d.options.Backoff, d.options.Tick = nil, time.Minute, 10*time.Second
		d.gateway.script = []error{temporary("429")}
		var at []time.Duration
		began := time.Now()
		d.gateway.during = func(context.Context, int) { at = append(at, time.Since(began)) }
		leases := 0
		q := &broken{queue: d.queue, lease: func() error {
			if leases++; leases == 2 {
				return errors.New("database is down")
			}
			return nil
		}}
		ctx, stop := context.WithTimeoutCause(t.Context(), 2*time.Minute, errors.New("closing time"))
		defer stop()
		err := d.open(t, q, d.gateway).Run(ctx)
		require.EqualError(t, err, "closing time")
		assert.Equal(t, []time.Duration{30 * time.Second, 90 * time.Second}, at, "at the first tick when it is due")
		assert.GreaterOrEqual(t, leases, 12, "at once and at every tick")
		assert.Contains(t, d.log.String(), "database is down", "an error is logged and no reason to end")
	})
}

func TestManyDispatchersSendEachMessageOnce(t *testing.T) {
	t.Parallel()
	const messages = 200
	var list []sms.Queued
	for n := range byte(messages) {
		list = append(list, waiting(t, n))
	}
	d := setup(t, list...)
	d.options.BatchSize = 7
	var wg sync.WaitGroup
	for range 8 {
		dispatcher := d.open(t, d.queue, d.gateway)
		wg.Go(func() {
			_, err := dispatcher.RunDue(t.Context(), d.now)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	times := map[sms.MessageID]int{}
	for _, m := range d.gateway.sent {
		times[m.ID]++
	}
	assert.Len(t, times, messages)
	assert.Len(t, d.gateway.sent, messages)
}

func TestNewDispatcherRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*sms.DispatcherOptions)
		want   error
		names  string
	}{
		"no sender name":        {func(o *sms.DispatcherOptions) { o.From = "" }, sms.ErrSenderName, `""`},
		"batch":                 {func(o *sms.DispatcherOptions) { o.BatchSize = -1 }, sms.ErrOption, "BatchSize -1"},
		"attempts":              {func(o *sms.DispatcherOptions) { o.MaxAttempts = -3 }, sms.ErrOption, "MaxAttempts -3"},
		"backoff":               {func(o *sms.DispatcherOptions) { o.Backoff = -time.Second }, sms.ErrOption, "Backoff -1s"},
		"tick":                  {func(o *sms.DispatcherOptions) { o.Tick = -time.Second }, sms.ErrOption, "Tick -1s"},
		"lease within time-out": {func(o *sms.DispatcherOptions) { o.LeaseFor = 30 * time.Second }, sms.ErrOption, "LeaseFor 30s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := sms.DispatcherOptions{From: "Resor"}
			c.change(&o)
			_, err := sms.NewDispatcher(newQueue(), &gateway{}, newRing(t), o)
			require.ErrorIs(t, err, c.want)
			assert.ErrorContains(t, err, c.names)
		})
	}
	_, err := sms.NewDispatcher(nil, &gateway{}, newRing(t), sms.DispatcherOptions{From: "Resor"})
	require.ErrorIs(t, err, sms.ErrOption)
	_, err = sms.NewDispatcher(newQueue(), &gateway{}, nil, sms.DispatcherOptions{From: "Resor"})
	require.ErrorIs(t, err, sms.ErrOption)
}

func TestI7DispatcherLogsNothingPersonal(t *testing.T) {
	t.Parallel()
	chatty := fmt.Errorf("POST /sms?to=%s&message=%s: connection reset", number, text)
	for name, script := range map[string][]error{
		"taken":     nil,
		"temporary": {&sms.SendError{Kind: sms.KindTemporary, Code: "503", Err: chatty}},
		"permanent": {&sms.SendError{Kind: sms.KindPermanent, Err: chatty}},
		"plain":     {chatty},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, waiting(t, 1))
			d.gateway.script = script
			d.runOut(t)
			log := d.log.String()
			assert.Contains(t, log, messageID(1).String())
			for _, secret := range []string{number, "701234567", code, "resa4711", "Engångskod"} {
				assert.NotContains(t, log, secret)
				for _, row := range d.queue.all() {
					assert.NotContains(t, fmt.Sprintf("%+v", row), secret)
				}
			}
		})
	}
}
