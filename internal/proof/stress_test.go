package proof

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// TestI1I3_Goroutines: many phones buy at the same time until nothing is left,
// each request sent by two goroutines at once. Exactly what fits is approved,
// and each key has one answer.
func TestI1I3_Goroutines(t *testing.T) {
	t.Parallel()
	const travelers, workers, price, limit = 3, 4, 700, 50_000
	const requests = limit/price + 20
	w := newWorld(t, beginnings[0], func(c *travel.Config) { c.MaxOpen = requests })
	w.store.crowded = true
	f := w.company("Kommunen")
	answers := map[string][]travel.PurchaseResult{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range travelers {
		n := w.number()
		id := w.person(f, n, travel.TravelerDetails{FirstName: "Anna", LastName: fmt.Sprint(i)})
		h := w.join(f, id, n, "phone", kr(limit))
		todo := make(chan string, 2*requests)
		for k := range requests {
			key := fmt.Sprintf("%d-%d", i, k)
			todo <- key
			todo <- key // its twin
		}
		close(todo)
		for range workers {
			wg.Go(func() {
				for key := range todo {
					r, err := twoSteps(w, h, key, price)
					assert.NoError(t, err)
					mu.Lock()
					answers[key] = append(answers[key], r)
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	approved := 0
	for key, both := range answers {
		require.Len(t, both, 2)
		assert.Equal(t, both[0], both[1], "the answers to %s", key)
		if both[0].Decline == nil {
			approved++
		}
	}
	assert.Equal(t, travelers*(limit/price), approved, "purchases")
	drifts, err := w.Audit(w.ctx)
	require.NoError(t, err)
	assert.Empty(t, drifts)
}

// twoSteps authorizes and captures under one key each.
func twoSteps(w *world, h travel.Holder, key string, price int64) (travel.PurchaseResult, error) {
	z, err := w.Authorize(w.ctx, travel.AuthorizeRequest{Holder: h, Key: key, Tickets: tickets([]int64{price})})
	if err != nil || z.Decline != nil {
		return travel.PurchaseResult{Decline: z.Decline}, err
	}
	return w.Capture(w.ctx, travel.CaptureRequest{Holder: h, Key: key, Authorization: z.Authorization, Purpose: "Möte"})
}

// crowd is what many goroutines do to one company, all at once.
type crowd struct {
	*shop
	t        *testing.T
	provider *memory.Provider
	mu       sync.Mutex
	holders  []travel.Holder
	bought   []travel.AuthorizationID
	// asked are purchases by key, with what was answered.
	asked map[string]asked
}

type asked struct {
	travel.PurchaseRequest
	answer travel.PurchaseResult
}

// expected are the errors that a request may meet when others change the same
// things at the same time.
var expected = []error{travel.ErrConflict, travel.ErrNotFound, travel.ErrPaymentPending, invoice.ErrTooEarly, travel.ErrActivation}

func (c *crowd) ok(err error) bool {
	for _, e := range expected {
		if errors.Is(err, e) {
			return false
		}
	}
	assert.NoError(c.t, err)
	return err == nil
}

// buys is the life of a traveler who buys, in one step or in two, and gives
// back.
func (c *crowd) buys(r *rand.Rand, name string) {
	for i := range 60 {
		c.mu.Lock()
		h := c.holders[r.IntN(len(c.holders))]
		old := c.bought[r.IntN(len(c.bought))]
		c.mu.Unlock()
		key, price := fmt.Sprintf("%s-%d", name, i), int64(100+r.IntN(9_000))
		switch r.IntN(4) {
		case 0, 1:
			req := travel.PurchaseRequest{Holder: h, Key: key, Tickets: tickets([]int64{price, 500}), Purpose: "Möte"}
			answer, err := c.Purchase(c.ctx, req)
			if c.ok(err) {
				c.keep(req, answer)
			}
		case 2:
			z, err := c.Authorize(c.ctx, travel.AuthorizeRequest{Holder: h, Key: key, Tickets: tickets([]int64{price})})
			if !c.ok(err) || z.Decline != nil {
				continue
			}
			if r.IntN(3) == 0 {
				_, err = c.Release(c.ctx, travel.ReleaseRequest{Holder: h, Key: key, Authorization: z.Authorization})
			} else {
				_, err = c.Capture(c.ctx, travel.CaptureRequest{Holder: h, Key: key, Authorization: z.Authorization, Purpose: "Möte"})
			}
			c.ok(err)
		default:
			_, err := c.Refund(c.ctx, c.operator, travel.RefundRequest{Company: c.firm.id, Key: key, Authorization: old})
			c.ok(err)
		}
	}
}

func (c *crowd) keep(req travel.PurchaseRequest, answer travel.PurchaseResult) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[req.Key] = asked{req, answer}
	if answer.Decline == nil {
		c.bought = append(c.bought, answer.Authorization)
	}
}

// administers changes limits and gives travelers new phones.
func (c *crowd) administers(r *rand.Rand, name string) {
	for i := range 30 {
		n := r.IntN(len(c.people))
		id := c.people[n].id
		switch r.IntN(3) {
		case 0:
			c.ok(c.SetLimit(c.ctx, c.firm.admin, c.firm.id, id, kr(int64(20_000+r.IntN(30_000)))))
		case 1:
			c.ok(c.SetFrozen(c.ctx, c.firm.admin, c.firm.id, id, r.IntN(4) == 0))
		default:
			connection, err := c.Connect(c.ctx, c.firm.admin, travel.ConnectRequest{
				Company: c.firm.id, Traveler: id, Key: fmt.Sprintf("%s-%d", name, i), Limit: kr(50_000),
			})
			if !c.ok(err) {
				continue
			}
			sent, device := c.store.sent(connection), fmt.Sprintf("phone %s-%d", name, i)
			m, err := c.Activate(c.ctx, travel.ActivateRequest{
				Username: sent.username, Code: sent.code, Number: c.people[n].number, Device: device,
			})
			if c.ok(err) {
				c.mu.Lock()
				c.holders[n] = travel.Holder{Method: m, Device: device, Number: c.people[n].number}
				c.mu.Unlock()
			}
		}
	}
}

// passes lets time pass, closes months and runs the jobs.
func (c *crowd) passes(r *rand.Rand) {
	for range 40 {
		c.clock.Add(time.Duration(r.IntN(72)) * time.Hour)
		_, err := c.bills.CloseDue(c.ctx)
		c.ok(err)
		_, err = c.ExpireDue(c.ctx)
		c.ok(err)
		_, err = c.DrivePayments(c.ctx)
		c.ok(err)
	}
}

// TestGoroutines: everybody does everything at the same time, with and without
// a payment provider. Afterwards all adds up (I1, I2, I6), and every key has
// the answer that it had (I3).
func TestGoroutines(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]*memory.Provider{"own invoice": nil, "provider": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, provider)
			var wg sync.WaitGroup
			for i := range 4 {
				wg.Go(func() { c.buys(rand.New(rand.NewPCG(uint64(i), 1)), fmt.Sprint("buyer", i)) })
			}
			for i := range 2 {
				wg.Go(func() { c.administers(rand.New(rand.NewPCG(uint64(i), 2)), fmt.Sprint("admin", i)) })
			}
			wg.Go(func() { c.passes(rand.New(rand.NewPCG(1, 3))) })
			wg.Go(func() { c.passes(rand.New(rand.NewPCG(2, 3))) })
			wg.Wait()
			c.settled()
		})
	}
}

func newCrowd(t *testing.T, provider *memory.Provider) *crowd {
	c := &crowd{t: t, provider: provider, asked: map[string]asked{}}
	w := newWorld(t, beginnings[0], func(config *travel.Config) {
		config.CodeAttempts = 1000
		if provider != nil {
			config.Provider = provider
		}
	})
	w.store.crowded = true
	c.shop = &shop{world: w, maxima: maxima{operator: operatorMaximum}, tally: &tally{}}
	c.firm = c.company("Kommunen")
	c.bills = c.biller()
	for range 3 {
		c.employ()
	}
	for _, a := range c.people {
		c.holders = append(c.holders, a.holder(c.firm))
		first, err := c.Purchase(c.ctx, travel.PurchaseRequest{Holder: a.holder(c.firm), Key: c.key(), Tickets: tickets([]int64{100}), Purpose: "Möte"})
		require.NoError(t, err)
		c.bought = append(c.bought, first.Authorization)
	}
	if provider != nil {
		r := rand.New(rand.NewPCG(5, 5))
		for range 400 {
			provider.Next([]memory.Outcome{memory.Approve(), memory.Approve(), memory.Refuse("no funds"), memory.Silent(), memory.Die()}[r.IntN(5)])
		}
	}
	return c
}

// settled waits for the provider, closes everything, and checks it all.
func (c *crowd) settled() {
	for range 500 {
		if _, err := c.DrivePayments(c.ctx); err == nil {
			break
		}
	}
	_, err := c.DrivePayments(c.ctx)
	require.NoError(c.t, err)
	c.clock.Set(c.clock.Now().AddDate(0, 2, 0))
	report, err := c.bills.CloseDue(c.ctx)
	require.NoError(c.t, err)
	require.Empty(c.t, report.Aside)
	for _, audit := range []func() ([]travel.Drift, error){
		func() ([]travel.Drift, error) { return c.Audit(c.ctx) },
		func() ([]travel.Drift, error) { return c.bills.Audit(c.ctx) },
	} {
		drifts, err := audit()
		require.NoError(c.t, err)
		assert.Empty(c.t, drifts)
	}
	c.answered()
	c.withinTheMost()
	if c.provider != nil {
		c.charged()
	}
}

// answered sends every purchase again.
func (c *crowd) answered() {
	require.NotEmpty(c.t, c.asked)
	for key, a := range c.asked {
		again, err := c.Purchase(c.ctx, a.PurchaseRequest)
		require.NoError(c.t, err)
		assert.Equal(c.t, a.answer, again, "the answer to %s", key)
	}
}

// withinTheMost asserts I1 with the highest limit that was in force when
// something of a month was authorized.
func (c *crowd) withinTheMost() {
	type key struct {
		travel.TravelerID
		credit.Month
	}
	held, most := map[key]credit.Amount{}, map[key]credit.Amount{}
	for _, d := range c.dump() {
		require.NotEmpty(c.t, d.Documents)
		for _, z := range d.Authorizations {
			k := key{z.Traveler, z.Month}
			held[k] += z.Captured - z.Refunded
			most[k] = max(most[k], z.Limit)
			assert.NotEqual(c.t, credit.Capturing, z.State, "every purchase has ended")
		}
	}
	for k, sum := range held {
		assert.LessOrEqual(c.t, sum, most[k])
	}
}

// charged asserts that the provider was paid what was captured and not
// refunded.
func (c *crowd) charged() {
	var charged, captured credit.Amount
	for _, x := range c.provider.Charged() {
		charged += x.Amount
	}
	for _, x := range c.provider.Refunded() {
		charged -= x.Amount
	}
	for _, d := range c.dump() {
		for _, e := range d.Entries {
			captured += e.Signed()
		}
	}
	assert.Positive(c.t, int64(captured))
	assert.Equal(c.t, captured, charged)
}
