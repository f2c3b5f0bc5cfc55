package invoice

import (
	"context"
	"iter"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Deliverer takes issued documents to the buyer: to an access point, by mail,
// into a directory. Where different buyers want different ways, it is one that
// chooses.
type Deliverer interface {
	// Deliver delivers a document. It is called after the issue, outside any
	// transaction, at least once, possibly by several processes at once; it is
	// idempotent by the document's ID and delivers once. lines are as for a
	// [Renderer]. An error means silence: the outcome is unknown, and the same
	// document comes again. A refusal is an answer, not an error.
	Deliver(ctx context.Context, d Document, lines iter.Seq2[Line, error]) (Delivery, error)
}

// Delivery is a deliverer's answer.
type Delivery struct {
	Accepted bool
	// Reference is the receiver's own id of the document, if it gave one.
	Reference string
	// Reason says why a document was refused; it must hold no personal data.
	Reason string
}

// DeliveryState is where the delivery of a document stands.
type DeliveryState string

// The states of a delivery.
const (
	// DeliveryWaiting: it waits for its first or its next attempt.
	DeliveryWaiting DeliveryState = "waiting"
	// DeliveryAccepted: the deliverer has taken it.
	DeliveryAccepted DeliveryState = "accepted"
	// DeliveryRefused: the deliverer has refused it. It is not tried again
	// until the operator asks, see [Service.Redeliver].
	DeliveryRefused DeliveryState = "refused"
)

// DeliveryRecord is the delivery log of a document. It holds no personal data.
// Its methods are the rules of a delivery; they are pure, and a store only
// keeps what comes back.
type DeliveryRecord struct {
	Company  travel.CompanyID
	Document DocumentID
	State    DeliveryState
	// Attempts counts the attempts, each before it was made.
	Attempts int
	// NextAt is when the next attempt is due; zero when none is.
	NextAt time.Time
	// LeaseUntil keeps others from an attempt that is under way, and LeaseToken,
	// which each attempt raises, keeps one that took too long from being
	// counted.
	LeaseUntil time.Time
	LeaseToken int64
	// Reference and Reason are from the newest answer.
	Reference, Reason   string
	QueuedAt, UpdatedAt time.Time
	// Log is what became of the newest attempts, in their order, at most
	// DeliveryLogLength.
	Log []DeliveryAttempt
}

// DeliveryLogLength is how many attempts a [DeliveryRecord] remembers.
const DeliveryLogLength = 20

// DeliveryAttempt is what became of an attempt.
type DeliveryAttempt struct {
	At time.Time
	// State is the one afterwards: waiting after silence, which is tried again.
	State  DeliveryState
	Reason string
}

// Due tells whether an attempt may be made: it waits, its time has come, and
// none is under way.
func (r DeliveryRecord) Due(at time.Time) bool {
	return r.State == DeliveryWaiting && !r.NextAt.After(at) && !r.LeaseUntil.After(at)
}

// queued returns a log that waits from an instant on, also of a document that
// was refused, or taken, before.
func (r DeliveryRecord) queued(at time.Time) DeliveryRecord {
	if r.QueuedAt.IsZero() {
		r.QueuedAt = at
	}
	r.State, r.NextAt, r.UpdatedAt = DeliveryWaiting, at, at
	return r
}

// attempted counts an attempt before it is made.
func (r DeliveryRecord) attempted(at, until time.Time) DeliveryRecord {
	r.Attempts++
	r.LeaseToken++
	r.LeaseUntil, r.UpdatedAt = until, at
	return r
}

// answered ends an attempt with what the deliverer said.
func (r DeliveryRecord) answered(answer Delivery, at time.Time) DeliveryRecord {
	r.State, r.NextAt = DeliveryRefused, time.Time{}
	if answer.Accepted {
		r.State = DeliveryAccepted
	}
	r.Reference, r.Reason = answer.Reference, answer.Reason
	return r.ended(at)
}

// unanswered ends an attempt of which nothing was heard.
func (r DeliveryRecord) unanswered(at, next time.Time) DeliveryRecord {
	r.NextAt, r.Reason = next, ""
	return r.ended(at)
}

func (r DeliveryRecord) ended(at time.Time) DeliveryRecord {
	r.LeaseUntil, r.UpdatedAt = time.Time{}, at
	log := append(r.Log[:len(r.Log):len(r.Log)], DeliveryAttempt{At: at, State: r.State, Reason: r.Reason})
	r.Log = log[max(0, len(log)-DeliveryLogLength):]
	return r
}
