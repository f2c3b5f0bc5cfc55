package travel

import (
	"errors"
	"fmt"
)

// The kinds of errors; [errors.Is] tells them apart.
var (
	// ErrInvalid: an input is wrong. The error is an [*InputError].
	ErrInvalid = errors.New("invalid input")
	// ErrNotFound: there is no such record, or none that the caller may see.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the actor's role does not reach that far (R40).
	ErrForbidden = errors.New("not allowed for this actor")
	// ErrDuplicate: another record has the value already. The error is a
	// [*DuplicateError].
	ErrDuplicate = errors.New("already taken")
	// ErrConflict: the state does not allow it.
	ErrConflict = errors.New("not possible in this state")
	// ErrCompanyInactive: the company is not approved, or closed (R01).
	ErrCompanyInactive = errors.New("company is not active")
	// ErrKeyReused: the key was used before with another content (R42).
	ErrKeyReused = errors.New("idempotency key used with another content")
	// ErrPaymentPending: the payment provider has not answered. The purchase is
	// driven on; repeating the key tells how it ended.
	ErrPaymentPending = errors.New("payment provider has not answered")
	// ErrActivation: username and code do not activate here. It is the one
	// answer to every wrong attempt (R14).
	ErrActivation = errors.New("username and code do not match")
	// ErrPlanStale: the state has moved since the import was planned.
	ErrPlanStale = errors.New("import plan is out of date")
	// ErrImport: the import has invalid rows and was to be applied whole.
	ErrImport = errors.New("import has invalid rows")
	// ErrReadOnly: saving was tried in a View.
	ErrReadOnly = errors.New("read-only transaction")
	// ErrUnknownOutcome: the connection to the store was lost while it
	// committed. Repeat the request with its key.
	ErrUnknownOutcome = errors.New("outcome of the transaction is unknown")
	// ErrCooldown: an SMS was sent a moment ago. The kind of every
	// [*CooldownError].
	ErrCooldown = errors.New("sent a moment ago")
	// ErrDrift: the audit chain or the entries do not add up. The error of
	// [Service.Audit] lists what.
	ErrDrift = errors.New("stored state does not add up")
)

// InputError says what is wrong with an input. It never holds personal data in
// clear.
type InputError struct {
	// Field names the input: "Limit", "Tickets[0].Gross".
	Field string
	// Value is what was given, masked when it is personal.
	Value string
	// Reason says what is wrong with it.
	Reason string
	// Err is the cause, if there is one.
	Err error
}

// Error names the field, the value and the reason.
func (e *InputError) Error() string {
	reason := e.Reason
	if reason == "" && e.Err != nil {
		reason = e.Err.Error()
	}
	if e.Value == "" {
		return fmt.Sprintf("%s: %s", e.Field, reason)
	}
	return fmt.Sprintf("%s %q: %s", e.Field, e.Value, reason)
}

// Unwrap returns [ErrInvalid] and the cause.
func (e *InputError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrInvalid}
	}
	return []error{ErrInvalid, e.Err}
}

func invalid(field, value, reason string) error {
	return &InputError{Field: field, Value: value, Reason: reason}
}

// DuplicateError names the field whose value another record has.
type DuplicateError struct {
	// Field is "Number", "EmployeeNumber", "Username", "Key", "Name".
	Field string
}

// Error names the field.
func (e *DuplicateError) Error() string { return fmt.Sprintf("%s: already taken", e.Field) }

// Unwrap returns [ErrDuplicate].
func (e *DuplicateError) Unwrap() error { return ErrDuplicate }
