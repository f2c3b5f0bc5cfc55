package smpp

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

// session is one connection. Four goroutines work on it: one reads, one writes,
// one stores receipts, one asks whether the SMSC is there. Whoever finds it
// broken calls end, which stops the others and answers everything that is
// pending with "lost".
type session struct {
	client *Client
	conn   net.Conn
	reader *bufio.Reader

	out      chan []byte         // unbuffered: what is accepted is being written
	receipts chan pendingReceipt // what waits to be stored
	window   chan struct{}       // holds a value for each pending submit_sm
	dead     chan struct{}       // closed by end

	mu       sync.Mutex
	sequence uint32
	pending  map[uint32]*pendingSubmit
	err      error // why it is dead
}

// pendingSubmit is a submit_sm that may be written and is not answered.
type pendingSubmit struct {
	part
	since  time.Time
	answer chan answer // has room for the one that comes
}

// answer is what came of a submit_sm: a status and an id, or an error when
// nothing came.
type answer struct {
	status Status
	id     string
	err    error
}

// pendingReceipt is a receipt that is not answered.
type pendingReceipt struct {
	receipt
	sequence uint32
}

// unbindTimeout bounds how long Run takes to end.
const unbindTimeout = 2 * time.Second

func newSession(c *Client, conn net.Conn) *session {
	return &session{
		client: c, conn: conn, reader: bufio.NewReader(conn),
		out: make(chan []byte), receipts: make(chan pendingReceipt, 100),
		window: make(chan struct{}, c.options.MaxPending), dead: make(chan struct{}),
		pending: map[uint32]*pendingSubmit{},
	}
}

// bind asks to be bound and waits for the answer until ctx is done. After an
// error the connection is closed.
func (s *session) bind(ctx context.Context) error {
	var watch sync.WaitGroup
	answered := make(chan struct{})
	watch.Go(func() {
		select {
		case <-ctx.Done():
			s.conn.Close() // ends what waits for it
		case <-answered:
		}
	})
	err := s.exchangeBind()
	close(answered)
	watch.Wait()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		s.conn.Close()
		return fmt.Errorf("smpp: bind: %w", err)
	}
	return nil
}

func (s *session) exchangeBind() error {
	o := s.client.options
	request := pdu{command: bindTransceiver, sequence: s.next(), body: bindBody(o.SystemID, o.Password, o.SystemType)}
	if _, err := s.conn.Write(request.frame()); err != nil {
		return err
	}
	p, err := readPDU(s.reader)
	switch {
	case err != nil:
		return err
	case p.command != bindTransceiverResp && p.command != genericNack:
		return fmt.Errorf("%w: command_id 0x%x instead of an answer", errProtocol, uint32(p.command))
	case p.status != statusOK || p.command == genericNack:
		return &BindError{Status: p.status}
	}
	return nil
}

// serve works until the connection breaks or ctx is done, and returns when all
// that it has started has ended.
func (s *session) serve(ctx context.Context) error {
	storing, cancel := context.WithCancel(ctx)
	var works sync.WaitGroup
	works.Go(s.read)
	works.Go(s.write)
	works.Go(s.keepAlive)
	works.Go(func() { s.store(storing) })
	s.client.set(s, nil)
	s.client.options.Logger.LogAttrs(ctx, slog.LevelInfo, "smpp: bound")
	select {
	case <-s.dead:
	case <-ctx.Done():
		s.client.set(nil, errStopped)
		s.unbind()
	}
	s.end(errStopped)
	cancel()
	works.Wait()
	return s.err
}

// unbind says goodbye, and waits for the answers that come before the answer
// to that.
func (s *session) unbind() {
	timer := time.NewTimer(unbindTimeout)
	defer timer.Stop()
	select {
	case s.out <- pdu{command: unbind, sequence: s.next()}.frame():
	case <-s.dead:
	case <-timer.C:
		return
	}
	select {
	case <-s.dead:
	case <-timer.C:
	}
}

// end stops the session. The first reason counts.
func (s *session) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = why
	close(s.dead)
	s.conn.Close()
	for _, p := range s.pending {
		p.answer <- answer{err: errLost}
		<-s.window
	}
	s.pending = nil
}

func (s *session) next() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nextLocked()
}

func (s *session) nextLocked() uint32 {
	s.sequence = s.sequence%maxSequence + 1
	return s.sequence
}

// expect makes a submit_sm pending; it has a place in the window. It reports
// false when the session has ended.
func (s *session) expect(p part) (uint32, *pendingSubmit, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, nil, false
	}
	sequence := s.nextLocked()
	p2 := &pendingSubmit{part: p, since: time.Now(), answer: make(chan answer, 1)}
	s.pending[sequence] = p2
	return sequence, p2, true
}

// settle gives a pending submit_sm its answer and its place in the window to
// another.
func (s *session) settle(sequence uint32, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.pending[sequence]
	if !ok {
		return // late, or to something else
	}
	delete(s.pending, sequence)
	<-s.window
	if a.err == nil && a.status == statusOK {
		s.client.ledger.taken(p.part, a.id) // before its receipt can be read
	}
	p.answer <- a
}

// expire gives up what has waited too long.
func (s *session) expire() {
	s.mu.Lock()
	var late []uint32
	for sequence, p := range s.pending {
		if time.Since(p.since) >= s.client.options.ResponseTimeout {
			late = append(late, sequence)
		}
	}
	s.mu.Unlock()
	for _, sequence := range late {
		s.settle(sequence, answer{err: errUnanswered})
	}
}

// send hands a PDU to the writer. It reports false when the session has ended.
func (s *session) send(p pdu) bool {
	select {
	case s.out <- p.frame():
		return true
	case <-s.dead:
		return false
	}
}

func (s *session) write() {
	for {
		select {
		case frame := <-s.out:
			if frame == nil {
				continue // flush
			}
			err := s.conn.SetWriteDeadline(time.Now().Add(s.client.options.ResponseTimeout))
			if err == nil {
				_, err = s.conn.Write(frame)
			}
			if err != nil {
				s.end(err)
				return
			}
		case <-s.dead:
			return
		}
	}
}

// keepAlive asks whether the SMSC is there, so that there is something to read
// before the reader gives up.
func (s *session) keepAlive() {
	ticker := time.NewTicker(s.client.options.EnquireLink)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.expire()
			s.send(pdu{command: enquireLink, sequence: s.next()})
		case <-s.dead:
			return
		}
	}
}

func (s *session) read() {
	patience := s.client.options.EnquireLink + s.client.options.ResponseTimeout
	for {
		err := s.conn.SetReadDeadline(time.Now().Add(patience))
		if err != nil {
			s.end(err)
			return
		}
		p, err := readPDU(s.reader)
		if err == nil {
			err = s.handle(p)
		}
		if err != nil {
			s.end(err)
			return
		}
	}
}

// handle does what a PDU asks for. An error ends the session.
func (s *session) handle(p pdu) error {
	answer := pdu{command: p.command | genericNack, sequence: p.sequence}
	switch p.command {
	case submitSMResp, genericNack:
		s.settle(p.sequence, submitAnswer(p))
	case deliverSM:
		s.deliver(p)
	case enquireLink:
		s.send(answer)
	case unbind:
		s.send(answer)
		s.flush()
		return errUnbound
	case unbindResp:
		return errStopped
	default:
		if p.command.expectsAnswer() {
			answer.command, answer.status = genericNack, statusBadCommand
			s.send(answer)
		}
	}
	return nil
}

// flush waits until what was sent before is written.
func (s *session) flush() {
	select {
	case s.out <- nil:
	case <-s.dead:
	}
}

// submitAnswer reads the answer to a submit_sm. A generic_nack that says all is
// well makes no sense.
func submitAnswer(p pdu) answer {
	if p.command == genericNack && p.status == statusOK {
		return answer{status: statusSystemError}
	}
	body := fields{rest: p.body}
	a := answer{status: p.status, id: body.cString()}
	if !validID(a.id) {
		a.id = "" // no receipt will be recognized
	}
	return a
}

// deliver takes what the SMSC delivers. Receipts are answered once they are
// stored; the rest, messages from phones, is dropped.
func (s *session) deliver(p pdu) {
	m, err := parseDeliver(p.body)
	switch {
	case err != nil:
		s.log(slog.LevelWarn, "smpp: dropped a deliver_sm that cannot be read")
		s.answerDeliver(p.sequence, statusNeverAgain)
		return
	case !m.isReceipt():
		s.log(slog.LevelInfo, "smpp: dropped a message from a phone")
		s.answerDeliver(p.sequence, statusOK)
		return
	}
	r, ok := m.receipt()
	if !ok {
		s.log(slog.LevelWarn, "smpp: dropped a receipt that names no message")
		s.answerDeliver(p.sequence, statusOK)
		return
	}
	select {
	case s.receipts <- pendingReceipt{r, p.sequence}:
	default: // more than can be stored; the answers to messages must not wait for it
		s.answerDeliver(p.sequence, statusComeAgain)
	}
}

func (s *session) answerDeliver(sequence uint32, status Status) {
	s.send(pdu{command: deliverSMResp, status: status, sequence: sequence, body: cString(nil, "")})
}

func (s *session) log(level slog.Level, text string, attrs ...slog.Attr) {
	s.client.options.Logger.LogAttrs(context.Background(), level, text, attrs...)
}

// store reports receipts, one after the other, and answers them.
func (s *session) store(ctx context.Context) {
	for {
		select {
		case r := <-s.receipts:
			status := statusOK
			if err := s.client.report(ctx, r.receipt); err != nil {
				status = statusComeAgain
				s.log(slog.LevelWarn, "smpp: a receipt could not be stored and must come again",
					slog.String("gateway_id", r.id), slog.Any("error", err))
			}
			s.answerDeliver(r.sequence, status)
		case <-s.dead:
			return
		}
	}
}

func (c *Client) report(ctx context.Context, r receipt) error {
	report, ok := c.ledger.report(r)
	if !ok {
		return nil
	}
	report.At = c.options.Clock().UTC()
	ctx, cancel := context.WithTimeout(ctx, c.options.ResponseTimeout)
	defer cancel()
	return c.options.Reports.ReceiveReport(ctx, report)
}
