package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

const story = `Anna may buy for 500 kr a month. The 07:12 to Kalmar has two seats left.

Order A-1, a ticket of 250 kr.
  Bought, the seat taken and the ticket issued. Committed.
  Orders: 1. Tickets: 1. Left to buy for: 250 kr. New events: purchase.authorized, purchase.captured.

Order A-2, a ticket of 300 kr.
  Declined (limit_exceeded). Rolled back.
  Orders: 1. Tickets: 1. Left to buy for: 250 kr. New events: none.

Order A-3, a ticket of 90 kr.
  Bought, the seat taken and the ticket issued. Committed.
  Orders: 2. Tickets: 2. Left to buy for: 160 kr. New events: purchase.authorized, purchase.captured.

Order A-4, a ticket of 90 kr.
  Credit was reserved and captured, but the bus is full. Rolled back.
  Orders: 2. Tickets: 2. Left to buy for: 160 kr. New events: none.
`

func TestStory(t *testing.T) {
	t.Parallel()
	var told bytes.Buffer
	require.NoError(t, run(t.Context(), &told))
	assert.Equal(t, story, told.String())
}

const departure = "Kalmar 07:12"

func setup(t *testing.T, seats int) (*host, travel.Holder) {
	t.Helper()
	h, err := open(t.Context(), filepath.Join(t.TempDir(), "host.db"), noon)
	require.NoError(t, err)
	t.Cleanup(func() {
		drifts, err := h.trips.Audit(context.Background())
		assert.NoError(t, err)
		assert.Empty(t, drifts)
		assert.NoError(t, h.close())
	})
	anna, err := h.prepare(t.Context(), departure, seats)
	require.NoError(t, err)
	return h, anna
}

func ticket(id string, price int64) order {
	return order{id: id, departure: departure, purpose: "Kursdag", price: decimal.NewFromInt(price)}
}

func TestRollbackLeavesNothingOfEitherSide(t *testing.T) {
	t.Parallel()
	h, anna := setup(t, 1)
	_, err := h.sell(t.Context(), anna, ticket("A-1", 100))
	require.NoError(t, err)
	before := dump(t, h.db)

	t.Run("when the host fails after the capture", func(t *testing.T) {
		_, err := h.sell(t.Context(), anna, ticket("A-2", 100))
		require.ErrorIs(t, err, errFull)
		assert.Equal(t, before, dump(t, h.db))
	})
	t.Run("when the library declines", func(t *testing.T) {
		decline, err := h.sell(t.Context(), anna, ticket("A-3", 401))
		require.NoError(t, err)
		require.NotNil(t, decline)
		assert.Equal(t, credit.LimitExceeded, decline.Code)
		assert.Equal(t, before, dump(t, h.db))
	})
	t.Run("when the library refuses", func(t *testing.T) {
		o := ticket("A-4", 100)
		o.purpose = " "
		_, err := h.sell(t.Context(), anna, o)
		require.ErrorIs(t, err, travel.ErrInvalid)
		assert.Equal(t, before, dump(t, h.db))
	})
	t.Run("when the order is there already", func(t *testing.T) {
		_, err := h.sell(t.Context(), anna, ticket("A-1", 100))
		require.Error(t, err)
		assert.Equal(t, before, dump(t, h.db))
	})
	t.Run("when the context ends before the commit", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tx, err := h.db.BeginTx(ctx, nil)
		require.NoError(t, err)
		decline, err := h.pay(ctx, h.trips.In(h.store.InTx(tx)), anna, ticket("A-5", 100))
		require.NoError(t, err)
		require.Nil(t, decline)
		cancel()
		require.Error(t, tx.Commit())
		assert.Equal(t, before, dump(t, h.db))
	})
}

func TestCommitKeepsBothSides(t *testing.T) {
	t.Parallel()
	h, anna := setup(t, 1)
	before := dump(t, h.db)
	decline, err := h.sell(t.Context(), anna, ticket("A-1", 100))
	require.NoError(t, err)
	require.Nil(t, decline)

	after := dump(t, h.db)
	var grown []string
	for table, rows := range after {
		if len(rows) > len(before[table]) {
			grown = append(grown, fmt.Sprintf("%s +%d", table, len(rows)-len(before[table])))
		}
	}
	slices.Sort(grown)
	assert.Equal(t, []string{
		"orders +1", "tickets +1", "tjr_authorization +1", "tjr_command +2", "tjr_entry +1", "tjr_event +2",
	}, grown)
	balance, err := h.trips.Balance(t.Context(), anna)
	require.NoError(t, err)
	assert.Equal(t, "400", balance.Available.String())
	history, err := h.trips.History(t.Context(), anna, travel.AuthorizationID{}, 10)
	require.NoError(t, err)
	require.Len(t, history, 1)
	assert.Equal(t, credit.Captured, history[0].State)
	events, err := h.deliver(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"purchase.authorized", "purchase.captured"}, events)
}

func TestAfterARollbackTheOrderCanBeSoldAgain(t *testing.T) {
	t.Parallel()
	h, anna := setup(t, 0)
	o := ticket("A-1", 100)
	_, err := h.sell(t.Context(), anna, o)
	require.ErrorIs(t, err, errFull)
	_, err = h.db.ExecContext(t.Context(), "UPDATE departures SET seats = 1")
	require.NoError(t, err)
	o.price = decimal.NewFromInt(110) // the key was not used: nothing remembers it
	decline, err := h.sell(t.Context(), anna, o)
	require.NoError(t, err)
	assert.Nil(t, decline)
}

// dump reads every row of every table of the database.
func dump(t *testing.T, db *sql.DB) map[string][]string {
	t.Helper()
	tables := map[string][]string{}
	for _, name := range column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
		tables[name] = column(t, db, "SELECT * FROM "+name+" ORDER BY 1, 2")
	}
	require.Greater(t, len(tables), 10, "of the host and of the library")
	return tables
}

// column returns the rows of a query as text.
func column(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	values, dests := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		dests[i] = &values[i]
	}
	for rows.Next() {
		require.NoError(t, rows.Scan(dests...))
		text := fmt.Sprint(values...)
		if len(values) == 1 {
			text = fmt.Sprint(values[0])
		}
		list = append(list, text)
	}
	require.NoError(t, rows.Err())
	return list
}
