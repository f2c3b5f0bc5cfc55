package market

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Ledger is what callers have asked and were told. The zero Ledger is empty. It
// is safe for concurrent use.
type Ledger struct {
	mu       sync.Mutex
	asked    map[int]bool
	answers  map[int]Answer
	failures []error
}

// Ask notes that an order is about to be placed.
func (l *Ledger) Ask(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked == nil {
		l.asked, l.answers = map[int]bool{}, map[int]Answer{}
	}
	l.asked[n] = true
}

// Answer notes what was answered. An answer that differs from an earlier one to
// the same order is an error.
func (l *Ledger) Answer(n int, a Answer) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, twice := l.answers[n]; twice && before != a {
		return fmt.Errorf("I3: order %d was answered %q and then %q", n, before, a)
	}
	l.answers[n] = a
	return nil
}

// Merge notes what another ledger says.
func (l *Ledger) Merge(other *Ledger) error {
	for _, n := range other.Unanswered() {
		l.Ask(n)
	}
	for n, a := range other.all() {
		l.Ask(n)
		if err := l.Answer(n, a); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = append(l.failures, err)
}

// Answered is how many orders have an answer.
func (l *Ledger) Answered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answers)
}

// Bought is how many orders were not declined.
func (l *Ledger) Bought() (bought int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.answers {
		if a.Bought() {
			bought++
		}
	}
	return bought
}

// Failures are the errors on the way to the answers.
func (l *Ledger) Failures() []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failures[:len(l.failures):len(l.failures)]
}

// Unanswered are the orders that were asked and not answered.
func (l *Ledger) Unanswered() (orders []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := range l.asked {
		if _, known := l.answers[n]; !known {
			orders = append(orders, n)
		}
	}
	return orders
}

// patience is how long a caller waits before it repeats its key.
const patience = time.Millisecond

// Insist places an order, and again after each failure, until it is answered.
func (m *Market) Insist(ctx context.Context, l *Ledger, n int) error {
	l.Ask(n)
	for {
		answer, err := m.attempt(ctx, n)
		if err == nil {
			return l.Answer(n, answer)
		}
		l.fail(err)
		select {
		case <-time.After(patience):
		case <-ctx.Done():
			return fmt.Errorf("order %d: %w: %w", n, ctx.Err(), err)
		}
	}
}

func (m *Market) attempt(ctx context.Context, n int) (Answer, error) {
	if m.Attempt != nil {
		var cancel context.CancelFunc
		ctx, cancel = m.Attempt(ctx)
		defer cancel()
	}
	return m.Buy(ctx, n)
}

// Rush places the orders that next yields, from several callers at a time, until
// it yields no more. Each fourth order is placed by two callers at once.
func (m *Market) Rush(ctx context.Context, l *Ledger, callers int, next func() (order int, more bool)) error {
	var all sync.WaitGroup
	var mu sync.Mutex
	var first error
	insist := func(n int) (ok bool) {
		err := m.Insist(ctx, l, n)
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = err
		}
		return err == nil
	}
	for range callers {
		all.Go(func() {
			for n, more := next(); more; n, more = next() {
				if n%4 == 0 {
					all.Go(func() { insist(n) })
				}
				if !insist(n) {
					return
				}
			}
		})
	}
	all.Wait()
	return first
}

// Try places the orders that next yields, once each, from several callers at a
// time, of whom each stops at its first failure. It returns their errors. What
// fails is not noted as asked, since nothing of it may have happened, but for
// the orders of two steps: the first may have.
func (m *Market) Try(ctx context.Context, l *Ledger, callers int, next func() (order int, more bool)) []error {
	var all sync.WaitGroup
	failures := make([]error, callers)
	for i := range callers {
		all.Go(func() {
			for n, more := next(); more && failures[i] == nil; n, more = next() {
				var answer Answer
				if answer, failures[i] = m.Buy(ctx, n); failures[i] == nil {
					l.Ask(n)
					failures[i] = l.Answer(n, answer)
				} else if twoSteps(n) {
					l.Ask(n)
				}
			}
		})
	}
	all.Wait()
	return slices.DeleteFunc(failures, func(err error) bool { return err == nil })
}

// Orders yields order numbers from first to before end.
func Orders(first, end int) func() (int, bool) {
	var mu sync.Mutex
	return func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		n := first
		first++
		return n, n < end
	}
}
