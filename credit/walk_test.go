package credit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

// A walk does at random everything that can be done with an account, also with
// a clock that jumps, and checks each step against a model that only adds up
// the records of the authorizations.
type walk struct {
	*desk
	random  *rand.Rand
	now     time.Time
	records []*credit.Authorization
	codes   map[credit.DeclineCode]int
	moves   map[string]int
}

func TestI1_RandomWalk(t *testing.T) {
	t.Parallel()
	const walks, steps = 16, 2_000
	var mu sync.Mutex
	codes, moves := map[credit.DeclineCode]int{}, map[string]int{}
	t.Run("walks", func(t *testing.T) {
		for seed := range uint64(walks) {
			t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
				t.Parallel()
				w := &walk{
					desk: setup(t, 500*kr), random: rand.New(rand.NewPCG(seed, 1)), now: local(t, "2026-01-25 08:00"),
					codes: map[credit.DeclineCode]int{}, moves: map[string]int{},
				}
				w.rules.MaxOpen = 8
				for range steps {
					w.tick()
					w.step()
					w.check()
				}
				w.finish()
				mu.Lock()
				defer mu.Unlock()
				for code, n := range w.codes {
					codes[code] += n
				}
				for move, n := range w.moves {
					moves[move] += n
				}
			})
		}
	})
	for _, code := range []credit.DeclineCode{
		credit.NotPositive, credit.LimitExceeded, credit.NoLimit, credit.AccountFrozen, credit.TooManyOpen,
		credit.MonthClosed, credit.AuthorizationExpired, credit.AuthorizationReleased, credit.AlreadyCaptured,
		credit.CaptureBegun, credit.NotAuthorized, credit.ExceedsAuthorization, credit.NotCaptured, credit.ExceedsCaptured,
	} {
		assert.NotZero(t, codes[code], "the walks came by %s", code)
	}
	assert.Len(t, codes, 14, "no other reason is found here")
	assert.Len(t, moves, 6, "every arrow of the state machine was taken: %v", moves)
}

// tick moves the clock: mostly on, now and then back, over month ends too.
func (w *walk) tick() {
	hours := func(n int64) time.Duration { return time.Duration(w.random.Int64N(n * int64(time.Hour))) }
	switch n := w.random.IntN(100); {
	case n < 85:
		w.now = w.now.Add(hours(1) / 4)
	case n < 93:
		w.now = w.now.Add(hours(24 * 10))
	case n < 99:
		w.now = w.now.Add(-hours(12))
	default:
		w.now = w.now.Add(-hours(24 * 70))
	}
}

func (w *walk) step() {
	switch n := w.random.IntN(100); {
	case n < 45:
		w.stepAuthorize()
	case n < 80:
		w.stepAuthorization()
	case n < 95:
		w.stepLimit()
	case n < 97:
		w.ended(w.expire(w.now), credit.Expired)
	case n < 98:
		released, expired := w.releaseAll(w.now)
		w.ended(expired, credit.Expired)
		w.ended(released, credit.Released)
	default:
		w.stepClose()
	}
}

func (w *walk) stepAuthorize() {
	amount := credit.Amount(w.random.Int64N(int64(w.limit())/3+50*int64(kr))) - 1
	if w.random.IntN(8) == 0 {
		amount = w.limit() - w.committed(w.month()) // exactly what is left, or none
	}
	w.ttl = time.Duration(1+w.random.IntN(40)) * time.Minute
	before := w.account
	z, decline := w.authorize(w.now, amount)
	w.expired() // what had expired is gone, whatever the answer
	committed := w.committed(w.month())
	w.records = append(w.records, &z)
	require.Equal(w.t, w.month(), z.Month)
	require.Equal(w.t, w.limit(), z.Limit)
	if decline == nil {
		require.LessOrEqual(w.t, committed+amount, w.limit(), "I1 at %s", w.now)
		require.Positive(w.t, amount)
		return
	}
	require.Equal(w.t, credit.Declined, z.State)
	w.codes[decline.Code]++
	require.True(w.t, map[credit.DeclineCode]bool{
		credit.NotPositive:   amount <= 0,
		credit.MonthClosed:   w.month() <= w.account.ClosedThrough || w.month() < w.newest()-1,
		credit.AccountFrozen: w.account.Frozen,
		credit.NoLimit:       w.limit() == 0,
		credit.LimitExceeded: committed+amount > w.limit(),
		credit.TooManyOpen:   len(w.account.Open) >= w.rules.MaxOpen,
	}[decline.Code], "%s is not why %s was declined at %s", decline.Code, amount, w.now)
	if decline.Code == credit.LimitExceeded {
		require.Equal(w.t, max(0, w.limit()-committed).Decimal(), decline.Available)
		require.True(w.t, decline.ShortBy.Equal(decline.Amount.Sub(decline.Available)))
		require.True(w.t, decline.ShortBy.IsPositive())
	}
	w.checkPasses(before, amount, decline.PassesAt)
}

// checkPasses claims that a request passes at an instant, and not before, or
// not at all.
func (w *walk) checkPasses(a credit.Account, amount credit.Amount, passes time.Time) {
	passesAt := func(at time.Time) bool {
		_, _, decline := w.rules.Authorize(a, credit.Request{Amount: amount, At: at, ExpiresAt: at.Add(time.Hour)})
		return decline == nil
	}
	until := w.now.AddDate(0, 6, 0)
	if !passes.IsZero() {
		require.True(w.t, passesAt(passes), "%s passes at %s", amount, passes)
		require.False(w.t, passesAt(passes.Add(-1)), "%s passes before %s", amount, passes)
		until = passes
	}
	for range 5 {
		at := w.now.Add(time.Duration(w.random.Int64N(int64(until.Sub(w.now)))))
		require.False(w.t, passesAt(at), "%s passes at %s, before %s", amount, at, passes)
	}
}

// stepAuthorization does something with one of the latest authorizations.
func (w *walk) stepAuthorization() {
	if len(w.records) == 0 {
		return
	}
	latest := w.records[max(0, len(w.records)-12):]
	z := latest[w.random.IntN(len(latest))]
	before := *z
	part := 1 + credit.Amount(w.random.Int64N(int64(max(1, before.Amount)))) - credit.Amount(w.random.IntN(2))
	if w.random.IntN(20) == 0 {
		part = before.Amount + 1
	}
	var decline *credit.Decline
	switch w.random.IntN(8) {
	case 0, 1, 2:
		decline = w.capture(z, part, w.now)
	case 3:
		decline = w.beginCapture(z, part, w.now)
	case 4:
		w.finishCapture(z, max(1, min(part, before.Amount)))
	case 5:
		w.refuse(z)
	case 6:
		decline = w.release(z, w.now)
	case 7:
		decline = w.refund(z, part, w.now)
		require.LessOrEqual(w.t, z.Refunded, z.Captured, "R43")
	}
	if decline != nil {
		w.codes[decline.Code]++
	}
	w.moved(before.State, z.State)
	require.LessOrEqual(w.t, z.Captured, max(0, z.Amount))
	if z.Captured > before.Captured {
		for _, u := range w.account.Used {
			open := slices.ContainsFunc(w.account.Open, func(h credit.Reservation) bool { return h.Month == u.Month })
			require.True(w.t, open || u.Month >= w.newest()-1, "%s is not needed any more", u.Month)
		}
	}
	if before.State == credit.Pending && z.State == credit.Captured {
		require.True(w.t, w.now.Before(z.ExpiresAt), "R27")
		require.Greater(w.t, z.Month, w.account.ClosedThrough, "R35")
	}
}

func (w *walk) stepLimit() {
	amount := credit.Amount(w.random.Int64N(int64(900 * kr)))
	var err error
	switch w.random.IntN(16) {
	case 0:
		w.account = w.account.RemoveLimit()
	case 1:
		w.account.Frozen = true
	case 2, 3:
		w.account.Ceiling = amount * credit.Amount(w.random.IntN(2))
	case 4, 5:
		w.account.Maximum = amount * credit.Amount(w.random.IntN(2))
	case 6, 7, 8:
		w.account, err = w.rules.SetRaise(w.account, credit.Raise{Limit: amount, Until: w.now.Add(time.Duration(w.random.IntN(72)) * time.Hour)}, w.now)
	case 9:
		w.account.Raise = credit.Raise{}
	default:
		w.account.Frozen = false
		w.account, err = w.rules.SetLimit(w.account, amount)
	}
	if err != nil {
		require.ErrorIs(w.t, err, credit.ErrLimit)
	}
}

func (w *walk) stepClose() {
	m := w.month() - 1 - credit.Month(w.random.IntN(3))
	blocked := slices.ContainsFunc(w.records, func(z *credit.Authorization) bool { return z.State == credit.Capturing && z.Month <= m })
	expired, ok := w.close(m)
	require.Equal(w.t, !blocked, ok, "R35")
	w.ended(expired, credit.Expired)
	if ok {
		require.GreaterOrEqual(w.t, w.account.ClosedThrough, m)
	}
}

// moved checks that an authorization went along an arrow, and only forward.
func (w *walk) moved(from, to credit.State) {
	if from == to {
		return
	}
	legal := map[credit.State][]credit.State{
		credit.Pending:   {credit.Captured, credit.Capturing, credit.Released, credit.Expired},
		credit.Capturing: {credit.Captured, credit.Released},
	}
	require.Contains(w.t, legal[from], to, "from %s", from)
	w.moves[from.String()+"→"+to.String()]++
}

func (w *walk) ended(ids []credit.AuthorizationID, state credit.State) {
	for _, id := range ids {
		i := slices.IndexFunc(w.records, func(z *credit.Authorization) bool { return z.ID == id })
		w.moved(w.records[i].State, state)
		w.records[i].State = state
	}
}

// expired ends the records whose deadline has passed.
func (w *walk) expired() {
	for _, z := range w.records {
		if z.State == credit.Pending && !w.now.Before(z.ExpiresAt) {
			w.moved(z.State, credit.Expired)
			z.State = credit.Expired
		}
	}
}

func (w *walk) month() credit.Month { return credit.MonthOf(w.now, stockholm) }

// limit is the limit in force, spelled out.
func (w *walk) limit() credit.Amount {
	limit := w.account.Limit
	if w.now.Before(w.account.Raise.Until) && w.account.Raise.Limit > limit {
		limit = w.account.Raise.Limit
	}
	for _, m := range []credit.Amount{w.account.Ceiling, w.account.Maximum, w.rules.Maximum} {
		if m > 0 && limit > m {
			limit = m
		}
	}
	return limit
}

// used is what the records say was bought in a month, committed what else is
// held.
func (w *walk) used(m credit.Month) (sum credit.Amount) {
	for _, z := range w.records {
		if z.Month == m {
			sum += z.Captured - z.Refunded
		}
	}
	return sum
}

func (w *walk) committed(m credit.Month) credit.Amount {
	sum := w.used(m)
	for _, z := range w.records {
		if z.Month == m && z.State.Open() {
			sum += z.Amount
		}
	}
	return sum
}

// newest is the newest month in which anything was bought.
func (w *walk) newest() (m credit.Month) {
	for _, z := range w.records {
		if z.State == credit.Captured {
			m = max(m, z.Month)
		}
	}
	return m
}

// check claims that the account knows what the records say.
func (w *walk) check() {
	held := map[credit.AuthorizationID]credit.Reservation{}
	months := map[credit.Month]bool{w.newest(): true, w.newest() - 1: true}
	for _, h := range w.account.Open {
		held[h.ID] = h
		months[h.Month] = true
	}
	require.Len(w.t, held, len(w.account.Open), "each held once")
	open := 0
	for _, z := range w.records {
		if !z.State.Open() {
			continue
		}
		open++
		require.Equal(w.t, credit.Reservation{
			ID: z.ID, Month: z.Month, Amount: z.Amount, ExpiresAt: z.ExpiresAt, Capturing: z.State == credit.Capturing,
		}, held[z.ID])
	}
	require.Len(w.t, held, open, "nothing else is held")

	for m := range months {
		require.Equal(w.t, w.used(m), w.account.UsedIn(m), "used in %s", m)
	}
	var last credit.Month
	for _, u := range w.account.Used {
		require.Greater(w.t, u.Month, last, "in ascending order")
		last = u.Month
	}
	require.Equal(w.t, w.newest(), last)
	w.checkAvailable()
}

// checkAvailable claims that what is available is what can be bought for, to
// the öre.
func (w *walk) checkAvailable() {
	thawed, rules, available := w.account, w.rules, w.available(w.now)
	thawed.Frozen, rules.MaxOpen = false, 0
	passes := func(amount credit.Amount) bool {
		_, _, decline := rules.Authorize(thawed, credit.Request{Amount: amount, At: w.now, ExpiresAt: w.now.Add(time.Hour)})
		return decline == nil
	}
	require.GreaterOrEqual(w.t, available, credit.Amount(0), "R21")
	require.False(w.t, passes(available+1), "more than is available, at %s", w.now)
	require.True(w.t, available == 0 || passes(available), "what is available, at %s", w.now)
}

// finish lets everything come to its end.
func (w *walk) finish() {
	for _, z := range w.records {
		if before := z.State; before == credit.Capturing {
			if w.random.IntN(2) == 0 {
				w.finishCapture(z, z.Amount)
			} else {
				w.refuse(z)
			}
			w.moved(before, z.State)
		}
	}
	w.ended(w.expire(w.now.AddDate(1, 0, 0)), credit.Expired)
	w.check()
	require.Empty(w.t, w.account.Open)
	for _, z := range w.records {
		require.False(w.t, z.State.Open(), "each has ended")
	}
}
