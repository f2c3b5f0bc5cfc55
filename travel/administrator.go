package travel

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// CompanyDetails is what administrators may change about their company.
type CompanyDetails struct {
	Billing          Billing
	DefaultReference string
	// Maximum is the company's own highest limit, in kronor; 0 means none. It
	// holds at once, also for limits that were set before (R17).
	Maximum decimal.Decimal
	// Policy restricts purchases; nil restricts nothing (R05, R41).
	Policy *Policy
}

// Company returns a company.
func (s *Service) Company(ctx context.Context, a Actor, id CompanyID) (c Company, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		c, _, err = enter(ctx, tx, a, id)
		return err
	})
	return c, err
}

// UpdateCompany replaces what administrators may change. A maximum above the
// operator's is an [*InputError]. In a company that is closed the operator still
// can, for what is to be invoiced.
func (s *Service) UpdateCompany(ctx context.Context, a Actor, id CompanyID, d CompanyDetails) error {
	maximum, err := maximumAmount("Maximum", d.Maximum)
	if err != nil {
		return err
	}
	if maximum > s.rules.Maximum {
		return invalid("Maximum", d.Maximum.StringFixed(2), "exceeds the operator's maximum "+s.rules.Maximum.String())
	}
	if err := d.Policy.check(); err != nil {
		return err
	}
	return s.mend(ctx, a, id, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		w.company.Billing, w.company.DefaultReference = d.Billing, d.DefaultReference
		w.company.Maximum, w.company.Policy = maximum, d.Policy
		if err := w.company.check(); err != nil {
			return err
		}
		return w.audit("company.update", id.String(), fmt.Sprintf("maximum %s, policy %t, personal lines %t", maximum, d.Policy != nil, d.Billing.PersonalLines), "")
	})
}

// AddAdministrator lets a further person act for the company (R02), for the
// whole of it or for some departments only.
func (s *Service) AddAdministrator(ctx context.Context, a Actor, company CompanyID, name, email string, departments ...DepartmentID) (Administrator, error) {
	added := Administrator{Company: company, ID: s.ids.New(), Name: name, Email: email, Departments: slices.Clone(departments)}
	if err := added.check(); err != nil {
		return Administrator{}, err
	}
	err := s.change(ctx, a, company, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		for _, d := range departments {
			if _, err := w.Department(ctx, company, d); err != nil {
				return fmt.Errorf("department %s: %w", d, err)
			}
		}
		added.AddedAt = w.at
		if err := w.SaveAdministrator(ctx, added); err != nil {
			return err
		}
		return w.audit("administrator.add", added.ID.String(), fmt.Sprintf("%d departments", len(departments)), "")
	})
	if err != nil {
		return Administrator{}, err
	}
	return added, nil
}

// RemoveAdministrator ends an administrator's reach, at once. The last one for
// the whole company cannot be removed: that is [ErrConflict] (R02).
func (s *Service) RemoveAdministrator(ctx context.Context, a Actor, company CompanyID, id AdministratorID) error {
	return s.change(ctx, a, company, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		removed, err := w.Administrator(ctx, company, id)
		if err != nil {
			return err
		}
		if !removed.RemovedAt.IsZero() {
			return nil
		}
		all, err := w.Administrators(ctx, company)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(other Administrator) bool {
			return other.ID != id && other.RemovedAt.IsZero() && len(other.Departments) == 0
		}) {
			return fmt.Errorf("%w: the last administrator of the company cannot be removed", ErrConflict)
		}
		removed.RemovedAt = w.at
		if err := w.SaveAdministrator(ctx, removed); err != nil {
			return err
		}
		return w.audit("administrator.remove", id.String(), "", "")
	})
}

// Administrators lists those in office.
func (s *Service) Administrators(ctx context.Context, a Actor, company CompanyID) (list []Administrator, err error) {
	err = s.read(ctx, a, company, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		all, err := w.Administrators(ctx, company)
		list = slices.DeleteFunc(all, func(a Administrator) bool { return !a.RemovedAt.IsZero() })
		return err
	})
	return list, err
}

// AuditLog lists up to limit records of who did what, after a sequence number,
// for the operator and administrators of the whole company.
func (s *Service) AuditLog(ctx context.Context, a Actor, company CompanyID, after int64, limit int) (list []AuditRecord, err error) {
	err = s.read(ctx, a, company, func(w *session) error {
		if err := w.reach.whole(); err != nil {
			return err
		}
		list, err = w.Tx.AuditLog(ctx, company, after, limit)
		return err
	})
	return list, err
}
