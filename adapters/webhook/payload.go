package webhook

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Payload is the body of a webhook, in JSON. Receivers may decode into it. The
// names are stable; fields may be added.
type Payload struct {
	Type travel.EventType `json:"type"`
	// Timestamp is when the event happened, in UTC.
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data says what the event is about. Fields that do not belong to the type are
// left out.
type Data struct {
	// ID is the event's, and the same as the webhook-id.
	ID            string `json:"id"`
	Company       string `json:"company,omitempty"`
	Traveler      string `json:"traveler,omitempty"`
	Authorization string `json:"authorization,omitempty"`
	// Document is that of an invoice event.
	Document string `json:"document,omitempty"`
	// Refund is that of a refunded purchase.
	Refund string `json:"refund,omitempty"`
	// Subject is what else the event is about.
	Subject string `json:"subject,omitempty"`
	// Month is as in 2026-01.
	Month string `json:"month,omitempty"`
	// Amount is in the operator's currency with two decimals, as in "250.01".
	Amount string `json:"amount,omitempty"`
	// Reason is a stable code, such as that of a decline.
	Reason string `json:"reason,omitempty"`
}

// body writes the payload of an event. The same event has the same bytes.
func body(e travel.Event) ([]byte, error) {
	d := Data{
		ID: e.ID.String(), Company: name(e.Company), Traveler: name(e.Traveler), Authorization: name(e.Authorization),
		Month: e.Month.String(), Reason: e.Reason,
	}
	switch subject := name(travel.EventID(e.Subject)); {
	case strings.HasPrefix(string(e.Type), "invoice."):
		d.Document = subject
	case e.Type == travel.EventPurchaseRefunded:
		d.Refund = subject
	default:
		d.Subject = subject
	}
	if e.Amount != 0 {
		d.Amount = e.Amount.String()
	}
	return json.Marshal(Payload{Type: e.Type, Timestamp: e.At.UTC(), Data: d})
}

func name(id interface {
	IsZero() bool
	String() string
}) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}
