package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tjansteresor/tjansteresor/travel"
)

// The errors of [Provider]; [errors.Is] tells them apart.
var (
	// ErrSilent: the provider gave no answer.
	ErrSilent = errors.New("payment provider gave no answer")
	// ErrContent: an id was used before with another content.
	ErrContent = errors.New("id used with another content")
)

// Why a [Provider] refuses a refund by itself.
const (
	// ReasonNotCharged: there is no such charge, or it was refused.
	ReasonNotCharged = "not_charged"
	// ReasonExceedsCharge: more would be given back than was charged.
	ReasonExceedsCharge = "exceeds_charge"
)

// Outcome is what a [Provider] does with a call.
type Outcome struct {
	silent, dies, refuses bool
	reason                string
}

// Approve does what is asked and says so.
func Approve() Outcome { return Outcome{} }

// Refuse answers no, with a reason.
func Refuse(reason string) Outcome { return Outcome{refuses: true, reason: reason} }

// Silent does nothing and gives [ErrSilent].
func Silent() Outcome { return Outcome{silent: true} }

// Die does what is asked, remembers it, and gives [ErrSilent]: as when the
// connection breaks between the charge and its answer.
func Die() Outcome { return Outcome{dies: true} }

// Provider is a payment provider for tests. Calls take the outcomes of a
// script, one each, and are approved after its end. A request that has been
// decided is not decided again: any outcome but [Silent] and [Die] gives the
// answer that was given. The zero Provider has no script. It is safe for
// concurrent use.
type Provider struct {
	mu      sync.Mutex
	script  []Outcome
	calls   int
	charges decided[travel.AuthorizationID, travel.Charge]
	refunds decided[travel.RefundID, travel.ProviderRefund]
}

var _ travel.PaymentProvider = (*Provider)(nil)

// decided remembers requests by id, and those that were approved in order.
type decided[ID comparable, Request comparable] struct {
	requests map[ID]Request
	answers  map[ID]travel.ProviderAnswer
	approved []Request
}

// Next adds outcomes to the script.
func (p *Provider) Next(outcomes ...Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script = append(p.script, outcomes...)
}

// Calls returns how often the provider was asked.
func (p *Provider) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Charged returns the charges that were made, in their order.
func (p *Provider) Charged() []travel.Charge {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.charges.approved)
}

// Refunded returns the refunds that were made, in their order.
func (p *Provider) Refunded() []travel.ProviderRefund {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.refunds.approved)
}

// Charge implements travel.PaymentProvider. The error is [ErrSilent],
// [ErrContent] or that of ctx.
func (p *Provider) Charge(ctx context.Context, c travel.Charge) (travel.ProviderAnswer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o, err := p.next(ctx)
	if err != nil {
		return travel.ProviderAnswer{}, err
	}
	return p.charges.decide(c.ID, c, o)
}

// Refund implements travel.PaymentProvider. It refuses to give back more than
// was charged. The error is [ErrSilent], [ErrContent] or that of ctx.
func (p *Provider) Refund(ctx context.Context, r travel.ProviderRefund) (travel.ProviderAnswer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o, err := p.next(ctx)
	if err != nil {
		return travel.ProviderAnswer{}, err
	}
	if reason := p.refuse(r); reason != "" && !o.refuses {
		o.refuses, o.reason = true, reason
	}
	return p.refunds.decide(r.ID, r, o)
}

// next takes an outcome from the script.
func (p *Provider) next(ctx context.Context) (Outcome, error) {
	if err := ctx.Err(); err != nil {
		return Outcome{}, err
	}
	p.calls++
	if len(p.script) == 0 {
		return Approve(), nil
	}
	o := p.script[0]
	p.script = p.script[1:]
	return o, nil
}

func (p *Provider) refuse(r travel.ProviderRefund) string {
	if !p.charges.answers[r.Charge].Approved {
		return ReasonNotCharged
	}
	left := p.charges.requests[r.Charge].Amount - r.Amount
	for _, earlier := range p.refunds.approved {
		if earlier.Charge == r.Charge {
			left -= earlier.Amount
		}
	}
	if left < 0 {
		return ReasonExceedsCharge
	}
	return ""
}

// decide decides on a request once and gives the answer, or silence.
func (d *decided[ID, Request]) decide(id ID, r Request, o Outcome) (travel.ProviderAnswer, error) {
	if earlier, ok := d.requests[id]; ok && earlier != r {
		return travel.ProviderAnswer{}, fmt.Errorf("%w: %v", ErrContent, id)
	}
	if o.silent {
		return travel.ProviderAnswer{}, ErrSilent
	}
	answer, ok := d.answers[id]
	if !ok {
		answer = travel.ProviderAnswer{Approved: !o.refuses, Reason: o.reason}
		d.remember(id, r, answer)
	}
	if o.dies {
		return travel.ProviderAnswer{}, ErrSilent
	}
	return answer, nil
}

func (d *decided[ID, Request]) remember(id ID, r Request, answer travel.ProviderAnswer) {
	if d.requests == nil {
		d.requests, d.answers = map[ID]Request{}, map[ID]travel.ProviderAnswer{}
	}
	d.requests[id], d.answers[id] = r, answer
	if answer.Approved {
		d.approved = append(d.approved, r)
	}
}
