package travel

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Role is what an actor is to the service.
type Role string

// The roles.
const (
	RoleOperator      Role = "operator"
	RoleAdministrator Role = "administrator"
	// RoleSystem is a job of the host.
	RoleSystem Role = "system"
)

// Actor is who makes a call, as the host has authenticated it. Every method
// that an operator or an administrator uses takes one and checks its reach
// (R40).
type Actor struct {
	role          Role
	name          string
	company       CompanyID
	administrator AdministratorID
	departments   []DepartmentID
}

// OperatorActor is a member of the operator's staff; name is the host's own id
// for the audit log, and must not be a person's name.
func OperatorActor(name string) Actor { return Actor{role: RoleOperator, name: name} }

// AdministratorActor is an administrator of a company. With departments the
// call is bounded to these, within those that the administrator has.
func AdministratorActor(company CompanyID, id AdministratorID, departments ...DepartmentID) Actor {
	return Actor{role: RoleAdministrator, name: id.String(), company: company, administrator: id, departments: departments}
}

// IsOperator tells whether the actor is the operator, or a job of the host. The
// operator reaches every company.
func (a Actor) IsOperator() bool { return a.role == RoleOperator || a.role == RoleSystem }

// operator returns an error unless the actor is the operator.
func (a Actor) operator() error {
	if !a.IsOperator() {
		return fmt.Errorf("%w: for the operator only", ErrForbidden)
	}
	return nil
}

// reach is how far an actor reaches inside a company.
type reach struct {
	all         bool
	departments []DepartmentID
}

// covers tells whether a department lies within reach. Travelers without a
// department belong to the whole company.
func (r reach) covers(d DepartmentID) bool { return r.all || slices.Contains(r.departments, d) }

// department returns ErrNotFound for what lies outside, as if it were not
// there: an id of another department tells nothing.
func (r reach) department(d DepartmentID) error {
	if !r.covers(d) {
		return ErrNotFound
	}
	return nil
}

// whole returns an error unless the whole company is within reach.
func (r reach) whole() error {
	if !r.all {
		return fmt.Errorf("%w: for administrators of the whole company", ErrForbidden)
	}
	return nil
}

// enter checks an actor's reach into a company and returns the company. In an
// update it locks the company, so that changes inside one company happen one
// after the other.
func enter(ctx context.Context, tx Tx, a Actor, id CompanyID) (Company, reach, error) {
	if a.role == RoleAdministrator && a.company != id {
		return Company{}, reach{}, ErrNotFound
	}
	c, err := tx.Company(ctx, id)
	if err != nil {
		return Company{}, reach{}, err
	}
	switch a.role {
	case RoleOperator, RoleSystem:
		return c, reach{all: true}, nil
	case RoleAdministrator:
		r, err := administratorReach(ctx, tx, a)
		if err != nil {
			return Company{}, reach{}, err
		}
		return c, r, nil
	}
	return Company{}, reach{}, fmt.Errorf("%w: no role", ErrForbidden)
}

// administratorReach narrows what the administrator has on record by what the
// call is bounded to.
func administratorReach(ctx context.Context, tx Tx, a Actor) (reach, error) {
	record, err := tx.Administrator(ctx, a.company, a.administrator)
	if errors.Is(err, ErrNotFound) || err == nil && !record.RemovedAt.IsZero() {
		return reach{}, fmt.Errorf("%w: not an administrator of the company", ErrForbidden)
	}
	if err != nil {
		return reach{}, err
	}
	switch {
	case len(record.Departments) == 0 && len(a.departments) == 0:
		return reach{all: true}, nil
	case len(record.Departments) == 0:
		return reach{departments: a.departments}, nil
	case len(a.departments) == 0:
		return reach{departments: record.Departments}, nil
	}
	var both []DepartmentID
	for _, d := range a.departments {
		if slices.Contains(record.Departments, d) {
			both = append(both, d)
		}
	}
	return reach{departments: both}, nil
}

// Reach returns nil when the actor may see all the departments given, or the
// whole company when none is given; otherwise [ErrForbidden] or [ErrNotFound]
// (R40). A department of another company is [ErrNotFound] for everybody; the
// zero id stands for those without a department, an archived one can be seen.
// Other packages of the library check their calls with it.
func (s *Service) Reach(ctx context.Context, a Actor, company CompanyID, departments ...DepartmentID) error {
	return s.store.View(ctx, func(tx Tx) error {
		_, r, err := enter(ctx, tx, a, company)
		if err != nil {
			return err
		}
		if len(departments) == 0 {
			return r.whole()
		}
		for _, d := range departments {
			if err := r.department(d); err != nil {
				return err
			}
			if d.IsZero() {
				continue
			}
			if _, err := tx.Department(ctx, company, d); err != nil {
				return err
			}
		}
		return nil
	})
}
