package webhook

import (
	"context"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Store is where deliveries wait and what became of them is kept: the storage
// port of this package. [NewMemory] and adapters/webhook/webhooksql implement it;
// the suite in adapters/webhook/webhooktest proves an implementation.
//
// An implementation loads under a lock, or saves by compare-and-set, calls the
// method that is named below, and saves the result; it decides nothing. Each call
// is atomic, durable when it returns, and safe for concurrent use from any number
// of processes. Instants come back as they were, to the microsecond, in UTC.
type Store interface {
	// Enqueue adds deliveries, all or none. One whose endpoint has the event
	// already stays as it is.
	Enqueue(ctx context.Context, deliveries ...Delivery) error

	// Lease gives up to Limit due deliveries of an endpoint to Owner
	// ([Delivery.Leased]), those with the earliest NextAt first, ties by Event;
	// where a lease has ended that may count as NextAt. Two callers never hold the
	// same one under the same token. A lease that has ended is taken over. It may
	// return fewer than there are while others lease, but none only when there is
	// none.
	Lease(ctx context.Context, r LeaseRequest) ([]Delivery, error)

	// Settle ends a lease and adds a line to the log ([Delivery.Settled]). It
	// fails with [travel.ErrLeaseLost] when the token is not that of the present
	// lease, also when this settlement was saved before, and when there is no such
	// delivery; then it changes nothing.
	Settle(ctx context.Context, s Settlement) error

	// Requeue makes deliveries due ([Delivery.Requeued]) and says how many.
	Requeue(ctx context.Context, r RequeueRequest) (int, error)

	// UpdateEndpoint changes what is known of an endpoint by change, which is
	// pure and may be called again. One that was never saved has only its ID.
	UpdateEndpoint(ctx context.Context, id string, change func(EndpointState) EndpointState) error
	// Endpoint returns what is known of an endpoint.
	Endpoint(ctx context.Context, id string) (EndpointState, error)

	// Deliveries lists deliveries in the order of [Key.Compare].
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
	// Attempts lists the log of a delivery, oldest first.
	Attempts(ctx context.Context, endpoint string, event travel.EventID) ([]Attempt, error)
	// Backlog tells what waits for an endpoint, due or not.
	Backlog(ctx context.Context, endpoint string) (Backlog, error)

	// Prune removes deliveries that are over ([Delivery.Over]), with their log,
	// and says how many.
	Prune(ctx context.Context, r PruneRequest) (int, error)
}

// LeaseRequest asks for deliveries to send.
type LeaseRequest struct {
	Endpoint string
	// Owner names the process; it is kept for people to read.
	Owner string
	// Now is the instant that due is judged by, Until the end of the lease.
	Now, Until time.Time
	Limit      int
}

// Settlement says what came of a lease.
type Settlement struct {
	Endpoint string
	Event    travel.EventID
	// Token is the LeaseToken of the delivery.
	Token int64
	State State
	// NextAt is when to try again, in StateWaiting.
	NextAt time.Time
	// At, Took, Status and Code are those of the [Attempt].
	At     time.Time
	Took   time.Duration
	Status int
	Code   string
}

// Selection says which deliveries are meant. Empty fields bound nothing.
type Selection struct {
	Endpoint string
	// Events names the events.
	Events []travel.EventID
	// From and To bound when the event happened; To is exclusive.
	From, To time.Time
	State    State
}

// Has tells whether a delivery is meant.
func (s Selection) Has(d Delivery) bool {
	named := len(s.Events) == 0
	for _, id := range s.Events {
		named = named || id == d.Event
	}
	return named && (s.Endpoint == "" || s.Endpoint == d.Endpoint) && (s.State == "" || s.State == d.State) &&
		!d.At.Before(s.From) && (s.To.IsZero() || d.At.Before(s.To))
}

// RequeueRequest says which deliveries to send again.
type RequeueRequest struct {
	Selection
	// Now is when they are due, GiveUpAt after when a failure is the last one.
	Now, GiveUpAt time.Time
}

// DeliveryQuery bounds a list of deliveries.
type DeliveryQuery struct {
	Selection
	Company travel.CompanyID
	// After is the delivery after which the list goes on.
	After Key
	// Limit bounds the list; 0 does not.
	Limit int
}

// Backlog is what waits for an endpoint.
type Backlog struct {
	Count int
	// Oldest is when the oldest event of them happened; zero when none waits.
	Oldest time.Time
}

// PruneRequest says what to forget.
type PruneRequest struct {
	Now time.Time
	// Before bounds the instants of events; it is exclusive.
	Before time.Time
}
