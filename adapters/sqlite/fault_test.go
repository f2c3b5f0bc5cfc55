package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/travel"
)

// faultTime is far more than any of these tests takes.
const faultTime = 90 * time.Second

func faultContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), faultTime)
	t.Cleanup(cancel)
	return ctx
}

// openMarket opens a market in a new file, in which nobody reaches the limit.
func openMarket(t *testing.T, file string) (*market.Market, *sql.DB) {
	t.Helper()
	db := openFile(t, file)
	require.NoError(t, sqlite.Migrate(t.Context(), db, sqlite.Options{}))
	m, err := market.Open(t.Context(), newStore(t, db, sqlite.Options{}), 7, 15_000_00)
	require.NoError(t, err)
	return m, db
}

// joinMarket opens the market again over a pool of its own; more is for its URI.
func joinMarket(t *testing.T, m *market.Market, file, more string) (*market.Market, *sql.DB, *sqlite.Store) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate"+more)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	store := newStore(t, db, sqlite.Options{})
	joined, err := m.Join(store)
	require.NoError(t, err)
	return joined, db, store
}

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

// integrity is what SQLite finds wrong with its file.
func integrity(t *testing.T, db *sql.DB) {
	t.Helper()
	var found string
	require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&found))
	assert.Equal(t, "ok", found)
}

// TestI2_Refused: a file that may not grow, or not be written, and what the host
// has closed, are told, and nothing is half done. On a file and a pool that are
// in order the same orders are bought.
func TestI2_Refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		more  string
		close func(db *sql.DB, store *sqlite.Store) error
		what  string
	}{
		"full":         {more: "&_pragma=max_page_count(%d)", what: "full"},
		"read-only":    {more: "&mode=ro", what: "readonly"},
		"store closed": {close: func(_ *sql.DB, store *sqlite.Store) error { return store.Close() }, what: "the store is closed"},
		"pool closed":  {close: func(db *sql.DB, _ *sqlite.Store) error { return db.Close() }, what: "sql: database is closed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, file := faultContext(t), newFile(t)
			m, db := openMarket(t, file)
			var ledger market.Ledger
			require.Empty(t, m.Try(ctx, &ledger, 4, market.Orders(0, 20)))
			more := c.more
			if name == "full" {
				var pages int
				require.NoError(t, db.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages))
				more = fmt.Sprintf(more, pages+2)
			}
			broken, pool, store := joinMarket(t, m, file, more)
			if c.close != nil {
				require.NoError(t, c.close(pool, store))
			}
			const many = 1000
			refuses(ctx, t, broken, &ledger, market.Orders(20, many), says(c.what))
			t.Logf("%d orders of %d fitted", ledger.Answered()-20, many)
			if c.close == nil {
				require.NoError(t, broken.Holds(ctx, &ledger), "it can be read")
			}
			require.NoError(t, m.Holds(ctx, &ledger))
			require.NoError(t, m.Rush(ctx, &ledger, 4, market.Orders(0, 40)))
			for _, n := range ledger.Unanswered() {
				require.NoError(t, m.Insist(ctx, &ledger, n))
			}
			assert.NoError(t, m.Check(ctx, &ledger))
			integrity(t, db)
		})
	}
}

// TestI2_ContextEnds: callers whose context ends before anything is committed
// have bought nothing; those who wait on get their answer.
func TestI2_ContextEnds(t *testing.T) {
	t.Parallel()
	ctx, file := faultContext(t), newFile(t)
	m, db := openMarket(t, file)
	var ledger market.Ledger
	ended, end := context.WithCancel(ctx)
	end()
	refuses(ended, t, m, &ledger, market.Orders(0, 30), is(context.Canceled))
	require.NoError(t, m.Holds(ctx, &ledger))

	// The host writes: everyone waits, longer than SQLite itself does.
	host, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	stays := make(chan error, 1)
	go func() { stays <- m.Rush(ctx, &ledger, 4, market.Orders(100, 120)) }()
	waiting, leave := context.WithTimeout(ctx, 300*time.Millisecond)
	defer leave()
	refuses(waiting, t, m, &ledger, market.Orders(30, 60), is(context.DeadlineExceeded))
	require.NoError(t, host.Rollback())
	require.NoError(t, <-stays)
	require.NoError(t, m.Rush(ctx, &ledger, 4, market.Orders(0, 60)))
	assert.NoError(t, m.Check(ctx, &ledger))
}
