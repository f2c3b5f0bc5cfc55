package credit

import (
	"slices"
	"time"
)

// Rules are the operator's part of every decision. They are a value without
// state; all methods are pure and safe for concurrent use.
type Rules struct {
	// Zone is where months begin and end (R18).
	Zone *time.Location
	// Maximum is the highest limit that any traveler may have (R17). 0 means
	// none.
	Maximum Amount
	// MaxOpen is how many reservations one traveler may have open at a time.
	// 0 means no bound.
	MaxOpen int
}

// Request asks for a reservation.
type Request struct {
	// ID names the authorization; it must be a new one.
	ID AuthorizationID
	// Amount must be more than 0.
	Amount Amount
	// At is the instant of the request; it decides the month.
	At time.Time
	// ExpiresAt is the deadline of the reservation, after At.
	ExpiresAt time.Time
}

// Authorize reserves an amount, whole or not at all (R16). It returns the
// account that follows and the record of the authorization; when the answer is
// no, the Decline says why and the account only lacks what had expired.
func (r Rules) Authorize(a Account, req Request) (Account, Authorization, *Decline) {
	z := Authorization{
		ID: req.ID, State: Declined, Month: MonthOf(req.At, r.Zone), Amount: req.Amount,
		Limit: a.LimitAt(req.At, r.Maximum), At: req.At, ExpiresAt: req.ExpiresAt,
	}
	a, _ = r.Expire(a, req.At)
	if code := r.refuse(a, z); code != "" {
		d := r.decline(a, code, z.Amount, z.Month, req.At)
		d.PassesAt = r.passesAt(a, z)
		return a, z, d
	}
	open := make([]Reservation, len(a.Open), len(a.Open)+1)
	copy(open, a.Open)
	a.Open = append(open, Reservation{ID: z.ID, Month: z.Month, Amount: z.Amount, ExpiresAt: z.ExpiresAt})
	z.State = Pending
	return a, z, nil
}

// refuse names the reason against an authorization, or "".
func (r Rules) refuse(a Account, z Authorization) DeclineCode {
	switch {
	case z.Amount <= 0:
		return NotPositive
	case a.over(z.Month):
		return MonthClosed
	case a.Frozen:
		return AccountFrozen
	case z.Limit <= 0:
		return NoLimit
	case z.Amount > a.AvailableIn(z.Month, z.Limit, z.At):
		return LimitExceeded
	case r.MaxOpen > 0 && len(a.Open) >= r.MaxOpen:
		return TooManyOpen
	}
	return ""
}

// BeginCapture marks an authorization as being captured, while a payment
// provider is asked: from here on it neither expires nor is released, until
// [Rules.FinishCapture] or [Rules.Refuse].
func (r Rules) BeginCapture(a Account, z Authorization, amount Amount, at time.Time) (Account, Authorization, *Decline) {
	a, z, d := r.capturable(a, z, amount, at)
	if d != nil {
		return a, z, d
	}
	open := make([]Reservation, len(a.Open))
	copy(open, a.Open)
	for i := range open {
		if open[i].ID == z.ID {
			open[i].Capturing = true
		}
	}
	a.Open = open
	z.State = Capturing
	return a, z, nil
}

// Capture turns a reservation, or less than it, into a purchase of the month
// in which it was authorized (R22); what was reserved beyond it is free again.
func (r Rules) Capture(a Account, z Authorization, amount Amount, at time.Time) (Account, Authorization, *Decline) {
	a, z, d := r.capturable(a, z, amount, at)
	if d != nil {
		return a, z, d
	}
	a = a.without(z.ID).spend(z.Month, amount)
	z.State, z.Captured = Captured, amount
	return a, z, nil
}

// FinishCapture ends a capture that the payment provider approved. There is
// nothing left to decline: the charge was made. Anything but a capture that
// has begun is left as it is.
func (r Rules) FinishCapture(a Account, z Authorization, amount Amount) (Account, Authorization) {
	if held, open := a.find(z.ID); !open || !held.Capturing {
		return a, z
	}
	z.State, z.Captured = Captured, amount
	return a.without(z.ID).spend(z.Month, amount), z
}

// capturable finds out whether an amount of z can be captured; a reservation
// that turns out to be too late is taken away.
func (r Rules) capturable(a Account, z Authorization, amount Amount, at time.Time) (Account, Authorization, *Decline) {
	z = a.settle(z, at)
	held, open := a.find(z.ID)
	switch {
	case open && held.Capturing:
		return a, z, r.decline(a, CaptureBegun, amount, z.Month, at)
	case open && z.Month <= a.ClosedThrough:
		a, z.State = a.without(z.ID), Expired
		return a, z, r.decline(a, MonthClosed, amount, z.Month, at)
	case open && z.State == Expired:
		a = a.without(z.ID)
		return a, z, r.decline(a, AuthorizationExpired, amount, z.Month, at)
	case !open:
		return a, z, r.decline(a, z.State.decline(), amount, z.Month, at)
	case amount <= 0:
		return a, z, r.decline(a, NotPositive, amount, z.Month, at)
	case amount > z.Amount:
		return a, z, r.decline(a, ExceedsAuthorization, amount, z.Month, at)
	}
	return a, z, nil
}

// settle brings the state of a record up to what the account holds.
func (a Account) settle(z Authorization, at time.Time) Authorization {
	held, open := a.find(z.ID)
	switch {
	case !z.State.Open():
	case !open || held.expired(at):
		z.State = Expired
	case held.Capturing:
		z.State = Capturing
	}
	return z
}

// decline names the reason why an authorization that is not open any more can
// be neither captured nor released.
func (s State) decline() DeclineCode {
	switch s {
	case Captured:
		return AlreadyCaptured
	case Released:
		return AuthorizationReleased
	case Expired:
		return AuthorizationExpired
	}
	return NotAuthorized
}

// Release gives a reservation back. Releasing what is released or expired
// already changes nothing; what is captured, or being captured, is declined.
func (r Rules) Release(a Account, z Authorization, at time.Time) (Account, Authorization, *Decline) {
	z = a.settle(z, at)
	switch z.State {
	case Pending:
		z.State = Released
		return a.without(z.ID), z, nil
	case Expired:
		return a.without(z.ID), z, nil
	case Released:
		return a, z, nil
	case Capturing:
		return a, z, r.decline(a, CaptureBegun, z.Amount, z.Month, at)
	}
	return a, z, r.decline(a, z.State.decline(), z.Amount, z.Month, at)
}

// Refuse ends a capture that the payment provider refused: the credit is free
// again. Anything but a capture that has begun is left as it is.
func (r Rules) Refuse(a Account, z Authorization) (Account, Authorization) {
	if held, open := a.find(z.ID); !open || !held.Capturing {
		return a, z
	}
	z.State = Released
	return a.without(z.ID), z
}

// ReleaseAll gives everything back that is not being captured, as when the
// access ends (R15, R23). It returns what it released and what had expired.
func (r Rules) ReleaseAll(a Account, at time.Time) (after Account, released, expired []AuthorizationID) {
	a, expired = r.Expire(a, at)
	var open []Reservation
	for _, held := range a.Open {
		if held.Capturing {
			open = append(open, held)
		} else {
			released = append(released, held.ID)
		}
	}
	a.Open = open
	return a, released, expired
}

// Expire takes the reservations away whose deadline has passed, and returns
// which. No decision counts them any more, whether or not it is called; a job
// may call it to keep the records tidy.
func (r Rules) Expire(a Account, at time.Time) (Account, []AuthorizationID) {
	return a.drop(func(held Reservation) bool { return held.expired(at) })
}

// drop takes the reservations away that match; it copies only when one does.
func (a Account) drop(match func(Reservation) bool) (Account, []AuthorizationID) {
	if !slices.ContainsFunc(a.Open, match) {
		return a, nil
	}
	var dropped []AuthorizationID
	open := make([]Reservation, 0, len(a.Open))
	for _, held := range a.Open {
		if match(held) {
			dropped = append(dropped, held.ID)
		} else {
			open = append(open, held)
		}
	}
	a.Open = open
	return a, dropped
}

// Refund lowers what was used in the month of the purchase, and in no other
// (R43). Over any number of refunds no more is given back than was captured.
func (r Rules) Refund(a Account, z Authorization, amount Amount, at time.Time) (Account, Authorization, *Decline) {
	switch {
	case z.State != Captured:
		return a, z, r.decline(a, NotCaptured, amount, z.Month, at)
	case amount > z.Refundable() || z.Refundable() == 0:
		return a, z, r.decline(a, ExceedsCaptured, amount, z.Month, at)
	case amount <= 0:
		return a, z, r.decline(a, NotPositive, amount, z.Month, at)
	}
	if slices.ContainsFunc(a.Used, func(u Usage) bool { return u.Month == z.Month }) {
		a = a.spend(z.Month, -amount)
	}
	z.Refunded += amount
	return a, z, nil
}

// Close fences a month and all before it: no authorization and no capture can
// enter them any more. What is still reserved there expires. An account with a
// charge that the payment provider has not answered cannot be closed (R35):
// then ok is false and the account is as it was.
func (r Rules) Close(a Account, m Month) (after Account, expired []AuthorizationID, ok bool) {
	for _, held := range a.Open {
		if held.Capturing && held.Month <= m {
			return a, nil, false
		}
	}
	a, expired = a.drop(func(held Reservation) bool { return held.Month <= m })
	a.ClosedThrough = max(a.ClosedThrough, m)
	return a, expired, true
}

// Balance is what a traveler may see of the own credit at any time (R33).
type Balance struct {
	Month Month
	// Available is what can be bought for now, as far as the limit goes: Frozen
	// and MaxOpen are not looked at. It is never negative (R21), and 0 when the
	// clock was set back to a month that takes no purchase any more.
	Limit, Used, Reserved, Available Amount
	// ResetsAt is the instant from which the whole limit is available again,
	// in UTC.
	ResetsAt time.Time
}

// Balance returns the balance at an instant.
func (r Rules) Balance(a Account, at time.Time) Balance {
	return r.balance(a, MonthOf(at, r.Zone), at)
}

func (r Rules) balance(a Account, m Month, at time.Time) Balance {
	b := Balance{
		Month: m, Limit: a.LimitAt(at, r.Maximum), Used: a.UsedIn(m),
		Reserved: a.ReservedIn(m, at), ResetsAt: m.End(r.Zone),
	}
	b.Available = a.AvailableIn(m, b.Limit, at)
	return b
}
