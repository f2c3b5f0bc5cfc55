package travel

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// DepartmentDetails is what administrators say of a department.
type DepartmentDetails struct {
	// Name is unique in the company.
	Name string
	// Reference marks the invoices; "" means the company's default (R03).
	Reference string
	// CostCenter is what the company books the department's travel on; it is
	// repeated on invoices.
	CostCenter string
	// Policy restricts purchases, in addition to the company's (R05).
	Policy *Policy
}

func (d *DepartmentDetails) check() error {
	if err := cleanRequired("Name", &d.Name); err != nil {
		return err
	}
	if err := clean("Reference", &d.Reference); err != nil {
		return err
	}
	if err := clean("CostCenter", &d.CostCenter); err != nil {
		return err
	}
	return d.Policy.check()
}

// AddDepartment adds a department.
func (s *Service) AddDepartment(ctx context.Context, a Actor, company CompanyID, d DepartmentDetails) (Department, error) {
	if err := d.check(); err != nil {
		return Department{}, err
	}
	added := Department{Company: company, ID: s.ids.New()}
	return added, s.change(ctx, a, company, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		return w.saveDepartment(&added, d, "department.add")
	})
}

// UpdateDepartment changes a department. A new reference counts for everything
// that is not issued yet; issued papers keep theirs (R37). In a company that is
// closed the operator still can.
func (s *Service) UpdateDepartment(ctx context.Context, a Actor, company CompanyID, id DepartmentID, d DepartmentDetails) error {
	if err := d.check(); err != nil {
		return err
	}
	return s.mend(ctx, a, company, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		old, err := w.Department(ctx, company, id)
		if err != nil {
			return err
		}
		return w.saveDepartment(&old, d, "department.update")
	})
}

func (w *session) saveDepartment(saved *Department, d DepartmentDetails, action string) error {
	all, err := w.Departments(w.ctx, w.company.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(other Department) bool {
		return other.ID != saved.ID && other.ArchivedAt.IsZero() && strings.EqualFold(other.Name, d.Name)
	}) {
		return &DuplicateError{Field: "Name"}
	}
	saved.Name, saved.Reference, saved.CostCenter, saved.Policy = d.Name, d.Reference, d.CostCenter, d.Policy
	if err := w.SaveDepartment(w.ctx, *saved); err != nil {
		return err
	}
	return w.audit(action, saved.ID.String(), fmt.Sprintf("reference %q, cost center %q, policy %t", d.Reference, d.CostCenter, d.Policy != nil), "")
}

// ArchiveDepartment closes a department, which must have no travelers any more;
// else it is [ErrConflict]. What was bought in it is still invoiced (R29).
func (s *Service) ArchiveDepartment(ctx context.Context, a Actor, company CompanyID, id DepartmentID) error {
	return s.change(ctx, a, company, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		d, err := w.Department(ctx, company, id)
		if err != nil || !d.ArchivedAt.IsZero() {
			return err
		}
		if err := w.empty(id); err != nil {
			return err
		}
		d.ArchivedAt = w.at
		if err := w.SaveDepartment(ctx, d); err != nil {
			return err
		}
		return w.audit("department.archive", id.String(), "", "")
	})
}

// empty returns an error while somebody is in a department. Those who were
// erased are nobody.
func (w *session) empty(id DepartmentID) error {
	const page = 200
	for q := (TravelerQuery{Company: w.company.ID, Department: id, Limit: page}); ; {
		inside, err := w.Travelers(w.ctx, q)
		if err != nil {
			return err
		}
		for _, t := range inside {
			if t.ErasedAt.IsZero() {
				return fmt.Errorf("%w: the department has travelers", ErrConflict)
			}
			q.After = t.ID
		}
		if len(inside) < page {
			return nil
		}
	}
}

// Departments lists the departments within the actor's reach that are not
// archived.
func (s *Service) Departments(ctx context.Context, a Actor, company CompanyID) (list []Department, err error) {
	err = s.read(ctx, a, company, func(w *session) error {
		all, err := w.Departments(ctx, company)
		list = slices.DeleteFunc(all, func(d Department) bool { return !d.ArchivedAt.IsZero() || !w.reach.covers(d.ID) })
		return err
	})
	return list, err
}
