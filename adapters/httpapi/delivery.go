package httpapi

import (
	"github.com/tjansteresor/tjansteresor/invoice"
)

type deliveryBody struct {
	Company   string        `json:"company"`
	Document  string        `json:"document"`
	State     string        `json:"state"`
	Attempts  int           `json:"attempts"`
	NextAt    string        `json:"next_at,omitempty"`
	Reference string        `json:"reference,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	QueuedAt  string        `json:"queued_at"`
	UpdatedAt string        `json:"updated_at"`
	Log       []attemptBody `json:"log"`
}

type attemptBody struct {
	At     string `json:"at"`
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

func deliveryOf(r *invoice.DeliveryRecord) deliveryBody {
	b := deliveryBody{
		Company: text(r.Company), Document: text(r.Document), State: string(r.State), Attempts: r.Attempts, NextAt: instant(r.NextAt),
		Reference: r.Reference, Reason: r.Reason, QueuedAt: instant(r.QueuedAt), UpdatedAt: instant(r.UpdatedAt),
		Log: make([]attemptBody, len(r.Log)),
	}
	for i, a := range r.Log {
		b.Log[i] = attemptBody{instant(a.At), string(a.State), a.Reason}
	}
	return b
}

// delivery is the log of one document's delivery.
func (o *office) delivery(x *officeExchange) (any, error) {
	company, id, err := paper(x)
	if err != nil {
		return nil, err
	}
	r, err := o.Invoices.Delivery(x.Context(), actor(x), company, id)
	if err != nil {
		return nil, err
	}
	return deliveryOf(&r), nil
}

// redeliver lets a document be delivered again.
func (o *office) redeliver(x *officeExchange) (any, error) {
	company, id, err := paper(x)
	if err != nil {
		return nil, err
	}
	if err := x.empty(); err != nil {
		return nil, err
	}
	return nil, o.Invoices.Redeliver(x.Context(), actor(x), company, id)
}

// deliveries lists what waits, was refused or was accepted, of all companies.
func (o *office) deliveries(x *officeExchange) (any, error) {
	after, err := queryID[invoice.DocumentID](x, "after")
	if err != nil {
		return nil, err
	}
	limit, err := x.limit(maxPage)
	if err != nil {
		return nil, err
	}
	state := invoice.DeliveryState(x.query.Get("state"))
	switch state {
	case invoice.DeliveryWaiting, invoice.DeliveryAccepted, invoice.DeliveryRefused:
	default:
		return nil, wrongField("state", "must be waiting, accepted or refused")
	}
	list, err := o.Invoices.Deliveries(x.Context(), actor(x), state, after, limit)
	if err != nil {
		return nil, err
	}
	body := struct {
		Deliveries []deliveryBody `json:"deliveries"`
		Next       string         `json:"next,omitempty"`
	}{Deliveries: make([]deliveryBody, len(list))}
	for i := range list {
		body.Deliveries[i] = deliveryOf(&list[i])
	}
	if len(list) == limit {
		body.Next = text(list[limit-1].Document)
	}
	return body, nil
}
