package invoice_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// reissued cancels a document and issues it anew.
func (k *kit) reissued(d invoice.Document) invoice.Reissued {
	k.Helper()
	r, err := k.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: d.ID, Reason: "fel referens"})
	require.NoError(k, err)
	return r
}

// mend gives a department another reference.
func (k *kit) mend(d travel.Department, reference string) {
	k.Helper()
	require.NoError(k, k.travel.UpdateDepartment(k.ctx, k.admin, k.company, d.ID, travel.DepartmentDetails{Name: d.Name, Reference: reference}))
}

func TestR36_ACanceledInvoiceIsCreditedAndIssuedAnew(t *testing.T) {
	t.Parallel()
	k := setup(t)
	roads, parks := k.department("Gator", "4711"), k.department("Parker", "4711")
	k.buy(37_00, in(roads))
	k.buy(41_00, in(parks))
	k.buy(55_00, in(parks), rate(2500))
	issued := k.closed(january)
	require.Len(t, issued, 1)
	wrong := issued[0]

	k.mend(parks, "4712")
	require.NoError(t, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{
		Billing: travel.Billing{Name: "Habo kommun", Street: "Torget 1", PostalCode: "566 24", City: "Habo"}, DefaultReference: "4711",
	}))
	r := k.reissued(wrong)

	c := r.CreditNotes[0]
	assert.Equal(t, invoice.CreditNote, c.Kind)
	assert.Equal(t, wrong.ID, c.Original.ID)
	assert.Equal(t, wrong.Buyer, c.Buyer, "the credit note goes where the invoice went")
	assert.Equal(t, []any{wrong.Net, wrong.VAT, wrong.Gross, wrong.Rates, wrong.Departments},
		[]any{c.Net, c.VAT, c.Gross, c.Rates, c.Departments}, "to the öre, line by line")
	require.Len(t, r.Invoices, 2)
	for i, want := range []string{"4711", "4712"} {
		d := r.Invoices[i]
		assert.Equal(t, want, d.Reference)
		assert.Equal(t, "Torget 1", d.Buyer.Street, "R37 the parties are those at the issue")
		assert.Equal(t, wrong.ID, d.Replaces.ID)
		assert.Equal(t, wrong.Number+2+int64(i), d.Number, "R36 no gap")
		assert.Contains(t, k.text(d, k.Text(swedish)), "Ersätter         JLT-1 av den ")
	}
	assert.Equal(t, wrong.Gross, r.Invoices[0].Gross+r.Invoices[1].Gross)
	assert.Equal(t, credit.Amount(37_00), r.Invoices[0].Gross)
	assert.Contains(t, k.text(c, k.Text(swedish)), "Krediterar       JLT-1 av den ")
	assert.Len(t, k.linesOf(c), 3)

	again := k.reissued(wrong)
	assert.Equal(t, r.CreditNotes[0].ID, again.CreditNotes[0].ID, "R42 a repeat is answered with the same documents")
	assert.Len(t, again.Invoices, 2)
	assert.Len(t, k.issued(january), 4)

	second := k.reissued(r.Invoices[1])
	assert.Equal(t, r.Invoices[1].Gross, second.CreditNotes[0].Gross)
	assert.Len(t, second.Invoices, 1, "what was issued anew can be issued anew")
	log, err := k.travel.AuditLog(k.ctx, k.operator, k.company, 0, 0)
	require.NoError(t, err)
	last := log[len(log)-1]
	assert.Equal(t, []string{"invoice.reissue", r.Invoices[1].ID.String(), "fel referens"}, []string{last.Action, last.Subject, last.Reason})
}

func TestR43_RefundsGoOnTheInvoiceThatStands(t *testing.T) {
	t.Parallel()
	k := setup(t)
	a := k.buy(100_00)
	b := k.buy(37_00)
	k.save(k.given(b, 0, 7_00, january))
	wrong := k.closed(january)[0]
	k.save(k.given(a, 0, 20_01, february))
	note := k.closed(february)[0]
	require.Equal(t, wrong.ID, note.Original.ID)
	late := k.given(a, 20_01, 9_99, march)
	k.save(late)

	r := k.reissued(wrong)
	assert.Equal(t, wrong.Gross-20_01, r.CreditNotes[0].Gross, "what was credited before is not credited twice")
	assert.Equal(t, wrong.VAT-note.VAT, r.CreditNotes[0].VAT)
	require.Len(t, r.Invoices, 1)
	anew := r.Invoices[0]
	assert.Equal(t, []credit.Amount{r.CreditNotes[0].Net, r.CreditNotes[0].VAT, r.CreditNotes[0].Gross}, []credit.Amount{anew.Net, anew.VAT, anew.Gross})
	lines := k.linesOf(r.CreditNotes[0])
	require.Len(t, lines, 4)
	assert.Equal(t, []credit.Amount{100_00, 37_00, -7_00, -20_01}, []credit.Amount{lines[0].Gross, lines[1].Gross, lines[2].Gross, lines[3].Gross})

	k.save(k.given(a, 30_00, 70_00, march))
	marchNotes := k.closed(march)
	require.Len(t, marchNotes, 1)
	assert.Equal(t, anew.ID, marchNotes[0].Original.ID, "the refund that came after it credits what stands")
	assert.Equal(t, credit.Amount(79_99), marchNotes[0].Gross)

	k.save(k.given(b, 7_00, 30_00, march+1))
	k.closed(march + 1)
	_, err := k.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: anew.ID, Reason: "allt är krediterat"})
	require.ErrorIs(t, err, travel.ErrConflict)
}

// Whatever was refunded and however departments moved between references, and
// however often: captured less refunded is what the documents say, and no line
// is on two that stand. The kit audits that at the end of each.
func TestR36_AnyInvoiceCanBeIssuedAnew(t *testing.T) {
	t.Parallel()
	split := 0
	for seed := range uint64(200) {
		k := setup(t)
		random := rand.New(rand.NewPCG(seed, 4))
		departments := []travel.Department{k.department("A", "1"), k.department("B", "1"), k.department("C", "2")}
		var bought []travel.Entry
		given := map[travel.EntryID]credit.Amount{}
		refund := func(billing credit.Month) {
			e := bought[random.IntN(len(bought))]
			if rest := e.Gross - given[e.ID]; rest > 0 {
				part := 1 + random.Int64N(int64(rest))
				k.save(k.given(e, given[e.ID], credit.Amount(part), billing))
				given[e.ID] += credit.Amount(part)
			}
		}
		for range 12 + random.IntN(20) {
			with := []func(*travel.Entry){in(departments[random.IntN(3)]), rate([]int{600, 2500, 0}[random.IntN(3)])}
			gross := credit.Amount(2_000 + random.IntN(20_000))
			if random.IntN(4) == 0 {
				with = append(with, rate(600), stated((gross*6+53)/106+credit.Amount(random.IntN(181)-90)))
			}
			bought = append(bought, k.buy(gross, with...))
		}
		refund(january)
		k.closed(january)
		for m := february; m < february+3; m++ {
			refund(m)
			refund(m)
			d := departments[random.IntN(3)]
			k.mend(d, []string{"1", "2", "3"}[random.IntN(3)])
			documents := k.issued(january)
			documents = slices.DeleteFunc(documents, func(d invoice.Document) bool { return d.Kind != invoice.Invoice })
			chosen := documents[random.IntN(len(documents))]
			if !chosen.From.IsZero() && !chosen.Through.IsZero() {
				split++
			}
			_, err := k.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: chosen.ID, Reason: "prov"})
			if err != nil {
				require.ErrorIs(t, err, travel.ErrConflict, "seed %d", seed)
			}
			k.audited()
			k.closed(m)
			k.audited()
		}
	}
	assert.Positive(t, split, "no part of a split document was issued anew")
}

func TestR36_NothingIsLeftOfADepartment(t *testing.T) {
	t.Parallel()
	k := setup(t)
	roads, parks := k.department("Gator", "4711"), k.department("Parker", "4711")
	k.buy(37_00, in(roads))
	e := k.buy(41_00, in(parks))
	d := k.closed(january)[0]
	k.save(k.given(e, 0, 41_00, february))
	k.closed(february)
	k.mend(parks, "4712")
	r := k.reissued(d)
	assert.Equal(t, credit.Amount(37_00), r.CreditNotes[0].Gross)
	require.Len(t, r.Invoices, 1, "an invoice over nothing would be an empty one")
	assert.Equal(t, "4711", r.Invoices[0].Reference)
}

// A part of a split document may have to be split again when what balanced its
// VAT was refunded. It keeps to its bounds.
func TestR36_APartIsSplitAgain(t *testing.T) {
	t.Parallel()
	for name, drifts := range map[string][]credit.Amount{
		"the last part":  {90, 60, -60, 50},
		"the first part": {60, -60, 50, 90},
	} {
		k := setup(t)
		var balance travel.Entry
		for _, drift := range drifts {
			e := k.buy(200_00, stated(1132+drift))
			if drift < 0 {
				balance = e
			}
		}
		parts := k.closed(january)
		require.Len(t, parts, 2, name)
		d := parts[slices.IndexFunc(parts, func(d invoice.Document) bool { return d.Lines == 3 })]
		k.save(k.given(balance, 0, 200_00, february))
		k.closed(february)
		r := k.reissued(d)
		assert.Len(t, r.Invoices, 2, name)
		require.Len(t, r.CreditNotes, 2, name)
		assert.Equal(t, credit.Amount(400_00), r.CreditNotes[0].Gross+r.CreditNotes[1].Gross, name)
		k.audited()
	}
}

// What is canceled keeps near the rate too.
func TestACreditNoteThatCancelsKeepsNearItsRate(t *testing.T) {
	t.Parallel()
	k := setup(t)
	departments := []travel.Department{k.department("A", ""), k.department("B", ""), k.department("C", "")}
	var balance travel.Entry
	for i, drift := range []credit.Amount{60, -60, 60} {
		if e := k.buy(200_00, stated(1132+drift), in(departments[i])); drift < 0 {
			balance = e
		}
	}
	wrong := k.closed(january)
	require.Len(t, wrong, 1)
	k.save(k.given(balance, 0, 200_00, february))
	k.closed(february)
	r := k.reissued(wrong[0])
	off := func(d invoice.Document) credit.Amount {
		v := d.Rates[0]
		o := v.VAT - credit.Share(v.Net, credit.Amount(v.Rate), 10_000)
		return max(o, -o)
	}
	require.Len(t, r.CreditNotes, 2)
	var gross credit.Amount
	for _, d := range r.CreditNotes {
		assert.Less(t, off(d), credit.Amount(100))
		assert.Equal(t, wrong[0].ID, d.Original.ID)
		gross += d.Gross
		var lines credit.Amount
		for _, l := range k.linesOf(d) {
			lines += l.Gross
		}
		assert.Equal(t, d.Gross, lines)
		for _, total := range d.Departments {
			assert.Positive(t, total.Lines, total.Name)
		}
	}
	assert.Equal(t, credit.Amount(400_00), gross)
	again, err := k.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: wrong[0].ID, Reason: "igen"})
	require.NoError(t, err)
	assert.Equal(t, r, again, "R42")
}

// meanwhile is a store that does something before its next transaction.
type meanwhile struct {
	*memory.Store
	do func()
}

func (m *meanwhile) UpdateInvoices(ctx context.Context, do func(invoice.Tx) error) error {
	if first := m.do; first != nil {
		m.do = nil
		first()
	}
	return m.Store.UpdateInvoices(ctx, do)
}

func TestR36_WhatHappensBetweenDraftAndReissue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happens func(k *kit, d invoice.Document)
		want    error
		notes   int
	}{
		"a month with a refund is closed": {func(k *kit, _ invoice.Document) { k.closed(february) }, nil, 1},
		"a month is fenced":               {func(k *kit, _ invoice.Document) { k.fenced(february) }, travel.ErrConflict, 0},
		"another does the same":           {func(k *kit, d invoice.Document) { k.reissued(d) }, nil, 1},
		"the reference changes": {func(k *kit, _ invoice.Document) {
			require.NoError(k, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: billing, DefaultReference: "4712"}))
		}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			e := k.buy(37_00)
			d := k.closed(january)[0]
			k.save(k.given(e, 0, 7_00, february))
			config := k.config
			config.Store = &meanwhile{k.store, func() { c.happens(k, d) }}
			racing, err := invoice.New(config)
			require.NoError(t, err)
			r, err := racing.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: d.ID, Reason: "fel"})
			require.ErrorIs(t, err, c.want)
			notes := 0
			for _, d := range k.issued(january) {
				if d.Cancels {
					notes++
				}
			}
			assert.Equal(t, c.notes, notes)
			if err == nil {
				company, err := k.travel.Company(k.ctx, k.operator, k.company)
				require.NoError(t, err)
				assert.Equal(t, company.DefaultReference, r.Invoices[0].Reference)
			}
			k.closed(february)
		})
	}
}

func TestR36_ReissueIsTriedBeforeItIsDone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(37_00)
	d := k.closed(january)[0]
	r, err := k.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: d.ID, DryRun: true})
	require.NoError(t, err)
	assert.Zero(t, r.CreditNotes[0].Number)
	assert.Empty(t, r.CreditNotes[0].Content)
	require.Len(t, r.Invoices, 1)
	assert.Contains(t, k.text(r.Invoices[0], k.Text(swedish)), "FAKTURA (UTKAST)")
	assert.Len(t, k.linesOf(r.Invoices[0]), 1)
	assert.Len(t, k.issued(january), 1)
}

func TestR36_ReissueIsRefused(t *testing.T) {
	t.Parallel()
	k := setup(t)
	e := k.buy(37_00)
	d := k.closed(january)[0]
	k.save(k.given(e, 0, 7_00, february))
	note := k.closed(february)[0]
	request := invoice.ReissueRequest{Company: k.company, Document: d.ID, Reason: "fel"}
	refused := func(a travel.Actor, req invoice.ReissueRequest, want error) {
		t.Helper()
		before := len(k.issued(january))
		_, err := k.Reissue(k.ctx, a, req)
		require.ErrorIs(t, err, want)
		assert.Len(t, k.issued(january), before)
	}
	refused(k.admin, request, travel.ErrForbidden)
	other, _ := k.newCompany("Mullsjö kommun", "1", billing)
	refused(k.operator, invoice.ReissueRequest{Company: other, Document: d.ID, Reason: "fel"}, travel.ErrNotFound)
	refused(k.operator, invoice.ReissueRequest{Company: k.company, Document: d.ID}, travel.ErrInvalid)
	refused(k.operator, invoice.ReissueRequest{Company: k.company, Document: note.ID, Reason: "fel"}, travel.ErrConflict)

	require.NoError(t, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: billing}))
	_, err := k.Reissue(k.ctx, k.operator, request)
	var p *invoice.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, invoice.ReasonNoReference, p.Reason)

	details := travel.CompanyDetails{Billing: billing, DefaultReference: "4711"}
	require.NoError(t, k.travel.UpdateCompany(k.ctx, k.admin, k.company, details))
	k.fenced(march)
	refused(k.operator, request, travel.ErrConflict) // a credit note of March may be about this invoice
	k.closed(march)
	k.reissued(d)
}

// fenced leaves a month like a close that has crashed after the fence.
func (k *kit) fenced(m credit.Month) {
	k.Helper()
	require.NoError(k, k.store.UpdateInvoices(k.ctx, func(tx invoice.Tx) error {
		c, err := tx.Company(k.ctx, k.company)
		if err != nil {
			return err
		}
		c.ClosedThrough = m
		if err := tx.SaveCompany(k.ctx, c); err != nil {
			return err
		}
		return tx.SaveClose(k.ctx, invoice.Close{Company: k.company, Month: m, State: invoice.CloseFenced, FencedAt: k.clock.Now()})
	}))
}
