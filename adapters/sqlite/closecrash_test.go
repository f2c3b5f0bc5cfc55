package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/closing"
	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
)

// closings is how a close gets at a database.
var closings = closing.Database{
	New: func(t testing.TB) string {
		file := newFile(t)
		require.NoError(t, sqlite.Migrate(t.Context(), openFile(t, file), sqlite.Options{}))
		return file
	},
	Open: func(t testing.TB, file string) (closing.Store, func()) {
		db, err := sql.Open("sqlite", "file:"+file)
		require.NoError(t, err)
		store, err := sqlite.New(db, sqlite.Options{})
		require.NoError(t, err)
		return store, func() {
			assert.NoError(t, store.Close())
			assert.NoError(t, db.Close())
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
