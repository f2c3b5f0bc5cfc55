package credit

import (
	"fmt"
	"time"
)

// State is where an authorization stands. It moves forward only:
//
//	Pending ─┬─ Captured        (whole or less; then refunded in parts)
//	         ├─ Capturing ─┬─ Captured
//	         │             └─ Released   (the provider refused)
//	         ├─ Released
//	         └─ Expired
//	Declined                    (never held anything)
type State uint8

// The states of an authorization.
const (
	Pending State = iota + 1
	Capturing
	Captured
	Released
	Expired
	Declined
)

var stateNames = [...]string{"", "pending", "capturing", "captured", "released", "expired", "declined"}

// String returns the name that is stored and shown: "pending".
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// Open tells whether the authorization still holds credit.
func (s State) Open() bool { return s == Pending || s == Capturing }

// Authorization is the record of one authorization. Whether it still holds
// credit is for [Account.Open] to say, which every decision consults: a
// Pending record that the account no longer holds has expired.
type Authorization struct {
	ID    AuthorizationID
	State State
	// Month is the month of the instant of authorization; capture and refund
	// count in it, whenever they happen (R22, R43).
	Month Month
	// Amount is what was reserved; Captured and Refunded are what followed.
	Amount, Captured, Refunded Amount
	// Limit is the limit in force when it was authorized (I1).
	Limit Amount
	// At is the instant of authorization, ExpiresAt the deadline.
	At, ExpiresAt time.Time
}

// Refundable returns what can still be refunded.
func (z Authorization) Refundable() Amount { return z.Captured - z.Refunded }
