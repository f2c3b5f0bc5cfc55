package sqlstore

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/tjansteresor/tjansteresor/travel"
)

// lanes bring decisions together into transactions. Those that arrive while
// every lane is busy form the next group: a lone decision waits for nobody, and
// there is no timer. A lane is a goroutine that lives while there is something
// to decide, and no longer.
type lanes struct {
	decide func(context.Context, []*request)
	// apart keeps the requests of a group within one company.
	apart bool

	mu    sync.Mutex
	queue []*request
	// deciding are the travelers that are in a lane: what comes for them waits
	// here, instead of for their lock together with all others in its group.
	deciding map[travelerKey]struct{}
	free     int
	closed   bool
	// busy counts the lanes that are running.
	busy sync.WaitGroup
}

// most is how many decisions are in one transaction: a group is a few
// milliseconds of work, so that nobody waits long for it.
const most = 128

func newLanes(n int, apart bool, decide func(context.Context, []*request)) *lanes {
	return &lanes{decide: decide, apart: apart, deciding: map[travelerKey]struct{}{}, free: max(1, n)}
}

// request is a decision on its way through a lane.
type request struct {
	ctx    context.Context
	query  travel.Query
	decide func(travel.State) (travel.Change, error)

	// done is closed when err and panicked are what came of it.
	done     chan struct{}
	err      error
	panicked any

	mu sync.Mutex
	// gone is set when the caller waits no longer: decide is not called again.
	gone bool
	// sent is set when what decide has decided may be committed.
	sent bool
	// left tells the group that one caller less is waiting.
	left func()
}

// do has a request decided and saved. When the context ends before anything
// was sent to be committed, nothing has happened or will.
func (l *lanes) do(r *request) error {
	r.done = make(chan struct{})
	if err := l.enqueue(r); err != nil {
		return err
	}
	select {
	case <-r.done:
		return r.result()
	case <-r.ctx.Done():
	}
	sent := r.leave()
	select {
	case <-r.done:
		return r.result()
	default:
	}
	if sent {
		return fmt.Errorf("%w: %w", travel.ErrUnknownOutcome, r.ctx.Err())
	}
	return r.ctx.Err()
}

// result gives the caller what came of the request.
func (r *request) result() error {
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

func (l *lanes) enqueue(r *request) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.queue = append(l.queue, r)
	if _, waits := l.deciding[r.traveler()]; !waits {
		l.start()
	}
	return nil
}

// start opens a lane if one is free.
func (l *lanes) start() {
	if l.free > 0 {
		l.free--
		l.busy.Add(1)
		go l.run()
	}
}

func (r *request) traveler() travelerKey { return travelerKey{r.query.Company, r.query.Traveler} }

// run is a lane: it takes what waits until nothing does.
func (l *lanes) run() {
	defer l.busy.Done()
	for group := l.take(nil); group != nil; group = l.take(group) {
		l.together(group)
		// Those who have their answer now and ask again at once are to be in
		// the next group and not in the one after it.
		runtime.Gosched()
	}
}

// take ends one group and returns the next, in the order of arrival, or frees
// the lane.
func (l *lanes) take(done []*request) (group []*request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range done {
		delete(l.deciding, r.traveler())
	}
	var waiting []*request
	for i, r := range l.queue {
		if len(group) == most {
			waiting = append(waiting, l.queue[i:]...)
			break
		}
		_, waits := l.deciding[r.traveler()]
		if waits || l.apart && len(group) > 0 && r.query.Company != group[0].query.Company {
			waiting = append(waiting, r)
		} else {
			group = append(group, r)
		}
	}
	l.queue = waiting
	for _, r := range group {
		l.deciding[r.traveler()] = struct{}{}
	}
	if group == nil {
		l.free++
	} else if len(waiting) > 0 {
		l.start()
	}
	return group
}

// together decides a group. Its context has the values of the first caller's
// and ends when no caller is waiting any more.
func (l *lanes) together(group []*request) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(group[0].ctx))
	defer cancel()
	var mu sync.Mutex
	waiting := len(group)
	left := func() {
		mu.Lock()
		defer mu.Unlock()
		if waiting--; waiting == 0 {
			cancel()
		}
	}
	for _, r := range group {
		r.mu.Lock()
		r.left = left
		gone := r.gone
		r.mu.Unlock()
		if gone {
			left()
		}
	}
	l.decide(ctx, group)
	for _, r := range group {
		close(r.done)
	}
}

// leave gives a request up. It is true when what was decided may have been
// committed.
func (r *request) leave() (sent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
	if r.left != nil {
		r.left()
	}
	return r.sent
}

// run calls decide, unless the caller has gone; ok is false when there is
// nothing to save. A panic is kept for the caller.
func (r *request) run(state travel.State) (change travel.Change, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.panicked = nil, nil
	if r.gone {
		r.err = r.ctx.Err()
		return travel.Change{}, false
	}
	defer func() {
		if r.panicked = recover(); r.panicked != nil {
			ok = false
		}
	}()
	if change, r.err = r.decide(state); r.err == nil {
		r.err = r.ctx.Err()
	}
	r.sent = r.err == nil
	return change, r.sent
}

// refuse ends a request with an error.
func (r *request) refuse(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// close refuses new requests and waits for those that were accepted.
func (l *lanes) close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.busy.Wait()
	return nil
}
