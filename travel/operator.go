package travel

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/number"
	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// Application is a company's request for an account; it names one
// administrator (R01).
type Application struct {
	Name string
	// OrganizationNumber is ten digits, with or without the dash.
	OrganizationNumber string
	Billing            Billing
	DefaultReference   string
	AdministratorName  string
	AdministratorEmail string
}

// Apply records a company's application. The company can do nothing before the
// operator has approved it.
func (s *Service) Apply(ctx context.Context, a Application) (Company, Administrator, error) {
	c := Company{
		ID: s.ids.New(), Status: CompanyApplied, Name: a.Name, Billing: a.Billing,
		OrganizationNumber: strings.ReplaceAll(strings.TrimSpace(a.OrganizationNumber), "-", ""),
		DefaultReference:   a.DefaultReference, AppliedAt: s.now(),
	}
	admin := Administrator{Company: c.ID, ID: s.ids.New(), Name: a.AdministratorName, Email: a.AdministratorEmail, AddedAt: c.AppliedAt}
	if err := c.check(); err != nil {
		return Company{}, Administrator{}, err
	}
	if err := admin.check(); err != nil {
		return Company{}, Administrator{}, within("Administrator", err)
	}
	// A new company enters no month that is over.
	c.ClosedThrough = credit.MonthOf(c.AppliedAt, s.rules.Zone) - 1
	err := s.store.Update(ctx, func(tx Tx) error {
		w := &session{Tx: tx, ctx: ctx, service: s, actor: Actor{role: RoleAdministrator, name: admin.ID.String()}, company: c, at: c.AppliedAt}
		if err := tx.SaveCompany(ctx, c); err != nil {
			return err
		}
		if err := tx.SaveAdministrator(ctx, admin); err != nil {
			return err
		}
		if err := w.audit("company.apply", c.ID.String(), "", ""); err != nil {
			return err
		}
		if err := w.emit(EventCompanyApplied, TravelerID{}); err != nil {
			return err
		}
		c = w.company
		return tx.SaveCompany(ctx, c)
	})
	if err != nil {
		return Company{}, Administrator{}, err
	}
	return c, admin, nil
}

// check cleans and checks what a company says of itself.
func (c *Company) check() error {
	if err := cleanRequired("Name", &c.Name); err != nil {
		return err
	}
	plain, err := number.Organization(c.OrganizationNumber)
	if err != nil { // masked: a sole trader's is a person's
		return &InputError{Field: "OrganizationNumber", Value: phone.Mask(c.OrganizationNumber), Err: err}
	}
	c.OrganizationNumber = plain
	if err := clean("DefaultReference", &c.DefaultReference); err != nil {
		return err
	}
	return c.Billing.check()
}

func (b *Billing) check() error {
	for _, f := range []struct {
		field string
		value *string
	}{
		{"Billing.Name", &b.Name}, {"Billing.Street", &b.Street}, {"Billing.PostalCode", &b.PostalCode},
		{"Billing.City", &b.City}, {"Billing.VATNumber", &b.VATNumber}, {"Billing.PeppolID", &b.PeppolID}, {"Billing.Email", &b.Email},
	} {
		if err := clean(f.field, f.value); err != nil {
			return err
		}
	}
	if b.Country == "" {
		b.Country = "SE"
	}
	if len(b.Country) != 2 || strings.Trim(b.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return invalid("Billing.Country", b.Country, "must be an ISO 3166 code of two letters")
	}
	for _, f := range []struct {
		field string
		value *string
		form  func(string) (string, error)
	}{{"Billing.VATNumber", &b.VATNumber, number.VAT}, {"Billing.PeppolID", &b.PeppolID, number.Participant}} {
		if *f.value == "" {
			continue
		}
		plain, err := f.form(*f.value)
		if err != nil { // masked: a sole trader's is a person's
			return &InputError{Field: f.field, Value: phone.Mask(*f.value), Err: err}
		}
		*f.value = plain
	}
	return nil
}

func (a *Administrator) check() error {
	if err := cleanRequired("Name", &a.Name); err != nil {
		return err
	}
	return cleanEmail("Email", &a.Email)
}

// cleanEmail checks an address that may be empty.
func cleanEmail(field string, s *string) error {
	if err := clean(field, s); err != nil {
		return err
	}
	local, domain, ok := strings.Cut(*s, "@")
	if *s != "" && (!ok || local == "" || domain == "" || strings.ContainsAny(*s, " <>,;")) {
		return invalid(field, "", "is no e-mail address")
	}
	return nil
}

// Approve opens a company's account (R01). Reason is for the audit log.
func (s *Service) Approve(ctx context.Context, a Actor, id CompanyID, reason string) error {
	return s.decideCompany(ctx, a, id, CompanyApproved, EventCompanyApproved, reason)
}

// Reject turns an application down, for good (R01).
func (s *Service) Reject(ctx context.Context, a Actor, id CompanyID, reason string) error {
	return s.decideCompany(ctx, a, id, CompanyRejected, EventCompanyRejected, reason)
}

func (s *Service) decideCompany(ctx context.Context, a Actor, id CompanyID, status CompanyStatus, event EventType, reason string) error {
	if err := a.operator(); err != nil {
		return err
	}
	return s.changeAny(ctx, a, id, func(w *session) error {
		if w.company.Status != CompanyApplied {
			return fmt.Errorf("%w: the company is %s", ErrConflict, w.company.Status)
		}
		w.company.Status, w.company.DecidedAt = status, w.at
		// Invoicing begins with this month, whatever a clock that is set back says.
		w.company.ClosedThrough = max(w.company.ClosedThrough, credit.MonthOf(w.at, s.rules.Zone)-1)
		if err := w.emit(event, TravelerID{}); err != nil {
			return err
		}
		return w.audit(string(event), id.String(), string(status), reason)
	})
}

// CloseCompany ends a company's account: every connection ends as by
// [Service.RemoveLimit]. What was bought is still invoiced. It may be repeated
// after a failure, and goes on where it stopped.
func (s *Service) CloseCompany(ctx context.Context, a Actor, id CompanyID, reason string) error {
	if err := a.operator(); err != nil {
		return err
	}
	err := s.changeAny(ctx, a, id, func(w *session) error {
		if w.company.Status == CompanyClosed {
			return nil
		}
		if err := w.company.active(); err != nil {
			return err
		}
		w.company.Status, w.company.ClosedAt = CompanyClosed, w.at
		if err := w.emit(EventCompanyClosed, TravelerID{}); err != nil {
			return err
		}
		return w.audit(string(EventCompanyClosed), id.String(), string(CompanyClosed), reason)
	})
	if err != nil {
		return err
	}
	// Purchases read the status after they hold the traveler: whatever was
	// approved before the status changed is found and released here.
	return s.eachTraveler(ctx, id, func(t Traveler) error {
		return s.changeAny(ctx, a, id, func(w *session) error {
			t, err := w.Traveler(ctx, id, t.ID)
			if err != nil || !t.connected() {
				return err
			}
			return w.disconnect(&t)
		})
	})
}

// eachTraveler calls do for every traveler of a company, in pages.
func (s *Service) eachTraveler(ctx context.Context, company CompanyID, do func(Traveler) error) error {
	const page = 500
	var after TravelerID
	for {
		var travelers []Traveler
		err := s.store.View(ctx, func(tx Tx) (err error) {
			travelers, err = tx.Travelers(ctx, TravelerQuery{Company: company, After: after, Limit: page})
			return err
		})
		if err != nil {
			return err
		}
		for _, t := range travelers {
			if err := do(t); err != nil {
				return err
			}
			after = t.ID
		}
		if len(travelers) < page {
			return nil
		}
	}
}

// SetCeiling sets the highest limit that the operator grants one traveler of a
// company, in kronor; 0 removes it. It holds at once, also for limits that were
// set before.
func (s *Service) SetCeiling(ctx context.Context, a Actor, id CompanyID, ceiling decimal.Decimal) error {
	if err := a.operator(); err != nil {
		return err
	}
	amount, err := maximumAmount("Ceiling", ceiling)
	if err != nil {
		return err
	}
	return s.changeAny(ctx, a, id, func(w *session) error {
		w.company.Ceiling = amount
		return w.audit("company.ceiling", id.String(), amount.String(), "")
	})
}

// SetEarlyInsight shows or hides the purchases of a month to administrators
// before it is closed (R33).
func (s *Service) SetEarlyInsight(ctx context.Context, a Actor, id CompanyID, on bool) error {
	if err := a.operator(); err != nil {
		return err
	}
	return s.changeAny(ctx, a, id, func(w *session) error {
		w.company.EarlyInsight = on
		return w.audit("company.early_insight", id.String(), fmt.Sprint(on), "")
	})
}

// Companies lists up to limit companies after an id, of one status or of all
// (""), for the operator.
func (s *Service) Companies(ctx context.Context, a Actor, status CompanyStatus, after CompanyID, limit int) (list []Company, err error) {
	if err := a.operator(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		list, err = tx.Companies(ctx, status, after, limit)
		return err
	})
	return list, err
}

// maximumAmount reads a maximum, which may be 0 for none.
func maximumAmount(field string, d decimal.Decimal) (credit.Amount, error) {
	amount, err := credit.FromDecimal(d)
	if err != nil {
		return 0, &InputError{Field: field, Value: d.String(), Err: err}
	}
	if amount < 0 {
		return 0, invalid(field, d.String(), "must not be negative")
	}
	return amount, nil
}
