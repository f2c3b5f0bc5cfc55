package sqlite

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

// files are migrations 1, 2, ….
func files(migrations ...string) fstest.MapFS {
	names := []string{"0001_initial.sql", "0002_second.sql", "0003_third.sql"}
	all := fstest.MapFS{}
	for i, sql := range migrations {
		all[names[i]] = &fstest.MapFile{Data: []byte(sql)}
	}
	return all
}

func migratorOf(t *testing.T, files fstest.MapFS) *sqlstore.Migrator {
	t.Helper()
	names, err := Options{}.names()
	require.NoError(t, err)
	m, err := sqlstore.NewMigrator(files, names, sqlstore.SQLite)
	require.NoError(t, err)
	return m
}

const first = "-- Comments; are left out.\nCREATE TABLE {numbers} (\n\tn INTEGER -- the number\n);\nCREATE INDEX {#numbers_n} ON {numbers} (n);\n"

func TestUpgrade(t *testing.T) {
	t.Parallel()
	d, db := setup(t)
	ctx := t.Context()
	require.NoError(t, migratorOf(t, files(first)).Migrate(ctx, d))
	_, err := db.ExecContext(ctx, "INSERT INTO tjr_numbers VALUES (7)")
	require.NoError(t, err)

	second := "ALTER TABLE {numbers} ADD COLUMN twice INTEGER;\nUPDATE {numbers} SET twice = 2 * n"
	broken := migratorOf(t, files(first, second, "CREATE TABLE {third} (n INTEGER);\nCREATE TABLE {third} (n INTEGER);"))
	require.ErrorIs(t, broken.Validate(ctx, d), sqlstore.ErrSchemaBehind)
	require.ErrorContains(t, broken.Migrate(ctx, d), "0003_third", "which one fails")
	upgraded := migratorOf(t, files(first, second))
	require.NoError(t, upgraded.Validate(ctx, d), "those before it are run, and nothing of it")
	require.NoError(t, upgraded.Migrate(ctx, d))
	var twice int
	require.NoError(t, db.QueryRowContext(ctx, "SELECT twice FROM tjr_numbers").Scan(&twice))
	assert.Equal(t, 14, twice)

	assert.ErrorIs(t, migratorOf(t, files(first)).Validate(ctx, d), sqlstore.ErrSchemaAhead, "for those who have not the second")
	assert.ErrorIs(t, migratorOf(t, files(first, second+" ")).Validate(ctx, d), sqlstore.ErrSchemaChanged)
	require.NoError(t, migratorOf(t, files(first, second, "CREATE TABLE {third} (n INTEGER)")).Migrate(ctx, d))
}

// What the host runs with a tool of its own is what Migrate would have run.
func TestUpgradeByHand(t *testing.T) {
	t.Parallel()
	d, db := setup(t)
	m := migratorOf(t, files(first, "CREATE TABLE {second} (n INTEGER)", "CREATE TABLE {third} (n INTEGER);"))
	require.NoError(t, migratorOf(t, files(first)).Migrate(t.Context(), d))
	_, err := db.ExecContext(t.Context(), m.SQL(1))
	require.NoError(t, err)
	assert.NoError(t, m.Validate(t.Context(), d))
}

func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	names, err := Options{}.names()
	require.NoError(t, err)
	for name, files := range map[string]fstest.MapFS{
		"a gap":     {"0002_second.sql": {}},
		"twice":     {"0001_a.sql": {}, "0001_b.sql": {}},
		"no number": {"initial.sql": {}},
	} {
		_, err := sqlstore.NewMigrator(files, names, sqlstore.SQLite)
		assert.ErrorContains(t, err, "migration", name)
	}
}
