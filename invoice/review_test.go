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

var errConflict = errors.New("could not serialize access")

// rerun is a store whose next transaction is rolled back at its end and run
// again, as stores may do after a conflict; meanwhile somebody else is faster.
type rerun struct {
	invoice.Store
	meanwhile func()
}

func (r *rerun) UpdateInvoices(ctx context.Context, do func(invoice.Tx) error) error {
	if other := r.meanwhile; other != nil {
		r.meanwhile = nil
		err := r.Store.UpdateInvoices(ctx, func(tx invoice.Tx) error { return errors.Join(do(tx), errConflict) })
		if !errors.Is(err, errConflict) {
			return err
		}
		other()
	}
	return r.Store.UpdateInvoices(ctx, do)
}

// with returns a service on another store or with another configuration.
func (k *kit) with(configure func(*invoice.Config)) *invoice.Service {
	k.Helper()
	config := k.config
	configure(&config)
	s, err := invoice.New(config)
	require.NoError(k, err)
	return s
}

// A transaction may run again. What it froze the first time had another number.
func TestR36_ATransactionThatRunsAgainFreezesAnew(t *testing.T) {
	t.Parallel()
	k := setup(t)
	other, admin := k.newCompany("Mullsjö kommun", "1", billing)
	stranger := k.newTraveler(other, admin, "070-123 45 68")
	k.buy(37_00)
	k.buy(41_00, func(e *travel.Entry) { e.Company, e.Traveler = other, stranger })
	k.due(january)
	_, err := k.Close(k.ctx, invoice.CloseRequest{Month: january, Companies: []travel.CompanyID{k.company}})
	require.NoError(t, err)
	wrong := k.issued(january)[0]
	faster := func() { k.closed(january) }
	s := k.with(func(c *invoice.Config) { c.Store = &rerun{k.store, faster} })
	r, err := s.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: wrong.ID, Reason: "fel"})
	require.NoError(t, err)
	for _, d := range append(r.Invoices, r.CreditNotes[0]) {
		assert.Contains(t, string(d.Content), d.Label()+"\n", "what was issued says its own number")
	}
	assert.Equal(t, []int64{3, 4}, []int64{r.CreditNotes[0].Number, r.Invoices[0].Number})
}

// A close that has read that a month is held, and is slow, does not hold it
// again after the operator has released it.
func TestR35_AReleaseIsNotUndone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(37_00)
	_, err := k.SetAside(k.ctx, k.operator, k.company, january, "tvist")
	require.NoError(t, err)
	k.due(january)
	slow := &meanwhile{k.store, func() {
		_, err := k.Release(k.ctx, k.operator, k.company, january)
		require.NoError(k, err)
	}}
	s := k.with(func(c *invoice.Config) { c.Store = slow })
	_, err = s.Close(k.ctx, invoice.CloseRequest{Month: january})
	require.NoError(t, err)
	if slow.do != nil { // it wrote nothing
		slow.do()
	}
	assert.NotEqual(t, invoice.ReasonHeld, k.standing(january).Reason)
	assert.Len(t, k.closed(january), 1)
}

// A month in which there was no such company cannot be set aside: nothing would
// ever take it up, and all later ones would wait for it.
func TestR35_AMonthBeforeTheFirstIsNotSetAside(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(37_00)
	for m := january - 2; m < january; m++ {
		_, err := k.SetAside(k.ctx, k.operator, k.company, m, "fel månad")
		require.ErrorIs(t, err, travel.ErrConflict)
	}
	assert.Len(t, k.closed(january), 1)
}

// A seller that is gone from the configuration is known by its documents only:
// nothing is issued in the name of another.
func TestR31_ASellerThatIsGone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(37_00, soldBy("other"))
	wrong := k.closed(january)[0]
	s := k.with(func(c *invoice.Config) { c.Sellers = c.Sellers[:1] })
	_, err := s.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: wrong.ID, Reason: "fel"})
	var p *invoice.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, &invoice.Problem{Reason: invoice.ReasonUnknownSeller, Detail: "other"}, p)
	assert.Len(t, k.issued(january), 1)
}

// An invoice that we have issued stays ours when the provider writes them from
// now on: what replaces it is an invoice, and what credits it has a number.
func TestR36_OurInvoicesAfterTheProviderBills(t *testing.T) {
	t.Parallel()
	k := setup(t)
	e := k.buy(37_00)
	wrong := k.closed(january)[0]
	s := k.with(func(c *invoice.Config) { c.ProviderBills = true })
	r, err := s.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: wrong.ID, Reason: "fel"})
	require.NoError(t, err)
	assert.Equal(t, []invoice.Kind{invoice.CreditNote, invoice.Invoice}, []invoice.Kind{r.CreditNotes[0].Kind, r.Invoices[0].Kind})
	assert.Equal(t, "JLT-3", r.Invoices[0].Label())
	k.save(k.given(e, 0, 7_00, february))
	nameless := k.with(func(c *invoice.Config) {
		c.ProviderBills, c.Sellers = true, []invoice.Seller{{Party: operatorParty}, {ID: "other", Party: otherParty}}
	})
	k.due(february)
	_, err = nameless.Close(k.ctx, invoice.CloseRequest{Month: february})
	require.Error(t, err, "a number needs a series")
	require.ErrorIs(t, err, travel.ErrInvalid)
	assert.Empty(t, k.issued(february))
	_, err = s.Close(k.ctx, invoice.CloseRequest{Month: february})
	require.NoError(t, err)
	assert.Equal(t, "JLT-4", k.issued(february)[0].Label())
}

// The credit note over a whole invoice is over what was to be paid, also when
// öre are rounded otherwise now.
func TestR36_ACanceledInvoiceIsCreditedAsItWasRounded(t *testing.T) {
	t.Parallel()
	for name, was := range map[string]bool{"to whole kronor": true, "not": false} {
		k := setup(t, func(c *invoice.Config) { c.WholeKronor = was })
		k.buy(37_40)
		wrong := k.closed(january)[0]
		s := k.with(func(c *invoice.Config) { c.WholeKronor = !was })
		r, err := s.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: wrong.ID, Reason: "fel"})
		require.NoError(t, err)
		assert.Equal(t, wrong.Payable(), r.CreditNotes[0].Payable(), name)
	}
}

// Whether a document exists is said to nobody who may not see it (R40).
func TestR40_RenderTellsStrangersNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(37_00)
	d := k.closed(january)[0]
	_, stranger := k.newCompany("Mullsjö kommun", "1", billing)
	render := func(id invoice.DocumentID) string {
		err := k.Render(k.ctx, &discard{}, stranger, invoice.RenderRequest{Company: k.company, Document: id, Renderer: k.Text(swedish)})
		require.Error(t, err)
		return err.Error()
	}
	assert.Equal(t, render(d.ID), render(k.ids.New()))
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }

// between is a store that does something before its n-th view.
type between struct {
	invoice.Store
	n  int
	do func()
}

func (b *between) ViewInvoices(ctx context.Context, do func(invoice.Tx) error) error {
	if b.n--; b.n == 0 {
		b.do()
	}
	return b.Store.ViewInvoices(ctx, do)
}

// An invoice may be issued anew while a month is verified: that is no drift.
func TestI6_VerifyWhileAnInvoiceIsIssuedAnew(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 8; n++ {
		k := setup(t)
		k.buy(37_00)
		wrong := k.closed(january)[0]
		s := k.with(func(c *invoice.Config) { c.Store = &between{k.store, n, func() { k.reissued(wrong) }} })
		drifts, err := s.Audit(k.ctx)
		require.NoError(t, err)
		assert.Empty(t, drifts, "before view %d", n)
	}
}

// While one drafts, another may close the month and issue an invoice anew: then
// the drafts are of a state that is gone, and nothing is wrong.
func TestR35_AnotherClosesAndIssuesAnewMeanwhile(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(k *kit, s *invoice.Service) error{
		"close": func(k *kit, s *invoice.Service) error {
			_, err := s.Close(k.ctx, invoice.CloseRequest{Month: february})
			return err
		},
		"preview": func(k *kit, s *invoice.Service) error {
			_, err := s.Preview(k.ctx, k.company, february)
			return err
		},
	} {
		met := 0
		for n := 1; n <= 20; n++ {
			k := setup(t)
			e := k.buy(37_00)
			wrong := k.closed(january)[0]
			k.save(k.given(e, 0, 7_00, february))
			k.due(february)
			store := &between{k.store, n, func() {
				met++
				k.closed(february)
				k.reissued(wrong)
			}}
			s := k.with(func(c *invoice.Config) { c.Store = store })
			require.NoError(t, act(k, s), "%s, before view %d", name, n)
			k.closed(february)
		}
		assert.Greater(t, met, 2, name)
	}
}

// A refund is netted in what was issued anew or credited, and not both; and what
// was canceled is not credited any more. No sum shows it.
func TestI6_VerifyKnowsWhatStood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		early bool // issued anew before the month of the refund is closed
		names func(wrong invoice.Document, r invoice.Reissued) invoice.Document
		say   string
	}{
		"the refund is netted in it": {false, func(_ invoice.Document, r invoice.Reissued) invoice.Document { return r.Invoices[0] }, "its entries say 0 lines"},
		"it was canceled":            {true, func(wrong invoice.Document, _ invoice.Reissued) invoice.Document { return wrong }, "JLT-1, which it credits, was canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			e := k.buy(37_00)
			wrong := k.closed(january)[0]
			var r invoice.Reissued
			if c.early {
				r = k.reissued(wrong)
			}
			k.save(k.given(e, 0, 7_00, february))
			k.closed(february)
			if !c.early {
				r = k.reissued(wrong)
			}
			o := c.names(wrong, r)
			s := k.with(func(config *invoice.Config) {
				config.Store = tampered{k.store, func(e travel.Entry) []travel.Entry { return []travel.Entry{e} }, func(list []invoice.Document) []invoice.Document {
					for i := range list {
						if list[i].Kind == invoice.CreditNote && !list[i].Cancels {
							list[i].Original = &invoice.Original{ID: o.ID, Series: o.Series, Number: o.Number, IssuedAt: o.IssuedAt}
						}
					}
					return list
				}}
			})
			drifts, err := s.Verify(k.ctx, k.company, february)
			require.NoError(t, err)
			require.NotEmpty(t, drifts)
			assert.Contains(t, drifts[0].Detail, c.say)
		})
	}
}

// What a reissue and a delivery write besides.

func (t crashingTx) SaveDelivery(ctx context.Context, r invoice.DeliveryRecord) error {
	return errors.Join(t.Tx.SaveDelivery(ctx, r), t.c.try())
}

func (t crashingTx) AppendAudit(ctx context.Context, r travel.AuditRecord) error {
	return errors.Join(t.Tx.AppendAudit(ctx, r), t.c.try())
}

// everyStep runs something that dies at each of its steps, for good or once,
// and asserts that what is left in the end is always the same. The steps of the
// run that does not die are counted first.
func everyStep[T any](t *testing.T, least int, run func(t *testing.T, c *crashing) T) {
	t.Helper()
	calm := &crashing{once: true}
	want := run(t, calm)
	require.GreaterOrEqual(t, calm.step, least)
	for at := 1; at <= calm.step; at++ {
		for _, once := range []bool{false, true} {
			t.Run(fmt.Sprintf("step %d once %t", at, once), func(t *testing.T) {
				t.Parallel()
				assert.Equal(t, want, run(t, &crashing{at: at, once: once}))
			})
		}
	}
}

// left is what a run has left, without what differs from run to run.
type left struct {
	documents  []invoice.Document
	deliveries []invoice.DeliveryRecord
	events     map[travel.EventType]int
	acts       []string
}

func (k *kit) left(months ...credit.Month) (l left) {
	k.Helper()
	nameless := func(o *invoice.Original) *invoice.Original {
		if o == nil {
			return nil
		}
		named := *o
		named.ID = invoice.DocumentID{}
		return &named
	}
	for _, m := range months {
		for _, d := range k.issued(m) {
			r := k.log(d)
			l.deliveries = append(l.deliveries, invoice.DeliveryRecord{State: r.State, Reference: r.Reference, Reason: r.Reason, LeaseUntil: r.LeaseUntil})
			d.ID, d.Original, d.Replaces = invoice.DocumentID{}, nameless(d.Original), nameless(d.Replaces)
			l.documents = append(l.documents, d)
		}
	}
	l.events = k.events()
	log, err := k.travel.AuditLog(k.ctx, k.operator, k.company, 0, 0)
	require.NoError(k, err)
	for i, r := range log {
		assert.Equal(k, int64(i+1), r.Sequence)
		l.acts = append(l.acts, r.Action)
	}
	return l
}

func TestR36_AReissueThatDiesAnywhereIsDoneOnce(t *testing.T) {
	t.Parallel()
	everyStep(t, 30, func(t *testing.T, dying *crashing) left {
		k := delivering(t, &postman{answer: accepts})
		roads, parks := k.department("Gator", "4711"), k.department("Parker", "4711")
		a, b := k.buy(100_00, in(roads)), k.buy(37_00, in(parks))
		k.buy(53_00, in(parks), soldBy("other"))
		k.save(k.given(b, 0, 7_00, january))
		wrong := k.closed(january)[0]
		k.save(k.given(a, 0, 20_01, february))
		k.closed(february)
		k.save(k.given(a, 20_01, 9_99, march))
		k.mend(parks, "4712")
		dying.Store = k.store
		s := k.with(func(c *invoice.Config) { c.Store = dying })
		request := invoice.ReissueRequest{Company: k.company, Document: wrong.ID, Reason: "fel"}
		_, err := s.Reissue(k.ctx, k.operator, request)
		if dying.at > 0 {
			require.ErrorIs(t, err, errCrash)
		}
		k.audited()
		r, err := k.Reissue(k.ctx, k.operator, request)
		require.NoError(t, err)
		assert.Equal(t, wrong.Gross-20_01, r.CreditNotes[0].Gross)
		require.Len(t, r.Invoices, 2)
		assert.Equal(t, r.CreditNotes[0].Gross, r.Invoices[0].Gross+r.Invoices[1].Gross)
		k.closed(march)
		return k.left(january, february, march)
	})
}

// mortal is a deliverer whose process may die before and after it delivers.
type mortal struct {
	c *crashing
	// delivered are documents, each once however often it comes.
	delivered map[string]bool
}

func (m *mortal) Deliver(_ context.Context, d invoice.Document, lines iter.Seq2[invoice.Line, error]) (invoice.Delivery, error) {
	if err := m.c.try(); err != nil {
		return invoice.Delivery{}, err
	}
	for _, err := range lines {
		if err != nil {
			return invoice.Delivery{}, err
		}
	}
	m.delivered[d.Label()] = true
	return invoice.Delivery{Accepted: d.Number != 2, Reference: d.Label()}, m.c.try()
}

func TestADeliveryThatDiesAnywhereGoesOn(t *testing.T) {
	t.Parallel()
	everyStep(t, 30, func(t *testing.T, dying *crashing) left {
		k := delivering(t, &postman{answer: accepts})
		for _, name := range []string{"A", "B", "C"} {
			k.buy(37_00, in(k.department(name, name)))
		}
		require.Len(t, k.closed(january), 3)
		dying.Store = k.store
		post := &mortal{dying, map[string]bool{}}
		s := k.with(func(c *invoice.Config) { c.Store, c.Deliverer = dying, post })
		_, err := s.DeliverDue(k.ctx)
		if dying.at > 0 {
			require.ErrorIs(t, err, errCrash)
		}
		k.clock.Add(time.Hour)
		post.c = &crashing{once: true}
		healthy := k.with(func(c *invoice.Config) { c.Deliverer = post })
		for range 2 { // the second time there is nothing to do
			_, err = healthy.DeliverDue(k.ctx)
			require.NoError(t, err)
		}
		assert.Len(t, post.delivered, 3)
		return k.left(january)
	})
}
