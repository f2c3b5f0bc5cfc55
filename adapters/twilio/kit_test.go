package twilio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/adapters/twilio"
	"github.com/tjansteresor/tjansteresor/sms"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

const (
	account     = "AC00000000000000000000000000000001"
	authToken   = "the auth token"
	callbackURL = "https://api.example.se/sms/twilio#rc=5&rp=all"
	messageSID  = "SM00000000000000000000000000000001"
)

func message() sms.Message {
	to, err := sms.PhoneNumberFromE164("+46701234567")
	if err != nil {
		panic(err)
	}
	return sms.Message{
		ID: sms.MessageID{1, 6: 0x70, 8: 0x80, 15: 1}, Company: [16]byte{2, 6: 0x70, 8: 0x80, 15: 2},
		To: to, From: "Resor", Text: "Hej! Din kod är K7QP-3MXW.", Expires: now.Add(time.Hour),
	}
}

type receiver func(sms.DeliveryReport) error

func (r receiver) ReceiveReport(_ context.Context, report sms.DeliveryReport) error { return r(report) }

func serve(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// gateway plays Twilio, as its documentation says, and keeps the last form.
type gateway struct {
	*standin.Gateway
	ids  atomic.Int64
	last atomic.Pointer[url.Values]
}

var fields = []string{
	"From", "To", "Body", "StatusCallback", "ValidityPeriod", "MessagingServiceSid", "ContentRetention", "AddressRetention",
}

func newGateway(t testing.TB, heard func(smstest.Arrival)) *gateway {
	g := &gateway{}
	g.Gateway = standin.New(func(r *http.Request, body []byte) {
		assert.Equal(t, http.MethodPost, r.Method)
		assert.Equal(t, "/2010-04-01/Accounts/"+account+"/Messages.json", r.URL.String())
		assert.Equal(t, "application/x-www-form-urlencoded", r.Header.Get("Content-Type"))
		username, password, _ := r.BasicAuth()
		assert.Contains(t, []string{account + "/" + authToken, "SK1/key secret"}, username+"/"+password)
		form, err := url.ParseQuery(string(body))
		assert.NoError(t, err)
		for name, values := range form {
			assert.True(t, slices.Contains(fields, name), name)
			assert.Len(t, values, 1, name)
		}
		g.last.Store(&form)
		heard(smstest.Arrival{To: form.Get("To"), From: form.Get("From"), Text: form.Get("Body")})
	}, g.answer)
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) answer(w http.ResponseWriter, mood string, _ *http.Request, body []byte) {
	form, _ := url.ParseQuery(string(body))
	sentence := fmt.Sprintf("The 'To' number %s is not a valid phone number: %s", form.Get("To"), form.Get("Body"))
	failed := func(status, code int) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"code": code, "message": sentence, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": status,
		})
	}
	switch mood {
	case "accepts":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"sid": fmt.Sprintf("SM%032x", g.ids.Add(1)), "status": "queued", "error_code": nil, "error_message": nil,
			"account_sid": account, "from": form.Get("From"), "to": form.Get("To"), "body": form.Get("Body"),
			"date_created": "Mon, 02 Mar 2026 08:00:00 +0000", "num_segments": "1", "direction": "outbound-api", "price": nil,
		})
	case "refuses":
		failed(http.StatusBadRequest, 21211)
	case "throttles":
		w.Header().Set("Retry-After", "7")
		failed(http.StatusTooManyRequests, 20429)
	case "garbles":
		_, _ = fmt.Fprintf(w, "<html>%s</html>", sentence)
	case "fails":
		failed(http.StatusInternalServerError, 20500)
	}
}

// newSender returns a Sender that sends to a gateway; change changes its
// options.
func newSender(t testing.TB, g *gateway, change func(*twilio.Options)) *twilio.Sender {
	o := twilio.Options{
		AccountSID: account, Password: authToken, CallbackURL: callbackURL,
		BaseURL: g.URL, Client: g.Client(), Clock: clock,
	}
	if change != nil {
		change(&o)
	}
	s, err := twilio.New(o)
	require.NoError(t, err)
	return s
}
