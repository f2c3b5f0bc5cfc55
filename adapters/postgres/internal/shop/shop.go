// Package shop fills databases for measurements and checks them afterwards.
package shop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/internal/pgserver"
)

// Shop is a shop on our store, in a database of its own.
type Shop struct {
	*load.Shop
	Pool  *pgxpool.Pool
	Store *postgres.Store
	// filled is what the database held before anything was sold.
	filled load.Tally
}

// Open makes a database, and a shop in it that sells to the travelers of size.
func Open(ctx context.Context, server *pgserver.Server, database string, o postgres.Options, size Size) (*Shop, error) {
	if err := CreateDatabase(ctx, server, database); err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, server.URL(database))
	if err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, pool, o); err != nil {
		return nil, err
	}
	store, err := postgres.New(pool, o)
	if err != nil {
		return nil, err
	}
	selling, err := load.NewShop(store, time.Now)
	if err != nil {
		return nil, err
	}
	s := &Shop{Shop: selling, Pool: pool, Store: store}
	if err := s.fill(ctx, size); err != nil {
		return nil, err
	}
	s.filled, err = s.tally(ctx)
	return s, err
}

// CreateDatabase makes an empty database.
func CreateDatabase(ctx context.Context, server *pgserver.Server, name string) error {
	conn, err := pgx.Connect(ctx, server.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+name)
	return err
}

// Close leaves the database to its server.
func (s *Shop) Close() {
	_ = s.Store.Close()
	s.Pool.Close()
}

// Check compares what callers were told with what the tables hold.
func (s *Shop) Check(ctx context.Context) error {
	t, err := s.tally(ctx)
	if err != nil {
		return err
	}
	return s.Shop.Check(t.Since(s.filled))
}

func (s *Shop) tally(ctx context.Context) (t load.Tally, err error) {
	err = s.Pool.QueryRow(ctx, fmt.Sprintf(load.TallySQL, "r->>'amount'", "json_array_elements(t0.open)")).
		Scan(&t.Authorizations, &t.Commands, &t.Pending, &t.Reserved, &t.Held, &t.Over)
	return t, err
}

// StatementSettings are those of a server whose statements are to be printed.
var StatementSettings = map[string]string{
	"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_planning": "on",
}

// CountStatements begins to count what PostgreSQL spends on our statements.
func (s *Shop) CountStatements(ctx context.Context) error {
	_, err := s.Pool.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
	if err == nil {
		_, err = s.Pool.Exec(ctx, "SELECT pg_stat_statements_reset()")
	}
	return err
}

// PrintStatements prints what PostgreSQL spent on them.
func (s *Shop) PrintStatements(ctx context.Context, out io.Writer) error {
	rows, err := s.Pool.Query(ctx, `SELECT calls, total_plan_time / calls, total_exec_time / calls, wal_bytes / calls, left(regexp_replace(query, '\s+', ' ', 'g'), 90)
		FROM pg_stat_statements WHERE query LIKE '%tjr_%' OR query = 'COMMIT' ORDER BY total_exec_time DESC LIMIT 15`)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "calls\tplan ms\texecute ms\tWAL bytes\tstatement")
	var calls int64
	var plan, exec, wal float64
	var query string
	_, err = pgx.ForEachRow(rows, []any{&calls, &plan, &exec, &wal, &query}, func() error {
		fmt.Fprintf(w, "%d\t%.3f\t%.3f\t%.0f\t%s\n", calls, plan, exec, wal, query)
		return nil
	})
	return errors.Join(err, w.Flush())
}

// ExpireAll ends every reservation, as if they had been left alone: in a moment
// and not one by one, and nothing can be checked any more.
func (s *Shop) ExpireAll(ctx context.Context) error {
	for _, sql := range []string{
		"UPDATE tjr_authorization SET state = 'expired' WHERE state = 'pending'",
		"UPDATE tjr_traveler SET open = 'null' WHERE open::text <> 'null'",
		"VACUUM ANALYZE tjr_authorization, tjr_traveler",
		"CHECKPOINT",
	} {
		if _, err := s.Pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
