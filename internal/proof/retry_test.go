package proof

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"github.com/tjansteresor/tjansteresor/travel"
)

// request is one that was answered, and can be sent again.
type request struct {
	name   string
	answer any
	// again sends it as it was, other with the same key and another content.
	again func() (any, error)
	other func(*rapid.T) (any, error)
}

// method is a method of the service that takes a key.
type method[Req, Res any] func(*travel.Service, context.Context, Req) (Res, error)

// as binds a method to who calls it.
func as[Req, Res any](a travel.Actor, do func(*travel.Service, context.Context, travel.Actor, Req) (Res, error)) method[Req, Res] {
	return func(s *travel.Service, ctx context.Context, req Req) (Res, error) { return do(s, ctx, a, req) }
}

// send sends a request and remembers it when it was answered.
func send[Req, Res any](s *shop, name string, do method[Req, Res], req Req) (Res, error) {
	answer, err := do(s.Service, s.ctx, req)
	if err == nil {
		s.past = append(s.past, request{
			name: name, answer: answer,
			again: func() (any, error) { return do(s.Service, s.ctx, respell(req)) },
			other: func(t *rapid.T) (any, error) { return do(s.Service, s.ctx, another(t, req)) },
		})
	}
	return answer, err
}

// respell writes the amounts of a request in another way: 10.5 is 10.50.
func respell[Req any](req Req) Req {
	switch r := any(&req).(type) {
	case *travel.AuthorizeRequest:
		r.Tickets = respellTickets(r.Tickets)
	case *travel.PurchaseRequest:
		r.Tickets = respellTickets(r.Tickets)
	case *travel.CaptureRequest:
		r.Amounts = respellAll(r.Amounts)
	case *travel.RefundRequest:
		r.Amounts = respellAll(r.Amounts)
	case *travel.ConnectRequest:
		r.Limit = respellOne(r.Limit)
	}
	return req
}

func respellOne(d decimal.Decimal) decimal.Decimal {
	s := d.StringFixed(4)
	return decimal.RequireFromString(s)
}

func respellAll(list []decimal.Decimal) []decimal.Decimal {
	var again []decimal.Decimal
	for _, d := range list {
		again = append(again, respellOne(d))
	}
	return again
}

func respellTickets(list []travel.Ticket) []travel.Ticket {
	var again []travel.Ticket
	for _, t := range list {
		t.Gross = respellOne(t.Gross)
		again = append(again, t)
	}
	return again
}

// another changes the content of a request, and not its key.
func another[Req any](t *rapid.T, req Req) Req {
	cent := kr(1)
	switch r := any(&req).(type) {
	case *travel.AuthorizeRequest:
		r.Tickets = anotherTickets(t, r.Tickets)
	case *travel.PurchaseRequest:
		if chance(t, "purpose", 2) {
			r.Purpose += "."
			break
		}
		r.Tickets = anotherTickets(t, r.Tickets)
	case *travel.CaptureRequest:
		switch choose(t, "another", "purpose", "amounts", "device") {
		case "purpose":
			r.Purpose += "."
		case "amounts":
			r.Amounts = append([]decimal.Decimal{cent}, r.Amounts...)
		default:
			r.Holder.Device += "x"
		}
	case *travel.ReleaseRequest:
		r.Holder.Device += "x"
	case *travel.RefundRequest:
		r.Amounts = append([]decimal.Decimal{cent}, r.Amounts...)
	case *travel.ConnectRequest:
		if chance(t, "note", 2) {
			r.Note += "."
			break
		}
		r.Limit = r.Limit.Add(cent)
	case *travel.ChangeNumberRequest:
		if r.Connect = !r.Connect; chance(t, "language", 2) {
			r.Connect, r.Language = !r.Connect, language.English
		}
	default:
		t.Fatalf("no other content for %T", req)
	}
	return req
}

func anotherTickets(t *rapid.T, list []travel.Ticket) []travel.Ticket {
	changed := append([]travel.Ticket(nil), list...)
	switch choose(t, "another", "one more", "price", "product", "swap") {
	case "one more":
		return append(changed, ticket(1))
	case "price":
		changed[0].Gross = changed[0].Gross.Add(kr(1))
	case "product":
		changed[0].Product += "x"
	default:
		last := len(changed) - 1
		if changed[0], changed[last] = changed[last], changed[0]; changed[0].Gross.Equal(changed[last].Gross) {
			changed[0].Gross = changed[0].Gross.Add(kr(1))
		}
	}
	return changed
}

// repeat sends an earlier request again: the answer is the same, and nothing
// happens.
func (s *shop) repeat(t *rapid.T) {
	s.on(t)
	r := one(t, "request", s.past)
	before := s.dump()
	answer, err := r.again()
	require.NoError(s, err)
	require.Equal(s, r.answer, answer, "%s sent again", r.name)
	s.unchanged(before)
	s.tally.count("again: " + r.name)
}

// reuse sends another content under an earlier key: that is an error, and
// nothing happens.
func (s *shop) reuse(t *rapid.T) {
	s.on(t)
	r := one(t, "request", s.past)
	before := s.dump()
	_, err := r.other(t)
	require.ErrorIs(s, err, travel.ErrKeyReused, r.name)
	s.unchanged(before)
	s.tally.count("reused: " + r.name)
}

// TestI3 holds R42 in the middle of everything else that happens: an earlier
// request, at any time later, also after a restart.
func TestI3(t *testing.T) {
	t.Parallel()
	var c tally
	defer func() { t.Log(&c) }()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, &c)
		actions := s.buying()
		actions["again"] = action{8, s.repeat}
		actions["reuse"] = action{6, s.reuse}
		actions["restart"] = action{1, func(t *rapid.T) { s.on(t); s.restart() }}
		t.Repeat(weigh(func(t *rapid.T) {
			c.count("steps")
			s.compare(t)
		}, actions))
	})
}
