package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	nowhere    = "01890000-0000-7000-8000-000000000001"
	wrongShape = "not-an-id"
)

// routeCase is what is known of a route. Paths and bodies are made for a world.
type routeCase struct {
	// good is a request that succeeds, with status.
	good   func(*world) call
	status int
	// changed is another request that may not have the key of the good one.
	changed func(*world) call
	// foreign are requests with ids of somebody else, and what is answered.
	foreign func(*world) map[call2]answer
}

type answer struct {
	status int
	code   string
}

// call2 is a call that can be the key of a map.
type call2 struct{ method, path, body, who, key string }

func (c call2) call() call {
	return call{method: c.method, path: c.path, body: c.body, who: c.who, key: c.key}
}

var (
	absent   = answer{404, "not_found"}
	stranger = answer{402, "other_number"}
)

func method(p *person) string { return "/payment-methods/" + p.method.String() }

// forged is a payment method with ids of two employers.
func forged(w *world) string {
	m := w.anna.method
	m.Company = w.ydre.id
	return "/payment-methods/" + m.String()
}

func (w *world) authorization(p *person, id travel.AuthorizationID, verb string) string {
	return method(p) + "/authorizations/" + id.String() + "/" + verb
}

const purposed = `{"purpose":"Möte i Växjö"}`

// appCases are the routes of the app, as Anna asks.
var appCases = map[string]routeCase{
	"GET /payment-methods": {
		good: func(*world) call { return call{method: "GET", path: "/payment-methods", who: "anna"} }, status: 200,
	},
	"POST /payment-methods": {
		good: func(w *world) call {
			return call{method: "POST", path: "/payment-methods", who: "cia", body: `{"username":"` + w.cia.username + `","code":"` + w.cia.code + `"}`}
		},
		status: 200,
		foreign: func(w *world) map[call2]answer {
			return map[call2]answer{
				{"POST", "/payment-methods", `{"username":"` + w.cia.username + `","code":"` + w.cia.code + `"}`, "bo", ""}: {403, "activation_refused"},
			}
		},
	},
	"GET /payment-methods/{payment_method}/balance": {
		good: func(w *world) call { return call{method: "GET", path: method(w.anna) + "/balance", who: "anna"} }, status: 200,
		foreign: func(w *world) map[call2]answer {
			return map[call2]answer{
				{"GET", method(w.bo) + "/balance", "", "anna", ""}: absent,
				{"GET", forged(w) + "/balance", "", "anna", ""}:    absent,
			}
		},
	},
	"GET /payment-methods/{payment_method}/purchases": {
		good: func(w *world) call {
			return call{method: "GET", path: method(w.anna) + "/purchases?limit=2", who: "anna"}
		}, status: 200,
		foreign: func(w *world) map[call2]answer {
			return map[call2]answer{
				{"GET", method(w.bo) + "/purchases", "", "anna", ""}: absent,
				{"GET", forged(w) + "/purchases", "", "anna", ""}:    absent,
			}
		},
	},
	"POST /payment-methods/{payment_method}/purchases": {
		good: func(w *world) call {
			return call{method: "POST", path: method(w.anna) + "/purchases", who: "anna", key: "k", body: `{"tickets":` + wish("37.00") + `,"purpose":"Möte"}`}
		}, status: 200,
		changed: func(w *world) call {
			return call{method: "POST", path: method(w.anna) + "/purchases", who: "anna", key: "k", body: `{"tickets":` + wish("37.00") + `,"purpose":"Kurs"}`}
		},
		foreign: func(w *world) map[call2]answer {
			body := `{"tickets":` + wish("37.00") + `,"purpose":"Möte"}`
			return map[call2]answer{
				{"POST", method(w.bo) + "/purchases", body, "anna", "k"}: stranger,
				{"POST", forged(w) + "/purchases", body, "anna", "k"}:    absent,
			}
		},
	},
	"POST /payment-methods/{payment_method}/authorizations": {
		good: func(w *world) call {
			return call{method: "POST", path: method(w.anna) + "/authorizations", who: "anna", key: "k", body: `{"tickets":` + wish("37.00") + `}`}
		}, status: 200,
		changed: func(w *world) call {
			return call{method: "POST", path: method(w.anna) + "/authorizations", who: "anna", key: "k", body: `{"tickets":` + wish("38.00") + `}`}
		},
		foreign: func(w *world) map[call2]answer {
			body := `{"tickets":` + wish("37.00") + `}`
			return map[call2]answer{
				{"POST", method(w.bo) + "/authorizations", body, "anna", "k"}: stranger,
				{"POST", forged(w) + "/authorizations", body, "anna", "k"}:    absent,
			}
		},
	},
	"POST /payment-methods/{payment_method}/authorizations/{authorization}/capture": {
		good: func(w *world) call {
			return call{method: "POST", path: w.authorization(w.anna, w.open[w.anna], "capture"), who: "anna", key: "k", body: purposed}
		}, status: 200,
		changed: func(w *world) call {
			return call{method: "POST", path: w.authorization(w.anna, w.other[w.anna], "capture"), who: "anna", key: "k", body: purposed}
		},
		foreign: func(w *world) map[call2]answer { return w.foreignVerb("capture", purposed) },
	},
	"POST /payment-methods/{payment_method}/authorizations/{authorization}/release": {
		good: func(w *world) call {
			return call{method: "POST", path: w.authorization(w.anna, w.open[w.anna], "release"), who: "anna", key: "k", body: `{}`}
		}, status: 200,
		changed: func(w *world) call {
			return call{method: "POST", path: w.authorization(w.anna, w.other[w.anna], "release"), who: "anna", key: "k", body: `{}`}
		},
		foreign: func(w *world) map[call2]answer { return w.foreignVerb("release", `{}`) },
	},
}

func (w *world) foreignVerb(verb, body string) map[call2]answer {
	return map[call2]answer{
		{"POST", w.authorization(w.anna, w.open[w.bo], verb), body, "anna", "k"}:                            absent,
		{"POST", w.authorization(w.bo, w.open[w.bo], verb), body, "anna", "k"}:                              stranger,
		{"POST", forged(w) + "/authorizations/" + w.open[w.bo].String() + "/" + verb, body, "anna", "k"}:    absent,
		{"POST", method(w.anna) + "/authorizations/" + nowhere + "/" + verb, body, "anna", "k"}:             absent,
		{"POST", method(w.anna) + "/authorizations/" + wrongShape + "/" + verb, body, "anna", "k"}:          absent,
		{"POST", "/payment-methods/" + wrongShape + "/authorizations/x/" + verb, body, "anna", "k"}:         absent,
		{"POST", w.authorization(w.anna, travel.AuthorizationID{}, verb), body, "anna", "k"}:                absent,
		{"POST", w.authorization(w.anna, travel.AuthorizationID(w.bo.id), verb), body, "anna", "k"}:         absent,
		{"POST", method(w.anna) + "/authorizations/" + w.open[w.bo].String() + "/" + verb, body, "bo", "k"}: absent,
	}
}

func company(f *firm) string { return "/companies/" + f.id.String() }

func (w *world) paper(f *firm, rest string) string {
	return company(f) + "/documents/" + w.papers[f].String() + rest
}

// office returns the case of a route with an id of a company, which is tried
// with one that there is not and one that is none.
func office(method, before, after, body string, status int) routeCase {
	at := func(id string) call {
		return call{method: method, path: before + id + after, who: "staff", body: body}
	}
	return routeCase{
		good: func(w *world) call { return at(w.habo.id.String()) }, status: status,
		foreign: func(w *world) map[call2]answer {
			foreign := map[call2]answer{}
			for _, id := range []string{nowhere, wrongShape, travel.CompanyID{}.String(), w.papers[w.habo].String()} {
				c := at(id)
				foreign[call2{c.method, c.path, c.body, c.who, c.key}] = absent
			}
			return foreign
		},
	}
}

// onPaper returns the case of a route of a document, which is tried under
// another company and with ids of nothing.
func onPaper(method, rest, body string, status int) routeCase {
	return routeCase{
		good: func(w *world) call {
			return call{method: method, path: w.paper(w.habo, rest), body: body, who: "staff"}
		},
		status: status,
		foreign: func(w *world) map[call2]answer {
			return map[call2]answer{
				{method, company(w.habo) + "/documents/" + w.papers[w.ydre].String() + rest, body, "staff", ""}: absent,
				{method, company(w.ydre) + "/documents/" + w.papers[w.habo].String() + rest, body, "staff", ""}: absent,
				{method, company(w.habo) + "/documents/" + nowhere + rest, body, "staff", ""}:                   absent,
				{method, company(w.habo) + "/documents/" + wrongShape + rest, body, "staff", ""}:                absent,
			}
		},
	}
}

// of gives the case another good request.
func (c routeCase) of(good func(*world) call) routeCase {
	c.good = good
	return c
}

func applied(verb string) func(*world) call {
	return func(w *world) call {
		return call{method: "POST", path: "/companies/" + w.applied.String() + verb, who: "staff", body: `{"reason":"checked"}`}
	}
}

// officeCases are the routes of the back office.
var officeCases = map[string]routeCase{
	"GET /companies": {
		good: func(*world) call {
			return call{method: "GET", path: "/companies?status=approved&limit=1", who: "staff"}
		}, status: 200,
	},
	"GET /companies/{company}":                                     office("GET", "/companies/", "", "", 200),
	"POST /companies/{company}/approve":                            office("POST", "/companies/", "/approve", `{"reason":"checked"}`, 204).of(applied("/approve")),
	"POST /companies/{company}/reject":                             office("POST", "/companies/", "/reject", `{"reason":"checked"}`, 204).of(applied("/reject")),
	"POST /companies/{company}/close":                              office("POST", "/companies/", "/close", `{}`, 204),
	"PUT /companies/{company}/ceiling":                             office("PUT", "/companies/", "/ceiling", `{"ceiling":"900.00"}`, 204),
	"GET /companies/{company}/audit-log":                           office("GET", "/companies/", "/audit-log?limit=2", "", 200),
	"GET /months/{month}/preview":                                  office("GET", "/months/2026-02/preview?company=", "", "", 200).preview(),
	"POST /months/{month}/close":                                   office("POST", "/months/2026-01/close", "", `{}`, 200).closing(),
	"GET /audit":                                                   {good: func(*world) call { return call{method: "GET", path: "/audit", who: "staff"} }, status: 200},
	"GET /deliveries":                                              {good: func(*world) call { return call{method: "GET", path: "/deliveries?state=waiting&limit=1", who: "staff"} }, status: 200},
	"GET /companies/{company}/documents/{document}":                onPaper("GET", "", "", 200),
	"GET /companies/{company}/documents/{document}/files/{format}": onPaper("GET", "/files/csv", "", 200),
	"POST /companies/{company}/documents/{document}/reissue":       onPaper("POST", "/reissue", `{"reason":"wrong reference"}`, 200),
	"GET /companies/{company}/documents/{document}/delivery":       onPaper("GET", "/delivery", "", 200),
	"POST /companies/{company}/documents/{document}/redeliver":     onPaper("POST", "/redeliver", `{}`, 204),
	"GET /companies/{company}/months/{month}/documents":            office("GET", "/companies/", "/months/2026-01/documents", "", 200),
	"POST /companies/{company}/months/{month}/set-aside":           office("POST", "/companies/", "/months/2026-02/set-aside", `{"note":"to be cleared up"}`, 200),
	"POST /companies/{company}/months/{month}/release": office("POST", "/companies/", "/months/2026-02/release", `{}`, 200).of(func(w *world) call {
		_, err := w.invoices.SetAside(w.Context(), operator, w.habo.id, credit.NewMonth(2026, 2), "to be cleared up")
		require.NoError(w, err)
		return call{method: "POST", path: company(w.habo) + "/months/2026-02/release", who: "staff", body: `{}`}
	}),
	"POST /companies/{company}/authorizations/{authorization}/refunds": {
		good: func(w *world) call {
			return call{method: "POST", path: company(w.habo) + "/authorizations/" + w.bought[w.anna].String() + "/refunds", who: "staff", key: "k", body: `{"amounts":["6.00"]}`}
		}, status: 200,
		changed: func(w *world) call {
			return call{method: "POST", path: company(w.habo) + "/authorizations/" + w.bought[w.anna].String() + "/refunds", who: "staff", key: "k", body: `{"amounts":["7.00"]}`}
		},
		foreign: func(w *world) map[call2]answer {
			foreign := map[call2]answer{}
			for _, path := range []string{
				company(w.habo) + "/authorizations/" + w.bought[w.bo].String(), company(w.ydre) + "/authorizations/" + w.bought[w.anna].String(),
				company(w.habo) + "/authorizations/" + nowhere, "/companies/" + nowhere + "/authorizations/" + w.bought[w.anna].String(),
			} {
				foreign[call2{"POST", path + "/refunds", `{}`, "staff", "k"}] = absent
			}
			return foreign
		},
	},
}

// preview: an id that is none is a wrong value of the query.
func (c routeCase) preview() routeCase {
	return routeCase{good: c.good, status: c.status, foreign: func(w *world) map[call2]answer {
		return map[call2]answer{
			{"GET", "/months/2026-02/preview?company=" + nowhere, "", "staff", ""}:    absent,
			{"GET", "/months/2026-02/preview?company=" + wrongShape, "", "staff", ""}: {400, "invalid_input"},
			{"GET", "/months/2026-13/preview", "", "staff", ""}:                       absent,
		}
	}}
}

func (c routeCase) closing() routeCase {
	body := func(id string) string { return `{"companies":["` + id + `"]}` }
	return routeCase{
		good: func(w *world) call {
			return call{method: "POST", path: "/months/2026-01/close", who: "staff", body: body(w.habo.id.String())}
		}, status: c.status,
		foreign: func(w *world) map[call2]answer {
			return map[call2]answer{
				{"POST", "/months/2026-01/close", body(nowhere), "staff", ""}:    absent,
				{"POST", "/months/2026-01/close", body(wrongShape), "staff", ""}: {400, "invalid_input"},
				{"POST", "/months/january/close", `{}`, "staff", ""}:             absent,
			}
		},
	}
}

// eachRoute runs a test for every route, each in a world of its own, and fails
// when a route has no case.
func eachRoute(t *testing.T, test func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase)) {
	t.Helper()
	w := setup(t)
	for name, side := range map[string]struct {
		handler func(*world) http.Handler
		cases   map[string]routeCase
	}{
		"app":    {func(w *world) http.Handler { return w.app }, appCases},
		"office": {func(w *world) http.Handler { return w.office }, officeCases},
	} {
		var names []string
		for _, r := range httpapi.Routes(side.handler(w)) {
			key := r.Method + " " + r.Pattern
			names = append(names, key)
			c, ok := side.cases[key]
			require.True(t, ok, "%s: no test knows %s", name, key)
			t.Run(name+" "+key, func(t *testing.T) {
				t.Parallel()
				w := setup(t)
				test(t, w, side.handler(w), r, c)
			})
		}
		for key := range side.cases {
			assert.Contains(t, names, key, "a test for a route that is gone")
		}
	}
}

func TestRoutesSucceed(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase) {
		request := c.good(w)
		out := send(h, request)
		require.Equal(t, c.status, out.Code, out.Body.String())
		assert.Equal(t, "no-store", out.Header().Get("Cache-Control"))
		assert.Equal(t, "Accept-Language", out.Header().Get("Vary"))
		assert.Equal(t, "nosniff", out.Header().Get("X-Content-Type-Options"))
		for name := range out.Header() {
			assert.False(t, strings.HasPrefix(name, "Access-Control-"), "CORS is the host's")
		}
		assert.Empty(t, w.logged.String())
		if r.Operation != "" {
			again := send(h, request)
			assert.Equal(t, out.Code, again.Code)
			assert.Equal(t, out.Body.String(), again.Body.String(), "R42: one answer")
		}
	})
}

func TestRoutesRefuseStrangers(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, _ httpapi.Route, c routeCase) {
		request := c.good(w)
		request.who = ""
		out := send(h, request)
		refused(t, out, 401, "unauthenticated")
		assert.Equal(t, "Bearer", out.Header().Get("WWW-Authenticate"))
		for _, who := range []string{"somebody", "nobody", "no number", "no device", "long device"} {
			request.who = who
			refused(t, send(h, request), 401, "unauthenticated")
		}
	})
}

func TestI5ForeignIDsAreRefused(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase) {
		if !strings.Contains(r.Pattern, "{") && c.foreign == nil {
			return // nothing in the request says whose
		}
		require.NotNil(t, c.foreign, "a route with ids")
		before, err := w.travel.Balance(t.Context(), w.bo.holder())
		require.NoError(t, err)
		for foreign, want := range c.foreign(w) {
			out := send(h, foreign.call())
			p := refused(t, out, want.status, want.code)
			if foreign.who == "anna" {
				assert.NotContains(t, out.Body.String(), w.ydre.name)
				if p.Decline != nil {
					assert.Equal(t, "0.00", p.Decline["limit"], "a stranger learns nothing")
				}
			}
		}
		after, err := w.travel.Balance(t.Context(), w.bo.holder())
		require.NoError(t, err)
		assert.Equal(t, before, after)
		require.Equal(t, c.status, send(h, c.good(w)).Code, "what is the own still goes")
	})
}

func TestRoutesRefuseWrongMethods(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase) {
		request := c.good(w)
		var allowed []string
		for _, o := range httpapi.Routes(h) {
			if o.Pattern == r.Pattern {
				allowed = append(allowed, o.Method)
				if o.Method == "GET" {
					allowed = append(allowed, "HEAD")
				}
			}
		}
		slices.Sort(allowed)
		allow := strings.Join(slices.Sorted(slices.Values(append(slices.Clone(allowed), "OPTIONS"))), ", ")
		for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "HEAD"} {
			if slices.Contains(allowed, m) {
				continue
			}
			request.method = m
			out := send(h, request)
			assert.Equal(t, http.StatusMethodNotAllowed, out.Code)
			assert.Equal(t, allow, out.Header().Get("Allow"))
			if m != "HEAD" {
				refused(t, out, 405, "method_not_allowed")
			}
		}
		request.method = "OPTIONS"
		out := send(h, request.with("Origin", "https://evil.example").with("Access-Control-Request-Method", "POST"))
		assert.Equal(t, http.StatusNoContent, out.Code)
		assert.Equal(t, allow, out.Header().Get("Allow"))
		assert.Empty(t, out.Header().Get("Access-Control-Allow-Origin"))
	})
}

func TestRoutesAnswerHEADAsGET(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase) {
		if r.Method != "GET" {
			return
		}
		request := c.good(w)
		get := send(h, request)
		request.method = "HEAD"
		head := send(h, request)
		assert.Equal(t, get.Code, head.Code)
		assert.Equal(t, get.Header(), head.Header())
		assert.Empty(t, head.Body.String())
	})
}

func TestRoutesRefuseBadBodies(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase) {
		request := c.good(w)
		if r.Method == "GET" {
			return
		}
		for name, body := range map[string]string{
			"nothing": " ", "half": `{"purpose":"M`, "an array": `[]`, "a word": `true`, "null": `null`, "two": request.body + ` {}`,
			"more": request.body + `]`, "twice": `{"purpose":"a","purpose":"b"}`, "unknown": `{"surprise":1}`, "capitals": `{"Purpose":"a"}`,
			"not UTF-8": "{\"purpose\":\"\xff\"}", "null inside": `{"purpose":null}`, "deep": `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
			"a surrogate": `{"purpose":"\ud800"}`, "a type": `{"purpose":1,"reason":1,"note":1,"tickets":1,"amounts":1}`,
		} {
			bad := request
			bad.body = body
			assert.Equal(t, 400, send(h, bad).Code, name)
			refused(t, send(h, bad), 400, "bad_json")
		}
		refused(t, send(h, request.with("Content-Type", "text/plain")), 415, "unsupported_media_type")
		refused(t, send(h, request.with("Content-Type", "application/x-www-form-urlencoded")), 415, "unsupported_media_type")
		refused(t, send(h, request.with("Content-Type", "application/json; charset=iso-8859-1")), 415, "unsupported_media_type")

		large := request
		large.body = `{"purpose":"` + strings.Repeat("x", 64<<10) + `"}`
		out := send(h, large)
		refused(t, out, 413, "body_too_large")
		assert.Equal(t, "close", out.Header().Get("Connection"))
		large.stream = true
		refused(t, send(h, large), 413, "body_too_large")
		require.Equal(t, c.status, send(h, request.with("Content-Type", "application/json; charset=UTF-8")).Code, "nothing of this has done anything")
	})
}

func TestRoutesRefuseUnknownQueries(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase) {
		request := c.good(w)
		path, _, _ := strings.Cut(request.path, "?")
		for _, query := range []string{"?surprise=1", "?%zz", "?Limit=1"} {
			request.path = path + query
			refused(t, send(h, request), 400, "invalid_input")
		}
		for _, name := range r.Query {
			request.path = path + "?" + name + "=1&" + name + "=1"
			refused(t, send(h, request), 400, "invalid_input")
			request.path = path + "?" + name + "=x"
			refused(t, send(h, request), 400, "invalid_input")
		}
		if slices.Contains(r.Query, "limit") {
			for _, limit := range []string{"0", "-1", "201", "1.5", "99999999999999999999"} {
				request.path = path + "?state=waiting&limit=" + limit
				refused(t, send(h, request), 400, "invalid_input")
			}
		}
	})
}

// What moves money needs a key; the list is short and stands here once more.
func TestR42KeysAreRequired(t *testing.T) {
	t.Parallel()
	moving := map[string]bool{}
	w := setup(t)
	for _, h := range []http.Handler{w.app, w.office} {
		for _, r := range httpapi.Routes(h) {
			if r.Operation != "" {
				moving[r.Method+" "+r.Pattern] = true
			}
		}
	}
	assert.Equal(t, map[string]bool{
		"POST /payment-methods/{payment_method}/purchases":                              true,
		"POST /payment-methods/{payment_method}/authorizations":                         true,
		"POST /payment-methods/{payment_method}/authorizations/{authorization}/capture": true,
		"POST /payment-methods/{payment_method}/authorizations/{authorization}/release": true,
		"POST /companies/{company}/authorizations/{authorization}/refunds":              true,
	}, moving)
}

func TestR42Keys(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, w *world, h http.Handler, r httpapi.Route, c routeCase) {
		if r.Operation == "" {
			return
		}
		request := c.good(w)
		request.key = ""
		refused(t, send(h, request), 400, "key_missing")
		for _, key := range []string{`"`, `""`, `"a`, `a"`, `"a" "b"`, `"a\x"`, "a b", "a,b", "å", strings.Repeat("k", 256), `"` + strings.Repeat("k", 256) + `"`} {
			request.key = key
			refused(t, send(h, request), 400, "key_malformed")
		}
		two := c.good(w).request()
		two.Header.Add("Idempotency-Key", "k2")
		assert.Equal(t, 400, serve(h, two).Code, "two keys")

		// While one is being answered, the same key waits.
		entered, leave := make(chan struct{}), make(chan struct{})
		w.store.fault(func(context.Context) error {
			w.store.fault(nil)
			close(entered)
			<-leave
			return nil
		})
		first := make(chan int)
		go func() { first <- send(h, c.good(w)).Code }()
		<-entered
		out := send(h, c.good(w))
		refused(t, out, 409, "key_in_flight")
		assert.Equal(t, "1", out.Header().Get("Retry-After"))
		other := c.changed(w)
		other.key = "another"
		assert.Equal(t, c.status, send(h, other).Code, "another key does not wait")
		close(leave)
		assert.Equal(t, c.status, <-first)

		quoted := c.good(w)
		quoted.key = `"k"`
		assert.Equal(t, c.status, send(h, quoted).Code, "with quotes it is the same key")
		refused(t, send(h, c.changed(w)), 422, "key_reused")
	})
}
