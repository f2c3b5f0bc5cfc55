package elks

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/httpsms"
	"github.com/tjansteresor/tjansteresor/sms"
)

// ReceiptsOptions configures [Receipts].
type ReceiptsOptions struct {
	// Callback is that of the Sender. Required.
	Callback Callback
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
	// Logger is told of receipts that were refused or could not be saved, with
	// nothing personal. Defaults to one that discards.
	Logger *slog.Logger
}

// Receipts returns a handler for the receipts of 46elks, which the host mounts
// at Callback.URL. It answers 204 when a report is saved, 503 when the message
// is not known, 500 when the receiver fails, 401 or 403 to anybody but 46elks,
// 400 to what it cannot read, and 405 to methods other than POST. The error
// wraps [sms.ErrOption].
func Receipts(receiver sms.ReportReceiver, o ReceiptsOptions) (http.Handler, error) {
	c, err := o.Callback.parse()
	if err != nil {
		return nil, err
	}
	return httpsms.NewHandler(Name, receiver, o.Clock, o.Logger, c.report)
}

func (c *callback) report(r *http.Request, body []byte) (sms.DeliveryReport, error) {
	reference, err := c.verify(r)
	if err != nil {
		return sms.DeliveryReport{}, err
	}
	form, err := httpsms.Form(r, body)
	if err != nil || form.Get("status") == "" {
		return sms.DeliveryReport{}, httpsms.ErrForm
	}
	return httpsms.Report(reference, form.Get("id"), stateOf(form.Get("status")), "")
}

// stateOf reads a status. A word that 46elks may use one day says that it has
// the message, and no more.
func stateOf(status string) sms.State {
	switch status {
	case "created", "sent":
		return sms.StateSent
	case "delivered":
		return sms.StateDelivered
	case "failed":
		return sms.StateFailed
	}
	return sms.StateUnknown
}
