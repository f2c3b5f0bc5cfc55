package sqlite_test

import (
	"database/sql"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
)

// tables lists the tables and indexes of a database.
func tables(t *testing.T, db *sql.DB) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		list = append(list, name)
	}
	require.NoError(t, rows.Err())
	return list
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	db := openFile(t, newFile(t))
	assert.ErrorIs(t, sqlite.Validate(t.Context(), db, sqlite.Options{}), sqlite.ErrSchemaBehind)
	assert.Empty(t, tables(t, db), "validating makes nothing")
	require.NoError(t, sqlite.Migrate(t.Context(), db, sqlite.Options{}))
	require.NoError(t, sqlite.Validate(t.Context(), db, sqlite.Options{}))
	made := tables(t, db)
	for _, name := range made {
		assert.True(t, strings.HasPrefix(name, "tjr_"), name)
	}
	require.NoError(t, sqlite.Migrate(t.Context(), db, sqlite.Options{}), "again")

	other := sqlite.Options{Prefix: "other_"}
	assert.ErrorIs(t, sqlite.Validate(t.Context(), db, other), sqlite.ErrSchemaBehind)
	require.NoError(t, sqlite.Migrate(t.Context(), db, other), "two of us in one database")
	assert.Len(t, tables(t, db), 2*len(made))
}

func TestMigrateAtTheSameTime(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	var group sync.WaitGroup
	for range 4 {
		db := openFile(t, file)
		group.Go(func() { assert.NoError(t, sqlite.Migrate(t.Context(), db, sqlite.Options{})) })
	}
	group.Wait()
	assert.NoError(t, sqlite.Validate(t.Context(), openFile(t, file), sqlite.Options{}))
}

func TestSchemaThatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string
		want error
	}{
		"changed":         {"UPDATE tjr_schema_version SET checksum = 'x' WHERE version = 1", sqlite.ErrSchemaChanged},
		"ahead":           {"INSERT INTO tjr_schema_version VALUES (99, '0099_later', 'x')", sqlite.ErrSchemaAhead},
		"ahead and alone": {"UPDATE tjr_schema_version SET version = 99 WHERE version = 1", sqlite.ErrSchemaAhead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDB(t, sqlite.Options{})
			before := tables(t, db)
			_, err := db.ExecContext(t.Context(), c.sql)
			require.NoError(t, err)
			assert.ErrorIs(t, sqlite.Validate(t.Context(), db, sqlite.Options{}), c.want)
			assert.ErrorIs(t, sqlite.Migrate(t.Context(), db, sqlite.Options{}), c.want)
			assert.Equal(t, before, tables(t, db))
		})
	}
}

func TestMigrateTx(t *testing.T) {
	t.Parallel()
	db := openFile(t, newFile(t))
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "CREATE TABLE ticket (id INTEGER)")
	require.NoError(t, err)
	require.NoError(t, sqlite.MigrateTx(t.Context(), tx, sqlite.Options{}))
	require.NoError(t, tx.Rollback())
	assert.Empty(t, tables(t, db))

	tx, err = db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, sqlite.MigrateTx(t.Context(), tx, sqlite.Options{}))
	require.NoError(t, sqlite.MigrateTx(t.Context(), tx, sqlite.Options{}), "again")
	require.NoError(t, tx.Commit())
	assert.NoError(t, sqlite.Validate(t.Context(), db, sqlite.Options{}))
}

func TestSQL(t *testing.T) {
	t.Parallel()
	o := sqlite.Options{Prefix: "trips_"}
	text, err := sqlite.SQL(o, 0)
	require.NoError(t, err)
	assert.NotContains(t, text, "{")
	db := openFile(t, newFile(t))
	_, err = db.ExecContext(t.Context(), text)
	require.NoError(t, err)
	require.NoError(t, sqlite.Validate(t.Context(), db, o), "the host's own tool has run it")
	migrated := openFile(t, newFile(t))
	require.NoError(t, sqlite.Migrate(t.Context(), migrated, o))
	assert.Equal(t, tables(t, migrated), tables(t, db))

	files, err := fs.Glob(sqlite.Migrations(), "*.sql")
	require.NoError(t, err)
	text, err = sqlite.SQL(o, len(files))
	require.NoError(t, err)
	assert.Empty(t, text, "nothing comes after the newest")
	_, err = sqlite.SQL(sqlite.Options{Prefix: "x; DROP TABLE y"}, 0)
	assert.ErrorContains(t, err, "prefix")
}

// unled are the tables whose keys do not begin with the company: lookups that
// do not know it, number series, job state, and the versions of the schema.
var unled = []string{"number_lookup", "credential", "message_count", "halt", "series", "document_number", "job", "schema_version"}

func TestCompanyLeadsEveryKey(t *testing.T) {
	t.Parallel()
	db := newDB(t, sqlite.Options{})
	rows, err := db.QueryContext(t.Context(), `
		SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
			WHERE t.name LIKE 'tjr@_%' ESCAPE '@' AND c.pk = 1
		UNION ALL
		SELECT t.name, coalesce((SELECT name FROM pragma_index_info(i.name) WHERE seqno = 0), '') FROM pragma_table_list t
			JOIN pragma_index_list(t.name) i WHERE t.name LIKE 'tjr@_%' ESCAPE '@' AND i."unique"`)
	require.NoError(t, err)
	defer rows.Close()
	keys := map[string][]string{}
	for rows.Next() {
		var table, first string
		require.NoError(t, rows.Scan(&table, &first))
		table = strings.TrimPrefix(table, "tjr_")
		keys[table] = append(keys[table], first)
	}
	require.NoError(t, rows.Err())
	assert.Contains(t, keys, "traveler")
	assert.GreaterOrEqual(t, len(keys["traveler"]), 3, "the primary key, the number and the employee number")
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
}
