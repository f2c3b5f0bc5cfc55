package sms

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Sender hands messages to a gateway. Adapters implement it; [Dispatcher] calls
// it.
//
// Send makes one attempt and never repeats it by itself. It returns a Receipt
// when the gateway has taken the message, which does not mean that a phone has
// it: that is told later by a [DeliveryReport]. Otherwise it returns a
// [*SendError] that says what is certain:
//
//   - [ErrPermanent]: the gateway has not taken the message and never will (a
//     number it refuses, credentials that are wrong, HTTP 4xx other than 408 and 429).
//   - [ErrTemporary]: the gateway has certainly not taken it, and may another
//     time (connection refused, too many requests, "try again"). RetryAfter is
//     the wait that the gateway asked for.
//   - [ErrUnknown]: it may have been taken (a time-out or a broken connection
//     after the request was sent, an answer that makes no sense, 5xx). Any other error
//     counts as this.
//
// After the last two the same message, with the same ID and the same text, may
// come again, also after a Receipt that was lost in a crash: delivery is at
// least once. No gateway is expected to tell repeats apart; that a code comes
// twice does no harm.
//
// Send is called from many goroutines. It obeys ctx, whose deadline bounds the
// attempt. It keeps, logs and returns neither number nor text, in no error, and
// asks the gateway not to store the text where that can be asked.
type Sender interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Receipt says that a gateway has taken a message.
type Receipt struct {
	// Gateway names the gateway, and GatewayID the message there; delivery
	// reports come back with both. GatewayID is empty where none will come.
	Gateway, GatewayID string
}

// Kind says what is certain after a failed attempt.
type Kind uint8

// The kinds of a failed attempt. The zero Kind claims the least.
const (
	// KindUnknown: the message may have been taken; see [ErrUnknown].
	KindUnknown Kind = iota
	// KindTemporary: it was not taken this time; see [ErrTemporary].
	KindTemporary
	// KindPermanent: it will never be taken; see [ErrPermanent].
	KindPermanent
)

// String gives the word that stands in logs.
func (k Kind) String() string {
	switch k {
	case KindTemporary:
		return "temporary"
	case KindPermanent:
		return "permanent"
	}
	return "unknown"
}

func (k Kind) sentinel() error {
	switch k {
	case KindTemporary:
		return ErrTemporary
	case KindPermanent:
		return ErrPermanent
	}
	return ErrUnknown
}

// SendError is what a [Sender] returns for a failed attempt. [errors.Is] finds
// [ErrPermanent], [ErrTemporary] or [ErrUnknown] in it by its Kind.
type SendError struct {
	Kind Kind
	// Code is the gateway's own code, "21211" say. It is stored with the
	// message and shown to administrators, so it holds nothing personal.
	Code string
	// RetryAfter is the least wait before the next attempt; 0 for none.
	RetryAfter time.Duration
	// Err is the cause. It holds neither number nor text.
	Err error
}

// Error gives kind, code and cause.
func (e *SendError) Error() string {
	s := e.Kind.sentinel().Error()
	if e.Code != "" {
		s += fmt.Sprintf(" (%s)", e.Code)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Is tells whether target is the sentinel of the Kind.
func (e *SendError) Is(target error) bool { return target == e.Kind.sentinel() }

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// maxErrorCode bounds what is stored of a gateway's code.
const maxErrorCode = 40

// asSendError reads what a Sender returned. Of an error that is none of ours
// nothing is certain, and nothing is kept.
func asSendError(err error) SendError {
	var e *SendError
	if !errors.As(err, &e) {
		return SendError{Kind: KindUnknown, Code: KindUnknown.String()}
	}
	known := SendError{Kind: e.Kind, Code: e.Code, RetryAfter: e.RetryAfter}
	if known.Code == "" || len(known.Code) > maxErrorCode {
		known.Code = e.Kind.String()
	}
	return known
}
