package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/travel"
)

// refuses has orders placed that all fail, with an error that is clear and tells
// nothing of a person, and without a trace.
func refuses(ctx context.Context, t *testing.T, m *market.Market, l *market.Ledger, orders func() (int, bool), want func(error) bool) {
	t.Helper()
	const callers = 6
	failures := m.Try(ctx, l, callers, orders)
	assert.Len(t, failures, callers, "those who were refused")
	for _, err := range failures {
		assert.True(t, want(err), err)
		assert.NotErrorIs(t, err, travel.ErrUnknownOutcome)
		assert.Empty(t, m.Leak(err), "I7")
	}
}

func says(what string) func(error) bool {
	return func(err error) bool { return strings.Contains(err.Error(), what) }
}

func is(what error) func(error) bool {
	return func(err error) bool { return errors.Is(err, what) }
}

// TestI2_Closed: what the host has closed is told, and nothing is half done.
func TestI2_Closed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		open func(t *testing.T, url string) (store *postgres.Store, closed func() error)
		what string
	}{
		"store": {func(t *testing.T, url string) (*postgres.Store, func() error) {
			store := newStore(t, openPool(t, url), postgres.Options{})
			return store, store.Close
		}, "the store is closed"},
		"pool": {func(t *testing.T, url string) (*postgres.Store, func() error) {
			pool := openPool(t, url)
			return newStore(t, pool, postgres.Options{}), func() error { pool.Close(); return nil }
		}, "closed pool"},
		"database/sql": {func(t *testing.T, url string) (*postgres.Store, func() error) {
			db := openDB(t, url)
			store, err := postgres.NewDB(db, postgres.Options{})
			require.NoError(t, err)
			return store, db.Close
		}, "database is closed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, url := faultContext(t), pg.Database(t)
			m := openMarket(t, url)
			store, closed := c.open(t, url)
			closing, err := m.Join(store)
			require.NoError(t, err)
			var ledger market.Ledger
			require.Empty(t, closing.Try(ctx, &ledger, 4, market.Orders(0, 20)))
			require.NoError(t, closed())
			refuses(ctx, t, closing, &ledger, market.Orders(20, 40), says(c.what))
			require.NoError(t, m.Holds(ctx, &ledger))
			require.NoError(t, m.Rush(ctx, &ledger, 4, market.Orders(20, 40)), "on a pool that is open")
			assert.NoError(t, m.Check(ctx, &ledger))
		})
	}
}

// TestI2_ContextEnds: callers whose context ends before anything is sent to be
// committed have bought nothing; those who wait on get their answer.
func TestI2_ContextEnds(t *testing.T) {
	t.Parallel()
	for by, way := range ways {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			ctx, url := faultContext(t), pg.Database(t)
			m := openMarket(t, url)
			buying, err := m.Join(way.open(t, url))
			require.NoError(t, err)
			var ledger market.Ledger
			ended, end := context.WithCancel(ctx)
			end()
			refuses(ended, t, buying, &ledger, market.Orders(0, 30), is(context.Canceled))
			require.NoError(t, m.Holds(ctx, &ledger))

			// The host has all travelers locked: everyone waits.
			watch := openPool(t, url)
			host, err := watch.Begin(ctx)
			require.NoError(t, err)
			defer func() { _ = host.Rollback(context.Background()) }()
			_, err = host.Exec(ctx, "SELECT 1 FROM tjr_traveler FOR UPDATE")
			require.NoError(t, err)
			stays := make(chan error, 1)
			go func() { stays <- buying.Rush(ctx, &ledger, 4, market.Orders(100, 120)) }()
			waiting, leave := context.WithCancel(ctx)
			go func() {
				defer leave()
				assert.Eventually(t, func() bool { return locked(t, watch) }, faultTime, time.Millisecond)
			}()
			refuses(waiting, t, buying, &ledger, market.Orders(30, 60), is(context.Canceled))
			require.NoError(t, host.Rollback(ctx))
			require.NoError(t, <-stays)
			require.NoError(t, buying.Rush(ctx, &ledger, 4, market.Orders(0, 60)))
			assert.NoError(t, m.Check(ctx, &ledger))
		})
	}
}

// locked tells whether somebody waits for a lock in this database.
func locked(t *testing.T, pool *pgxpool.Pool) (waits bool) {
	t.Helper()
	assert.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) > 0 FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waits))
	return waits
}
