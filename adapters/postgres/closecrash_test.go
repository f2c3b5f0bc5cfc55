package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/closing"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
)

// closings is how a close gets at a database.
var closings = closing.Database{
	New: func(t testing.TB) string { return pg.Database(t) },
	Open: func(t testing.TB, url string) (closing.Store, func()) {
		pool, err := pgxpool.New(context.Background(), url)
		require.NoError(t, err)
		store, err := postgres.New(pool, postgres.Options{})
		require.NoError(t, err)
		return store, func() {
			assert.NoError(t, store.Close())
			pool.Close()
		}
	},
}

// TestR35R36_CloseKilled: processes that close a month are killed, again and
// again, some of them two at a time. Each company has its documents once, with
// numbers that have no gaps.
func TestR35R36_CloseKilled(t *testing.T) {
	t.Parallel()
	closing.Kill(t, closings)
}

// TestR35R36R43_CloseReissueRefund: months are closed, invoices issued anew and
// tickets refunded at the same time.
func TestR35R36R43_CloseReissueRefund(t *testing.T) {
	t.Parallel()
	closing.Storm(t, closings)
}
