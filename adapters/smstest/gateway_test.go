package smstest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

// gateway is a gateway and its Sender in one, with the faults that are set.
type gateway struct {
	heard func(smstest.Arrival)
	fault fault

	mu   sync.Mutex
	mood smstest.Mood
	ids  int
}

// fault breaks one promise. Each part is asked first, where it is there.
type fault struct {
	name  string
	cases string
	// send replaces the whole Send.
	send func(g *gateway, ctx context.Context, m sms.Message) (sms.Receipt, error)
	// alter changes what arrives.
	alter func(a *smstest.Arrival)
	// result changes what is returned.
	result func(g *gateway, m sms.Message, r *sms.Receipt, err *error)
}

const (
	name       = "fake"
	refusal    = "21211"
	retryAfter = 7 * time.Second
)

func (g *gateway) set(m smstest.Mood) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mood = m
}

func (g *gateway) now() smstest.Mood {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.mood
}

func (g *gateway) id() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ids++
	return fmt.Sprintf("fake-%d", g.ids)
}

func (g *gateway) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	if g.fault.send != nil {
		return g.fault.send(g, ctx, m)
	}
	r, err := g.send(ctx, m)
	if g.fault.result != nil {
		g.fault.result(g, m, &r, &err)
	}
	return r, err
}

func (g *gateway) send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	failed := func(k sms.Kind, err error) (sms.Receipt, error) {
		return sms.Receipt{}, &sms.SendError{Kind: k, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return failed(sms.KindTemporary, err)
	}
	mood := g.now()
	if mood == smstest.Unreachable {
		return failed(sms.KindTemporary, syscall.ECONNREFUSED)
	}
	g.arrive(m)
	switch mood {
	case smstest.Accepts:
		return sms.Receipt{Gateway: name, GatewayID: g.id()}, nil
	case smstest.Refuses:
		return sms.Receipt{}, &sms.SendError{Kind: sms.KindPermanent, Code: refusal}
	case smstest.Throttles:
		return sms.Receipt{}, &sms.SendError{Kind: sms.KindTemporary, RetryAfter: retryAfter}
	case smstest.Silent:
		<-ctx.Done()
		return failed(sms.KindUnknown, ctx.Err())
	}
	return failed(sms.KindUnknown, errors.New("no answer"))
}

func (g *gateway) arrive(m sms.Message) {
	a := smstest.Arrival{To: m.To.E164(), From: m.From, Text: m.Text}
	if g.fault.alter != nil {
		g.fault.alter(&a)
	}
	g.heard(a)
}

func options(f fault) smstest.Options {
	return smstest.Options{
		Gateway: name, Code: refusal, RetryAfter: retryAfter,
		New: func(_ testing.TB, heard func(smstest.Arrival)) (sms.Sender, func(smstest.Mood)) {
			g := &gateway{heard: heard, fault: f}
			return g, g.set
		},
	}
}
