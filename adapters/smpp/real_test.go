package smpp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/smpp"
	"github.com/tjansteresor/tjansteresor/sms"
)

func TestBind(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	bound(t, s.options())
	p := next(t, s.binds)
	assert.Equal(t, "resor", p.SystemID)
	assert.Equal(t, password, p.Password)
	assert.Equal(t, "test", p.SystemType)
	assert.Equal(t, 0x34, p.InterfaceVersion)
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	c := bound(t, s.options())
	gsm, ucs2 := 0, 8
	for name, m := range map[string]struct {
		text   string
		coding int
	}{
		"Swedish":         {"Hej Åsa! åäöÅÄÖ é 100 €", gsm},
		"all that it has": {"^{}\\[~]|€ @£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ¡ÄÖÑÜ§¿äöñüà", gsm},
		"a full part":     {strings.Repeat("å", 160), gsm},
		"composed":        {"Hej A\u030asa", gsm},
		"emoji":           {"Biljett 🎫 – köpt", ucs2},
		"a full UCS-2":    {strings.Repeat("🎫", 35), ucs2},
	} {
		t.Run(name, func(t *testing.T) {
			receipt, err := c.Send(t.Context(), message(m.text))
			require.NoError(t, err)
			assert.Equal(t, smpp.Name, receipt.Gateway)
			assert.NotEmpty(t, receipt.GatewayID)
			p := next(t, s.submits)
			assert.Equal(t, strings.Join(sms.Split(m.text), ""), p.Message.Message)
			assert.Empty(t, p.Message.UDH)
			assert.Equal(t, m.coding, p.DataCoding)
			assert.Equal(t, [3]any{5, 0, "Resor"}, [3]any{p.SourceTON, p.SourceNPI, p.Source})
			assert.Equal(t, [3]any{1, 1, "46" + digits}, [3]any{p.DestinationTON, p.DestinationNPI, p.Destination})
			assert.Equal(t, 0, p.ESMClass)
			assert.Equal(t, 1, p.RegisteredDelivery)
			assert.True(t, expires.Equal(p.Validity), p.Validity)
		})
	}
	t.Run("no validity", func(t *testing.T) {
		m := message("Hej")
		m.Expires = time.Time{}
		_, err := c.Send(t.Context(), m)
		require.NoError(t, err)
		assert.True(t, next(t, s.submits).Validity.IsZero())
	})
}

// The parts are those that sms.Analyze has counted, and a phone can put them
// together.
func TestLongMessage(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	c := bound(t, s.options())
	for name, text := range map[string]string{
		"GSM-7":                   strings.Repeat("Långt meddelande. ", 30),
		"an escape at the border": strings.Repeat("a", 152) + "€" + strings.Repeat("b", 100),
		"UCS-2":                   strings.Repeat("å", 66) + strings.Repeat("🎫", 60),
	} {
		t.Run(name, func(t *testing.T) {
			receipt, err := c.Send(t.Context(), message(text))
			require.NoError(t, err)
			n := sms.Analyze(text).Segments
			require.Greater(t, n, 1)
			for i, want := range sms.Split(text) {
				p := next(t, s.submits)
				assert.Equal(t, want, p.Message.Message)
				assert.Equal(t, []string{fmt.Sprintf("0003a7%02x%02x", n, i+1)}, p.Message.UDH)
				assert.Equal(t, 0x40, p.ESMClass)
				assert.Equal(t, 1, p.RegisteredDelivery)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			assert.Equal(t, fmt.Sprintf("id-%d", s.ids), receipt.GatewayID, "that of the last part")
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	o := s.options()
	o.ThrottleWait = 7 * time.Second
	c := bound(t, o)
	for _, r := range []struct {
		status int
		kind   error
		code   string
		wait   time.Duration
	}{
		{0x58, sms.ErrTemporary, "esme 0x58", 7 * time.Second},
		{0x14, sms.ErrTemporary, "esme 0x14", 7 * time.Second},
		{0x64, sms.ErrTemporary, "esme 0x64", 0},
		{0x0a, sms.ErrPermanent, "esme 0x0a", 0},
		{0x0b, sms.ErrPermanent, "esme 0x0b", 0},
		{0x08, sms.ErrUnknown, "esme 0x08", 0},
		{0x400, sms.ErrUnknown, "esme 0x400", 0},
	} {
		s.submitted(s.refuse(r.status))
		_, err := c.Send(t.Context(), message(code))
		e := failure(t, err, r.kind)
		assert.Equal(t, r.code, e.Code)
		assert.Equal(t, r.wait, e.RetryAfter)
	}
	t.Run("after a part", func(t *testing.T) {
		var count int
		s.submitted(func(p packet) {
			if count++; count == 2 {
				s.refuse(0x58)(p)
			} else {
				s.take(p)
			}
		})
		_, err := c.Send(t.Context(), message(strings.Repeat(code+" ", 40)))
		e := failure(t, err, sms.ErrUnknown)
		assert.Equal(t, "esme 0x58", e.Code)
		assert.Contains(t, e.Error(), "1 of 3 parts")
		assert.Equal(t, 2, count, "after a refusal no more are sent")
	})
}

// receiptOf are the fields of a receipt.
func receiptOf(id, stat, err string) map[string]any {
	text := fmt.Sprintf("id:%s sub:001 dlvrd:001 submit date:2603020800 done date:2603020801 stat:%s err:%s text:%s", id, stat, err, code)
	return map[string]any{"esm_class": 4, "data_coding": 0, "short_message": text, "source_addr": "46" + digits, "destination_addr": "Resor"}
}

const comeAgain = 0x64

func TestReceipts(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	o := s.options()
	stored := newReports()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("", 3600))
	o.Reports, o.Gateway, o.Clock = stored, "smsc-a", func() time.Time { return at }
	var logs buffer
	o.Logger = slog.New(slog.NewTextHandler(&logs, nil))
	c := bound(t, o)
	m := message(code)
	r, err := c.Send(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, "smsc-a", r.Gateway)
	session := next(t, s.submits).Session

	want := sms.DeliveryReport{Company: m.Company, ID: m.ID, Gateway: "smsc-a", GatewayID: r.GatewayID, At: at.UTC()}
	deliver := func(fields map[string]any) int {
		s.deliver(session, fields)
		return next(t, s.acks).Status
	}
	t.Run("out of order and twice", func(t *testing.T) {
		for _, o := range []struct {
			stat, err string
			state     sms.State
			code      string
		}{
			{"DELIVRD", "000", sms.StateDelivered, ""},
			{"ENROUTE", "000", sms.StateSent, ""},
			{"DELIVRD", "000", sms.StateDelivered, ""},
			{"UNDELIV", "011", sms.StateFailed, "UNDELIV 011"},
		} {
			assert.Equal(t, 0, deliver(receiptOf(r.GatewayID, o.stat, o.err)))
			want := want
			want.State, want.ErrorCode = o.state, o.code
			assert.Equal(t, want, next(t, stored.came))
		}
	})
	t.Run("by optional parameters", func(t *testing.T) {
		assert.Equal(t, 0, deliver(map[string]any{
			"esm_class": 4, "data_coding": 0, "short_message": "",
			"receipted_message_id": r.GatewayID, "message_state": 3, "network_error_code": map[string]any{"hex": "030011"},
		}))
		want := want
		want.State, want.ErrorCode = sms.StateFailed, "EXPIRED"
		assert.Equal(t, want, next(t, stored.came))
	})
	t.Run("of another process", func(t *testing.T) {
		assert.Equal(t, 0, deliver(receiptOf("other-1", "DELIVRD", "000")))
		assert.Equal(t, sms.DeliveryReport{
			Gateway: "smsc-a", GatewayID: "other-1", State: sms.StateDelivered, At: at.UTC(),
		}, next(t, stored.came))
	})
	t.Run("not stored", func(t *testing.T) {
		for _, err := range []error{sms.ErrUnknownMessage, errors.New("disk full")} {
			stored.fail(err)
			assert.Equal(t, comeAgain, deliver(receiptOf(r.GatewayID, "DELIVRD", "000")))
			next(t, stored.came)
		}
		stored.fail(nil)
		assert.Equal(t, 0, deliver(receiptOf(r.GatewayID, "DELIVRD", "000")))
		next(t, stored.came)
	})
	t.Run("no receipt", func(t *testing.T) {
		phone := receiptOf(r.GatewayID, "DELIVRD", "000")
		phone["esm_class"] = 0
		assert.Equal(t, 0, deliver(phone), "a message from a phone, whatever it says")
		phone["esm_class"], phone["short_message"] = 0x40, map[string]any{"hex": "00"}
		assert.Equal(t, 0, deliver(phone), "an empty header")
		assert.Equal(t, 0, deliver(map[string]any{"esm_class": 4, "short_message": "stat:DELIVRD"}), "of what?")
		assert.Empty(t, stored.came)
	})
	for _, secret := range []string{digits, code, password} {
		assert.NotContains(t, logs.String(), secret)
	}
	assert.Contains(t, logs.String(), "dropped a message from a phone")
}

// buffer is a bytes.Buffer for concurrent use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// The receipts of the parts become one report.
func TestReceiptsOfParts(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	o := s.options()
	stored := newReports()
	o.Reports = stored
	c := bound(t, o)
	for name, parts := range map[string][3]string{"delivered": {"DELIVRD", "DELIVRD", "DELIVRD"}, "failed": {"DELIVRD", "UNDELIV", "DELIVRD"}} {
		t.Run(name, func(t *testing.T) {
			var ids []string
			s.submitted(func(p packet) { ids = append(ids, s.take(p)) })
			r, err := c.Send(t.Context(), message(strings.Repeat(code+" ", 40)))
			require.NoError(t, err)
			var session int
			for range 3 {
				session = next(t, s.submits).Session
			}
			require.Len(t, ids, 3)
			deliver := func(i int) {
				s.deliver(session, receiptOf(ids[i], parts[i], "000"))
				assert.Equal(t, 0, next(t, s.acks).Status)
			}
			deliver(2)
			deliver(0)
			deliver(2) // again
			assert.Empty(t, stored.came, "the second part is still on its way")
			deliver(1)
			got := next(t, stored.came)
			assert.Equal(t, name, got.State.String())
			assert.Equal(t, r.GatewayID, got.GatewayID)
			assert.Equal(t, message("").ID, got.ID)
			assert.Empty(t, stored.came)
		})
	}
}

// A receipt can be faster than the answer, and the answer slower than Send.
func TestReceiptBeforeAnswer(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	o := s.options()
	stored := newReports()
	o.Reports = stored
	c := bound(t, o)
	asked := make(chan packet, 1)
	s.submitted(func(p packet) { asked <- p })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := c.Send(ctx, message(code))
		done <- err
	}()
	p := next(t, asked)
	stored.fail(sms.ErrUnknownMessage)
	s.deliver(p.Session, receiptOf("id-1", "DELIVRD", "000"))
	assert.Equal(t, comeAgain, next(t, s.acks).Status)
	assert.Zero(t, next(t, stored.came).ID)
	stored.fail(nil)

	cancel()
	e := failure(t, next(t, done), sms.ErrUnknown)
	assert.Equal(t, smpp.CodeUnanswered, e.Code)
	require.ErrorIs(t, e, context.Canceled)
	require.Equal(t, "id-1", s.take(p))
	s.deliver(p.Session, receiptOf("id-1", "DELIVRD", "000"))
	assert.Equal(t, 0, next(t, s.acks).Status)
	assert.Equal(t, message("").ID, next(t, stored.came).ID, "known although Send has not seen the answer")
}

// A message that is lost with its socket is unknown at once, and the next one
// goes over a new connection.
func TestDeadSocket(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	c := bound(t, s.options())
	next(t, s.binds)
	s.submitted(s.destroy)
	_, err := c.Send(context.Background(), message(code)) // no deadline
	e := failure(t, err, sms.ErrUnknown)
	assert.Equal(t, smpp.CodeLost, e.Code)

	s.submitted(nil)
	next(t, s.binds)
	ready(t, c)
	_, err = c.Send(t.Context(), message(code))
	require.NoError(t, err)
}

// All that is pending is told, whatever the number.
func TestDeadSocketUnderMany(t *testing.T) {
	t.Parallel()
	const n = 8
	s := startSMSC(t)
	c := bound(t, s.options())
	var count int
	s.submitted(func(p packet) {
		if count++; count == n {
			s.destroy(p)
		}
	})
	done := make(chan error, n)
	for range n {
		go func() {
			_, err := c.Send(context.Background(), message(code))
			done <- err
		}()
	}
	for range n {
		failure(t, next(t, done), sms.ErrUnknown)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	c := bound(t, s.options())
	s.close()
	unready(t, c)
	_, err := c.Send(t.Context(), message(code))
	e := failure(t, err, sms.ErrTemporary)
	assert.Equal(t, smpp.CodeUnbound, e.Code)
	require.ErrorIs(t, err, smpp.ErrNotBound)

	s.listen(s.port)
	ready(t, c)
	_, err = c.Send(t.Context(), message(code))
	require.NoError(t, err)
}

// unready waits until the Client has seen that its connection has ended.
func unready(t testing.TB, c *smpp.Client) {
	t.Helper()
	done, cancel := context.WithCancel(t.Context())
	cancel()
	deadline := time.After(patience)
	for {
		changed := smpp.Changed(c)
		if c.Ready(done) != nil {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			require.FailNow(t, "still bound")
		}
	}
}

func TestBindRefused(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	s.bindsWith(0x0e)
	o := s.options()
	var logs buffer
	o.Logger = slog.New(slog.NewTextHandler(&logs, nil))
	c := start(t, o)
	next(t, s.binds)
	next(t, s.binds) // again, after MaxBackoff

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := c.Ready(ctx)
	var refused *smpp.BindError
	require.ErrorAs(t, err, &refused, "although the answer has no body")
	assert.Equal(t, "esme 0x0e", refused.Status.String())
	require.ErrorIs(t, err, smpp.ErrNotBound)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = c.Send(t.Context(), message(code))
	e := failure(t, err, sms.ErrTemporary)
	require.ErrorAs(t, e, &refused)
	assert.Contains(t, logs.String(), "esme 0x0e")
	assert.NotContains(t, logs.String(), password)

	s.bindsWith(0)
	ready(t, c)
	_, err = c.Send(t.Context(), message(code))
	require.NoError(t, err)
}

// The SMSC unbinds: it gets its answer, and the Client binds anew.
func TestUnboundBySMSC(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	bound(t, s.options())
	session := next(t, s.binds).Session
	s.do(map[string]any{"do": "send", "session": session, "pdu": "unbind", "fields": map[string]any{}})
	assert.Equal(t, session, next(t, s.closed))
	assert.NotEqual(t, session, next(t, s.binds).Session)
}

// Run says goodbye.
func TestRunUnbinds(t *testing.T) {
	t.Parallel()
	s := startSMSC(t)
	c, err := smpp.New(s.options())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	ready(t, c)
	require.ErrorIs(t, c.Run(ctx), smpp.ErrRunning)
	cancel()
	require.ErrorIs(t, next(t, done), context.Canceled)
	next(t, s.unbinds)
	_, err = c.Send(t.Context(), message(code))
	failure(t, err, sms.ErrTemporary)

	again, stop := context.WithCancel(t.Context())
	go func() { done <- c.Run(again) }()
	ready(t, c)
	stop()
	require.ErrorIs(t, next(t, done), context.Canceled)
}
