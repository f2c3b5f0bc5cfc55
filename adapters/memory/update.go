package memory

import (
	"context"
	"errors"
	"math"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// errEnded is for a function that keeps its transaction and uses it later.
var errEnded = errors.New("transaction has ended")

// Update implements travel.Store.
func (s *Store) Update(ctx context.Context, do func(tx travel.Tx) error) error {
	return s.update(ctx, func(x *tx) error { return do(x) })
}

// UpdateInvoices implements invoice.Store.
func (s *Store) UpdateInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	return s.update(ctx, func(x *tx) error { return do(x) })
}

// View implements travel.Store.
func (s *Store) View(ctx context.Context, do func(tx travel.Tx) error) error {
	return s.view(ctx, func(x *tx) error { return do(x) })
}

// ViewInvoices implements invoice.Store.
func (s *Store) ViewInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	return s.view(ctx, func(x *tx) error { return do(x) })
}

// tx is a transaction. What only other transactions can see is changed in
// place and undone on a rollback: the lock on it is held until the end. What
// purchases can see is either in a locked row, or kept here until the commit.
type tx struct {
	s     *Store
	ended bool
	// view tells a view from an update; epoch is what it may see.
	view  bool
	epoch uint64

	// rows are locked until the end.
	rows map[*row]struct{}
	undo []func()

	companies map[*company]*companyState
	commands  map[commandKey]travel.Command
	// absent are commands that were looked for and not there.
	absent map[commandKey]struct{}
	events []travel.Event
	erased []travelerKey
}

func (s *Store) update(ctx context.Context, do func(*tx) error) error {
	for {
		committed, err := s.attempt(ctx, do)
		if committed || err != nil {
			return err
		}
	}
}

// attempt runs an update once. It reports false when a purchase has saved a
// command meanwhile that the update found absent.
func (s *Store) attempt(ctx context.Context, do func(*tx) error) (committed bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.cold.Lock()
	defer s.cold.Unlock()
	x := &tx{
		s: s, epoch: math.MaxUint64, rows: map[*row]struct{}{}, companies: map[*company]*companyState{},
		commands: map[commandKey]travel.Command{}, absent: map[commandKey]struct{}{},
	}
	// Deferred, because a panic of do rolls back as well.
	defer func() {
		if !committed {
			x.rollback()
		}
		x.end()
	}()
	if err := do(x); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return x.commit(), nil
}

// commit makes everything visible to purchases in one moment.
func (x *tx) commit() bool {
	x.s.lockShards()
	defer x.s.unlockShards()
	for k := range x.absent {
		if x.s.shardOfKey(k).commands[k].Command != nil {
			return false
		}
	}
	for k, c := range x.commands {
		x.s.shardOfKey(k).commands[k] = command{&c, x.s.epoch}
	}
	for c, state := range x.companies {
		c.state.Store(state)
	}
	for _, e := range x.events {
		h := x.s.shardOf(e.ID)
		h.events = append(h.events, []travel.Event{e})
	}
	for _, k := range x.erased {
		if c := x.s.companies.get(k.company); c != nil {
			c.entries.erase(k.traveler)
		}
	}
	return true
}

func (x *tx) rollback() {
	for i := len(x.undo) - 1; i >= 0; i-- {
		x.undo[i]()
	}
}

func (x *tx) end() {
	x.ended = true
	for r := range x.rows {
		r.mu.Unlock()
	}
}

// lock locks a row until the end of the update; a view needs no lock that
// lasts.
func (x *tx) lock(r *row) {
	if _, held := x.rows[r]; held || x.view {
		return
	}
	r.mu.Lock()
	x.rows[r] = struct{}{}
}

// peek runs read while the row is locked.
func (x *tx) peek(r *row, read func()) {
	if _, held := x.rows[r]; !held {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	read()
}

// reads and writes stand first in every method.
func (x *tx) reads(ctx context.Context) error {
	if x.ended {
		return errEnded
	}
	return ctx.Err()
}

func (x *tx) writes(ctx context.Context) error {
	if x.view {
		return travel.ErrReadOnly
	}
	return x.reads(ctx)
}

// set changes a map and remembers how it was.
func set[K comparable, V any](x *tx, m map[K]V, k K, v V) {
	before, ok := m[k]
	x.undo = append(x.undo, func() {
		if ok {
			m[k] = before
		} else {
			delete(m, k)
		}
	})
	m[k] = v
}

// unset removes a key from a map and remembers what it held.
func unset[K comparable, V any](x *tx, m map[K]V, k K) {
	if before, ok := m[k]; ok {
		x.undo = append(x.undo, func() { m[k] = before })
		delete(m, k)
	}
}

// put changes a table and remembers how it was.
func put[K interface {
	comparable
	Compare(K) int
}, V any](x *tx, t *table[K, V], k K, v V) {
	before, ok := t.get(k)
	x.undo = append(x.undo, func() {
		if ok {
			t.put(k, before)
		} else {
			t.remove(k)
		}
	})
	t.put(k, v)
}

func (s *Store) view(ctx context.Context, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.cold.RLock()
	defer s.cold.RUnlock()
	x := &tx{s: s, view: true, epoch: s.beginView()}
	defer func() {
		s.views.add(x.epoch, -1)
		x.end()
	}()
	return do(x)
}
