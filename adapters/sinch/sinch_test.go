package sinch_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/sinch"
	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	smstest.Run(t, smstest.Options{
		Gateway: sinch.Name,
		New: func(t testing.TB, heard func(smstest.Arrival)) (sms.Sender, func(smstest.Mood)) {
			g := newGateway(t, heard)
			return newSender(t, g, nil), func(m smstest.Mood) { g.Set(m) }
		},
		Code: "syntax_invalid_parameter_format", RetryAfter: 7 * time.Second, Clock: clock,
	})
}

func TestRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change          func(*sinch.Options)
		expires         time.Time
		want, callbacks string
	}{
		"an hour":               {nil, now.Add(time.Hour), "2026-03-02T09:00:00.000Z", callbackURL},
		"in another zone":       {nil, now.Add(1500 * time.Millisecond).In(time.FixedZone("", 3600)), "2026-03-02T08:00:01.500Z", callbackURL},
		"just below three days": {nil, now.Add(72*time.Hour - time.Millisecond), "2026-03-05T07:59:59.999Z", callbackURL},
		"three days":            {nil, now.Add(72 * time.Hour), "", callbackURL},
		"seven days":            {nil, now.AddDate(0, 0, 7), "", callbackURL},
		"for ever":              {nil, time.Time{}, "", callbackURL},
		"callback of the plan":  {func(o *sinch.Options) { o.CallbackURL = "" }, time.Time{}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, func(smstest.Arrival) {})
			m := message()
			m.Expires = c.expires
			receipt, err := newSender(t, g, c.change).Send(t.Context(), m)
			require.NoError(t, err)
			assert.Equal(t, sms.Receipt{Gateway: "sinch", GatewayID: batchID}, receipt)
			assert.Equal(t, batch{
				From: "Resor", To: []string{"+46701234567"}, Body: "Hej! Din kod är K7QP-3MXW.", Type: "mt_text",
				DeliveryReport: "per_recipient", ExpireAt: c.want, CallbackURL: c.callbacks, ClientReference: clientReference,
			}, *g.last.Load())
		})
	}
}

// Answers that say something else than yes or no.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		code   string
	}{
		"canceled at once": {201, `{"id": "` + batchID + `", "canceled": true}`, sms.ErrPermanent, "canceled"},
		"no id":            {201, `{"canceled": false}`, sms.ErrUnknown, "answer"},
		"a number as id":   {201, `{"id": "46701234567"}`, sms.ErrUnknown, "answer"},
		"nothing":          {204, ``, sms.ErrUnknown, "answer"},
		"wrong token":      {401, ``, sms.ErrPermanent, "http-401"},
		"forbidden":        {403, `{"code": "forbidden_number", "text": "+46701234567 is not allowed"}`, sms.ErrPermanent, "forbidden_number"},
		"no such plan":     {404, `not found`, sms.ErrPermanent, "http-404"},
		"redirect":         {308, ``, sms.ErrUnknown, "http-308"},
		"bad gateway":      {502, `<html>`, sms.ErrUnknown, "http-502"},
		"not available":    {503, ``, sms.ErrUnknown, "http-503"},
		"request time-out": {408, ``, sms.ErrTemporary, "http-408"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				if c.status != http.StatusNoContent {
					_, _ = w.Write([]byte(c.body))
				}
			}))
			t.Cleanup(server.Close)
			s, err := sinch.New(sinch.Options{ServicePlanID: "p", APIToken: "t", BaseURL: server.URL, Client: server.Client(), Clock: clock})
			require.NoError(t, err)
			receipt, err := s.Send(t.Context(), message())
			require.ErrorIs(t, err, c.kind)
			assert.Equal(t, sms.Receipt{}, receipt)
			var failure *sms.SendError
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, c.code, failure.Code)
			assert.Equal(t, 1, asked)
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*sinch.Options){
		"ServicePlanID": func(o *sinch.Options) { o.ServicePlanID = "" },
		"APIToken":      func(o *sinch.Options) { o.APIToken = "" },
		"BaseURL":       func(o *sinch.Options) { o.BaseURL = "ftp://sinch.example" },
		"CallbackURL":   func(o *sinch.Options) { o.CallbackURL = "https://user:secret@api.example.se/" },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			o := sinch.Options{ServicePlanID: "p", APIToken: "secret", CallbackURL: callbackURL}
			change(&o)
			_, err := sinch.New(o)
			require.ErrorIs(t, err, sms.ErrOption)
			assert.Contains(t, err.Error(), field)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
	for field, o := range map[string]sinch.ReceiptsOptions{
		"Secrets":  {},
		"are":      {Secrets: []string{secret, ""}},
		"Window":   {Secrets: []string{secret}, Window: -1},
		"receiver": {Secrets: []string{secret}},
	} {
		_, err := sinch.Receipts(nil, o)
		require.ErrorIs(t, err, sms.ErrOption, field)
		assert.Contains(t, err.Error(), field)
	}
}

func TestSenderPrintsNoCredentials(t *testing.T) {
	t.Parallel()
	s, err := sinch.New(sinch.Options{ServicePlanID: "p", APIToken: "secret"})
	require.NoError(t, err)
	assert.Equal(t, "sinch.Sender sinch.Sender sinch.Sender", fmt.Sprintf("%v %+v %#v", s, s, s))
}
