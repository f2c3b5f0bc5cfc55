package elks_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/elks"
	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

type receiver func(sms.DeliveryReport) error

func (r receiver) ReceiveReport(_ context.Context, report sms.DeliveryReport) error { return r(report) }

const gatewayID = "s00000000000000000000000000000001"

// whendelivered is the URL that 46elks is given with a message.
func whendelivered(t *testing.T, c elks.Callback, m sms.Message) *url.URL {
	t.Helper()
	g := newGateway(t, func(smstest.Arrival) {})
	_, err := newSender(t, g, func(o *elks.Options) { o.Callback = c }).Send(t.Context(), m)
	require.NoError(t, err)
	u, err := url.Parse(g.last.Load().Get("whendelivered"))
	require.NoError(t, err)
	return u
}

// receipt is a request as 46elks makes it.
func receipt(u *url.URL, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, u.RequestURI(), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if u.User != nil {
		password, _ := u.User.Password()
		r.SetBasicAuth(u.User.Username(), password)
	}
	return r
}

func status(word string) url.Values {
	form := url.Values{"id": {gatewayID}, "status": {word}}
	if word == "delivered" {
		form.Set("delivered", "2026-03-02T08:00:05.123456")
	}
	return form
}

func serve(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func newReceipts(t *testing.T, to sms.ReportReceiver) http.Handler {
	t.Helper()
	h, err := elks.Receipts(to, elks.ReceiptsOptions{Callback: callback(), Clock: clock})
	require.NoError(t, err)
	return h
}

func TestReceiptNamesTheMessage(t *testing.T) {
	t.Parallel()
	u := whendelivered(t, callback(), message())
	for word, state := range map[string]sms.State{
		"created": sms.StateSent, "sent": sms.StateSent, "delivered": sms.StateDelivered, "failed": sms.StateFailed, "lost": sms.StateUnknown,
	} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			var outbox standin.Outbox
			outbox.Add(message())
			assert.Equal(t, http.StatusNoContent, serve(newReceipts(t, &outbox), receipt(u, status(word))))
			assert.Equal(t, []sms.DeliveryReport{{
				Company: message().Company, ID: message().ID, Gateway: "elks", GatewayID: gatewayID, State: state, At: now,
			}}, outbox.Reports())
		})
	}
}

func TestReceiptsTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	u := whendelivered(t, callback(), message())
	for _, order := range [][]string{
		{"sent", "delivered"}, {"delivered", "sent"}, {"sent", "sent", "delivered", "delivered", "sent"}, {"failed", "delivered", "failed"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			t.Parallel()
			var outbox standin.Outbox
			outbox.Add(message())
			h := newReceipts(t, &outbox)
			for _, word := range order {
				assert.Equal(t, http.StatusNoContent, serve(h, receipt(u, status(word))))
			}
			got := outbox.Message()
			assert.Equal(t, sms.StateDelivered, got.State)
			assert.Equal(t, "elks "+gatewayID, got.Gateway+" "+got.GatewayID)
			assert.False(t, got.Waiting(), "it would be sent again")
		})
	}
}

func TestReceiptsAreNotBelieved(t *testing.T) {
	t.Parallel()
	other := message()
	other.ID[15]++
	for name, c := range map[string]struct {
		change func(u *url.URL)
		want   int
	}{
		"no credentials":     {func(u *url.URL) { u.User = nil }, http.StatusUnauthorized},
		"another password":   {func(u *url.URL) { u.User = url.UserPassword("elks", "p@ss/wor") }, http.StatusForbidden},
		"another user":       {func(u *url.URL) { u.User = url.UserPassword("46elks", "p@ss/word") }, http.StatusForbidden},
		"no query":           {func(u *url.URL) { u.RawQuery = "" }, http.StatusForbidden},
		"no token":           {query(func(q url.Values) { q.Del("token") }), http.StatusForbidden},
		"a changed token":    {query(func(q url.Values) { q.Set("token", strings.Repeat("A", 43)) }), http.StatusForbidden},
		"a longer token":     {query(func(q url.Values) { q.Set("token", q.Get("token")+"A") }), http.StatusForbidden},
		"another message":    {query(func(q url.Values) { q.Set("message", other.ID.String()) }), http.StatusForbidden},
		"another company":    {query(func(q url.Values) { q.Set("company", other.ID.String()) }), http.StatusForbidden},
		"no message":         {query(func(q url.Values) { q.Del("message") }), http.StatusForbidden},
		"a message of words": {query(func(q url.Values) { q.Set("message", "any") }), http.StatusForbidden},
		"a broken query":     {func(u *url.URL) { u.RawQuery += "&a=%zz" }, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := whendelivered(t, callback(), message())
			c.change(u)
			h := newReceipts(t, receiver(func(sms.DeliveryReport) error {
				t.Error("the report was received")
				return nil
			}))
			assert.Equal(t, c.want, serve(h, receipt(u, status("delivered"))))
		})
	}
}

func query(change func(url.Values)) func(*url.URL) {
	return func(u *url.URL) {
		q := u.Query()
		change(q)
		u.RawQuery = q.Encode()
	}
}

func TestSecretsRotate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secrets [][]byte
		want    int
	}{
		"the new one":  {callback().Secrets[:1], http.StatusNoContent},
		"the old one":  {callback().Secrets[1:], http.StatusNoContent},
		"one of never": {[][]byte{[]byte("neither this nor that")}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := callback()
			before.Secrets = c.secrets
			var outbox standin.Outbox
			outbox.Add(message())
			assert.Equal(t, c.want, serve(newReceipts(t, &outbox), receipt(whendelivered(t, before, message()), status("sent"))))
		})
	}
}

func TestReceiptAnswers(t *testing.T) {
	t.Parallel()
	u := whendelivered(t, callback(), message())
	t.Run("unknown message is repeated", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, http.StatusServiceUnavailable, serve(newReceipts(t, &standin.Outbox{}), receipt(u, status("sent"))))
	})
	t.Run("failure of the store is repeated", func(t *testing.T) {
		t.Parallel()
		h := newReceipts(t, &standin.Outbox{Err: errors.New("disk full")})
		assert.Equal(t, http.StatusInternalServerError, serve(h, receipt(u, status("sent"))))
	})
	t.Run("methods", func(t *testing.T) {
		t.Parallel()
		r := receipt(u, status("sent"))
		r.Method = http.MethodGet
		assert.Equal(t, http.StatusMethodNotAllowed, serve(newReceipts(t, &standin.Outbox{}), r))
	})
	for name, form := range map[string]url.Values{
		"no id": {"status": {"sent"}}, "a number as id": {"id": {"46701234567"}, "status": {"sent"}}, "no status": {"id": {gatewayID}}, "nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, http.StatusBadRequest, serve(newReceipts(t, &standin.Outbox{}), receipt(u, form)))
		})
	}
	t.Run("not a form", func(t *testing.T) {
		t.Parallel()
		r := receipt(u, status("sent"))
		r.Header.Set("Content-Type", "application/json")
		assert.Equal(t, http.StatusBadRequest, serve(newReceipts(t, &standin.Outbox{}), r))
	})
}
