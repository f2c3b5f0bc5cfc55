package app

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/examples/transitbackend/catalog"
	"github.com/tjansteresor/tjansteresor/travel"
)

// orderState is where an order stands.
type orderState string

const (
	// orderReserved: the credit is reserved, and the purpose is asked for (R27).
	orderReserved orderState = "reserved"
	// orderIssued: paid, and the tickets are issued.
	orderIssued orderState = "issued"
	// orderDeclined: the company invoice was refused.
	orderDeclined orderState = "declined"
	// orderReleased: the buyer has changed their mind.
	orderReleased orderState = "released"
)

// choice is what a buyer has chosen.
type choice struct {
	catalog.Wish
	// Leaves is the departure that the planner has found; zero without one.
	Leaves time.Time `json:"leaves,omitzero"`
	// Later: the ticket is not used now (R26).
	Later bool `json:"later,omitempty"`
}

// order is what somebody wants to buy, and what became of it.
type order struct {
	id, number string
	// method is byCard, or a travel.PaymentMethod in text.
	method    string
	choice    choice
	state     orderState
	amount    credit.Amount
	expiresAt time.Time
	// authorization is zero without a reservation.
	authorization travel.AuthorizationID
	// decline says why not.
	decline   *credit.Decline
	createdAt time.Time
}

// byCard is the private payment method of the demo (R38): it always pays.
const byCard = "card"

var (
	// errOrder: there is no such order, or it is somebody else's.
	errOrder = errors.New("no such order")
	// errOrderReused: the id belongs to an order with another content.
	errOrderReused = errors.New("order with another content")
)

// orders sells tickets. Every sale is a transaction of the host's own, in which
// the library does its part: credit, order and ticket commit or vanish together.
type orders struct {
	db      *database
	trips   *travel.Service
	catalog *catalog.Catalog
	clock   *clock
}

// place is "complete the purchase": it reserves the credit for an order (R27),
// or takes the money from a card at once. The id comes from the page on which
// the button was pressed, and is the key of the purchase too: pressed twice, it
// is one order with one answer (R42), declines included.
func (s *orders) place(ctx context.Context, p phone, id, method string, c choice) (o order, err error) {
	ticket, lasts, err := s.catalog.Quote(c.Wish)
	if err != nil {
		return o, err
	}
	err = s.db.inTx(ctx, func(tx *sql.Tx) error {
		amount, err := credit.FromDecimal(ticket.Gross)
		if err != nil {
			return err
		}
		o = order{id: id, number: p.number.E164(), method: method, choice: c, state: orderReserved, amount: amount, createdAt: s.clock.now()}
		added, err := o.insert(ctx, tx)
		if err != nil {
			return err
		}
		if !added {
			return s.same(ctx, tx, &o)
		}
		ticket.ValidFrom = validFrom(c, o.createdAt)
		if method == byCard {
			o.state = orderIssued
			return errors.Join(o.save(ctx, tx), issue(ctx, tx, &o, s.clock.now(), lasts, ticket))
		}
		if err := s.reserve(ctx, tx, p, &o, ticket); err != nil {
			return err
		}
		return o.save(ctx, tx)
	})
	return o, err
}

// reserve asks for the credit, within the transaction.
func (s *orders) reserve(ctx context.Context, tx *sql.Tx, p phone, o *order, ticket travel.Ticket) error {
	who, err := p.holder(o.method)
	if err != nil {
		return err
	}
	r, err := s.trips.In(s.db.bind(tx)).Authorize(ctx, travel.AuthorizeRequest{Holder: who, Key: o.id, Tickets: []travel.Ticket{ticket}})
	if err != nil {
		return err
	}
	o.authorization, o.expiresAt = r.Authorization, r.ExpiresAt
	if o.decline = r.Decline; o.decline != nil {
		o.state, o.authorization = orderDeclined, travel.AuthorizationID{}
	}
	return nil
}

// same reads the order that has the id already. Another content is an error.
func (s *orders) same(ctx context.Context, tx *sql.Tx, o *order) error {
	earlier, err := s.find(ctx, tx, o.number, o.id)
	if errors.Is(err, errOrder) || err == nil && (earlier.choice != o.choice || earlier.method != o.method) {
		return errOrderReused
	}
	*o = earlier
	return err
}

// complete captures a reserved order with its purpose, the last step (R27), and
// issues the ticket in the same transaction. Sent twice, it is one purchase.
//
// A purpose that is none is a *travel.InputError, and the order stays reserved.
func (s *orders) complete(ctx context.Context, p phone, id, purpose string) (o order, err error) {
	err = s.db.inTx(ctx, func(tx *sql.Tx) error {
		if o, err = s.find(ctx, tx, p.number.E164(), id); err != nil || o.state != orderReserved {
			return err
		}
		who, err := p.holder(o.method)
		if err != nil {
			return err
		}
		r, err := s.trips.In(s.db.bind(tx)).Capture(ctx, travel.CaptureRequest{
			Holder: who, Key: o.id, Authorization: o.authorization, Purpose: purpose,
		})
		if err != nil {
			return err
		}
		if r.Decline != nil {
			o.state, o.decline = orderDeclined, r.Decline
			return o.save(ctx, tx)
		}
		ticket, lasts, err := s.catalog.Quote(o.choice.Wish)
		if err != nil {
			return err
		}
		ticket.ValidFrom = validFrom(o.choice, o.createdAt)
		o.state = orderIssued
		return errors.Join(o.save(ctx, tx), issue(ctx, tx, &o, s.clock.now(), lasts, ticket))
	})
	return o, err
}

// cancel gives a reservation back.
func (s *orders) cancel(ctx context.Context, p phone, id string) error {
	return s.db.inTx(ctx, func(tx *sql.Tx) error {
		o, err := s.find(ctx, tx, p.number.E164(), id)
		if err != nil || o.state != orderReserved {
			return err
		}
		who, err := p.holder(o.method)
		if err != nil {
			return err
		}
		r, err := s.trips.In(s.db.bind(tx)).Release(ctx, travel.ReleaseRequest{Holder: who, Key: o.id, Authorization: o.authorization})
		if err != nil {
			return err
		}
		if o.state, o.decline = orderReleased, r.Decline; o.decline != nil {
			o.state = orderDeclined
		}
		return o.save(ctx, tx)
	})
}

// validFrom is when a ticket begins to be valid: now, at its departure, or, for
// one that is used later, when it is activated (R26).
func validFrom(c choice, now time.Time) time.Time {
	switch {
	case c.Later:
		return time.Time{}
	case c.Leaves.After(now):
		return c.Leaves
	}
	return now
}

// insert adds an order, unless the id is taken.
func (o *order) insert(ctx context.Context, tx *sql.Tx) (added bool, err error) {
	wish, err := json.Marshal(o.choice)
	if err != nil {
		return false, err
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO orders (id, number, method, wish, state, amount, expires_at, decline, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7) ON CONFLICT (id) DO NOTHING`,
		o.id, o.number, o.method, string(wish), string(o.state), int64(o.amount), micros(o.createdAt))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// save writes what has changed about an order.
func (o *order) save(ctx context.Context, tx *sql.Tx) error {
	var decline []byte
	if o.decline != nil {
		var err error
		if decline, err = json.Marshal(o.decline); err != nil {
			return err
		}
	}
	authorization := sql.NullString{String: o.authorization.String(), Valid: !o.authorization.IsZero()}
	_, err := tx.ExecContext(ctx, `UPDATE orders SET state = $1, "authorization" = $2, expires_at = $3, decline = $4 WHERE id = $5`,
		string(o.state), authorization, micros(o.expiresAt), string(decline), o.id)
	return err
}

// get reads an order of a number.
func (s *orders) get(ctx context.Context, number, id string) (order, error) {
	return scanOrder(s.db.QueryRowContext(ctx, selectOrder, id, number))
}

// find reads an order of a number in a transaction that will change it.
func (s *orders) find(ctx context.Context, tx *sql.Tx, number, id string) (order, error) {
	return scanOrder(tx.QueryRowContext(ctx, selectOrder+s.db.lock, id, number))
}

const selectOrder = `SELECT id, number, method, wish, state, amount, "authorization", expires_at, decline, created_at
	FROM orders WHERE id = $1 AND number = $2`

func scanOrder(row *sql.Row) (o order, err error) {
	var wish, state, decline string
	var authorization sql.NullString
	var amount, expiresAt, createdAt int64
	err = row.Scan(&o.id, &o.number, &o.method, &wish, &state, &amount, &authorization, &expiresAt, &decline, &createdAt)
	if errors.Is(err, sql.ErrNoRows) {
		return o, errOrder
	}
	if err != nil {
		return o, err
	}
	o.state, o.amount, o.expiresAt, o.createdAt = orderState(state), credit.Amount(amount), instant(expiresAt), instant(createdAt)
	if err := json.Unmarshal([]byte(wish), &o.choice); err != nil {
		return o, err
	}
	if authorization.Valid {
		o.authorization, err = travel.ParseID[travel.AuthorizationID](authorization.String)
	}
	if decline != "" {
		err = cmp.Or(err, json.Unmarshal([]byte(decline), &o.decline))
	}
	return o, err
}
