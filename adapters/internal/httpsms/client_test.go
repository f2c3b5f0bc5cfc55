package httpsms

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func message() sms.Message {
	to, err := sms.PhoneNumberFromE164("+46701234567")
	if err != nil {
		panic(err)
	}
	return sms.Message{ID: sms.MessageID{15: 1}, To: to, From: "Resor", Text: "K7QP-3MXW", Expires: now.Add(time.Hour)}
}

// attempt posts the text to an address through a transport, nil for one that is
// real.
func attempt(ctx context.Context, address string, transport http.RoundTripper) ([]byte, *sms.SendError) {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	body, err := NewClient("fake", &http.Client{Transport: transport}, clock).Do(ctx, message(), Post{
		URL: u, ContentType: "text/plain", Authorization: "secret", Body: []byte(message().Text), Code: JSONCode,
	})
	var failure *sms.SendError
	if err != nil && !errors.As(err, &failure) {
		panic(err)
	}
	return body, failure
}

// tripper is a RoundTripper that is no http.Transport and reports to no trace.
type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func answer(status int, body io.Reader, header ...string) tripper {
	return func(r *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Body: io.NopCloser(body), Header: h}, nil
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	const sentence = `{"code": 21211, "message": "The number +46701234567 is not valid: K7QP-3MXW"}`
	for name, c := range map[string]struct {
		status int
		body   string
		header []string
		kind   sms.Kind
		code   string
		wait   time.Duration
	}{
		"refused":                 {400, sentence, nil, sms.KindPermanent, "21211", 0},
		"refused without a code":  {403, "No credits for +46701234567", nil, sms.KindPermanent, "http-403", 0},
		"wrong credentials":       {401, "", nil, sms.KindPermanent, "http-401", 0},
		"a number as the code":    {400, `{"code": "46701234567"}`, nil, sms.KindPermanent, "http-400", 0},
		"a sentence as the code":  {400, `{"code": "not a number"}`, nil, sms.KindPermanent, "http-400", 0},
		"request timeout":         {408, "", nil, sms.KindTemporary, "http-408", 0},
		"too many":                {429, `{"code": 20429}`, []string{"Retry-After", "7"}, sms.KindTemporary, "20429", 7 * time.Second},
		"too many, with a date":   {429, "", []string{"Retry-After", "Mon, 02 Mar 2026 08:01:00 GMT"}, sms.KindTemporary, "http-429", time.Minute},
		"server error":            {500, sentence, nil, sms.KindUnknown, "21211", 0},
		"unavailable":             {503, "", []string{"Retry-After", "30"}, sms.KindUnknown, "http-503", 30 * time.Second},
		"gateway timeout":         {504, "", nil, sms.KindUnknown, "http-504", 0},
		"redirect":                {302, "", []string{"Location", "https://elsewhere.example/"}, sms.KindUnknown, "http-302", 0},
		"redirect with its body":  {307, "", []string{"Location", "https://elsewhere.example/"}, sms.KindUnknown, "http-307", 0},
		"redirect without target": {301, "", nil, sms.KindUnknown, "http-301", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			next := answer(c.status, strings.NewReader(c.body), c.header...)
			_, failure := attempt(t.Context(), "https://gateway.example/", tripper(func(r *http.Request) (*http.Response, error) {
				asked.Add(1)
				return next(r)
			}))
			require.NotNil(t, failure)
			assert.Equal(t, c.kind, failure.Kind)
			assert.Equal(t, c.code, failure.Code)
			assert.Equal(t, c.wait, failure.RetryAfter)
			assert.EqualValues(t, 1, asked.Load())
			assert.Equal(t, fmt.Sprintf("fake: HTTP status %d", c.status), failure.Err.Error())
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-7": 0, "1.5": 0, "soon": 0,
		"86400": 24 * time.Hour, "86401": 24 * time.Hour, "99999999999999999999": 24 * time.Hour,
		"Mon, 02 Mar 2026 08:00:30 GMT":  30 * time.Second,
		"Monday, 02-Mar-26 08:00:30 GMT": 30 * time.Second,
		"Mon, 02 Mar 2026 07:59:59 GMT":  0,
		"Tue, 02 Mar 2027 08:00:00 GMT":  24 * time.Hour,
	} {
		assert.Equal(t, want, retryAfter(value, now), value)
	}
}

// What was certainly not sent is told by the body, whatever the transport.
func TestCertainty(t *testing.T) {
	t.Parallel()
	broken := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for name, c := range map[string]struct {
		transport http.RoundTripper
		kind      sms.Kind
		code      string
		cause     error
	}{
		"refused before the body is read": {
			tripper(func(*http.Request) (*http.Response, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			}), sms.KindTemporary, "connection", syscall.ECONNREFUSED,
		},
		"broken when a byte was read": {
			tripper(func(r *http.Request) (*http.Response, error) {
				_, _ = r.Body.Read(make([]byte, 1))
				return nil, broken
			}), sms.KindUnknown, "connection", syscall.ECONNRESET,
		},
		"broken when the body was opened again": {
			tripper(func(r *http.Request) (*http.Response, error) {
				body, _ := r.GetBody()
				_, _ = io.Copy(io.Discard, body)
				return nil, broken
			}), sms.KindUnknown, "connection", syscall.ECONNRESET,
		},
		"no such name": {
			&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "gateway.example"}}
			}}, sms.KindTemporary, "connection", nil,
		},
		"timeout of the connection": {
			&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}
			}}, sms.KindTemporary, "connection", nil,
		},
		"what nobody knows": {
			tripper(func(r *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, r.Body)
				return nil, errors.New(`malformed HTTP response "sent K7QP-3MXW to +46701234567"`)
			}), sms.KindUnknown, "connection", errNoAnswer,
		},
		"end of the connection": {
			tripper(func(r *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, r.Body)
				return nil, fmt.Errorf("transport: %w", io.EOF)
			}), sms.KindUnknown, "connection", io.EOF,
		},
		"an answer that breaks off": {
			answer(200, io.MultiReader(strings.NewReader(`{"id":`), failingReader{io.ErrUnexpectedEOF})),
			sms.KindUnknown, "connection", io.ErrUnexpectedEOF,
		},
		"an answer without end": {answer(200, endless{}), sms.KindUnknown, "answer", errAnswer},
		"a refusal that breaks off": {
			answer(400, io.MultiReader(strings.NewReader(`{"code":`), failingReader{syscall.ECONNRESET})),
			sms.KindPermanent, "http-400", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failure := attempt(t.Context(), "https://gateway.example/path?a=b", c.transport)
			require.NotNil(t, failure)
			assert.Equal(t, c.kind, failure.Kind)
			assert.Equal(t, c.code, failure.Code)
			if c.cause != nil {
				require.ErrorIs(t, failure, c.cause)
			}
			for _, secret := range []string{"K7QP", "701234567", "secret", "a=b"} {
				assert.NotContains(t, fmt.Sprintf("%v %+v %#v", failure, failure.Err, failure), secret)
			}
		})
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// A transport may come back to a request that it has given up.
func TestNothingIsSentAfterwards(t *testing.T) {
	t.Parallel()
	var kept *http.Request
	_, failure := attempt(t.Context(), "https://gateway.example/", tripper(func(r *http.Request) (*http.Response, error) {
		kept = r
		return nil, errors.New("later")
	}))
	require.NotNil(t, failure)
	require.ErrorIs(t, failure, sms.ErrTemporary)
	text, err := io.ReadAll(kept.Body)
	require.ErrorIs(t, err, errSealed)
	assert.Empty(t, text)
	again, err := kept.GetBody()
	require.NoError(t, err)
	text, err = io.ReadAll(again)
	require.ErrorIs(t, err, errSealed)
	assert.Empty(t, text)
}

func TestCertificateIsNotKnown(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the gateway was asked")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, failure := attempt(t.Context(), server.URL, &http.Transport{})
	require.NotNil(t, failure)
	require.ErrorIs(t, failure, sms.ErrTemporary)
	var certificate *tls.CertificateVerificationError
	require.ErrorAs(t, failure, &certificate)
}

func TestContext(t *testing.T) {
	t.Parallel()
	hang := tripper(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	t.Run("done before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, failure := attempt(ctx, "https://gateway.example/", tripper(func(*http.Request) (*http.Response, error) {
			t.Error("the gateway was asked")
			return nil, io.EOF
		}))
		require.ErrorIs(t, failure, sms.ErrTemporary)
		require.ErrorIs(t, failure, context.Canceled)
		assert.Equal(t, "canceled", failure.Code)
	})
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, failure := attempt(ctx, "https://gateway.example/", hang)
		require.ErrorIs(t, failure, sms.ErrUnknown)
		require.ErrorIs(t, failure, context.DeadlineExceeded)
		assert.Equal(t, "timeout", failure.Code)
	})
	t.Run("timeout of the host's client", func(t *testing.T) {
		t.Parallel()
		u := &url.URL{Scheme: "https", Host: "gateway.example"}
		client := NewClient("fake", &http.Client{Transport: hang, Timeout: 10 * time.Millisecond}, clock)
		_, err := client.Do(t.Context(), message(), Post{URL: u, Body: []byte("x"), Code: JSONCode})
		var failure *sms.SendError
		require.ErrorAs(t, err, &failure)
		require.ErrorIs(t, failure, sms.ErrUnknown)
		assert.Equal(t, "timeout", failure.Code)
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		m := message()
		m.Expires = now
		_, err := NewClient("fake", &http.Client{Transport: hang}, clock).Do(t.Context(), m, Post{})
		var failure *sms.SendError
		require.ErrorAs(t, err, &failure)
		require.ErrorIs(t, failure, sms.ErrPermanent)
		assert.Equal(t, sms.CodeExpired, failure.Code)
	})
}

// The client of the host keeps what it follows.
func TestClientOfTheHostIsLeftAlone(t *testing.T) {
	t.Parallel()
	host := &http.Client{}
	NewClient("fake", host, nil)
	assert.Nil(t, host.CheckRedirect)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	body, failure := attempt(t.Context(), "https://gateway.example/", answer(201, strings.NewReader("{}")))
	require.Nil(t, failure)
	assert.Equal(t, "{}", string(body))

	c := NewClient("fake", nil, nil)
	receipt, err := c.Receipt("SM0123456789abcdef0123456789abcdef")
	require.NoError(t, err)
	assert.Equal(t, sms.Receipt{Gateway: "fake", GatewayID: "SM0123456789abcdef0123456789abcdef"}, receipt)
	for _, id := range []string{"", "short", "46701234567", "has spaces in it", strings.Repeat("a", 65)} {
		_, err := c.Receipt(id)
		require.ErrorIs(t, err, sms.ErrUnknown, id)
	}
	for given, want := range map[string]string{"": "failed", "30005": "30005", "no such number": "failed"} {
		var failure *sms.SendError
		require.ErrorAs(t, c.Failed(given), &failure)
		require.ErrorIs(t, failure, sms.ErrPermanent)
		assert.Equal(t, want, failure.Code)
	}
}
