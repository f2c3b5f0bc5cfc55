package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/travel"
)

var swedish, english = language.Swedish, language.English

// pipes is a listener of connections inside the process.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// slowBody sends the head of a request and a few bytes of its body to a server
// that has no time-outs of its own, and waits.
func slowBody(t *testing.T) (out *httptest.ResponseRecorder) {
	w := setup(t)
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: w.app}
		go server.Serve(listener) //nolint:errcheck // it ends with the test
		client, conn := net.Pipe()
		listener.connections <- conn
		began := time.Now()
		_, err := io.WriteString(client, "POST /payment-methods HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer anna\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		require.NoError(t, err)
		assert.Equal(t, 15*time.Second, time.Since(began))
		out = httptest.NewRecorder()
		for name, values := range response.Header {
			out.Header()[name] = values
		}
		if response.Close {
			out.Header().Set("Connection", "close")
		}
		out.WriteHeader(response.StatusCode)
		_, err = io.Copy(out, response.Body)
		require.NoError(t, err)
		_, err = client.Read(make([]byte, 1))
		assert.ErrorIs(t, err, io.EOF, "the connection is closed")
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
	})
	return out
}

// After a body that came in time the deadline for it is gone: neither the rest
// of the request nor the next one on the connection is cut off.
func TestSlowRequestAfterItsBody(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *world, a *httpapi.AppConfig, _ *httpapi.OfficeConfig) { a.Timeout = time.Hour })
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: http.StripPrefix("/api", w.app)}
		go server.Serve(listener) //nolint:errcheck // it ends with the test
		client, conn := net.Pipe()
		listener.connections <- conn
		w.store.fault(func(ctx context.Context) error {
			time.Sleep(59 * time.Minute)
			return ctx.Err()
		})
		reader := bufio.NewReader(client)
		for _, c := range []call{
			appCases["POST /payment-methods/{payment_method}/purchases"].good(w),
			appCases["GET /payment-methods"].good(w),
		} {
			go c.request().Write(client) //nolint:errcheck // the answer tells
			response, err := http.ReadResponse(reader, nil)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, response.Body)
			require.NoError(t, err)
			assert.Equal(t, 200, response.StatusCode)
		}
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
	})
}

func TestHugeBodyIsNotRead(t *testing.T) {
	t.Parallel()
	w := setup(t)
	endless := &counting{Reader: io.LimitReader(zeros{}, 1<<30)}
	r := call{method: "POST", path: "/payment-methods", who: "anna", body: "{}"}.request()
	r.Body, r.ContentLength = io.NopCloser(endless), -1
	refused(t, serve(w.app, r), 413, "body_too_large")
	assert.LessOrEqual(t, endless.n, 65<<10)

	endless.n = 0
	r.Body, r.ContentLength = io.NopCloser(endless), 1<<30
	refused(t, serve(w.app, r), 413, "body_too_large")
	assert.Zero(t, endless.n, "what says that it is too large is not read")
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

type counting struct {
	io.Reader
	n int
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}

// same is an answer without what differs from one request to the next.
func same(out *httptest.ResponseRecorder) string {
	var b bytes.Buffer
	_ = out.Header().Write(&b)
	return http.StatusText(out.Code) + "\n" + b.String() + out.Body.String()
}

func try(w *world, who, username, code string) *httptest.ResponseRecorder {
	return send(w.app, call{method: "POST", path: "/payment-methods", who: who, body: `{"username":"` + username + `","code":"` + code + `"}`})
}

func TestR14AnswersAreTheSame(t *testing.T) {
	t.Parallel()
	w := setup(t)
	used := *w.cia
	voided := *w.cia
	w.connect(w.cia) // the code before is void
	used.username, used.code = w.cia.username, w.cia.code
	w.activate(w.cia)
	answers := map[string]string{
		"unknown": same(try(w, "cia", "nobody7", "ABCD-EFGH")),
		"void":    same(try(w, "cia", voided.username, voided.code)),
		"used":    same(try(w, "cia", used.username, used.code)),
		"empty":   same(try(w, "cia", "", "")),
	}
	w.connect(w.cia)
	answers["wrong"] = same(try(w, "cia", w.cia.username, "ABCD-EFGH"))
	answers["another's phone"] = same(try(w, "bo", w.cia.username, w.cia.code))
	for range 4 {
		try(w, "cia", w.cia.username, "ABCD-EFGH")
	}
	answers["locked"] = same(try(w, "cia", w.cia.username, w.cia.code))
	w.connect(w.cia)
	w.clock.Add(8 * 24 * time.Hour)
	answers["expired"] = same(try(w, "cia", w.cia.username, w.cia.code))
	for name, answer := range answers {
		assert.Equal(t, answers["unknown"], answer, name)
		assert.Contains(t, answer, "activation_refused")
	}
}

// A flood of wrong codes from one phone ends at the rate, with the same answer
// whatever it tries, and the right code of somebody else still goes.
func TestFloodOfWrongCodes(t *testing.T) {
	t.Parallel()
	w := setup(t, rated(httpapi.Rate{}, httpapi.Rate{}))
	refusals, limited := map[string]int{}, map[string]int{}
	for i := range 200 {
		username := "nobody7"
		if i%2 == 0 {
			username = w.cia.username
		}
		out := try(w, "bo", username, "ABCD-EFGH")
		if out.Code == http.StatusTooManyRequests {
			limited[same(out)]++
		} else {
			refused(t, out, 403, "activation_refused")
			refusals[same(out)]++
		}
	}
	assert.Len(t, refusals, 1)
	assert.Len(t, limited, 1)
	for answer, n := range limited {
		assert.Equal(t, 194, n, "60 requests at once are 6 tries")
		assert.Contains(t, answer, "Retry-After: 10")
	}
	w.connect(w.cia)
	assert.Equal(t, 200, try(w, "cia", w.cia.username, w.cia.code).Code)
	w.clock.Add(10 * time.Second)
	assert.Equal(t, 403, try(w, "bo", "nobody7", "x").Code, "after Retry-After")
	assert.Equal(t, 429, try(w, "bo", "nobody7", "x").Code)
}

func TestFloodFromOneAddress(t *testing.T) {
	t.Parallel()
	w := setup(t, rated(httpapi.Rate{}, httpapi.Rate{Burst: 3, Every: time.Second}), func(_ *world, a *httpapi.AppConfig, _ *httpapi.OfficeConfig) {
		ask := a.Authenticate
		a.Authenticate = func(r *http.Request) (httpapi.Phone, error) {
			r.Header.Add("Asked", "yes")
			return ask(r)
		}
	})
	from := func(address string) (int, bool) {
		r := call{method: "GET", path: "/payment-methods"}.request()
		r.RemoteAddr = address
		asked := r.Header
		return serve(w.app, r).Code, asked.Get("Asked") != ""
	}
	for _, neighbors := range [][2]string{{"192.0.2.1:1000", "192.0.2.1:2000"}, {"[2001:db8::1]:1", "[2001:db8::ffff:1]:1"}, {"[::ffff:192.0.2.7]:1", "192.0.2.7:1"}, {"", "@"}} {
		for range 3 {
			code, _ := from(neighbors[0])
			assert.Equal(t, 401, code)
		}
		code, asked := from(neighbors[1])
		assert.Equal(t, 429, code, neighbors)
		assert.False(t, asked, "a flood does not reach the host's own checks")
	}
	code, _ := from("[2001:db8:0:1::1]:1")
	assert.Equal(t, 401, code, "another network")
}

func TestAddressIsTheHosts(t *testing.T) {
	t.Parallel()
	w := setup(t, rated(httpapi.Rate{Burst: -1}, httpapi.Rate{Burst: 1, Every: time.Hour}), func(_ *world, a *httpapi.AppConfig, _ *httpapi.OfficeConfig) {
		a.Address = func(r *http.Request) netip.Addr { return netip.MustParseAddr(r.Header.Get("X-Real-IP")) }
	})
	c := call{method: "GET", path: "/payment-methods", who: "anna"}
	assert.Equal(t, 200, send(w.app, c.with("X-Real-IP", "192.0.2.1")).Code)
	assert.Equal(t, 200, send(w.app, c.with("X-Real-IP", "192.0.2.2")).Code)
	assert.Equal(t, 429, send(w.app, c.with("X-Real-IP", "192.0.2.1")).Code)
}

// I7: what fails is logged by its route, and nothing of what was sent or what
// a panic says is.
func TestI7FailuresAreLoggedWithoutContent(t *testing.T) {
	t.Parallel()
	const secret = "+46701234567 Anna Ek"
	w := setup(t, func(_ *world, a *httpapi.AppConfig, _ *httpapi.OfficeConfig) {
		a.Price = func(context.Context, httpapi.Phone, []travel.Ticket) ([]travel.Ticket, error) { panic(secret) }
	})
	c := appCases["POST /payment-methods/{payment_method}/purchases"].good(w)
	refused(t, send(w.app, c), 500, "internal")
	logged := w.logged.String()
	assert.Contains(t, logged, "level=ERROR")
	assert.Contains(t, logged, "route=/payment-methods/{payment_method}/purchases")
	assert.Contains(t, logged, "httpapi.(*app).wish:", "where it was")
	for _, hidden := range []string{"Anna", "4670", "Möte", w.anna.method.String(), w.habo.id.String()} {
		assert.NotContains(t, logged, hidden)
	}

	w.logged.Reset()
	refused(t, send(w.app, call{method: "GET", path: "/payment-methods", who: "broken"}), 500, "internal")
	assert.Contains(t, w.logged.String(), "authentication failed")
	assert.NotContains(t, w.logged.String(), "4670")
}

func TestAbortIsTheHosts(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *world, a *httpapi.AppConfig, _ *httpapi.OfficeConfig) {
		a.Price = func(context.Context, httpapi.Phone, []travel.Ticket) ([]travel.Ticket, error) {
			panic(http.ErrAbortHandler)
		}
	})
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		send(w.app, appCases["POST /payment-methods/{payment_method}/purchases"].good(w))
	})
	assert.Empty(t, w.logged.String())
}

func TestPriceIsTheHosts(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *world, a *httpapi.AppConfig, _ *httpapi.OfficeConfig) {
		a.Price = func(_ context.Context, p httpapi.Phone, wanted []travel.Ticket) ([]travel.Ticket, error) {
			assert.NotEmpty(t, p.Device)
			if wanted[0].Product != "single" {
				return nil, &travel.InputError{Field: "Tickets[0].Product", Value: wanted[0].Product, Reason: "is not sold"}
			}
			wanted[0].Gross = ticket("99.00").Gross
			return wanted, nil
		}
	})
	c := appCases["POST /payment-methods/{payment_method}/authorizations"].good(w)
	out := send(w.app, c)
	require.Equal(t, 200, out.Code)
	assert.Equal(t, "99.00", read[map[string]string](t, out)["amount"], "the phone said 37.00")
	c.body, c.key = strings.ReplaceAll(c.body, "single", "helicopter"), "k2"
	p := refused(t, send(w.app, c), 400, "invalid_input")
	assert.Equal(t, "tickets[0].product", p.Errors[0].Field)
}

// Many at once with one key are one purchase: each has the one answer, or is
// told to come again.
func TestR42ManyAtOnceAreOne(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := appCases["POST /payment-methods/{payment_method}/purchases"].good(w)
	answers := make(chan *httptest.ResponseRecorder)
	for range 50 {
		go func() { answers <- send(w.app, c) }()
	}
	bodies := map[string]int{}
	for range 50 {
		if out := <-answers; out.Code == 200 {
			bodies[out.Body.String()]++
		} else {
			refused(t, out, 409, "key_in_flight")
		}
	}
	assert.Len(t, bodies, 1)
	b, err := w.travel.Balance(t.Context(), w.anna.holder())
	require.NoError(t, err)
	assert.Equal(t, "143", b.Used.String(), "106 and 37, once")
}
