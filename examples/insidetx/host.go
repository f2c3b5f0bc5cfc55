package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// host is a ticket backend: its own database, and the library in it.
type host struct {
	db    *sql.DB
	store *sqlite.Store
	trips *travel.Service
	clock func() time.Time
}

// order is what a buyer has chosen.
type order struct {
	id, departure, purpose string
	price                  decimal.Decimal
}

var errFull = errors.New("the bus is full")

// sell sells one ticket, whole or not at all. Every statement of the host's and
// everything that the library does happens in one transaction, which this
// function ends: a decline or an error leaves nothing behind.
func (h *host) sell(ctx context.Context, who travel.Holder, o order) (*credit.Decline, error) {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // does nothing after the commit
	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (id, departure, price) VALUES (?, ?, ?)", o.id, o.departure, o.price.String()); err != nil {
		return nil, fmt.Errorf("order %s: %w", o.id, err)
	}
	decline, err := h.pay(ctx, h.trips.In(h.store.InTx(tx)), who, o)
	if err != nil || decline != nil {
		return decline, err
	}
	seat, err := tx.ExecContext(ctx, "UPDATE departures SET seats = seats - 1 WHERE name = ? AND seats > 0", o.departure)
	if err != nil {
		return nil, err
	}
	if taken, err := seat.RowsAffected(); err != nil || taken == 0 {
		return nil, errors.Join(err, errFull)
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO tickets (id, order_id) VALUES (?, ?)", "T-"+o.id, o.id); err != nil {
		return nil, err
	}
	return nil, tx.Commit()
}

// pay reserves the price and captures it with the purpose. The trips are bound
// to the transaction.
func (h *host) pay(ctx context.Context, trips *travel.Service, who travel.Holder, o order) (*credit.Decline, error) {
	reserved, err := trips.Authorize(ctx, travel.AuthorizeRequest{Holder: who, Key: o.id, Tickets: []travel.Ticket{{
		ID: "T-" + o.id, Product: "single", Category: "adult", From: "Jönköping", To: "Kalmar", Gross: o.price, VATRate: 600,
	}}})
	if err != nil || reserved.Decline != nil {
		return reserved.Decline, err
	}
	bought, err := trips.Capture(ctx, travel.CaptureRequest{
		Holder: who, Key: o.id, Authorization: reserved.Authorization, Purpose: o.purpose,
	})
	return bought.Decline, err
}

// sold counts what the host has sold.
func (h *host) sold(ctx context.Context) (orders, tickets int, err error) {
	err = h.db.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM tickets)").Scan(&orders, &tickets)
	return orders, tickets, err
}

// deliver takes the events that wait off the queue, as a host does that passes
// them on, and names them.
func (h *host) deliver(ctx context.Context) (names []string, err error) {
	const owner, most = "host-1", 100
	events, err := h.store.LeaseEvents(ctx, owner, h.clock(), h.clock().Add(time.Minute), most)
	if err != nil {
		return nil, err
	}
	var ids []travel.EventID
	for _, e := range events {
		names, ids = append(names, string(e.Type)), append(ids, e.ID)
	}
	return names, h.store.SettleEvents(ctx, owner, ids...)
}

func (h *host) close() error { return errors.Join(h.store.Close(), h.db.Close()) }
