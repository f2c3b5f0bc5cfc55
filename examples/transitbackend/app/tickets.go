package app

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ticket is what an inspector looks at.
type ticket struct {
	order    string
	position int
	// code is what the inspector compares.
	code    string
	content ticketContent
	amount  credit.Amount
	// from and to bound the validity; both are zero until a ticket that is used
	// later is activated.
	from, to, issuedAt time.Time
}

// ticketContent is what was bought.
type ticketContent struct {
	Name     string   `json:"name"`
	Category string   `json:"category"`
	Zones    []string `json:"zones,omitempty"`
	From     string   `json:"from,omitempty"`
	To       string   `json:"to,omitempty"`
	Region   string   `json:"region,omitempty"`
	// Lasts is how long it is valid from its activation on.
	Lasts time.Duration `json:"lasts"`
}

var errTicket = errors.New("no such ticket")

// issue writes the tickets of an order. It is called in the transaction in which
// the order gets paid, so that neither is there without the other.
func issue(ctx context.Context, tx *sql.Tx, o *order, at time.Time, lasts time.Duration, bought ...travel.Ticket) error {
	for i, t := range bought {
		amount, err := credit.FromDecimal(t.Gross)
		if err != nil {
			return err
		}
		if amount == 0 {
			continue // captured without it
		}
		content, err := json.Marshal(ticketContent{t.ProductName, t.Category, t.Zones, t.From, t.To, t.Region, lasts})
		if err != nil {
			return err
		}
		var until time.Time
		if !t.ValidFrom.IsZero() {
			until = t.ValidFrom.Add(lasts)
		}
		const codeLength = 6
		if _, err := tx.ExecContext(ctx, `INSERT INTO tickets (order_id, position, number, code, content, amount, valid_from, valid_to, issued_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			o.id, i, o.number, rand.Text()[:codeLength], string(content), int64(amount), micros(t.ValidFrom), micros(until), micros(at)); err != nil {
			return err
		}
	}
	return nil
}

// activate begins the validity of a ticket that was to be used later. A second
// time changes nothing.
func (s *orders) activate(ctx context.Context, number, id string) error {
	return s.db.inTx(ctx, func(tx *sql.Tx) error {
		list, err := scanTickets(tx.QueryContext(ctx, selectTickets+" AND order_id = $2 ORDER BY position"+s.db.lock, number, id))
		if err == nil && len(list) == 0 {
			err = errTicket
		}
		if err != nil {
			return err
		}
		now := s.clock.now()
		for _, t := range list {
			if !t.from.IsZero() {
				continue
			}
			if _, err := tx.ExecContext(ctx, "UPDATE tickets SET valid_from = $1, valid_to = $2 WHERE order_id = $3 AND position = $4",
				micros(now), micros(now.Add(t.content.Lasts)), t.order, t.position); err != nil {
				return err
			}
		}
		return nil
	})
}

// tickets lists up to limit tickets of a number, newest first.
func (s *orders) tickets(ctx context.Context, number string, limit int) ([]ticket, error) {
	return scanTickets(s.db.QueryContext(ctx, selectTickets+" ORDER BY issued_at DESC, order_id, position LIMIT $2", number, limit))
}

// ticketsOf lists the tickets of an order.
func (s *orders) ticketsOf(ctx context.Context, number, id string) ([]ticket, error) {
	list, err := scanTickets(s.db.QueryContext(ctx, selectTickets+" AND order_id = $2 ORDER BY position", number, id))
	if err == nil && len(list) == 0 {
		err = errTicket
	}
	return list, err
}

const selectTickets = "SELECT order_id, position, code, content, amount, valid_from, valid_to, issued_at FROM tickets WHERE number = $1"

func scanTickets(rows *sql.Rows, err error) ([]ticket, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []ticket
	for rows.Next() {
		var t ticket
		var content string
		var amount, from, to, issuedAt int64
		if err := rows.Scan(&t.order, &t.position, &t.code, &content, &amount, &from, &to, &issuedAt); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(content), &t.content); err != nil {
			return nil, err
		}
		t.amount, t.from, t.to, t.issuedAt = credit.Amount(amount), instant(from), instant(to), instant(issuedAt)
		list = append(list, t)
	}
	return list, rows.Err()
}
