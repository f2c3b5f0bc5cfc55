package sinch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/sinch"
	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

const (
	callbackURL = "https://api.example.se/sms/sinch"
	batchID     = "01JN00000000000000000000000001"
	secret      = "the webhook secret"
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

const clientReference = "02000000-0000-7000-8000-000000000002/01000000-0000-7000-8000-000000000001"

type receiver func(sms.DeliveryReport) error

func (r receiver) ReceiveReport(_ context.Context, report sms.DeliveryReport) error { return r(report) }

func serve(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// batch is what Sinch documents that it can be asked for, as far as we ask.
type batch struct {
	From            string   `json:"from"`
	To              []string `json:"to"`
	Body            string   `json:"body"`
	Type            string   `json:"type"`
	DeliveryReport  string   `json:"delivery_report"`
	ExpireAt        string   `json:"expire_at"`
	CallbackURL     string   `json:"callback_url"`
	ClientReference string   `json:"client_reference"`
}

// gateway plays Sinch, as its documentation says, and keeps the last batch.
type gateway struct {
	*standin.Gateway
	ids  atomic.Int64
	last atomic.Pointer[batch]
}

func newGateway(t testing.TB, heard func(smstest.Arrival)) *gateway {
	g := &gateway{}
	g.Gateway = standin.New(func(r *http.Request, body []byte) {
		assert.Equal(t, http.MethodPost, r.Method)
		assert.Equal(t, "/xms/v1/plan1/batches", r.URL.String())
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		assert.Equal(t, "Bearer token1", r.Header.Get("Authorization"))
		b, fields := decoded(body)
		for name := range fields {
			assert.Contains(t, []string{
				"from", "to", "body", "type", "delivery_report", "expire_at", "callback_url", "client_reference",
			}, name)
		}
		assert.Equal(t, "mt_text per_recipient", b.Type+" "+b.DeliveryReport)
		g.last.Store(&b)
		if assert.Len(t, b.To, 1) {
			heard(smstest.Arrival{To: b.To[0], From: b.From, Text: b.Body})
		}
	}, g.answer)
	t.Cleanup(g.Close)
	return g
}

func decoded(body []byte) (b batch, fields map[string]any) {
	_ = json.Unmarshal(body, &b)
	_ = json.Unmarshal(body, &fields)
	return b, fields
}

func (g *gateway) answer(w http.ResponseWriter, mood string, _ *http.Request, body []byte) {
	b, echoed := decoded(body)
	sentence := fmt.Sprintf("Invalid parameter to: %s, with %s", b.To, b.Body)
	failed := func(status int, code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "text": sentence})
	}
	switch mood {
	case "accepts":
		echoed["id"] = fmt.Sprintf("01JN%026d", g.ids.Add(1))
		echoed["canceled"] = false
		echoed["created_at"] = "2026-03-02T08:00:00.123Z"
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(echoed)
	case "refuses":
		failed(http.StatusBadRequest, "syntax_invalid_parameter_format")
	case "throttles":
		w.Header().Set("Retry-After", "7")
		failed(http.StatusTooManyRequests, "too_many_requests")
	case "garbles":
		_, _ = fmt.Fprintf(w, "<html>%s</html>", sentence)
	case "fails":
		failed(http.StatusInternalServerError, "internal_error")
	}
}

// newSender returns a Sender that sends to a gateway; change changes its
// options.
func newSender(t testing.TB, g *gateway, change func(*sinch.Options)) *sinch.Sender {
	o := sinch.Options{
		ServicePlanID: "plan1", APIToken: "token1", CallbackURL: callbackURL,
		BaseURL: g.URL, Client: g.Client(), Clock: clock,
	}
	if change != nil {
		change(&o)
	}
	s, err := sinch.New(o)
	require.NoError(t, err)
	return s
}
