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
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		state, err := s.load(r, q)
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
		if saved, err := s.save(r, q, &change); saved || err != nil {
			return err
		}
	}
}

// load reads what a decision is made on.
func (s *Store) load(r *row, q travel.Query) (travel.State, error) {
	c, earlier := s.earlier(r, q)
	if !r.saved || c == nil || !c.known {
		return travel.State{}, notFound("traveler", q.Traveler)
	}
	state := travel.State{Company: c.Company, Earlier: earlier, Traveler: *r.traveler.value}
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

// earlier reads the company and the command under the key of a query in one
// moment: an update saves both at once.
func (s *Store) earlier(r *row, q travel.Query) (*companyState, *travel.Command) {
	if q.Key == "" {
		return r.company.state.Load(), nil
	}
	k := commandKey{q.Company, q.Operation, q.Key}
	h := s.shardOfKey(k)
	h.mu.Lock()
	defer h.mu.Unlock()
	return r.company.state.Load(), h.commands[k].Command
}

// save keeps a change, or reports false when there is a command under its key
// meanwhile. The row is locked.
func (s *Store) save(r *row, q travel.Query, c *travel.Change) (bool, error) {
	if err := check(r, q, c); err != nil {
		return false, err
	}
	if z := c.Authorization; z != nil && r.find(z.ID) == nil {
		// Before the record, so that no view finds the one without the other;
		// readers wait for the row.
		s.index(z.ID, r)
	}
	h := s.shardOf(q.Traveler)
	if c.Command != nil {
		h = s.shardOfKey(keyOf(c.Command))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.Command != nil {
		k := keyOf(c.Command)
		if h.commands[k].Command != nil {
			return false, nil
		}
		h.commands[k] = command{c.Command, s.epoch}
	}
	oldest := s.views.oldest.Load()
	if c.Traveler != nil {
		r.traveler.set(c.Traveler, s.epoch, oldest)
	}
	r.expire(c.Expired, s.epoch, oldest)
	if c.Authorization != nil {
		r.put(c.Authorization, s.epoch, oldest)
	}
	if len(c.Events) > 0 {
		h.events = append(h.events, c.Events)
	}
	r.company.entries.add(c.Entries)
	return true, nil
}

func (s *Store) index(id travel.AuthorizationID, r *row) {
	h := s.shardOf(id)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.authorizations[id] = r
}

// check refuses what no decision may do: the traveler's number and employee
// number are unique in the company, and one command is looked for.
func check(r *row, q travel.Query, c *travel.Change) error {
	if t, before := c.Traveler, r.traveler.value; t != nil && (t.Company != before.Company || t.ID != before.ID ||
		t.Number != before.Number || t.EmployeeNumber != before.EmployeeNumber) {
		return fmt.Errorf("%w: a decision changes neither id, number nor employee number", travel.ErrConflict)
	}
	if c.Command != nil && keyOf(c.Command) != (commandKey{q.Company, q.Operation, q.Key}) {
		return fmt.Errorf("%w: the command of a decision has the key of its query", travel.ErrConflict)
	}
	return nil
}

func notFound(what string, id fmt.Stringer) error {
	return fmt.Errorf("%s %s: %w", what, id, travel.ErrNotFound)
}
