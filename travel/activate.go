package travel

import (
	"context"
	"errors"
	"time"
)

// ActivateRequest is what the app sends when the traveler adds the payment
// method.
type ActivateRequest struct {
	// Username and Code are as typed; case, spaces and hyphens do not matter.
	Username, Code string
	// Number is the mobile number that is registered in the app, Device the
	// host's id of the phone; the host has verified both.
	Number PhoneNumber
	Device string
}

// Activate adds the payment method to a phone: exactly the username and the
// code of the newest SMS, once, in time, on the traveler's number (R11–R14).
//
// Every wrong attempt has the same answer, [ErrActivation], after the same
// work. Attempts are counted before the code is looked at.
func (s *Service) Activate(ctx context.Context, req ActivateRequest) (PaymentMethod, error) {
	if req.Number.IsZero() {
		return PaymentMethod{}, invalid("Number", "", "is required")
	}
	if err := checkText("Device", req.Device, maxText); err != nil || req.Device == "" {
		return PaymentMethod{}, invalid("Device", "", "must have 1 to 200 characters")
	}
	tried, err := s.countAttempt(ctx, readTyped(req.Username))
	if err != nil {
		return PaymentMethod{}, err
	}
	right, err := s.matches(ctx, tried, readTyped(req.Code))
	if err != nil {
		return PaymentMethod{}, err
	}
	if !right || tried.Attempts > s.code.attempts {
		return PaymentMethod{}, ErrActivation
	}
	return s.consume(ctx, tried, req)
}

// countAttempt saves one more attempt, in a transaction of its own, and returns
// the credential as it then is.
func (s *Service) countAttempt(ctx context.Context, username string) (c Credential, err error) {
	decoy, err := s.decoy(username)
	if err != nil {
		return c, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		c, err = tx.Credential(ctx, username)
		if errors.Is(err, ErrNotFound) {
			c, err = tx.Credential(ctx, decoy.Username)
			if err == nil || errors.Is(err, ErrNotFound) {
				decoy.Attempts = c.Attempts
				c, err = decoy, nil
			}
		}
		if err != nil {
			return err
		}
		c.Attempts++
		return tx.SaveCredential(ctx, c)
	})
	return c, err
}

// consume uses the code up and binds the phone, if everything still holds. The
// records are locked in the order in which every change locks them.
func (s *Service) consume(ctx context.Context, tried Credential, req ActivateRequest) (m PaymentMethod, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		company, err := tx.Company(ctx, tried.Company)
		if err != nil {
			return err
		}
		t, err := tx.Traveler(ctx, tried.Company, tried.Traveler)
		if err != nil {
			return err
		}
		c, err := tx.Credential(ctx, tried.Username)
		if err != nil {
			return err
		}
		at := s.now()
		if company.Status != CompanyApproved || t.Number != req.Number ||
			t.Connection.ID != c.Connection || t.Connection.State != ConnectionPending ||
			c.State != CredentialOpen || !at.Before(c.ExpiresAt) {
			return ErrActivation
		}
		c.State = CredentialUsed
		if err := tx.SaveCredential(ctx, c); err != nil {
			return err
		}
		t.Connection.State, t.Connection.ActivatedAt, t.Connection.Device = ConnectionActive, at, req.Device
		if err := tx.SaveTraveler(ctx, t); err != nil {
			return err
		}
		m = PaymentMethod{Company: t.Company, Traveler: t.ID, Connection: t.Connection.ID}
		return tx.AppendEvents(ctx, Event{
			ID: s.ids.New(), Type: EventTravelerActivated, At: at, Company: t.Company, Traveler: t.ID,
		})
	})
	return m, err
}

// CodeState is what has become of the newest code, for administrators (R14).
type CodeState string

// What has become of a code.
const (
	CodeNone    CodeState = ""
	CodeOpen    CodeState = "open"
	CodeUsed    CodeState = "used"
	CodeExpired CodeState = "expired"
	CodeLocked  CodeState = "locked"
	CodeVoid    CodeState = "void"
)

// codeState returns what has become of a code at an instant. A code is locked
// when all its attempts are taken.
func (s *Service) codeState(c Credential, at time.Time) CodeState {
	switch {
	case c.Username == "":
		return CodeNone
	case c.State == CredentialUsed:
		return CodeUsed
	case c.State == CredentialVoid:
		return CodeVoid
	case c.Attempts >= s.code.attempts:
		return CodeLocked
	case !at.Before(c.ExpiresAt):
		return CodeExpired
	}
	return CodeOpen
}
