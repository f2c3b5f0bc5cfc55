package twilio

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/httpsms"
	"github.com/tjansteresor/tjansteresor/sms"
)

// ReceiptsOptions configures [Receipts].
type ReceiptsOptions struct {
	// PublicURL is the CallbackURL of the Sender: scheme, host and path as
	// Twilio sees them, in front of any proxy. Required.
	PublicURL string
	// AuthTokens are the auth tokens of the account that may have signed.
	// Required.
	AuthTokens []string
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
	// Logger is told of receipts that were refused or could not be saved, with
	// nothing personal. Defaults to one that discards.
	Logger *slog.Logger
}

// Receipts returns a handler for the status callbacks of Twilio, which the host
// mounts at PublicURL. It answers 204 when a report is saved, 503 when the
// message is not known, 500 when the receiver fails, 403 to what Twilio has not
// signed, 400 to what it cannot read, and 405 to methods other than POST. The
// error wraps [sms.ErrOption].
func Receipts(receiver sms.ReportReceiver, o ReceiptsOptions) (http.Handler, error) {
	public, err := httpsms.ParseURL("PublicURL", o.PublicURL)
	if err != nil {
		return nil, err
	}
	if len(o.AuthTokens) == 0 || slices.Contains(o.AuthTokens, "") {
		return nil, httpsms.Invalid("AuthTokens", "are required")
	}
	v := verifier{public, slices.Clone(o.AuthTokens)}
	return httpsms.NewHandler(Name, receiver, o.Clock, o.Logger, v.report)
}

// receipt is what Twilio tells of a message.
type receipt struct {
	MessageSid, MessageStatus string
	ErrorCode                 httpsms.Word
}

func (v verifier) report(r *http.Request, body []byte) (sms.DeliveryReport, error) {
	told, err := v.read(r, body)
	if err != nil {
		return sms.DeliveryReport{}, err
	}
	reference, err := httpsms.ReferenceIn(r.URL.Query())
	if err != nil || told.MessageStatus == "" {
		return sms.DeliveryReport{}, httpsms.ErrForm
	}
	return httpsms.Report(reference, told.MessageSid, stateOf(told.MessageStatus), string(told.ErrorCode))
}

// read verifies a request and reads what it tells.
func (v verifier) read(r *http.Request, body []byte) (told receipt, err error) {
	signature := r.Header.Get("X-Twilio-Signature")
	if httpsms.MediaType(r) == httpsms.TypeJSON {
		if !v.signed(signature, r.URL.RawQuery, nil) || !hashed(r.URL.Query(), body) {
			return receipt{}, httpsms.ErrForbidden
		}
		if json.Unmarshal(body, &told) != nil {
			return receipt{}, httpsms.ErrForm
		}
		return told, nil
	}
	form, err := httpsms.Form(r, body)
	if err != nil {
		return receipt{}, err
	}
	if !v.signed(signature, r.URL.RawQuery, form) {
		return receipt{}, httpsms.ErrForbidden
	}
	return receiptIn(form), nil
}

func receiptIn(form url.Values) receipt {
	return receipt{form.Get("MessageSid"), form.Get("MessageStatus"), httpsms.Word(form.Get("ErrorCode"))}
}

// stateOf reads a status. A word that Twilio may use one day says that it has
// the message, and no more.
func stateOf(status string) sms.State {
	switch status {
	case "accepted", "scheduled", "queued", "sending", "sent":
		return sms.StateSent
	case "delivered", "read":
		return sms.StateDelivered
	case "undelivered", "failed", "canceled":
		return sms.StateFailed
	}
	return sms.StateUnknown
}
