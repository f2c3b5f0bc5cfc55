package elks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/elks"
	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func message() sms.Message {
	to, err := sms.PhoneNumberFromE164("+46701234567")
	if err != nil {
		panic(err)
	}
	return sms.Message{
		ID: sms.MessageID{1, 6: 0x70, 8: 0x80, 15: 1}, Company: [16]byte{2, 6: 0x70, 8: 0x80, 15: 2},
		To: to, From: "Resor", Text: "Hej! Din kod är K7QP-3MXW.", Expires: now.AddDate(0, 0, 7),
	}
}

func callback() elks.Callback {
	return elks.Callback{
		URL: "https://api.example.se/sms/elks", Username: "elks", Password: "p@ss/word",
		Secrets: [][]byte{[]byte("a secret of sixteen"), []byte("the secret of before")},
	}
}

// gateway plays 46elks, as its documentation says, and keeps the last form.
type gateway struct {
	*standin.Gateway
	ids  atomic.Int64
	last atomic.Pointer[url.Values]
}

func newGateway(t testing.TB, heard func(smstest.Arrival)) *gateway {
	g := &gateway{}
	g.Gateway = standin.New(func(r *http.Request, body []byte) {
		assert.Equal(t, http.MethodPost, r.Method)
		assert.Equal(t, "/a1/sms", r.URL.String())
		assert.Equal(t, "application/x-www-form-urlencoded", r.Header.Get("Content-Type"))
		username, password, _ := r.BasicAuth()
		assert.Equal(t, "u1234/5678", username+"/"+password)
		form, err := url.ParseQuery(string(body))
		assert.NoError(t, err)
		for name, values := range form {
			assert.True(t, slices.Contains([]string{"from", "to", "message", "whendelivered", "dontlog"}, name), name)
			assert.Len(t, values, 1, name)
		}
		assert.Equal(t, "message", form.Get("dontlog"))
		g.last.Store(&form)
		heard(smstest.Arrival{To: form.Get("to"), From: form.Get("from"), Text: form.Get("message")})
	}, g.answer)
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) answer(w http.ResponseWriter, mood string, _ *http.Request, body []byte) {
	form, _ := url.ParseQuery(string(body))
	sentence := "Number " + form.Get("to") + " cannot get: " + form.Get("message")
	switch mood {
	case "accepts":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"id": fmt.Sprintf("s%032x", g.ids.Add(1)), "status": "created", "direction": "outgoing",
			"from": form.Get("from"), "to": form.Get("to"), "created": "2026-03-02T08:00:00.123456", "parts": 1, "cost": 5200,
		})
	case "refuses":
		http.Error(w, sentence, http.StatusForbidden)
	case "throttles":
		w.Header().Set("Retry-After", "7")
		http.Error(w, sentence, http.StatusTooManyRequests)
	case "garbles":
		_, _ = fmt.Fprintf(w, "<html>%s</html>", sentence)
	case "fails":
		http.Error(w, sentence, http.StatusInternalServerError)
	}
}

// newSender returns a Sender that sends to a gateway; change changes its
// options.
func newSender(t testing.TB, g *gateway, change func(*elks.Options)) *elks.Sender {
	o := elks.Options{
		Username: "u1234", Password: "5678", BaseURL: g.URL + "/a1", Client: g.Client(), Clock: clock, Callback: callback(),
	}
	if change != nil {
		change(&o)
	}
	s, err := elks.New(o)
	require.NoError(t, err)
	return s
}
