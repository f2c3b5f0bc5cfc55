package sms

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Limits bound how many messages go out, against mistakes and abuse: what is
// above one waits for the next period. Zero fields take the default, negative
// ones bound nothing. Every attempt counts that a gateway may have seen.
type Limits struct {
	// NumberPerDay bounds the messages to one number in a calendar day.
	// Defaults to 10.
	NumberPerDay int
	// CompanyPerHour bounds those to all travelers of a company. Defaults to
	// 2,000.
	CompanyPerHour int
	// OperatorPerDay bounds all of them in a calendar day. Defaults to 20,000.
	OperatorPerDay int
}

func (l *Limits) setDefaults() {
	for _, n := range []struct {
		value    *int
		standard int
	}{{&l.NumberPerDay, 10}, {&l.CompanyPerHour, 2000}, {&l.OperatorPerDay, 20000}} {
		if *n.value == 0 {
			*n.value = n.standard
		}
	}
}

// The scopes of a [Window].
const (
	ScopeOperator = "operator"
	ScopeCompany  = "company"
	ScopeNumber   = "number"
)

// Window is a period in which a number of attempts is bounded.
type Window struct {
	// Scope and Key say what is counted: everything, a company, or a number, of
	// which the Key is a hash.
	Scope, Key string
	// Start is inclusive, End exclusive.
	Start, End time.Time
	// Most is how many attempts there may be.
	Most int
}

// windows returns those that an attempt of now falls into, always in the same
// order: stores lock their counts in it.
func (l Limits) windows(q Queued, now time.Time, zone *time.Location) []Window {
	local := now.In(zone)
	year, month, day := local.Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, zone).UTC()
	tomorrow := time.Date(year, month, day+1, 0, 0, 0, 0, zone).UTC()
	hour := now.UTC().Truncate(time.Hour)
	var windows []Window
	for _, w := range []Window{
		{ScopeOperator, "", today, tomorrow, l.OperatorPerDay},
		{ScopeCompany, hex.EncodeToString(q.Company[:]), hour, hour.Add(time.Hour), l.CompanyPerHour},
		{ScopeNumber, numberKey(q.To), today, tomorrow, l.NumberPerDay},
	} {
		if w.Most > 0 {
			windows = append(windows, w)
		}
	}
	return windows
}

// numberKey names a number in a count. It is forgotten with the count, a day
// later.
func numberKey(n PhoneNumber) string {
	sum := sha256.Sum256([]byte(ScopeNumber + n.E164()))
	return hex.EncodeToString(sum[:16])
}

// LimitError says that a window is full.
type LimitError struct {
	Scope string
	// Until is when the next one begins.
	Until time.Time
}

// Error names the scope.
func (e *LimitError) Error() string { return fmt.Sprintf("%s per %s", ErrLimit, e.Scope) }

// Unwrap returns [ErrLimit].
func (e *LimitError) Unwrap() error { return ErrLimit }

// The codes of messages that wait because a window is full.
const (
	CodeLimitOperator = "limit-operator"
	CodeLimitCompany  = "limit-company"
	CodeLimitNumber   = "limit-number"
)

func (e *LimitError) code() string { return "limit-" + e.Scope }

// Guard is what a store keeps beside the messages, as an attempt finds it.
type Guard struct {
	Halt Halt
	// Counts are those of the windows of the request, in their order.
	Counts []int
}

// admits returns an error when no attempt may be made: [ErrHalted], or a
// [*LimitError] for the first window that is full.
func (g Guard) admits(windows []Window) error {
	if g.Halt.On {
		return ErrHalted
	}
	for i, w := range windows {
		if g.Counts[i] >= w.Most {
			return &LimitError{Scope: w.Scope, Until: w.End}
		}
	}
	return nil
}

// asLimit finds a full window in an error.
func asLimit(err error) *LimitError {
	var full *LimitError
	errors.As(err, &full)
	return full
}
