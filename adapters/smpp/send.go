package smpp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/tjansteresor/tjansteresor/sms"
)

// Codes of a failed attempt, beside the statuses of the SMSC ("esme 0x0b").
const (
	// CodeUnbound: there was no bound connection.
	CodeUnbound = "unbound"
	// CodeCanceled: ctx was done before the message was written.
	CodeCanceled = "canceled"
	// CodeLost: the connection ended before the answer.
	CodeLost = "connection lost"
	// CodeUnanswered: no answer came in time.
	CodeUnanswered = "unanswered"
	// CodeSender: the sender name is none; see [sms.CheckSender].
	CodeSender = "sender"
	// CodeText: the text is empty, or longer than 255 parts.
	CodeText = "text"
)

// data_coding of a message.
const (
	codingDefault = 0x00
	codingUCS2    = 0x08
)

// maxParts is what one octet counts to.
const maxParts = 255

// Send makes one attempt. A text of several segments goes in as many parts, one
// after the other, and is taken when all are; GatewayID is the id of the last.
// When some parts are taken and a later one is not, the outcome is unknown.
//
// While there is no bound connection it returns [sms.ErrTemporary] at once,
// which wraps [ErrNotBound]; so it does when ctx is done before the message is
// written. When ctx is done or the connection breaks after that it is
// [sms.ErrUnknown].
func (c *Client) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	bodies, failure := encode(m)
	if failure != nil {
		return sms.Receipt{}, failure
	}
	s, _, err := c.session()
	if err != nil {
		return sms.Receipt{}, temporary(CodeUnbound, err)
	}
	whole := &submission{company: m.Company, id: m.ID, parts: len(bodies)}
	var id string
	for i, body := range bodies {
		if id, failure = s.submit(ctx, body, part{whole, i}); failure != nil {
			return sms.Receipt{}, afterParts(i, len(bodies), failure)
		}
	}
	return sms.Receipt{Gateway: c.options.Gateway, GatewayID: id}, nil
}

func temporary(code string, err error) *sms.SendError {
	return &sms.SendError{Kind: sms.KindTemporary, Code: code, Err: err}
}

func unknown(code string, err error) *sms.SendError {
	return &sms.SendError{Kind: sms.KindUnknown, Code: code, Err: err}
}

// afterParts is the failure of a message of which so many parts are taken.
func afterParts(taken, parts int, failure *sms.SendError) *sms.SendError {
	if taken == 0 {
		return failure
	}
	return &sms.SendError{
		Kind: sms.KindUnknown, Code: failure.Code, RetryAfter: failure.RetryAfter,
		Err: fmt.Errorf("smpp: %d of %d parts were taken: %w", taken, parts, failure.Err),
	}
}

// encode returns the body of a submit_sm for each part.
func encode(m sms.Message) ([][]byte, *sms.SendError) {
	if err := sms.CheckSender(m.From); err != nil {
		return nil, &sms.SendError{Kind: sms.KindPermanent, Code: CodeSender, Err: err}
	}
	parts := sms.Split(m.Text)
	if n := len(parts); n == 0 || n > maxParts {
		return nil, &sms.SendError{Kind: sms.KindPermanent, Code: CodeText, Err: fmt.Errorf("smpp: a text of %d parts", n)}
	}
	short := shortMessage{
		source: m.From, destination: strings.TrimPrefix(m.To.E164(), "+"),
		validity: validity(m.Expires), registered: 1, coding: codingDefault,
	}
	octets := septets
	if sms.Analyze(m.Text).Encoding == sms.UCS2 {
		short.coding, octets = codingUCS2, utf16BE
	}
	bodies := make([][]byte, len(parts))
	for i, text := range parts {
		short.text = octets(text)
		if len(parts) > 1 {
			short.esmClass = esmHeader
			short.text = slices.Concat(concatenation(m.ID, len(parts), i+1), short.text)
		}
		bodies[i] = short.submitBody()
	}
	return bodies, nil
}

// septets never fails: Analyze has found nothing that GSM 7-bit lacks.
func septets(text string) []byte {
	b, _ := sms.Encode(text)
	return b
}

func utf16BE(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit>>8), byte(unit))
	}
	return b
}

// concatenation is the header of a part (3GPP TS 23.040, 9.2.3.24.1). The
// reference is the same for every attempt, so that a phone which has got some
// parts of one and the rest of another shows the message once.
func concatenation(id sms.MessageID, parts, number int) []byte {
	return []byte{5, 0, 3, id[len(id)-1], byte(parts), byte(number)}
}

// validity writes an instant as SMPP does, in UTC. A zero one leaves it to the
// SMSC.
func validity(expires time.Time) string {
	if expires.IsZero() {
		return ""
	}
	return expires.UTC().Format("060102150405") + "000+"
}

// submit sends one part and returns the SMSC's id.
func (s *session) submit(ctx context.Context, body []byte, p part) (string, *sms.SendError) {
	if err := ctx.Err(); err != nil {
		return "", temporary(CodeCanceled, err)
	}
	select {
	case s.window <- struct{}{}:
	case <-s.dead:
		return "", temporary(CodeUnbound, ErrNotBound)
	case <-ctx.Done():
		return "", temporary(CodeCanceled, ctx.Err())
	}
	sequence, pending, ok := s.expect(p)
	if !ok {
		return "", temporary(CodeUnbound, ErrNotBound)
	}
	select {
	case s.out <- pdu{command: submitSM, sequence: sequence, body: body}.frame():
	case <-s.dead:
		return "", temporary(CodeUnbound, ErrNotBound)
	case <-ctx.Done():
		s.settle(sequence, answer{err: ctx.Err()})
		return "", temporary(CodeCanceled, ctx.Err())
	}
	select {
	case a := <-pending.answer:
		return a.id, s.judge(a)
	case <-ctx.Done():
	}
	select {
	case a := <-pending.answer: // both at once
		return a.id, s.judge(a)
	default:
		// It stays pending: an answer that comes late still gives it its id.
		return "", unknown(CodeUnanswered, ctx.Err())
	}
}

// judge says what an answer means; nil is taken.
func (s *session) judge(a answer) *sms.SendError {
	switch {
	case errors.Is(a.err, errLost):
		return unknown(CodeLost, a.err)
	case a.err != nil:
		return unknown(CodeUnanswered, a.err)
	case a.status == statusOK:
		return nil
	}
	failure := &sms.SendError{Kind: a.status.kind(), Code: a.status.String(), Err: errRefused}
	if a.status.asksToWait() {
		failure.RetryAfter = s.client.options.ThrottleWait
	}
	return failure
}
