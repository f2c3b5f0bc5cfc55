package sms

import "fmt"

// State is what is known of a message's delivery. The states are ordered by
// how much is known: reports come twice and out of order, and a message only
// moves forward; see [State.Advance].
type State uint8

// The states of a message, in their order.
const (
	// StateQueued: no gateway has it. A new message is in it.
	StateQueued State = iota
	// StateSent: a gateway has taken it.
	StateSent
	// StateUnknown: a gateway may have taken it, or has it and does not know
	// what became of it. A later report can still resolve it.
	StateUnknown
	// StateFailed: it will not be delivered.
	StateFailed
	// StateDelivered: the phone has it. It outranks StateFailed, since a
	// message that was sent twice may fail once and arrive once.
	StateDelivered
)

var stateNames = [...]string{"queued", "sent", "unknown", "failed", "delivered"}

// String gives the word that stands in stores, logs and JSON.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// ParseState reads what [State.String] gave. The error wraps [ErrState].
func ParseState(text string) (State, error) {
	for i, name := range stateNames {
		if name == text {
			return State(i), nil
		}
	}
	return 0, fmt.Errorf("%w: %q", ErrState, text)
}

// MarshalText gives the word.
func (s State) MarshalText() ([]byte, error) {
	if int(s) >= len(stateNames) {
		return nil, fmt.Errorf("%w: %d", ErrState, uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the word.
func (s *State) UnmarshalText(text []byte) error {
	state, err := ParseState(string(text))
	if err == nil {
		*s = state
	}
	return err
}

// Advance returns the later of two states and whether that is next. So any
// number of reports, in any order, ends in the same state.
func (s State) Advance(next State) (State, bool) {
	if next > s && int(next) < len(stateNames) {
		return next, true
	}
	return s, false
}
