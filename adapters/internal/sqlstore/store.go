package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Store is every storage port over a [Driver]. It is safe for concurrent use.
type Store struct {
	driver  Driver
	dialect Dialect
	names   *Names
	bulk    *bulk
	// bound is the host's transaction that everything happens in, or nil.
	bound Transaction
	// lanes group decisions; nil when the store is bound.
	lanes *lanes
}

var (
	_ travel.Store    = (*Store)(nil)
	_ travel.JobStore = (*Store)(nil)
	_ invoice.Store   = (*Store)(nil)
	_ sms.Queue       = (*Store)(nil)
	_ invoice.Tx      = (*tx)(nil)
)

// ErrClosed is returned by a store that was closed.
var ErrClosed = errors.New("the store is closed")

// New returns a store. Its lanes say how many transactions of grouped decisions
// are under way at a time; apart keeps each of them, and every statement, within
// one company.
func New(driver Driver, names *Names, lanes int, apart bool) *Store {
	s := &Store{driver: driver, dialect: driver.Dialect(), names: names, bulk: newBulk(driver.Dialect(), names, apart)}
	s.lanes = newLanes(lanes, apart, s.decideGroup)
	return s
}

// Bind returns a store inside a transaction of the host's, which is not safe
// for concurrent use: nothing is retried, grouped, committed or rolled back,
// and a conflict with another transaction is [travel.ErrConflict].
func (s *Store) Bind(t Transaction) *Store {
	return &Store{driver: s.driver, dialect: s.dialect, names: s.names, bulk: s.bulk, bound: t}
}

// Close waits for the decisions that were accepted and refuses later ones with
// [ErrClosed]. The database stays open.
func (s *Store) Close() error {
	if s.lanes == nil {
		return nil
	}
	return s.lanes.close()
}

// Update implements travel.Store.
func (s *Store) Update(ctx context.Context, do func(tx travel.Tx) error) error {
	return s.transact(ctx, Write, func(x *tx) error { return do(x) })
}

// UpdateInvoices implements invoice.Store.
func (s *Store) UpdateInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	return s.transact(ctx, Write, func(x *tx) error { return do(x) })
}

// View implements travel.Store.
func (s *Store) View(ctx context.Context, do func(tx travel.Tx) error) error {
	return s.transact(ctx, Snapshot, func(x *tx) error { return do(x) })
}

// ViewInvoices implements invoice.Store.
func (s *Store) ViewInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	return s.transact(ctx, Snapshot, func(x *tx) error { return do(x) })
}

// tx is a transaction of one goroutine.
type tx struct {
	s     *Store
	t     Transaction
	mode  Mode
	ended bool
	// failed is the first statement that the database refused: what comes after
	// it is lost, whatever the caller makes of the error.
	failed error
}

// errEnded is for a function that keeps its transaction and uses it later.
var errEnded = errors.New("transaction has ended")

func (s *Store) transact(ctx context.Context, mode Mode, do func(*tx) error) error {
	if s.bound != nil {
		return s.transactBound(ctx, mode, do)
	}
	for n := 0; ; n++ {
		err := s.attempt(ctx, mode, do)
		if !s.runsAgain(err, n) {
			return err
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// attempt runs do in a transaction of its own. Rolling back is deferred,
// because a panic of do rolls back as well.
func (s *Store) attempt(ctx context.Context, mode Mode, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := s.driver.Begin(ctx, mode)
	if err != nil {
		return ended(ctx, fmt.Errorf("begin: %w", err))
	}
	defer t.Rollback()
	x := &tx{s: s, t: t, mode: mode}
	defer func() { x.ended = true }()
	if err := do(x); err != nil {
		return ended(ctx, err)
	}
	if x.failed != nil {
		return ended(ctx, x.failed)
	}
	if mode == Snapshot {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := t.Commit(ctx); err != nil {
		return ended(ctx, fmt.Errorf("commit: %w", err))
	}
	return nil
}

// ended puts the end of the context into an error that it caused.
func ended(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// lost is how often a transaction is run again because another one had the key
// first, which is seen the next time unless the key is taken for good, or
// because the connection broke, as those do that a server's restart has left in
// the pool.
const lost = 10

// runsAgain tells whether a transaction that failed for the n-th time, from 0
// on, may be run again.
func (s *Store) runsAgain(err error, n int) bool {
	if err == nil || errors.Is(err, travel.ErrUnknownOutcome) {
		return false
	}
	switch s.driver.Classify(err) {
	case Conflict:
		return true
	case Taken, Broken:
		return n < lost
	}
	return false
}

// pause waits a little longer each time, and never as long as anyone else.
func pause(ctx context.Context, n int) error {
	most := time.Millisecond << min(n, 6)
	timer := time.NewTimer(rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// transactBound runs do in the host's transaction, behind a savepoint: what
// fails leaves the host's own work alone.
func (s *Store) transactBound(ctx context.Context, mode Mode, do func(*tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &tx{s: s, t: s.bound, mode: mode}
	if err := s.bound.Run(ctx, Statement{SQL: "SAVEPOINT tjr"}); err != nil {
		return err
	}
	kept := false
	defer func() {
		x.ended = true
		if kept {
			return
		}
		// Not the caller's context: that may have ended.
		undo := context.WithoutCancel(ctx)
		// Not in one go: what comes after may only be prepared when the first is done.
		for _, sql := range []string{"ROLLBACK TO SAVEPOINT tjr", "RELEASE SAVEPOINT tjr"} {
			if e := s.bound.Run(undo, Statement{SQL: sql}); e != nil {
				err = errors.Join(err, e)
				return
			}
		}
	}()
	if err = do(x); err == nil {
		err = x.failed
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = s.bound.Run(ctx, Statement{SQL: "RELEASE SAVEPOINT tjr"})
	}
	if s.runsAgain(err, 0) {
		return fmt.Errorf("%w: %w", travel.ErrConflict, err)
	}
	kept = err == nil
	return err
}
