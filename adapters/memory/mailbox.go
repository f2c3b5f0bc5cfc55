package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// mailbox holds the SMS, under Store.cold.
type mailbox struct {
	messages map[messageKey]sms.Queued
	// waiting are those to which an attempt is still to come.
	waiting map[messageKey]struct{}
	// These find messages; what they find is looked at again.
	bySubject map[subjectKey][]messageKey
	byReceipt map[receiptKey]messageKey

	halt   sms.Halt
	counts map[countKey]count
}

// countKey names a window, and count is how many attempts fell into it.
type countKey struct {
	scope, key string
	start      int64 // in microseconds
}

type count struct {
	n   int
	end time.Time
}

func countKeyOf(w sms.Window) countKey { return countKey{w.Scope, w.Key, w.Start.UnixMicro()} }

type messageKey struct {
	company [16]byte
	id      sms.MessageID
}

type subjectKey struct{ company, subject [16]byte }

type receiptKey struct{ gateway, id string }

func newMailbox() mailbox {
	return mailbox{
		messages: map[messageKey]sms.Queued{}, waiting: map[messageKey]struct{}{},
		bySubject: map[subjectKey][]messageKey{}, byReceipt: map[receiptKey]messageKey{},
		counts: map[countKey]count{},
	}
}

// put inserts or replaces a message.
func (b *mailbox) put(m sms.Queued) {
	k := messageKey{m.Company, m.ID}
	before, replaced := b.messages[k]
	b.messages[k] = m
	if m.Waiting() {
		b.waiting[k] = struct{}{}
	} else {
		delete(b.waiting, k)
	}
	if m.GatewayID != "" {
		b.byReceipt[receiptKey{m.Gateway, m.GatewayID}] = k
	}
	if !replaced || before.Subject != m.Subject {
		o := subjectKey{m.Company, m.Subject}
		b.bySubject[o] = append(b.bySubject[o], k)
	}
}

// remove takes a message away that an update had inserted.
func (b *mailbox) remove(k messageKey) {
	delete(b.messages, k)
	delete(b.waiting, k)
}

// list returns the messages of keys that match, newest first.
func (b *mailbox) list(keys []messageKey, match func(sms.Queued) bool) []sms.Queued {
	found := map[messageKey]sms.Queued{}
	for _, k := range keys {
		if m, ok := b.messages[k]; ok && match(m) {
			found[k] = m
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b sms.Queued) int { return b.ID.Compare(a.ID) })
}

// LeaseMessages implements sms.Queue.
func (s *Store) LeaseMessages(ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.cold.Lock()
	defer s.cold.Unlock()
	var due []sms.Queued
	for k := range s.mailbox.waiting {
		if m, ok := s.mailbox.messages[k].Leased(r); ok {
			due = append(due, m)
		}
	}
	slices.SortFunc(due, func(a, b sms.Queued) int {
		return cmp.Or(a.NextAt.Compare(b.NextAt), a.ID.Compare(b.ID))
	})
	due = slices.Clip(due[:min(len(due), r.Limit)])
	for _, m := range due {
		s.mailbox.put(m)
	}
	return due, nil
}

// AttemptMessage implements sms.Queue.
func (s *Store) AttemptMessage(ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
	return s.move(ctx, func() messageKey { return messageKey{r.Company, r.ID} },
		func(m sms.Queued) (sms.Queued, error) {
			guard := sms.Guard{Halt: s.mailbox.halt}
			for _, w := range r.Windows {
				guard.Counts = append(guard.Counts, s.mailbox.counts[countKeyOf(w)].n)
			}
			m, err := m.Attempted(r, guard)
			if err != nil {
				return m, err
			}
			for i, w := range r.Windows {
				s.mailbox.counts[countKeyOf(w)] = count{guard.Counts[i] + 1, w.End}
			}
			return m, nil
		})
}

// Halted implements sms.Queue.
func (s *Store) Halted(ctx context.Context) (sms.Halt, error) {
	s.cold.RLock()
	defer s.cold.RUnlock()
	return s.mailbox.halt, ctx.Err()
}

// SetHalt implements sms.Queue.
func (s *Store) SetHalt(ctx context.Context, h sms.Halt) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.cold.Lock()
	defer s.cold.Unlock()
	s.mailbox.halt = h
	return nil
}

// ForgetCounts implements sms.Queue.
func (s *Store) ForgetCounts(ctx context.Context, ended time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.cold.Lock()
	defer s.cold.Unlock()
	maps.DeleteFunc(s.mailbox.counts, func(_ countKey, c count) bool { return !c.end.After(ended) })
	return nil
}

// SettleMessage implements sms.Queue.
func (s *Store) SettleMessage(ctx context.Context, r sms.Settlement) error {
	_, err := s.move(ctx, func() messageKey { return messageKey{r.Company, r.ID} },
		func(m sms.Queued) (sms.Queued, error) { return m.Settled(r) })
	return err
}

// ReceiveReport implements sms.Queue.
func (s *Store) ReceiveReport(ctx context.Context, r sms.DeliveryReport) error {
	_, err := s.move(ctx, func() messageKey { return s.mailbox.reported(r) },
		func(m sms.Queued) (sms.Queued, error) {
			m, _ = m.Reported(r)
			return m, nil
		})
	return err
}

// reported finds the message that a report is about.
func (b *mailbox) reported(r sms.DeliveryReport) messageKey {
	if !r.ID.IsZero() {
		return messageKey{r.Company, r.ID}
	}
	k := b.byReceipt[receiptKey{r.Gateway, r.GatewayID}]
	if m := b.messages[k]; m.Gateway != r.Gateway || m.GatewayID != r.GatewayID {
		return messageKey{}
	}
	return k
}

// move replaces a message by what a rule makes of it.
func (s *Store) move(ctx context.Context, find func() messageKey, rule func(sms.Queued) (sms.Queued, error)) (sms.Queued, error) {
	if err := ctx.Err(); err != nil {
		return sms.Queued{}, err
	}
	s.cold.Lock()
	defer s.cold.Unlock()
	m, ok := s.mailbox.messages[find()]
	if !ok {
		return sms.Queued{}, sms.ErrUnknownMessage
	}
	m, err := rule(m)
	if err != nil {
		return sms.Queued{}, err
	}
	s.mailbox.put(m)
	return m, nil
}

// Messages implements sms.Queue.
func (s *Store) Messages(ctx context.Context, r sms.MessagesRequest) ([]sms.Queued, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.cold.RLock()
	defer s.cold.RUnlock()
	var keys []messageKey
	for _, id := range r.IDs {
		keys = append(keys, messageKey{r.Company, id})
	}
	return s.mailbox.list(keys, func(sms.Queued) bool { return true }), nil
}

func (x *tx) AppendMessage(ctx context.Context, m sms.Queued) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	if _, ok := x.s.mailbox.messages[messageKey{m.Company, m.ID}]; ok {
		return &travel.DuplicateError{Field: "ID"}
	}
	x.putMessage(m)
	return nil
}

func (x *tx) SaveMessage(ctx context.Context, m sms.Queued) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	if _, ok := x.s.mailbox.messages[messageKey{m.Company, m.ID}]; !ok {
		return notFound("message", m.ID)
	}
	x.putMessage(m)
	return nil
}

func (x *tx) putMessage(m sms.Queued) {
	k := messageKey{m.Company, m.ID}
	before, ok := x.s.mailbox.messages[k]
	x.undo = append(x.undo, func() {
		if ok {
			x.s.mailbox.put(before)
		} else {
			x.s.mailbox.remove(k)
		}
	})
	x.s.mailbox.put(m)
}

func (x *tx) Messages(ctx context.Context, company travel.CompanyID, traveler travel.TravelerID) ([]sms.Queued, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	keys := x.s.mailbox.bySubject[subjectKey{company, traveler}]
	return x.s.mailbox.list(keys, func(m sms.Queued) bool { return m.Subject == traveler }), nil
}
