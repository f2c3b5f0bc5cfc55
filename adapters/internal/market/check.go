package market

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Check holds the ledger against the store when every order was answered: what
// [Market.Holds] says, one event for each purchase, and that every key still has
// the same answer and buys nothing more.
func (m *Market) Check(ctx context.Context, l *Ledger) error {
	if left := l.Unanswered(); len(left) > 0 {
		return fmt.Errorf("I3: no answer to orders %v", left)
	}
	if err := m.Holds(ctx, l); err != nil {
		return err
	}
	for n, was := range l.all() {
		answer, err := m.Buy(ctx, n)
		if err != nil {
			return fmt.Errorf("order %d again: %w", n, err)
		}
		if answer != was {
			return fmt.Errorf("I3: order %d was answered %q, and again %q", n, was, answer)
		}
	}
	return errors.Join(m.Holds(ctx, l), m.checkEvents(ctx, l))
}

// Holds holds the ledger against the store: every acknowledged purchase is there
// once (I2), every other one was asked for and is there at most once (I3), what
// is used is the sum of the entries and within the limit (I1), and the audit is
// clean.
func (m *Market) Holds(ctx context.Context, l *Ledger) error {
	var wrong []error
	fault := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	drifts, err := m.Service.Audit(ctx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	for _, d := range drifts {
		fault("audit: %s", d)
	}
	sold := map[int]bool{}
	sums := map[travel.TravelerID]credit.Amount{}
	for e, err := range m.Store.Entries(ctx, travel.EntryQuery{Company: m.Company}) {
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(strings.TrimPrefix(e.Personal.Purpose, purpose))
		if err != nil {
			return fmt.Errorf("an entry of no order: %w", err)
		}
		sums[e.Traveler] += e.Signed()
		switch answer, known := l.answer(n); {
		case sold[n]:
			fault("I3: order %d was bought twice", n)
		case !l.wasAsked(n):
			fault("I2: order %d was bought and nobody was to", n)
		case e.Gross != Price(n):
			fault("I2: order %d was bought for %s, want %s", n, e.Gross, Price(n))
		case known && !strings.Contains(string(answer), e.Authorization.String()):
			fault("I3: order %d is authorization %s and was answered %q", n, e.Authorization, answer)
		}
		sold[n] = true
	}
	for n, answer := range l.all() {
		if answer.Bought() && !sold[n] {
			fault("I2: order %d was answered %q and is lost", n, answer)
		}
	}
	return errors.Join(append(wrong, m.checkAccounts(ctx, sums, len(l.Unanswered())))...)
}

// checkAccounts compares accounts with the sums of their entries. Only orders
// without an answer may have a reservation open.
func (m *Market) checkAccounts(ctx context.Context, sums map[travel.TravelerID]credit.Amount, unanswered int) error {
	var list []travel.Traveler
	err := m.Store.View(ctx, func(tx travel.Tx) (err error) {
		list, err = tx.Travelers(ctx, travel.TravelerQuery{Company: m.Company})
		return err
	})
	if err != nil {
		return err
	}
	if len(list) != len(m.travelers) {
		return fmt.Errorf("%d travelers are stored, want %d", len(list), len(m.travelers))
	}
	month, open := credit.MonthOf(now(), time.UTC), 0
	for _, t := range list {
		used, reserved := t.Credit.UsedIn(month), t.Credit.ReservedIn(month, now())
		if used != sums[t.ID] {
			return fmt.Errorf("I6: %s is used of %s, the entries say %s", used, t.ID, sums[t.ID])
		}
		if used+reserved > m.Limit {
			return fmt.Errorf("I1: %s is used and %s reserved of %s, above the limit of %s", used, reserved, t.ID, m.Limit)
		}
		open += len(t.Credit.Open)
	}
	if open > unanswered {
		return fmt.Errorf("I3: %d reservations are open and %d orders have no answer", open, unanswered)
	}
	return nil
}

// checkEvents compares the outbox with the purchases.
func (m *Market) checkEvents(ctx context.Context, l *Ledger) error {
	const many = 1 << 20
	events, err := m.Store.LeaseEvents(ctx, "market", now(), now(), many)
	if err != nil {
		return err
	}
	captured := map[travel.AuthorizationID]bool{}
	for _, e := range events {
		if e.Company != m.Company || e.Type != travel.EventPurchaseCaptured {
			continue
		}
		if captured[e.Authorization] {
			return fmt.Errorf("I2: authorization %s has two events", e.Authorization)
		}
		captured[e.Authorization] = true
	}
	if bought := l.Bought(); len(captured) != bought {
		return fmt.Errorf("I2: %d purchases have an event, want %d", len(captured), bought)
	}
	return nil
}

func (l *Ledger) answer(n int) (Answer, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, known := l.answers[n]
	return a, known
}

func (l *Ledger) wasAsked(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked[n]
}

func (l *Ledger) all() map[int]Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.answers)
}
