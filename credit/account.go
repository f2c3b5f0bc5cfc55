package credit

import (
	"cmp"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/internal/id"
)

type authorizationKind struct{}

// AuthorizationID names one authorization.
type AuthorizationID = id.ID[authorizationKind]

// Account is what is known of one traveler's credit: everything that the
// decisions of [Rules] need, and nothing else. It is a value: the decisions
// return the account that follows and leave the one they were given alone, so
// they can be run again, dry, or on a copy.
//
// The zero Account has no limit and declines everything.
type Account struct {
	// Limit is the most that may be bought for in one calendar month. 0 means
	// that there is no credit.
	Limit Amount
	// Raise is a temporary limit.
	Raise Raise
	// Ceiling is the most that the operator grants one traveler of this
	// company, and Maximum what the company itself grants (R17). 0 means none.
	// The limit in force never exceeds either, also when they were lowered
	// after the limit was set.
	Ceiling, Maximum Amount
	// Frozen stops new authorizations. What is open may be captured.
	Frozen bool
	// ClosedThrough is the last month that is closed: nothing enters it or an
	// earlier one (R35).
	ClosedThrough Month
	// Used holds what was captured less what was refunded, per month, in
	// ascending order of month: the newest month, the one before, and those in
	// which something is still open. Older months are read from the entries,
	// and nothing can be authorized in them.
	Used []Usage
	// Open holds what is reserved and not yet captured, released or expired.
	Open []Reservation
}

// Usage is what was bought in a month, less what was refunded.
type Usage struct {
	Month  Month
	Amount Amount
}

// Raise is a limit that holds until an instant, exclusive, and then ends by
// itself. The zero Raise is none; a Raise below the limit has no effect.
type Raise struct {
	Limit Amount
	Until time.Time
}

// Reservation is an authorization that is open.
type Reservation struct {
	ID     AuthorizationID
	Month  Month
	Amount Amount
	// ExpiresAt is the deadline: a capture at or after it is declined.
	ExpiresAt time.Time
	// Capturing means that a payment provider has been asked and has not
	// answered. Such a reservation neither expires nor is released.
	Capturing bool
}

func (r Reservation) expired(at time.Time) bool { return !r.Capturing && !at.Before(r.ExpiresAt) }

// UsedIn returns what was bought in a month less what was refunded. Only the
// months of [Account.Used] are known.
func (a Account) UsedIn(m Month) Amount {
	for _, u := range a.Used {
		if u.Month == m {
			return u.Amount
		}
	}
	return 0
}

// ReservedIn returns what is reserved of a month's credit at an instant.
// Reservations whose deadline has passed count no longer, whether or not
// anything has run since.
func (a Account) ReservedIn(m Month, at time.Time) Amount {
	var sum Amount
	for _, r := range a.Open {
		if r.Month == m && !r.expired(at) {
			sum += r.Amount
		}
	}
	return sum
}

// AvailableIn returns what is left of a limit in a month at an instant. It is
// never negative (R21), and 0 in a month that nothing can be authorized in any
// more.
func (a Account) AvailableIn(m Month, limit Amount, at time.Time) Amount {
	if a.over(m) {
		return 0
	}
	return max(0, limit-a.UsedIn(m)-a.ReservedIn(m, at))
}

// LimitAt returns the limit in force at an instant, within all the maxima.
func (a Account) LimitAt(at time.Time, maximum Amount) Amount {
	limit := a.Limit
	if at.Before(a.Raise.Until) {
		limit = max(limit, a.Raise.Limit)
	}
	for _, m := range [...]Amount{maximum, a.Ceiling, a.Maximum} {
		if m > 0 {
			limit = min(limit, m)
		}
	}
	return limit
}

// over tells whether nothing can be authorized in a month any more: it is
// closed (R35), or forgotten.
func (a Account) over(m Month) bool { return m <= a.ClosedThrough || a.forgotten(m) }

// forgotten tells whether a month is before those that [Account.Used] keeps.
// It looks at purchases only and not at what is open, because that goes away
// again: a month that was forgotten stays so, whatever the clock does.
func (a Account) forgotten(m Month) bool {
	n := len(a.Used)
	return n > 0 && m < a.Used[n-1].Month-1
}

// spend adds to what was used in a month and forgets months that nothing can
// happen in any more. The slice is copied: a is a value.
func (a Account) spend(m Month, amount Amount) Account {
	used := make([]Usage, len(a.Used), len(a.Used)+1)
	copy(used, a.Used)
	i, found := slices.BinarySearchFunc(used, m, func(u Usage, m Month) int { return cmp.Compare(u.Month, m) })
	if !found {
		used = slices.Insert(used, i, Usage{Month: m})
	}
	used[i].Amount += amount
	newest := used[len(used)-1].Month
	a.Used = slices.DeleteFunc(used, func(u Usage) bool { return u.Month < newest-1 && !a.opens(u.Month) })
	return a
}

func (a Account) opens(m Month) bool {
	return slices.ContainsFunc(a.Open, func(r Reservation) bool { return r.Month == m })
}

func (a Account) find(id AuthorizationID) (Reservation, bool) {
	for _, r := range a.Open {
		if r.ID == id {
			return r, true
		}
	}
	return Reservation{}, false
}

// without returns the account with a reservation gone.
func (a Account) without(id AuthorizationID) Account {
	open := make([]Reservation, 0, len(a.Open))
	for _, r := range a.Open {
		if r.ID != id {
			open = append(open, r)
		}
	}
	a.Open = open
	return a
}

// NextDeadline returns the earliest instant at which a reservation expires, or
// the zero time. A store may index it to find what [Rules.Expire] has to do.
func (a Account) NextDeadline() time.Time {
	var next time.Time
	for _, r := range a.Open {
		if !r.Capturing && (next.IsZero() || r.ExpiresAt.Before(next)) {
			next = r.ExpiresAt
		}
	}
	return next
}

// StateOf returns where an authorization of this account stands at an instant:
// a record whose reservation is gone or too late has expired, whether or not
// anything has run since.
func (a Account) StateOf(z Authorization, at time.Time) State { return a.settle(z, at).State }
