package smstest

import (
	"context"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

const obeys = "Send obeys ctx, whose deadline bounds the attempt."

var contextCases = []Case{
	{"context/done", obeys, Accepts, nil, (*check).contextDone},
	{"context/canceled", obeys, Silent, nil, func(c *check) { _ = c.attempt(Silent) }},
	{"context/deadline", obeys, Silent, nil, (*check).contextDeadline},
}

// contextDone: what is certainly not sent is certainly not taken.
func (c *check) contextDone() {
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	c.fails(c.failed(c.await("Send with a ctx that is done", c.begin(ctx, c.anyMessage()))), sms.ErrTemporary)
	if n := len(c.arrived()); n > 0 {
		c.Errorf("%d messages have arrived from a ctx that was done", n)
	}
}

func (c *check) contextDeadline() {
	ctx, cancel := context.WithTimeout(c.Context(), min(200*time.Millisecond, c.o.Patience/2))
	defer cancel()
	_ = c.failed(c.await("Send after its deadline", c.begin(ctx, c.anyMessage())))
	if ctx.Err() == nil {
		c.Errorf("Send has failed before its deadline")
	}
}
