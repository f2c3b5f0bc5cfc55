package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/twilio"
	"github.com/tjansteresor/tjansteresor/sms"
)

// sign is the signature as Twilio's documentation tells to make it.
func sign(token, text string) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// callback is a request as Twilio makes it to a StatusCallback.
func callback(statusCallback string, form url.Values) *http.Request {
	u, _, _ := strings.Cut(statusCallback, "#")
	signed := u
	var names []string
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		signed += name + form.Get(name)
	}
	r := httptest.NewRequest(http.MethodPost, u, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Twilio-Signature", sign(authToken, signed))
	return r
}

// status is the form of a status callback.
func status(word, code string) url.Values {
	form := url.Values{
		"SmsSid": {messageSID}, "SmsStatus": {word}, "MessageStatus": {word}, "To": {"+46701234567"}, "MessageSid": {messageSID},
		"AccountSid": {account}, "From": {"Resor"}, "ApiVersion": {"2010-04-01"},
	}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	return form
}

func newReceipts(t *testing.T, to sms.ReportReceiver) http.Handler {
	t.Helper()
	h, err := twilio.Receipts(to, twilio.ReceiptsOptions{PublicURL: callbackURL, AuthTokens: []string{"new token", authToken}, Clock: clock})
	require.NoError(t, err)
	return h
}

func TestReceiptNamesTheMessage(t *testing.T) {
	t.Parallel()
	u := statusCallback(t, callbackURL)
	for word, c := range map[string]struct {
		state     sms.State
		code, got string
	}{
		"accepted": {sms.StateSent, "", ""}, "scheduled": {sms.StateSent, "", ""}, "queued": {sms.StateSent, "", ""},
		"sending": {sms.StateSent, "", ""}, "sent": {sms.StateSent, "", ""},
		"delivered": {sms.StateDelivered, "", ""}, "read": {sms.StateDelivered, "", ""},
		"undelivered": {sms.StateFailed, "30005", "30005"}, "failed": {sms.StateFailed, "30008", "30008"}, "canceled": {sms.StateFailed, "", ""},
		"partially_delivered": {sms.StateUnknown, "", ""}, "something_new": {sms.StateUnknown, "to +46701234567", ""},
	} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			var outbox standin.Outbox
			outbox.Add(message())
			assert.Equal(t, http.StatusNoContent, serve(newReceipts(t, &outbox), callback(u, status(word, c.code))))
			assert.Equal(t, []sms.DeliveryReport{{
				Company: message().Company, ID: message().ID, Gateway: "twilio", GatewayID: messageSID,
				State: c.state, ErrorCode: c.got, At: now,
			}}, outbox.Reports())
		})
	}
	t.Run("by the id of Twilio alone", func(t *testing.T) {
		t.Parallel()
		var got []sms.DeliveryReport
		h := newReceipts(t, receiver(func(r sms.DeliveryReport) error {
			got = append(got, r)
			return nil
		}))
		assert.Equal(t, http.StatusNoContent, serve(h, callback(callbackURL, status("sent", ""))))
		assert.Equal(t, []sms.DeliveryReport{{Gateway: "twilio", GatewayID: messageSID, State: sms.StateSent, At: now}}, got)
	})
	t.Run("behind a proxy", func(t *testing.T) {
		t.Parallel()
		var outbox standin.Outbox
		outbox.Add(message())
		r := callback(u, status("sent", ""))
		r.Host, r.URL.Path = "10.0.0.1:8080", "/inside"
		assert.Equal(t, http.StatusNoContent, serve(newReceipts(t, &outbox), r))
	})
	t.Run("a query of the host", func(t *testing.T) {
		t.Parallel()
		const base = "https://api.example.se/sms/twilio?tenant=1"
		var outbox standin.Outbox
		outbox.Add(message())
		h, err := twilio.Receipts(&outbox, twilio.ReceiptsOptions{PublicURL: base, AuthTokens: []string{authToken}})
		require.NoError(t, err)
		assert.Equal(t, http.StatusNoContent, serve(h, callback(statusCallback(t, base), status("delivered", ""))))
		assert.Equal(t, sms.StateDelivered, outbox.Message().State)
	})
}

func TestReceiptsTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	u := statusCallback(t, callbackURL)
	for _, order := range [][]string{
		{"queued", "sent", "delivered"}, {"delivered", "sent", "queued"}, {"sent", "sent", "delivered", "delivered", "sent"},
		{"undelivered", "delivered", "undelivered"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			t.Parallel()
			var outbox standin.Outbox
			outbox.Add(message())
			h := newReceipts(t, &outbox)
			for _, word := range order {
				assert.Equal(t, http.StatusNoContent, serve(h, callback(u, status(word, ""))))
			}
			got := outbox.Message()
			assert.Equal(t, sms.StateDelivered, got.State)
			assert.Equal(t, "twilio "+messageSID, got.Gateway+" "+got.GatewayID)
			assert.False(t, got.Waiting(), "it would be sent again")
		})
	}
}

func TestReceiptsAsJSON(t *testing.T) {
	t.Parallel()
	made := func(text string, change func(r *http.Request)) *http.Request {
		sum := sha256.Sum256([]byte(text))
		u, _, _ := strings.Cut(statusCallback(t, callbackURL), "#")
		u += "&bodySHA256=" + hex.EncodeToString(sum[:])
		r := httptest.NewRequest(http.MethodPost, u, strings.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Twilio-Signature", sign(authToken, u))
		if change != nil {
			change(r)
		}
		return r
	}
	text, err := json.Marshal(map[string]any{"MessageSid": messageSID, "MessageStatus": "failed", "ErrorCode": 30005})
	require.NoError(t, err)
	t.Run("good", func(t *testing.T) {
		t.Parallel()
		var outbox standin.Outbox
		outbox.Add(message())
		assert.Equal(t, http.StatusNoContent, serve(newReceipts(t, &outbox), made(string(text), nil)))
		assert.Equal(t, "failed 30005", outbox.Message().State.String()+" "+outbox.Message().ErrorCode)
	})
	for name, c := range map[string]struct {
		request *http.Request
		want    int
	}{
		"another body": {made(string(text), func(r *http.Request) {
			r.Body = http.NoBody
		}), http.StatusForbidden},
		"another hash": {made(string(text), func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "bodySHA256=", "bodySHA256=0", 1)
		}), http.StatusForbidden},
		"no hash": {func() *http.Request {
			u, _, _ := strings.Cut(statusCallback(t, callbackURL), "#")
			r := httptest.NewRequest(http.MethodPost, u, strings.NewReader(string(text)))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Twilio-Signature", sign(authToken, u))
			return r
		}(), http.StatusForbidden},
		"not JSON": {made("MessageSid", nil), http.StatusBadRequest},
		"a list":   {made("[]", nil), http.StatusBadRequest},
		"empty":    {made("{}", nil), http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, serve(newReceipts(t, unheard(t)), c.request))
		})
	}
}

// unheard is a receiver that nothing must reach.
func unheard(t *testing.T) sms.ReportReceiver {
	return receiver(func(sms.DeliveryReport) error {
		t.Error("the report was received")
		return nil
	})
}

func TestReceiptsAreNotBelieved(t *testing.T) {
	t.Parallel()
	u := statusCallback(t, callbackURL)
	for name, change := range map[string]func(r *http.Request){
		"no signature":      func(r *http.Request) { r.Header.Del("X-Twilio-Signature") },
		"another signature": func(r *http.Request) { r.Header.Set("X-Twilio-Signature", sign("guess", u)) },
		"another message": func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "message=01", "message=02", 1)
		},
		"no message": func(r *http.Request) { r.URL.RawQuery = "" },
		"another status": func(r *http.Request) {
			other := callback(u, status("failed", ""))
			r.Body = other.Body
		},
		"one parameter more": func(r *http.Request) {
			form := status("delivered", "")
			form.Set("ErrorCode", "1")
			r.Body = callback(u, form).Body
		},
		"a form as JSON": func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := callback(u, status("delivered", ""))
			change(r)
			assert.Equal(t, http.StatusForbidden, serve(newReceipts(t, unheard(t)), r))
		})
	}
}

func TestReceiptAnswers(t *testing.T) {
	t.Parallel()
	u := statusCallback(t, callbackURL)
	without := func(name string) url.Values {
		form := status("sent", "")
		form.Del(name)
		return form
	}
	odd := status("sent", "")
	odd.Set("MessageSid", "46701234567")
	plain := callback(u, status("sent", ""))
	plain.Header.Set("Content-Type", "text/plain")
	get := callback(u, status("sent", ""))
	get.Method = http.MethodGet
	for name, c := range map[string]struct {
		to      sms.ReportReceiver
		request *http.Request
		want    int
	}{
		"unknown message is repeated":      {&standin.Outbox{}, callback(u, status("sent", "")), http.StatusServiceUnavailable},
		"failure of the store is repeated": {&standin.Outbox{Err: errors.New("disk full")}, callback(u, status("sent", "")), http.StatusInternalServerError},
		"no id":                            {unheard(t), callback(u, without("MessageSid")), http.StatusBadRequest},
		"a number as id":                   {unheard(t), callback(u, odd), http.StatusBadRequest},
		"no status":                        {unheard(t), callback(u, without("MessageStatus")), http.StatusBadRequest},
		"a reference of somebody else":     {unheard(t), callback("https://api.example.se/sms/twilio?message=1", status("sent", "")), http.StatusBadRequest},
		"not a form":                       {unheard(t), plain, http.StatusBadRequest},
		"GET":                              {unheard(t), get, http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, serve(newReceipts(t, c.to), c.request))
		})
	}
}
