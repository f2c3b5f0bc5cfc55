package httpapi_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// problemCases makes every problem there is, once; the status and the part of
// the header that belongs to it stand beside.
var problemCases = map[httpapi.Code]struct {
	status int
	header string
	make   func(*testing.T) *httptest.ResponseRecorder
}{
	httpapi.NotFound: {404, "", func(t *testing.T) *httptest.ResponseRecorder {
		return send(setup(t).app, call{method: "GET", path: "/nowhere", who: "anna"})
	}},
	httpapi.MethodNotAllowed: {405, "Allow", func(t *testing.T) *httptest.ResponseRecorder {
		return send(setup(t).app, call{method: "DELETE", path: "/payment-methods", who: "anna"})
	}},
	httpapi.Unauthenticated: {401, "Www-Authenticate", func(t *testing.T) *httptest.ResponseRecorder {
		return send(setup(t).app, call{method: "GET", path: "/payment-methods", who: "nobody"})
	}},
	httpapi.Forbidden: {403, "", func(t *testing.T) *httptest.ResponseRecorder {
		return send(setup(t).app, call{method: "GET", path: "/payment-methods", who: "banned"})
	}},
	httpapi.RateLimited: {429, "Retry-After", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t, rated(httpapi.Rate{Burst: 1, Every: time.Minute}, httpapi.Rate{}))
		c := call{method: "GET", path: "/payment-methods", who: "anna"}
		require.Equal(t, 200, send(w.app, c).Code)
		return send(w.app, c)
	}},
	httpapi.BodyTooLarge: {413, "Connection", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		c := appCases["POST /payment-methods"].good(w)
		c.body = strings.Repeat(" ", 64<<10) + c.body
		return send(w.app, c)
	}},
	httpapi.BodyTooSlow: {408, "Connection", slowBody},
	httpapi.UnsupportedMediaType: {415, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		return send(w.app, appCases["POST /payment-methods"].good(w).with("Content-Type", "text/json"))
	}},
	httpapi.BadJSON: {400, "", func(t *testing.T) *httptest.ResponseRecorder {
		return send(setup(t).app, call{method: "POST", path: "/payment-methods", who: "anna", body: "{"})
	}},
	httpapi.InvalidInput: {400, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		return send(w.app, call{method: "POST", path: method(w.anna) + "/authorizations", who: "anna", key: "k", body: `{"tickets":[]}`})
	}},
	httpapi.KeyMissing: {400, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		return send(w.app, call{method: "POST", path: method(w.anna) + "/authorizations", who: "anna", body: `{"tickets":[]}`})
	}},
	httpapi.KeyMalformed: {400, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		return send(w.app, call{method: "POST", path: method(w.anna) + "/authorizations", who: "anna", key: `"k`, body: `{"tickets":[]}`})
	}},
	httpapi.KeyInFlight: {409, "Retry-After", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		c := appCases["POST /payment-methods/{payment_method}/authorizations"].good(w)
		var inner *httptest.ResponseRecorder
		w.store.fault(func(context.Context) error {
			w.store.fault(nil)
			inner = send(w.app, c)
			return nil
		})
		require.Equal(t, 200, send(w.app, c).Code)
		return inner
	}},
	httpapi.KeyReused: {422, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		c := appCases["POST /payment-methods/{payment_method}/authorizations"]
		require.Equal(t, 200, send(w.app, c.good(w)).Code)
		return send(w.app, c.changed(w))
	}},
	httpapi.ActivationRefused: {403, "", func(t *testing.T) *httptest.ResponseRecorder {
		return send(setup(t).app, call{method: "POST", path: "/payment-methods", who: "anna", body: `{"username":"x","code":"y"}`})
	}},
	httpapi.CompanyNotActive: {409, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		return send(w.office, call{method: "POST", path: "/companies/" + w.applied.String() + "/close", who: "staff", body: `{}`})
	}},
	httpapi.Conflict: {409, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		return send(w.office, call{method: "POST", path: company(w.habo) + "/approve", who: "staff", body: `{}`})
	}},
	httpapi.TooEarly: {409, "", func(t *testing.T) *httptest.ResponseRecorder {
		out := send(setup(t).office, call{method: "POST", path: "/months/2026-02/close", who: "staff", body: `{}`})
		assert.Equal(t, "2026-03-03T23:00:00Z", read[problem](t, out).From, "the end of the month and 72 hours")
		return out
	}},
	httpapi.NotIssuable: {409, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		require.NoError(t, w.travel.UpdateCompany(t.Context(), w.habo.admin, w.habo.id, travel.CompanyDetails{}))
		out := send(w.office, officeCases["POST /companies/{company}/documents/{document}/reissue"].good(w))
		assert.Equal(t, "billing_data", read[problem](t, out).Reason)
		return out
	}},
	httpapi.PaymentPending: {503, "Retry-After", func(t *testing.T) *httptest.ResponseRecorder {
		w, provider := setup(t), &memory.Provider{}
		w.provider = provider
		w.services()
		w.handlers()
		provider.Next(memory.Silent())
		c := appCases["POST /payment-methods/{payment_method}/purchases"].good(w)
		out := send(w.app, c)
		assert.Equal(t, 200, send(w.app, c).Code, "the same key tells how it ended")
		assert.Len(t, provider.Charged(), 1)
		return out
	}},
	httpapi.UnknownOutcome: {503, "Retry-After", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		w.store.fault(func(context.Context) error {
			w.store.fault(nil)
			return errors.Join(travel.ErrUnknownOutcome, context.DeadlineExceeded)
		})
		c := appCases["POST /payment-methods/{payment_method}/purchases"].good(w)
		out := send(w.app, c)
		assert.Equal(t, 200, send(w.app, c).Code)
		return out
	}},
	httpapi.Timeout: {503, "Retry-After", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t, func(_ *world, a *httpapi.AppConfig, _ *httpapi.OfficeConfig) { a.Timeout = time.Millisecond })
		w.store.fault(func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		return send(w.app, appCases["POST /payment-methods/{payment_method}/purchases"].good(w))
	}},
	httpapi.Internal: {500, "", func(t *testing.T) *httptest.ResponseRecorder {
		w := setup(t)
		w.store.fault(func(context.Context) error { return errors.New("pq: relation travelers") })
		return send(w.app, appCases["GET /payment-methods"].good(w))
	}},
}

func rated(identity, address httpapi.Rate) func(*world, *httpapi.AppConfig, *httpapi.OfficeConfig) {
	return func(_ *world, a *httpapi.AppConfig, o *httpapi.OfficeConfig) {
		a.PerIdentity, a.PerAddress, o.PerIdentity, o.PerAddress = identity, address, identity, address
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, code := range httpapi.Codes() {
		c, ok := problemCases[code]
		require.True(t, ok, "no test makes %s", code)
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			out := c.make(t)
			p := refused(t, out, c.status, string(code))
			assert.Equal(t, "urn:tjansteresor:problem:"+string(code), p.Type)
			assert.Equal(t, "sv", out.Header().Get("Content-Language"))
			assert.Equal(t, "no-store", out.Header().Get("Cache-Control"))
			for _, name := range []string{"Allow", "Www-Authenticate", "Retry-After", "Connection"} {
				assert.Equal(t, c.header == name, out.Header().Get(name) != "", name)
			}
			assert.NotContains(t, out.Body.String(), "pq:")
		})
	}
	assert.Len(t, problemCases, len(httpapi.Codes()))
}

func TestProblemsAreNoDeclines(t *testing.T) {
	t.Parallel()
	for _, code := range httpapi.Codes() {
		assert.NotContains(t, credit.Codes(), credit.DeclineCode(code))
		assert.NotEqual(t, 402, problemCases[code].status, "402 is for declines")
	}
}

func TestTextsFollowAcceptLanguage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for header, want := range map[string]string{
		"": "sv", "sv": "sv", "sv-SE,sv;q=0.9,en;q=0.8": "sv", "en": "en", "en-GB": "en", "fr, en;q=0.5, sv;q=0.1": "en", "de, sv;q=0.2": "sv",
		"fr": "en", "*": "sv", ";;;": "sv", strings.Repeat("en,", 1000): "sv",
	} {
		out := send(w.app, call{method: "GET", path: "/nowhere"}.with("Accept-Language", header))
		assert.Equal(t, want, out.Header().Get("Content-Language"), header)
		assert.Equal(t, map[string]string{"sv": "Finns inte", "en": "Not found"}[want], read[problem](t, out).Title)
	}
}

func TestInputErrorsNameTheField(t *testing.T) {
	t.Parallel()
	w := setup(t)
	buy := method(w.anna) + "/purchases"
	for name, c := range map[string]struct{ method, path, body, field, value string }{
		"no tickets":     {"POST", buy, `{"tickets":[],"purpose":"Möte"}`, "tickets", "0"},
		"no price":       {"POST", buy, `{"tickets":[{"product":"a","category":"b","zones":["c"],"vat_rate":600}],"purpose":"Möte"}`, "tickets[0].gross", ""},
		"a short price":  {"POST", buy, `{"tickets":` + wish("37.5") + `,"purpose":"Möte"}`, "tickets[0].gross", ""},
		"an exponent":    {"POST", buy, `{"tickets":` + wish("1e99999999") + `,"purpose":"Möte"}`, "tickets[0].gross", ""},
		"a huge price":   {"POST", buy, `{"tickets":` + wish("999999999999999.00") + `,"purpose":"Möte"}`, "tickets[0].gross", "999999999999999"},
		"0":              {"POST", buy, `{"tickets":` + wish("0.00") + `,"purpose":"Möte"}`, "tickets[0].gross", "0"},
		"below 0":        {"POST", buy, `{"tickets":` + wish("-1.00") + `,"purpose":"Möte"}`, "tickets[0].gross", "-1"},
		"no rate":        {"POST", buy, `{"tickets":[{"product":"a","category":"b","zones":["c"],"gross":"1.00"}],"purpose":"Möte"}`, "tickets[0].vat_rate", ""},
		"a wrong rate":   {"POST", buy, `{"tickets":[{"product":"a","category":"b","zones":["c"],"gross":"1.00","vat_rate":0,"vat_category":"S"}],"purpose":"Möte"}`, "tickets[0].vat_rate", "0"},
		"no day":         {"POST", buy, `{"tickets":[{"product":"a","category":"b","zones":["c"],"gross":"1.00","vat_rate":600,"valid_from":"tomorrow"}],"purpose":"Möte"}`, "tickets[0].valid_from", ""},
		"stated":         {"POST", buy, `{"tickets":[{"product":"a","category":"b","zones":["c"],"gross":"1.06","vat_rate":600,"stated":{"net":"1.00","vat":"0.6"}}],"purpose":"Möte"}`, "tickets[0].stated.vat", ""},
		"R28 no purpose": {"POST", buy, `{"tickets":` + wish("37.00") + `,"purpose":" \t "}`, "purpose", ""},
		"a person":       {"POST", buy, `{"tickets":` + wish("37.00") + `,"purpose":"möte 19640823-3234"}`, "purpose", ""},
		"no amounts":     {"POST", w.authorization(w.anna, w.open[w.anna], "capture"), `{"purpose":"Möte","amounts":[]}`, "amounts", ""},
		"too many":       {"POST", w.authorization(w.anna, w.open[w.anna], "capture"), `{"purpose":"Möte","amounts":["1.00","1.00"]}`, "amounts", "2"},
		"before":         {"GET", method(w.anna) + "/purchases?before=x", "", "before", ""},
	} {
		t.Run(name, func(t *testing.T) {
			out := send(w.app, call{method: c.method, path: c.path, body: c.body, who: "anna", key: "k"})
			p := refused(t, out, 400, "invalid_input")
			require.Len(t, p.Errors, 1)
			assert.Equal(t, c.field, p.Errors[0].Field)
			assert.Equal(t, c.value, p.Errors[0].Value)
			assert.NotEmpty(t, p.Errors[0].Reason)
			assert.NotContains(t, out.Body.String(), "640823")
		})
	}
}

// declineCases makes declines by the app and the back office.
var declineCases = map[credit.DeclineCode]func(*world) *httptest.ResponseRecorder{
	credit.LimitExceeded: func(w *world) *httptest.ResponseRecorder { return w.tryToBuy("320.01", "anna") },
	credit.NotConnected: func(w *world) *httptest.ResponseRecorder {
		w.connect(w.anna)
		return w.tryToBuy("1.00", "anna")
	},
	credit.NotActivated: func(w *world) *httptest.ResponseRecorder {
		v, err := w.travel.Connect(w.Context(), w.habo.admin, travel.ConnectRequest{Company: w.habo.id, Traveler: w.anna.id, Key: w.key()})
		require.NoError(w, err)
		w.anna.method.Connection = v
		return w.tryToBuy("1.00", "anna")
	},
	credit.OtherNumber: func(w *world) *httptest.ResponseRecorder { return w.tryToBuy("1.00", "bo") },
	credit.OtherDevice: func(w *world) *httptest.ResponseRecorder {
		w.anna.phone.Device = "a new phone"
		w.handlers()
		return w.tryToBuy("1.00", "anna")
	},
	credit.AccountFrozen: func(w *world) *httptest.ResponseRecorder {
		require.NoError(w, w.travel.SetFrozen(w.Context(), w.habo.admin, w.habo.id, w.anna.id, true))
		return w.tryToBuy("1.00", "anna")
	},
	credit.CompanyInactive: func(w *world) *httptest.ResponseRecorder {
		require.NoError(w, w.travel.CloseCompany(w.Context(), operator, w.habo.id, ""))
		return w.tryToBuy("1.00", "anna")
	},
	credit.ProductNotAllowed: func(w *world) *httptest.ResponseRecorder {
		require.NoError(w, w.travel.UpdateCompany(w.Context(), w.habo.admin, w.habo.id, travel.CompanyDetails{Policy: &travel.Policy{Products: []string{"day"}}}))
		return w.tryToBuy("1.00", "anna")
	},
	credit.AlreadyCaptured: func(w *world) *httptest.ResponseRecorder {
		return send(w.app, call{method: "POST", path: w.authorization(w.anna, w.bought[w.anna], "release"), who: "anna", key: "d", body: `{}`})
	},
	credit.AuthorizationExpired: func(w *world) *httptest.ResponseRecorder {
		w.clock.Add(15 * time.Minute)
		return send(w.app, call{method: "POST", path: w.authorization(w.anna, w.open[w.anna], "capture"), who: "anna", key: "d", body: purposed})
	},
	credit.ExceedsAuthorization: func(w *world) *httptest.ResponseRecorder {
		return send(w.app, call{method: "POST", path: w.authorization(w.anna, w.open[w.anna], "capture"), who: "anna", key: "d", body: `{"purpose":"a","amounts":["37.01"]}`})
	},
	credit.ExceedsCaptured: func(w *world) *httptest.ResponseRecorder { return w.tryToRefund(w.bought[w.anna], "106.01") },
	credit.NotCaptured:     func(w *world) *httptest.ResponseRecorder { return w.tryToRefund(w.open[w.anna], "37.00") },
	credit.ProviderRefused: func(w *world) *httptest.ResponseRecorder {
		provider := &memory.Provider{}
		w.provider = provider
		w.services()
		w.handlers()
		provider.Next(memory.Refuse("risk-17"))
		return w.tryToBuy("1.00", "anna")
	},
}

func (w *world) tryToBuy(gross, who string) *httptest.ResponseRecorder {
	return send(w.app, call{method: "POST", path: method(w.anna) + "/purchases", who: who, key: "d", body: `{"tickets":` + wish(gross) + `,"purpose":"Möte"}`}.
		with("Accept-Language", "en"))
}

func (w *world) tryToRefund(id travel.AuthorizationID, gross string) *httptest.ResponseRecorder {
	return send(w.office, call{method: "POST", path: company(w.habo) + "/authorizations/" + id.String() + "/refunds", who: "staff", key: "d", body: `{"amounts":["` + gross + `"]}`})
}

func TestDeclinesAre402(t *testing.T) {
	t.Parallel()
	for code, decline := range declineCases {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			out := decline(w)
			p := refused(t, out, 402, string(code))
			assert.Equal(t, "urn:tjansteresor:decline:"+string(code), p.Type)
			assert.NotEmpty(t, p.Decline["helper"])
			assert.NotContains(t, out.Body.String(), "risk-17", "the provider's reason is for the back office")
			assert.Empty(t, w.logged.String(), "a decline is nothing to log")
		})
	}
}

// Both languages, word for word.
func TestDeclinesInWords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := call{method: "POST", path: method(w.anna) + "/authorizations", who: "anna", key: "k", body: `{"tickets":` + wish("400.00") + `}`}
	swedish := refused(t, send(w.app, c.with("Accept-Language", "sv")), 402, "limit_exceeded")
	assert.Equal(t, "Köpet medges inte", swedish.Title)
	assert.Equal(t, "Beloppet 400,00 kr är 80,00 kr mer än vad som är kvar av månadens kreditgräns. Kvar: 320,00 kr av 500,00 kr. "+
		"Kreditgränsen är hel igen 2026-03-01. En administratör i företaget kan höja den.", swedish.Detail)
	english := refused(t, send(w.app, c.with("Accept-Language", "en")), 402, "limit_exceeded")
	assert.Equal(t, "The purchase is declined", english.Title)
	assert.Equal(t, "The amount 400.00 kr is 80.00 kr more than what is left of this month's credit limit. Left: 320.00 kr of 500.00 kr. "+
		"The credit is whole again on 2026-03-01. An administrator of your company can raise the limit.", english.Detail)
	want := map[string]string{
		"amount": "400.00", "short_by": "80.00", "limit": "500.00", "used": "106.00", "reserved": "74.00", "available": "320.00",
		"resets_at": "2026-02-28T23:00:00Z", "passes_at": "2026-02-28T23:00:00Z", "helper": "administrator",
	}
	assert.Equal(t, want, swedish.Decline)
	assert.Equal(t, want, english.Decline, "the same answer in other words")
}

func TestProvidersReasonIsForTheOffice(t *testing.T) {
	t.Parallel()
	w, provider := setup(t), &memory.Provider{}
	w.provider = provider
	w.services()
	w.handlers()
	out := w.tryToRefund(w.bought[w.anna], "6.00")
	p := refused(t, out, 402, "provider_refused")
	assert.Equal(t, memory.ReasonNotCharged, p.Decline["provider_reason"])
	assert.NotContains(t, p.Decline, "resets_at", "there is none")
}

// grumpy is a payment provider whose silence looks like other errors.
type grumpy struct{ err error }

func (g grumpy) Charge(context.Context, travel.Charge) (travel.ProviderAnswer, error) {
	return travel.ProviderAnswer{}, g.err
}

func (g grumpy) Refund(context.Context, travel.ProviderRefund) (travel.ProviderAnswer, error) {
	return travel.ProviderAnswer{}, g.err
}

// Whatever a provider's silence is made of, nobody is told that nothing was
// bought.
func TestSilenceIsPending(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&travel.InputError{Field: "Amount"}, travel.ErrNotFound, travel.ErrKeyReused, context.DeadlineExceeded, httpapi.ErrUnauthenticated,
		travel.ErrUnknownOutcome, errors.New("connection reset"),
	} {
		w := setup(t)
		w.provider = grumpy{err}
		w.services()
		w.handlers()
		refused(t, send(w.app, appCases["POST /payment-methods/{payment_method}/purchases"].good(w)), 503, "payment_pending")
	}
}

func TestEveryDeclineHasWords(t *testing.T) {
	t.Parallel()
	for _, code := range credit.Codes() {
		d := &credit.Decline{Code: code, Amount: decimal.NewFromInt(1), ResetsAt: time.Unix(0, 0)}
		status, svTitle, svDetail := httpapi.DeclineProblem(d, swedish)
		_, enTitle, enDetail := httpapi.DeclineProblem(d, english)
		assert.Equal(t, 402, status)
		assert.NotEqual(t, svTitle, enTitle)
		assert.NotEqual(t, svDetail, enDetail, code)
		assert.NotEqual(t, string(code), svDetail)
	}
}
