package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// broken is a store with one fault, and the cases that must find it.
type broken struct {
	fault string
	cases string
	make  func(s *memory.Store) storetest.Stores
}

// TestBrokenStoresFail runs the cases on stores that break one promise each.
// Every case has a store that fails it.
func TestBrokenStoresFail(t *testing.T) {
	t.Parallel()
	cases := map[string]storetest.Case{}
	for _, c := range storetest.Cases() {
		cases[c.Name] = c
	}
	found := map[string]bool{}
	for _, b := range slices.Concat(brokenDecisions, brokenTransactions, brokenRecords, brokenEntries, brokenQueues, brokenReopen) {
		for name := range strings.FieldsSeq(b.cases) {
			found[name] = true
			t.Run(b.fault+"/"+name, func(t *testing.T) {
				t.Parallel()
				c, ok := cases[name]
				if !assert.True(t, ok, "there is no case %s", name) {
					return
				}
				got := record(t, c, storetest.Options{
					New:      func(testing.TB) storetest.Stores { return b.make(memory.New(memory.Options{})) },
					Reopen:   func(testing.TB, storetest.Stores) storetest.Stores { return inMemory(t) },
					Patience: patience(b.fault),
				})
				assert.True(t, got.failed, "the case passed")
				assert.Contains(t, got.log.String(), c.Contract)
			})
		}
	}
	for name := range cases {
		assert.True(t, found[name], "no broken store fails %s", name)
	}
}

// patience is short for stores that wait for ever.
func patience(fault string) time.Duration {
	if strings.HasPrefix(fault, "waits") {
		return 300 * time.Millisecond
	}
	return 30 * time.Second
}

// altered is a store whose decisions see or save something else.
type altered struct {
	*memory.Store
	see  func(*travel.State)
	save func(*travel.Change)
}

func (s altered) Decide(ctx context.Context, q travel.Query, decide func(travel.State) (travel.Change, error)) error {
	return s.Store.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
		if s.see != nil {
			s.see(&st)
		}
		change, err := decide(st)
		if s.save != nil {
			s.save(&change)
		}
		return change, err
	})
}

func seeing(see func(*travel.State)) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores { return storetest.All(altered{Store: s, see: see}) }
}

func saving(save func(*travel.Change)) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores { return storetest.All(altered{Store: s, save: save}) }
}

// decider is a store with another Decide.
type decider struct {
	*memory.Store
	decide func(s *memory.Store, ctx context.Context, q travel.Query, decide decideFunc) error
}

type decideFunc = func(travel.State) (travel.Change, error)

func (s decider) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	return s.decide(s.Store, ctx, q, decide)
}

func deciding(decide func(s *memory.Store, ctx context.Context, q travel.Query, decide decideFunc) error) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores { return storetest.All(decider{s, decide}) }
}

// look returns what a decision would see.
func look(s *memory.Store, ctx context.Context, q travel.Query) (seen travel.State, err error) {
	err = s.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
		traveler := *st.Traveler
		seen, seen.Traveler = st, &traveler
		return travel.Change{}, nil
	})
	return seen, err
}

// turns lets a faulty call wait until another one has come in between, so that
// the fault shows every time and not only now and then.
type turns struct{ taken atomic.Int64 }

// another waits for the turn of somebody else, unless nobody is there.
func (t *turns) another() {
	for before, n := t.taken.Load(), 0; t.taken.Load() == before && n < 20_000; n++ {
		runtime.Gosched()
	}
}

func (t *turns) take() { t.taken.Add(1) }

// unlocked decides on what it has read before it locks.
type unlocked struct {
	*memory.Store
	turns *turns
}

func (s unlocked) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	st, err := look(s.Store, ctx, q)
	if err != nil {
		return err
	}
	s.turns.another()
	defer s.turns.take()
	change, err := decide(st)
	if err != nil {
		return err
	}
	return s.Store.Decide(ctx, q, func(travel.State) (travel.Change, error) { return change, nil })
}

func (s unlocked) Update(ctx context.Context, do func(travel.Tx) error) error {
	defer s.turns.take()
	return s.Store.Update(ctx, do)
}

// early reads the company before it locks the traveler.
type early struct {
	*memory.Store
	turns *turns
}

func (s early) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	before, err := look(s.Store, ctx, q)
	if err != nil {
		return err
	}
	s.turns.another()
	return s.Store.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
		st.Company = before.Company
		return decide(st)
	})
}

func (s early) Update(ctx context.Context, do func(travel.Tx) error) error {
	defer s.turns.take()
	return s.Store.Update(ctx, do)
}

var brokenDecisions = []broken{
	{"racy limit", "decide/serial decide/limit update/isolated-from-decide travelers/fence-in-flight", func(s *memory.Store) storetest.Stores {
		return storetest.All(unlocked{s, &turns{}})
	}},
	{"lost idempotency", "decide/earlier decide/twins decide/saves commands/insert reopen/decide",
		saving(func(c *travel.Change) { c.Command = nil })},
	{"department left out", "decide/loads", seeing(func(s *travel.State) { s.Department = nil })},
	{"events lost", "decide/saves events/order", saving(func(c *travel.Change) { c.Events = nil })},
	{"expired not marked", "decide/expired", saving(func(c *travel.Change) { c.Expired = nil })},
	{"nothing means zero", "decide/leaves", deciding(func(s *memory.Store, ctx context.Context, q travel.Query, decide decideFunc) error {
		return s.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
			change, err := decide(st)
			if change.Account == nil {
				change.Account = &credit.Account{}
			}
			return change, err
		})
	})},
	{"command mended in silence", "decide/foreign-command", deciding(func(s *memory.Store, ctx context.Context, q travel.Query, decide decideFunc) error {
		return s.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
			change, err := decide(st)
			if change.Command != nil {
				change.Command.Company, change.Command.Operation, change.Command.Key = q.Company, q.Operation, q.Key
			}
			return change, err
		})
	})},
	{"error wrapped", "decide/error", deciding(func(s *memory.Store, ctx context.Context, q travel.Query, decide decideFunc) error {
		if err := s.Decide(ctx, q, decide); err != nil {
			return fmt.Errorf("decide: %w", err)
		}
		return nil
	})},
	{"company read before the lock", "decide/company-after-lock", func(s *memory.Store) storetest.Stores {
		return storetest.All(early{s, &turns{}})
	}},
	{"context ignored", "context/ended context/ends-in-decide", deciding(func(s *memory.Store, ctx context.Context, q travel.Query, decide decideFunc) error {
		return s.Decide(context.WithoutCancel(ctx), q, decide)
	})},
	{"shared value changed", "values/shared", deciding(func(s *memory.Store, ctx context.Context, q travel.Query, decide decideFunc) error {
		return s.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
			change, err := decide(st)
			if len(change.Expired) > 0 {
				st.Traveler.Credit.Open[0].Capturing = false
			}
			return change, err
		})
	})},
	{"waits for every traveler", "decide/apart", func(s *memory.Store) storetest.Stores { return storetest.All(&oneLock{Store: s}) }},
	{"cross-company read", "decide/unknown records/other-company entries/company", func(s *memory.Store) storetest.Stores {
		return storetest.All(&borderless{Store: s, home: map[travel.TravelerID]travel.CompanyID{}})
	}},
	{"authorization of another traveler", "decide/authorization", func(s *memory.Store) storetest.Stores {
		return storetest.All(&generous{Store: s, known: map[travel.AuthorizationID]travel.Authorization{}})
	}},
}

// oneLock has one lock for everything.
type oneLock struct {
	*memory.Store
	mu sync.Mutex
}

func (s *oneLock) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Store.Decide(ctx, q, decide)
}

func (s *oneLock) Update(ctx context.Context, do func(travel.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Store.Update(ctx, do)
}

// borderless finds travelers by their id alone.
type borderless struct {
	*memory.Store
	mu   sync.Mutex
	home map[travel.TravelerID]travel.CompanyID
}

func (s *borderless) of(t travel.TravelerID, asked travel.CompanyID) travel.CompanyID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if home, ok := s.home[t]; ok {
		return home
	}
	return asked
}

func (s *borderless) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	q.Company = s.of(q.Traveler, q.Company)
	return s.Store.Decide(ctx, q, decide)
}

func (s *borderless) Entries(ctx context.Context, q travel.EntryQuery) entrySeq {
	q.Company = s.of(q.Traveler, q.Company)
	return s.Store.Entries(ctx, q)
}

func (s *borderless) Update(ctx context.Context, do func(travel.Tx) error) error {
	return s.UpdateInvoices(ctx, func(tx invoice.Tx) error { return do(borderlessTx{tx, s}) })
}

func (s *borderless) View(ctx context.Context, do func(travel.Tx) error) error {
	return s.ViewInvoices(ctx, func(tx invoice.Tx) error { return do(borderlessTx{tx, s}) })
}

type borderlessTx struct {
	invoice.Tx
	s *borderless
}

func (x borderlessTx) SaveTraveler(ctx context.Context, t travel.Traveler) error {
	x.s.mu.Lock()
	x.s.home[t.ID] = t.Company
	x.s.mu.Unlock()
	return x.Tx.SaveTraveler(ctx, t)
}

func (x borderlessTx) Traveler(ctx context.Context, company travel.CompanyID, id travel.TravelerID) (travel.Traveler, error) {
	return x.Tx.Traveler(ctx, x.s.of(id, company), id)
}

// generous gives authorizations to whom asks.
type generous struct {
	*memory.Store
	mu    sync.Mutex
	known map[travel.AuthorizationID]travel.Authorization
}

func (s *generous) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	return s.Store.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if z, ok := s.known[q.Authorization]; ok {
			st.Authorization = &z
		}
		change, err := decide(st)
		if z := change.Authorization; z != nil {
			s.known[z.ID] = *z
		}
		return change, err
	})
}

// reworked is a store with other transactions.
type reworked struct {
	*memory.Store
	update, view transact
}

type transact = func(s *memory.Store, ctx context.Context, do func(invoice.Tx) error) error

func (s reworked) Update(ctx context.Context, do func(travel.Tx) error) error {
	return s.UpdateInvoices(ctx, func(tx invoice.Tx) error { return do(tx) })
}

func (s reworked) View(ctx context.Context, do func(travel.Tx) error) error {
	return s.ViewInvoices(ctx, func(tx invoice.Tx) error { return do(tx) })
}

func (s reworked) UpdateInvoices(ctx context.Context, do func(invoice.Tx) error) error {
	if s.update == nil {
		return s.Store.UpdateInvoices(ctx, do)
	}
	return s.update(s.Store, ctx, do)
}

func (s reworked) ViewInvoices(ctx context.Context, do func(invoice.Tx) error) error {
	if s.view == nil {
		return s.Store.ViewInvoices(ctx, do)
	}
	return s.view(s.Store, ctx, do)
}

func updating(f transact) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores { return storetest.All(reworked{Store: s, update: f}) }
}

func viewing(f transact) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores { return storetest.All(reworked{Store: s, view: f}) }
}

var brokenTransactions = []broken{
	{"not rolled back", "update/rolls-back update/rolls-back-the-rest update/unseen messages/rolled-back invoices/with-travel",
		updating(func(s *memory.Store, ctx context.Context, do func(invoice.Tx) error) (failed error) {
			err := s.UpdateInvoices(ctx, func(tx invoice.Tx) error {
				failed = do(tx)
				return nil
			})
			return errors.Join(err, failed)
		})},
	{"lost update", "update/isolated update/isolated-from-decide update/own-writes closes/locked deliveries/locked messages/queue-and-update " +
		"invoices/isolated-from-decide", func(s *memory.Store) storetest.Stores { return updating(late(&turns{}))(s) }},
	{"context of an update ignored", "context/ends-in-update", updating(func(s *memory.Store, ctx context.Context, do func(invoice.Tx) error) error {
		return s.UpdateInvoices(context.WithoutCancel(ctx), do)
	})},
	{"view that can save", "view/read-only view/read-only-invoices", viewing((*memory.Store).UpdateInvoices)},
	{"view whose error is lost", "view/error", viewing(func(s *memory.Store, ctx context.Context, do func(invoice.Tx) error) error {
		return s.ViewInvoices(ctx, func(tx invoice.Tx) error {
			_ = do(tx)
			return nil
		})
	})},
	{"view of the present", "view/unmoved view/unmoved-by-update", func(s *memory.Store) storetest.Stores {
		return storetest.All(&presentStore{Store: s})
	}},
}

// late runs do on a view and writes afterwards.
func late(t *turns) transact {
	return func(s *memory.Store, ctx context.Context, do func(invoice.Tx) error) error {
		var writes []func(invoice.Tx) error
		err := s.ViewInvoices(ctx, func(tx invoice.Tx) error { return do(lateTx{tx, &writes}) })
		if err != nil {
			return err
		}
		t.another()
		defer t.take()
		return s.UpdateInvoices(ctx, func(tx invoice.Tx) error {
			for _, write := range writes {
				if err := write(tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

type lateTx struct {
	invoice.Tx
	writes *[]func(invoice.Tx) error
}

func (x lateTx) later(write func(invoice.Tx) error) error {
	*x.writes = append(*x.writes, write)
	return nil
}

func (x lateTx) SaveCompany(ctx context.Context, v travel.Company) error {
	return x.later(func(tx invoice.Tx) error { return tx.SaveCompany(ctx, v) })
}

func (x lateTx) SaveDelivery(ctx context.Context, v invoice.DeliveryRecord) error {
	return x.later(func(tx invoice.Tx) error { return tx.SaveDelivery(ctx, v) })
}

func (x lateTx) SaveTraveler(ctx context.Context, v travel.Traveler) error {
	return x.later(func(tx invoice.Tx) error { return tx.SaveTraveler(ctx, v) })
}

func (x lateTx) AppendMessage(ctx context.Context, v queued) error {
	return x.later(func(tx invoice.Tx) error { return tx.AppendMessage(ctx, v) })
}

func (x lateTx) SaveMessage(ctx context.Context, v queued) error {
	return x.later(func(tx invoice.Tx) error { return tx.SaveMessage(ctx, v) })
}

func (x lateTx) SaveClose(ctx context.Context, v invoice.Close) error {
	return x.later(func(tx invoice.Tx) error { return tx.SaveClose(ctx, v) })
}

// presentStore has views that read each record in a view of its own.
type presentStore struct {
	*memory.Store
	turns turns
}

func (s *presentStore) Decide(ctx context.Context, q travel.Query, decide decideFunc) error {
	defer s.turns.take()
	return s.Store.Decide(ctx, q, decide)
}

func (s *presentStore) Update(ctx context.Context, do func(travel.Tx) error) error {
	defer s.turns.take()
	return s.Store.Update(ctx, do)
}

func (s *presentStore) View(_ context.Context, do func(travel.Tx) error) error {
	return do(present{s: s.Store, turns: &s.turns})
}

type present struct {
	invoice.Tx
	s     *memory.Store
	turns *turns
}

func (x present) Company(ctx context.Context, id travel.CompanyID) (v travel.Company, err error) {
	defer x.turns.another()
	err = x.s.View(ctx, func(tx travel.Tx) (err error) {
		v, err = tx.Company(ctx, id)
		return err
	})
	return v, err
}

func (x present) Traveler(ctx context.Context, company travel.CompanyID, id travel.TravelerID) (v travel.Traveler, err error) {
	defer x.turns.another()
	err = x.s.View(ctx, func(tx travel.Tx) (err error) {
		v, err = tx.Traveler(ctx, company, id)
		return err
	})
	return v, err
}

func (x present) Command(ctx context.Context, company travel.CompanyID, op travel.Operation, key string) (v travel.Command, err error) {
	err = x.s.View(ctx, func(tx travel.Tx) (err error) {
		v, err = tx.Command(ctx, company, op, key)
		return err
	})
	return v, err
}

func (x present) Authorizations(ctx context.Context, q travel.AuthorizationQuery) (v []travel.Authorization, err error) {
	err = x.s.View(ctx, func(tx travel.Tx) (err error) {
		v, err = tx.Authorizations(ctx, q)
		return err
	})
	return v, err
}

func (x present) Authorization(ctx context.Context, company travel.CompanyID, id travel.AuthorizationID) (v travel.Authorization, err error) {
	err = x.s.View(ctx, func(tx travel.Tx) (err error) {
		v, err = tx.Authorization(ctx, company, id)
		return err
	})
	return v, err
}
