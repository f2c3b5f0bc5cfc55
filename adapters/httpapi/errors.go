package httpapi

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ErrUnauthenticated is what Authenticate returns for a request of which it is
// not known who makes it.
var ErrUnauthenticated = errors.New("not authenticated")

// refusal is a problem that is found here, and not in the services.
type refusal struct {
	code       Code
	fields     []fieldError
	retryAfter time.Duration
}

// Error gives the code.
func (r *refusal) Error() string { return string(r.code) }

func refuse(code Code) error { return &refusal{code: code} }

// wrongField is an input error that is found here.
func wrongField(field, reason string) error {
	return &refusal{code: InvalidInput, fields: []fieldError{{Field: field, Reason: reason}}}
}

// soon is when to repeat what may be answered by then.
const soon = time.Second

// known is an error of the services, its code, and when to come again.
type known struct {
	err   error
	code  Code
	retry time.Duration
}

// undecided are the errors after which nobody may believe that nothing has
// happened. They wrap why, which may be any other error, and so come first.
var undecided = []known{
	{travel.ErrPaymentPending, PaymentPending, 5 * soon},
	{travel.ErrUnknownOutcome, UnknownOutcome, soon},
}

// decided are the others.
var decided = []known{
	{travel.ErrActivation, ActivationRefused, 0},
	{travel.ErrKeyReused, KeyReused, 0},
	{travel.ErrNotFound, NotFound, 0},
	{travel.ErrForbidden, Forbidden, 0},
	{travel.ErrCompanyInactive, CompanyNotActive, 0},
	{travel.ErrConflict, Conflict, 0},
	{ErrUnauthenticated, Unauthenticated, 0},
	{context.DeadlineExceeded, Timeout, soon},
	{context.Canceled, Timeout, soon},
}

// translate turns an error into the problem that callers see. Nothing of an
// error that is not foreseen gets there.
func translate(err error, tag language.Tag, zone *time.Location) *problem {
	if p := among(undecided, err, tag); p != nil {
		return p
	}
	var (
		own     *refusal
		no      *declined
		input   *travel.InputError
		early   *invoice.EarlyError
		missing *invoice.Problem
	)
	switch {
	case errors.As(err, &own):
		p := problemOf(own.code, tag)
		p.Errors, p.retryAfter = own.fields, own.retryAfter
		if own.code == KeyInFlight {
			p.retryAfter = soon
		}
		return p
	case errors.As(err, &no):
		return no.problem(tag, zone)
	case errors.As(err, &early):
		p := problemOf(TooEarly, tag)
		p.From = instant(early.From)
		return p
	case errors.As(err, &missing):
		p := problemOf(NotIssuable, tag)
		p.Reason, p.Detail = string(missing.Reason), missing.Text(tag)
		return p
	case errors.As(err, &input):
		p := problemOf(InvalidInput, tag)
		p.Errors = []fieldError{ofInput(input)}
		return p
	}
	if p := among(decided, err, tag); p != nil {
		return p
	}
	return problemOf(Internal, tag)
}

func among(list []known, err error, tag language.Tag) *problem {
	for _, k := range list {
		if errors.Is(err, k.err) {
			p := problemOf(k.code, tag)
			p.retryAfter = k.retry
			return p
		}
	}
	return nil
}

// ofInput says an input error of the services in the words of this API. Its
// value is masked where it is personal.
func ofInput(e *travel.InputError) fieldError {
	f := fieldError{Field: fieldName(e.Field), Value: e.Value, Reason: e.Reason}
	if f.Reason == "" && e.Err != nil {
		f.Reason = e.Err.Error()
	}
	return f
}

// fieldName turns the name of a field in Go into the one in JSON:
// "Tickets[0].VATRate" is "tickets[0].vat_rate".
func fieldName(s string) string {
	switch s {
	case "Key":
		return keyHeader
	case "Holder.Method", "PaymentMethod":
		return "payment_method"
	}
	var b strings.Builder
	upper := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= 'A' && s[i] <= 'Z' }
	lower := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= 'a' && s[i] <= 'z' }
	for i := range len(s) {
		if !upper(i) {
			b.WriteByte(s[i])
			continue
		}
		if lower(i-1) || upper(i-1) && lower(i+1) {
			b.WriteByte('_')
		}
		b.WriteByte(s[i] + 'a' - 'A')
	}
	return b.String()
}
