package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/internal/pgserver"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ours is a shop on our store.
type ours struct {
	pool  *pgxpool.Pool
	store *postgres.Store
	shop  *load.Shop
}

func newOurs(ctx context.Context, server *pgserver.Server, s settings) (*ours, error) {
	if err := createDatabase(ctx, server, "ours"); err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, server.URL("ours"))
	if err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, pool, postgres.Options{}); err != nil {
		return nil, err
	}
	store, err := postgres.New(pool, postgres.Options{Lanes: s.lanes})
	if err != nil {
		return nil, err
	}
	shop, err := load.NewShop(store)
	if err != nil {
		return nil, err
	}
	o := &ours{pool: pool, store: store, shop: shop}
	if err := o.fill(ctx, s); err != nil || !s.statements {
		return o, err
	}
	_, err = pool.Exec(ctx, "CREATE EXTENSION pg_stat_statements")
	return o, err
}

// statements prints what PostgreSQL spent on our statements.
func (o *ours) statements(ctx context.Context, out io.Writer) error {
	rows, err := o.pool.Query(ctx, `SELECT calls, total_plan_time / calls, total_exec_time / calls, wal_bytes / calls, left(regexp_replace(query, '\s+', ' ', 'g'), 90)
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

func (o *ours) close() {
	_ = o.store.Close()
	o.pool.Close()
}

// fill makes the companies and travelers: the first of each through the
// service, and the others as copies of these in SQL, which takes seconds and
// not minutes.
func (o *ours) fill(ctx context.Context, s settings) error {
	company, err := o.shop.OpenCompany(ctx)
	if err != nil {
		return err
	}
	first, err := o.shop.Traveler(company, 0)
	if err != nil {
		return err
	}
	if err := o.store.Update(ctx, func(tx travel.Tx) error { return tx.SaveTraveler(ctx, first) }); err != nil {
		return err
	}
	const nth = "('019a0000-0000-7000-8000-' || lpad(to_hex(%s), 12, '0'))::uuid"
	own := fmt.Sprintf(nth, "n")
	if err := o.copies(ctx, "tjr_company", s.companies, map[string]string{"id": own}); err != nil {
		return err
	}
	err = o.copies(ctx, "tjr_traveler", s.travelers, map[string]string{
		"company": fmt.Sprintf(nth, fmt.Sprintf("1 + n %% %d", s.companies)), "id": own, "connection": own,
		"number": "'+467' || lpad(n::text, 8, '0')",
	})
	if err != nil {
		return err
	}
	for n := 1; n <= s.travelers; n++ {
		t, err := o.shop.Traveler(load.Nth(1+n%s.companies), n)
		if err != nil {
			return err
		}
		o.shop.Admit(t)
	}
	_, err = o.pool.Exec(ctx, "VACUUM ANALYZE tjr_company, tjr_traveler")
	return err
}

// copies copies the one row of a table n times, with other values in some of
// the columns.
func (o *ours) copies(ctx context.Context, table string, n int, other map[string]string) error {
	rows, err := o.pool.Query(ctx, "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
	if err != nil {
		return err
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = "original." + c
		if v, ok := other[c]; ok {
			values[i] = v
		}
	}
	_, err = o.pool.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s original, generate_series(1, %d) n",
		table, strings.Join(columns, ", "), strings.Join(values, ", "), table, n))
	return err
}

// check compares what callers were told with what the tables hold.
func (o *ours) check(ctx context.Context) error {
	var t load.Tally
	err := o.pool.QueryRow(ctx, fmt.Sprintf(load.TallySQL, "r->>'amount'", "json_array_elements(t0.open)")).
		Scan(&t.Authorizations, &t.Commands, &t.Pending, &t.Reserved, &t.Held, &t.Over)
	if err != nil {
		return err
	}
	return o.shop.Check(t)
}
