//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/internal/pgserver"
)

// serverOfItsOwn returns a server to break, and a migrated database there.
func serverOfItsOwn(t *testing.T) (*pgserver.Server, string) {
	t.Helper()
	server := pgserver.Require(t, pgserver.Options{Private: true, Settings: map[string]string{"max_connections": "40", "shared_buffers": "16MB"}})
	url := server.URL("postgres")
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	defer pool.Close()
	require.NoError(t, postgres.Migrate(t.Context(), pool, postgres.Options{}))
	return server, url
}

// eventually runs SQL that returns an int, until the server answers.
func eventually(t *testing.T, url, sql string) (value int) {
	t.Helper()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), faultTime)
		defer cancel()
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return false
		}
		defer conn.Close(ctx)
		return conn.QueryRow(ctx, sql).Scan(&value) == nil
	}, faultTime, 5*time.Millisecond)
	return value
}

// TestI2I3_ServerKilled: PostgreSQL's backends are ended and killed, and all of
// it is, while many callers buy through one store that lives on. Nothing that
// was acknowledged is lost, and what was not is resolved by its key.
func TestI2I3_ServerKilled(t *testing.T) {
	t.Parallel()
	server, url := serverOfItsOwn(t)
	for by, way := range ways {
		t.Run(by, func(t *testing.T) {
			// One after the other: they have one server.
			ctx, m := faultContext(t), openMarket(t, url)
			buying, err := m.Join(way.open(t, url))
			require.NoError(t, err)
			var ledger market.Ledger
			var enough atomic.Bool
			done := make(chan error, 1)
			next := market.Orders(0, 1<<30)
			go func() {
				done <- buying.Rush(ctx, &ledger, 12, func() (int, bool) {
					n, _ := next()
					return n, !enough.Load()
				})
			}()

			const busiest = ` FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
				ORDER BY state = 'active' DESC, backend_start DESC LIMIT 1`
			faults := map[string]func(){
				"end a backend": func() { eventually(t, url, "SELECT pg_terminate_backend(pid)::int"+busiest) },
				// PostgreSQL ends all others and recovers. It may be gone already.
				"kill a backend": func() {
					if err := syscall.Kill(eventually(t, url, "SELECT pid"+busiest), syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
						require.NoError(t, err)
					}
				},
				"kill all": func() { require.NoError(t, server.Kill()); require.NoError(t, server.Restart()) },
			}
			order := []string{"end a backend", "end a backend", "kill a backend", "end a backend", "kill all", "kill a backend", "end a backend", "kill all"}
			for i, name := range order {
				answered := ledger.Answered()
				require.Eventually(t, func() bool { return ledger.Answered() >= answered+5+7*i }, faultTime, time.Millisecond, "buying goes on")
				faults[name]()
			}
			enough.Store(true)
			require.NoError(t, <-done)
			t.Logf("%d faults, %d orders, %d errors", len(order), ledger.Answered(), len(ledger.Failures()))
			assert.NotEmpty(t, ledger.Failures())
			for _, err := range ledger.Failures() {
				assert.Empty(t, m.Leak(err), "I7")
			}
			afterwards, err := m.Join(newStore(t, openPool(t, url), postgres.Options{}))
			require.NoError(t, err)
			assert.NoError(t, afterwards.Check(ctx, &ledger))
		})
	}
}

// TestI2_ReadOnly: a server that becomes a standby refuses all that writes, and
// has everything to read. The same stores write again when it is promoted.
func TestI2_ReadOnly(t *testing.T) {
	t.Parallel()
	server, url := serverOfItsOwn(t)
	ctx := faultContext(t)
	type shop struct {
		*market.Market
		ledger market.Ledger
	}
	shops := map[string]*shop{}
	for by, way := range ways {
		m, err := openMarket(t, url).Join(way.open(t, url))
		require.NoError(t, err)
		shops[by] = &shop{Market: m}
		require.Empty(t, m.Try(ctx, &shops[by].ledger, 4, market.Orders(0, 20)))
	}

	signal := filepath.Join(data(t, url), "standby.signal")
	require.NoError(t, os.WriteFile(signal, nil, 0o644))
	restarted := make(chan error, 1)
	go func() { restarted <- server.Restart() }() // which returns when it is promoted
	require.Equal(t, 1, eventually(t, url, "SELECT CASE WHEN pg_is_in_recovery() THEN 1 END"))
	for by, s := range shops {
		// Connections that the restart has broken are found when they are used.
		require.Eventually(t, func() bool { return s.Holds(ctx, &s.ledger) == nil }, faultTime, time.Millisecond, by)
		require.Eventually(t, func() bool {
			failures := s.Try(ctx, new(market.Ledger), 6, market.Orders(20, 26))
			return len(failures) > 0 && strings.Contains(failures[0].Error(), "recovery")
		}, faultTime, time.Millisecond, by)
		refuses(ctx, t, s.Market, &s.ledger, market.Orders(20, 40), says("cannot set transaction read-write mode during recovery"))
	}
	require.Equal(t, 1, eventually(t, url, "SELECT pg_promote()::int"))
	require.NoError(t, <-restarted)
	for by, s := range shops {
		require.NoError(t, s.Holds(ctx, &s.ledger), by)
		require.NoError(t, s.Rush(ctx, &s.ledger, 4, market.Orders(20, 40)), by)
		assert.NoError(t, s.Check(ctx, &s.ledger), by)
	}
}

// data is the folder of a server's data.
func data(t *testing.T, url string) (folder string) {
	t.Helper()
	require.NoError(t, openPool(t, url).QueryRow(t.Context(), "SHOW data_directory").Scan(&folder))
	return folder
}
