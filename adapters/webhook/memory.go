package webhook

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Memory is a [Store] in one process, for tests and for hosts that may lose
// what waits when they end. It is safe for concurrent use.
type Memory struct {
	mu        sync.Mutex
	records   map[Key]*record
	waiting   map[string]*agenda
	endpoints map[string]EndpointState
}

// record is a delivery with its log.
type record struct {
	Delivery
	log []Attempt
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{records: map[Key]*record{}, waiting: map[string]*agenda{}, endpoints: map[string]EndpointState{}}
}

// enter locks unless ctx is done.
func (m *Memory) enter(ctx context.Context) (func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	return m.mu.Unlock, nil
}

// await gives a waiting delivery its turn, at the instant from which it may be
// leased.
func (m *Memory) await(r *record) {
	a := m.waiting[r.Endpoint]
	if a == nil {
		a = &agenda{}
		m.waiting[r.Endpoint] = a
	}
	at := r.NextAt
	if r.LeaseUntil.After(at) {
		at = r.LeaseUntil
	}
	heap.Push(a, turn{at, r.Event})
}

// Enqueue implements [Store].
func (m *Memory) Enqueue(ctx context.Context, deliveries ...Delivery) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for _, d := range deliveries {
		if m.records[d.Key()] != nil {
			continue
		}
		d.At, d.NextAt, d.GiveUpAt = stored(d.At), stored(d.NextAt), stored(d.GiveUpAt)
		r := &record{Delivery: d}
		m.records[d.Key()] = r
		m.await(r)
	}
	return nil
}

// Lease implements [Store].
func (m *Memory) Lease(ctx context.Context, q LeaseRequest) ([]Delivery, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	a := m.waiting[q.Endpoint]
	var leased []*record
	for a != nil && len(leased) < q.Limit && len(a.turns) > 0 && !a.turns[0].at.After(q.Now) {
		next := heap.Pop(a).(turn)
		r := m.records[Key{next.event, q.Endpoint}]
		if r == nil {
			continue
		}
		var ok bool
		if r.Delivery, ok = r.Leased(q); ok {
			leased = append(leased, r)
		} // else it has another turn, or waits no more
	}
	var list []Delivery
	for _, r := range leased {
		m.await(r)
		list = append(list, r.Delivery)
	}
	return list, nil
}

// Settle implements [Store].
func (m *Memory) Settle(ctx context.Context, s Settlement) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	r := m.records[Key{s.Event, s.Endpoint}]
	if r == nil {
		return travel.ErrLeaseLost
	}
	d, line, err := r.Settled(s)
	if err != nil {
		return err
	}
	r.Delivery, r.log = d, append(r.log, line)
	if d.State == StateWaiting {
		m.await(r)
	}
	return nil
}

// selected are the records that has accepts, by event and endpoint.
func (m *Memory) selected(has func(Delivery) bool) []*record {
	var list []*record
	for _, r := range m.records {
		if has(r.Delivery) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *record) int { return a.Key().Compare(b.Key()) })
	return list
}

// Requeue implements [Store].
func (m *Memory) Requeue(ctx context.Context, r RequeueRequest) (int, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	list := m.selected(r.Has)
	for _, found := range list {
		found.Delivery = found.Requeued(r)
		m.await(found)
	}
	return len(list), nil
}

// UpdateEndpoint implements [Store].
func (m *Memory) UpdateEndpoint(ctx context.Context, id string, change func(EndpointState) EndpointState) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s := change(m.endpoint(id))
	s.DisabledAt, s.FailingSince, s.PausedUntil = stored(s.DisabledAt), stored(s.FailingSince), stored(s.PausedUntil)
	m.endpoints[id] = s
	return nil
}

func (m *Memory) endpoint(id string) EndpointState {
	s := m.endpoints[id]
	s.ID = id
	return s
}

// Endpoint implements [Store].
func (m *Memory) Endpoint(ctx context.Context, id string) (EndpointState, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return EndpointState{}, err
	}
	defer leave()
	return m.endpoint(id), nil
}

// Deliveries implements [Store].
func (m *Memory) Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	found := m.selected(func(d Delivery) bool {
		return q.Has(d) && (q.Company.IsZero() || q.Company == d.Company) && d.Key().Compare(q.After) > 0
	})
	if q.Limit > 0 {
		found = found[:min(len(found), q.Limit)]
	}
	var list []Delivery
	for _, r := range found {
		list = append(list, r.Delivery)
	}
	return list, nil
}

// Attempts implements [Store].
func (m *Memory) Attempts(ctx context.Context, endpoint string, event travel.EventID) ([]Attempt, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if r := m.records[Key{event, endpoint}]; r != nil {
		return slices.Clone(r.log), nil
	}
	return nil, nil
}

// Backlog implements [Store].
func (m *Memory) Backlog(ctx context.Context, endpoint string) (Backlog, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return Backlog{}, err
	}
	defer leave()
	var b Backlog
	for _, d := range m.records {
		if d.Endpoint != endpoint || d.State != StateWaiting {
			continue
		}
		b.Count++
		if b.Oldest.IsZero() || d.At.Before(b.Oldest) {
			b.Oldest = d.At
		}
	}
	return b, nil
}

// Prune implements [Store].
func (m *Memory) Prune(ctx context.Context, r PruneRequest) (int, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	list := m.selected(func(d Delivery) bool { return d.Over(r) })
	for _, d := range list {
		delete(m.records, d.Key())
	}
	return len(list), nil
}

// agenda is the turns of an endpoint's deliveries, the next one first. A waiting
// delivery has a turn at the instant from which it may be leased; turns that it had
// before are found not to be due and dropped.
type agenda struct{ turns []turn }

type turn struct {
	at    time.Time
	event travel.EventID
}

func (a *agenda) Len() int      { return len(a.turns) }
func (a *agenda) Swap(i, j int) { a.turns[i], a.turns[j] = a.turns[j], a.turns[i] }
func (a *agenda) Push(x any)    { a.turns = append(a.turns, x.(turn)) }

func (a *agenda) Less(i, j int) bool {
	x, y := a.turns[i], a.turns[j]
	return cmp.Or(x.at.Compare(y.at), x.event.Compare(y.event)) < 0
}

func (a *agenda) Pop() any {
	last := a.turns[len(a.turns)-1]
	a.turns = a.turns[:len(a.turns)-1]
	return last
}
