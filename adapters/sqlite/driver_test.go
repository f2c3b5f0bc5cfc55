package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	modernc "modernc.org/sqlite"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
	"github.com/tjansteresor/tjansteresor/travel"
)

// database opens a file until the end of the test. More is for its URI.
func database(t *testing.T, more string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "travel.db")+more)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// setup returns a driver on a file with a table of numbers.
func setup(t *testing.T) (*driver, *sql.DB) {
	t.Helper()
	db := database(t, "")
	_, err := db.ExecContext(t.Context(), "CREATE TABLE numbers (n INTEGER PRIMARY KEY, half INTEGER UNIQUE CHECK (half < 100)) STRICT")
	require.NoError(t, err)
	d, err := open(t.Context(), db, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.close()) })
	return d, db
}

func insert(n int) sqlstore.Statement {
	return sqlstore.Statement{SQL: "INSERT INTO numbers (n) VALUES ($1)", Args: []any{n}}
}

// numbers reads what is committed.
func numbers(t *testing.T, db *sql.DB) (list []int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT n FROM numbers ORDER BY n")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var n int
		require.NoError(t, rows.Scan(&n))
		list = append(list, n)
	}
	require.NoError(t, rows.Err())
	return list
}

// write begins a transaction that has the writer.
func write(t *testing.T, d *driver, first ...sqlstore.Statement) sqlstore.Transaction {
	t.Helper()
	tx, err := d.Begin(t.Context(), sqlstore.Write, first...)
	require.NoError(t, err)
	t.Cleanup(tx.Rollback)
	return tx
}

func TestCommit(t *testing.T) {
	t.Parallel()
	d, db := setup(t)
	tx := write(t, d, insert(1))
	require.NoError(t, tx.Run(t.Context(), insert(2)))
	assert.Empty(t, numbers(t, db), "others see nothing before")
	require.NoError(t, tx.Commit(t.Context(), insert(3)))
	tx.Rollback()
	assert.Equal(t, []int{1, 2, 3}, numbers(t, db))
}

func TestNothingIsCommitted(t *testing.T) {
	t.Parallel()
	wrong := sqlstore.Statement{SQL: "INSERT INTO nowhere VALUES (1)"}
	for name, end := range map[string]func(ctx context.Context, cancel func(), tx sqlstore.Transaction) error{
		"rolled back": func(_ context.Context, _ func(), tx sqlstore.Transaction) error { tx.Rollback(); return errors.New("") },
		"last fails": func(ctx context.Context, _ func(), tx sqlstore.Transaction) error {
			return tx.Commit(ctx, insert(2), wrong)
		},
		"context ended": func(ctx context.Context, cancel func(), tx sqlstore.Transaction) error {
			cancel()
			return tx.Commit(ctx)
		},
		"context ended before the last": func(ctx context.Context, cancel func(), tx sqlstore.Transaction) error {
			cancel()
			return tx.Commit(ctx, insert(2))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, db := setup(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tx, err := d.Begin(ctx, sqlstore.Write, insert(1))
			require.NoError(t, err)
			err = end(ctx, cancel, tx)
			require.Error(t, err)
			assert.NotErrorIs(t, err, travel.ErrUnknownOutcome)
			require.NoError(t, write(t, d, insert(3)).Commit(t.Context()), "the next one can write")
			assert.Equal(t, []int{3}, numbers(t, db))
		})
	}
}

func TestBeginFails(t *testing.T) {
	t.Parallel()
	d, db := setup(t)
	for _, mode := range []sqlstore.Mode{sqlstore.Write, sqlstore.Snapshot} {
		_, err := d.Begin(t.Context(), mode, insert(1), sqlstore.Statement{SQL: "SELECT nothing"})
		require.Error(t, err)
	}
	require.NoError(t, write(t, d, insert(2)).Commit(t.Context()))
	assert.Equal(t, []int{2}, numbers(t, db))
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	d, _ := setup(t)
	var rows int64
	count := sqlstore.Statement{SQL: "SELECT count(*) FROM numbers", Scan: func(r sqlstore.Row) error { return r.Scan(&rows) }}
	view, err := d.Begin(t.Context(), sqlstore.Snapshot, count)
	require.NoError(t, err)
	defer view.Rollback()
	require.NoError(t, write(t, d, insert(1)).Commit(t.Context()), "a reader keeps nobody from writing")
	require.NoError(t, view.Run(t.Context(), count))
	assert.Zero(t, rows, "what is read does not change")
}

func TestWritersWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, db := setup(t)
		first := write(t, d, insert(1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := d.Begin(ctx, sqlstore.Write)
		require.ErrorIs(t, err, context.DeadlineExceeded, "who waits honours its context")

		const writers = 5
		done := make(chan error, writers)
		for n := range writers {
			go func() {
				tx, err := d.Begin(t.Context(), sqlstore.Write, sqlstore.Statement{
					SQL: "INSERT INTO numbers (n, half) SELECT $1, count(*) FROM numbers", Args: []any{100 + n},
				})
				if err == nil {
					err = tx.Commit(t.Context())
				}
				done <- err
			}()
			synctest.Wait() // until it waits
		}
		require.NoError(t, first.Commit(t.Context()))
		for range writers {
			require.NoError(t, <-done)
		}
		var inOrder int
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM numbers WHERE n - 100 = half - 1").Scan(&inOrder))
		assert.Equal(t, writers, inOrder, "they write in the order in which they came")
	})
}

func TestTheOtherProcessWrites(t *testing.T) {
	t.Parallel()
	d, db := setup(t)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	_, err = d.Begin(t.Context(), sqlstore.Write)
	require.Error(t, err)
	assert.Equal(t, sqlstore.Conflict, d.Classify(err))
	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, write(t, d, insert(1)).Commit(t.Context()))
}

func TestClassify(t *testing.T) {
	t.Parallel()
	d, _ := setup(t)
	statement := func(sql string, args ...any) error {
		tx := write(t, d, sqlstore.Statement{SQL: "INSERT INTO numbers (n, half) VALUES (1, 1)"})
		defer tx.Rollback()
		return tx.Run(t.Context(), sqlstore.Statement{SQL: sql, Args: args})
	}
	for sql, want := range map[string]sqlstore.Failure{
		"INSERT INTO numbers (n) VALUES (1)":           sqlstore.Taken,
		"INSERT INTO numbers (n, half) VALUES (2, 1)":  sqlstore.Taken,
		"INSERT INTO numbers (n, half) VALUES (2, '')": sqlstore.Refused,
		"INSERT INTO numbers (n, half) VALUES (2, 99)": sqlstore.Other,
		"INSERT INTO numbers (n, half) VALUES (2,100)": sqlstore.Refused,
		"INSERT INTO nowhere (n) VALUES (1)":           sqlstore.Other,
	} {
		err := statement(sql)
		assert.Equal(t, want, d.Classify(err), "%s: %v", sql, err)
	}
	assert.Equal(t, sqlstore.Other, d.Classify(nil))
	assert.Equal(t, sqlstore.Conflict, d.Classify(fmt.Errorf("save: %w", coded(517))))
	assert.Equal(t, sqlstore.Conflict, d.Classify(coded(262)), "SQLITE_LOCKED_SHAREDCACHE")
	assert.Equal(t, sqlstore.Other, d.Classify(context.Canceled))
}

// coded is an error of a driver.
type coded int

func (c coded) Error() string { return fmt.Sprintf("code %d", int(c)) }

// Code is SQLite's.
func (c coded) Code() int { return int(c) }

func TestErrorCode(t *testing.T) {
	t.Parallel()
	db := database(t, "")
	d, err := open(t.Context(), db, Options{ErrorCode: func(err error) int {
		if err.Error() == "mine" {
			return 5
		}
		return 0
	}})
	require.NoError(t, err)
	defer d.close()
	assert.Equal(t, sqlstore.Conflict, d.Classify(errors.New("mine")))
}

func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	d, _ := setup(t)
	for err, want := range map[error]bool{
		coded(5): false, coded(13): false, coded(8): false, coded(19): false, sql.ErrConnDone: false,
		coded(10): true, coded(1034): true, errors.New("who knows"): true,
	} {
		assert.Equal(t, want, d.unknown(err), "%v", err)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"SELECT 1":                           "SELECT 1",
		"VALUES ($1, $2)":                    "VALUES (?, ?)",
		"WHERE a = $2 AND b = $1":            "WHERE a = ?2 AND b = ?1",
		"WHERE a = $1 AND b IN ($2, $1)":     "WHERE a = ?1 AND b IN (?2, ?1)",
		"$1,$2,$3,$4,$5,$6,$7,$8,$9,$10 x":   "?,?,?,?,?,?,?,?,?,? x",
		"json_extract(v, '$.a') = $1":        "json_extract(v, '$.a') = ?",
		"json_extract(v, '$') = $2":          "json_extract(v, '$') = ?2",
		"WHERE a = $1 AND b = $3 AND c = $2": "WHERE a = ?1 AND b = ?3 AND c = ?2",
	} {
		assert.Equal(t, want, number(sql))
	}
	d, _ := setup(t)
	var a, b string
	tx := write(t, d, sqlstore.Statement{
		SQL: "SELECT $2 || $1, $2", Args: []any{"one", "two"}, Scan: func(r sqlstore.Row) error { return r.Scan(&a, &b) },
	})
	tx.Rollback()
	assert.Equal(t, []string{"twoone", "two"}, []string{a, b})
}

func TestHostClosesThePool(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "travel.db"))
	require.NoError(t, err)
	d, err := open(t.Context(), db, Options{})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	for _, mode := range []sqlstore.Mode{sqlstore.Write, sqlstore.Snapshot} {
		_, err := d.Begin(t.Context(), mode)
		assert.ErrorContains(t, err, "database is closed")
	}
	assert.NoError(t, d.close())
}

// A statement that is interrupted would roll back the transaction around it.
func TestNobodyInterruptsAStatement(t *testing.T) {
	t.Parallel()
	d, _ := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	conn := &recorder{}
	for name, q := range map[string]sqlstore.Querier{"host": uninterrupted{numbered{conn}}, "numbered": numbered{conn}} {
		conn.interruptible = 0
		_, _ = q.ExecContext(ctx, "")
		_, _ = q.QueryContext(ctx, "")
		assert.Equal(t, name != "host", conn.interruptible == 2, name)
	}
	w := write(t, d).(*transaction).q
	cancel()
	_, err := w.ExecContext(ctx, "INSERT INTO numbers (n) VALUES ($1)", 1)
	require.NoError(t, err, "who runs statements looks at the context between them")
	rows, err := w.QueryContext(ctx, "SELECT n FROM numbers WHERE n = $1", 1)
	require.NoError(t, err)
	assert.True(t, rows.Next())
	require.NoError(t, rows.Close())
}

// recorder counts the statements that can be interrupted.
type recorder struct{ interruptible int }

func (r *recorder) record(ctx context.Context) error {
	if ctx.Done() != nil {
		r.interruptible++
	}
	return errors.New("recorded")
}

func (r *recorder) ExecContext(ctx context.Context, _ string, _ ...any) (sql.Result, error) {
	return nil, r.record(ctx)
}

func (r *recorder) QueryContext(ctx context.Context, _ string, _ ...any) (*sql.Rows, error) {
	return nil, r.record(ctx)
}

func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	d, db := setup(t)
	require.NoError(t, write(t, d, insert(1)).Commit(t.Context()))
	w := <-d.writer
	sqlstore.Discard(w.conn)
	d.writer <- w
	require.NoError(t, write(t, d, insert(2)).Commit(t.Context()), "a new one is found")

	tx := write(t, d, insert(3))
	tx.(*transaction).q.(*writer).discard()
	require.Error(t, tx.Run(t.Context(), insert(4)))
	err := tx.Commit(t.Context())
	require.Error(t, err)
	assert.NotErrorIs(t, err, travel.ErrUnknownOutcome, "with the connection the transaction is gone")
	require.NoError(t, write(t, d, insert(5)).Commit(t.Context()))
	assert.Equal(t, []int{1, 2, 5}, numbers(t, db))
}

func TestManyStatements(t *testing.T) {
	t.Parallel()
	d, _ := setup(t)
	tx := write(t, d)
	for n := range 2 * maxPrepared {
		require.NoError(t, tx.Run(t.Context(), sqlstore.Statement{SQL: fmt.Sprintf("SELECT %d", n)}))
	}
	w := tx.(*transaction).q.(*writer)
	assert.LessOrEqual(t, len(w.prepared), maxPrepared)
	require.NoError(t, tx.Commit(t.Context()))
}

func pragmas(t *testing.T, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (busy, synchronous int, journal string) {
	t.Helper()
	for name, value := range map[string]any{"busy_timeout": &busy, "synchronous": &synchronous, "journal_mode": &journal} {
		require.NoError(t, q.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(value))
	}
	return busy, synchronous, journal
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	db := database(t, "?_pragma=busy_timeout(7)&_pragma=synchronous(OFF)")
	d, err := open(t.Context(), db, Options{})
	require.NoError(t, err)
	w := <-d.writer
	busy, synchronous, journal := pragmas(t, w.conn)
	assert.Equal(t, busyTimeout, busy)
	assert.Equal(t, syncFull, synchronous)
	assert.Equal(t, "wal", journal)
	d.writer <- w

	db.SetMaxIdleConns(1)
	require.NoError(t, d.close())
	require.Equal(t, 1, db.Stats().Idle, "the connection is given back")
	busy, synchronous, _ = pragmas(t, db)
	assert.Equal(t, 7, busy, "as it was")
	assert.Zero(t, synchronous)
}

func TestKeepPragmas(t *testing.T) {
	t.Parallel()
	db := database(t, "?_pragma=synchronous(EXTRA)&_pragma=journal_mode(TRUNCATE)")
	d, err := open(t.Context(), db, Options{KeepPragmas: true})
	require.NoError(t, err)
	_, synchronous, journal := pragmas(t, (<-d.writer).conn)
	assert.Equal(t, 3, synchronous)
	assert.Equal(t, "truncate", journal)
}

func TestDatabasesThatWillNotDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ uri, message string }{
		"memory":          {":memory:", "in memory"},
		"memory by URI":   {"file::memory:?cache=shared", "in memory"},
		"named memory":    {"file:travel?mode=memory&cache=shared", "in memory"},
		"temporary file":  {"", "in memory"},
		"read-only":       {"file:" + readOnly(t) + "?mode=ro", "journal_mode"},
		"memory of a VFS": {"file:/travel?vfs=memdb", "in memory"},
		"no such folder":  {"file:" + filepath.Join(t.TempDir(), "none", "travel.db"), "unable to open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := sql.Open("sqlite", c.uri)
			require.NoError(t, err)
			defer db.Close()
			_, err = New(db, Options{})
			require.ErrorContains(t, err, c.message)
			assert.Zero(t, db.Stats().InUse)
		})
	}
	one := database(t, "")
	one.SetMaxOpenConns(1)
	_, err := New(one, Options{})
	assert.ErrorContains(t, err, "SetMaxOpenConns")
	_, err = New(database(t, ""), Options{Prefix: "Robert'); --"})
	assert.ErrorContains(t, err, "prefix")
}

// readOnly returns the path of a database that is not in WAL.
func readOnly(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "travel.db")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "CREATE TABLE t (x)")
	require.NoError(t, err)
	return file
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := database(t, "")
		require.NoError(t, Migrate(t.Context(), db, Options{}))
		store, err := New(db, Options{})
		require.NoError(t, err)
		proceed, done, closed := make(chan struct{}), make(chan error, 1), make(chan error, 1)
		company := travel.Company{ID: travel.CompanyID{1}}
		go func() {
			done <- store.Update(t.Context(), func(tx travel.Tx) error {
				<-proceed
				return tx.SaveCompany(t.Context(), company)
			})
		}()
		synctest.Wait()
		go func() { closed <- store.Close() }()
		synctest.Wait()
		assert.Empty(t, closed, "Close waits for who writes")
		close(proceed)
		require.NoError(t, <-done)
		require.NoError(t, <-closed)
		require.NoError(t, store.Close(), "twice is fine")
		for what, err := range map[string]error{
			"Update": store.Update(t.Context(), func(travel.Tx) error { return nil }),
			"View":   store.View(t.Context(), func(travel.Tx) error { return nil }),
			"Decide": store.Decide(t.Context(), travel.Query{}, nil),
		} {
			assert.ErrorIs(t, err, ErrClosed, what)
		}
		assert.Zero(t, db.Stats().InUse)
		again, err := New(db, Options{})
		require.NoError(t, err)
		defer again.Close()
		require.NoError(t, again.View(t.Context(), func(tx travel.Tx) error {
			_, err := tx.Company(t.Context(), company.ID)
			return err
		}))
	})
}

// The driver of the tests has the code that is looked for.
func TestDriversError(t *testing.T) {
	t.Parallel()
	_, err := database(t, "").ExecContext(t.Context(), "nonsense")
	var e *modernc.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 1, codeOf(err))
}
