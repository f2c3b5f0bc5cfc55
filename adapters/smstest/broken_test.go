package smstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

// TestBrokenSendersFail runs the cases on senders that break one promise each.
// Every case has a sender that fails it.
func TestBrokenSendersFail(t *testing.T) {
	t.Parallel()
	cases := map[string]smstest.Case{}
	for _, c := range smstest.Cases() {
		cases[c.Name] = c
	}
	found := map[string]bool{}
	for _, f := range faults {
		for name := range strings.FieldsSeq(f.cases) {
			found[name] = true
			t.Run(f.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				c, ok := cases[name]
				if !assert.True(t, ok, "there is no case %s", name) {
					return
				}
				o := options(f)
				if strings.HasPrefix(f.name, "waits") {
					o.Patience = 200 * time.Millisecond
				}
				got := record(t, c, o)
				assert.True(t, got.failed, "the case passed")
				assert.Contains(t, got.log.String(), c.Contract)
			})
		}
	}
	for name := range cases {
		assert.True(t, found[name], "no broken sender fails %s", name)
	}
}

// all names the cases of each mood that end so.
func all(end string, but ...smstest.Mood) string {
	var names []string
moods:
	for m := smstest.Accepts; m <= smstest.Fails; m++ {
		for _, b := range but {
			if m == b {
				continue moods
			}
		}
		names = append(names, m.String()+end)
	}
	return strings.Join(names, " ")
}

// kind is a fault that gives every failure another kind.
func kind(k sms.Kind) func(*gateway, sms.Message, *sms.Receipt, *error) {
	return func(_ *gateway, _ sms.Message, _ *sms.Receipt, err *error) {
		if *err != nil {
			*err = &sms.SendError{Kind: k}
		}
	}
}

// printed is a fault that puts something into every failure.
func printed(wrap func(m sms.Message) error) func(*gateway, sms.Message, *sms.Receipt, *error) {
	return func(_ *gateway, m sms.Message, _ *sms.Receipt, err *error) {
		if *err != nil {
			*err = wrap(m)
		}
	}
}

// hidden is an error that shows what it is about only when looked at closely.
type hidden struct{ Text string }

func (hidden) Error() string { return "something" }

var faults = []fault{
	{
		name: "names another gateway", cases: "receipt/gateway",
		result: func(_ *gateway, _ sms.Message, r *sms.Receipt, _ *error) { r.Gateway = "other" },
	},
	{
		name: "gives no id", cases: "receipt/id concurrent/apart",
		result: func(_ *gateway, _ sms.Message, r *sms.Receipt, _ *error) { r.GatewayID = "" },
	},
	{
		name: "gives one id to all", cases: "receipt/id concurrent/apart",
		result: func(_ *gateway, _ sms.Message, r *sms.Receipt, _ *error) { r.GatewayID = "1" },
	},
	{
		name: "calls everything permanent", result: kind(sms.KindPermanent),
		cases: "throttles/temporary unreachable/temporary dies/unknown garbles/unknown silent/unknown fails/unknown context/done",
	},
	{
		name: "calls everything temporary", result: kind(sms.KindTemporary),
		cases: "refuses/permanent dies/unknown garbles/unknown silent/unknown fails/unknown",
	},
	{
		name: "calls everything unknown", result: kind(sms.KindUnknown),
		cases: "refuses/permanent throttles/temporary unreachable/temporary refuses/code throttles/wait context/done",
	},
	{
		name: "returns errors of its own", result: printed(func(sms.Message) error { return errors.New("failed") }),
		cases: "refuses/permanent refuses/code throttles/temporary throttles/wait unreachable/temporary dies/unknown",
	},
	{
		name: "returns a bare kind", result: printed(func(sms.Message) error { return sms.ErrUnknown }),
		cases: "dies/unknown fails/unknown",
	},
	{
		name: "swallows failures", cases: all("/unknown", smstest.Accepts, smstest.Refuses, smstest.Throttles, smstest.Unreachable) +
			" refuses/permanent throttles/temporary unreachable/temporary context/done context/deadline context/canceled",
		result: func(_ *gateway, _ sms.Message, r *sms.Receipt, err *error) {
			*r, *err = sms.Receipt{Gateway: name}, nil
		},
	},
	{
		name: "makes up codes", cases: "refuses/code",
		result: printed(func(sms.Message) error { return &sms.SendError{Kind: sms.KindPermanent, Code: "refused"} }),
	},
	{
		name: "waits as it likes", cases: "throttles/wait",
		result: printed(func(sms.Message) error { return &sms.SendError{Kind: sms.KindTemporary, RetryAfter: time.Second} }),
	},
	{
		name: "waits for ever", cases: "context/canceled context/deadline silent/unknown",
		send: func(g *gateway, ctx context.Context, m sms.Message) (sms.Receipt, error) {
			return g.send(context.WithoutCancel(ctx), m)
		},
	},
	{
		name: "waits for nothing", cases: "context/canceled",
		send: func(_ *gateway, ctx context.Context, _ sms.Message) (sms.Receipt, error) {
			<-ctx.Done() // before anything was sent
			return sms.Receipt{}, &sms.SendError{}
		},
	},
	{
		name: "gives up too early", cases: "context/deadline",
		send: func(*gateway, context.Context, sms.Message) (sms.Receipt, error) {
			return sms.Receipt{}, &sms.SendError{}
		},
	},
	{
		name: "sends what nobody waits for", cases: "context/done",
		send: func(g *gateway, ctx context.Context, m sms.Message) (sms.Receipt, error) {
			g.arrive(m)
			return g.send(ctx, m)
		},
	},
	{
		name: "tries again", cases: all("/once"),
		send: func(g *gateway, ctx context.Context, m sms.Message) (sms.Receipt, error) {
			g.arrive(m)
			return g.send(ctx, m)
		},
	},
	{
		name: "loses accents", cases: "message/intact",
		alter: func(a *smstest.Arrival) {
			a.Text = strings.NewReplacer("å", "a", "ä", "a", "ö", "o").Replace(a.Text)
		},
	},
	{
		name: "loses the plus sign in forms", cases: "message/intact",
		alter: func(a *smstest.Arrival) { a.Text = strings.ReplaceAll(a.Text, "+", " ") },
	},
	{
		name: "decodes twice", cases: "message/intact",
		alter: func(a *smstest.Arrival) {
			if again, err := url.QueryUnescape(a.Text); err == nil {
				a.Text = again
			}
		},
	},
	{
		name: "trims", cases: "message/intact",
		alter: func(a *smstest.Arrival) { a.Text = strings.TrimSpace(a.Text) },
	},
	{
		name: "cuts after one part", cases: "message/intact",
		alter: func(a *smstest.Arrival) { a.Text = sms.Split(a.Text)[0] },
	},
	{
		name: "loses emoji", cases: "message/intact",
		alter: func(a *smstest.Arrival) { a.Text = strings.ReplaceAll(a.Text, "🎫", "?") },
	},
	{
		name: "loses the plus sign of numbers", cases: "message/intact message/repeated message/again concurrent/apart",
		alter: func(a *smstest.Arrival) { a.To = strings.TrimPrefix(a.To, "+") },
	},
	{
		name: "has a sender name of its own", cases: "message/intact message/repeated concurrent/apart",
		alter: func(a *smstest.Arrival) { a.From = "SMS" },
	},
	{
		name: "drops repeats", cases: "message/repeated message/again",
		send: dropping(),
	},
	{
		name: "marks repeats", cases: "message/repeated",
		send: func(g *gateway, ctx context.Context, m sms.Message) (sms.Receipt, error) {
			m.Text += fmt.Sprint(g.id())
			return g.send(ctx, m)
		},
	},
	{
		name: "waits for a gateway that is back", cases: "message/again",
		result: func(g *gateway, _ sms.Message, _ *sms.Receipt, err *error) {
			if g.now() == smstest.Accepts {
				*err = &sms.SendError{Kind: sms.KindTemporary}
			}
		},
	},
	{
		name: "mixes up what is sent together", cases: "concurrent/apart",
		send: mixing(),
	},
	{
		name: "loses one of many", cases: "concurrent/apart",
		result: func(_ *gateway, m sms.Message, r *sms.Receipt, err *error) {
			if strings.HasPrefix(m.Text, "Hej 7!") {
				*r, *err = sms.Receipt{}, &sms.SendError{Kind: sms.KindTemporary}
			}
		},
	},
	{
		name: "has the number in its errors", cases: all("/secret", smstest.Accepts),
		result: printed(func(m sms.Message) error { return fmt.Errorf("to %s: %w", m.To.E164(), &sms.SendError{}) }),
	},
	{
		name: "has the number in what it wraps", cases: "dies/secret",
		result: printed(func(m sms.Message) error {
			return &sms.SendError{Err: errors.Join(errors.New("a"), hidden{"/send?to=" + url.QueryEscape(m.To.E164())})}
		}),
	},
	{
		name: "has the text in its code", cases: "refuses/secret",
		result: printed(func(m sms.Message) error { return &sms.SendError{Code: m.Text} }),
	},
	{
		name: "has the text in what it wraps", cases: "fails/secret",
		result: printed(func(m sms.Message) error { return &sms.SendError{Err: hidden{m.Text}} }),
	},
}

// dropping sends nothing that it has sent before.
func dropping() func(*gateway, context.Context, sms.Message) (sms.Receipt, error) {
	var seen sync.Map
	return func(g *gateway, ctx context.Context, m sms.Message) (sms.Receipt, error) {
		type key struct {
			g  *gateway
			id sms.MessageID
		}
		if _, again := seen.LoadOrStore(key{g, m.ID}, true); again {
			return sms.Receipt{Gateway: name, GatewayID: g.id()}, nil
		}
		return g.send(ctx, m)
	}
}

// mixing sends the text of the first message to everybody.
func mixing() func(*gateway, context.Context, sms.Message) (sms.Receipt, error) {
	var first sync.Map
	return func(g *gateway, ctx context.Context, m sms.Message) (sms.Receipt, error) {
		text, _ := first.LoadOrStore(g, m.Text)
		m.Text = text.(string)
		return g.send(ctx, m)
	}
}
