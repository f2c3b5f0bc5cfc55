package twilio_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/adapters/twilio"
	"github.com/tjansteresor/tjansteresor/sms"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	smstest.Run(t, smstest.Options{
		Gateway: twilio.Name,
		New: func(t testing.TB, heard func(smstest.Arrival)) (sms.Sender, func(smstest.Mood)) {
			g := newGateway(t, heard)
			return newSender(t, g, nil), func(m smstest.Mood) { g.Set(m) }
		},
		Code: "21211", RetryAfter: 7 * time.Second, Clock: clock,
	})
}

func TestRequest(t *testing.T) {
	t.Parallel()
	plain := url.Values{
		"From": {"Resor"}, "To": {"+46701234567"}, "Body": {"Hej! Din kod är K7QP-3MXW."}, "ValidityPeriod": {"3600"},
	}
	for name, c := range map[string]struct {
		change  func(*twilio.Options)
		expires time.Time
		want    map[string]string
	}{
		"plain":                {nil, now.Add(time.Hour), nil},
		"key":                  {func(o *twilio.Options) { o.Username, o.Password = "SK1", "key secret" }, now.Add(time.Hour), nil},
		"service":              {func(o *twilio.Options) { o.MessagingServiceSID = "MG1" }, now.Add(time.Hour), map[string]string{"MessagingServiceSid": "MG1"}},
		"redacted":             {func(o *twilio.Options) { o.Redact = true }, now.Add(time.Hour), map[string]string{"ContentRetention": "discard", "AddressRetention": "obfuscate"}},
		"valid for a moment":   {nil, now.Add(time.Millisecond), map[string]string{"ValidityPeriod": "1"}},
		"valid for a second":   {nil, now.Add(1999 * time.Millisecond), map[string]string{"ValidityPeriod": "1"}},
		"valid for ten hours":  {nil, now.Add(10 * time.Hour), map[string]string{"ValidityPeriod": "36000"}},
		"valid for seven days": {nil, now.AddDate(0, 0, 7), map[string]string{"ValidityPeriod": "36000"}},
		"valid for ever":       {nil, time.Time{}, map[string]string{"ValidityPeriod": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, func(smstest.Arrival) {})
			m := message()
			m.Expires = c.expires
			receipt, err := newSender(t, g, func(o *twilio.Options) {
				o.CallbackURL = ""
				if c.change != nil {
					c.change(o)
				}
			}).Send(t.Context(), m)
			require.NoError(t, err)
			assert.Equal(t, sms.Receipt{Gateway: "twilio", GatewayID: messageSID}, receipt)
			want := url.Values{}
			for k, v := range plain {
				want[k] = v
			}
			for k, v := range c.want {
				want[k] = []string{v}
				if v == "" {
					delete(want, k)
				}
			}
			assert.Equal(t, want, *g.last.Load())
		})
	}
	t.Run("I7 callback", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, "https://api.example.se/sms/twilio?company=02000000-0000-7000-8000-000000000002"+
			"&message=01000000-0000-7000-8000-000000000001#rc=5&rp=all", statusCallback(t, callbackURL))
	})
}

// statusCallback is the URL that Twilio is given with the message.
func statusCallback(t *testing.T, base string) string {
	t.Helper()
	g := newGateway(t, func(smstest.Arrival) {})
	_, err := newSender(t, g, func(o *twilio.Options) { o.CallbackURL = base }).Send(t.Context(), message())
	require.NoError(t, err)
	return g.last.Load().Get("StatusCallback")
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
		"failed at once":   {201, `{"sid": "` + messageSID + `", "status": "failed", "error_code": 30005}`, sms.ErrPermanent, "30005"},
		"failed, no code":  {201, `{"sid": "` + messageSID + `", "status": "undelivered", "error_code": null}`, sms.ErrPermanent, "failed"},
		"no id":            {201, `{"status": "queued"}`, sms.ErrUnknown, "answer"},
		"a number as id":   {201, `{"sid": "46701234567"}`, sms.ErrUnknown, "answer"},
		"nothing":          {204, ``, sms.ErrUnknown, "answer"},
		"wrong password":   {401, `{"code": 20003, "message": "Authenticate", "status": 401}`, sms.ErrPermanent, "20003"},
		"stopped":          {400, `{"code": 21610, "message": "Attempt to send to unsubscribed recipient +46701234567", "status": 400}`, sms.ErrPermanent, "21610"},
		"not json":         {404, `not found`, sms.ErrPermanent, "http-404"},
		"redirect":         {307, ``, sms.ErrUnknown, "http-307"},
		"server error":     {500, `{"code": 20500, "message": "Internal Server Error", "status": 500}`, sms.ErrUnknown, "20500"},
		"not available":    {503, `{"code": 20503}`, sms.ErrUnknown, "20503"},
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
			s, err := twilio.New(twilio.Options{AccountSID: account, Password: authToken, BaseURL: server.URL, Client: server.Client(), Clock: clock})
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
	for field, change := range map[string]func(*twilio.Options){
		"AccountSID":  func(o *twilio.Options) { o.AccountSID = "" },
		"Password":    func(o *twilio.Options) { o.Password = "" },
		"BaseURL":     func(o *twilio.Options) { o.BaseURL = "api.twilio.com" },
		"CallbackURL": func(o *twilio.Options) { o.CallbackURL = "https://user:secret@api.example.se/" },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			o := twilio.Options{AccountSID: account, Password: "secret", CallbackURL: callbackURL}
			change(&o)
			_, err := twilio.New(o)
			require.ErrorIs(t, err, sms.ErrOption)
			assert.Contains(t, err.Error(), field)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
	for field, o := range map[string]twilio.ReceiptsOptions{
		"PublicURL":  {PublicURL: "http://api.example.se/", AuthTokens: []string{authToken}},
		"AuthTokens": {PublicURL: callbackURL},
		"are":        {PublicURL: callbackURL, AuthTokens: []string{authToken, ""}},
		"receiver":   {PublicURL: callbackURL, AuthTokens: []string{authToken}},
	} {
		_, err := twilio.Receipts(nil, o)
		require.ErrorIs(t, err, sms.ErrOption, field)
		assert.Contains(t, err.Error(), field)
	}
}

func TestSenderPrintsNoCredentials(t *testing.T) {
	t.Parallel()
	s, err := twilio.New(twilio.Options{AccountSID: account, Password: "secret"})
	require.NoError(t, err)
	assert.Equal(t, "twilio.Sender twilio.Sender twilio.Sender", fmt.Sprintf("%v %+v %#v", s, s, s))
}
