package memory

import (
	"context"
	"fmt"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

type documentNumber struct {
	series string
	number int64
}

func (x *tx) Close(ctx context.Context, company travel.CompanyID, m credit.Month) (invoice.Close, error) {
	if err := x.reads(ctx); err != nil {
		return invoice.Close{}, err
	}
	if t := x.s.closes[m]; t != nil {
		if c, ok := t.get(company); ok {
			return c, nil
		}
	}
	return invoice.Close{}, fmt.Errorf("close of %s for company %s: %w", m, company, travel.ErrNotFound)
}

func (x *tx) SaveClose(ctx context.Context, c invoice.Close) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	t := x.s.closes[c.Month]
	if t == nil {
		t = &table[travel.CompanyID, invoice.Close]{}
		x.s.closes[c.Month] = t
	}
	put(x, t, c.Company, c)
	return nil
}

func (x *tx) Closes(ctx context.Context, m credit.Month, after travel.CompanyID, limit int) ([]invoice.Close, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	t := x.s.closes[m]
	if t == nil {
		return nil, nil
	}
	return page(t.after(after), limit, func(invoice.Close) bool { return true }), nil
}

func (x *tx) NextNumber(ctx context.Context, series string) (int64, error) {
	if err := x.writes(ctx); err != nil {
		return 0, err
	}
	next := x.s.series[series] + 1
	set(x, x.s.series, series, next)
	return next, nil
}

func (x *tx) InsertDocument(ctx context.Context, d invoice.Document) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	if _, ok := x.s.documents.get(d.ID); ok {
		return &travel.DuplicateError{Field: "ID"}
	}
	if d.Series != "" {
		k := documentNumber{d.Series, d.Number}
		if _, ok := x.s.numbered[k]; ok {
			return &travel.DuplicateError{Field: "Number"}
		}
		set(x, x.s.numbered, k, d.ID)
	}
	put(x, &x.s.documents, d.ID, d)
	return nil
}

func (x *tx) Document(ctx context.Context, company travel.CompanyID, id invoice.DocumentID) (invoice.Document, error) {
	if err := x.reads(ctx); err != nil {
		return invoice.Document{}, err
	}
	if d, ok := x.s.documents.get(id); ok && d.Company == company {
		return d, nil
	}
	return invoice.Document{}, notFound("document", id)
}

func (x *tx) Documents(ctx context.Context, q invoice.DocumentQuery) ([]invoice.Document, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	if q.Company.IsZero() && q.Series == "" {
		return nil, unbounded("Company")
	}
	return page(x.s.documents.after(q.After), q.Limit, func(d invoice.Document) bool {
		return (q.Company.IsZero() || d.Company == q.Company) && (q.Month.IsZero() || d.Month == q.Month) &&
			(q.Series == "" || d.Series == q.Series)
	}), nil
}

func (x *tx) Delivery(ctx context.Context, company travel.CompanyID, id invoice.DocumentID) (invoice.DeliveryRecord, error) {
	if err := x.reads(ctx); err != nil {
		return invoice.DeliveryRecord{}, err
	}
	if r, ok := x.s.deliveries.get(id); ok && r.Company == company {
		return r, nil
	}
	return invoice.DeliveryRecord{}, notFound("delivery", id)
}

func (x *tx) SaveDelivery(ctx context.Context, r invoice.DeliveryRecord) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	put(x, &x.s.deliveries, r.Document, r)
	return nil
}

func (x *tx) Deliveries(ctx context.Context, q invoice.DeliveryQuery) ([]invoice.DeliveryRecord, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	if q.Company.IsZero() && q.State == "" {
		return nil, unbounded("Company")
	}
	return page(x.s.deliveries.after(q.After), q.Limit, func(r invoice.DeliveryRecord) bool {
		return (q.Company.IsZero() || r.Company == q.Company) && (q.State == "" || r.State == q.State) &&
			(q.DueBy.IsZero() || r.Due(q.DueBy))
	}), nil
}
