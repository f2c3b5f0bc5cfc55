package travel_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func withProvider(p *memory.Provider) func(*travel.Config) {
	return func(c *travel.Config) { c.Provider = p }
}

func TestProviderApproves(t *testing.T) {
	t.Parallel()
	p := new(memory.Provider)
	k := setup(t, withProvider(p))
	anna := k.traveler(annas, "500")
	open := k.authorize(anna, "100")
	assert.Empty(t, p.Charged(), "asked at capture, not before")
	require.Nil(t, k.capture(anna, open.Authorization).Decline)
	require.Nil(t, k.buy(anna, "50").Decline)
	require.Len(t, p.Charged(), 2)
	assert.Equal(t, open.Authorization, p.Charged()[0].ID)
	assert.Len(t, k.entries(january), 2)
	assert.Equal(t, "350.00", k.available(anna))
}

func TestProviderRefusesIsADeclineThatFreesTheCredit(t *testing.T) {
	t.Parallel()
	p := new(memory.Provider)
	k := setup(t, withProvider(p))
	anna := k.traveler(annas, "500")
	open := k.authorize(anna, "100")
	p.Next(memory.Refuse("no_cover"))
	req := travel.CaptureRequest{Holder: anna, Key: "c", Authorization: open.Authorization, Purpose: "Möte"}
	for range 2 {
		r, err := k.Capture(k.ctx, req)
		require.NoError(t, err)
		declined(t, credit.ProviderRefused, r.Decline)
		assert.Equal(t, "no_cover", r.Decline.Detail)
	}
	assert.Equal(t, 1, p.Calls())
	assert.Equal(t, "500.00", k.available(anna))
	assert.Empty(t, k.entries(january))
}

// A purchase that the provider is silent about is neither lost nor made twice,
// whether the charge was made or not.
func TestProviderSilence(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]memory.Outcome{"silent": memory.Silent(), "dies after the charge": memory.Die()} {
		for _, oneStep := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := new(memory.Provider)
				k := setup(t, withProvider(p))
				anna := k.traveler(annas, "500")
				send := func() (travel.PurchaseResult, error) {
					return k.Purchase(k.ctx, travel.PurchaseRequest{Holder: anna, Key: "k", Tickets: []travel.Ticket{ticket("100")}, Purpose: "Möte"})
				}
				if !oneStep {
					open := k.authorize(anna, "100")
					send = func() (travel.PurchaseResult, error) {
						return k.Capture(k.ctx, travel.CaptureRequest{Holder: anna, Key: "k", Authorization: open.Authorization, Purpose: "Möte"})
					}
				}
				p.Next(outcome, outcome)
				for range 2 {
					_, err := send()
					require.ErrorIs(t, err, travel.ErrPaymentPending)
				}
				k.clock.Add(48 * time.Hour)
				assert.Equal(t, "400.00", k.available(anna), "it does not expire")
				require.NoError(t, k.RemoveLimit(k.ctx, k.admin, k.company, anna.Method.Traveler), "R23 not released: its capture has begun")
				require.ErrorIs(t, k.Erase(k.ctx, k.admin, k.company, anna.Method.Traveler), travel.ErrConflict)

				n, err := k.DrivePayments(k.ctx)
				require.NoError(t, err)
				assert.Equal(t, 1, n)
				r, err := send()
				require.NoError(t, err)
				require.Nil(t, r.Decline, "repeating the key tells how it ended")
				assert.Len(t, p.Charged(), 1)
				assert.Len(t, k.entries(january), 1)
				n, err = k.DrivePayments(k.ctx)
				require.NoError(t, err)
				assert.Zero(t, n)
			})
		}
	}
}

func TestProviderWhileBeingAskedNothingElseCaptures(t *testing.T) {
	t.Parallel()
	p := new(memory.Provider)
	k := setup(t, withProvider(p))
	anna := k.traveler(annas, "500")
	open := k.authorize(anna, "100")
	p.Next(memory.Silent())
	_, err := k.Capture(k.ctx, travel.CaptureRequest{Holder: anna, Key: "1", Authorization: open.Authorization, Purpose: "Möte"})
	require.ErrorIs(t, err, travel.ErrPaymentPending)
	declined(t, credit.CaptureBegun, k.capture(anna, open.Authorization).Decline)
	r, err := k.Release(k.ctx, travel.ReleaseRequest{Holder: anna, Key: "2", Authorization: open.Authorization})
	require.NoError(t, err)
	declined(t, credit.CaptureBegun, r.Decline)
	_, err = k.DrivePayments(k.ctx)
	require.NoError(t, err)
}

func TestProviderRefunds(t *testing.T) {
	t.Parallel()
	p := new(memory.Provider)
	k := setup(t, withProvider(p))
	anna := k.traveler(annas, "500")
	bought := k.buy(anna, "100")
	req := travel.RefundRequest{Company: k.company, Key: "r", Authorization: bought.Authorization}
	p.Next(memory.Die())
	_, err := k.Refund(k.ctx, k.operator, req)
	require.ErrorIs(t, err, travel.ErrPaymentPending)
	assert.Equal(t, "400.00", k.available(anna))
	second := req
	second.Key = "r2"
	r, err := k.Refund(k.ctx, k.operator, second)
	require.NoError(t, err)
	declined(t, credit.ExceedsCaptured, r.Decline)
	r, err = k.Refund(k.ctx, k.operator, req)
	require.NoError(t, err)
	require.Nil(t, r.Decline)
	assert.Equal(t, january, r.Billing)
	assert.Len(t, p.Refunded(), 1)
	assert.Equal(t, "500.00", k.available(anna))

	refused := k.buy(anna, "70")
	p.Next(memory.Refuse("too_late"))
	again := travel.RefundRequest{Company: k.company, Key: "r3", Authorization: refused.Authorization}
	for range 2 {
		r, err = k.Refund(k.ctx, k.operator, again)
		require.NoError(t, err)
		declined(t, credit.ProviderRefused, r.Decline)
	}
	assert.Equal(t, "430.00", k.available(anna))
}

func TestBoundServiceAsksNoProvider(t *testing.T) {
	t.Parallel()
	p := new(memory.Provider)
	k := setup(t, withProvider(p))
	anna := k.traveler(annas, "500")
	_, err := k.In(k.store).Purchase(k.ctx, travel.PurchaseRequest{Holder: anna, Key: "k", Tickets: []travel.Ticket{ticket("1")}, Purpose: "x"})
	require.ErrorIs(t, err, travel.ErrConflict)
	assert.Zero(t, p.Calls())
	open, err := k.In(k.store).Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Key: "k", Tickets: []travel.Ticket{ticket("1")}})
	require.NoError(t, err)
	assert.Nil(t, open.Decline)
}
