package credit_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

// kr is one krona in öre.
const kr credit.Amount = 100

var stockholm = location("Europe/Stockholm")

func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// local reads an instant in Stockholm's wall-clock time: 2026-01-31 23:59.
func local(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", s+":00"[:max(0, 19-len(s))], stockholm)
	require.NoError(t, err)
	return at.UTC()
}

// desk runs decisions on one account, one after the other, and sees to it that
// none of them changes what it was given.
type desk struct {
	t       testing.TB
	rules   credit.Rules
	account credit.Account
	ttl     time.Duration
	last    uint64
}

func setup(t testing.TB, limit credit.Amount) *desk {
	return &desk{
		t: t, account: credit.Account{Limit: limit}, ttl: 15 * time.Minute,
		rules: credit.Rules{Zone: stockholm, Maximum: 15_000 * kr},
	}
}

func (d *desk) id() (v credit.AuthorizationID) {
	d.last++
	binary.BigEndian.PutUint64(v[8:], d.last)
	return v
}

// pure calls decide and fails if that changed the account it was given, by way
// of a slice that both hold.
func (d *desk) pure(decide func()) {
	d.t.Helper()
	before := d.account
	used, open := slices.Clone(before.Used), slices.Clone(before.Open)
	decide()
	require.True(d.t, slices.Equal(used, before.Used) && slices.Equal(open, before.Open), "the decision changed its input")
}

func (d *desk) authorize(at time.Time, amount credit.Amount) (z credit.Authorization, decline *credit.Decline) {
	d.t.Helper()
	d.pure(func() {
		d.account, z, decline = d.rules.Authorize(d.account, credit.Request{ID: d.id(), Amount: amount, At: at, ExpiresAt: at.Add(d.ttl)})
	})
	return z, decline
}

func (d *desk) capture(z *credit.Authorization, amount credit.Amount, at time.Time) (decline *credit.Decline) {
	d.t.Helper()
	d.pure(func() { d.account, *z, decline = d.rules.Capture(d.account, *z, amount, at) })
	return decline
}

func (d *desk) beginCapture(z *credit.Authorization, amount credit.Amount, at time.Time) (decline *credit.Decline) {
	d.t.Helper()
	d.pure(func() { d.account, *z, decline = d.rules.BeginCapture(d.account, *z, amount, at) })
	return decline
}

func (d *desk) finishCapture(z *credit.Authorization, amount credit.Amount) {
	d.t.Helper()
	d.pure(func() { d.account, *z = d.rules.FinishCapture(d.account, *z, amount) })
}

func (d *desk) refuse(z *credit.Authorization) {
	d.t.Helper()
	d.pure(func() { d.account, *z = d.rules.Refuse(d.account, *z) })
}

func (d *desk) release(z *credit.Authorization, at time.Time) (decline *credit.Decline) {
	d.t.Helper()
	d.pure(func() { d.account, *z, decline = d.rules.Release(d.account, *z, at) })
	return decline
}

func (d *desk) releaseAll(at time.Time) (released, expired []credit.AuthorizationID) {
	d.t.Helper()
	d.pure(func() { d.account, released, expired = d.rules.ReleaseAll(d.account, at) })
	return released, expired
}

func (d *desk) expire(at time.Time) (expired []credit.AuthorizationID) {
	d.t.Helper()
	d.pure(func() { d.account, expired = d.rules.Expire(d.account, at) })
	return expired
}

func (d *desk) refund(z *credit.Authorization, amount credit.Amount, at time.Time) (decline *credit.Decline) {
	d.t.Helper()
	d.pure(func() { d.account, *z, decline = d.rules.Refund(d.account, *z, amount, at) })
	return decline
}

func (d *desk) close(m credit.Month) (expired []credit.AuthorizationID, ok bool) {
	d.t.Helper()
	d.pure(func() { d.account, expired, ok = d.rules.Close(d.account, m) })
	return expired, ok
}

// reserve authorizes what must be authorized.
func (d *desk) reserve(at time.Time, amount credit.Amount) credit.Authorization {
	d.t.Helper()
	z, decline := d.authorize(at, amount)
	require.Nil(d.t, decline)
	require.Equal(d.t, credit.Pending, z.State)
	return z
}

// buy authorizes and captures what must pass.
func (d *desk) buy(at time.Time, amount credit.Amount) credit.Authorization {
	d.t.Helper()
	z := d.reserve(at, amount)
	require.Nil(d.t, d.capture(&z, amount, at))
	return z
}

// assertDeclined claims that a purchase is declined for a reason, and whole.
func (d *desk) assertDeclined(at time.Time, amount credit.Amount, code credit.DeclineCode) {
	d.t.Helper()
	before := d.rules.Balance(d.account, at)
	z, decline := d.authorize(at, amount)
	require.NotNil(d.t, decline)
	assert.Equal(d.t, code, decline.Code)
	assert.Equal(d.t, credit.Declined, z.State)
	assert.Equal(d.t, before, d.rules.Balance(d.account, at), "a decline holds nothing")
}

func (d *desk) available(at time.Time) credit.Amount {
	return d.rules.Balance(d.account, at).Available
}
