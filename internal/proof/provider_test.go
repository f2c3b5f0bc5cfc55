package proof

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// teller is a provider of which the script says what it does next.
type teller struct {
	memory.Provider
	mood string
	// overtake is what another process does while this one waits for an answer.
	overtake func()
}

const (
	approves = "approves"
	refuses  = "refuses"
	silent   = "is silent"
	dies     = "dies"
	// slow approves, but by then another process has heard of it.
	slow = "is slow"
)

func (p *teller) prepare() {
	if p.mood == slow {
		p.mood = approves
		p.overtake()
		p.mood = slow
	}
	p.Next(map[string]memory.Outcome{
		approves: memory.Approve(), slow: memory.Approve(), refuses: memory.Refuse("no funds"), silent: memory.Silent(), dies: memory.Die(),
	}[p.mood])
}

func (p *teller) Charge(ctx context.Context, c travel.Charge) (travel.ProviderAnswer, error) {
	p.prepare()
	return p.Provider.Charge(ctx, c)
}

func (p *teller) Refund(ctx context.Context, r travel.ProviderRefund) (travel.ProviderAnswer, error) {
	p.prepare()
	return p.Provider.Refund(ctx, r)
}

// question is a charge or a refund that the provider has not answered.
type question struct {
	*account
	*buy
	// prices are what is charged, back is what is given back; one is nil.
	prices, back []int64
	purpose      string
	// decided is what the provider has made up its mind to, said or not.
	decided string
	// again sends the request once more.
	again func() (*credit.Decline, error)
}

// bank is a shop with a payment provider.
type bank struct {
	*shop
	teller  *teller
	waiting []*question
}

func newBank(t *rapid.T, c *tally) *bank {
	k := &bank{teller: &teller{}}
	k.shop = newShop(t, c, func(c *travel.Config) { c.Provider = k.teller })
	k.teller.overtake = func() {
		_, err := k.DrivePayments(k.ctx)
		require.NoError(k, err)
	}
	return k
}

// mood draws how the provider behaves until it is drawn again.
func (k *bank) mood(t *rapid.T) {
	k.teller.mood = choose(t, "provider", approves, slow, refuses, silent, dies)
}

// heard compares what came of a question, and tells whether it was answered.
func (k *bank) heard(q *question, d *credit.Decline, err error) bool {
	k.Helper()
	mood := k.teller.mood
	if mood != silent && q.decided == "" {
		q.decided = approves
		if mood == refuses {
			q.decided = refuses
		}
	}
	k.tally.count("provider " + mood)
	if mood == silent || mood == dies {
		require.ErrorIs(k, err, travel.ErrPaymentPending)
		return false
	}
	require.NoError(k, err)
	if q.decided == approves {
		require.Nil(k, d)
	} else {
		require.NotNil(k, d)
		assert.Equal(k, credit.ProviderRefused, d.Code)
		assert.Equal(k, "no funds", d.Detail)
	}
	k.settle(q)
	if mood == slow {
		k.awake()
	}
	return true
}

// awake settles everything, as a provider does that approves all it is asked.
func (k *bank) awake() {
	for _, q := range slices.Clone(k.waiting) {
		if q.decided == "" {
			q.decided = approves
		}
		k.settle(q)
	}
}

// settle does in the model what the provider has decided.
func (k *bank) settle(q *question) {
	b := q.buy
	switch {
	case q.prices != nil && q.decided == approves:
		b.take(q.account, q.prices, q.purpose)
	case q.prices != nil:
		b.status = released
	default:
		for i, g := range q.back {
			b.giving[i] -= g
		}
		if q.decided == approves {
			b.credit(q.billing(b, k.clock.Now()), q.back)
		}
	}
	k.waiting = slices.DeleteFunc(k.waiting, func(other *question) bool { return other == q })
}

// buy buys in one step.
func (k *bank) buy(t *rapid.T) {
	now := k.on(t)
	a := k.buyer(t)
	h, goods := k.phone(t, a), k.goods(t, split(t, k.price(t, a)))
	want := a.refuse(h, sum(goods.prices()), now, k.maxima)
	k.mood(t)
	asked := k.teller.Calls()
	req := travel.PurchaseRequest{Holder: h, Key: k.key(), Tickets: goods, Purpose: "Möte"}
	r, err := k.Purchase(k.ctx, req)
	a.sweep(now)
	if len(want) > 0 {
		require.NoError(k, err)
		k.verdict("purchase", want, r.Decline)
		assert.Equal(k, asked, k.teller.Calls(), "the provider was asked")
		return
	}
	b := k.book(a, r.Authorization, goods, now)
	q := &question{account: a, buy: b, prices: goods.prices(), purpose: req.Purpose, again: func() (*credit.Decline, error) {
		r, err := k.Purchase(k.ctx, req)
		return r.Decline, err
	}}
	k.begin(q, r.Decline, err)
}

// begin is the first time that a question was asked.
func (k *bank) begin(q *question, d *credit.Decline, err error) {
	k.Helper()
	k.waiting = append(k.waiting, q)
	if q.prices != nil {
		q.status = capturing
	}
	for i, g := range q.back {
		q.giving[i] += g
	}
	k.heard(q, d, err)
}

// capture completes something that was begun.
func (k *bank) capture(t *rapid.T) {
	now := k.on(t)
	a, b := k.begun(t)
	h, asked := k.phone(t, a), captureAmounts(t, b.lines)
	prices := asked
	if asked == nil {
		prices = b.lines
	}
	want := a.refuseCapture(h, b, prices, now)
	k.mood(t)
	calls := k.teller.Calls()
	req := travel.CaptureRequest{Holder: h, Key: k.key(), Authorization: b.id, Purpose: "Möte", Amounts: amounts(asked)}
	r, err := k.Capture(k.ctx, req)
	if len(want) > 0 {
		require.NoError(k, err)
		k.verdict("capture", want, r.Decline)
		assert.Equal(k, calls, k.teller.Calls(), "the provider was asked")
		if r.Decline.Code == credit.AuthorizationExpired || r.Decline.Code == credit.MonthClosed {
			b.status = expired
		}
		return
	}
	k.begin(&question{account: a, buy: b, prices: prices, purpose: req.Purpose, again: func() (*credit.Decline, error) {
		r, err := k.Capture(k.ctx, req)
		return r.Decline, err
	}}, r.Decline, err)
}

// refund gives something back.
func (k *bank) refund(t *rapid.T) {
	k.on(t)
	a, b := k.sold(t)
	asked := refundAmounts(t, b.left())
	back := asked
	if asked == nil {
		back = b.left()
	}
	want := b.refuseRefund(back)
	k.mood(t)
	calls := k.teller.Calls()
	req := travel.RefundRequest{Company: k.firm.id, Key: k.key(), Authorization: b.id, Amounts: amounts(asked)}
	r, err := k.Refund(k.ctx, k.operator, req)
	if len(want) > 0 {
		require.NoError(k, err)
		k.verdict("refund", want, r.Decline)
		assert.Equal(k, calls, k.teller.Calls(), "the provider was asked")
		return
	}
	k.begin(&question{account: a, buy: b, back: back, again: func() (*credit.Decline, error) {
		r, err := k.Refund(k.ctx, k.operator, req)
		return r.Decline, err
	}}, r.Decline, err)
}

// askAgain sends a request again that the provider has not answered.
func (k *bank) askAgain(t *rapid.T) {
	k.on(t)
	q := one(t, "question", k.waiting)
	k.mood(t)
	d, err := q.again()
	k.heard(q, d, err)
}

// drive lets the job ask about everything: one purchase after the other, and
// of each one question after the other until there is no answer.
func (k *bank) drive(t *rapid.T) {
	k.on(t)
	k.teller.mood = choose(t, "provider", approves, refuses, silent, dies)
	waiting := slices.Clone(k.waiting)
	n, err := k.DrivePayments(k.ctx)
	answered, stuck := map[*buy]bool{}, map[*buy]bool{}
	for _, q := range waiting {
		if stuck[q.buy] {
			continue
		}
		var d *credit.Decline
		problem := err
		if k.teller.mood == approves || k.teller.mood == refuses {
			problem = nil
			if q.decided == refuses || q.decided == "" && k.teller.mood == refuses {
				d = &credit.Decline{Code: credit.ProviderRefused, Detail: "no funds"}
			}
		}
		if k.heard(q, d, problem) {
			answered[q.buy] = true
		} else {
			stuck[q.buy] = true
		}
	}
	assert.Equal(k, len(answered), n, "answered")
	if len(stuck) == 0 {
		assert.NoError(k, err)
	}
}

// books asserts that the provider has charged and given back exactly what is
// captured and refunded, and what it has decided and not said.
func (k *bank) books(t *rapid.T) {
	k.on(t)
	charged, back := map[travel.AuthorizationID]int64{}, map[travel.AuthorizationID]int64{}
	for _, c := range k.teller.Charged() {
		assert.NotContains(k, charged, c.ID, "charged twice")
		charged[c.ID] = int64(c.Amount)
	}
	for _, r := range k.teller.Refunded() {
		back[r.Charge] += int64(r.Amount)
	}
	for _, a := range k.people {
		for _, b := range a.buys {
			want, given := int64(0), sum(b.back)
			if b.status == captured {
				want = sum(b.lines)
			}
			for _, q := range k.waiting {
				if q.buy == b && q.decided == approves {
					want += sum(q.prices)
					given += sum(q.back)
				}
			}
			assert.Equal(k, want, charged[b.id], "charged, and the purchase is %s", b.status)
			assert.Equal(k, given, back[b.id], "given back")
		}
	}
}

// closeMonth closes a month: not while an answer is owed for it.
func (k *bank) closeMonth(t *rapid.T) {
	now := k.on(t)
	k.closing(t, monthToClose(t, now), func(m month, blocked bool) invoice.Reason {
		switch {
		case blocked:
			return invoice.ReasonEarlierMonth
		case k.unanswered(m):
			return invoice.ReasonChargeUnanswered
		}
		return ""
	})
}

// TestI2I3_Provider: a purchase ends exactly once whatever the provider does
// between the charge and its answer, and is charged exactly what it is
// invoiced; a repeated request tells how it ended (R42), and a month waits for
// the answer (R35).
func TestI2I3_Provider(t *testing.T) {
	t.Parallel()
	var c tally
	defer func() { t.Log(&c) }()
	rapid.Check(t, func(t *rapid.T) {
		k := newBank(t, &c)
		actions := k.buying()
		actions["purchase"] = action{4, k.buy}
		actions["capture"] = action{5, k.capture}
		actions["refund"] = action{4, k.refund}
		actions["ask again"] = action{3, k.askAgain}
		actions["drive"] = action{2, k.drive}
		actions["close"] = action{2, k.closeMonth}
		actions["restart"] = action{1, func(t *rapid.T) { k.on(t); k.restart() }}
		check := func(t *rapid.T) {
			c.count("steps")
			k.compare(t)
			k.withinLimits(t)
			k.audited(t)
			k.books(t)
		}
		t.Repeat(weigh(check, actions))

		// The provider wakes up: nothing is left open.
		k.on(t)
		k.teller.mood = approves
		_, err := k.DrivePayments(k.ctx)
		require.NoError(t, err)
		k.awake()
		check(t)
		k.clock.Set(monthAt(k.clock.Now()).start(1).Add(grace + time.Second))
		k.closing(t, monthAt(k.clock.Now()).plus(-1), func(month, bool) invoice.Reason { return "" })
	})
}
