package sqlstore

import (
	"context"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func deliveryColumns(r *invoice.DeliveryRecord) []column {
	return []column{
		uuid("company", &r.Company),
		uuid("document", &r.Document),
		text("state", &r.State),
		number("attempts", &r.Attempts),
		instant("next_at", &r.NextAt),
		instant("lease_until", &r.LeaseUntil),
		number("lease_token", &r.LeaseToken),
		text("reference", &r.Reference),
		text("reason", &r.Reason),
		instant("queued_at", &r.QueuedAt),
		instant("updated_at", &r.UpdatedAt),
		document("log", &r.Log, toDeliveryLog, fromDeliveryLog),
	}
}

func (x *tx) Delivery(ctx context.Context, company travel.CompanyID, id invoice.DocumentID) (invoice.DeliveryRecord, error) {
	if err := x.reads(ctx); err != nil {
		return invoice.DeliveryRecord{}, err
	}
	r, found, err := get(ctx, x, "delivery", deliveryColumns, "WHERE company = $1 AND document = $2", x.id(company), x.id(id))
	if err == nil && !found {
		err = notFound("delivery", id)
	}
	return r, err
}

func (x *tx) SaveDelivery(ctx context.Context, r invoice.DeliveryRecord) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.save(ctx, "delivery", 2, deliveryColumns(&r))
}

// Deliveries finds those that seem to be due; whoever takes one looks at it
// again under a lock.
func (x *tx) Deliveries(ctx context.Context, q invoice.DeliveryQuery) ([]invoice.DeliveryRecord, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	if q.Company.IsZero() && q.State == "" {
		return nil, errUnbounded
	}
	c := clause{x: x}
	if q.State != "" {
		c.and("state = $", string(q.State))
	}
	if !q.Company.IsZero() {
		c.and("company = $", x.id(q.Company))
	}
	if !q.DueBy.IsZero() {
		c.and("state = $", string(invoice.DeliveryWaiting))
		c.and("next_at <= $", x.at(q.DueBy))
		c.and("(lease_until IS NULL OR lease_until <= $)", x.at(q.DueBy))
	}
	if !q.After.IsZero() {
		c.and("document > $", x.id(q.After))
	}
	return list(ctx, x, "delivery", deliveryColumns, c.end("document", q.Limit), c.args...)
}
