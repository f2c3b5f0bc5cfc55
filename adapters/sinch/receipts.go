package sinch

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/httpsms"
	"github.com/tjansteresor/tjansteresor/sms"
)

// ReceiptsOptions configures [Receipts].
type ReceiptsOptions struct {
	// Secrets are the webhook secrets of the service plan that may have signed.
	// Required.
	Secrets []string
	// Window is how old a signature may be, and how far in the future it may
	// seem to be. Defaults to 24 hours.
	Window time.Duration
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
	// Logger is told of receipts that were refused or could not be saved, with
	// nothing personal. Defaults to one that discards.
	Logger *slog.Logger
}

// Receipts returns a handler for the delivery reports of Sinch, which the host
// mounts at the CallbackURL of the Sender. It answers 204 when a report is
// saved, 503 when the message is not known, 500 when the receiver fails, 403 to
// what Sinch has not signed, 400 to what it cannot read, and 405 to methods
// other than POST. The error wraps [sms.ErrOption].
func Receipts(receiver sms.ReportReceiver, o ReceiptsOptions) (http.Handler, error) {
	switch {
	case len(o.Secrets) == 0 || slices.Contains(o.Secrets, ""):
		return nil, httpsms.Invalid("Secrets", "are required")
	case o.Window < 0:
		return nil, httpsms.Invalid("Window", "is negative")
	case o.Window == 0:
		o.Window = 24 * time.Hour
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	v := verifier{slices.Clone(o.Secrets), o.Window, o.Clock}
	return httpsms.NewHandler(Name, receiver, o.Clock, o.Logger, v.report)
}

// verifier checks signatures.
type verifier struct {
	secrets []string
	window  time.Duration
	clock   func() time.Time
}

// signed tells whether a request is genuine and of this day. Sinch signs
// body.nonce.timestamp.
func (v verifier) signed(h http.Header, body []byte) bool {
	const prefix = "X-Sinch-Webhook-Signature"
	nonce, timestamp := h.Get(prefix+"-Nonce"), h.Get(prefix+"-Timestamp")
	given, err := base64.StdEncoding.DecodeString(h.Get(prefix))
	if algorithm := h.Get(prefix + "-Algorithm"); err != nil || algorithm != "" && algorithm != "HmacSHA256" {
		return false
	}
	genuine := false
	for _, s := range v.secrets {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write(body)
		mac.Write([]byte("." + nonce + "." + timestamp))
		genuine = hmac.Equal(mac.Sum(nil), given) || genuine
	}
	return genuine && v.timely(timestamp)
}

// timely tells whether a timestamp, in seconds since 1970, is in the window.
func (v verifier) timely(timestamp string) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return false
	}
	return time.Unix(seconds, 0).Sub(v.clock()).Abs() <= v.window
}

// report of one message ("recipient_delivery_report_sms"), or of a batch of one
// ("delivery_report_sms"), which a service plan may be set to.
type report struct {
	Type            string
	BatchID         string `json:"batch_id"`
	ClientReference string `json:"client_reference"`
	Status          string
	Code            httpsms.Word
	Statuses        []struct {
		Status string
		Code   httpsms.Word
	}
}

func (v verifier) report(r *http.Request, body []byte) (sms.DeliveryReport, error) {
	if !v.signed(r.Header, body) {
		return sms.DeliveryReport{}, httpsms.ErrForbidden
	}
	var told report
	if httpsms.MediaType(r) != httpsms.TypeJSON || json.Unmarshal(body, &told) != nil {
		return sms.DeliveryReport{}, httpsms.ErrForm
	}
	switch {
	case told.Type == "recipient_delivery_report_sms":
	case told.Type == "delivery_report_sms" && len(told.Statuses) == 1:
		told.Status, told.Code = told.Statuses[0].Status, told.Statuses[0].Code
	default:
		return sms.DeliveryReport{}, httpsms.ErrForm
	}
	var reference httpsms.Reference
	if told.ClientReference != "" {
		var err error
		if reference, err = httpsms.ParseReference(told.ClientReference); err != nil {
			return sms.DeliveryReport{}, httpsms.ErrForm
		}
	}
	if told.Status == "" {
		return sms.DeliveryReport{}, httpsms.ErrForm
	}
	return httpsms.Report(reference, told.BatchID, stateOf(told.Status), string(told.Code))
}

// stateOf reads a status, in whatever case. A word that Sinch may use one day
// says that it has the message, and no more.
func stateOf(status string) sms.State {
	switch strings.ToLower(status) {
	case "queued", "dispatched":
		return sms.StateSent
	case "delivered":
		return sms.StateDelivered
	case "aborted", "cancelled", "rejected", "deleted", "failed", "expired":
		return sms.StateFailed
	}
	return sms.StateUnknown
}
