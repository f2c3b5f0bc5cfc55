package proof

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// grace is how long after its end a month can be closed.
const grace = 72 * time.Hour

// biller makes an invoice service on the shop's store.
func (s *shop) biller() *invoice.Service {
	s.Helper()
	party := func(name string) invoice.Party {
		return invoice.Party{
			Name: name, OrganizationNumber: "2321000008", VATNumber: "SE232100000801",
			Street: "Stationsgatan 1", PostalCode: "551 12", City: "Jönköping",
		}
	}
	b, err := invoice.New(invoice.Config{
		Store: s.store, Travel: s.Service, Clock: s.clock.Now, Grace: grace,
		Sellers: []invoice.Seller{
			{Party: party("Länstrafiken"), Series: "F"}, {ID: "north", Party: party("Norrtrafiken"), Series: "N"},
		},
	})
	require.NoError(s, err)
	return b
}

// unanswered tells whether the provider owes an answer for a month or an
// earlier one.
func (s *shop) unanswered(m month) bool {
	return slices.ContainsFunc(s.people, func(a *account) bool {
		return slices.ContainsFunc(a.buys, func(b *buy) bool { return b.status == capturing && b.month <= m })
	})
}

// fence closes a month in the model.
func (s *shop) fence(m month) {
	s.closed = m
	for _, a := range s.everybody() {
		a.closed = m
		for _, b := range a.buys {
			if b.status == reserved && b.month <= m {
				b.status = expired
			}
		}
	}
}

// obstacle says why a month cannot be closed, or "". An earlier month that is
// not closed blocks it.
type obstacle func(m month, blocked bool) invoice.Reason

// expect closes in the model what can be closed, through a month. It returns
// the months that are closed, and those that are set aside with the reason.
func (s *shop) expect(last month, why obstacle) (issued []month, aside map[month]invoice.Reason) {
	aside = map[month]invoice.Reason{}
	for m := s.closed.plus(1); m <= last; m = m.plus(1) {
		if reason := why(m, len(aside) > 0); reason != "" {
			aside[m] = reason
			continue
		}
		s.fence(m)
		issued = append(issued, m)
	}
	return issued, aside
}

// monthToClose draws a month: the one before this, mostly.
func monthToClose(t *rapid.T, now time.Time) month {
	return monthAt(now).plus(-rapid.SampledFrom([]int{1, 1, 1, 2, 0}).Draw(t, "months ago"))
}

// closing closes a month, with several processes at the same time now and
// then, and compares what was done (R35). It returns the months that were
// closed.
func (s *shop) closing(t *rapid.T, m month, why obstacle) []month {
	now := s.on(t)
	req := invoice.CloseRequest{Month: mustMonth(m), Companies: []travel.CompanyID{s.firm.id}}
	if now.Before(m.start(1).Add(grace)) {
		before := s.dump()
		_, err := s.bills.Close(s.ctx, req)
		require.ErrorIs(s, err, invoice.ErrTooEarly)
		s.unchanged(before)
		s.tally.count("close too early")
		return nil
	}
	processes := rapid.SampledFrom([]int{1, 1, 3}).Draw(t, "processes")
	reports, errs := make([]invoice.CloseReport, processes), make([]error, processes)
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() { reports[i], errs[i] = s.bills.Close(s.ctx, req) })
	}
	wg.Wait()
	require.NoError(s, errors.Join(errs...))
	issued, aside := s.expect(m, why)
	var closed []invoice.Close
	for _, r := range reports {
		closed = append(closed, r.Issued...)
		for _, c := range r.Aside {
			assert.Equal(s, aside[month(c.Month.String())], c.Reason, "%s set aside", c.Month)
			s.tally.count("aside: " + string(c.Reason))
		}
	}
	s.once(closed, issued)
	return issued
}

// once asserts that the months were closed once each: processes that close at
// the same time may each report one, but it is the same close.
func (s *shop) once(closed []invoice.Close, issued []month) {
	s.Helper()
	byMonth := map[month]invoice.Close{}
	for _, c := range closed {
		m := month(c.Month.String())
		if earlier, ok := byMonth[m]; ok {
			assert.Equal(s, earlier.Documents, c.Documents, "%s is closed twice", m)
		}
		byMonth[m] = c
	}
	for _, m := range issued {
		assert.Contains(s, byMonth, m, "not closed")
		s.tally.count("closed")
	}
	assert.Len(s, byMonth, len(issued))
}

func mustMonth(m month) credit.Month {
	v, err := credit.ParseMonth(string(m))
	if err != nil {
		panic(err)
	}
	return v
}
