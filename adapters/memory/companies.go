package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tjansteresor/tjansteresor/travel"
)

// company is everything that is found by way of a company.
type company struct {
	id travel.CompanyID
	// state is replaced as a whole, so that a purchase reads company and
	// department of one moment without a lock.
	state   atomic.Pointer[companyState]
	entries book

	// The rest is guarded by Store.cold.
	travelers table[travel.TravelerID, *row]
	audit     []travel.AuditRecord
}

// companyState is what purchases read of a company. It never changes once it
// is in force.
type companyState struct {
	// known is false while there is only something inside the company.
	known bool
	travel.Company
	departments map[travel.DepartmentID]*travel.Department
}

type administratorKey struct {
	company travel.CompanyID
	id      travel.AdministratorID
}

// companies finds companies without Store.cold: streams of entries do.
type companies struct {
	mu  sync.RWMutex
	all table[travel.CompanyID, *company]
}

// get returns a company, or nil.
func (cs *companies) get(id travel.CompanyID) *company {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	c, _ := cs.all.get(id)
	return c
}

// open returns a company, which may be an unknown one yet.
func (cs *companies) open(id travel.CompanyID) *company {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c, ok := cs.all.get(id)
	if !ok {
		c = &company{id: id}
		c.state.Store(&companyState{})
		cs.all.put(id, c)
	}
	return c
}

// after returns the companies with an id above one.
func (cs *companies) after(id travel.CompanyID) []*company {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return slices.Collect(cs.all.after(id))
}

// state returns a company as the transaction sees it.
func (x *tx) state(c *company) *companyState {
	if own := x.companies[c]; own != nil {
		return own
	}
	return c.state.Load()
}

// change returns a company's state for the update to change.
func (x *tx) change(id travel.CompanyID) *companyState {
	c := x.s.companies.open(id)
	own := x.companies[c]
	if own == nil {
		before := *c.state.Load()
		before.departments = maps.Clone(before.departments)
		own = &before
		x.companies[c] = own
	}
	return own
}

func (x *tx) Company(ctx context.Context, id travel.CompanyID) (travel.Company, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Company{}, err
	}
	if c := x.s.companies.get(id); c != nil && x.state(c).known {
		return x.state(c).Company, nil
	}
	return travel.Company{}, notFound("company", id)
}

func (x *tx) SaveCompany(ctx context.Context, c travel.Company) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	state := x.change(c.ID)
	state.known, state.Company = true, c
	return nil
}

func (x *tx) Companies(ctx context.Context, status travel.CompanyStatus, after travel.CompanyID, limit int) ([]travel.Company, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	var list []travel.Company
	for _, c := range x.s.companies.after(after) {
		state := x.state(c)
		if state.known && (status == "" || state.Status == status) {
			list = append(list, state.Company)
		}
		if limit > 0 && len(list) == limit {
			break
		}
	}
	return list, nil
}

func (x *tx) Department(ctx context.Context, company travel.CompanyID, id travel.DepartmentID) (travel.Department, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Department{}, err
	}
	if c := x.s.companies.get(company); c != nil {
		if d, ok := x.state(c).departments[id]; ok {
			return *d, nil
		}
	}
	return travel.Department{}, notFound("department", id)
}

func (x *tx) SaveDepartment(ctx context.Context, d travel.Department) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	state := x.change(d.Company)
	if state.departments == nil {
		state.departments = map[travel.DepartmentID]*travel.Department{}
	}
	state.departments[d.ID] = &d
	return nil
}

func (x *tx) Departments(ctx context.Context, company travel.CompanyID) ([]travel.Department, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	c := x.s.companies.get(company)
	if c == nil {
		return nil, nil
	}
	var list []travel.Department
	for _, d := range x.state(c).departments {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b travel.Department) int { return a.ID.Compare(b.ID) })
	return list, nil
}

func (x *tx) Administrator(ctx context.Context, company travel.CompanyID, id travel.AdministratorID) (travel.Administrator, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Administrator{}, err
	}
	if a, ok := x.s.administrators[administratorKey{company, id}]; ok {
		return a, nil
	}
	return travel.Administrator{}, notFound("administrator", id)
}

func (x *tx) SaveAdministrator(ctx context.Context, a travel.Administrator) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	set(x, x.s.administrators, administratorKey{a.Company, a.ID}, a)
	return nil
}

func (x *tx) Administrators(ctx context.Context, company travel.CompanyID) ([]travel.Administrator, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	list := page(maps.Values(x.s.administrators), 0, func(a travel.Administrator) bool { return a.Company == company })
	slices.SortFunc(list, func(a, b travel.Administrator) int { return a.ID.Compare(b.ID) })
	return list, nil
}

func (x *tx) AppendAudit(ctx context.Context, r travel.AuditRecord) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	c := x.s.companies.open(r.Company)
	i, taken := searchAudit(c.audit, r.Sequence)
	if taken {
		return &travel.DuplicateError{Field: "Sequence"}
	}
	before := c.audit
	x.undo = append(x.undo, func() { c.audit = before })
	// Inserted into a copy, unless it only adds to the end: what is before the
	// end is not touched and the undo still holds.
	if i < len(before) {
		before = slices.Clone(before)
	}
	c.audit = slices.Insert(before, i, r)
	return nil
}

func (x *tx) AuditLog(ctx context.Context, company travel.CompanyID, after int64, limit int) ([]travel.AuditRecord, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	c := x.s.companies.get(company)
	if c == nil {
		return nil, nil
	}
	i, found := searchAudit(c.audit, after)
	if found {
		i++
	}
	rest := c.audit[i:]
	if limit > 0 && limit < len(rest) {
		rest = rest[:limit]
	}
	return slices.Clone(rest), nil
}

func searchAudit(log []travel.AuditRecord, sequence int64) (int, bool) {
	return slices.BinarySearchFunc(log, sequence, func(r travel.AuditRecord, n int64) int { return cmp.Compare(r.Sequence, n) })
}
