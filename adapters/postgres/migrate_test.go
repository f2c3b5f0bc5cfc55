package postgres_test

import (
	"context"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/postgres"
)

// fresh are tables that the databases of the tests do not have.
var fresh = postgres.Options{Prefix: "fresh_"}

// tables lists the tables and indexes with a prefix, with their schema.
func tables(t *testing.T, pool *pgxpool.Pool, prefix string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE starts_with(c.relname, $1) ORDER BY 1`, prefix)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return list
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	assert.ErrorIs(t, postgres.Validate(t.Context(), pool, fresh), postgres.ErrSchemaBehind)
	assert.Empty(t, tables(t, pool, "fresh_"), "validating makes nothing")
	require.NoError(t, postgres.Migrate(t.Context(), pool, fresh))
	require.NoError(t, postgres.Validate(t.Context(), pool, fresh))
	require.NoError(t, postgres.Migrate(t.Context(), pool, fresh), "again")
	assert.Len(t, tables(t, pool, "fresh_"), len(tables(t, pool, "tjr_")))
	for _, name := range tables(t, pool, "our_") {
		assert.True(t, strings.HasPrefix(name, "user."), name)
	}
	assert.Len(t, tables(t, pool, "our_"), len(tables(t, pool, "fresh_")))
	assert.Error(t, postgres.Migrate(t.Context(), pool, postgres.Options{Schema: "none"}), "the host makes the schema")

	db := openDB(t, pool.Config().ConnString())
	other := postgres.Options{Prefix: "other_"}
	assert.ErrorIs(t, postgres.ValidateDB(t.Context(), db, other), postgres.ErrSchemaBehind)
	require.NoError(t, postgres.MigrateDB(t.Context(), db, other))
	require.NoError(t, postgres.ValidateDB(t.Context(), db, other))
	assert.NoError(t, postgres.Validate(t.Context(), pool, other))
}

// What was migrated needs no right to change anything.
func TestMigrateReadsOnlyWhereNothingIsMissing(t *testing.T) {
	t.Parallel()
	url := pg.Database(t)
	pool := openPool(t, url+"&options=-c%20default_transaction_read_only%3Don")
	_, err := pool.Exec(t.Context(), "REVOKE ALL ON SCHEMA public FROM PUBLIC")
	require.ErrorContains(t, err, "read-only")
	assert.NoError(t, postgres.Migrate(t.Context(), pool, postgres.Options{}))
}

func TestMigrateAtTheSameTime(t *testing.T) {
	t.Parallel()
	url := pg.Database(t)
	var group sync.WaitGroup
	for range 6 {
		pool := openPool(t, url)
		group.Go(func() { assert.NoError(t, postgres.Migrate(t.Context(), pool, fresh)) })
	}
	group.Wait()
	assert.NoError(t, postgres.Validate(t.Context(), openPool(t, url), fresh))
}

// A migration that waits for somebody waits as long as its context lasts, but
// lets others go first.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	require.NoError(t, postgres.Migrate(t.Context(), pool, fresh))
	_, err := pool.Exec(t.Context(), "DELETE FROM fresh_schema_version WHERE version > 0")
	require.NoError(t, err)
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), "SELECT version FROM fresh_schema_version WHERE version = 0 FOR UPDATE")
	require.NoError(t, err)
	migrated := make(chan error, 1)
	go func() { migrated <- postgres.Migrate(t.Context(), pool, fresh) }()
	seen := map[string]bool{}
	require.Eventually(t, func() bool {
		rows, err := pool.Query(t.Context(), `SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a USING (pid)
			WHERE NOT l.granted AND a.datname = current_database()`)
		assert.NoError(t, err)
		waiting, err := pgx.CollectRows(rows, pgx.RowTo[string])
		assert.NoError(t, err)
		for _, transaction := range waiting {
			seen[transaction] = true
		}
		return len(seen) > 1
	}, time.Minute, 10*time.Millisecond, "it gives up and tries again")
	_, err = tx.Exec(t.Context(), "INSERT INTO fresh_schema_version SELECT * FROM tjr_schema_version WHERE version > 0")
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, <-migrated, "it sees what the other one has done")
}

func TestSchemaThatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string
		want error
	}{
		"changed":         {"UPDATE tjr_schema_version SET checksum = 'x' WHERE version = 1", postgres.ErrSchemaChanged},
		"ahead":           {"INSERT INTO tjr_schema_version VALUES (99, '0099_later', 'x')", postgres.ErrSchemaAhead},
		"ahead and alone": {"UPDATE tjr_schema_version SET version = 99 WHERE version = 1", postgres.ErrSchemaAhead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t)
			_, err := pool.Exec(t.Context(), c.sql)
			require.NoError(t, err)
			assert.ErrorIs(t, postgres.Validate(t.Context(), pool, postgres.Options{}), c.want)
			assert.ErrorIs(t, postgres.Migrate(t.Context(), pool, postgres.Options{}), c.want)
		})
	}
}

func TestMigrateTx(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	back := pgx.ErrTxCommitRollback
	require.ErrorIs(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		require.NoError(t, postgres.MigrateTx(t.Context(), tx, fresh))
		return back
	}), back)
	assert.Empty(t, tables(t, pool, "fresh_"))
	require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		require.NoError(t, postgres.MigrateTx(t.Context(), tx, fresh))
		return postgres.MigrateTx(t.Context(), tx, fresh)
	}))
	assert.NoError(t, postgres.Validate(t.Context(), pool, fresh))

	other := postgres.Options{Prefix: "other_"}
	tx, err := openDB(t, pool.Config().ConnString()).BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, postgres.MigrateSQLTx(t.Context(), tx, other))
	require.NoError(t, tx.Rollback())
	assert.Empty(t, tables(t, pool, "other_"))
}

func TestSQL(t *testing.T) {
	t.Parallel()
	o := postgres.Options{Schema: "user", Prefix: "fresh_"}
	text, err := postgres.SQL(o, 0)
	require.NoError(t, err)
	assert.NotContains(t, text, "{")
	pool := newPool(t)
	_, err = pool.Exec(t.Context(), text)
	require.NoError(t, err)
	require.NoError(t, postgres.Validate(t.Context(), pool, o), "the host's own tool has run it")
	assert.Len(t, tables(t, pool, "fresh_"), len(tables(t, pool, "our_")))

	files, err := fs.Glob(postgres.Migrations(), "*.sql")
	require.NoError(t, err)
	text, err = postgres.SQL(o, len(files))
	require.NoError(t, err)
	assert.Empty(t, text, "nothing comes after the newest")
	_, err = postgres.SQL(postgres.Options{Prefix: "x; DROP TABLE y"}, 0)
	assert.ErrorContains(t, err, "prefix")
}

// unled are the tables whose keys do not begin with the company: lookups that
// do not know it, number series, job state, and the versions of the schema.
var unled = []string{"number_lookup", "credential", "message_count", "halt", "series", "document_number", "job", "schema_version"}

func TestCompanyLeadsEveryKey(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	rows, err := pool.Query(t.Context(), `SELECT substr(t.relname, 5), coalesce(a.attname, '') FROM pg_index i
		JOIN pg_class t ON t.oid = i.indrelid
		LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
		WHERE i.indisunique AND starts_with(t.relname, 'tjr_') AND t.relnamespace = 'public'::regnamespace`)
	require.NoError(t, err)
	keys := map[string][]string{}
	var table, first string
	_, err = pgx.ForEachRow(rows, []any{&table, &first}, func() error {
		keys[table] = append(keys[table], first)
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, keys["traveler"], 3, "the primary key, the number and the employee number")
	for _, table := range unled {
		assert.Contains(t, keys, table)
		delete(keys, table)
	}
	for table, firsts := range keys {
		want := "company"
		if table == "company" {
			want = "id"
		}
		for _, first := range firsts {
			assert.Equal(t, want, first, "a key of %s", table)
		}
	}
	// Nothing that a distributed PostgreSQL does not have.
	var others int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM pg_trigger) + (SELECT count(*) FROM pg_sequence) +
		(SELECT count(*) FROM pg_attrdef d JOIN pg_class t ON t.oid = d.adrelid
			WHERE starts_with(t.relname, 'tjr_') AND pg_get_expr(d.adbin, d.adrelid) LIKE '%(%')`).Scan(&others))
	assert.Zero(t, others, "triggers, sequences, and defaults that are computed")
}
