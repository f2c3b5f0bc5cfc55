package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// importState is where an uploaded list stands.
type importState int

const (
	importSeen importState = iota
	importQueued
	importRunning
	importDone
	importFailed
)

// imported is an uploaded list, from preview to result. What follows user does
// not change, but for what imports.mu guards.
type imported struct {
	id    string
	user  User
	at    time.Time
	trips *travel.Service
	req   travel.ImportRequest
	plan  travel.ImportPlan

	state       importState
	done, total int
	result      travel.ImportResult
	err         error
}

// errInterrupted: Run ended before the import was applied.
var errInterrupted = errors.New("interrupted")

// imports are the uploaded lists of a process, a bounded number: each holds a
// file with personal data, and nothing of it is written anywhere.
type imports struct {
	most int
	age  time.Duration
	work chan *imported

	mu   sync.Mutex
	byID map[string]*imported
	// runners counts the calls of run.
	runners int
}

func newImports(most int, age time.Duration) *imports {
	return &imports{most: most, age: age, byID: map[string]*imported{}, work: make(chan *imported, most)}
}

func (s *imports) busy(i *imported) bool { return i.state == importQueued || i.state == importRunning }

// keep takes a list in, in place of an earlier one of the same user. It reports
// false when there are too many.
func (s *imports) keep(i *imported) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, other := range s.byID {
		if !s.busy(other) && (i.at.Sub(other.at) >= s.age || sameUser(other.user, i.user)) {
			delete(s.byID, id)
		}
	}
	if len(s.byID) >= s.most {
		return false
	}
	i.id = rand.Text()
	s.byID[i.id] = i
	return true
}

// sameUser: a list is seen by the one who uploaded it and by nobody else.
func sameUser(a, b User) bool {
	return a.Company == b.Company && reflect.DeepEqual(a.Actor, b.Actor)
}

// find returns a copy of a user's list.
func (s *imports) find(id string, user User, now time.Time) (imported, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.byID[id]
	if !ok || !sameUser(i.user, user) || !s.busy(i) && now.Sub(i.at) >= s.age {
		return imported{}, false
	}
	return *i, true
}

// replan puts a fresh plan in the place of one that the administrator has seen.
func (s *imports) replan(id string, plan travel.ImportPlan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.byID[id]; ok && !s.busy(i) {
		i.plan, i.state, i.err = plan, importSeen, nil
	}
}

// start has a list applied: by run when one is under way, else here and now,
// with ctx. A list that was started is not started again.
func (s *imports) start(ctx context.Context, id string, goodOnly bool) {
	s.mu.Lock()
	i, ok := s.byID[id]
	if !ok || i.state == importDone || s.busy(i) {
		s.mu.Unlock()
		return
	}
	i.req.GoodRowsOnly, i.req.Fingerprint = goodOnly, i.plan.Fingerprint
	i.state, i.done, i.total, i.err = importQueued, 0, i.plan.ToSend, nil
	queued := s.runners > 0
	if queued {
		s.work <- i // there is room: no list is in it twice, and no more than most are kept
	}
	s.mu.Unlock()
	if !queued {
		s.apply(ctx, i)
	}
}

// run applies lists until ctx ends, and gives up those that wait when nobody
// else runs.
func (s *imports) run(ctx context.Context) error {
	s.mu.Lock()
	s.runners++
	s.mu.Unlock()
	defer s.stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case i := <-s.work:
			s.apply(ctx, i)
		}
	}
	return ctx.Err()
}

func (s *imports) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runners--
	for s.runners == 0 {
		select {
		case i := <-s.work:
			i.state, i.err = importFailed, errInterrupted
		default:
			return
		}
	}
}

// apply does what the list says, whole or not at all.
func (s *imports) apply(ctx context.Context, i *imported) {
	s.mu.Lock()
	i.state = importRunning
	req := i.req
	s.mu.Unlock()
	req.Progress = func(done, total int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		i.done, i.total = done, total
	}
	result, err := i.trips.ApplyImport(ctx, i.user.Actor, req)
	if err != nil && ctx.Err() != nil {
		err = errInterrupted
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i.result, i.err, i.state = result, err, importDone
	if err != nil {
		i.state = importFailed
	} else {
		// What is done needs no file any more.
		i.req.File.Rows, i.plan.Steps = nil, nil
		i.plan.Errors = slices.Clone(i.plan.Errors)
	}
}
