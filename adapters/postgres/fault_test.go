package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/travel"
)

// refuses has orders placed that all fail, clearly and without a trace.
func refuses(t *testing.T, m *market.Market, l *market.Ledger, orders func() (int, bool), what string) {
	t.Helper()
	const callers = 6
	failures := m.Try(faultContext(t), l, callers, orders)
	assert.Len(t, failures, callers, "those who were refused")
	for _, err := range failures {
		assert.ErrorContains(t, err, what)
		assert.NotErrorIs(t, err, travel.ErrUnknownOutcome)
		assert.Empty(t, m.Leak(err), "I7")
	}
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
			url := pg.Database(t)
			m := openMarket(t, url)
			store, closed := c.open(t, url)
			closing, err := m.Join(store)
			require.NoError(t, err)
			var ledger market.Ledger
			require.Empty(t, closing.Try(t.Context(), &ledger, 4, market.Orders(0, 20)))
			require.NoError(t, closed())
			refuses(t, closing, &ledger, market.Orders(20, 40), c.what)
			require.NoError(t, m.Holds(t.Context(), &ledger))
			require.NoError(t, m.Rush(t.Context(), &ledger, 4, market.Orders(20, 40)), "on a pool that is open")
			assert.NoError(t, m.Check(t.Context(), &ledger))
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
			url := pg.Database(t)
			m := openMarket(t, url)
			buying, err := m.Join(way.open(t, url))
			require.NoError(t, err)
			var ledger market.Ledger
			ended, end := context.WithCancel(t.Context())
			end()
			refuses := func(ctx context.Context, orders func() (int, bool)) {
				failures := buying.Try(ctx, &ledger, 6, orders)
				assert.Len(t, failures, 6)
				for _, err := range failures {
					assert.ErrorIs(t, err, context.Canceled)
					assert.NotErrorIs(t, err, travel.ErrUnknownOutcome)
					assert.Empty(t, m.Leak(err), "I7")
				}
			}
			refuses(ended, market.Orders(0, 30))
			require.NoError(t, m.Holds(t.Context(), &ledger))

			// The host has all travelers locked: everyone waits.
			watch := openPool(t, url)
			host, err := watch.Begin(t.Context())
			require.NoError(t, err)
			defer func() { _ = host.Rollback(context.Background()) }()
			_, err = host.Exec(t.Context(), "SELECT 1 FROM tjr_traveler FOR UPDATE")
			require.NoError(t, err)
			stays := make(chan error, 1)
			go func() { stays <- buying.Rush(faultContext(t), &ledger, 4, market.Orders(100, 120)) }()
			waiting, leave := context.WithCancel(t.Context())
			go func() {
				defer leave()
				assert.Eventually(t, func() bool { return locked(t, watch) }, faultTime, time.Millisecond)
			}()
			refuses(waiting, market.Orders(30, 60))
			require.NoError(t, host.Rollback(t.Context()))
			require.NoError(t, <-stays)
			require.NoError(t, buying.Rush(faultContext(t), &ledger, 4, market.Orders(0, 60)))
			assert.NoError(t, m.Check(t.Context(), &ledger))
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
