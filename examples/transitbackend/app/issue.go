package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/catalog"
	"github.com/tjansteresor/tjansteresor/travel"
)

// issuer gives tickets for what was bought through the API: there the purchase
// is committed by the library, and its event tells of it, at least once, from
// the same transaction. What was bought on the phone's pages has its tickets
// already, from that transaction (orders.go).
type issuer struct {
	db      *database
	catalog *catalog.Catalog
	clock   *clock
	owner   string
	log     *slog.Logger
	// tick is how often run looks.
	tick time.Duration
}

// run issues until the context is done.
func (i *issuer) run(ctx context.Context) error {
	ticker := time.NewTicker(i.tick)
	defer ticker.Stop()
	for {
		if err := i.runDue(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "tickets are not issued yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// runDue handles all events that wait. Events that fail come again when their
// lease has ended.
func (i *issuer) runDue(ctx context.Context) error {
	// A batch is one transaction of ours, and on SQLite others wait for that.
	const batch, leased = 100, time.Minute
	for {
		now := i.clock.now()
		events, err := i.db.store.LeaseEvents(ctx, i.owner, now, now.Add(leased), batch)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := i.handle(ctx, events); err != nil {
			return err
		}
		ids := make([]travel.EventID, len(events))
		for n, e := range events {
			ids[n] = e.ID
		}
		if err := i.db.store.SettleEvents(ctx, i.owner, ids...); err != nil {
			return err
		}
		if len(events) < batch {
			return nil
		}
	}
}

// purchase is what was captured, and by whose number.
type purchase struct {
	travel.Authorization
	number string
}

// handle issues the tickets of all purchases among the events that have none.
// An event that was handled before changes nothing.
func (i *issuer) handle(ctx context.Context, events []travel.Event) error {
	var bought []purchase
	err := i.db.store.View(ctx, func(tx travel.Tx) error {
		bought = bought[:0]
		for _, e := range events {
			if e.Type != travel.EventPurchaseCaptured {
				continue
			}
			z, err := tx.Authorization(ctx, e.Company, e.Authorization)
			if err != nil {
				return fmt.Errorf("authorization %s: %w", e.Authorization, err)
			}
			t, err := tx.Traveler(ctx, e.Company, e.Traveler)
			if err != nil {
				return fmt.Errorf("traveler %s: %w", e.Traveler, err)
			}
			bought = append(bought, purchase{z, t.Number.E164()})
		}
		return nil
	})
	if err != nil || len(bought) == 0 {
		return err
	}
	return i.db.inTx(ctx, func(tx *sql.Tx) error {
		for _, p := range bought {
			if err := i.issue(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// issue writes order and tickets of a purchase, unless they are there.
func (i *issuer) issue(ctx context.Context, tx *sql.Tx, p purchase) error {
	var there int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM orders WHERE "authorization" = $1`, p.ID.String()).Scan(&there)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	method := travel.PaymentMethod{Company: p.Company, Traveler: p.Traveler, Connection: p.Connection}
	o := order{
		id: p.ID.String(), number: p.number, method: method.String(), state: orderIssued, authorization: p.ID, createdAt: p.At,
	}
	tickets := make([]travel.Ticket, len(p.Tickets))
	for n, line := range p.Tickets {
		o.amount += line.Gross
		tickets[n] = line.Ticket
		tickets[n].Gross = line.Gross.Decimal() // what was captured of it
	}
	if added, err := o.insert(ctx, tx); err != nil || !added {
		return err
	}
	return errors.Join(o.save(ctx, tx), issue(ctx, tx, &o, i.clock.now(), i.catalog.Valid(tickets[0].Product), tickets...))
}
