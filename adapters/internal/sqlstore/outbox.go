package sqlstore

import (
	"context"

	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// eventColumns leave out the lease: a new event has none.
func eventColumns(e *travel.Event) []column {
	return []column{
		uuid("company", &e.Company),
		uuid("id", &e.ID),
		text("type", &e.Type),
		instant("at", &e.At),
		uuid("traveler", &e.Traveler),
		uuid("authorization_id", &e.Authorization),
		uuid("subject", &e.Subject),
		month("month", &e.Month),
		number("amount", &e.Amount),
		text("reason", &e.Reason),
	}
}

func (x *tx) AppendEvents(ctx context.Context, events ...travel.Event) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.run(ctx, x.s.bulk.insertEvents.statements(x.s.dialect, pointers(events))...)
}

func (x *tx) AppendMessage(ctx context.Context, m sms.Queued) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	fresh, err := x.insert(ctx, "message", messageColumns(&m))
	if err == nil && !fresh {
		err = &travel.DuplicateError{Field: "ID"}
	}
	return err
}

func (x *tx) Messages(ctx context.Context, company travel.CompanyID, traveler travel.TravelerID) ([]sms.Queued, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	return list(ctx, x, "message", messageColumns, x.s.dialect.by("message_subject")+
		"WHERE company = $1 AND subject = $2 ORDER BY id DESC"+x.lock(), x.id(company), x.id(traveler))
}

func (x *tx) SaveMessage(ctx context.Context, m sms.Queued) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	var saved int64
	statements := x.s.bulk.updateMessages.statements(x.s.dialect, []*sms.Queued{&m})
	statements[0].Affected = &saved
	err := x.run(ctx, statements...)
	if err == nil && saved == 0 {
		err = notFound("message", m.ID)
	}
	return err
}
