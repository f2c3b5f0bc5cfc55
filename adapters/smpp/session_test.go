package smpp

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tjansteresor/tjansteresor/sms"
)

// peer is the other end of a connection, an SMSC that does what a test says.
type peer struct {
	t    *testing.T
	conn net.Conn
}

func (p peer) read() pdu {
	p.t.Helper()
	got, err := readPDU(p.conn)
	require.NoError(p.t, err)
	return got
}

// expect reads a PDU of one kind.
func (p peer) expect(want command) pdu {
	p.t.Helper()
	got := p.read()
	require.Equal(p.t, want, got.command, "%+v", got)
	return got
}

func (p peer) send(what pdu) {
	p.t.Helper()
	_, err := p.conn.Write(what.frame())
	require.NoError(p.t, err)
}

// answer answers a PDU.
func (p peer) answer(to pdu, status Status, body ...byte) {
	p.t.Helper()
	p.send(pdu{command: to.command | genericNack, status: status, sequence: to.sequence, body: body})
}

// bind answers a bind.
func (p peer) bind() {
	p.t.Helper()
	p.answer(p.expect(bindTransceiver), statusOK, 0)
}

// ended tells whether the Client has closed the connection.
func (p peer) ended() bool {
	p.t.Helper()
	_, err := p.conn.Read(make([]byte, 1))
	return err != nil
}

// bench is a Client that runs in a bubble, where time passes when all wait.
type bench struct {
	*Client
	t     *testing.T
	peers chan peer
	stop  context.CancelFunc
	done  chan error
}

type receive func(context.Context, sms.DeliveryReport) error

func (f receive) ReceiveReport(ctx context.Context, r sms.DeliveryReport) error { return f(ctx, r) }

// run starts a Client. Waits are as long as they may be.
func run(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{t: t, peers: make(chan peer), done: make(chan error, 1)}
	o.Addr, o.SystemID = "smsc:2775", "resor"
	if o.Dial == nil {
		o.Dial = b.dial
	}
	if o.Reports == nil {
		o.Reports = receive(func(context.Context, sms.DeliveryReport) error { return nil })
	}
	o.Jitter = func(limit time.Duration) time.Duration { return limit }
	c, err := New(o)
	require.NoError(t, err)
	b.Client = c
	ctx, stop := context.WithCancel(t.Context())
	b.stop = stop
	over := make(chan struct{})
	go func() {
		defer close(over)
		b.done <- c.Run(ctx)
	}()
	t.Cleanup(func() { // of a test that has failed
		stop()
		<-over
	})
	return b
}

func (b *bench) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case b.peers <- peer{b.t, theirs}:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bound returns the SMSC's end of the next connection, bound.
func (b *bench) bound() peer {
	b.t.Helper()
	p := <-b.peers
	p.bind()
	require.NoError(b.t, b.Ready(b.t.Context()))
	return p
}

// end stops the Client, whose SMSC says nothing any more.
func (b *bench) end() {
	b.t.Helper()
	b.stop()
	assert.ErrorIs(b.t, <-b.done, context.Canceled)
}

// send sends on a goroutine of its own.
func (b *bench) send(ctx context.Context, text string) <-chan error {
	done := make(chan error, 1)
	go func() {
		to, err := sms.PhoneNumberFromE164("+46701234567")
		if err == nil {
			_, err = b.Send(ctx, sms.Message{ID: sms.MessageID{15: 1}, To: to, From: "Resor", Text: text})
		}
		done <- err
	}()
	return done
}

func is(t *testing.T, err error, kind error, code string) {
	t.Helper()
	var e *sms.SendError
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, kind)
	require.Equal(t, code, e.Code)
}

func TestEnquireLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{EnquireLink: 20 * time.Second, ResponseTimeout: 5 * time.Second, MaxBackoff: time.Hour})
		p, begin := b.bound(), time.Now()
		for range 3 {
			p.answer(p.expect(enquireLink), statusOK)
		}
		assert.Equal(t, time.Minute, time.Since(begin))
		begin = time.Now()

		// The SMSC asks, too.
		p.send(pdu{command: enquireLink, sequence: 77})
		assert.Equal(t, pdu{command: enquireLinkResp, sequence: 77, body: []byte{}}, p.read())

		// One that no longer answers is dead, and what was pending is unknown.
		p.expect(enquireLink)
		done := b.send(t.Context(), "Hej")
		p.expect(submitSM)
		is(t, <-done, sms.ErrUnknown, CodeLost)
		assert.Equal(t, 25*time.Second, time.Since(begin), "EnquireLink and ResponseTimeout")
		assert.True(t, p.ended())
		b.bound()
		b.end()
	})
}

// A message that is never answered frees its place in the window.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{MaxPending: 1})
		p, begin := b.bound(), time.Now()
		first := b.send(t.Context(), "1")
		synctest.Wait()
		second := b.send(t.Context(), "2")
		unanswered := p.expect(submitSM)
		asked := p.expect(enquireLink) // not the other message
		is(t, <-first, sms.ErrUnknown, CodeUnanswered)
		assert.Equal(t, 30*time.Second, time.Since(begin))
		p.answer(asked, statusOK)
		p.answer(unanswered, statusOK, []byte("late\x00")...) // and changes nothing
		p.answer(p.expect(submitSM), statusOK, []byte("id\x00")...)
		require.NoError(t, <-second)
		b.end()
	})
}

// The window is never exceeded, also by messages that nobody waits for any
// more.
func TestWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{MaxPending: 2})
		p := b.bound()
		impatient, cancel := context.WithCancel(t.Context())
		first, second := b.send(impatient, "1"), b.send(impatient, "2")
		waiting := p.expect(submitSM)
		p.expect(submitSM)
		cancel()
		is(t, <-first, sms.ErrUnknown, CodeUnanswered)
		is(t, <-second, sms.ErrUnknown, CodeUnanswered)

		deadline, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		is(t, <-b.send(deadline, "3"), sms.ErrTemporary, CodeCanceled)
		fourth := b.send(t.Context(), "4")
		synctest.Wait()
		p.answer(waiting, statusOK, 0)
		p.answer(p.expect(submitSM), statusOK, []byte("id\x00")...)
		require.NoError(t, <-fourth)

		// When the connection ends, who waits for the window has not sent.
		last := b.send(t.Context(), "5")
		p.expect(submitSM)
		late := b.send(t.Context(), "6")
		synctest.Wait()
		require.NoError(t, p.conn.Close())
		is(t, <-last, sms.ErrUnknown, CodeLost)
		is(t, <-late, sms.ErrTemporary, CodeUnbound)
		b.end()
	})
}

// An SMSC that no longer reads: what was not begun to be written is certainly
// not taken.
func TestStalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{ResponseTimeout: 5 * time.Second})
		p := b.bound()
		writing := b.send(t.Context(), "1")
		synctest.Wait()
		deadline, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		is(t, <-b.send(deadline, "2"), sms.ErrTemporary, CodeCanceled)
		third := b.send(t.Context(), "3")
		is(t, <-writing, sms.ErrUnknown, CodeLost) // after ResponseTimeout
		is(t, <-third, sms.ErrTemporary, CodeUnbound)
		assert.True(t, p.ended())
		b.bound()
		b.end()
	})
}

// Waits double, up to the longest; refused credentials begin with that.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status Status
		want   []time.Duration
	}{
		"busy":            {0x08, []time.Duration{1, 2, 4, 8, 10, 10}},
		"still bound":     {0x05, []time.Duration{1, 2, 4, 8, 10, 10}},
		"wrong password":  {statusBadPassword, []time.Duration{20, 20, 20}},
		"wrong system id": {statusBadSystemID, []time.Duration{20, 20}},
		"bind failed":     {statusBindFailed, []time.Duration{20, 20}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := run(t, Options{MaxBackoff: 10 * time.Second})
				p := <-b.peers
				for _, want := range c.want {
					p.answer(p.expect(bindTransceiver), c.status)
					at := time.Now()
					assert.True(t, p.ended())
					p = <-b.peers
					assert.Equal(t, want*time.Second, time.Since(at))
				}
				p.bind()
				p.answer(p.expect(enquireLink), statusOK) // bound for longer than MaxBackoff
				at := time.Now()
				require.NoError(t, p.conn.Close())
				b.bound()
				assert.Equal(t, time.Second, time.Since(at), "from the beginning")
				b.end()
			})
		})
	}
}

// Whatever comes instead of the answer to a bind, it is an error, and in time.
func TestNoBind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(p peer, bind pdu)
		want error
	}{
		"silence": {func(peer, pdu) {}, context.DeadlineExceeded},
		"garbage": {func(p peer, _ pdu) { _, _ = p.conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n")) }, errProtocol},
		"another": {func(p peer, bind pdu) { p.answer(pdu{command: unbind, sequence: 1}, statusOK) }, errProtocol},
		"nack":    {func(p peer, bind pdu) { p.send(pdu{command: genericNack, sequence: bind.sequence}) }, &BindError{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := run(t, Options{ResponseTimeout: 5 * time.Second, Backoff: time.Hour, MaxBackoff: time.Hour})
				p, begin := <-b.peers, time.Now()
				c.do(p, p.expect(bindTransceiver))
				assert.True(t, p.ended())
				assert.LessOrEqual(t, time.Since(begin), 5*time.Second)
				synctest.Wait()
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				err := b.Ready(ctx)
				require.ErrorIs(t, err, ErrNotBound)
				if refused := (*BindError)(nil); errors.As(c.want, &refused) {
					assert.ErrorAs(t, err, &refused)
				} else {
					assert.ErrorIs(t, err, c.want)
				}
				b.end()
			})
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			refused := errors.New("connection refused")
			b := run(t, Options{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, refused }})
			synctest.Wait()
			is(t, <-b.send(t.Context(), "Hej"), sms.ErrTemporary, CodeUnbound)
			assert.ErrorIs(t, <-b.send(t.Context(), "Hej"), refused)
			b.end()
		})
	})
	t.Run("stopped meanwhile", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := run(t, Options{})
			p, begin := <-b.peers, time.Now()
			p.expect(bindTransceiver)
			b.end()
			assert.Zero(t, time.Since(begin))
			assert.True(t, p.ended())
		})
	})
}

// What makes no sense on a bound connection.
func TestOddPDUs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{})
		p := b.bound()

		done := b.send(t.Context(), "Hej")
		p.send(pdu{command: genericNack, status: statusBadCommand, sequence: p.expect(submitSM).sequence})
		is(t, <-done, sms.ErrPermanent, "esme 0x03")
		done = b.send(t.Context(), "Hej")
		p.send(pdu{command: genericNack, sequence: p.expect(submitSM).sequence})
		is(t, <-done, sms.ErrUnknown, "esme 0x08")

		p.send(pdu{command: submitSMResp, sequence: 4711}) // to nothing
		p.send(pdu{command: alertNotification, sequence: 1})
		p.send(pdu{command: 0x00000103, sequence: 5}) // data_sm
		assert.Equal(t, pdu{command: genericNack, status: statusBadCommand, sequence: 5, body: []byte{}}, p.read())
		p.send(pdu{command: deliverSM, sequence: 6, body: []byte("abc")})
		assert.Equal(t, pdu{command: deliverSMResp, status: statusNeverAgain, sequence: 6, body: []byte{0}}, p.read())

		done = b.send(t.Context(), "Hej")
		p.answer(p.expect(submitSM), statusOK, []byte("å\x00")...)
		require.NoError(t, <-done, "an id that cannot be stored, but it is taken")
		done = b.send(t.Context(), "Hej")
		p.answer(p.expect(submitSM), statusOK)
		require.NoError(t, <-done, "no body")

		done = b.send(t.Context(), "Hej")
		p.expect(submitSM)
		_, err := p.conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n"))
		require.NoError(t, err)
		is(t, <-done, sms.ErrUnknown, CodeLost)
		b.bound()
		b.end()
	})
}

// While the store is slow the answers to messages still come through, and what
// is too much must come again.
func TestSlowStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		b := run(t, Options{Reports: receive(func(ctx context.Context, _ sms.DeliveryReport) error {
			select {
			case <-hold:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})})
		p := b.bound()
		receipt := shortMessage{esmClass: esmReceipt, text: []byte("id:1 stat:DELIVRD")}.submitBody()
		const room = 101 // one being stored, 100 waiting
		for i := range uint32(room) {
			p.send(pdu{command: deliverSM, sequence: i + 1, body: receipt})
			synctest.Wait()
		}
		p.send(pdu{command: deliverSM, sequence: 999, body: receipt})
		assert.Equal(t, pdu{command: deliverSMResp, status: statusComeAgain, sequence: 999, body: []byte{0}}, p.read())
		done := b.send(t.Context(), "Hej")
		p.answer(p.expect(submitSM), statusOK, []byte("id\x00")...)
		require.NoError(t, <-done)

		close(hold)
		for i := range uint32(room) {
			assert.Equal(t, pdu{command: deliverSMResp, sequence: i + 1, body: []byte{0}}, p.read(), "in their order")
		}
		b.end()
	})
	t.Run("for too long", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := run(t, Options{ResponseTimeout: 5 * time.Second, Reports: receive(func(ctx context.Context, _ sms.DeliveryReport) error {
				<-ctx.Done()
				return ctx.Err()
			})})
			p, begin := b.bound(), time.Now()
			p.send(pdu{command: deliverSM, sequence: 1, body: shortMessage{esmClass: esmReceipt, text: []byte("id:1")}.submitBody()})
			assert.Equal(t, statusComeAgain, p.expect(deliverSMResp).status)
			assert.Equal(t, 5*time.Second, time.Since(begin))
			b.end()
		})
	})
}

// What is answered before the goodbye is answered still counts.
func TestStopWhilePending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{})
		p, begin := b.bound(), time.Now()
		taken, lost := b.send(context.Background(), "1"), b.send(context.Background(), "2")
		first := p.expect(submitSM)
		p.expect(submitSM)
		b.stop()
		goodbye := p.expect(unbind)
		p.answer(first, statusOK, []byte("id\x00")...)
		p.answer(goodbye, statusOK)
		require.ErrorIs(t, <-b.done, context.Canceled)
		assert.Zero(t, time.Since(begin))
		errs := []error{<-taken, <-lost}
		if errs[0] != nil {
			errs[0], errs[1] = errs[1], errs[0] // which was first is not said
		}
		require.NoError(t, errs[0])
		is(t, errs[1], sms.ErrUnknown, CodeLost)
	})
	t.Run("an SMSC that says nothing", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := run(t, Options{})
			p, begin := b.bound(), time.Now()
			b.end() // it does not even read
			assert.Equal(t, unbindTimeout, time.Since(begin))
			assert.True(t, p.ended())
		})
	})
}

// A connection that ends between two parts: the first may be on the phone.
func TestLostBetweenParts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 200)
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{})
		p := b.bound()
		ctx, cancel := context.WithCancel(t.Context())
		done := b.send(ctx, long)
		first := p.expect(submitSM)
		p.answer(first, statusOK, []byte("id\x00")...)
		synctest.Wait() // the second is being written
		cancel()
		is(t, <-done, sms.ErrUnknown, CodeUnanswered)
		p.expect(submitSM)

		done = b.send(t.Context(), long)
		first = p.expect(submitSM)
		p.answer(first, statusOK, []byte("id\x00")...)
		synctest.Wait()
		require.NoError(t, p.conn.Close())
		is(t, <-done, sms.ErrUnknown, CodeLost)
		b.end()
	})
}

func TestPermanentBeforeAnything(t *testing.T) {
	t.Parallel()
	for code, m := range map[string]sms.Message{
		CodeSender: {From: "1", Text: "Hej"},
		CodeText:   {From: "Resor"},
	} {
		_, failure := encode(m)
		require.NotNil(t, failure)
		is(t, failure, sms.ErrPermanent, code)
	}
	_, failure := encode(sms.Message{From: "Resor", Text: strings.Repeat("a", 255*153+1)})
	require.NotNil(t, failure)
	is(t, failure, sms.ErrPermanent, CodeText)
	bodies, failure := encode(sms.Message{From: "Resor", Text: strings.Repeat("a", 255*153)})
	require.Nil(t, failure)
	assert.Len(t, bodies, 255)
}

// Not parallel: goroutines of other tests must not come and go meanwhile.
func TestRunEndsAllGoroutines(t *testing.T) {
	before := goleak.IgnoreCurrent()
	b := run(t, Options{Backoff: time.Millisecond})
	for range 3 {
		require.NoError(t, b.bound().conn.Close())
	}
	p := b.bound()
	lost := b.send(t.Context(), "Hej")
	p.expect(submitSM)
	b.stop()
	p.answer(p.expect(unbind), statusOK)
	require.ErrorIs(t, <-b.done, context.Canceled)
	is(t, <-lost, sms.ErrUnknown, CodeLost)
	goleak.VerifyNone(t, before)
}

// The SMSC unbinds and gets its answer before the connection ends.
func TestUnbindIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, Options{})
		p := b.bound()
		p.send(pdu{command: unbind, sequence: 9})
		synctest.Wait() // it is in no hurry to read
		assert.Equal(t, pdu{command: unbindResp, sequence: 9, body: []byte{}}, p.read())
		assert.True(t, p.ended())
		b.bound()
		b.end()
	})
}
