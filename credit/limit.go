package credit

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// ErrLimit is the kind of every [LimitError].
var ErrLimit = errors.New("credit limit not allowed")

// LimitError says why a credit limit was refused. Amounts are in kronor.
type LimitError struct {
	// Value is the limit that was refused.
	Value decimal.Decimal
	// Maximum is the one that it exceeds; zero when the limit is not positive.
	Maximum decimal.Decimal
	// Whose names the maximum: "operator", "operator's ceiling for the
	// company", "company".
	Whose string
}

// Error names the value and the maximum.
func (e *LimitError) Error() string {
	if e.Whose == "" {
		return fmt.Sprintf("credit limit %s must be more than 0", e.Value.StringFixed(2))
	}
	return fmt.Sprintf("credit limit %s exceeds the maximum %s (%s)", e.Value.StringFixed(2), e.Maximum.StringFixed(2), e.Whose)
}

// Unwrap returns [ErrLimit].
func (e *LimitError) Unwrap() error { return ErrLimit }

// SetLimit sets the monthly limit (R07, R17, R20, R21). It must be more than 0
// and within the maxima, else the error is a [*LimitError]. What is used and
// reserved is not touched: a limit below it is accepted and leaves 0 available.
// A limit that is lowered counts at once and so ends a temporary one; beside a
// limit that is raised, the temporary one stays until its end.
func (r Rules) SetLimit(a Account, limit Amount) (Account, error) {
	if err := r.allowed(a, limit); err != nil {
		return a, err
	}
	if limit < a.Limit {
		a.Raise = Raise{}
	}
	a.Limit = limit
	return a, nil
}

// SetRaise sets a temporary limit that ends by itself at an instant, which
// must lie ahead. It obeys the same maxima as the limit (R20), it must exceed
// the limit, and there must be a limit to raise. Every error is an [ErrLimit].
func (r Rules) SetRaise(a Account, raise Raise, at time.Time) (Account, error) {
	if err := r.allowed(a, raise.Limit); err != nil {
		return a, err
	}
	if a.Limit <= 0 {
		return a, fmt.Errorf("%w: temporary limit %s without a limit to raise", ErrLimit, raise.Limit)
	}
	if raise.Limit <= a.Limit {
		return a, fmt.Errorf("%w: temporary limit %s does not exceed the limit %s", ErrLimit, raise.Limit, a.Limit)
	}
	if !raise.Until.After(at) {
		return a, fmt.Errorf("%w: temporary limit ends at %s, which is past", ErrLimit, raise.Until.UTC().Format(time.RFC3339))
	}
	a.Raise = raise
	return a, nil
}

func (r Rules) allowed(a Account, limit Amount) error {
	if limit <= 0 {
		return &LimitError{Value: limit.Decimal()}
	}
	maxima := [...]struct {
		amount Amount
		whose  string
	}{{r.Maximum, "operator"}, {a.Ceiling, "operator's ceiling for the company"}, {a.Maximum, "company"}}
	for _, m := range maxima {
		if m.amount > 0 && limit > m.amount {
			return &LimitError{Value: limit.Decimal(), Maximum: m.amount.Decimal(), Whose: m.whose}
		}
	}
	return nil
}

// RemoveLimit takes limit and temporary limit away (R23). What was used stays
// and counts against a new limit in the same month (R24).
func (a Account) RemoveLimit() Account {
	a.Limit, a.Raise = 0, Raise{}
	return a
}
