package invoice_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR35_TheOperatorSetsACompanyAside(t *testing.T) {
	t.Parallel()
	k := setup(t)
	other, admin := k.newCompany("Mullsjö kommun", "1", billing)
	stranger := k.newTraveler(other, admin, "070-123 45 68")
	k.buy(37_00)
	k.buy(41_00, func(e *travel.Entry) { e.Company, e.Traveler = other, stranger })
	c, err := k.SetAside(k.ctx, k.operator, k.company, january, "tvist om en biljett")
	require.NoError(t, err)
	assert.Equal(t, &invoice.Problem{Reason: invoice.ReasonHeld, Detail: "tvist om en biljett"}, c.Problem())
	assert.Equal(t, "Månaden är undantagen tills vidare: tvist om en biljett.", c.Problem().Text(language.Swedish))

	closed := func(m credit.Month) invoice.CloseReport {
		k.due(m)
		report, err := k.Close(k.ctx, invoice.CloseRequest{Month: m})
		require.NoError(t, err)
		return report
	}
	report := closed(january)
	require.Len(t, report.Aside, 1)
	require.Len(t, report.Issued, 1, "the others are closed all the same")
	assert.Equal(t, other, report.Issued[0].Company)
	assert.Empty(t, k.issued(january))
	company, err := k.travel.Company(k.ctx, k.operator, k.company)
	require.NoError(t, err)
	assert.Less(t, company.ClosedThrough, january, "nothing was fenced: what is refunded now is netted")
	report = closed(february)
	require.Len(t, report.Aside, 2, "months are closed in order")
	assert.Equal(t, invoice.ReasonEarlierMonth, report.Aside[1].Reason)

	c, err = k.Release(k.ctx, k.operator, k.company, january)
	require.NoError(t, err)
	assert.Equal(t, "The month is released and is invoiced by the next run.", c.Problem().Text(language.English))
	_, err = k.Release(k.ctx, k.operator, k.company, january)
	require.ErrorIs(t, err, travel.ErrConflict)
	report = closed(february)
	assert.Empty(t, report.Aside)
	assert.Len(t, k.issued(january), 1)
	_, err = k.SetAside(k.ctx, k.operator, k.company, january, "för sent")
	require.ErrorIs(t, err, travel.ErrConflict)

	log, err := k.travel.AuditLog(k.ctx, k.operator, k.company, 0, 0)
	require.NoError(t, err)
	last := log[len(log)-2:]
	assert.Equal(t, []string{"month.set_aside", "tvist om en biljett", "month.released"}, []string{last[0].Action, last[0].Reason, last[1].Action})
}

// What keeps a month from being closed besides does not end what the operator
// has said, however late it is said.
func TestR35_WhatIsHeldStaysHeld(t *testing.T) {
	t.Parallel()
	for name, fenced := range map[string]bool{"before the fence": false, "after the fence": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.buy(37_00)
			k.due(january)
			if fenced {
				k.fenced(january)
			}
			config := k.config
			config.Store = &meanwhile{k.store, func() {
				_, err := k.SetAside(k.ctx, k.operator, k.company, january, "tvist")
				require.NoError(k, err)
			}}
			racing, err := invoice.New(config)
			require.NoError(t, err)
			report, err := racing.Close(k.ctx, invoice.CloseRequest{Month: january})
			require.NoError(t, err)
			assert.Len(t, report.Aside, 1)
			assert.Equal(t, invoice.ReasonHeld, k.standing(january).Reason)
			require.NoError(t, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: billing, DefaultReference: "1"}))
			assert.Empty(t, k.closed(january))
			_, err = k.Release(k.ctx, k.operator, k.company, january)
			require.NoError(t, err)
			assert.Len(t, k.closed(january), 1)
		})
	}
}

func TestR35_WhoMaySetAside(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, err := k.SetAside(k.ctx, k.admin, k.company, january, "nej")
	require.ErrorIs(t, err, travel.ErrForbidden)
	_, err = k.SetAside(k.ctx, k.operator, k.company, january, " ")
	require.ErrorIs(t, err, travel.ErrInvalid)
	_, err = k.SetAside(k.ctx, k.operator, k.company, january, "a\x00b")
	var input *travel.InputError
	require.ErrorAs(t, err, &input)
	assert.Equal(t, "Note", input.Field)
	_, err = k.SetAside(k.ctx, k.operator, k.company, 0, "nej")
	require.ErrorIs(t, err, travel.ErrInvalid)
	_, err = k.SetAside(k.ctx, k.operator, k.ids.New(), january, "nej")
	require.ErrorIs(t, err, travel.ErrNotFound)
	_, err = k.Release(k.ctx, k.admin, k.company, january)
	require.ErrorIs(t, err, travel.ErrForbidden)
	_, err = k.Release(k.ctx, k.operator, k.company, january)
	require.ErrorIs(t, err, travel.ErrConflict)
}

func TestR35_ADryRunOverAllCompanies(t *testing.T) {
	t.Parallel()
	k := setup(t)
	other, admin := k.newCompany("Mullsjö kommun", "", billing)
	stranger := k.newTraveler(other, admin, "070-123 45 68")
	k.buy(37_00)
	k.buy(41_00, func(e *travel.Entry) { e.Company, e.Traveler = other, stranger })
	k.due(january)
	drafts := map[travel.CompanyID]invoice.Preview{}
	for p, err := range k.Previews(k.ctx, january) {
		require.NoError(t, err)
		drafts[p.Company] = p
	}
	require.Len(t, drafts, 2)
	assert.Equal(t, invoice.ReasonNoReference, drafts[other].Problem.Reason)
	draft := drafts[k.company].Documents[0]
	assert.Contains(t, k.text(draft, k.Specification(swedish)), "Utbildning i stadshuset", "drafts can be looked at")
	assert.Empty(t, k.standing(january), "nothing is changed")

	issued := k.closed(january)[0]
	assert.Equal(t, []any{draft.Gross, draft.Rates, draft.LinesHash}, []any{issued.Gross, issued.Rates, issued.LinesHash}, "one code path")
}
