package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

type employeeKey struct {
	company travel.CompanyID
	number  string
}

// traveler returns the traveler of a row as the transaction sees it.
func (x *tx) traveler(r *row) (t travel.Traveler, ok bool) {
	x.peek(r, func() {
		if v := r.traveler.at(x.epoch); v != nil && r.saved {
			t, ok = *v.value, true
		}
	})
	return t, ok
}

func (x *tx) Traveler(ctx context.Context, company travel.CompanyID, id travel.TravelerID) (travel.Traveler, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Traveler{}, err
	}
	if r := x.s.row(company, id); r != nil {
		x.lock(r)
		if t, ok := x.traveler(r); ok {
			return t, nil
		}
	}
	return travel.Traveler{}, notFound("traveler", id)
}

func (x *tx) SaveTraveler(ctx context.Context, t travel.Traveler) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	r := x.s.row(t.Company, t.ID)
	if err := x.unique(r, t); err != nil {
		return err
	}
	if r == nil {
		r = x.insert(t)
	}
	x.lock(r)
	x.reindex(r, t)
	x.saveTraveler(r, t)
	return nil
}

func (x *tx) saveTraveler(r *row, t travel.Traveler) {
	saved, before := r.saved, r.traveler
	x.undo = append(x.undo, func() { r.saved, r.traveler = saved, before })
	r.saved = true
	r.traveler.set(&t, x.s.epoch, noView)
}

// unique refuses a number that another traveler has; r is the traveler's own
// row, or nil.
func (x *tx) unique(r *row, t travel.Traveler) error {
	taken := func(other *row) bool { return other != r && other.company.id == t.Company }
	if slices.ContainsFunc(x.s.numbers[t.Number], taken) {
		return &travel.DuplicateError{Field: "Number"}
	}
	if other := x.s.employees[employeeKey{t.Company, t.EmployeeNumber}]; other != nil && other != r {
		return &travel.DuplicateError{Field: "EmployeeNumber"}
	}
	return nil
}

// insert makes the row of a new traveler.
func (x *tx) insert(t travel.Traveler) *row {
	c := x.s.companies.open(t.Company)
	r := &row{company: c, traveler: version[travel.Traveler]{value: new(travel.Traveler)}}
	x.lock(r)
	k := travelerKey{t.Company, t.ID}
	h := x.s.shardOf(t.ID)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rows[k] = r
	x.undo = append(x.undo, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.rows, k)
	})
	put(x, &c.travelers, t.ID, r)
	return r
}

// reindex brings the indexes from what the row holds to what it will.
func (x *tx) reindex(r *row, t travel.Traveler) {
	before, numbers, employees := *r.traveler.value, x.s.numbers, x.s.employees
	if before.Number != t.Number {
		if !before.Number.IsZero() {
			others := slices.DeleteFunc(slices.Clone(numbers[before.Number]), func(o *row) bool { return o == r })
			set(x, numbers, before.Number, others)
			if len(others) == 0 {
				unset(x, numbers, before.Number)
			}
		}
		if !t.Number.IsZero() {
			set(x, numbers, t.Number, append(slices.Clone(numbers[t.Number]), r))
		}
	}
	if before.EmployeeNumber != t.EmployeeNumber {
		unset(x, employees, employeeKey{t.Company, before.EmployeeNumber})
		if t.EmployeeNumber != "" {
			set(x, employees, employeeKey{t.Company, t.EmployeeNumber}, r)
		}
	}
}

func (x *tx) Travelers(ctx context.Context, q travel.TravelerQuery) ([]travel.Traveler, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	if q.Company.IsZero() && q.DeadlineBefore.IsZero() {
		return nil, unbounded("Company")
	}
	var list []travel.Traveler
	for _, c := range x.scope(q.Company) {
		for r := range c.travelers.after(q.After) {
			if t, ok := x.traveler(r); ok && matches(q, t) {
				list = append(list, t)
			}
			if q.Limit > 0 && len(list) == q.Limit && !q.Company.IsZero() {
				return list, nil
			}
		}
	}
	slices.SortFunc(list, func(a, b travel.Traveler) int { return a.ID.Compare(b.ID) })
	if q.Limit > 0 && q.Limit < len(list) {
		list = list[:q.Limit]
	}
	return list, nil
}

// scope returns one company, or all for a zero id.
func (x *tx) scope(id travel.CompanyID) []*company {
	if id.IsZero() {
		return x.s.companies.after(id)
	}
	if c := x.s.companies.get(id); c != nil {
		return []*company{c}
	}
	return nil
}

func matches(q travel.TravelerQuery, t travel.Traveler) bool {
	next := t.Credit.NextDeadline()
	return (q.Department.IsZero() || t.Department == q.Department) &&
		(!q.Open || len(t.Credit.Open) > 0) &&
		(q.DeadlineBefore.IsZero() || !next.IsZero() && !next.After(q.DeadlineBefore))
}

func unbounded(field string) error {
	return &travel.InputError{Field: field, Reason: "must be given: the list would be of all companies"}
}

func (x *tx) TravelersByNumber(ctx context.Context, n travel.PhoneNumber) ([]travel.Traveler, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	var list []travel.Traveler
	for _, r := range x.s.numbers[n] {
		if t, ok := x.traveler(r); ok {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b travel.Traveler) int { return a.ID.Compare(b.ID) })
	return list, nil
}

func (x *tx) FenceTravelers(ctx context.Context, company travel.CompanyID, m credit.Month) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	c := x.s.companies.get(company)
	if c == nil {
		return nil
	}
	for r := range c.travelers.after(travel.TravelerID{}) {
		x.lock(r)
		if t := *r.traveler.value; t.Credit.ClosedThrough < m {
			t.Credit.ClosedThrough = m
			x.saveTraveler(r, t)
		}
	}
	return nil
}

func (x *tx) Credential(ctx context.Context, username string) (travel.Credential, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Credential{}, err
	}
	if c, ok := x.s.credentials[username]; ok {
		return c, nil
	}
	return travel.Credential{}, fmt.Errorf("credential: %w", travel.ErrNotFound)
}

func (x *tx) InsertCredential(ctx context.Context, c travel.Credential) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	if _, ok := x.s.credentials[c.Username]; ok {
		return &travel.DuplicateError{Field: "Username"}
	}
	set(x, x.s.credentials, c.Username, c)
	return nil
}

func (x *tx) SaveCredential(ctx context.Context, c travel.Credential) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	set(x, x.s.credentials, c.Username, c)
	return nil
}
