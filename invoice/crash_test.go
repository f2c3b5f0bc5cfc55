package invoice_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

var errCrash = errors.New("the process died")

// crashing is a store whose process dies at step number at: at the beginning of
// a call, inside a transaction, between two entries of a stream, or after a
// commit, before the caller hears of it. Dead processes do nothing more; with
// once, only that step fails.
type crashing struct {
	invoice.Store
	step, at int
	once     bool
}

func (c *crashing) fails() bool {
	c.step++
	return c.step == c.at || c.step > c.at && !c.once
}

func (c *crashing) try() error {
	if c.fails() {
		return errCrash
	}
	return nil
}

func (c *crashing) UpdateInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	if err := c.try(); err != nil {
		return err
	}
	if err := c.Store.UpdateInvoices(ctx, func(tx invoice.Tx) error { return do(crashingTx{tx, c}) }); err != nil {
		return err
	}
	if c.fails() {
		return fmt.Errorf("%w: %w", travel.ErrUnknownOutcome, errCrash)
	}
	return nil
}

func (c *crashing) ViewInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	if err := c.try(); err != nil {
		return err
	}
	return c.Store.ViewInvoices(ctx, do)
}

func (c *crashing) Entries(ctx context.Context, q travel.EntryQuery) iter.Seq2[travel.Entry, error] {
	return func(yield func(travel.Entry, error) bool) {
		for e, err := range c.Store.Entries(ctx, q) {
			if err == nil {
				err = c.try()
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// crashingTx counts the writes, and what the close reads to lock.
type crashingTx struct {
	invoice.Tx
	c *crashing
}

func (t crashingTx) Close(ctx context.Context, company travel.CompanyID, m credit.Month) (invoice.Close, error) {
	if err := t.c.try(); err != nil {
		return invoice.Close{}, err
	}
	return t.Tx.Close(ctx, company, m)
}

func (t crashingTx) SaveClose(ctx context.Context, c invoice.Close) error {
	return errors.Join(t.Tx.SaveClose(ctx, c), t.c.try())
}

func (t crashingTx) SaveCompany(ctx context.Context, c travel.Company) error {
	return errors.Join(t.Tx.SaveCompany(ctx, c), t.c.try())
}

func (t crashingTx) FenceTravelers(ctx context.Context, company travel.CompanyID, m credit.Month) error {
	return errors.Join(t.Tx.FenceTravelers(ctx, company, m), t.c.try())
}

func (t crashingTx) SaveTraveler(ctx context.Context, v travel.Traveler) error {
	return errors.Join(t.Tx.SaveTraveler(ctx, v), t.c.try())
}

func (t crashingTx) SaveAuthorization(ctx context.Context, z travel.Authorization) error {
	return errors.Join(t.Tx.SaveAuthorization(ctx, z), t.c.try())
}

func (t crashingTx) AppendEvents(ctx context.Context, events ...travel.Event) error {
	return errors.Join(t.Tx.AppendEvents(ctx, events...), t.c.try())
}

func (t crashingTx) NextNumber(ctx context.Context, series string) (int64, error) {
	n, err := t.Tx.NextNumber(ctx, series)
	return n, errors.Join(err, t.c.try())
}

func (t crashingTx) InsertDocument(ctx context.Context, d invoice.Document) error {
	return errors.Join(t.Tx.InsertDocument(ctx, d), t.c.try())
}

// twoMonths is a story with all that a close does: several companies, sellers
// and references, netted and late refunds, a reservation that expires, a
// company that is set aside. It returns the companies.
func (k *kit) twoMonths() []travel.CompanyID {
	k.Helper()
	first := k.company
	d := k.department("Skola", "100")
	a, b := k.buy(3700, in(d)), k.buy(5300, in(d))
	k.buy(9900, soldBy("other"))
	k.save(k.given(b, 0, 300, january))
	second, admin := k.newCompany("Mullsjö kommun", "99", billing)
	k.company, k.admin = second, admin
	h := k.holder("070-200 00 01")
	k.purchase(h, "41.00")
	k.clock.Set(january.End(k.zone).Add(-time.Minute))
	k.authorize(h, "29.00")
	third, admin := k.newCompany("Aneby kommun", "", billing)
	k.company, k.admin = third, admin
	k.traveler = k.newTraveler(third, admin, "070-200 00 02")
	k.buy(1000)
	k.company = first
	k.save(k.given(a, 0, 3700, february))
	return []travel.CompanyID{first, second, third}
}

// outcome is what two months of closing have left, without what differs from
// run to run.
func (k *kit) outcome(companies []travel.CompanyID) (documents []invoice.Document, states []invoice.Close) {
	k.Helper()
	for _, c := range companies {
		for _, m := range []credit.Month{january, february} {
			list, err := k.Documents(k.ctx, k.operator, invoice.ListRequest{Company: c, Month: m})
			require.NoError(k, err)
			for _, d := range list {
				d.ID = invoice.DocumentID{}
				if d.Original != nil {
					o := *d.Original
					o.ID, d.Original = invoice.DocumentID{}, &o
				}
				documents = append(documents, d)
			}
			k.company = c
			s := k.standing(m)
			states = append(states, invoice.Close{Company: s.Company, Month: s.Month, State: s.State, Reason: s.Reason})
		}
	}
	return documents, states
}

func TestR35_ACloseThatDiesAnywhereGoesOn(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, at int, once bool) (steps int, documents []invoice.Document, states []invoice.Close, events map[travel.EventType]int) {
		k := setup(t)
		companies := k.twoMonths()
		k.due(february)
		store := &crashing{Store: k.store, at: at, once: once}
		config := k.config
		config.Store = store
		dying, err := invoice.New(config)
		require.NoError(t, err)
		if at == 0 {
			store.once = true
		}
		_, err = dying.CloseDue(k.ctx)
		if at > 0 && at <= store.step {
			require.ErrorIs(t, err, errCrash)
		}
		_, err = k.CloseDue(k.ctx)
		require.NoError(t, err)
		documents, states = k.outcome(companies)
		return store.step, documents, states, k.events()
	}
	steps, want, states, events := run(t, 0, true)
	require.Greater(t, steps, 80)
	require.Len(t, want, 4)
	assert.Equal(t, 1, events[travel.EventPurchaseExpired])
	assert.Equal(t, 4, events[travel.EventInvoiceIssued])
	for at := 1; at <= steps; at++ {
		for _, once := range []bool{false, true} {
			t.Run(fmt.Sprintf("step %d once %t", at, once), func(t *testing.T) {
				t.Parallel()
				_, documents, left, happened := run(t, at, once)
				assert.ElementsMatch(t, numbered(want), numbered(documents), "same set, no gap, no double")
				assert.Equal(t, states, left)
				assert.Equal(t, events, happened)
			})
		}
	}
}

// numbered drops the numbers when a company was closed later than others: then
// it has later ones.
func numbered(documents []invoice.Document) []invoice.Document {
	list := make([]invoice.Document, len(documents))
	for i, d := range documents {
		d.Number, d.PaymentReference, d.Content, d.Hash = 0, "", nil, [32]byte{}
		if d.Original != nil {
			o := *d.Original
			o.Number, d.Original = 0, &o
		}
		list[i] = d
	}
	return list
}
