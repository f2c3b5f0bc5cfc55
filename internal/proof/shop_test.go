package proof

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// shop is a company whose travelers buy: the service, and beside it the model.
// Each action does the same to both and compares the answers.
type shop struct {
	*world
	firm   firm
	maxima maxima
	people []*account
	// gone are travelers that were erased.
	gone []*account
	// bought finds the model of an authorization.
	bought map[travel.AuthorizationID]*buy
	tally  *tally
	past   []request
	// variety sells tickets of all kinds, and not only single ones.
	variety bool
	// closed is the last month that is closed.
	closed month
	bills  *invoice.Service
	// reference and street are what the company says for its invoices.
	reference, street string
}

// operatorMaximum is the one of R17, in öre.
const operatorMaximum = 1_500_000

// newShop returns a shop with a few travelers who can buy.
func newShop(t *rapid.T, c *tally, configure ...func(*travel.Config)) *shop {
	configure = append(configure, func(c *travel.Config) { c.MaxOpen = maxOpen })
	s := &shop{
		world: newWorld(t, beginning(t), configure...), maxima: maxima{operator: operatorMaximum},
		bought: map[travel.AuthorizationID]*buy{}, tally: c, reference: "REF-Kommunen", street: "Storgatan 1",
	}
	s.firm = s.company("Kommunen", rapid.SampledFrom([]time.Duration{0, 20 * 24 * time.Hour}).Draw(t, "approved after"))
	s.closed = monthAt(s.clock.Now()).plus(-1)
	s.bills = s.biller()
	for range 2 {
		s.employ()
	}
	return s
}

// everybody lists the travelers and those that were erased.
func (s *shop) everybody() []*account { return slices.Concat(s.people, s.gone) }

// employ puts one more traveler on record, who can buy.
func (s *shop) employ() {
	s.Helper()
	first, last := "Anna", fmt.Sprintf("Andersson %d", s.world.people)
	a := &account{number: s.number(), device: "phone", limit: s.maxima.cap(50_000), name: first + " " + last, closed: s.closed}
	a.id = s.person(s.firm, a.number, travel.TravelerDetails{FirstName: first, LastName: last})
	h := s.join(s.firm, a.id, a.number, a.device, kr(a.limit))
	a.connection, a.state = h.Method.Connection, travel.ConnectionActive
	s.people = append(s.people, a)
}

// on makes the test of an action the one that fails.
func (s *shop) on(t *rapid.T) time.Time {
	s.tester = t
	return s.clock.Now()
}

// buyer draws a traveler, mostly one who can buy.
func (s *shop) buyer(t *rapid.T) *account {
	var active []*account
	for _, a := range s.people {
		if a.state == travel.ConnectionActive {
			active = append(active, a)
		}
	}
	if len(active) > 0 && !chance(t, "anybody", 8) {
		return one(t, "buyer", active)
	}
	return one(t, "who", s.people)
}

// phone draws with what somebody buys, now and then with another phone, number or connection
// than the right one.
func (s *shop) phone(t *rapid.T, a *account) travel.Holder {
	h := a.holder(s.firm)
	if !chance(t, "stranger", 12) {
		return h
	}
	switch choose(t, "strange", "device", "number", "connection") {
	case "device":
		h.Device = "another phone"
	case "number":
		h.Number = s.number()
	default:
		h.Method.Connection = travel.ConnectionID(s.people[0].id)
	}
	return h
}

// price draws an amount, often one that just fits or just does not.
func (s *shop) price(t *rapid.T, a *account) int64 {
	left := a.available(s.clock.Now(), s.maxima)
	switch choose(t, "price", "any", "small", "tiny", "all", "one more", "one less") {
	case "any":
		return rapid.Int64Range(1, 80_000).Draw(t, "amount")
	case "small":
		return rapid.Int64Range(1, 5_000).Draw(t, "amount")
	case "tiny":
		return rapid.Int64Range(1, 100).Draw(t, "amount")
	case "all":
		return max(1, left)
	case "one more":
		return left + 1
	default:
		return max(1, left-1)
	}
}

// verdict compares an answer with the reasons of the model.
func (s *shop) verdict(what string, want codes, d *credit.Decline) {
	s.Helper()
	if d == nil {
		s.tally.count(what)
		require.Empty(s, want, "approved")
		return
	}
	s.tally.count(what + " " + string(d.Code))
	require.Contains(s, want, d.Code, "declined")
	assert.NotEmpty(s, d.Helper, "nobody can help with %s", d.Code)
}

// numbers compares what is behind a decline for lack of credit.
func (s *shop) numbers(a *account, amount int64, at time.Time, d *credit.Decline) {
	s.Helper()
	now := monthAt(at)
	if d == nil {
		return
	}
	assert.Equal(s, a.available(at, s.maxima), ore(d.Available), "available")
	if a.over(now) {
		return
	}
	assert.Equal(s, amount, ore(d.Amount), "amount")
	assert.Equal(s, a.limitAt(at, s.maxima), ore(d.Limit), "limit")
	assert.Equal(s, a.used(now), ore(d.Used), "used")
	assert.Equal(s, a.reserved(now, at), ore(d.Reserved), "reserved")
	assert.True(s, now.start(1).Equal(d.ResetsAt), "resets at %s", d.ResetsAt)
	if d.Code == credit.LimitExceeded || d.Code == credit.NoLimit {
		assert.Equal(s, amount-a.available(at, s.maxima), ore(d.ShortBy), "short by")
	}
	s.passes(a, amount, at, d)
}

// passes checks when a declined request would pass by itself: then, and not at
// any earlier instant at which something ends.
func (s *shop) passes(a *account, amount int64, at time.Time, d *credit.Decline) {
	s.Helper()
	var instants []time.Time
	for _, b := range a.buys {
		if b.live(at) && b.status == reserved {
			instants = append(instants, b.deadline)
		}
	}
	last := max(monthAt(at), a.closed)
	for _, b := range a.buys {
		last = max(last, b.month)
	}
	for m := monthAt(at); m <= last.plus(1); m = m.plus(1) {
		instants = append(instants, m.start(0))
	}
	var first time.Time
	for _, then := range instants {
		if then.After(at) && len(a.short(amount, then, s.maxima)) == 0 && (first.IsZero() || then.Before(first)) {
			first = then
		}
	}
	assert.True(s, first.Equal(d.PassesAt), "passes at %s, want %s", d.PassesAt, first)
}

// reserve asks for a reservation.
func (s *shop) reserve(t *rapid.T) {
	now := s.on(t)
	a := s.buyer(t)
	h, goods := s.phone(t, a), s.goods(t, split(t, s.price(t, a)))
	prices := goods.prices()
	want := a.refuse(h, sum(prices), now, s.maxima)
	r, err := send(s, "authorize", (*travel.Service).Authorize, travel.AuthorizeRequest{Holder: h, Key: s.key(), Tickets: goods})
	require.NoError(s, err)
	s.verdict("authorize", want, r.Decline)
	if len(a.stranger(h)) == 0 {
		s.numbers(a, sum(prices), now, r.Decline)
	}
	a.sweep(now)
	if r.Decline != nil {
		assert.True(s, r.Authorization.IsZero())
		return
	}
	b := s.book(a, r.Authorization, goods, now)
	b.deadline = now.Add(15 * time.Minute)
	assert.True(s, b.deadline.Equal(r.ExpiresAt))
	assert.Equal(s, sum(prices), ore(r.Amount))
	assert.Equal(s, a.available(now, s.maxima), ore(r.Available))
}

// book adds a purchase to the model.
func (s *shop) book(a *account, id travel.AuthorizationID, goods goods, now time.Time) *buy {
	b := &buy{
		id: id, connection: a.connection, month: monthAt(now), status: reserved, lines: goods.prices(), tickets: goods,
		back: make([]int64, len(goods)), giving: make([]int64, len(goods)), limit: a.limitAt(now, s.maxima),
		department: a.department,
	}
	if a.department != nil {
		b.departmentName = a.department.name
	}
	a.buys = append(a.buys, b)
	s.bought[id] = b
	return b
}

// take makes a reservation a purchase.
func (b *buy) take(a *account, prices []int64, purpose string) {
	b.status, b.lines, b.person, b.purpose = captured, prices, a.name, purpose
}

// goods are tickets.
type goods []travel.Ticket

func (g goods) prices() []int64 {
	prices := make([]int64, len(g))
	for i := range g {
		prices[i] = ore(g[i].Gross)
	}
	return prices
}

// goods draws a ticket for each price.
func (s *shop) goods(t *rapid.T, prices []int64) goods {
	list := tickets(prices)
	for i := range list {
		if s.variety {
			vary(t, &list[i])
		}
	}
	return list
}

// vary draws the seller and the VAT of a ticket.
func vary(t *rapid.T, k *travel.Ticket) {
	k.Seller = choose(t, "seller", "", "north", "")
	switch choose(t, "vat", "stated", "6 %", "25 %", "abroad") {
	case "25 %":
		k.VATRate = 2500
	case "abroad":
		k.VATRate, k.VATCategory, k.VATReason, k.Region = 0, "O", "Utanför landet", "København"
	case "stated":
		gross := ore(k.Gross)
		vat := min(gross, max(0, gross*6/106+rapid.SampledFrom([]int64{40, 39, 1, -40}).Draw(t, "off by")))
		k.Stated = &travel.StatedVAT{Net: kr(gross - vat), VAT: kr(vat)}
	}
}

// purpose draws why somebody travels, as people type it.
func (s *shop) purpose(t *rapid.T) string {
	if !s.variety {
		return "Möte"
	}
	return choose(t, "purpose", "Möte", " Kundbesök i Växjö ", "=SUM(A1:A9)", "a;b \"c\"\nd", "出張 🚌")
}

// ask asks without buying; it must not change anything, which the next
// comparison of the balances would show.
func (s *shop) ask(t *rapid.T) {
	now := s.on(t)
	a := s.buyer(t)
	h, goods := s.phone(t, a), s.goods(t, split(t, s.price(t, a)))
	prices := goods.prices()
	r, err := s.Authorize(s.ctx, travel.AuthorizeRequest{Holder: h, Tickets: goods, DryRun: true})
	require.NoError(s, err)
	s.verdict("dry run", a.refuse(h, sum(prices), now, s.maxima), r.Decline)
	assert.True(s, r.Authorization.IsZero())
}

// buy buys in one step.
func (s *shop) buy(t *rapid.T) {
	s.on(t)
	a := s.buyer(t)
	h := s.phone(t, a)
	s.purchase(t, a, h, s.goods(t, split(t, s.price(t, a))))
}

func (s *shop) purchase(t *rapid.T, a *account, h travel.Holder, goods goods) {
	now := s.on(t)
	prices := goods.prices()
	want, purpose := a.refuse(h, sum(prices), now, s.maxima), s.purpose(t)
	r, err := send(s, "purchase", (*travel.Service).Purchase, travel.PurchaseRequest{Holder: h, Key: s.key(), Tickets: goods, Purpose: purpose})
	require.NoError(s, err)
	s.verdict("purchase", want, r.Decline)
	a.sweep(now)
	if r.Decline != nil {
		return
	}
	b := s.book(a, r.Authorization, goods, now)
	b.take(a, prices, purpose)
	assert.Equal(s, sum(prices), ore(r.Amount))
	assert.Equal(s, a.available(now, s.maxima), ore(r.Available))
}

// begun draws something that was begun, mostly of a traveler who can buy and
// mostly one of the last.
func (s *shop) begun(t *rapid.T) (*account, *buy) {
	var all, likely []mine
	for _, a := range s.people {
		for i, b := range a.buys {
			all = append(all, mine{a, b})
			if b.connection == a.connection && a.state == travel.ConnectionActive && i >= len(a.buys)-4 {
				likely = append(likely, mine{a, b})
			}
		}
	}
	if len(all) == 0 {
		t.Skip("nothing was begun")
	}
	if len(likely) > 0 && !chance(t, "any", 8) {
		all = likely
	}
	m := one(t, "buy", all)
	return m.account, m.buy
}

// sold draws a purchase, mostly one of which something can be given back.
func (s *shop) sold(t *rapid.T) (*account, *buy) {
	var all []mine
	for _, a := range s.people {
		for _, b := range a.buys {
			if sum(b.left()) > 0 {
				all = append(all, mine{a, b})
			}
		}
	}
	if len(all) == 0 || chance(t, "any", 4) {
		return s.begun(t)
	}
	m := one(t, "sold", all)
	return m.account, m.buy
}

type mine struct {
	*account
	*buy
}

// captureAmounts draws what is captured of a reservation: all of it, less, a
// ticket that was not issued, or too much.
func captureAmounts(t *rapid.T, lines []int64) []int64 {
	prices := append([]int64(nil), lines...)
	i := rapid.IntRange(0, len(prices)-1).Draw(t, "ticket")
	switch choose(t, "capture", "whole", "exact", "less", "without one", "too much") {
	case "whole":
		return nil
	case "less":
		prices[i] = rapid.Int64Range(0, prices[i]).Draw(t, "price")
	case "without one":
		prices[i] = 0
	case "too much":
		prices[i]++
	}
	if sum(prices) == 0 {
		return nil
	}
	return prices
}

// capture completes something that was begun.
func (s *shop) capture(t *rapid.T) {
	now := s.on(t)
	a, b := s.begun(t)
	h := s.phone(t, a)
	asked := captureAmounts(t, b.lines)
	prices := asked
	if asked == nil {
		prices = b.lines
	}
	want, purpose := a.refuseCapture(h, b, prices, now), s.purpose(t)
	r, err := send(s, "capture", (*travel.Service).Capture, travel.CaptureRequest{
		Holder: h, Key: s.key(), Authorization: b.id, Purpose: purpose, Amounts: amounts(asked),
	})
	require.NoError(s, err)
	s.verdict("capture", want, r.Decline)
	switch {
	case r.Decline == nil:
		b.take(a, prices, purpose)
		assert.Equal(s, sum(prices), ore(r.Amount))
		assert.Equal(s, a.available(now, s.maxima), ore(r.Available))
	case r.Decline.Code == credit.AuthorizationExpired || r.Decline.Code == credit.MonthClosed:
		b.status = expired
	}
}

// release gives something back that was begun.
func (s *shop) release(t *rapid.T) {
	now := s.on(t)
	a, b := s.begun(t)
	h := s.phone(t, a)
	r, err := send(s, "release", (*travel.Service).Release, travel.ReleaseRequest{Holder: h, Key: s.key(), Authorization: b.id})
	require.NoError(s, err)
	if c := a.refuseCapture(h, b, nil, now); len(a.stranger(h)) > 0 || b.connection != a.connection {
		s.verdict("release", c, r.Decline)
		return
	}
	switch b.status {
	case captured:
		s.verdict("release", codes{credit.AlreadyCaptured: true}, r.Decline)
		return
	case capturing:
		s.verdict("release", codes{credit.CaptureBegun: true}, r.Decline)
		return
	case reserved:
		b.status = released
		if !now.Before(b.deadline) {
			b.status = expired
		}
	}
	require.Nil(s, r.Decline)
	assert.Equal(s, string(b.status), r.State.String())
}

// refundAmounts draws what is given back of a purchase.
func refundAmounts(t *rapid.T, left []int64) []int64 {
	back := make([]int64, len(left))
	i := rapid.IntRange(0, len(left)-1).Draw(t, "ticket")
	switch choose(t, "refund", "all", "one", "part", "too much") {
	case "all":
		return nil
	case "one":
		back[i] = left[i]
	case "part":
		back[i] = rapid.Int64Range(0, left[i]).Draw(t, "back")
	case "too much":
		back[i] = left[i] + 1
	}
	if sum(back) == 0 {
		return nil
	}
	return back
}

// refund gives a purchase back, wholly or in parts.
func (s *shop) refund(t *rapid.T) {
	now := s.on(t)
	a, b := s.sold(t)
	asked := refundAmounts(t, b.left())
	back := asked
	if asked == nil {
		back = b.left()
	}
	want := b.refuseRefund(back)
	r, err := send(s, "refund", as(s.operator, (*travel.Service).Refund), travel.RefundRequest{
		Company: s.firm.id, Key: s.key(), Authorization: b.id, Amounts: amounts(asked),
	})
	require.NoError(s, err)
	s.verdict("refund", want, r.Decline)
	if r.Decline != nil {
		return
	}
	assert.Equal(s, sum(back), ore(r.Amount))
	assert.Equal(s, string(a.billing(b, now)), r.Billing.String(), "billed in")
	b.credit(a.billing(b, now), back)
}

// limit draws a limit, often at a bound.
func (s *shop) limit(t *rapid.T) int64 {
	return rapid.OneOf(
		rapid.Int64Range(1, 100_000),
		rapid.SampledFrom([]int64{operatorMaximum, operatorMaximum + 1, s.maxima.ceiling, s.maxima.company, s.maxima.company + 1, 1, -1}),
	).Draw(t, "limit")
}

// allowed tells whether a limit can be given.
func (s *shop) allowed(limit int64) bool { return limit > 0 && s.maxima.cap(limit) == limit }

// refused checks that an input was refused, and how.
func (s *shop) refused(err, kind error) {
	s.Helper()
	require.Error(s, err)
	assert.True(s, errors.Is(err, kind), "%v is no %v", err, kind)
}

// setLimit gives another limit, which counts at once.
func (s *shop) setLimit(t *rapid.T) {
	s.on(t)
	a, limit := one(t, "who", s.people), s.limit(t)
	err := s.SetLimit(s.ctx, s.firm.admin, s.firm.id, a.id, kr(limit))
	switch {
	case !s.allowed(limit):
		require.Error(s, err)
	case !a.connected():
		s.refused(err, travel.ErrConflict)
	default:
		require.NoError(s, err)
		a.give(limit)
	}
}

// raise gives a temporary limit.
func (s *shop) raise(t *rapid.T) {
	now := s.on(t)
	a, limit := one(t, "who", s.people), s.limit(t)
	var until time.Time
	if chance(t, "until", 2) {
		until = now.Add(time.Duration(rapid.IntRange(-1, 100).Draw(t, "hours")) * time.Hour)
	}
	err := s.RaiseLimit(s.ctx, s.firm.admin, s.firm.id, a.id, kr(limit), until)
	if until.IsZero() {
		until = monthAt(now).start(1)
	}
	if !a.connected() || !s.allowed(limit) || limit <= a.limit || !until.After(now) {
		require.Error(s, err)
		return
	}
	require.NoError(s, err)
	a.raise, a.raisedUntil = limit, until
}

func (s *shop) endRaise(t *rapid.T) {
	s.on(t)
	a := one(t, "who", s.people)
	err := s.EndRaise(s.ctx, s.firm.admin, s.firm.id, a.id)
	if !a.connected() {
		s.refused(err, travel.ErrConflict)
		return
	}
	require.NoError(s, err)
	a.raise, a.raisedUntil = 0, time.Time{}
}

func (s *shop) freeze(t *rapid.T) {
	s.on(t)
	a, frozen := one(t, "who", s.people), chance(t, "frozen", 3)
	err := s.SetFrozen(s.ctx, s.firm.admin, s.firm.id, a.id, frozen)
	if !a.connected() {
		s.refused(err, travel.ErrConflict)
		return
	}
	require.NoError(s, err)
	a.frozen = frozen
}

// disconnect takes the credit limit away (R23).
func (s *shop) disconnect(t *rapid.T) {
	now := s.on(t)
	a := one(t, "who", s.people)
	require.NoError(s, s.RemoveLimit(s.ctx, s.firm.admin, s.firm.id, a.id))
	a.end(now)
	a.limit, a.raise, a.raisedUntil = 0, 0, time.Time{}
}

// connect connects anew, as for a new phone or after the limit was removed.
func (s *shop) connect(t *rapid.T) {
	now := s.on(t)
	a := one(t, "who", s.people)
	limit := s.limit(t)
	if chance(t, "keep", 2) {
		limit = 0
	}
	c, err := send(s, "connect", as(s.firm.admin, (*travel.Service).Connect), travel.ConnectRequest{
		Company: s.firm.id, Traveler: a.id, Key: s.key(), Limit: kr(limit),
	})
	keeps := limit == 0 && a.limit > 0
	if keeps {
		limit = a.limit
	}
	if !keeps && !s.allowed(limit) {
		s.refused(err, credit.ErrLimit)
		return
	}
	require.NoError(s, err)
	a.end(now)
	a.give(limit)
	a.connection, a.state = c, travel.ConnectionPending
	if chance(t, "activate", 5) {
		return
	}
	s.activateNew(t, a)
}

// activatePending uses the code of a connection that waits.
func (s *shop) activatePending(t *rapid.T) {
	s.on(t)
	var waiting []*account
	for _, a := range s.people {
		if a.state == travel.ConnectionPending {
			waiting = append(waiting, a)
		}
	}
	s.activateNew(t, one(t, "waiting", waiting))
}

func (s *shop) activateNew(t *rapid.T, a *account) {
	a.device = "phone-" + rapid.StringMatching(`[a-c]`).Draw(t, "device")
	sent := s.store.sent(a.connection)
	_, err := s.Activate(s.ctx, travel.ActivateRequest{Username: sent.username, Code: sent.code, Number: a.number, Device: a.device})
	if err == nil {
		a.state = travel.ConnectionActive
	}
	// Whether the code was still valid is for the machine of I4.
	require.True(s, err == nil || errors.Is(err, travel.ErrActivation), "%v", err)
}

// renumber gives another mobile number (R15).
func (s *shop) renumber(t *rapid.T) {
	now := s.on(t)
	a := one(t, "who", s.people)
	req := travel.ChangeNumberRequest{Company: s.firm.id, Traveler: a.id, Key: s.key(), Number: s.number(), Connect: chance(t, "connect", 2)}
	c, err := send(s, "change number", as(s.firm.admin, (*travel.Service).ChangeNumber), req)
	if req.Connect && a.limit == 0 {
		s.refused(err, credit.ErrLimit)
		return
	}
	require.NoError(s, err)
	a.end(now)
	a.number = req.Number
	if req.Connect {
		a.connection, a.state = c, travel.ConnectionPending
		s.activateNew(t, a)
	}
}

// bound sets the maximum of the company or the operator's ceiling for it.
func (s *shop) bound(t *rapid.T) {
	s.on(t)
	most := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 100_000), rapid.Just(int64(operatorMaximum+1))).Draw(t, "maximum")
	if chance(t, "ceiling", 2) {
		require.NoError(s, s.SetCeiling(s.ctx, s.operator, s.firm.id, kr(most)))
		s.maxima.ceiling = most
		return
	}
	err := s.UpdateCompany(s.ctx, s.firm.admin, s.firm.id, s.details(most))
	if most > operatorMaximum {
		s.refused(err, travel.ErrInvalid)
		return
	}
	require.NoError(s, err)
	s.maxima.company = most
}

func (s *shop) details(maximum int64) travel.CompanyDetails {
	return travel.CompanyDetails{
		DefaultReference: s.reference, Maximum: kr(maximum),
		Billing: travel.Billing{Street: s.street, PostalCode: "551 11", City: "Jönköping"},
	}
}

// tick moves the clock.
func (s *shop) tick(t *rapid.T) {
	now := s.on(t)
	var marks []time.Time
	for _, a := range s.people {
		if a.raisedUntil.After(now) {
			marks = append(marks, a.raisedUntil)
		}
		for _, b := range a.buys {
			if b.status == reserved {
				marks = append(marks, b.deadline)
			}
		}
	}
	s.clock.Set(moment(t, now, marks...))
}

// tidy runs the job on which nothing depends.
func (s *shop) tidy(t *rapid.T) {
	now := s.on(t)
	want := 0
	for _, a := range s.people {
		for _, b := range a.buys {
			if b.status == reserved && !b.live(now) {
				want++
			}
		}
		a.sweep(now)
	}
	n, err := s.ExpireDue(s.ctx)
	require.NoError(s, err)
	assert.Equal(s, want, n, "expired")
}

// buying are the actions with which the model deals.
func (s *shop) buying() map[string]action {
	return map[string]action{
		"authorize": {5, s.reserve}, "dry run": {1, s.ask}, "purchase": {2, s.buy},
		"capture": {4, s.capture}, "release": {1, s.release}, "refund": {2, s.refund},
		"set limit": {1, s.setLimit}, "raise": {1, s.raise}, "end raise": {1, s.endRaise}, "freeze": {1, s.freeze},
		"remove limit": {1, s.disconnect}, "connect": {2, s.connect}, "activate": {2, s.activatePending},
		"change number": {1, s.renumber}, "maximum": {1, s.bound}, "clock": {3, s.tick}, "expire": {1, s.tidy},
	}
}

// compare compares everything that a balance says with the model.
func (s *shop) compare(t *rapid.T) {
	now := s.on(t)
	for _, a := range s.people {
		b, err := s.Balance(s.ctx, a.holder(s.firm))
		if a.state != travel.ConnectionActive {
			s.refused(err, travel.ErrNotFound)
			continue
		}
		require.NoError(s, err)
		m := monthAt(now)
		assert.Equal(s, string(m), b.Month.String())
		assert.Equal(s, a.limitAt(now, s.maxima), ore(b.Limit), "limit")
		assert.Equal(s, a.frozen, b.Frozen)
		assert.True(s, m.start(1).Equal(b.ResetsAt), "resets at %s", b.ResetsAt)
		assert.Equal(s, a.available(now, s.maxima), ore(b.Available), "available")
		if a.over(m) {
			continue // what was used is not kept at hand
		}
		assert.Equal(s, a.used(m), ore(b.Used), "used")
		assert.Equal(s, a.reserved(m, now), ore(b.Reserved), "reserved")
	}
}

// withinLimits is I1 on what is stored: at no time is more captured and
// reserved of a month than the limit in force when the last of it was
// authorized.
func (s *shop) withinLimits(t *rapid.T) {
	now := s.on(t)
	require.NoError(s, s.store.View(s.ctx, func(tx travel.Tx) error {
		for _, a := range s.people {
			if err := s.within(tx, a, now); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (s *shop) within(tx travel.Tx, a *account, now time.Time) error {
	stored, err := tx.Traveler(s.ctx, s.firm.id, a.id)
	if err != nil {
		return err
	}
	list, err := tx.Authorizations(s.ctx, travel.AuthorizationQuery{Company: s.firm.id, Traveler: a.id})
	if err != nil {
		return err
	}
	held := map[credit.Month]credit.Amount{}
	for _, r := range stored.Credit.Open {
		if r.Capturing || now.Before(r.ExpiresAt) {
			held[r.Month] += r.Amount
		}
	}
	for _, z := range list {
		held[z.Month] += z.Captured - z.Refunded
		b := s.bought[z.ID]
		require.NotNil(s, b, "an authorization that nobody was told of")
		assert.Equal(s, b.limit, int64(z.Limit), "limit in force")
		assert.Equal(s, string(b.month), z.Month.String(), "month of the purchase")
	}
	assert.Len(s, list, len(a.buys))
	last := map[month]int64{} // in the order of the decisions, which is not that of ids when a clock was set back
	for _, b := range a.buys {
		last[b.month] = b.limit
	}
	for m, limit := range last {
		assert.LessOrEqual(s, int64(held[mustMonth(m)]), limit, "captured and reserved of %s", m)
	}
	return nil
}

// audited lets the service recompute everything.
func (s *shop) audited(t *rapid.T) {
	s.on(t)
	drifts, err := s.Audit(s.ctx)
	require.NoError(s, err)
	require.Empty(s, drifts)
}
