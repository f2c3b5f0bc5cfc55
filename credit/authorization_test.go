package credit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

func assertCode(t *testing.T, code credit.DeclineCode, d *credit.Decline) {
	t.Helper()
	require.NotNil(t, d)
	assert.Equal(t, code, d.Code)
}

func TestR22_MonthOfThePurchase(t *testing.T) {
	t.Parallel()
	evening, night := local(t, "2026-01-31 23:55"), local(t, "2026-02-01 00:05")
	d := setup(t, 500*kr)
	d.buy(local(t, "2026-01-20 08:00"), 100*kr)
	z := d.reserve(evening, 300*kr)
	assert.Equal(t, 500*kr, d.available(night), "R22 what January reserves holds nothing of February")
	d.buy(night, 500*kr)
	require.Nil(t, d.capture(&z, 300*kr, night))
	january := credit.NewMonth(2026, time.January)
	assert.Equal(t, january, z.Month)
	assert.Equal(t, 400*kr, d.account.UsedIn(january), "R22 captured after midnight")
	assert.Equal(t, 500*kr, d.account.UsedIn(january+1))
	assert.Equal(t, []credit.Usage{{Month: january, Amount: 400 * kr}, {Month: january + 1, Amount: 500 * kr}}, d.account.Used)
}

func TestR22_CaptureBeforeAnyPurchaseOfThatMonth(t *testing.T) {
	t.Parallel()
	d := setup(t, 500*kr)
	z := d.reserve(local(t, "2026-01-31 23:55"), 300*kr)
	d.buy(local(t, "2026-02-01 00:05"), 500*kr)
	require.Nil(t, d.capture(&z, 300*kr, local(t, "2026-02-01 00:05")))
	assert.Equal(t, []credit.Usage{{Month: z.Month, Amount: 300 * kr}, {Month: z.Month + 1, Amount: 500 * kr}}, d.account.Used)
}

func TestR27_ReserveThenCapture(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	deadline := at.Add(15 * time.Minute)

	t.Run("R27 an abandoned reservation expires and frees the credit", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		assert.Equal(t, deadline, d.account.NextDeadline())
		assert.Zero(t, d.available(deadline.Add(-1)))
		assert.Equal(t, 500*kr, d.available(deadline), "with nothing having run")
		d.buy(deadline, 500*kr)
		assertCode(t, credit.AuthorizationExpired, d.capture(&z, 500*kr, deadline))
		assert.Equal(t, credit.Expired, z.State)
		assert.Equal(t, 500*kr, d.account.UsedIn(z.Month))
	})
	t.Run("R27 the deadline is exclusive", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		early, late := d.reserve(at, 100*kr), d.reserve(at, 100*kr)
		require.Nil(t, d.capture(&early, 100*kr, deadline.Add(-1)))
		assertCode(t, credit.AuthorizationExpired, d.capture(&late, 100*kr, deadline))
		assert.Equal(t, credit.Expired, late.State)
		assert.Empty(t, d.account.Open, "it holds nothing any more")
	})
	t.Run("R27 what has expired stays so when the clock is set back", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		d.buy(deadline, 500*kr)
		assertCode(t, credit.AuthorizationExpired, d.capture(&z, 500*kr, at))
		assert.Equal(t, 500*kr, d.account.UsedIn(z.Month))
	})
	t.Run("R27 captured once", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.buy(at, 100*kr)
		assertCode(t, credit.AlreadyCaptured, d.capture(&z, 100*kr, at))
		assertCode(t, credit.AlreadyCaptured, d.beginCapture(&z, 100*kr, at))
		assertCode(t, credit.AlreadyCaptured, d.release(&z, at))
		assert.Equal(t, credit.Captured, z.State)
		assert.Equal(t, 100*kr, d.account.UsedIn(z.Month))
	})
	t.Run("R27 less than reserved frees the rest", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		assertCode(t, credit.ExceedsAuthorization, d.capture(&z, 500*kr+1, at))
		assertCode(t, credit.NotPositive, d.capture(&z, 0, at))
		assertCode(t, credit.NotPositive, d.capture(&z, -1, at))
		assert.Equal(t, credit.Pending, z.State, "a wrong amount spoils nothing")
		require.Nil(t, d.capture(&z, 200*kr, at))
		assert.Equal(t, 200*kr, z.Captured)
		assert.Equal(t, 300*kr, d.available(at))
	})
	t.Run("R27 released once, and again without effect", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		require.Nil(t, d.release(&z, at))
		assert.Equal(t, credit.Released, z.State)
		d.buy(at, 500*kr)
		require.Nil(t, d.release(&z, at))
		assert.Zero(t, d.available(at))
		assertCode(t, credit.AuthorizationReleased, d.capture(&z, 500*kr, at))
	})
	t.Run("R27 releasing what has expired is no error", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		require.Nil(t, d.release(&z, deadline))
		assert.Equal(t, credit.Expired, z.State)
		assert.Empty(t, d.account.Open)
		require.Nil(t, d.release(&z, deadline))
	})
	t.Run("R27 what was declined can be neither captured nor released", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z, decline := d.authorize(at, 501*kr)
		assertCode(t, credit.LimitExceeded, decline)
		assertCode(t, credit.NotAuthorized, d.capture(&z, 501*kr, at))
		assertCode(t, credit.NotAuthorized, d.release(&z, at))
		assertCode(t, credit.NotCaptured, d.refund(&z, 1, at))
		var none credit.Authorization
		assertCode(t, credit.NotAuthorized, d.capture(&none, 1, at))
	})
	t.Run("R27 expire names what it takes away", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		first := d.reserve(at, 10*kr)
		d.ttl = time.Hour
		second := d.reserve(at, 20*kr)
		assert.Empty(t, d.expire(deadline.Add(-1)))
		assert.Equal(t, []credit.AuthorizationID{first.ID}, d.expire(deadline))
		assert.Empty(t, d.expire(deadline), "once")
		assert.Equal(t, second.ExpiresAt, d.account.NextDeadline())
		assert.Equal(t, []credit.AuthorizationID{second.ID}, d.expire(deadline.Add(time.Hour)))
		assert.True(t, d.account.NextDeadline().IsZero())
	})
	t.Run("R27 the nearest deadline of several", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.ttl = time.Hour
		d.reserve(at, 10*kr)
		d.ttl = time.Minute
		soon := d.reserve(at, 10*kr)
		d.ttl = 30 * time.Minute
		d.reserve(at, 10*kr)
		assert.Equal(t, soon.ExpiresAt, d.account.NextDeadline())
		require.Nil(t, d.beginCapture(&soon, 10*kr, at))
		assert.Equal(t, at.Add(30*time.Minute), d.account.NextDeadline(), "what is being captured has none")
	})
}

func TestCaptureThroughAProvider(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-31 23:50")
	deadline := at.Add(15 * time.Minute)

	t.Run("neither expires nor is released, nor captured twice", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		stale := z
		require.Nil(t, d.beginCapture(&z, 400*kr, at))
		assert.Equal(t, credit.Capturing, z.State)
		assert.Empty(t, d.expire(deadline))
		assert.Equal(t, 500*kr, d.account.ReservedIn(z.Month, deadline))
		for _, record := range []*credit.Authorization{&z, &stale} {
			assertCode(t, credit.CaptureBegun, d.release(record, deadline))
			assertCode(t, credit.CaptureBegun, d.capture(record, 400*kr, deadline))
			assertCode(t, credit.CaptureBegun, d.beginCapture(record, 400*kr, deadline))
			assert.Equal(t, credit.Capturing, record.State)
		}
		d.assertDeclined(at, 1, credit.LimitExceeded)
	})
	t.Run("approved, after the deadline and after midnight", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		require.Nil(t, d.beginCapture(&z, 400*kr, at))
		d.finishCapture(&z, 400*kr)
		assert.Equal(t, credit.Captured, z.State)
		assert.Equal(t, 400*kr, z.Captured)
		assert.Equal(t, 400*kr, d.account.UsedIn(credit.NewMonth(2026, time.January)))
		assert.Equal(t, 100*kr, d.available(at))
		d.finishCapture(&z, 400*kr)
		d.refuse(&z)
		assert.Equal(t, 400*kr, d.account.UsedIn(z.Month), "an answer counts once")
		assert.Equal(t, credit.Captured, z.State)
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		require.Nil(t, d.beginCapture(&z, 500*kr, at))
		d.refuse(&z)
		assert.Equal(t, credit.Released, z.State)
		assert.Equal(t, 500*kr, d.available(at))
		d.finishCapture(&z, 500*kr)
		assert.Zero(t, d.account.UsedIn(z.Month), "a late approval of what was refused changes nothing")
	})
	t.Run("an answer that was not asked for", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		d.refuse(&z)
		d.finishCapture(&z, 500*kr)
		assert.Equal(t, credit.Pending, z.State)
		assert.Zero(t, d.available(at))
	})
	t.Run("too late to begin", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		assertCode(t, credit.AuthorizationExpired, d.beginCapture(&z, 500*kr, deadline))
		assert.Equal(t, credit.Expired, z.State)
		assert.Empty(t, d.account.Open)
	})
	t.Run("one of several", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		first, second := d.reserve(at, 100*kr), d.reserve(at, 100*kr)
		require.Nil(t, d.beginCapture(&second, 100*kr, at))
		assert.Equal(t, []credit.AuthorizationID{first.ID}, d.expire(deadline))
	})
}

func TestR35_CloseFencesAMonth(t *testing.T) {
	t.Parallel()
	evening, night := local(t, "2026-01-31 23:55"), local(t, "2026-02-01 00:05")
	january := credit.NewMonth(2026, time.January)

	t.Run("R35 nothing enters a closed month", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.ttl = time.Hour
		late, open := d.reserve(evening, 100*kr), d.reserve(night, 50*kr)
		expired, ok := d.close(january)
		require.True(t, ok)
		assert.Equal(t, []credit.AuthorizationID{late.ID}, expired, "R35 what was reserved there expires")
		assert.Equal(t, january, d.account.ClosedThrough)
		assertCode(t, credit.AuthorizationExpired, d.capture(&late, 100*kr, night))
		d.assertDeclined(evening, 1, credit.MonthClosed)
		d.assertDeclined(local(t, "2025-12-31 12:00"), 1, credit.MonthClosed)
		require.Nil(t, d.capture(&open, 50*kr, night), "R35 the open month goes on")
		assert.Zero(t, d.account.UsedIn(january))
	})
	t.Run("R35 nothing is available in a closed month", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.buy(evening, 100*kr)
		_, ok := d.close(january)
		require.True(t, ok)
		for _, at := range []time.Time{evening, local(t, "2025-12-31 12:00")} {
			assert.Zero(t, d.available(at), at)
			assert.Equal(t, 500*kr, d.rules.Balance(d.account, at).Limit, "the limit stays")
		}
		assert.Equal(t, 500*kr, d.available(night))
	})
	t.Run("R35 a late capture before the close is in", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(evening, 100*kr)
		require.Nil(t, d.capture(&z, 100*kr, night))
		_, ok := d.close(january)
		require.True(t, ok)
		assert.Equal(t, 100*kr, d.account.UsedIn(january))
	})
	t.Run("R35 the fence alone stops a capture", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(evening, 100*kr)
		d.account.ClosedThrough = january // by travel.Store's FenceTravelers
		decline := d.capture(&z, 100*kr, night)
		assertCode(t, credit.MonthClosed, decline)
		assert.True(t, decline.Reserved.IsZero(), "the numbers are those after it")
		assert.True(t, decline.Available.IsZero(), "of January nothing can be bought any more")
		assert.Equal(t, credit.Expired, z.State)
		assert.Empty(t, d.account.Open)
		assertCode(t, credit.AuthorizationExpired, d.beginCapture(&z, 100*kr, night))
	})
	t.Run("R35 an unanswered charge blocks the close", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		charging, open := d.reserve(evening, 100*kr), d.reserve(evening, 50*kr)
		require.Nil(t, d.beginCapture(&charging, 100*kr, evening))
		before := d.account
		expired, ok := d.close(january)
		assert.False(t, ok)
		assert.Empty(t, expired)
		assert.Equal(t, before, d.account, "R35 as it was")
		_, ok = d.close(january - 1)
		assert.True(t, ok, "R35 the months before can be closed")

		d.finishCapture(&charging, 100*kr)
		expired, ok = d.close(january)
		assert.True(t, ok)
		assert.Equal(t, []credit.AuthorizationID{open.ID}, expired)
		assert.Equal(t, 100*kr, d.account.UsedIn(january))
	})
	t.Run("R35 closing a month closes those before it", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		d.ttl = 60 * 24 * time.Hour
		first, second, third := d.reserve(evening, 100*kr), d.reserve(night, 100*kr), d.reserve(local(t, "2026-03-01 00:00"), 100*kr)
		expired, ok := d.close(january + 1)
		require.True(t, ok)
		assert.Equal(t, []credit.AuthorizationID{first.ID, second.ID}, expired)
		assertCode(t, credit.AuthorizationExpired, d.capture(&first, 100*kr, night))
		require.Nil(t, d.capture(&third, 100*kr, third.At))
	})
	t.Run("R35 closed is closed", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		_, ok := d.close(january)
		require.True(t, ok)
		expired, ok := d.close(january - 3)
		assert.True(t, ok)
		assert.Empty(t, expired)
		assert.Equal(t, january, d.account.ClosedThrough, "R35 no close opens a month")
	})
	t.Run("R35 a charge that was begun before the fence is finished", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(evening, 100*kr)
		require.Nil(t, d.beginCapture(&z, 100*kr, evening))
		d.account.ClosedThrough = january
		d.finishCapture(&z, 100*kr)
		assert.Equal(t, credit.Captured, z.State)
	})
}

func TestR43_Refund(t *testing.T) {
	t.Parallel()
	at, later := local(t, "2026-01-10 08:00"), local(t, "2026-02-10 08:00")
	january := credit.NewMonth(2026, time.January)

	t.Run("R43 lowers what was used in the month of the purchase", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.buy(at, 500*kr)
		require.Nil(t, d.refund(&z, 200*kr, at))
		assert.Equal(t, 200*kr, d.available(at))
		assert.Equal(t, 300*kr, z.Refundable())
		assert.Equal(t, credit.Captured, z.State)
	})
	t.Run("R43 and in no other", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.buy(at, 500*kr)
		d.buy(later, 400*kr)
		require.Nil(t, d.refund(&z, 500*kr, later))
		assert.Zero(t, d.account.UsedIn(january))
		assert.Equal(t, 400*kr, d.account.UsedIn(january+1))
		assert.Equal(t, 100*kr, d.available(later))
		assert.Equal(t, 500*kr, d.available(at))
	})
	t.Run("R43 in the month after, when nothing was bought there", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.buy(at, 500*kr)
		require.Nil(t, d.refund(&z, 500*kr, later))
		assert.Equal(t, 500*kr, d.available(later), "no more than the limit")
		assert.Equal(t, []credit.Usage{{Month: january, Amount: 0}}, d.account.Used)
	})
	t.Run("R43 long after, when the month is not kept any more", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.buy(at, 500*kr)
		d.buy(local(t, "2026-06-10 08:00"), 100*kr)
		june := []credit.Usage{{Month: january + 5, Amount: 100 * kr}}
		require.Equal(t, june, d.account.Used)
		require.Nil(t, d.refund(&z, 500*kr, local(t, "2026-06-10 09:00")))
		assert.Equal(t, june, d.account.Used)
		assert.Equal(t, 500*kr, z.Refunded)
		assertCode(t, credit.ExceedsCaptured, d.refund(&z, 1, local(t, "2026-06-10 09:00")))
	})
	t.Run("R43 never more than was captured, over any number", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		require.Nil(t, d.capture(&z, 37*kr, at))
		assertCode(t, credit.ExceedsCaptured, d.refund(&z, 37*kr+1, at))
		assertCode(t, credit.NotPositive, d.refund(&z, 0, at))
		assertCode(t, credit.NotPositive, d.refund(&z, -1, at))
		for n := credit.Amount(1); z.Refundable() > 0; n++ {
			require.Nil(t, d.refund(&z, min(n, z.Refundable()), at))
			assert.Equal(t, z.Captured-z.Refunded, d.account.UsedIn(january))
		}
		assert.Equal(t, 37*kr, z.Refunded)
		assertCode(t, credit.ExceedsCaptured, d.refund(&z, 1, at))
		assertCode(t, credit.ExceedsCaptured, d.refund(&z, 0, at)) // the rest, when there is none
		assert.Zero(t, d.account.UsedIn(january))
	})
	t.Run("R43 of a purchase that the account does not know gives no credit", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.buy(at, 300*kr)
		d.account.Used = nil
		require.Nil(t, d.refund(&z, 300*kr, at))
		assert.Equal(t, 500*kr, d.available(at))
	})
	t.Run("R43 only what was captured", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.reserve(at, 500*kr)
		assertCode(t, credit.NotCaptured, d.refund(&z, 1, at))
		require.Nil(t, d.beginCapture(&z, 500*kr, at))
		assertCode(t, credit.NotCaptured, d.refund(&z, 1, at))
		d.refuse(&z)
		assertCode(t, credit.NotCaptured, d.refund(&z, 1, at))
	})
	t.Run("R43 also after the month is closed", func(t *testing.T) {
		t.Parallel()
		d := setup(t, 500*kr)
		z := d.buy(at, 500*kr)
		_, ok := d.close(january)
		require.True(t, ok)
		require.Nil(t, d.refund(&z, 500*kr, later))
	})
}

// Decisions on one account do not see each other: a store may run them again,
// and a dry run leaves no trace.
func TestDecisionsShareNothing(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	d := setup(t, 500*kr)
	kept, dropped := d.reserve(at, 10*kr), d.reserve(at, 20*kr)
	require.Nil(t, d.release(&dropped, at)) // leaves room behind the slice
	request := credit.Request{ID: credit.AuthorizationID{1}, Amount: 30 * kr, At: at, ExpiresAt: at.Add(time.Hour)}
	first, _, _ := d.rules.Authorize(d.account, request)
	request.ID, request.Amount = credit.AuthorizationID{2}, 40*kr
	second, _, _ := d.rules.Authorize(d.account, request)
	require.Len(t, first.Open, 2)
	assert.Equal(t, credit.AuthorizationID{1}, first.Open[1].ID)
	assert.Equal(t, credit.AuthorizationID{2}, second.Open[1].ID)

	captured, _, _ := d.rules.Capture(d.account, kept, 10*kr, at)
	less, _, _ := d.rules.Capture(d.account, kept, 5*kr, at)
	assert.Equal(t, 10*kr, captured.UsedIn(kept.Month))
	assert.Equal(t, 5*kr, less.UsedIn(kept.Month))
	assert.Len(t, d.account.Open, 1)
}

// Account.Used stays small over the years and keeps what is still needed.
func TestUsedKeepsTwoMonthsAndWhatIsOpen(t *testing.T) {
	t.Parallel()
	d := setup(t, 500*kr)
	for m := credit.NewMonth(2026, time.January); m < credit.NewMonth(2028, time.January); m++ {
		d.buy(m.Start(stockholm), credit.Amount(m)*kr/1000)
		require.LessOrEqual(t, len(d.account.Used), 2)
		require.Equal(t, credit.Amount(m)*kr/1000, d.account.UsedIn(m))
	}
	december := credit.NewMonth(2027, time.December)
	z := d.reserve(december.Start(stockholm), 100*kr)
	second := d.reserve(december.Start(stockholm), 100*kr)
	require.Nil(t, d.beginCapture(&z, 100*kr, z.At))
	require.Nil(t, d.beginCapture(&second, 100*kr, z.At))
	kept := d.account.UsedIn(december)
	d.buy((december + 6).Start(stockholm), 10*kr)
	assert.Equal(t, kept, d.account.UsedIn(december), "something is still open there")
	assert.Len(t, d.account.Used, 2)
	d.finishCapture(&z, 100*kr)
	assert.Equal(t, kept+100*kr, d.account.UsedIn(december))
	d.assertDeclined(december.Start(stockholm), 1, credit.MonthClosed)
	d.finishCapture(&second, 100*kr)
	assert.Equal(t, []credit.Usage{{Month: december + 6, Amount: 10 * kr}}, d.account.Used)
}

// The record says what was; the account says whether it still is.
func TestStateOf(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	d := setup(t, 500*kr)
	z := d.reserve(at, 100*kr)
	assert.Equal(t, credit.Pending, d.account.StateOf(z, z.ExpiresAt.Add(-1)))
	assert.Equal(t, credit.Expired, d.account.StateOf(z, z.ExpiresAt), "with nothing having run")
	stale, bought := z, d.buy(at, 100*kr)
	require.Nil(t, d.beginCapture(&z, 100*kr, at))
	assert.Equal(t, credit.Capturing, d.account.StateOf(stale, z.ExpiresAt))
	d.finishCapture(&z, 100*kr)
	assert.Equal(t, credit.Captured, d.account.StateOf(z, at))
	assert.Equal(t, credit.Captured, d.account.StateOf(bought, at))
	assert.Equal(t, credit.Expired, d.account.StateOf(stale, at), "not held any more")
}

func TestStateNames(t *testing.T) {
	t.Parallel()
	for s, want := range map[credit.State]string{
		credit.Pending: "pending", credit.Capturing: "capturing", credit.Captured: "captured",
		credit.Released: "released", credit.Expired: "expired", credit.Declined: "declined", 0: "", 99: "state(99)",
	} {
		assert.Equal(t, want, s.String())
		assert.Equal(t, s == credit.Pending || s == credit.Capturing, s.Open())
	}
}
