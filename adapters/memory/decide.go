package memory

import (
	"context"
	"fmt"

	"github.com/tjansteresor/tjansteresor/travel"
)

type commandKey struct {
	company   travel.CompanyID
	operation travel.Operation
	key       string
}

func keyOf(c *travel.Command) commandKey { return commandKey{c.Company, c.Operation, c.Key} }

// command is a saved command; it never changes.
type command struct {
	*travel.Command
	// epoch is the one in which it was saved.
	epoch uint64
}

// Decide implements travel.Store. The decision runs while the traveler is
// locked and nothing else is.
func (s *Store) Decide(ctx context.Context, q travel.Query, decide func(travel.State) (travel.Change, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := s.row(q.Company, q.Traveler)
	if r == nil {
		return notFound("traveler", q.Traveler)
	}
	k := commandKey{q.Company, q.Operation, q.Key}
	h := s.shardOfKey(k)
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		state, err := h.load(r, q, k)
		if err != nil {
			return err
		}
		change, err := decide(state)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := check(k, &change); err != nil {
			return err
		}
		if h.save(s, r, k, &change) {
			return nil
		}
	}
}

// load reads what a decision is made on.
func (h *shard) load(r *row, q travel.Query, k commandKey) (travel.State, error) {
	c, earlier := h.earlier(r, k)
	if !r.saved || !c.known {
		return travel.State{}, notFound("traveler", q.Traveler)
	}
	state := travel.State{Company: &c.Company, Earlier: earlier, Traveler: r.traveler.value}
	if d := state.Traveler.Department; !d.IsZero() {
		state.Department = c.departments[d]
	}
	if !q.Authorization.IsZero() {
		if a := r.find(q.Authorization); a != nil {
			state.Authorization = a.value
		}
	}
	return state, nil
}

// earlier reads the company and the command under a key in one moment: an
// update saves both at once.
func (h *shard) earlier(r *row, k commandKey) (*companyState, *travel.Command) {
	if k.key == "" {
		return r.company.state.Load(), nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return r.company.state.Load(), h.commands[k].Command
}

// save keeps a change, or reports false when there is a command under its key
// meanwhile. The row is locked.
func (h *shard) save(s *Store, r *row, k commandKey, c *travel.Change) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.Command != nil {
		if h.commands[k].Command != nil {
			return false
		}
		h.commands[k] = command{c.Command, s.epoch}
	}
	oldest := s.views.oldest.Load()
	if c.Account != nil {
		r.traveler.edit(s.epoch, oldest).Credit = *c.Account
	}
	r.expire(c.Expired, s.epoch, oldest)
	if c.Authorization != nil && r.put(c.Authorization, s.epoch, oldest) {
		h.authorized = append(h.authorized, authorized{c.Authorization.ID, r})
	}
	if len(c.Events) > 0 {
		h.events = append(h.events, c.Events)
	}
	r.company.entries.add(c.Entries)
	return true
}

// check refuses a command other than the one that was looked for.
func check(k commandKey, c *travel.Change) error {
	if c.Command != nil && keyOf(c.Command) != k {
		return fmt.Errorf("%w: the command of a decision has the key of its query", travel.ErrConflict)
	}
	return nil
}

func notFound(what string, id fmt.Stringer) error {
	return fmt.Errorf("%s %s: %w", what, id, travel.ErrNotFound)
}
