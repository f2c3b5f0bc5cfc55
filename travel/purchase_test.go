package travel_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR26_WhatIsChosenBeforePayment(t *testing.T) {
	t.Parallel()
	k := setup(t, func(c *travel.Config) { c.Sellers = []string{"skane"} })
	anna := k.traveler(annas, "500")
	stated := func(net, vat string) func(*travel.Ticket) {
		return func(tk *travel.Ticket) { tk.Stated = &travel.StatedVAT{Net: kr(net), VAT: kr(vat)} }
	}
	for field, spoil := range map[string]func(*travel.Ticket){
		"Tickets[0].Product":     func(tk *travel.Ticket) { tk.Product = "" },
		"Tickets[0].Category":    func(tk *travel.Ticket) { tk.Category = "" },
		"Tickets[0].Zones":       func(tk *travel.Ticket) { tk.Zones = nil },
		"Tickets[0].Gross":       func(tk *travel.Ticket) { tk.Gross = kr("10.001") },
		"Tickets[0].VATRate":     func(tk *travel.Ticket) { tk.VATRate = -1 },
		"Tickets[0].VATCategory": func(tk *travel.Ticket) { tk.VATCategory = "Q" },
		"Tickets[0].Stated":      stated("9", "2"),
		"Tickets[0].ProductName": func(tk *travel.Ticket) { tk.ProductName = "a\x00b" },
		"Tickets[0].Region":      func(tk *travel.Ticket) { tk.Region = strings.Repeat("å", 201) },
	} {
		tk := ticket("10")
		spoil(&tk)
		_, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Key: k.key(), Tickets: []travel.Ticket{tk}})
		var e *travel.InputError
		require.ErrorAs(t, err, &e, field)
		assert.Equal(t, field, e.Field)
	}
	for field, tk := range map[string]travel.Ticket{"Tickets[0].Stated": ticket("106"), "Tickets[0].Seller": ticket("10")} {
		tk.Seller = "okänd"
		tk.Stated = &travel.StatedVAT{Net: kr("99.50"), VAT: kr("6.50")}
		if field == "Tickets[0].Seller" {
			tk.Stated = nil
		}
		_, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Key: k.key(), Tickets: []travel.Ticket{tk}})
		require.ErrorContains(t, err, field)
	}
	for _, price := range []string{"0", "-1", "1e40"} {
		_, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Key: k.key(), Tickets: []travel.Ticket{ticket(price)}})
		require.ErrorIs(t, err, travel.ErrInvalid, price)
	}
	for _, none := range [][]travel.Ticket{nil, make([]travel.Ticket, 101)} {
		_, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Key: k.key(), Tickets: none})
		require.ErrorIs(t, err, travel.ErrInvalid)
	}
	assert.Equal(t, "500.00", k.available(anna), "bad input changes nothing")

	t.Run("R26 a departure instead of zones, and used later", func(t *testing.T) {
		tk := ticket("10")
		tk.Zones, tk.From, tk.To, tk.ValidFrom = nil, "Nässjö", "København H", january.End(k.zone).AddDate(0, 0, 3)
		tk.VATRate, tk.VATCategory, tk.VATReason = 0, "E", "utrikes"
		r, err := k.Purchase(k.ctx, travel.PurchaseRequest{Holder: anna, Key: k.key(), Tickets: []travel.Ticket{tk}, Purpose: "Möte"})
		require.NoError(t, err)
		require.Nil(t, r.Decline)
		entries := k.entries(january)
		require.Len(t, entries, 1, "later changes nothing: the month is that of the purchase")
		assert.Equal(t, tk, entries[0].Ticket)
	})
}

func TestR28_WithoutAPurposeNoPurchase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	open := k.authorize(anna, "100")
	for _, bad := range []string{"", " ", "\u00a0\u2003\t\n", "\u200b\u200d", "\u2800", "\u3164", "\u0301", "a\x00", "\xff", strings.Repeat("å", 201)} {
		_, err := k.Capture(k.ctx, travel.CaptureRequest{Holder: anna, Key: k.key(), Authorization: open.Authorization, Purpose: bad})
		require.ErrorIs(t, err, travel.ErrInvalid, "%q", bad)
		assert.ErrorContains(t, err, "Purpose")
		_, err = k.Purchase(k.ctx, travel.PurchaseRequest{Holder: anna, Key: k.key(), Tickets: []travel.Ticket{ticket("1")}, Purpose: bad})
		require.ErrorIs(t, err, travel.ErrInvalid, "%q", bad)
	}
	assert.Equal(t, "400.00", k.available(anna), "the reservation is still there")
	typed := "  Utbildning i Stadshuset 🚆\n"
	_, err := k.Capture(k.ctx, travel.CaptureRequest{Holder: anna, Key: k.key(), Authorization: open.Authorization, Purpose: typed})
	require.NoError(t, err)
	assert.Equal(t, typed, k.entries(january)[0].Personal.Purpose, "kept as typed")
}

func TestR29R37_DepartmentAndNameAreThoseAtThePurchase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Skolan"})
	require.NoError(t, err)
	second, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Vården"})
	require.NoError(t, err)
	id := k.add(annas, travel.TravelerDetails{FirstName: "Anna", LastName: "Andersson", EmployeeNumber: "1", Department: first.ID})
	k.connect(id, "500")
	anna := k.activate(annas, "phone")
	open := k.authorize(anna, "100")
	moved := travel.TravelerDetails{FirstName: "Anna", LastName: "Andersson", EmployeeNumber: "1", Department: second.ID}
	require.NoError(t, k.UpdateTraveler(k.ctx, k.admin, k.company, id, moved))
	require.Nil(t, k.capture(anna, open.Authorization).Decline)
	moved.LastName = "Berg"
	require.NoError(t, k.UpdateTraveler(k.ctx, k.admin, k.company, id, moved))
	require.NoError(t, k.UpdateDepartment(k.ctx, k.admin, k.company, first.ID, travel.DepartmentDetails{Name: "Utbildning"}))
	e := k.entries(january)[0]
	assert.Equal(t, first.ID, e.Department)
	assert.Equal(t, "Skolan", e.DepartmentName)
	assert.Equal(t, "Anna Andersson", e.Personal.Name)
	assert.Equal(t, "1", e.Personal.EmployeeNumber)
}

func TestR42_TheSameRequestTwiceIsOnePurchase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	req := travel.AuthorizeRequest{Holder: anna, Key: "a", Tickets: []travel.Ticket{ticket("300")}}
	first, err := k.Authorize(k.ctx, req)
	require.NoError(t, err)
	k.clock.Add(time.Minute)
	again, err := k.Authorize(k.ctx, req)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Equal(t, "200.00", k.available(anna))

	t.Run("R42 also when the answer was a decline", func(t *testing.T) {
		req := travel.AuthorizeRequest{Holder: anna, Key: "b", Tickets: []travel.Ticket{ticket("201")}}
		no, err := k.Authorize(k.ctx, req)
		require.NoError(t, err)
		declined(t, credit.LimitExceeded, no.Decline)
		require.NoError(t, k.SetLimit(k.ctx, k.admin, k.company, anna.Method.Traveler, kr("1000")))
		again, err := k.Authorize(k.ctx, req)
		require.NoError(t, err)
		assert.Equal(t, no, again)
		req.Key = "c"
		yes, err := k.Authorize(k.ctx, req)
		require.NoError(t, err)
		assert.Nil(t, yes.Decline, "after a raise the app uses a new key")
	})
	t.Run("R42 the same key with another content is an error", func(t *testing.T) {
		for name, change := range map[string]func(*travel.AuthorizeRequest){
			"price":  func(r *travel.AuthorizeRequest) { r.Tickets = []travel.Ticket{ticket("300.01")} },
			"device": func(r *travel.AuthorizeRequest) { r.Holder.Device = "x" },
			"zone": func(r *travel.AuthorizeRequest) {
				r.Tickets = []travel.Ticket{ticket("300")}
				r.Tickets[0].Zones = []string{"Jönk", "öping"}
			},
		} {
			other := req
			change(&other)
			_, err := k.Authorize(k.ctx, other)
			assert.ErrorIs(t, err, travel.ErrKeyReused, name)
		}
	})
	t.Run("R42 capture and purchase", func(t *testing.T) {
		cr := travel.CaptureRequest{Holder: anna, Key: "a", Authorization: first.Authorization, Purpose: "Möte"}
		one, err := k.Capture(k.ctx, cr)
		require.NoError(t, err, "keys are unique per operation")
		two, err := k.Capture(k.ctx, cr)
		require.NoError(t, err)
		assert.Equal(t, one, two)
		cr.Purpose = "Annat"
		_, err = k.Capture(k.ctx, cr)
		require.ErrorIs(t, err, travel.ErrKeyReused)
		cr.Key = "other"
		d, err := k.Capture(k.ctx, cr)
		require.NoError(t, err)
		declined(t, credit.AlreadyCaptured, d.Decline)

		pr := travel.PurchaseRequest{Holder: anna, Key: "p", Tickets: []travel.Ticket{ticket("20")}, Purpose: "Möte"}
		one, err = k.Purchase(k.ctx, pr)
		require.NoError(t, err)
		two, err = k.Purchase(k.ctx, pr)
		require.NoError(t, err)
		assert.Equal(t, one, two)
		assert.Len(t, k.entries(january), 2)
	})
	for _, bad := range []string{"", strings.Repeat("k", 256), "a\nb"} {
		_, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Key: bad, Tickets: []travel.Ticket{ticket("1")}})
		require.ErrorIs(t, err, travel.ErrInvalid, "%q", bad)
	}
}

func TestCaptureLess(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	r, err := k.Authorize(k.ctx, travel.AuthorizeRequest{
		Holder: anna, Key: k.key(), Tickets: []travel.Ticket{ticket("100"), ticket("50"), ticket("30")},
	})
	require.NoError(t, err)
	capture := func(amounts ...string) (travel.PurchaseResult, error) {
		req := travel.CaptureRequest{Holder: anna, Key: k.key(), Authorization: r.Authorization, Purpose: "Möte"}
		for _, a := range amounts {
			req.Amounts = append(req.Amounts, kr(a))
		}
		return k.Capture(k.ctx, req)
	}
	for _, bad := range [][]string{{"100"}, {"0", "0", "0"}, {"-1", "1", "1"}, {"1.001", "1", "1"}} {
		_, err := capture(bad...)
		require.ErrorIs(t, err, travel.ErrInvalid, bad)
	}
	more, err := capture("90", "50.01", "0")
	require.NoError(t, err)
	declined(t, credit.ExceedsAuthorization, more.Decline)
	less, err := capture("100", "40", "0")
	require.NoError(t, err)
	require.Nil(t, less.Decline)
	assert.Equal(t, "140.00", less.Amount.StringFixed(2))
	assert.Equal(t, "360.00", k.available(anna), "what was reserved beyond it is free")
	assert.Len(t, k.entries(january), 2)
}

func TestDryRunDecidesAndSavesNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	for range 2 {
		yes, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Tickets: []travel.Ticket{ticket("300")}, DryRun: true})
		require.NoError(t, err)
		require.Nil(t, yes.Decline)
		assert.Equal(t, "200.00", yes.Available.StringFixed(2))
		assert.True(t, yes.Authorization.IsZero())
	}
	assert.Equal(t, "500.00", k.available(anna))
}

func TestR43_RefundsInParts(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	bought := k.buy(anna, "100")
	refund := func(amounts ...string) (travel.RefundResult, error) {
		req := travel.RefundRequest{Company: k.company, Key: k.key(), Authorization: bought.Authorization}
		for _, a := range amounts {
			req.Amounts = append(req.Amounts, kr(a))
		}
		return k.Refund(k.ctx, k.operator, req)
	}
	_, err := k.Refund(k.ctx, k.admin, travel.RefundRequest{Company: k.company, Key: "x", Authorization: bought.Authorization})
	require.ErrorIs(t, err, travel.ErrForbidden)

	r, err := refund("33.33")
	require.NoError(t, err)
	require.Nil(t, r.Decline)
	assert.Equal(t, january, r.Billing)
	assert.Equal(t, "433.33", k.available(anna), "the amount used is lowered")
	r, err = refund("66.68")
	require.NoError(t, err)
	declined(t, credit.ExceedsCaptured, r.Decline)

	k.clock.Set(january.End(k.zone).Add(time.Hour))
	r, err = refund("6.67")
	require.NoError(t, err)
	assert.Equal(t, january, r.Billing, "netted until the month is closed")
	assert.Equal(t, "500.00", k.available(anna), "no other month")
	r, err = refund()
	require.NoError(t, err)
	assert.Equal(t, "60.00", r.Amount.StringFixed(2), "what is left")
	r, err = refund()
	require.NoError(t, err)
	declined(t, credit.ExceedsCaptured, r.Decline)

	var sum credit.Amount
	for _, e := range k.entries(january) {
		sum += e.Signed()
		if e.Kind == travel.EntryRefund {
			assert.Equal(t, credit.Amount(10000), e.OfGross)
		}
	}
	assert.Zero(t, sum)
	open := k.authorize(anna, "10")
	bought.Authorization = open.Authorization
	r, err = refund()
	require.NoError(t, err)
	declined(t, credit.NotCaptured, r.Decline)
}

func TestR33_InsightComesTheMonthAfter(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	seen := func() (n int) {
		for _, err := range k.Purchases(k.ctx, k.admin, k.company, january) {
			require.NoError(t, err)
			n++
		}
		return n
	}
	usedUp := func() bool {
		v, err := k.Traveler(k.ctx, k.admin, k.company, anna.Method.Traveler)
		require.NoError(t, err)
		return v.UsedUp
	}
	require.Nil(t, k.buy(anna, "499").Decline)
	assert.False(t, usedUp())
	require.Nil(t, k.buy(anna, "1").Decline)
	assert.True(t, usedUp(), "that the limit is used up may be said")
	assert.Zero(t, seen())
	require.NoError(t, k.SetEarlyInsight(k.ctx, k.operator, k.company, true))
	assert.Equal(t, 2, seen())
	require.NoError(t, k.SetEarlyInsight(k.ctx, k.operator, k.company, false))
	require.NoError(t, k.store.Update(k.ctx, func(tx travel.Tx) error {
		c, err := tx.Company(k.ctx, k.company)
		if err != nil {
			return err
		}
		c.ClosedThrough = january
		return tx.SaveCompany(k.ctx, c)
	}))
	assert.Equal(t, 2, seen())
}

func TestR40_ATravelerReachesTheOwnAccountOnly(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	bo := k.traveler("070-000 00 02", "500")
	open := k.authorize(anna, "100")
	thief := bo
	thief.Method.Traveler = anna.Method.Traveler
	declined(t, credit.NotConnected, k.authorize(thief, "1").Decline)
	thief = anna
	thief.Number = bo.Number
	declined(t, credit.OtherNumber, k.authorize(thief, "1").Decline)
	_, err := k.Balance(k.ctx, thief)
	require.ErrorIs(t, err, travel.ErrNotFound)
	_, err = k.Capture(k.ctx, travel.CaptureRequest{Holder: bo, Key: k.key(), Authorization: open.Authorization, Purpose: "x"})
	require.ErrorIs(t, err, travel.ErrNotFound)
	_, err = k.Release(k.ctx, travel.ReleaseRequest{Holder: bo, Key: k.key(), Authorization: open.Authorization})
	require.ErrorIs(t, err, travel.ErrNotFound)
	stranger, _ := k.newCompany("Annan")
	_, err = k.Refund(k.ctx, k.operator, travel.RefundRequest{Company: stranger, Key: k.key(), Authorization: open.Authorization})
	require.ErrorIs(t, err, travel.ErrNotFound)
	parsed, err := travel.ParsePaymentMethod(anna.Method.String())
	require.NoError(t, err)
	assert.Equal(t, anna.Method, parsed)
	for _, bad := range []string{"", "a.b.c", anna.Method.String() + "."} {
		_, err = travel.ParsePaymentMethod(bad)
		require.ErrorIs(t, err, travel.ErrInvalid)
	}
}

func TestOneNumberOneMonthManyTickets(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	for i := range 20 {
		require.Nil(t, k.authorize(anna, "1").Decline, i)
	}
	declined(t, credit.TooManyOpen, k.authorize(anna, "1").Decline)
}

func TestCancelledContextChangesNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	_, err := k.Authorize(ctx, travel.AuthorizeRequest{Holder: anna, Key: "k", Tickets: []travel.Ticket{ticket("1")}})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "500.00", k.available(anna))
}

func TestConfigNamesTheField(t *testing.T) {
	t.Parallel()
	k := setup(t)
	good := travel.Config{Store: k.store, Keys: k.keys}
	for field, spoil := range map[string]func(*travel.Config){
		"Config.Store":          func(c *travel.Config) { c.Store = nil },
		"Config.Keys":           func(c *travel.Config) { c.Keys = nil },
		"Config.Maximum":        func(c *travel.Config) { c.Maximum = decimal.NewFromInt(-1) },
		"Config.ReservationTTL": func(c *travel.Config) { c.ReservationTTL = 25 * time.Hour },
		"Config.CodeDays":       func(c *travel.Config) { c.CodeDays = -1 },
	} {
		c := good
		spoil(&c)
		_, err := travel.New(c)
		var e *travel.InputError
		require.ErrorAs(t, err, &e, field)
		assert.Equal(t, field, e.Field)
	}
	_, err := travel.New(good)
	require.NoError(t, err)
}

func TestErrorsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&travel.InputError{Field: "Number", Value: "+4670*****67", Err: errors.New("x")},
		&travel.DuplicateError{Field: "Number"},
	} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "701234567")
	}
}

func TestR28R44_APurposeIsNoPersonalIdentityNumber(t *testing.T) {
	t.Parallel()
	k := setup(t)
	holder := k.traveler(annas, "500")
	for _, purpose := range []string{"möte med 811218-9876", "198112189876"} {
		_, err := k.Purchase(k.ctx, travel.PurchaseRequest{Holder: holder, Key: k.key(), Tickets: []travel.Ticket{ticket("10")}, Purpose: purpose})
		var input *travel.InputError
		require.ErrorAs(t, err, &input)
		assert.Equal(t, "Purpose", input.Field)
		assert.NotContains(t, err.Error(), "9876", "the number is not repeated")
	}
	_, err := k.Purchase(k.ctx, travel.PurchaseRequest{Holder: holder, Key: k.key(), Tickets: []travel.Ticket{ticket("10")}, Purpose: "Möte 2026-01-13"})
	require.NoError(t, err)
}
