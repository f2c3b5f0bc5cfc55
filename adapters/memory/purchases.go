package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/tjansteresor/tjansteresor/travel"
)

func (x *tx) Command(ctx context.Context, company travel.CompanyID, op travel.Operation, key string) (travel.Command, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Command{}, err
	}
	if c := x.command(commandKey{company, op, key}); c != nil {
		return *c, nil
	}
	return travel.Command{}, fmt.Errorf("command of operation %s: %w", op, travel.ErrNotFound)
}

// command finds what is saved under a key, or nil; that it was absent must
// still be true at the commit.
func (x *tx) command(k commandKey) *travel.Command {
	if c, ok := x.commands[k]; ok {
		return &c
	}
	h := x.s.shardOfKey(k)
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.commands[k]; c.Command != nil && c.epoch <= x.epoch {
		return c.Command
	}
	if !x.view {
		x.absent[k] = struct{}{}
	}
	return nil
}

func (x *tx) InsertCommand(ctx context.Context, c travel.Command) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	if x.command(keyOf(&c)) != nil {
		return &travel.DuplicateError{Field: "Key"}
	}
	x.commands[keyOf(&c)] = c
	return nil
}

func (x *tx) Authorization(ctx context.Context, company travel.CompanyID, id travel.AuthorizationID) (travel.Authorization, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Authorization{}, err
	}
	if r := x.s.rowOf(id); r != nil && r.company.id == company {
		x.lock(r)
		var found *travel.Authorization
		x.peek(r, func() {
			if a := r.find(id).at(x.epoch); a != nil {
				found = a.value
			}
		})
		if found != nil {
			return *found, nil
		}
	}
	return travel.Authorization{}, notFound("authorization", id)
}

func (x *tx) SaveAuthorization(ctx context.Context, z travel.Authorization) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	r := x.s.row(z.Company, z.Traveler)
	if r == nil {
		return notFound("traveler", z.Traveler)
	}
	x.lock(r)
	x.saveAuthorization(r, z)
	return nil
}

func (x *tx) saveAuthorization(r *row, z travel.Authorization) {
	if a := r.find(z.ID); a != nil {
		before := a.value
		x.undo = append(x.undo, func() { r.put(before, x.s.epoch, noView) })
	} else {
		x.undo = append(x.undo, func() { r.remove(z.ID) })
		x.s.buyers.add(z.ID, r)
	}
	r.put(&z, x.s.epoch, noView)
}

func (x *tx) Authorizations(ctx context.Context, q travel.AuthorizationQuery) ([]travel.Authorization, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	if q.Company.IsZero() && !q.Unanswered {
		return nil, unbounded("Company")
	}
	var list []travel.Authorization
	for _, r := range x.rowsOf(q) {
		x.peek(r, func() { list = append(list, x.newest(r, q)...) })
	}
	slices.SortFunc(list, func(a, b travel.Authorization) int { return b.ID.Compare(a.ID) })
	if q.Limit > 0 && q.Limit < len(list) {
		list = list[:q.Limit]
	}
	return list, nil
}

// rowsOf returns the rows whose authorizations a query may list.
func (x *tx) rowsOf(q travel.AuthorizationQuery) []*row {
	var rows []*row
	for _, c := range x.scope(q.Company) {
		if q.Traveler.IsZero() {
			rows = slices.AppendSeq(rows, c.travelers.after(travel.TravelerID{}))
		} else if r, ok := c.travelers.get(q.Traveler); ok {
			rows = append(rows, r)
		}
	}
	return rows
}

// newest returns up to q.Limit authorizations of one traveler, newest first.
func (x *tx) newest(r *row, q travel.AuthorizationQuery) []travel.Authorization {
	var list []travel.Authorization
	for a := range r.backwards(q.Unanswered) {
		if q.Limit > 0 && len(list) == q.Limit {
			break
		}
		a = a.at(x.epoch)
		if a == nil || !q.Before.IsZero() && a.value.ID.Compare(q.Before) >= 0 || q.Unanswered && !a.value.Unanswered() {
			continue
		}
		list = append(list, *a.value)
	}
	return list
}

// backwards yields the authorizations, or those that may be unanswered, from
// the newest on.
func (r *row) backwards(unanswered bool) iter.Seq[*authorization] {
	return func(yield func(*authorization) bool) {
		if unanswered {
			for _, id := range slices.Backward(slices.SortedFunc(slices.Values(r.unanswered), travel.AuthorizationID.Compare)) {
				if !yield(r.find(id)) {
					return
				}
			}
			return
		}
		for i := len(r.authorizations) - 1; i >= 0; i-- {
			if !yield(&r.authorizations[i]) {
				return
			}
		}
	}
}

func (x *tx) ErasePersonal(ctx context.Context, company travel.CompanyID, traveler travel.TravelerID) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	r := x.s.row(company, traveler)
	if r == nil {
		return nil
	}
	x.lock(r)
	for _, a := range r.authorizations {
		if z := *a.value; z.Personal != (travel.Personal{}) {
			z.Personal = travel.Personal{}
			x.saveAuthorization(r, z)
		}
	}
	x.erased = append(x.erased, travelerKey{company, traveler})
	return nil
}
