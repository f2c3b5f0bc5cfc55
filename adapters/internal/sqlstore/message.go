package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/tjansteresor/tjansteresor/sms"
)

func messageColumns(q *sms.Queued) []column {
	return []column{
		uuid("company", &q.Company),
		uuid("id", &q.ID),
		uuid("subject", &q.Subject),
		uuid("connection", &q.Connection),
		phone("number", &q.To),
		text("sealed_key_id", &q.Sealed.KeyID),
		bytes("sealed_data", &q.Sealed.Data),
		number("state", &q.State),
		number("attempts", &q.Attempts),
		instant("next_at", &q.NextAt),
		instant("expires", &q.Expires),
		instant("created_at", &q.CreatedAt),
		instant("updated_at", &q.UpdatedAt),
		text("lease_owner", &q.LeaseOwner),
		instant("lease_until", &q.LeaseUntil),
		number("lease_token", &q.LeaseToken),
		text("gateway", &q.Gateway),
		text("gateway_id", &q.GatewayID),
		text("error_code", &q.ErrorCode),
	}
}

const messageByID = "WHERE company = $1 AND id = $2"

// LeaseMessages implements sms.Queue. What is due is looked for without a lock,
// then locked and looked at again: another dispatcher may have been faster.
// When it was so with all of them there may be more to look for.
func (s *Store) LeaseMessages(ctx context.Context, r sms.LeaseRequest) (leased []sms.Queued, err error) {
	err = s.transact(ctx, Write, func(x *tx) error {
		for {
			due, err := x.dueMessages(ctx, r)
			if err != nil || len(due) == 0 {
				leased = nil
				return err
			}
			if leased, err = x.leaseMessages(ctx, r, due); err != nil || len(leased) > 0 {
				return err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return leased, nil
}

// dueMessages names messages that seem to be due, the first ones first.
func (x *tx) dueMessages(ctx context.Context, r sms.LeaseRequest) (due []sms.Queued, err error) {
	return list(ctx, x, "message", messageKey,
		"WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY next_at, id LIMIT $2",
		x.at(r.Now), max(r.Limit, 0))
}

// messageKey is the key alone.
func messageKey(q *sms.Queued) []column { return messageColumns(q)[:2] }

// leaseMessages leases those that are due indeed. They are locked newest first,
// as those of a traveler are elsewhere, so that nobody waits in a circle.
func (x *tx) leaseMessages(ctx context.Context, r sms.LeaseRequest, due []sms.Queued) ([]sms.Queued, error) {
	slices.SortFunc(due, func(a, b sms.Queued) int {
		return cmp.Or(slices.Compare(a.Company[:], b.Company[:]), b.ID.Compare(a.ID))
	})
	locked, err := x.messagesByID(ctx, due)
	if err != nil {
		return nil, err
	}
	var leased []sms.Queued
	for _, m := range locked {
		if m, ok := m.Leased(r); ok {
			leased = append(leased, m)
		}
	}
	slices.SortFunc(leased, func(a, b sms.Queued) int {
		return cmp.Or(a.NextAt.Compare(b.NextAt), a.ID.Compare(b.ID))
	})
	return leased, x.run(ctx, x.s.bulk.updateMessages.statements(x.s.dialect, pointers(leased))...)
}

// messagesByID loads the messages with the keys of others, in their order, and
// locks them when the transaction writes. What is missing is left out.
func (x *tx) messagesByID(ctx context.Context, like []sms.Queued) (found []sms.Queued, err error) {
	var keys [][]column
	for i := range like {
		keys = append(keys, messageKey(&like[i]))
	}
	messages := &x.s.bulk.messages
	if x.mode == Write {
		messages = &x.s.bulk.lockMessages
	}
	err = x.run(ctx, messages.statements(x.s.dialect, keys, func(m sms.Queued) { found = append(found, m) })...)
	return found, err
}

// AttemptMessage implements sms.Queue.
func (s *Store) AttemptMessage(ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
	return s.moveMessage(ctx, func(ctx context.Context, x *tx, m sms.Queued) (sms.Queued, error) {
		halt, err := x.halt(ctx)
		if err != nil {
			return m, err
		}
		counts, err := x.messageCounts(ctx, r.Windows)
		if err != nil {
			return m, err
		}
		m, err = m.Attempted(r, sms.Guard{Halt: halt, Counts: convert(counts, func(c messageCount) int { return c.n })})
		if err != nil {
			return m, err
		}
		return m, x.raiseCounts(ctx, counts)
	}, messageByID, argID(s.dialect, r.Company), argID(s.dialect, r.ID))
}

// SettleMessage implements sms.Queue.
func (s *Store) SettleMessage(ctx context.Context, r sms.Settlement) error {
	_, err := s.moveMessage(ctx, func(_ context.Context, _ *tx, m sms.Queued) (sms.Queued, error) { return m.Settled(r) },
		messageByID, argID(s.dialect, r.Company), argID(s.dialect, r.ID))
	return err
}

// ReceiveReport implements sms.Queue. Should a gateway have used an id twice,
// the report is about the newest message.
func (s *Store) ReceiveReport(ctx context.Context, r sms.DeliveryReport) error {
	reported := func(_ context.Context, _ *tx, m sms.Queued) (sms.Queued, error) {
		m, _ = m.Reported(r)
		return m, nil
	}
	where, args := messageByID, []any{argID(s.dialect, r.Company), argID(s.dialect, r.ID)}
	if r.ID.IsZero() {
		where = "WHERE gateway = $1 AND gateway_id = $2 AND gateway_id <> '' ORDER BY id DESC LIMIT 1"
		args = []any{r.Gateway, r.GatewayID}
	}
	_, err := s.moveMessage(ctx, reported, where, args...)
	return err
}

// moveMessage replaces a message by what a rule makes of it.
func (s *Store) moveMessage(ctx context.Context, rule func(context.Context, *tx, sms.Queued) (sms.Queued, error), where string, args ...any) (moved sms.Queued, err error) {
	err = s.transact(ctx, Write, func(x *tx) error {
		m, found, err := get(ctx, x, "message", messageColumns, where, args...)
		if err == nil && !found {
			err = sms.ErrUnknownMessage
		}
		if err != nil {
			return err
		}
		if moved, err = rule(ctx, x, m); err != nil {
			return err
		}
		return x.save(ctx, "message", 2, messageColumns(&moved))
	})
	if err != nil {
		return sms.Queued{}, err
	}
	return moved, nil
}

// Messages implements sms.Queue.
func (s *Store) Messages(ctx context.Context, r sms.MessagesRequest) (found []sms.Queued, err error) {
	ids := slices.Clone(r.IDs)
	slices.SortFunc(ids, func(a, b sms.MessageID) int { return b.Compare(a) })
	keys := convert(slices.Compact(ids), func(id sms.MessageID) sms.Queued {
		return sms.Queued{Company: r.Company, ID: id}
	})
	err = s.transact(ctx, Snapshot, func(x *tx) (err error) {
		found, err = x.messagesByID(ctx, keys)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}
