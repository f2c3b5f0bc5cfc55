package credit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

func TestR16_LimitIsTheMostInAMonth(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")

	t.Run("R16 exactly the limit passes", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(at, 250*kr)
		assert.Equal(t, 250*kr, d.buy(at, 250*kr).Captured)
		assert.Zero(t, d.available(at))
		d.assertDeclined(at, 1, credit.LimitExceeded)
	})
	t.Run("R16 0.01 more is declined whole", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(at, 250*kr)
		d.assertDeclined(at, 250*kr+1, credit.LimitExceeded)
		assert.Equal(t, 250*kr, d.account.UsedIn(credit.MonthOf(at, stockholm)))
		d.buy(at, 250*kr)
	})
	t.Run("R16 the whole limit in one purchase", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.assertDeclined(at, 500*kr+1, credit.LimitExceeded)
		d.buy(at, 500*kr)
	})
	t.Run("R16 what is reserved counts", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.reserve(at, 300*kr)
		d.assertDeclined(at, 200*kr+1, credit.LimitExceeded)
		d.reserve(at, 200*kr)
		assert.Equal(t, 500*kr, d.account.ReservedIn(credit.MonthOf(at, stockholm), at))
	})
	t.Run("R16 nothing and less are no purchase", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.assertDeclined(at, 0, credit.NotPositive)
		d.assertDeclined(at, -1, credit.NotPositive)
	})
	t.Run("R16 no limit, no purchase", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 0)
		d.assertDeclined(at, 1, credit.NoLimit)
	})
	t.Run("R16 too many begun", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.rules.MaxOpen = 2
		z := d.reserve(at, 10*kr)
		d.reserve(at.Add(time.Minute), 10*kr)
		d.assertDeclined(at.Add(time.Minute), 10*kr, credit.TooManyOpen)
		require.Nil(t, d.release(&z, at.Add(time.Minute)))
		d.reserve(at.Add(time.Minute), 10*kr)
	})
	t.Run("R16 a frozen account buys nothing, and completes what is begun", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 10*kr)
		d.account.Frozen = true
		d.assertDeclined(at, 10*kr, credit.AccountFrozen)
		require.Nil(t, d.capture(&z, 10*kr, at))
		d.account.Frozen = false
		d.buy(at, 490*kr)
	})
}

func TestR17_Maxima(t *testing.T) {
	t.Parallel()
	rules := credit.Rules{Zone: stockholm, Maximum: 15_000 * kr}
	for _, c := range []struct {
		name             string
		ceiling, maximum credit.Amount
		limit            credit.Amount
		whose            string
		err              string
	}{
		{name: "R17 the maximum", limit: 15_000 * kr},
		{name: "R17 0.01 above", limit: 15_000*kr + 1, whose: "operator",
			err: "credit limit 15000.01 exceeds the maximum 15000.00 (operator)"},
		{name: "R17 the least", limit: 1},
		{name: "R17 nothing", limit: 0, err: "credit limit 0.00 must be more than 0"},
		{name: "R17 less than nothing", limit: -1, err: "credit limit -0.01 must be more than 0"},
		{name: "R17 the company's own maximum", maximum: 2000 * kr, limit: 2000 * kr},
		{name: "R17 0.01 above the company's own", maximum: 2000 * kr, limit: 2000*kr + 1, whose: "company",
			err: "credit limit 2000.01 exceeds the maximum 2000.00 (company)"},
		{name: "R17 the ceiling", ceiling: 3000 * kr, limit: 3000 * kr},
		{name: "R17 0.01 above the ceiling", ceiling: 3000 * kr, maximum: 9000 * kr, limit: 3000*kr + 1, whose: "operator's ceiling for the company",
			err: "credit limit 3000.01 exceeds the maximum 3000.00 (operator's ceiling for the company)"},
		{name: "R17 a company cannot raise the operator's", maximum: 20_000 * kr, ceiling: 20_000 * kr, limit: 15_000*kr + 1, whose: "operator",
			err: "credit limit 15000.01 exceeds the maximum 15000.00 (operator)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := credit.Account{Limit: 100 * kr, Ceiling: c.ceiling, Maximum: c.maximum}
			after, err := rules.SetLimit(before, c.limit)
			if c.err == "" {
				require.NoError(t, err)
				assert.Equal(t, c.limit, after.Limit)
				assert.Equal(t, c.limit, after.LimitAt(time.Time{}, rules.Maximum), "set is in force")
				return
			}
			assert.EqualError(t, err, c.err)
			require.ErrorIs(t, err, credit.ErrLimit)
			var limit *credit.LimitError
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, c.whose, limit.Whose)
			assert.True(t, limit.Value.Equal(c.limit.Decimal()))
			assert.Equal(t, before, after, "bad input changes nothing")
		})
	}
	t.Run("R17 the operator may have no maximum", func(t *testing.T) {
		t.Parallel()
		after, err := credit.Rules{Zone: stockholm}.SetLimit(credit.Account{}, 99_000*kr)
		require.NoError(t, err)
		assert.Equal(t, 99_000*kr, after.LimitAt(time.Time{}, 0))
	})
	t.Run("R17 a maximum lowered later counts at once", func(t *testing.T) {
		t.Parallel()
		at := local(t, "2026-01-10 08:00")
		for _, lower := range []func(*desk){
			func(d *desk) { d.account.Ceiling = 300 * kr },
			func(d *desk) { d.account.Maximum = 300 * kr },
			func(d *desk) { d.rules.Maximum = 300 * kr },
		} {
			d := setup(t, 500*kr)
			d.buy(at, 200*kr)
			lower(d)
			d.assertDeclined(at, 100*kr+1, credit.LimitExceeded)
			assert.Equal(t, 300*kr, d.buy(at, 100*kr).Limit)
		}
	})
}

func TestR18_Reset(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, last, first string }{
		{"R18 winter", "2026-01-31 23:59:59.999", "2026-02-01 00:00:00"},
		{"R18 leap February", "2028-02-29 23:59:59.999", "2028-03-01 00:00:00"},
		{"R18 February", "2026-02-28 23:59:59.999", "2026-03-01 00:00:00"},
		{"R18 the month in which the clocks go on", "2026-03-31 23:59:59.999", "2026-04-01 00:00:00"},
		{"R18 the month in which the clocks go back", "2026-10-31 23:59:59.999", "2026-11-01 00:00:00"},
		{"R18 new year", "2026-12-31 23:59:59.999", "2027-01-01 00:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, 500*kr)
			d.buy(local(t, c.last), 400*kr)
			d.assertDeclined(local(t, c.last), 100*kr+1, credit.LimitExceeded)
			assert.Equal(t, local(t, c.first), d.rules.Balance(d.account, local(t, c.last)).ResetsAt)
			assert.Equal(t, 500*kr, d.available(local(t, c.first)), "the limit stays, and no more")
			d.assertDeclined(local(t, c.first), 500*kr+1, credit.LimitExceeded)
			d.buy(local(t, c.first), 500*kr)
		})
	}
	for _, c := range []struct{ name, first, second string }{
		{"R18 no reset when the clocks go on", "2026-03-29 01:59:59", "2026-03-29 03:00:00"},
		{"R18 no reset when the clocks go back", "2026-10-25 01:59:59", "2026-10-25 03:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, 500*kr)
			d.buy(local(t, c.first), 400*kr)
			d.assertDeclined(local(t, c.second), 100*kr+1, credit.LimitExceeded)
		})
	}
	t.Run("R18 nothing rolls over, and no job has to run", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(local(t, "2026-01-10 08:00"), 100*kr)
		d.assertDeclined(local(t, "2026-07-01 00:00"), 500*kr+1, credit.LimitExceeded)
		d.buy(local(t, "2026-07-01 00:00"), 500*kr)
	})
	t.Run("R18 a clock that is set back gives no credit twice", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(local(t, "2026-01-31 23:59"), 500*kr)
		d.buy(local(t, "2026-02-01 00:01"), 500*kr)
		d.assertDeclined(local(t, "2026-01-31 23:00"), 1, credit.LimitExceeded)
		d.assertDeclined(local(t, "2026-02-01 00:02"), 1, credit.LimitExceeded)
	})
	t.Run("R18 a clock that is set back by months gives no credit twice", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(local(t, "2026-01-10 08:00"), 500*kr)
		z := d.reserve(local(t, "2026-02-10 08:00"), 500*kr)
		d.reserve(local(t, "2026-03-10 08:00"), 500*kr)
		require.NotNil(t, d.capture(&z, 500*kr, local(t, "2026-03-10 08:00")), "it has expired")
		d.buy(local(t, "2026-02-10 08:00"), 500*kr)
		d.expire(local(t, "2026-04-01 00:00")) // March has nothing left
		d.assertDeclined(local(t, "2026-01-10 08:00"), 1, credit.LimitExceeded)
		d.buy(local(t, "2026-03-10 08:00"), 1)
		d.assertDeclined(local(t, "2026-01-10 08:00"), 1, credit.MonthClosed)
		d.assertDeclined(local(t, "2026-02-10 08:00"), 1, credit.LimitExceeded)
	})
	t.Run("R18 a clock that is set back by months finds nothing available", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(local(t, "2026-03-10 08:00"), 100*kr)
		assert.Equal(t, 500*kr, d.available(local(t, "2026-02-28 23:59")), "one month back something can be bought")
		back := local(t, "2026-01-31 23:59")
		balance := d.rules.Balance(d.account, back)
		assert.Zero(t, balance.Available)
		assert.Equal(t, 500*kr, balance.Limit, "the limit stays")
		_, decline := d.authorize(back, 100*kr)
		assertCode(t, credit.MonthClosed, decline)
		assertKronor(t, "0.00", decline.Available, "available")
		assertKronor(t, "0.00", d.rules.Decline(d.account, credit.ProductNotAllowed, kr, back).Available, "available")
	})
}

func TestR19_Anna(t *testing.T) {
	t.Parallel()
	anna := setup(t, 500*kr)
	january, february := credit.NewMonth(2026, time.January), credit.NewMonth(2026, time.February)
	anna.buy(local(t, "2026-01-12 07:45"), 250*kr)
	anna.assertDeclined(local(t, "2026-01-31 23:59:59.999"), 250*kr+1, credit.LimitExceeded)
	assert.Equal(t, 250*kr, anna.account.UsedIn(january))

	morning := local(t, "2026-02-01 00:00")
	assert.Equal(t, credit.Balance{
		Month: february, Limit: 500 * kr, Available: 500 * kr, ResetsAt: local(t, "2026-03-01 00:00"),
	}, anna.rules.Balance(anna.account, morning))
	anna.assertDeclined(morning, 750*kr, credit.LimitExceeded)
	anna.buy(morning, 500*kr)
	assert.Equal(t, 250*kr, anna.account.UsedIn(january), "January is as it was")
}

func TestR20_Raise(t *testing.T) {
	t.Parallel()
	at, until := local(t, "2026-01-10 08:00"), local(t, "2026-01-17 12:00")

	t.Run("R20 a raise counts at once", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(at, 500*kr)
		var err error
		d.account, err = d.rules.SetLimit(d.account, 700*kr)
		require.NoError(t, err)
		d.assertDeclined(at, 200*kr+1, credit.LimitExceeded)
		assert.Equal(t, 700*kr, d.buy(at, 200*kr).Limit)
	})
	t.Run("R20 a temporary raise ends by itself", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		var err error
		d.account, err = d.rules.SetRaise(d.account, credit.Raise{Limit: 900 * kr, Until: until}, at)
		require.NoError(t, err)
		assert.Equal(t, 900*kr, d.available(at))
		assert.Equal(t, 900*kr, d.available(until.Add(-1)))
		assert.Equal(t, 500*kr, d.available(until), "the end is exclusive")
		d.buy(at, 600*kr)
		assert.Zero(t, d.available(until), "never negative")
		d.assertDeclined(until, 1, credit.LimitExceeded)
		assert.Equal(t, 500*kr, d.available(local(t, "2026-02-01 00:00")))
	})
	t.Run("R20 a temporary raise never exceeds a maximum", func(t *testing.T) {
		t.Parallel()
		for _, a := range []credit.Account{
			{Limit: 500 * kr, Ceiling: 800 * kr}, {Limit: 500 * kr, Maximum: 800 * kr},
		} {
			rules := credit.Rules{Zone: stockholm, Maximum: 15_000 * kr}
			after, err := rules.SetRaise(a, credit.Raise{Limit: 800*kr + 1, Until: until}, at)
			require.ErrorIs(t, err, credit.ErrLimit)
			assert.Equal(t, a, after, "bad input changes nothing")
			after, err = rules.SetRaise(a, credit.Raise{Limit: 800 * kr, Until: until}, at)
			require.NoError(t, err)
			after.Maximum = 600 * kr
			assert.Equal(t, 600*kr, after.LimitAt(at, rules.Maximum), "a maximum that was lowered later")
		}
		rules := credit.Rules{Zone: stockholm, Maximum: 15_000 * kr}
		_, err := rules.SetRaise(credit.Account{Limit: 500 * kr}, credit.Raise{Limit: 15_000*kr + 1, Until: until}, at)
		require.ErrorIs(t, err, credit.ErrLimit)
	})
	t.Run("R20 a raise that raises nothing is refused", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		for want, raise := range map[string]credit.Raise{
			"credit limit 0.00 must be more than 0":                                                 {Until: until},
			"credit limit not allowed: temporary limit 500.00 does not exceed the limit 500.00":     {Limit: 500 * kr, Until: until},
			"credit limit not allowed: temporary limit ends at 2026-01-10T07:00:00Z, which is past": {Limit: 600 * kr, Until: at},
			"credit limit not allowed: temporary limit ends at 0001-01-01T00:00:00Z, which is past": {Limit: 600 * kr},
		} {
			after, err := d.rules.SetRaise(d.account, raise, at)
			require.ErrorIs(t, err, credit.ErrLimit)
			assert.EqualError(t, err, want)
			assert.Equal(t, d.account, after)
		}
		_, err := d.rules.SetRaise(d.account.RemoveLimit(), credit.Raise{Limit: 600 * kr, Until: until}, at)
		assert.EqualError(t, err, "credit limit not allowed: temporary limit 600.00 without a limit to raise")
	})
	t.Run("R20 a raise outlives a raised limit, and ends with a lowered one", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		var err error
		d.account, err = d.rules.SetRaise(d.account, credit.Raise{Limit: 900 * kr, Until: until}, at)
		require.NoError(t, err)
		d.account, err = d.rules.SetLimit(d.account, 600*kr)
		require.NoError(t, err)
		assert.Equal(t, 900*kr, d.available(at))
		d.account, err = d.rules.SetLimit(d.account, 599*kr)
		require.NoError(t, err)
		assert.Equal(t, 599*kr, d.available(at))
	})
	t.Run("R20 a limit above the raise wins", func(t *testing.T) {
		t.Parallel()
		a := credit.Account{Limit: 1000 * kr, Raise: credit.Raise{Limit: 900 * kr, Until: until}}
		assert.Equal(t, 1000*kr, a.LimitAt(at, 0))
	})
}

func TestR21_LimitBelowWhatIsUsed(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	d := setup(t, 500*kr)
	d.buy(at, 250*kr)
	z := d.reserve(at, 100*kr)
	var err error
	d.account, err = d.rules.SetLimit(d.account, 300*kr)
	require.NoError(t, err, "R21 it is accepted")
	assert.Equal(t, credit.Balance{
		Month: credit.NewMonth(2026, time.January), Limit: 300 * kr, Used: 250 * kr, Reserved: 100 * kr, Available: 0,
		ResetsAt: local(t, "2026-02-01 00:00"),
	}, d.rules.Balance(d.account, at), "R21 available is 0, never negative")
	d.assertDeclined(at, 1, credit.LimitExceeded)

	require.Nil(t, d.capture(&z, 100*kr, at), "R21 what is open may be captured")
	assert.Equal(t, 350*kr, d.account.UsedIn(z.Month))
	assert.Equal(t, 500*kr, z.Limit, "I1: the limit in force when it was authorized")
	assert.Equal(t, 300*kr, d.available(local(t, "2026-02-01 00:00")))
}

func TestR23_RemoveLimit(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	d := setup(t, 500*kr)
	d.account.Raise = credit.Raise{Limit: 900 * kr, Until: at.Add(time.Hour)}
	bought := d.buy(at, 250*kr)
	charging, open := d.reserve(at, 50*kr), d.reserve(at, 60*kr)
	d.ttl = time.Minute
	late := d.reserve(at, 70*kr)
	require.Nil(t, d.beginCapture(&charging, 50*kr, at))

	at = at.Add(2 * time.Minute)
	released, expired := d.releaseAll(at)
	d.account = d.account.RemoveLimit()

	assert.Equal(t, []credit.AuthorizationID{open.ID}, released, "R23 what is open is released")
	assert.Equal(t, []credit.AuthorizationID{late.ID}, expired)
	assert.Equal(t, 50*kr, d.account.ReservedIn(charging.Month, at), "R23 unless its capture has begun")
	d.assertDeclined(at, 1, credit.NoLimit)
	open.State = credit.Released // as the service records it
	decline := d.capture(&open, 60*kr, at)
	require.NotNil(t, decline)
	assert.Equal(t, credit.AuthorizationReleased, decline.Code)
	d.finishCapture(&charging, 50*kr)
	assert.Equal(t, credit.Captured, charging.State)
	assert.Equal(t, 300*kr, d.account.UsedIn(bought.Month), "R23 what was bought stays")

	t.Run("R24 what was bought counts against the new limit", func(t *testing.T) {
		var err error
		d.account, err = d.rules.SetLimit(d.account, 400*kr)
		require.NoError(t, err)
		assert.Equal(t, 100*kr, d.available(at))
		d.assertDeclined(at, 100*kr+1, credit.LimitExceeded)
		d.buy(at, 100*kr)
		assert.Equal(t, 400*kr, d.available(local(t, "2026-02-01 00:00")))
	})
}

func TestReleaseAllOfNothing(t *testing.T) {
	t.Parallel()
	d := setup(t, 500*kr)
	released, expired := d.releaseAll(local(t, "2026-01-10 08:00"))
	assert.Empty(t, released)
	assert.Empty(t, expired)
}
