package sms_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

// queue is a Queue in a map. It shows all that a store has to do: lock, load,
// call the rule, save.
type queue struct {
	mu     sync.Mutex
	rows   map[sms.MessageID]sms.Queued
	halt   sms.Halt
	counts map[sms.Window]int
}

func newQueue(messages ...sms.Queued) *queue {
	q := &queue{rows: map[sms.MessageID]sms.Queued{}, counts: map[sms.Window]int{}}
	for _, m := range messages {
		q.rows[m.ID] = m
	}
	return q
}

func (q *queue) LeaseMessages(ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var due []sms.Queued
	for _, m := range q.rows {
		if leased, ok := m.Leased(r); ok {
			due = append(due, leased)
		}
	}
	slices.SortFunc(due, func(a, b sms.Queued) int {
		if c := a.NextAt.Compare(b.NextAt); c != 0 {
			return c
		}
		return a.ID.Compare(b.ID)
	})
	due = due[:min(len(due), r.Limit)]
	for _, m := range due {
		q.rows[m.ID] = m
	}
	return due, nil
}

func (q *queue) AttemptMessage(ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
	return q.change(ctx, r.Company, r.ID, func(m sms.Queued) (sms.Queued, error) {
		guard := sms.Guard{Halt: q.halt}
		for _, w := range r.Windows {
			guard.Counts = append(guard.Counts, q.counts[w])
		}
		m, err := m.Attempted(r, guard)
		if err != nil {
			return m, err
		}
		for _, w := range r.Windows {
			q.counts[w]++
		}
		return m, nil
	})
}

func (q *queue) Halted(context.Context) (sms.Halt, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.halt, nil
}

func (q *queue) SetHalt(_ context.Context, h sms.Halt) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.halt = h
	return nil
}

func (q *queue) ForgetCounts(_ context.Context, ended time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	maps.DeleteFunc(q.counts, func(w sms.Window, _ int) bool { return !w.End.After(ended) })
	return nil
}

func (q *queue) SettleMessage(ctx context.Context, s sms.Settlement) error {
	_, err := q.change(ctx, s.Company, s.ID, func(m sms.Queued) (sms.Queued, error) { return m.Settled(s) })
	return err
}

func (q *queue) ReceiveReport(ctx context.Context, r sms.DeliveryReport) error {
	report := func(m sms.Queued) (sms.Queued, error) {
		m, _ = m.Reported(r)
		return m, nil
	}
	if !r.ID.IsZero() {
		_, err := q.change(ctx, r.Company, r.ID, report)
		return err
	}
	for _, m := range q.all() {
		if r.GatewayID != "" && m.Gateway == r.Gateway && m.GatewayID == r.GatewayID {
			_, err := q.change(ctx, m.Company, m.ID, report)
			return err
		}
	}
	return sms.ErrUnknownMessage
}

func (q *queue) Messages(_ context.Context, r sms.MessagesRequest) ([]sms.Queued, error) {
	var found []sms.Queued
	for _, m := range q.all() {
		if m.Company == r.Company && slices.Contains(r.IDs, m.ID) {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b sms.Queued) int { return b.ID.Compare(a.ID) })
	return found, nil
}

func (q *queue) change(
	ctx context.Context, company [16]byte, id sms.MessageID, rule func(sms.Queued) (sms.Queued, error),
) (sms.Queued, error) {
	if err := ctx.Err(); err != nil {
		return sms.Queued{}, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	m, ok := q.rows[id]
	if !ok || m.Company != company {
		return sms.Queued{}, sms.ErrUnknownMessage
	}
	m, err := rule(m)
	if err != nil {
		return sms.Queued{}, err
	}
	q.rows[id] = m
	return m, nil
}

func (q *queue) all() []sms.Queued {
	q.mu.Lock()
	defer q.mu.Unlock()
	var list []sms.Queued
	for _, m := range q.rows {
		list = append(list, m)
	}
	return list
}

func (q *queue) row(n byte) sms.Queued {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rows[messageID(n)]
}

// update does what another transaction does meanwhile.
func (q *queue) update(n byte, f func(sms.Queued) sms.Queued) {
	_, _ = q.change(context.Background(), company, messageID(n), func(m sms.Queued) (sms.Queued, error) { return f(m), nil })
}

var (
	start   = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	company = [16]byte{15: 0xc0}
)

const (
	number = "+46701234567"
	code   = "K7QP-3MXW"
	text   = "Användarnamn: resa4711 Engångskod: " + code + ". Gäller 7 dagar."
)

func messageID(n byte) sms.MessageID { return sms.MessageID{6: 0x70, 8: 0x80, 15: n} }

func newRing(t testing.TB) *sms.KeyRing {
	t.Helper()
	ring, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: bytes.Repeat([]byte("s"), 32)})
	require.NoError(t, err)
	return ring
}

// waiting is message n as travel writes it, due at start and good for 7 days.
func waiting(t testing.TB, n byte) sms.Queued {
	t.Helper()
	to, err := sms.PhoneNumberFromE164(number)
	require.NoError(t, err)
	sealed, err := sms.SealText(newRing(t), bytes.NewReader(bytes.Repeat([]byte{n}, 12)), messageID(n), text)
	require.NoError(t, err)
	return sms.Queued{
		ID: messageID(n), Company: company, Subject: [16]byte{15: 0x5b}, Connection: [16]byte{15: n},
		To: to, Sealed: sealed, NextAt: start, Expires: start.AddDate(0, 0, 7), CreatedAt: start, UpdatedAt: start,
	}
}
