package elks_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/elks"
	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	smstest.Run(t, smstest.Options{
		Gateway: elks.Name,
		New: func(t testing.TB, heard func(smstest.Arrival)) (sms.Sender, func(smstest.Mood)) {
			g := newGateway(t, heard)
			return newSender(t, g, nil), func(m smstest.Mood) { g.Set(m) }
		},
		Code: "http-403", RetryAfter: 7 * time.Second, Clock: clock,
	})
}

func TestRequest(t *testing.T) {
	t.Parallel()
	sent := func(t *testing.T, change func(*elks.Options)) url.Values {
		g := newGateway(t, func(smstest.Arrival) {})
		receipt, err := newSender(t, g, change).Send(t.Context(), message())
		require.NoError(t, err)
		assert.Equal(t, sms.Receipt{Gateway: "elks", GatewayID: fmt.Sprintf("s%032x", 1)}, receipt)
		return *g.last.Load()
	}
	t.Run("fields", func(t *testing.T) {
		t.Parallel()
		form := sent(t, func(o *elks.Options) { o.Callback = elks.Callback{} })
		assert.Equal(t, url.Values{
			"from": {"Resor"}, "to": {"+46701234567"}, "message": {"Hej! Din kod är K7QP-3MXW."}, "dontlog": {"message"},
		}, form)
	})
	t.Run("I7 callback", func(t *testing.T) {
		t.Parallel()
		u, err := url.Parse(sent(t, nil).Get("whendelivered"))
		require.NoError(t, err)
		password, _ := u.User.Password()
		assert.Equal(t, "elks p@ss/word", u.User.Username()+" "+password)
		assert.Equal(t, "https api.example.se /sms/elks", u.Scheme+" "+u.Host+" "+u.Path)
		query := u.Query()
		assert.Equal(t, message().ID.String(), query.Get("message"))
		assert.Equal(t, sms.MessageID(message().Company).String(), query.Get("company"))
		assert.Len(t, query.Get("token"), 43)
		assert.Len(t, query, 3)
		assert.NotContains(t, u.String(), "701234567")
	})
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
		"failed at once":   {200, `{"id": "s00000000000000000000000000000001", "status": "failed"}`, sms.ErrPermanent, "failed"},
		"no id":            {200, `{"status": "created"}`, sms.ErrUnknown, "answer"},
		"a number as id":   {200, `{"id": "46701234567"}`, sms.ErrUnknown, "answer"},
		"nothing":          {204, ``, sms.ErrUnknown, "answer"},
		"a list":           {200, `[]`, sms.ErrUnknown, "answer"},
		"wrong password":   {401, `API access requires Basic HTTP authentication`, sms.ErrPermanent, "http-401"},
		"no money":         {403, `Not enough credits`, sms.ErrPermanent, "http-403"},
		"redirect":         {302, ``, sms.ErrUnknown, "http-302"},
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
			s, err := elks.New(elks.Options{Username: "u", Password: "p", BaseURL: server.URL, Client: server.Client(), Clock: clock})
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

func TestExpiredIsNotSent(t *testing.T) {
	t.Parallel()
	g := newGateway(t, func(smstest.Arrival) { t.Error("it was sent") })
	m := message()
	m.Expires = now
	_, err := newSender(t, g, nil).Send(t.Context(), m)
	require.ErrorIs(t, err, sms.ErrPermanent)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*elks.Options){
		"Username":          func(o *elks.Options) { o.Username = "" },
		"Password":          func(o *elks.Options) { o.Password = "" },
		"BaseURL":           func(o *elks.Options) { o.BaseURL = "http://api.46elks.com/a1" },
		"Callback.URL":      func(o *elks.Options) { o.Callback.URL = "https://user:secret@api.example.se/" },
		"Callback.Username": func(o *elks.Options) { o.Callback.Username = "" },
		"Callback.Password": func(o *elks.Options) { o.Callback.Password = "" },
		"Callback.Secrets":  func(o *elks.Options) { o.Callback.Secrets = nil },
		"has one below":     func(o *elks.Options) { o.Callback.Secrets = append(o.Callback.Secrets, []byte("secret")) },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			o := elks.Options{Username: "u", Password: "secret", Callback: callback()}
			change(&o)
			_, err := elks.New(o)
			require.ErrorIs(t, err, sms.ErrOption)
			assert.Contains(t, err.Error(), field)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestSenderPrintsNoCredentials(t *testing.T) {
	t.Parallel()
	s, err := elks.New(elks.Options{Username: "u", Password: "secret"})
	require.NoError(t, err)
	assert.Equal(t, "elks.Sender elks.Sender elks.Sender", fmt.Sprintf("%v %+v %#v", s, s, s))
}

func TestReceiptsOptions(t *testing.T) {
	t.Parallel()
	_, err := elks.Receipts(nil, elks.ReceiptsOptions{Callback: callback()})
	require.ErrorIs(t, err, sms.ErrOption)
	_, err = elks.Receipts(receiver(func(sms.DeliveryReport) error { return errors.New("never") }), elks.ReceiptsOptions{})
	require.ErrorIs(t, err, sms.ErrOption)
}
