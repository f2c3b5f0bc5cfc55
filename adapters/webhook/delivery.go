package webhook

import (
	"cmp"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// State says where a delivery stands. The names are stable.
type State string

// The states of a delivery.
const (
	// StateWaiting: it is sent when it is due.
	StateWaiting State = "waiting"
	// StateDelivered: the endpoint has answered 2xx.
	StateDelivered State = "delivered"
	// StateFailed: it was given up; [Dispatcher.Replay] tries it again.
	StateFailed State = "failed"
)

// Delivery is one event on its way to one endpoint; these two name it.
type Delivery struct {
	Endpoint string
	Event    travel.EventID
	Type     travel.EventType
	Company  travel.CompanyID
	// At is when the event happened.
	At time.Time
	// Body is what is sent, always the same.
	Body  []byte
	State State
	// Attempts counts those since it was added, or last replayed.
	Attempts int
	// NextAt is when it is due while it waits, else zero.
	NextAt time.Time
	// GiveUpAt is after when a failure is the last one.
	GiveUpAt time.Time
	// SettledAt is when the newest attempt was over; zero before the first.
	SettledAt time.Time
	// Code says what became of the newest attempt; see [Attempt].
	Code string
	// The lease: LeaseUntil is zero while nobody has it, LeaseToken rises with
	// each lease.
	LeaseOwner string
	LeaseUntil time.Time
	LeaseToken int64
}

// Key names a delivery.
type Key struct {
	Event    travel.EventID
	Endpoint string
}

// Compare orders by event, then by endpoint.
func (k Key) Compare(other Key) int {
	return cmp.Or(k.Event.Compare(other.Event), cmp.Compare(k.Endpoint, other.Endpoint))
}

// Key returns the delivery's name.
func (d Delivery) Key() Key { return Key{d.Event, d.Endpoint} }

// Attempt is a line of the delivery log.
type Attempt struct {
	Endpoint string
	Event    travel.EventID
	// Number rises within a delivery. One is missing where a process died.
	Number int64
	At     time.Time
	Took   time.Duration
	// Status is that of the HTTP answer, or 0 when there was none.
	Status int
	// Code is "delivered", "http-" and the status, "timeout", "dns", "tls",
	// "connection", "stopped" when the host was stopping, or "disabled" when
	// nothing was sent because the endpoint is.
	Code string
}

// Leased gives a delivery that is due to an owner; false when it is not due, or
// is another's.
func (d Delivery) Leased(r LeaseRequest) (Delivery, bool) {
	if d.State != StateWaiting || d.NextAt.After(r.Now) || d.LeaseUntil.After(r.Now) {
		return d, false
	}
	d.LeaseOwner, d.LeaseUntil = r.Owner, stored(r.Until)
	d.LeaseToken++
	return d, true
}

// Settled ends a lease and returns the line of the log. The error is
// [travel.ErrLeaseLost].
func (d Delivery) Settled(s Settlement) (Delivery, Attempt, error) {
	if d.LeaseUntil.IsZero() || d.LeaseToken != s.Token {
		return d, Attempt{}, travel.ErrLeaseLost
	}
	d.State, d.NextAt, d.SettledAt, d.Code = s.State, stored(s.NextAt), stored(s.At.Add(s.Took)), s.Code
	d.LeaseOwner, d.LeaseUntil = "", time.Time{}
	d.Attempts++
	return d, Attempt{
		Endpoint: d.Endpoint, Event: d.Event, Number: s.Token, At: stored(s.At), Took: s.Took, Status: s.Status, Code: s.Code,
	}, nil
}

// Requeued makes a delivery due, whatever became of it. A lease stays.
func (d Delivery) Requeued(r RequeueRequest) Delivery {
	d.State, d.Attempts, d.NextAt, d.GiveUpAt = StateWaiting, 0, stored(r.Now), stored(r.GiveUpAt)
	return d
}

// Over tells whether a delivery may be forgotten: its event is older than
// before, and nothing will come of it any more.
func (d Delivery) Over(r PruneRequest) bool {
	return d.At.Before(r.Before) && (d.State != StateWaiting || d.GiveUpAt.Before(r.Now))
}

// stored is an instant as stores keep it.
func stored(t time.Time) time.Time { return t.Truncate(time.Microsecond).UTC() }
