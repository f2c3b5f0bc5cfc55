package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newFile returns the path of a database that does not exist yet.
func newFile(t testing.TB) string { return filepath.Join(t.TempDir(), "travel.db") }

// openFile opens a database until the end of the test.
func openFile(t testing.TB, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func newStore(t testing.TB, db *sql.DB, o sqlite.Options) *sqlite.Store {
	t.Helper()
	store, err := sqlite.New(db, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// newDB returns a database that is migrated.
func newDB(t testing.TB, o sqlite.Options) *sql.DB {
	t.Helper()
	db := openFile(t, newFile(t))
	require.NoError(t, sqlite.Migrate(t.Context(), db, o))
	return db
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options sqlite.Options
		before  string
	}{
		"alone": {},
		"beside a host with tables of the same names": {
			sqlite.Options{Prefix: "trips_"},
			"CREATE TABLE traveler (name TEXT); CREATE TABLE company (id INTEGER); CREATE TABLE tjr_traveler (x TEXT); CREATE TABLE schema_version (v INTEGER)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := migrated(t, c.before, c.options)
			databases := map[any]*sql.DB{}
			open := func(t testing.TB, db *sql.DB) storetest.Stores {
				stores := storetest.All(newStore(t, db, c.options))
				databases[stores.Travel] = db
				return stores
			}
			storetest.Run(t, storetest.Options{
				OneWriter: true,
				New: func(t testing.TB) storetest.Stores {
					file := newFile(t)
					require.NoError(t, os.WriteFile(file, template, 0o600))
					return open(t, openFile(t, file))
				},
				Reopen: func(t testing.TB, s storetest.Stores) storetest.Stores {
					require.NoError(t, s.Travel.(*sqlite.Store).Close())
					return open(t, databases[s.Travel])
				},
			})
		})
	}
}

// migrated returns the content of a database in which something was run before
// it was migrated.
func migrated(t *testing.T, before string, o sqlite.Options) []byte {
	t.Helper()
	file := newFile(t)
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), before)
	require.NoError(t, err)
	require.NoError(t, sqlite.Migrate(t.Context(), db, o))
	require.NoError(t, db.Close())
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	return content
}
