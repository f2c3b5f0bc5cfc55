package sqlstore

import (
	"context"
	"fmt"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Decide implements travel.Store. Decisions that arrive together share a
// transaction, and in PostgreSQL two round trips, or
// three when a traveler has a department.
func (s *Store) Decide(ctx context.Context, q travel.Query, decide func(travel.State) (travel.Change, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{ctx: ctx, query: q, decide: decide}
	if s.bound != nil {
		return s.decideBound(r)
	}
	return s.lanes.do(r)
}

// decideBound decides in the host's transaction.
func (s *Store) decideBound(r *request) error {
	return s.transactBound(r.ctx, Write, func(x *tx) error {
		g := s.newGroup([]*request{r}, true)
		if err := x.t.Run(r.ctx, g.load()...); err != nil {
			return err
		}
		if err := x.t.Run(r.ctx, g.loadDepartments()...); err != nil {
			return err
		}
		g.decide()
		if r.panicked != nil {
			panic(r.panicked)
		}
		if r.err != nil {
			return r.err
		}
		return x.t.Run(r.ctx, g.save()...)
	})
}

// alone is after how many conflicts the decisions of a group are tried one by
// one.
const alone = 3

// decideGroup decides a group of requests in one transaction, and again when
// that met another one. A request that the database refuses fails alone.
func (s *Store) decideGroup(ctx context.Context, requests []*request) {
	for n := 0; ; n++ {
		err := s.tryGroup(ctx, requests, n > 0)
		switch again := s.runsAgain(err, n); {
		case err == nil:
			return
		case len(requests) > 1 && (again && n >= alone || s.driver.Classify(err) == Refused):
			for i := range requests {
				s.decideGroup(ctx, requests[i:i+1])
			}
			return
		case again:
			err = pause(ctx, n)
		}
		if err != nil {
			for _, r := range requests {
				if r.err == nil {
					r.refuse(ended(ctx, err))
				}
			}
			return
		}
	}
}

// tryGroup runs a group once; again says that it was run before. An error is that of all requests which have none
// of their own.
func (s *Store) tryGroup(ctx context.Context, requests []*request, again bool) error {
	g := s.newGroup(requests, again)
	t, err := s.driver.Begin(ctx, Write, g.load()...)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer t.Rollback()
	if departments := g.loadDepartments(); len(departments) > 0 {
		if err := t.Run(ctx, departments...); err != nil {
			return fmt.Errorf("load: %w", err)
		}
	}
	g.decide()
	last := g.save()
	if len(last) == 0 {
		return nil
	}
	if err := t.Commit(ctx, last...); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// decide runs the decisions in the order of their arrival, each on what those
// before it have decided.
func (g *group) decide() {
	for _, r := range g.requests {
		state, err := g.state(r.query)
		if err != nil {
			r.refuse(err)
			continue
		}
		if change, ok := r.run(state); ok {
			if err := g.apply(r.query, &change); err != nil {
				r.refuse(err)
			}
		}
	}
}

// errCommand is for a decision that breaks the contract.
var errCommand = fmt.Errorf("%w: the command of a decision has the key of its query", travel.ErrConflict)
