package smstest

import (
	"fmt"
)

var concurrencyCases = []Case{
	{"concurrent/apart", "Send is called from many goroutines.", Accepts, nil, (*check).concurrentApart},
}

// concurrentApart sends many messages at once: each arrives once, as it is, and
// has an id of its own.
func (c *check) concurrentApart() {
	const n = 32
	want := map[Arrival]bool{}
	var pending [n]<-chan result
	for i := range n {
		m := c.message(i, fmt.Sprintf("Hej %d! Din kod är %s.", i, code))
		want[Arrival{m.To.E164(), m.From, m.Text}] = true
		pending[i] = c.begin(c.Context(), m)
	}
	ids := map[string]bool{}
	for i, done := range pending {
		r := c.await(fmt.Sprintf("Send %d of %d at a time", i, n), done)
		if r.err != nil {
			c.Fatalf("Send %d of %d at a time: error %v", i, n, r.err)
		}
		ids[r.receipt.GatewayID] = true
	}
	if len(ids) != n {
		c.Errorf("%d messages have %d ids", n, len(ids))
	}
	seen := c.arrived()
	if len(seen) != n {
		c.Errorf("%d messages have arrived, want %d", len(seen), n)
	}
	for _, a := range seen {
		if !want[a] {
			c.Errorf("arrived is %+q, which nobody sent, or which came before", a)
		}
		delete(want, a)
	}
}
