package standin

import (
	"context"
	"sync"

	"github.com/tjansteresor/tjansteresor/sms"
)

// Outbox is an sms.ReportReceiver that keeps messages as a store does, by
// sms.Queued.Reported. It is safe for concurrent use.
type Outbox struct {
	// Err is what every call fails with, when it is set.
	Err error

	mu       sync.Mutex
	messages []sms.Queued
	reports  []sms.DeliveryReport
}

// Add adds a message, as it is while it is being sent: nobody knows its id at
// the gateway.
func (o *Outbox) Add(m sms.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = append(o.messages, sms.Queued{
		ID: m.ID, Company: m.Company, To: m.To, State: sms.StateUnknown, Attempts: 1,
		NextAt: m.Expires.AddDate(0, 0, -1), Expires: m.Expires,
	})
}

// Message returns the first message that was added, as it is now.
func (o *Outbox) Message() sms.Queued {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.messages[0]
}

// Reports returns what was received, in order.
func (o *Outbox) Reports() []sms.DeliveryReport {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]sms.DeliveryReport(nil), o.reports...)
}

// ReceiveReport applies a report; see sms.ReportReceiver.
func (o *Outbox) ReceiveReport(_ context.Context, r sms.DeliveryReport) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Err != nil {
		return o.Err
	}
	o.reports = append(o.reports, r)
	for i, q := range o.messages {
		named := q.Company == r.Company && q.ID == r.ID
		if r.ID.IsZero() {
			named = q.Gateway == r.Gateway && q.GatewayID == r.GatewayID
		}
		if named {
			o.messages[i], _ = q.Reported(r)
			return nil
		}
	}
	return sms.ErrUnknownMessage
}
