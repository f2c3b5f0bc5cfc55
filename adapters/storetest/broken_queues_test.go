package storetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

type entrySeq = iter.Seq2[travel.Entry, error]

// streamer is a store with other streams.
type streamer struct {
	*memory.Store
	stream func(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq
}

func (s streamer) Entries(ctx context.Context, q travel.EntryQuery) entrySeq {
	return s.stream(s.Store, ctx, q)
}

func streaming(f func(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores { return storetest.All(streamer{s, f}) }
}

// backward is a stream from its end.
func backward(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq {
	return func(yield func(travel.Entry, error) bool) {
		var list []travel.Entry
		for e := range s.Entries(ctx, q) {
			list = append(list, e)
		}
		for _, e := range slices.Backward(list) {
			if !yield(e, nil) {
				return
			}
		}
	}
}

var brokenEntries = []broken{
	{"wrong month", "entries/bounds", saving(func(c *travel.Change) {
		for i := range c.Entries {
			c.Entries[i].Billing = c.Entries[i].Month
		}
	})},
	{"entries out of order", "entries/order entries/invoices entries/stop", streaming(backward)},
	{"kind ignored", "entries/bounds", streaming(func(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq {
		q.Kind = 0
		return s.Entries(ctx, q)
	})},
	{"error swallowed", "entries/error context/ended", streaming(func(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq {
		return func(yield func(travel.Entry, error) bool) {
			for e, err := range s.Entries(ctx, q) {
				if err != nil || !yield(e, nil) {
					return
				}
			}
		}
	})},
	{"goes on after the error", "entries/error", streaming(func(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq {
		return func(yield func(travel.Entry, error) bool) {
			for e := range s.Entries(context.WithoutCancel(ctx), q) {
				if !yield(e, ctx.Err()) {
					return
				}
			}
		}
	})},
	{"stream that is read once", "entries/again", streaming(func(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq {
		read := false
		return func(yield func(travel.Entry, error) bool) {
			if !read {
				read = true
				s.Entries(ctx, q)(yield)
			}
		}
	})},
	{"waits for streams", "entries/unlocked", streaming(func(s *memory.Store, ctx context.Context, q travel.EntryQuery) entrySeq {
		return func(yield func(travel.Entry, error) bool) {
			_ = s.Update(ctx, func(travel.Tx) error {
				s.Entries(ctx, q)(yield)
				return nil
			})
		}
	})},
	{"waits for streams that were left", "entries/stop", func(s *memory.Store) storetest.Stores {
		return storetest.All(&pinned{Store: s})
	}},
}

// pinned forgets to unlock when a stream is not read to the end.
type pinned struct {
	*memory.Store
	mu sync.Mutex
}

func (s *pinned) Entries(ctx context.Context, q travel.EntryQuery) entrySeq {
	return func(yield func(travel.Entry, error) bool) {
		s.mu.TryLock()
		for e, err := range s.Store.Entries(ctx, q) {
			if !yield(e, err) {
				return
			}
		}
		s.mu.Unlock()
	}
}

func (s *pinned) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Store.Decide(ctx, q, decide)
}

// leaser is a store with another queue of events.
type leaser struct {
	*memory.Store
	lease  func(s *memory.Store, ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error)
	settle func(s *memory.Store, ctx context.Context, owner string, ids ...travel.EventID) error
}

func (s leaser) LeaseEvents(ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
	if s.lease == nil {
		return s.Store.LeaseEvents(ctx, owner, now, until, limit)
	}
	return s.lease(s.Store, ctx, owner, now, until, limit)
}

func (s leaser) SettleEvents(ctx context.Context, owner string, ids ...travel.EventID) error {
	if s.settle == nil {
		return s.Store.SettleEvents(ctx, owner, ids...)
	}
	return s.settle(s.Store, ctx, owner, ids...)
}

func leasing(l leaser) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores {
		l := l
		l.Store = s
		return storetest.All(l)
	}
}

// messenger is a store with another queue of messages.
type messenger struct {
	*memory.Store
	lease   func(s *memory.Store, ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error)
	attempt func(s *memory.Store, ctx context.Context, r sms.AttemptRequest) (sms.Queued, error)
	settle  func(s *memory.Store, ctx context.Context, r sms.Settlement) error
	report  func(s *memory.Store, ctx context.Context, r sms.DeliveryReport) error
	list    func(s *memory.Store, ctx context.Context, r sms.MessagesRequest) ([]sms.Queued, error)
}

func (s messenger) LeaseMessages(ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
	if s.lease == nil {
		return s.Store.LeaseMessages(ctx, r)
	}
	return s.lease(s.Store, ctx, r)
}

func (s messenger) AttemptMessage(ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
	if s.attempt == nil {
		return s.Store.AttemptMessage(ctx, r)
	}
	return s.attempt(s.Store, ctx, r)
}

func (s messenger) SettleMessage(ctx context.Context, r sms.Settlement) error {
	if s.settle == nil {
		return s.Store.SettleMessage(ctx, r)
	}
	return s.settle(s.Store, ctx, r)
}

func (s messenger) ReceiveReport(ctx context.Context, r sms.DeliveryReport) error {
	if s.report == nil {
		return s.Store.ReceiveReport(ctx, r)
	}
	return s.report(s.Store, ctx, r)
}

func (s messenger) Messages(ctx context.Context, r sms.MessagesRequest) ([]sms.Queued, error) {
	if s.list == nil {
		return s.Store.Messages(ctx, r)
	}
	return s.list(s.Store, ctx, r)
}

func messaging(m messenger) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores {
		m := m
		m.Store = s
		return storetest.All(m)
	}
}

// present token of a message.
func tokenOf(s *memory.Store, ctx context.Context, company [16]byte, id sms.MessageID) int64 {
	list, err := s.Messages(ctx, sms.MessagesRequest{Company: company, IDs: []sms.MessageID{id}})
	if err != nil || len(list) == 0 {
		return 0
	}
	return list[0].LeaseToken
}

var brokenQueues = []broken{
	{"newest event first", "events/order", leasing(leaser{
		lease: func(s *memory.Store, ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
			return reversed(s.LeaseEvents(ctx, owner, now, until, limit))
		},
	})},
	{"event given to two owners", "events/one-owner events/taken-over", leasing(leaser{
		lease: func(s *memory.Store, ctx context.Context, owner string, now, _ time.Time, limit int) ([]travel.Event, error) {
			return s.LeaseEvents(ctx, owner, now, now, limit)
		},
	})},
	{"event lost when leased", "events/taken-over events/settled events/settled-late reopen/events", leasing(leaser{
		lease: func(s *memory.Store, ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
			list, err := s.LeaseEvents(ctx, owner, now, until, limit)
			for _, e := range list {
				err = errors.Join(err, s.SettleEvents(ctx, owner, e.ID))
			}
			return list, err
		},
	})},
	{"event settled by anyone", "events/settled-late", func(s *memory.Store) storetest.Stores {
		var mu sync.Mutex
		owners := map[travel.EventID]string{}
		return leasing(leaser{
			lease: func(s *memory.Store, ctx context.Context, owner string, now, until time.Time, limit int) ([]travel.Event, error) {
				list, err := s.LeaseEvents(ctx, owner, now, until, limit)
				mu.Lock()
				defer mu.Unlock()
				for _, e := range list {
					owners[e.ID] = owner
				}
				return list, err
			},
			settle: func(s *memory.Store, ctx context.Context, _ string, ids ...travel.EventID) (err error) {
				mu.Lock()
				defer mu.Unlock()
				for _, id := range ids {
					err = errors.Join(err, s.SettleEvents(ctx, owners[id], id))
				}
				return err
			},
		})(s)
	}},
	{"event never settled", "events/settled", leasing(leaser{
		settle: func(*memory.Store, context.Context, string, ...travel.EventID) error { return nil },
	})},
	{"messages in any order", "messages/lease messages/by-id", messaging(messenger{
		lease: func(s *memory.Store, ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
			return reversed(s.LeaseMessages(ctx, r))
		},
		list: func(s *memory.Store, ctx context.Context, r sms.MessagesRequest) ([]sms.Queued, error) {
			return reversed(s.Messages(ctx, r))
		},
	})},
	{"no message is an error", "messages/lease-none", messaging(messenger{
		lease: func(s *memory.Store, ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
			list, err := s.LeaseMessages(ctx, r)
			if len(list) == 0 {
				err = sms.ErrUnknownMessage
			}
			return list, err
		},
	})},
	{"message never taken back", "messages/lease-again", messaging(messenger{
		lease: func(s *memory.Store, ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
			r.Until = r.Until.AddDate(1, 0, 0)
			return s.LeaseMessages(ctx, r)
		},
	})},
	{"message leased twice", "messages/one-token", func(s *memory.Store) storetest.Stores {
		var mu sync.Mutex
		var before []sms.Queued
		return messaging(messenger{
			lease: func(s *memory.Store, ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
				mu.Lock()
				defer mu.Unlock()
				if len(before) > 0 {
					again := before
					before = nil
					return again, nil
				}
				var err error
				before, err = s.LeaseMessages(ctx, r)
				return before, err
			},
		})(s)
	}},
	{"attempt not counted", "messages/attempt reopen/messages", messaging(messenger{
		attempt: func(s *memory.Store, ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
			list, err := s.Messages(ctx, sms.MessagesRequest{Company: r.Company, IDs: []sms.MessageID{r.ID}})
			if err != nil || len(list) == 0 {
				return sms.Queued{}, errors.Join(err, sms.ErrUnknownMessage)
			}
			return list[0].Attempted(r, sms.Guard{})
		},
	})},
	{"windows ignored", "messages/windows messages/windows-at-once messages/forget-counts", messaging(messenger{
		attempt: func(s *memory.Store, ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
			r.Windows = nil
			return s.AttemptMessage(ctx, r)
		},
	})},
	{"switch not kept", "messages/halted", func(s *memory.Store) storetest.Stores { return storetest.All(unhalting{s}) }},
	{"counts never forgotten", "messages/forget-counts", func(s *memory.Store) storetest.Stores { return storetest.All(hoarding{s}) }},
	{"token ignored", "messages/attempt-fails messages/settle-fails", messaging(messenger{
		attempt: func(s *memory.Store, ctx context.Context, r sms.AttemptRequest) (sms.Queued, error) {
			r.Token = tokenOf(s, ctx, r.Company, r.ID)
			return s.AttemptMessage(ctx, r)
		},
		settle: func(s *memory.Store, ctx context.Context, r sms.Settlement) error {
			r.Token = tokenOf(s, ctx, r.Company, r.ID)
			return s.SettleMessage(ctx, r)
		},
	})},
	{"settlement forgotten", "messages/settle", messaging(messenger{
		settle: func(*memory.Store, context.Context, sms.Settlement) error { return nil },
	})},
	{"report forgotten", "messages/report messages/report-unknown", messaging(messenger{
		report: func(*memory.Store, context.Context, sms.DeliveryReport) error { return nil },
	})},
	{"last job forgotten", "jobs/last", jobbing(jobber{
		last: func(*memory.Store, context.Context, string) (time.Time, error) { return time.Time{}, nil },
	})},
	{"lease given to two owners", "jobs/claim jobs/claim-at-once jobs/finish", jobbing(jobber{
		claim: func(s *memory.Store, ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
			if given, ok, err := s.ClaimJob(ctx, c); ok || err != nil {
				return given, ok, err
			}
			return c, true, nil
		},
	})},
	{"token not fresh", "jobs/taken-over jobs/token", jobbing(jobber{
		claim: func(s *memory.Store, ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
			given, ok, err := s.ClaimJob(ctx, c)
			given.Token = min(given.Token, 1)
			return given, ok, err
		},
	})},
	{"lost claim finishes", "jobs/lost", jobbing(jobber{
		finish: func(s *memory.Store, ctx context.Context, c travel.JobClaim) error {
			if err := s.FinishJob(ctx, c); !errors.Is(err, travel.ErrLeaseLost) {
				return err
			}
			c.Now = c.Until.AddDate(1, 0, 0)
			again, _, err := s.ClaimJob(ctx, c)
			return errors.Join(err, s.FinishJob(ctx, again))
		},
	})},
}

// unhalting is a store whose kill switch cannot be turned.
type unhalting struct{ *memory.Store }

func (unhalting) SetHalt(context.Context, sms.Halt) error { return nil }

// hoarding is a store that forgets no count.
type hoarding struct{ *memory.Store }

func (hoarding) ForgetCounts(context.Context, time.Time) error { return nil }

// jobber is a store with other jobs.
type jobber struct {
	*memory.Store
	last   func(s *memory.Store, ctx context.Context, job string) (time.Time, error)
	claim  func(s *memory.Store, ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error)
	finish func(s *memory.Store, ctx context.Context, c travel.JobClaim) error
}

func (s jobber) LastJob(ctx context.Context, job string) (time.Time, error) {
	if s.last == nil {
		return s.Store.LastJob(ctx, job)
	}
	return s.last(s.Store, ctx, job)
}

func (s jobber) ClaimJob(ctx context.Context, c travel.JobClaim) (travel.JobClaim, bool, error) {
	if s.claim == nil {
		return s.Store.ClaimJob(ctx, c)
	}
	return s.claim(s.Store, ctx, c)
}

func (s jobber) FinishJob(ctx context.Context, c travel.JobClaim) error {
	if s.finish == nil {
		return s.Store.FinishJob(ctx, c)
	}
	return s.finish(s.Store, ctx, c)
}

func jobbing(j jobber) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores {
		j := j
		j.Store = s
		return storetest.All(j)
	}
}

// The test reopens on an empty store.
var brokenReopen = []broken{
	{"everything forgotten", "reopen/decide reopen/records reopen/unique reopen/events reopen/personal reopen/messages reopen/numbers reopen/jobs",
		func(s *memory.Store) storetest.Stores { return inMemory(testing.TB(nil)) }},
}
