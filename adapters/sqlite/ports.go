package sqlite

import (
	"context"
	"iter"
	"time"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	_ travel.Store    = (*Store)(nil)
	_ travel.JobStore = (*Store)(nil)
	_ invoice.Store   = (*Store)(nil)
	_ sms.Queue       = (*Store)(nil)
)

// Decide implements travel.Store.
func (s *Store) Decide(ctx context.Context, q travel.Query, decide func(travel.State) (travel.Change, error)) error {
	return s.engine.Decide(ctx, q, decide)
}

// Update implements travel.Store.
func (s *Store) Update(ctx context.Context, do func(tx travel.Tx) error) error {
	return s.engine.Update(ctx, do)
}

// View implements travel.Store.
func (s *Store) View(ctx context.Context, do func(tx travel.Tx) error) error {
	return s.engine.View(ctx, do)
}

// Entries implements travel.Store and invoice.Store.
func (s *Store) Entries(ctx context.Context, q travel.EntryQuery) iter.Seq2[travel.Entry, error] {
	return s.engine.Entries(ctx, q)
}

// LeaseEvents implements travel.EventQueue.
func (s *Store) LeaseEvents(ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
	return s.engine.LeaseEvents(ctx, owner, now, until, limit)
}

// SettleEvents implements travel.EventQueue.
func (s *Store) SettleEvents(ctx context.Context, owner string, ids ...travel.EventID) error {
	return s.engine.SettleEvents(ctx, owner, ids...)
}

// UpdateInvoices implements invoice.Store.
func (s *Store) UpdateInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	return s.engine.UpdateInvoices(ctx, do)
}

// ViewInvoices implements invoice.Store.
func (s *Store) ViewInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	return s.engine.ViewInvoices(ctx, do)
}

// LeaseMessages implements sms.Queue.
func (s *Store) LeaseMessages(ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
	return s.engine.LeaseMessages(ctx, r)
}

// AttemptMessage implements sms.Queue.
func (s *Store) AttemptMessage(ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
	return s.engine.AttemptMessage(ctx, r)
}

// SettleMessage implements sms.Queue.
func (s *Store) SettleMessage(ctx context.Context, v sms.Settlement) error {
	return s.engine.SettleMessage(ctx, v)
}

// Halted implements sms.Queue.
func (s *Store) Halted(ctx context.Context) (sms.Halt, error) { return s.engine.Halted(ctx) }

// SetHalt implements sms.Queue.
func (s *Store) SetHalt(ctx context.Context, h sms.Halt) error { return s.engine.SetHalt(ctx, h) }

// ForgetCounts implements sms.Queue.
func (s *Store) ForgetCounts(ctx context.Context, ended time.Time) error {
	return s.engine.ForgetCounts(ctx, ended)
}

// ReceiveReport implements sms.Queue.
func (s *Store) ReceiveReport(ctx context.Context, r sms.DeliveryReport) error {
	return s.engine.ReceiveReport(ctx, r)
}

// Messages implements sms.Queue.
func (s *Store) Messages(ctx context.Context, r sms.MessagesRequest) ([]sms.Queued, error) {
	return s.engine.Messages(ctx, r)
}

// LastJob implements travel.JobStore.
func (s *Store) LastJob(ctx context.Context, job string) (time.Time, error) {
	return s.engine.LastJob(ctx, job)
}

// ClaimJob implements travel.JobStore.
func (s *Store) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	return s.engine.ClaimJob(ctx, c)
}

// FinishJob implements travel.JobStore.
func (s *Store) FinishJob(ctx context.Context, c travel.JobClaim) error {
	return s.engine.FinishJob(ctx, c)
}
