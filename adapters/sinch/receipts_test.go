package sinch_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/sinch"
	"github.com/tjansteresor/tjansteresor/sms"
)

// callback is a request as Sinch makes it.
func callback(key, body string, at time.Time) *http.Request {
	const nonce = "01FJA8B4A7BM43YGWSG9GBV067"
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body + "." + nonce + "." + timestamp))
	return signed(body, nonce, timestamp, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func signed(body, nonce, timestamp, signature string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, callbackURL, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("x-sinch-webhook-signature", signature)
	r.Header.Set("x-sinch-webhook-signature-nonce", nonce)
	r.Header.Set("x-sinch-webhook-signature-timestamp", timestamp)
	r.Header.Set("x-sinch-webhook-signature-algorithm", "HmacSHA256")
	return r
}

// perRecipient is the report of one message.
func perRecipient(status string, code any) string {
	return encoded(map[string]any{
		"type": "recipient_delivery_report_sms", "batch_id": batchID, "client_reference": clientReference,
		"recipient": "46701234567", "code": code, "status": status, "at": "2026-03-02T08:00:05.123Z",
		"operator_status_at": "2026-03-02T08:00:00Z",
	})
}

func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func newReceipts(t *testing.T, to sms.ReportReceiver, change func(*sinch.ReceiptsOptions)) http.Handler {
	t.Helper()
	o := sinch.ReceiptsOptions{Secrets: []string{"new secret", secret}, Clock: clock}
	if change != nil {
		change(&o)
	}
	h, err := sinch.Receipts(to, o)
	require.NoError(t, err)
	return h
}

// unheard is a receiver that nothing must reach.
func unheard(t *testing.T) sms.ReportReceiver {
	return receiver(func(sms.DeliveryReport) error {
		t.Error("the report was received")
		return nil
	})
}

func TestReceiptNamesTheMessage(t *testing.T) {
	t.Parallel()
	for status, c := range map[string]struct {
		code  any
		state sms.State
		want  string
	}{
		"Queued": {400, sms.StateSent, ""}, "Dispatched": {401, sms.StateSent, ""}, "Delivered": {0, sms.StateDelivered, ""},
		"DELIVERED": {"0", sms.StateDelivered, ""}, "Aborted": {412, sms.StateFailed, "412"}, "Cancelled": {407, sms.StateFailed, "407"},
		"Rejected": {402, sms.StateFailed, "402"}, "Deleted": {"27", sms.StateFailed, "27"}, "Failed": {403, sms.StateFailed, "403"},
		"Expired": {406, sms.StateFailed, "406"}, "Unknown": {nil, sms.StateUnknown, ""}, "New": {"to 46701234567", sms.StateUnknown, ""},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			var outbox standin.Outbox
			outbox.Add(message())
			assert.Equal(t, http.StatusNoContent, serve(newReceipts(t, &outbox, nil), callback(secret, perRecipient(status, c.code), now)))
			assert.Equal(t, []sms.DeliveryReport{{
				Company: message().Company, ID: message().ID, Gateway: "sinch", GatewayID: batchID,
				State: c.state, ErrorCode: c.want, At: now,
			}}, outbox.Reports())
		})
	}
	t.Run("of a batch", func(t *testing.T) {
		t.Parallel()
		var outbox standin.Outbox
		outbox.Add(message())
		body := encoded(map[string]any{
			"type": "delivery_report_sms", "batch_id": batchID, "client_reference": clientReference, "total_message_count": 1,
			"statuses": []any{map[string]any{"code": 402, "status": "Rejected", "count": 1, "recipients": []string{"46701234567"}}},
		})
		assert.Equal(t, http.StatusNoContent, serve(newReceipts(t, &outbox, nil), callback(secret, body, now)))
		assert.Equal(t, "failed 402", outbox.Message().State.String()+" "+outbox.Message().ErrorCode)
	})
	t.Run("by the id of the batch alone", func(t *testing.T) {
		t.Parallel()
		var got []sms.DeliveryReport
		h := newReceipts(t, receiver(func(r sms.DeliveryReport) error {
			got = append(got, r)
			return nil
		}), nil)
		body := strings.Replace(perRecipient("Delivered", 0), `"client_reference"`, `"other"`, 1)
		assert.Equal(t, http.StatusNoContent, serve(h, callback(secret, body, now)))
		assert.Equal(t, []sms.DeliveryReport{{Gateway: "sinch", GatewayID: batchID, State: sms.StateDelivered, At: now}}, got)
	})
}

func TestReceiptsTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{
		{"Queued", "Dispatched", "Delivered"}, {"Delivered", "Dispatched", "Queued"},
		{"Dispatched", "Dispatched", "Delivered", "Delivered", "Unknown"}, {"Failed", "Delivered", "Failed"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			t.Parallel()
			var outbox standin.Outbox
			outbox.Add(message())
			h := newReceipts(t, &outbox, nil)
			for _, status := range order {
				assert.Equal(t, http.StatusNoContent, serve(h, callback(secret, perRecipient(status, 0), now)))
			}
			got := outbox.Message()
			assert.Equal(t, sms.StateDelivered, got.State)
			assert.Equal(t, "sinch "+batchID, got.Gateway+" "+got.GatewayID)
			assert.False(t, got.Waiting(), "it would be sent again")
		})
	}
}

// The vector is that of Sinch's documentation and of the tests of its
// libraries. What it signs is no report of a message: 400, where a signature
// that is wrong would give 403.
func TestPublishedVector(t *testing.T) {
	t.Parallel()
	const (
		key       = "foo_secret1234"
		nonce     = "01FJA8B4A7BM43YGWSG9GBV067"
		timestamp = "1634579353"
		signature = "6bpJoRmFoXVjfJIVglMoJzYXxnoxRujzR4k2GOXewOE="
		body      = `{"app_id":"","accepted_time":"2021-10-18T17:49:13.813615Z","project_id":"e2df3a34-a71b-4448-9db5-a8d2baad28e4",` +
			`"contact_create_notification":{"contact":{"id":"01FJA8B466Y0R2GNXD78MD9SM1","channel_identities":[{"channel":"SMS",` +
			`"identity":"48123456789","app_id":""}],"display_name":"New Test Contact","email":"new.contact@email.com","external_id":"",` +
			`"metadata":"","language":"EN_US"}},"message_metadata":""}`
	)
	at := time.Unix(1634579353, 0)
	for name, c := range map[string]struct {
		request *http.Request
		secrets []string
		now     time.Time
		want    int
	}{
		"good":               {signed(body, nonce, timestamp, signature), []string{key}, at, http.StatusBadRequest},
		"second secret":      {signed(body, nonce, timestamp, signature), []string{"new", key}, at, http.StatusBadRequest},
		"another secret":     {signed(body, nonce, timestamp, signature), []string{"foo_secret123"}, at, http.StatusForbidden},
		"another body":       {signed(body+" ", nonce, timestamp, signature), []string{key}, at, http.StatusForbidden},
		"another nonce":      {signed(body, nonce[1:], timestamp, signature), []string{key}, at, http.StatusForbidden},
		"another timestamp":  {signed(body, nonce, "1634579354", signature), []string{key}, at, http.StatusForbidden},
		"another signature":  {signed(body, nonce, timestamp, "7"+signature[1:]), []string{key}, at, http.StatusForbidden},
		"no signature":       {signed(body, nonce, timestamp, ""), []string{key}, at, http.StatusForbidden},
		"no base64":          {signed(body, nonce, timestamp, "åäö"), []string{key}, at, http.StatusForbidden},
		"a day old":          {signed(body, nonce, timestamp, signature), []string{key}, at.Add(24 * time.Hour), http.StatusBadRequest},
		"older than a day":   {signed(body, nonce, timestamp, signature), []string{key}, at.Add(24*time.Hour + time.Second), http.StatusForbidden},
		"from a day ahead":   {signed(body, nonce, timestamp, signature), []string{key}, at.Add(-24 * time.Hour), http.StatusBadRequest},
		"from further ahead": {signed(body, nonce, timestamp, signature), []string{key}, at.Add(-24*time.Hour - time.Second), http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newReceipts(t, unheard(t), func(o *sinch.ReceiptsOptions) {
				o.Secrets, o.Clock = c.secrets, func() time.Time { return c.now }
			})
			assert.Equal(t, c.want, serve(h, c.request))
		})
	}
}

func TestReceiptsAreNotBelieved(t *testing.T) {
	t.Parallel()
	report := perRecipient("Delivered", 0)
	for name, c := range map[string]struct {
		request *http.Request
		change  func(r *http.Request)
		want    int
	}{
		"inside the window":  {callback(secret, report, now.Add(-5*time.Minute)), func(*http.Request) {}, http.StatusServiceUnavailable},
		"outside the window": {callback(secret, report, now.Add(-5*time.Minute-time.Second)), func(*http.Request) {}, http.StatusForbidden},
		"too far ahead":      {callback(secret, report, now.Add(5*time.Minute+time.Second)), func(*http.Request) {}, http.StatusForbidden},
		"long ago":           {callback(secret, report, time.Unix(-1<<40, 0)), func(*http.Request) {}, http.StatusForbidden},
		"another key":        {callback("guess", report, now), func(*http.Request) {}, http.StatusForbidden},
		"another algorithm": {callback(secret, report, now), func(r *http.Request) {
			r.Header.Set("x-sinch-webhook-signature-algorithm", "HmacSHA1")
		}, http.StatusForbidden},
		"no algorithm": {callback(secret, report, now), func(r *http.Request) {
			r.Header.Del("x-sinch-webhook-signature-algorithm")
		}, http.StatusServiceUnavailable},
		"no headers": {callback(secret, report, now), func(r *http.Request) { r.Header = http.Header{"Content-Type": {"application/json"}} }, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.change(c.request)
			h := newReceipts(t, &standin.Outbox{}, func(o *sinch.ReceiptsOptions) { o.Window = 5 * time.Minute })
			assert.Equal(t, c.want, serve(h, c.request))
		})
	}
	t.Run("a timestamp of words", func(t *testing.T) {
		t.Parallel()
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(report + ".n.now"))
		r := signed(report, "n", "now", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		assert.Equal(t, http.StatusForbidden, serve(newReceipts(t, unheard(t), nil), r))
	})
}

func TestReceiptAnswers(t *testing.T) {
	t.Parallel()
	good := perRecipient("Delivered", 0)
	changed := func(old, next string) *http.Request {
		return callback(secret, strings.Replace(good, old, next, 1), now)
	}
	plain := callback(secret, good, now)
	plain.Header.Set("Content-Type", "text/plain")
	get := callback(secret, good, now)
	get.Method = http.MethodGet
	for name, c := range map[string]struct {
		to      sms.ReportReceiver
		request *http.Request
		want    int
	}{
		"unknown message is repeated":      {&standin.Outbox{}, callback(secret, good, now), http.StatusServiceUnavailable},
		"failure of the store is repeated": {&standin.Outbox{Err: errors.New("disk full")}, callback(secret, good, now), http.StatusInternalServerError},
		"no id":                            {unheard(t), changed("batch_id", "other"), http.StatusBadRequest},
		"a number as id":                   {unheard(t), changed(batchID, "46701234567"), http.StatusBadRequest},
		"no status":                        {unheard(t), changed(`"status"`, `"other"`), http.StatusBadRequest},
		"a reference of somebody else":     {unheard(t), changed(clientReference, "campaign 7"), http.StatusBadRequest},
		"a message to the host":            {unheard(t), changed("recipient_delivery_report_sms", "mo_text"), http.StatusBadRequest},
		"a batch without a status":         {unheard(t), changed("recipient_delivery_report_sms", "delivery_report_sms"), http.StatusBadRequest},
		"a batch of several": {unheard(t), callback(secret, encoded(map[string]any{
			"type": "delivery_report_sms", "batch_id": batchID, "client_reference": clientReference,
			"statuses": []any{map[string]any{"status": "Delivered"}, map[string]any{"status": "Failed"}},
		}), now), http.StatusBadRequest},
		"not JSON":         {unheard(t), callback(secret, "status=Delivered", now), http.StatusBadRequest},
		"not sent as JSON": {unheard(t), plain, http.StatusBadRequest},
		"GET":              {unheard(t), get, http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, serve(newReceipts(t, c.to, nil), c.request))
		})
	}
}
