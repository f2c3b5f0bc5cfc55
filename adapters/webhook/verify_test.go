package webhook_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
)

// The vector that the libraries of Standard Webhooks are tested with.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTimestamp = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	wrongSignature  = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
)

func parse(t testing.TB, text string) webhook.Secret {
	t.Helper()
	s, err := webhook.ParseSecret(text)
	require.NoError(t, err)
	return s
}

func TestPublishedVector(t *testing.T) {
	t.Parallel()
	at, body := time.Unix(vectorTimestamp, 0), []byte(vectorBody)
	for _, text := range []string{vectorSecret, strings.TrimPrefix(vectorSecret, "whsec_")} {
		secret := parse(t, text)
		assert.Equal(t, vectorSignature, webhook.Sign(vectorID, at, body, secret))
		assert.Equal(t, vectorSecret, secret.Reveal())
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	at, secret, other := time.Unix(vectorTimestamp, 0), parse(t, vectorSecret), secretOf("other")
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	for name, c := range map[string]struct {
		change  func(http.Header)
		body    string
		secrets []webhook.Secret
		later   time.Duration
		want    error
	}{
		"as published":         {},
		"missing id":           {change: set("webhook-id", ""), want: webhook.ErrSignature},
		"missing timestamp":    {change: set("webhook-timestamp", ""), want: webhook.ErrTimestamp},
		"missing signature":    {change: set("webhook-signature", ""), want: webhook.ErrSignature},
		"wrong signature":      {change: set("webhook-signature", wrongSignature), want: webhook.ErrSignature},
		"half a signature":     {change: set("webhook-signature", vectorSignature[:20]), want: webhook.ErrSignature},
		"asymmetric signature": {change: set("webhook-signature", "v1a"+vectorSignature[2:]), want: webhook.ErrSignature},
		"no version":           {change: set("webhook-signature", vectorSignature[3:]), want: webhook.ErrSignature},
		"several signatures": {change: set("webhook-signature",
			wrongSignature+" v2"+wrongSignature[2:]+" "+vectorSignature+" "+wrongSignature)},
		"another id":                  {change: set("webhook-id", "msg_other"), want: webhook.ErrSignature},
		"another body":                {body: vectorBody + " ", want: webhook.ErrSignature},
		"timestamp made new":          {change: set("webhook-timestamp", strconv.Itoa(vectorTimestamp+1)), want: webhook.ErrSignature},
		"timestamp that is no number": {change: set("webhook-timestamp", "now"), want: webhook.ErrTimestamp},
		"another secret":              {secrets: []webhook.Secret{other}, want: webhook.ErrSignature},
		"the old secret still known":  {secrets: []webhook.Secret{other, secret}},
		"no secret":                   {secrets: []webhook.Secret{}, want: webhook.ErrSignature},
		"the tolerance late":          {later: 5 * time.Minute},
		"replayed later":              {later: 5*time.Minute + time.Second, want: webhook.ErrTimestamp},
		"the tolerance early":         {later: -5 * time.Minute},
		"from the future":             {later: -5*time.Minute - time.Second, want: webhook.ErrTimestamp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			h.Set("webhook-id", vectorID)
			h.Set("webhook-timestamp", strconv.Itoa(vectorTimestamp))
			h.Set("webhook-signature", vectorSignature)
			if c.change != nil {
				c.change(h)
			}
			if c.body == "" {
				c.body = vectorBody
			}
			if c.secrets == nil {
				c.secrets = []webhook.Secret{secret}
			}
			assert.ErrorIs(t, webhook.Verify(h, []byte(c.body), c.secrets, at.Add(c.later), 0), c.want)
		})
	}
	t.Run("an id cannot borrow from the timestamp", func(t *testing.T) {
		t.Parallel()
		h := http.Header{}
		h.Set("webhook-id", "a.1")
		h.Set("webhook-timestamp", "2")
		h.Set("webhook-signature", webhook.Sign("a.1", time.Unix(2, 0), nil, secret))
		assert.ErrorIs(t, webhook.Verify(h, nil, []webhook.Secret{secret}, time.Unix(2, 0), 0), webhook.ErrSignature)
	})
	t.Run("the zero secret signs for nobody", func(t *testing.T) {
		t.Parallel()
		h := http.Header{}
		h.Set("webhook-id", "a")
		h.Set("webhook-timestamp", "2")
		h.Set("webhook-signature", webhook.Sign("a", time.Unix(2, 0), nil, webhook.Secret{}))
		assert.ErrorIs(t, webhook.Verify(h, nil, []webhook.Secret{{}}, time.Unix(2, 0), 0), webhook.ErrSignature)
	})
}

func TestSecret(t *testing.T) {
	t.Parallel()
	made, err := webhook.NewSecret(rand.Reader)
	require.NoError(t, err)
	assert.Equal(t, made, parse(t, made.Reveal()))
	for _, text := range []string{"", "whsec_", "whsec_AAAA", "whsec_" + strings.Repeat("A", 88), "whsec_åäö"} {
		_, err := webhook.ParseSecret(text)
		require.ErrorIs(t, err, webhook.ErrSecret, text)
		if len(text) > len("whsec_") {
			assert.NotContains(t, err.Error(), text[6:])
		}
	}
	_, err = webhook.NewSecret(bytes.NewReader(nil))
	require.Error(t, err)

	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", made)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", made)
	_ = json.NewEncoder(&out).Encode(webhook.Endpoint{Secrets: []webhook.Secret{made}})
	_, _ = fmt.Fprintf(&out, "%v %+v %#v %s %q", made, made, made, made, made)
	assert.NotContains(t, out.String(), made.Reveal()[6:])
}
