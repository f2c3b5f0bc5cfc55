package travel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// TravelerDetails is what administrators say of a traveler.
type TravelerDetails struct {
	FirstName, LastName string
	// Email and EmployeeNumber may be empty.
	Email, EmployeeNumber string
	// Department is where purchases are invoiced to from now on; zero means
	// none (R29).
	Department DepartmentID
}

func (d *TravelerDetails) check() error {
	if err := cleanRequired("FirstName", &d.FirstName); err != nil {
		return err
	}
	if err := cleanRequired("LastName", &d.LastName); err != nil {
		return err
	}
	if err := clean("EmployeeNumber", &d.EmployeeNumber); err != nil {
		return err
	}
	return cleanEmail("Email", &d.Email)
}

// ParseNumber reads a mobile number as people write it, with the operator's
// home country and allowed countries (R08). The error is an [*InputError] with
// the number masked.
func (s *Service) ParseNumber(number string) (PhoneNumber, error) {
	n, err := phone.Parse(number, s.home, s.countries...)
	if err != nil {
		return PhoneNumber{}, &InputError{Field: "Number", Value: phone.Mask(number), Err: err}
	}
	return n, nil
}

// AddTraveler puts a traveler on record. That alone gives no access (R06). A
// number or employee number that another traveler of the company has is a
// [*DuplicateError].
func (s *Service) AddTraveler(ctx context.Context, a Actor, company CompanyID, n PhoneNumber, d TravelerDetails) (TravelerView, error) {
	if err := d.check(); err != nil {
		return TravelerView{}, err
	}
	if n.IsZero() {
		return TravelerView{}, invalid("Number", "", "is required")
	}
	var view TravelerView
	err := s.change(ctx, a, company, func(w *session) error {
		t, err := w.addTraveler(n, d)
		if err != nil {
			return err
		}
		view, err = w.view(t)
		return err
	})
	return view, err
}

func (w *session) addTraveler(n PhoneNumber, d TravelerDetails) (Traveler, error) {
	t := Traveler{Company: w.company.ID, ID: w.service.ids.New(), Number: n, CreatedAt: w.at}
	t.Credit.ClosedThrough = w.company.ClosedThrough
	if err := w.setDetails(&t, d); err != nil {
		return t, err
	}
	if err := w.SaveTraveler(w.ctx, t); err != nil {
		return t, err
	}
	return t, w.audit("traveler.add", t.ID.String(), "", "")
}

// setDetails checks the department and takes the details over.
func (w *session) setDetails(t *Traveler, d TravelerDetails) error {
	if err := w.reach.department(d.Department); err != nil {
		return fmt.Errorf("department: %w", err)
	}
	if !d.Department.IsZero() && d.Department != t.Department {
		department, err := w.Department(w.ctx, w.company.ID, d.Department)
		if err != nil {
			return fmt.Errorf("department: %w", err)
		}
		if !department.ArchivedAt.IsZero() {
			return fmt.Errorf("%w: the department is archived", ErrConflict)
		}
	}
	t.FirstName, t.LastName, t.Email, t.EmployeeNumber = d.FirstName, d.LastName, d.Email, d.EmployeeNumber
	t.Department = d.Department
	return nil
}

// UpdateTraveler changes what is said of a traveler. What was bought keeps the
// name and the department of its instant (R29, R37).
func (s *Service) UpdateTraveler(ctx context.Context, a Actor, company CompanyID, id TravelerID, d TravelerDetails) error {
	if err := d.check(); err != nil {
		return err
	}
	return s.change(ctx, a, company, func(w *session) error {
		t, err := w.traveler(id)
		if err != nil {
			return err
		}
		return w.updateTraveler(&t, d)
	})
}

func (w *session) updateTraveler(t *Traveler, d TravelerDetails) error {
	if err := w.setDetails(t, d); err != nil {
		return err
	}
	if err := w.SaveTraveler(w.ctx, *t); err != nil {
		return err
	}
	return w.audit("traveler.update", t.ID.String(), "department "+t.Department.String(), "")
}

// Erase removes a person from every view, on request (R44): name, number,
// address, employee number, purposes. The access ends as by
// [Service.RemoveLimit]. Purchases, totals and issued documents stay, without
// the person. A purchase that the payment provider has not answered is
// [ErrConflict]: try again when it has. In a company that is closed the
// operator can still erase.
func (s *Service) Erase(ctx context.Context, a Actor, company CompanyID, id TravelerID) error {
	change := s.change
	if a.operator() == nil {
		change = s.changeAny
	}
	return change(ctx, a, company, func(w *session) error {
		t, err := w.traveler(id)
		if err != nil {
			return err
		}
		if err := w.endConnection(&t); err != nil {
			return err
		}
		if len(t.Credit.Open) > 0 {
			return fmt.Errorf("%w: a payment is under way", ErrConflict)
		}
		messages, err := w.Messages(ctx, company, id)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if err := w.SaveMessage(ctx, m.Erased(w.at)); err != nil {
				return err
			}
		}
		if err := w.ErasePersonal(ctx, company, id); err != nil {
			return err
		}
		erased := Traveler{
			Company: t.Company, ID: t.ID, Department: t.Department, Credit: t.Credit.RemoveLimit(),
			CreatedAt: t.CreatedAt, ErasedAt: w.at,
		}
		erased.Connection.ID, erased.Connection.State = t.Connection.ID, t.Connection.State
		erased.Connection.Username = t.Connection.Username
		if err := w.SaveTraveler(ctx, erased); err != nil {
			return err
		}
		if err := w.emit(EventTravelerErased, id); err != nil {
			return err
		}
		return w.audit("traveler.erase", id.String(), "", "")
	})
}

// TravelerView is a traveler as administrators see one: without what was
// bought, before the month is closed (R33).
type TravelerView struct {
	ID TravelerID
	TravelerDetails
	Number PhoneNumber
	// Limit is the monthly limit in force now, in kronor; 0 means none. Raise
	// is the temporary limit behind it, until RaisedUntil.
	Limit, Raise decimal.Decimal
	RaisedUntil  time.Time
	Frozen       bool
	// UsedUp says that nothing is left of this month's credit, or that nothing
	// can be bought in it any more; how much was bought is not said before the
	// month is closed.
	UsedUp     bool
	Connection ConnectionState
	// Code is what has become of the newest code, valid until CodeExpiresAt,
	// with CodeAttempts tries so far (R14).
	Code          CodeState
	CodeExpiresAt time.Time
	CodeAttempts  int
	// ConnectedAt, ActivatedAt and Note are those of the newest connection.
	ConnectedAt, ActivatedAt time.Time
	Note                     string
}

func (w *session) view(t Traveler) (TravelerView, error) {
	account := accountOf(&w.company, &t)
	balance := w.service.rules.Balance(account, w.at)
	v := TravelerView{
		ID: t.ID, Number: t.Number, Limit: balance.Limit.Decimal(), Frozen: account.Frozen,
		UsedUp: balance.Limit > 0 && balance.Available == 0,
		TravelerDetails: TravelerDetails{
			FirstName: t.FirstName, LastName: t.LastName, Email: t.Email,
			EmployeeNumber: t.EmployeeNumber, Department: t.Department,
		},
		Connection: t.Connection.State, ConnectedAt: t.Connection.ConnectedAt,
		ActivatedAt: t.Connection.ActivatedAt, Note: t.Connection.Note,
	}
	if w.at.Before(account.Raise.Until) {
		v.Raise, v.RaisedUntil = account.Raise.Limit.Decimal(), account.Raise.Until
	}
	if t.Connection.Username == "" {
		return v, nil
	}
	c, err := w.Credential(w.ctx, t.Connection.Username)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return v, err
	}
	v.Code, v.CodeExpiresAt, v.CodeAttempts = w.service.codeState(c, w.at), c.ExpiresAt, c.Attempts
	return v, nil
}

// Traveler returns a traveler within the actor's reach.
func (s *Service) Traveler(ctx context.Context, a Actor, company CompanyID, id TravelerID) (v TravelerView, err error) {
	err = s.read(ctx, a, company, func(w *session) error {
		t, err := w.traveler(id)
		if err != nil {
			return err
		}
		v, err = w.view(t)
		return err
	})
	return v, err
}

// Travelers lists up to limit travelers after an id, within the actor's reach.
func (s *Service) Travelers(ctx context.Context, a Actor, company CompanyID, after TravelerID, limit int) (list []TravelerView, err error) {
	err = s.read(ctx, a, company, func(w *session) error {
		list = nil
		for len(list) < limit {
			page, err := w.Travelers(ctx, TravelerQuery{Company: company, After: after, Limit: limit})
			if err != nil {
				return err
			}
			for _, t := range page {
				after = t.ID
				if !t.ErasedAt.IsZero() || !w.reach.covers(t.Department) || len(list) == limit {
					continue
				}
				v, err := w.view(t)
				if err != nil {
					return err
				}
				list = append(list, v)
			}
			if len(page) < limit {
				return nil
			}
		}
		return nil
	})
	return list, err
}
