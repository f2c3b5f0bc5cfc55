package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
	"github.com/tjansteresor/tjansteresor/internal/pgserver"
)

// pg has databases with the tables of a host's that have the same bare names, and
// ours beside them, twice.
var pg = pgserver.Shared{Exec: execute, Migrate: func(ctx context.Context, url string) error {
	const hosts = `CREATE TABLE traveler (name text); CREATE TABLE company (id int); CREATE TABLE schema_version (v int);
		CREATE SCHEMA "user"; CREATE TABLE "user".traveler (name text)`
	if err := execute(ctx, url, hosts); err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	return errors.Join(postgres.Migrate(ctx, pool, postgres.Options{}), postgres.Migrate(ctx, pool, inSchema))
}}

// inSchema is in a schema whose name is a word of the language.
var inSchema = postgres.Options{Schema: "user", Prefix: "our_"}

func TestMain(m *testing.M) {
	postgres.NewDatabase = func(t testing.TB) string { return pg.Database(t) }
	goleak.VerifyTestMain(pg.Wrap(m))
}

func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// newPool returns a pool on a database of the test's own, until its end.
func newPool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return openPool(t, pg.Database(t))
}

func openPool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// openDB opens a pool of database/sql, until the end of the test.
func openDB(t testing.TB, url string) *sql.DB {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func newStore(t testing.TB, pool *pgxpool.Pool, o postgres.Options) *postgres.Store {
	t.Helper()
	store, err := postgres.New(pool, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func TestConformance(t *testing.T) {
	t.Parallel()
	overPool := func(o postgres.Options) func(t *testing.T, url string) func(testing.TB) *postgres.Store {
		return func(t *testing.T, url string) func(testing.TB) *postgres.Store {
			pool := openPool(t, url)
			return func(t testing.TB) *postgres.Store { return newStore(t, pool, o) }
		}
	}
	for name, over := range map[string]func(t *testing.T, url string) func(testing.TB) *postgres.Store{
		"pool":              overPool(postgres.Options{}),
		"distributed":       overPool(postgres.Options{Distributed: true}),
		"schema and prefix": overPool(inSchema),
		"database/sql": func(t *testing.T, url string) func(testing.TB) *postgres.Store {
			db := openDB(t, url)
			return func(t testing.TB) *postgres.Store {
				store, err := postgres.NewDB(db, postgres.Options{})
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, store.Close()) })
				return store
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pg.Database(t)
			open := over(t, url)
			storetest.Run(t, storetest.Options{
				New: func(t testing.TB) storetest.Stores {
					require.NoError(t, execute(t.Context(), url, empty))
					return storetest.All(open(t))
				},
				Reopen: func(t testing.TB, s storetest.Stores) storetest.Stores {
					require.NoError(t, s.Travel.(*postgres.Store).Close())
					return storetest.All(open(t))
				},
			})
		})
	}
}

// empty deletes what the case before has left, which is faster than a database
// for each.
const empty = `DO $$ DECLARE t regclass; BEGIN
	FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relname ~ '^(tjr|our)_' AND relname !~ 'schema_version$' LOOP
		EXECUTE 'DELETE FROM ' || t;
	END LOOP;
END $$`
