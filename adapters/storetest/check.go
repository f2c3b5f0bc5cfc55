package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// check is one run of a case: what it fails with names the sentence.
type check struct {
	testing.TB
	Stores
	contract string
	o        Options
	ctx      context.Context
	ids      *id.Source
	filled   int
}

// start is the instant at which all cases play.
var start = time.Date(2026, 3, 2, 8, 0, 0, 123456000, time.UTC)

func newCheck(t testing.TB, contract string, o Options, s Stores) *check {
	ctx, cancel := context.WithTimeout(t.Context(), o.Patience)
	t.Cleanup(cancel)
	source := rand.NewChaCha8([32]byte{'s', 't', 'o', 'r', 'e'})
	return &check{
		TB: t, Stores: s, contract: contract, o: o, ctx: ctx,
		ids: id.NewSource(func() time.Time { return start }, source),
	}
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

// must ends the case unless a call has succeeded.
func (c *check) must(what string, err error) {
	c.Helper()
	if err != nil {
		c.Fatalf("%s: error %v", what, err)
	}
}

// fails checks the kind of an error.
func (c *check) fails(what string, err, want error) {
	c.Helper()
	if !errors.Is(err, want) {
		c.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// duplicate checks that an error is a [*travel.DuplicateError].
func (c *check) duplicate(what string, err error) {
	c.Helper()
	var d *travel.DuplicateError
	if !errors.As(err, &d) {
		c.Errorf("%s: error %v, want a *DuplicateError", what, err)
	}
}

// equal compares records field by field; see differ.
func (c *check) equal(what string, got, want any) {
	c.Helper()
	if d := differ(what, reflect.ValueOf(got), reflect.ValueOf(want)); d != "" {
		c.Errorf("%s", d)
	}
}

var errRollback = errors.New("storetest: roll back")

func (c *check) update(do func(tx travel.Tx) error) {
	c.Helper()
	c.must("Update", c.Travel.Update(c.ctx, do))
}

func (c *check) updateInvoices(do func(tx invoice.Tx) error) {
	c.Helper()
	c.must("UpdateInvoices", c.Invoice.UpdateInvoices(c.ctx, do))
}

func (c *check) view(do func(tx travel.Tx) error) {
	c.Helper()
	c.must("View", c.Travel.View(c.ctx, do))
}

func (c *check) viewInvoices(do func(tx invoice.Tx) error) {
	c.Helper()
	c.must("ViewInvoices", c.Invoice.ViewInvoices(c.ctx, do))
}

// decide saves a change as the decision on a traveler.
func (c *check) decide(t travel.Traveler, change travel.Change) {
	c.Helper()
	q := travel.Query{Company: t.Company, Traveler: t.ID}
	if change.Command != nil {
		q.Operation, q.Key = change.Command.Operation, change.Command.Key
	}
	c.must("Decide", c.Travel.Decide(c.ctx, q, func(travel.State) (travel.Change, error) { return change, nil }))
}

// together runs n goroutines at the same time and waits for all of them.
func (c *check) together(n int, do func(i int) error) {
	c.Helper()
	ready := make(chan struct{})
	failures := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Add(1)
		go func() {
			defer group.Done()
			<-ready
			failures[i] = do(i)
		}()
	}
	close(ready)
	c.soon(fmt.Sprintf("%d goroutines", n), func() error {
		group.Wait()
		return nil
	})
	for i, err := range failures {
		if err != nil {
			c.Fatalf("goroutine %d: error %v", i, err)
		}
	}
}

// against runs n goroutines while another one runs rounds of something else: at
// least one before they begin, and until they have ended. It returns how many
// rounds there were.
func (c *check) against(round func(n int) error, n int, do func(i int) error) (rounds int) {
	c.Helper()
	begun := make(chan struct{})
	var running atomic.Int64
	running.Store(int64(n))
	c.together(n+1, func(i int) error {
		if i < n {
			defer running.Add(-1)
			select {
			case <-begun:
			case <-c.ctx.Done():
			}
			return do(i)
		}
		for ; running.Load() > 0; rounds++ {
			if err := round(rounds); err != nil {
				return err
			}
			if rounds == 0 {
				close(begun)
			}
		}
		return nil
	})
	return rounds
}

// soon ends the case unless a call that must not wait returns without an
// error within the patience.
func (c *check) soon(what string, do func() error) {
	c.Helper()
	done := make(chan error, 1)
	go func() { done <- do() }()
	patience := time.NewTimer(c.o.Patience)
	defer patience.Stop()
	select {
	case err := <-done:
		c.must(what, err)
	case <-patience.C:
		c.Fatalf("%s: still waiting after %s", what, c.o.Patience)
	}
}

// within is soon for a call inside a transaction, which must end by itself.
func (c *check) within(what string, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	patience := time.NewTimer(c.o.Patience / 2)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-patience.C:
		return fmt.Errorf("%s: still waiting after %s", what, c.o.Patience/2)
	}
}
