package sms

import "time"

// Why a message ended that no gateway is to blame for, as Queued.ErrorCode
// tells it beside the codes of the gateways.
const (
	// CodeExpired: its time was over before it could be sent.
	CodeExpired = "expired"
	// CodeSuperseded: a new code has made it void (R13).
	CodeSuperseded = "superseded"
	// CodeErased: the traveler was erased (R44).
	CodeErased = "erased"
	// CodePayload: the sealed text does not open with the host's keys.
	CodePayload = "payload"
	// CodeAttempts: no attempt is left, and of the last one nothing was heard
	// (a crash).
	CodeAttempts = "attempts"
)

// Queued is a message as a store keeps it: one row of the outbox. Whoever
// causes a message writes it in the same transaction, with State, Attempts,
// lease, gateway and error code zero, and NextAt at the instant from which it
// may be sent.
//
// The methods are the rules of its life. They are pure: a store locks the row,
// calls one, and saves what comes back. All instants are UTC.
type Queued struct {
	ID MessageID
	// Company is whose traveler it goes to; keys of a store begin with it.
	Company [16]byte
	// Subject is the traveler.
	Subject [16]byte
	// Connection is what the code in it activates.
	Connection [16]byte

	// To is where it goes; zero once the traveler is erased.
	To PhoneNumber
	// Sealed holds the text while the message waits, and nothing after that.
	Sealed Sealed

	State State
	// Attempts counts the attempts, each before it was made; see [Queue].
	Attempts int
	// NextAt is when the next attempt is due. Zero says that none will be: the
	// message waits no longer.
	NextAt time.Time
	// Expires is the instant from which on it is not sent any more.
	Expires              time.Time
	CreatedAt, UpdatedAt time.Time

	// LeaseOwner and LeaseUntil say who is about to send it, and until when
	// nobody else may; zero without a lease.
	LeaseOwner string
	LeaseUntil time.Time
	// LeaseToken is raised by each lease. What was decided under an earlier
	// one no longer counts.
	LeaseToken int64

	// Gateway and GatewayID are those of the last Receipt.
	Gateway, GatewayID string
	// ErrorCode is the gateway's code of the last failure, or one of the Code
	// constants.
	ErrorCode string
}

// Waiting tells whether an attempt is still to come. Only a waiting message
// holds its sealed text.
func (q Queued) Waiting() bool { return !q.NextAt.IsZero() }

// Due tells whether a dispatcher may lease the message: an attempt is to come,
// not later than now, and no lease is live.
func (q Queued) Due(now time.Time) bool {
	return q.Waiting() && !q.NextAt.After(now) && !q.LeaseUntil.After(now)
}

// Leased gives the message to the owner of a request. It reports false for a
// message that is not due.
func (q Queued) Leased(r LeaseRequest) (Queued, bool) {
	if !q.Due(r.Now) {
		return q, false
	}
	q.LeaseOwner, q.LeaseUntil = r.Owner, r.Until
	q.LeaseToken++
	return q, true
}

// Attempted counts an attempt before it is made. From here on until it is settled
// nobody knows whether the gateway has the message, so the state is
// [StateUnknown]; a crash leaves it there. The store raises the counts of the
// windows by one. The error is [ErrLeaseLost], [ErrHalted], or a [*LimitError],
// and then nothing is counted.
func (q Queued) Attempted(r AttemptRequest, g Guard) (Queued, error) {
	if !q.holds(r.Token) || !q.Waiting() {
		return q, ErrLeaseLost
	}
	if err := g.admits(r.Windows); err != nil {
		return q, err
	}
	q.Attempts++
	q.State, _ = q.State.Advance(StateUnknown)
	q.LeaseUntil, q.UpdatedAt = r.Until, r.At
	return q, nil
}

func (q Queued) holds(token int64) bool { return !q.LeaseUntil.IsZero() && q.LeaseToken == token }

// Settled ends a lease with what came of it. A message that neither a gateway
// has nor another attempt will try has failed. What a report has told in the
// meantime stands, and a message that has stopped waiting in the meantime does
// not wait again. The error is [ErrLeaseLost].
func (q Queued) Settled(s Settlement) (Queued, error) {
	if !q.holds(s.Token) {
		return q, ErrLeaseLost
	}
	waiting := q.Waiting()
	retry := waiting && (s.State == StateQueued || s.State == StateUnknown) &&
		!s.NextAt.IsZero() && s.NextAt.Before(q.Expires)
	if s.State == StateQueued && !retry {
		s.State = StateFailed
	}
	if q.State < StateFailed {
		q.State = s.State
	}
	if waiting {
		q.ErrorCode = s.ErrorCode
	}
	if s.GatewayID != "" {
		q.Gateway, q.GatewayID = s.Gateway, s.GatewayID
	}
	if retry {
		q.NextAt = s.NextAt
	} else {
		q = q.wiped()
	}
	q.LeaseOwner, q.LeaseUntil, q.UpdatedAt = "", time.Time{}, s.At
	return q, nil
}

// Reported applies a delivery report. Reports come twice and out of order; any
// order ends in the same state (see [State.Advance]). Any report proves that a
// gateway has the message, so it is not sent again. It reports false when
// nothing changes, as after a report of [StateQueued], which says nothing.
func (q Queued) Reported(r DeliveryReport) (Queued, bool) {
	state, moved := q.State.Advance(r.State)
	if !moved && !q.Waiting() || r.State == StateQueued || r.State > StateDelivered {
		return q, false
	}
	if moved {
		q.State, q.ErrorCode = state, r.ErrorCode
	}
	if q.GatewayID == "" {
		q.Gateway, q.GatewayID = r.Gateway, r.GatewayID
	}
	q.UpdatedAt = r.At
	return q.wiped(), true
}

// Superseded ends a waiting message whose code a newer one has made void
// (R13): it is wiped and never sent. One that waits no longer is unchanged. An
// attempt that is under way at that moment may still be settled.
func (q Queued) Superseded(at time.Time) Queued { return q.ended(CodeSuperseded, at) }

// Erased ends a waiting message and forgets the number (R44).
func (q Queued) Erased(at time.Time) Queued {
	q = q.ended(CodeErased, at)
	q.To, q.UpdatedAt = PhoneNumber{}, at
	return q
}

func (q Queued) ended(code string, at time.Time) Queued {
	if !q.Waiting() {
		return q
	}
	if q.State == StateQueued {
		q.State = StateFailed
	}
	q.ErrorCode, q.UpdatedAt = code, at
	return q.wiped()
}

func (q Queued) wiped() Queued {
	q.Sealed, q.NextAt = Sealed{}, time.Time{}
	return q
}

// blocked names the reason why a leased message must not be sent, or "".
func (q Queued) blocked(now time.Time, maxAttempts int) string {
	switch {
	case !now.Before(q.Expires):
		return CodeExpired
	case q.Attempts >= maxAttempts:
		return CodeAttempts
	}
	return ""
}

// settlement is one under the present lease that leaves the state as it is and
// plans no attempt: what it takes to stop.
func (q Queued) settlement(code string, at time.Time) Settlement {
	return Settlement{
		Company: q.Company, ID: q.ID, Token: q.LeaseToken,
		State: q.State, ErrorCode: code, At: at,
	}
}
