package travel_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR19_AnnasJanuary(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	require.Nil(t, k.buy(anna, "250").Decline)
	assert.Equal(t, "250.00", k.available(anna))

	k.clock.Set(time.Date(2026, 1, 31, 22, 59, 59, 999_000_000, time.UTC))
	d := k.authorize(anna, "250.01").Decline
	declined(t, credit.LimitExceeded, d)
	assert.Equal(t, "0.01", d.ShortBy.StringFixed(2))
	assert.Equal(t, credit.HelperAdministrator, d.Helper)

	k.clock.Set(time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC))
	assert.Equal(t, "500.00", k.available(anna), "the night to 1 February: 500, not 750")
	declined(t, credit.LimitExceeded, k.authorize(anna, "500.01").Decline)
	assert.Nil(t, k.authorize(anna, "500").Decline)

	var sum credit.Amount
	for _, e := range k.entries(january) {
		sum += e.Signed()
	}
	assert.Equal(t, "250.00", sum.String())
}

func TestR16_ExactlyTheLimitPassesAndNothingIsSplit(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	declined(t, credit.LimitExceeded, k.authorize(anna, "500.01").Decline)
	assert.Equal(t, "500.00", k.available(anna))
	require.Nil(t, k.authorize(anna, "500").Decline)
	declined(t, credit.LimitExceeded, k.authorize(anna, "0.01").Decline)
}

func TestR17_TheMaximum(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{})
	for _, bad := range []string{"15000.01", "-1", "1.001"} {
		_, err := k.Connect(k.ctx, k.admin, travel.ConnectRequest{Company: k.company, Traveler: id, Key: k.key(), Limit: kr(bad)})
		require.ErrorIs(t, err, travel.ErrInvalid, bad)
		assert.ErrorContains(t, err, bad)
	}
	_, err := k.Connect(k.ctx, k.admin, travel.ConnectRequest{Company: k.company, Traveler: id, Key: k.key()})
	require.ErrorIs(t, err, credit.ErrLimit, "no limit at all")
	assert.Empty(t, k.deliver(), "a refused limit sends nothing")
	k.connect(id, "15000")

	t.Run("R17 a company sets a lower one, and it holds at once", func(t *testing.T) {
		anna := k.activate(annas, "phone")
		require.NoError(t, k.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Maximum: kr("1000"), DefaultReference: "R"}))
		assert.Equal(t, "1000.00", k.available(anna))
		require.ErrorIs(t, k.SetLimit(k.ctx, k.admin, k.company, id, kr("1000.01")), credit.ErrLimit)
		require.NoError(t, k.SetCeiling(k.ctx, k.operator, k.company, kr("300")))
		assert.Equal(t, "300.00", k.available(anna))
		require.ErrorIs(t, k.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Maximum: kr("15000.01")}), travel.ErrInvalid)
	})
}

func TestR20_ARaiseCountsAtOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	id := anna.Method.Traveler
	require.Nil(t, k.buy(anna, "500").Decline)
	declined(t, credit.LimitExceeded, k.authorize(anna, "1").Decline)
	require.NoError(t, k.SetLimit(k.ctx, k.admin, k.company, id, kr("600")))
	assert.Equal(t, "100.00", k.available(anna))
	assert.Len(t, k.deliver(), 1, "no new SMS")

	t.Run("R20 a temporary raise ends by itself", func(t *testing.T) {
		require.ErrorIs(t, k.RaiseLimit(k.ctx, k.admin, k.company, id, kr("15000.01"), time.Time{}), credit.ErrLimit)
		require.NoError(t, k.RaiseLimit(k.ctx, k.admin, k.company, id, kr("900"), noon.Add(time.Hour)))
		assert.Equal(t, "400.00", k.available(anna))
		k.clock.Set(noon.Add(time.Hour))
		assert.Equal(t, "100.00", k.available(anna))
	})
	t.Run("R20 a raise without an end lasts the month", func(t *testing.T) {
		require.NoError(t, k.RaiseLimit(k.ctx, k.admin, k.company, id, kr("900"), time.Time{}))
		v, err := k.Traveler(k.ctx, k.admin, k.company, id)
		require.NoError(t, err)
		assert.Equal(t, january.End(k.zone), v.RaisedUntil)
		require.NoError(t, k.EndRaise(k.ctx, k.admin, k.company, id))
		assert.Equal(t, "100.00", k.available(anna))
	})
}

func TestR21_ALimitBelowWhatIsUsed(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	require.Nil(t, k.buy(anna, "200").Decline)
	open := k.authorize(anna, "250")
	require.Nil(t, open.Decline)
	require.NoError(t, k.SetLimit(k.ctx, k.admin, k.company, anna.Method.Traveler, kr("100")))
	assert.Equal(t, "0.00", k.available(anna), "never negative")
	declined(t, credit.LimitExceeded, k.authorize(anna, "0.01").Decline)
	assert.Nil(t, k.capture(anna, open.Authorization).Decline, "what is open may be captured")
}

func TestR22_TheMonthIsThatOfTheAuthorization(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	k.clock.Set(time.Date(2026, 1, 31, 22, 59, 59, 0, time.UTC))
	open := k.authorize(anna, "100")
	k.clock.Add(2 * time.Second)
	require.Nil(t, k.authorize(anna, "50").Decline)
	require.Nil(t, k.capture(anna, open.Authorization).Decline)
	assert.Equal(t, "450.00", k.available(anna), "February has only its own reservation")
	assert.Len(t, k.entries(january), 1)
	assert.Empty(t, k.entries(february))
}

func TestR23R24_RemoveLimitAndConnectAgain(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	id := anna.Method.Traveler
	require.Nil(t, k.buy(anna, "200").Decline)
	open := k.authorize(anna, "50")
	require.NoError(t, k.RemoveLimit(k.ctx, k.admin, k.company, id))
	require.NoError(t, k.RemoveLimit(k.ctx, k.admin, k.company, id), "repeating changes nothing")

	declined(t, credit.NotConnected, k.authorize(anna, "1").Decline)
	declined(t, credit.NotConnected, k.capture(anna, open.Authorization).Decline)
	v, err := k.Traveler(k.ctx, k.admin, k.company, id)
	require.NoError(t, err, "stays on record")
	assert.Equal(t, travel.ConnectionEnded, v.Connection)
	assert.Len(t, k.entries(january), 1, "what was bought is still invoiced")

	k.connect(id, "300")
	declined(t, credit.NotConnected, k.authorize(anna, "1").Decline)
	again := k.activate(annas, anna.Device)
	assert.Equal(t, "100.00", k.available(again), "what was bought counts against the new limit")
	history, err := k.History(k.ctx, again, travel.AuthorizationID{}, 10)
	require.NoError(t, err)
	require.Len(t, history, 2)
	assert.Equal(t, credit.Released, history[0].State)
	assert.Equal(t, credit.Captured, history[1].State)
}

func TestR18_NothingRollsOverWhileNoJobRuns(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	for month := january; month < january+26; month++ {
		for _, at := range []time.Time{month.Start(k.zone), month.End(k.zone).Add(-time.Millisecond)} {
			k.clock.Set(at)
			b, err := k.Balance(k.ctx, anna)
			require.NoError(t, err)
			assert.Equal(t, month, b.Month)
			assert.Equal(t, month.End(k.zone), b.ResetsAt)
			if at.Equal(month.Start(k.zone)) {
				assert.Equal(t, "500.00", b.Available.StringFixed(2), month)
			}
			require.Nil(t, k.buy(anna, "250").Decline, month)
		}
		declined(t, credit.LimitExceeded, k.authorize(anna, "0.01").Decline)
	}
}

func TestR27_AnAbandonedReservationExpires(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	open := k.authorize(anna, "500")
	require.Nil(t, open.Decline)
	assert.Equal(t, noon.Add(15*time.Minute), open.ExpiresAt)
	d := k.authorize(anna, "10").Decline
	declined(t, credit.LimitExceeded, d)
	assert.Equal(t, open.ExpiresAt, d.PassesAt)

	k.clock.Set(open.ExpiresAt.Add(-time.Microsecond))
	assert.Equal(t, "0.00", k.available(anna))
	k.clock.Set(open.ExpiresAt)
	assert.Equal(t, "500.00", k.available(anna), "free at the deadline, with no job")
	declined(t, credit.AuthorizationExpired, k.capture(anna, open.Authorization).Decline)

	t.Run("R27 the job tidies the records and tells the host", func(t *testing.T) {
		second := k.authorize(anna, "100")
		n, err := k.ExpireDue(k.ctx)
		require.NoError(t, err)
		assert.Zero(t, n)
		k.clock.Add(15 * time.Minute)
		n, err = k.ExpireDue(k.ctx)
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		declined(t, credit.AuthorizationExpired, k.capture(anna, second.Authorization).Decline)
	})
	t.Run("R27 a release gives it back at once", func(t *testing.T) {
		third := k.authorize(anna, "500")
		req := travel.ReleaseRequest{Holder: anna, Key: k.key(), Authorization: third.Authorization}
		for range 2 {
			r, err := k.Release(k.ctx, req)
			require.NoError(t, err)
			assert.Nil(t, r.Decline)
			assert.Equal(t, credit.Released, r.State)
		}
		assert.Equal(t, "500.00", k.available(anna))
	})
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	open := k.authorize(anna, "100")
	require.NoError(t, k.SetFrozen(k.ctx, k.admin, k.company, anna.Method.Traveler, true))
	declined(t, credit.AccountFrozen, k.authorize(anna, "1").Decline)
	assert.Nil(t, k.capture(anna, open.Authorization).Decline, "what is open may be captured")
	require.NoError(t, k.SetFrozen(k.ctx, k.admin, k.company, anna.Method.Traveler, false))
	assert.Nil(t, k.authorize(anna, "1").Decline)
}
