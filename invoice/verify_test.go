package invoice_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// tampered is a store in which somebody has changed something by hand.
type tampered struct {
	invoice.Store
	entries   func(travel.Entry) []travel.Entry
	documents func([]invoice.Document) []invoice.Document
}

func (t tampered) Entries(ctx context.Context, q travel.EntryQuery) iter.Seq2[travel.Entry, error] {
	return func(yield func(travel.Entry, error) bool) {
		for e, err := range t.Store.Entries(ctx, q) {
			for _, e := range t.entries(e) {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

func (t tampered) ViewInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	return t.Store.ViewInvoices(ctx, func(tx invoice.Tx) error { return do(tamperedTx{tx, t}) })
}

type tamperedTx struct {
	invoice.Tx
	t tampered
}

func (x tamperedTx) Documents(ctx context.Context, q invoice.DocumentQuery) ([]invoice.Document, error) {
	list, err := x.Tx.Documents(ctx, q)
	return x.t.documents(list), err
}

func TestI6_VerifyFindsWhatWasChanged(t *testing.T) {
	t.Parallel()
	same := func(e travel.Entry) []travel.Entry { return []travel.Entry{e} }
	keep := func(d []invoice.Document) []invoice.Document { return d }
	entry := func(change func(*travel.Entry)) func(travel.Entry) []travel.Entry {
		return func(e travel.Entry) []travel.Entry {
			change(&e)
			return []travel.Entry{e}
		}
	}
	first := func(change func(*invoice.Document)) func([]invoice.Document) []invoice.Document {
		return func(list []invoice.Document) []invoice.Document {
			if len(list) > 0 {
				change(&list[0])
			}
			return list
		}
	}
	for name, c := range map[string]struct {
		entries   func(travel.Entry) []travel.Entry
		documents func([]invoice.Document) []invoice.Document
		detail    string
	}{
		"a price": {entry(func(e *travel.Entry) {
			if e.Kind == travel.EntryCapture {
				e.Gross += 100
			}
		}), keep, "its entries say"},
		"a ticket": {entry(func(e *travel.Entry) { e.Ticket.ProductName = "Årskort" }), keep, "a line has changed"},
		"a lost entry": {func(e travel.Entry) []travel.Entry {
			if e.Gross == 5300 {
				return nil
			}
			return []travel.Entry{e}
		}, keep, "captured less refunded"},
		"an entry that does not add up": {entry(func(e *travel.Entry) {
			if e.Kind == travel.EntryRefund {
				e.Before = e.OfGross
			}
		}), keep, "does not add up"},
		"an unbilled department": {entry(func(e *travel.Entry) {
			if e.Gross == 5300 {
				e.Department = travel.DepartmentID{9}
			}
		}), keep, "on no document"},
		"the content": {same, first(func(d *invoice.Document) { d.Content = append([]byte("x"), d.Content...) }), "not what was issued"},
		"a sum":       {same, first(func(d *invoice.Document) { d.VAT++ }), "are not all"},
		"a rate":      {same, first(func(d *invoice.Document) { d.Rates = append([]invoice.RateTotal(nil), d.Rates...); d.Rates[0].Net++ }), "rate 600"},
		"a department": {same, first(func(d *invoice.Document) {
			d.Departments = append([]invoice.DepartmentTotal(nil), d.Departments...)
			d.Departments[0].Lines++
		}), "sums of the departments"},
		"a document that is gone": {same, func(list []invoice.Document) []invoice.Document {
			if len(list) > 0 {
				list = list[1:]
			}
			return list
		}, "the close issued"},
		"a document twice": {same, func(list []invoice.Document) []invoice.Document {
			if len(list) > 0 {
				list = append(list, list[0])
			}
			return list
		}, "stands on 2 documents"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			d := k.department("Skola", "100")
			a := k.buy(3700, in(d))
			k.buy(5300, in(d))
			k.save(k.given(a, 0, 1000, january))
			k.closed(january)
			drifts, err := k.Verify(k.ctx, k.company, january)
			require.NoError(t, err)
			require.Empty(t, drifts)
			config := k.config
			config.Store = tampered{k.store, c.entries, c.documents}
			s, err := invoice.New(config)
			require.NoError(t, err)
			drifts, err = s.Verify(k.ctx, k.company, january)
			require.NoError(t, err)
			var details []string
			for _, d := range drifts {
				details = append(details, d.String())
				assert.Equal(t, k.company, d.Company)
			}
			assert.True(t, slices.ContainsFunc(details, func(s string) bool { return strings.Contains(s, c.detail) }), "want %q in %q", c.detail, details)
		})
	}
	t.Run("a month that is open", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		_, err := k.Verify(k.ctx, k.company, january)
		require.ErrorIs(t, err, travel.ErrConflict)
	})
}

func TestI6_AuditFindsAGapInTheNumbers(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	k.closed(january)
	k.clock.Set(february.Start(k.zone).AddDate(0, 0, 20))
	k.buy(3700)
	k.closed(february)
	config := k.config
	config.Store = tampered{k.store, func(e travel.Entry) []travel.Entry { return []travel.Entry{e} }, func(list []invoice.Document) []invoice.Document {
		var kept []invoice.Document
		for _, d := range list {
			if d.Number != 1 {
				kept = append(kept, d)
			}
		}
		return kept
	}}
	s, err := invoice.New(config)
	require.NoError(t, err)
	drifts, err := s.Audit(k.ctx)
	require.NoError(t, err)
	require.NotEmpty(t, drifts)
	last := drifts[len(drifts)-1]
	assert.Equal(t, "JLT", last.Subject)
	assert.Contains(t, last.Detail, "number 1 is missing")
	assert.Equal(t, credit.Amount(3700), k.issued(february)[0].Gross)
}
