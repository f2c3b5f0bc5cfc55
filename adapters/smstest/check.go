package smstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// check is one run of a case: what it fails with names the sentence.
type check struct {
	testing.TB
	contract string
	o        Options
	sender   sms.Sender
	set      func(Mood)

	mu       sync.Mutex
	seen     []Arrival
	arrivals chan struct{} // has a value when something came since it was last read
}

// Errorf reports what was seen, below the sentence.
func (c *check) Errorf(format string, args ...any) {
	c.Helper()
	c.TB.Errorf("the contract says:\n\t%s\nbut seen was:\n\t%s", c.contract, fmt.Sprintf(format, args...))
}

// Fatalf is Errorf and the end of the case.
func (c *check) Fatalf(format string, args ...any) {
	c.Helper()
	c.Errorf(format, args...)
	c.FailNow()
}

// heard is what a stand-in calls.
func (c *check) heard(a Arrival) {
	c.mu.Lock()
	c.seen = append(c.seen, a)
	c.mu.Unlock()
	select {
	case c.arrivals <- struct{}{}:
	default:
	}
}

// arrived returns what the stand-in has read so far.
func (c *check) arrived() []Arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

// The number and the word that must show nowhere: the digits in any writing,
// and a code in a text.
const (
	digits = "701234567"
	code   = "K7QP-3MXW"
)

// message is the n-th message of a case.
func (c *check) message(n int, text string) sms.Message {
	c.Helper()
	to, err := sms.PhoneNumberFromE164(fmt.Sprintf("+46%d", 701234567+n))
	if err != nil {
		c.Fatalf("number %d of the suite: %v", n, err)
	}
	return sms.Message{
		ID:      sms.MessageID{0x01, 0x9a, 6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)},
		Company: [16]byte{0x01, 0x99, 6: 0x70, 8: 0x80, 15: 1},
		To:      to, From: "Resor", Text: text, Expires: c.o.Clock().UTC().Add(time.Hour),
	}
}

func (c *check) anyMessage() sms.Message { return c.message(0, "Hej! Din kod är "+code+".") }

// result is what a Send has returned.
type result struct {
	receipt sms.Receipt
	err     error
}

// send sends and waits; a Send that does not return ends the case.
func (c *check) send(m sms.Message) (sms.Receipt, error) {
	c.Helper()
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	r := c.await("Send", c.begin(ctx, m))
	return r.receipt, r.err
}

// begin sends on a goroutine of its own.
func (c *check) begin(ctx context.Context, m sms.Message) <-chan result {
	done := make(chan result, 1)
	go func() {
		receipt, err := c.sender.Send(ctx, m)
		done <- result{receipt, err}
	}()
	return done
}

// await ends the case unless a Send returns within the patience.
func (c *check) await(what string, done <-chan result) result {
	c.Helper()
	patience := time.NewTimer(c.o.Patience)
	defer patience.Stop()
	select {
	case r := <-done:
		return r
	case <-patience.C:
		c.Fatalf("%s: not back after %s", what, c.o.Patience)
		return result{}
	}
}

// awaitArrival ends the case unless the stand-in reads a message within the
// patience.
func (c *check) awaitArrival() {
	c.Helper()
	patience := time.NewTimer(c.o.Patience)
	defer patience.Stop()
	select {
	case <-c.arrivals:
	case <-patience.C:
		c.Fatalf("no message has arrived after %s", c.o.Patience)
	}
}

// taken sends a message that the gateway must take.
func (c *check) taken(m sms.Message) sms.Receipt {
	c.Helper()
	receipt, err := c.send(m)
	if err != nil {
		c.Fatalf("Send: error %v", err)
	}
	return receipt
}

// attempt sends in the mood of the case and returns the error that must come,
// except from a gateway that accepts.
func (c *check) attempt(mood Mood) error {
	c.Helper()
	m := c.anyMessage()
	if mood == Silent {
		ctx, cancel := context.WithCancel(c.Context())
		defer cancel()
		done := c.begin(ctx, m)
		c.awaitArrival()
		cancel()
		return c.failed(c.await("Send after its ctx was done", done))
	}
	receipt, err := c.send(m)
	if mood == Accepts {
		return err
	}
	return c.failed(result{receipt, err})
}

// failed ends the case unless a Send has failed.
func (c *check) failed(r result) error {
	c.Helper()
	if r.err == nil {
		c.Fatalf("Send: no error and %+v", r.receipt)
	}
	return r.err
}

// fails checks that an error is of one kind and no other.
func (c *check) fails(err, want error) {
	c.Helper()
	for _, kind := range []error{sms.ErrPermanent, sms.ErrTemporary, sms.ErrUnknown} {
		if errors.Is(err, kind) != (kind == want) {
			c.Errorf("Send: error %v; that it is %q should be %t", err, kind, kind == want)
		}
	}
}

// sendError ends the case unless an error is a *sms.SendError.
func (c *check) sendError(err error) *sms.SendError {
	c.Helper()
	var failure *sms.SendError
	if !errors.As(err, &failure) {
		c.Fatalf("Send: error %v, want a *sms.SendError", err)
	}
	return failure
}
