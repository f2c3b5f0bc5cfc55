package postgres

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
	"github.com/tjansteresor/tjansteresor/travel"
)

// NewDatabase makes the databases of these tests; it is set in TestMain.
var NewDatabase func(t testing.TB) string

// link is the client's end of a connection that can be cut.
type link struct {
	net.Conn
	fault *atomic.Pointer[fault]
}

// fault is what becomes of what is sent and answered from now on.
type fault struct {
	// lost is how much of what is sent does not arrive: from nothing (0) to
	// all.
	lost float64
	// silent lets answers not arrive, instead of ending the connection.
	silent bool
	// sent is called when something was sent.
	sent func()
}

var errCut = errors.New("the connection was cut")

// Write sends what the fault lets through.
func (l *link) Write(b []byte) (int, error) {
	f := l.fault.Load()
	if f == nil {
		return l.Conn.Write(b)
	}
	n := len(b) - int(float64(len(b))*f.lost)
	if n > 0 {
		if _, err := l.Conn.Write(b[:n]); err != nil {
			return 0, err
		}
	}
	if f.sent != nil {
		f.sent()
	}
	if n < len(b) {
		l.Close()
		return n, errCut
	}
	return n, nil
}

// Read receives what the fault lets through.
func (l *link) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		f := l.fault.Load()
		if f == nil || err != nil {
			return n, err
		}
		if !f.silent {
			l.Close()
			return 0, errCut
		}
		// On until the deadline that the context sets.
	}
}

// bench is a database with a table of numbers, and a driver over connections
// that can be cut.
type bench struct {
	sqlstore.Driver
	fault *atomic.Pointer[fault]
	// pool is not cut.
	pool *pgxpool.Pool
	// sees tells whether the driver sees that nothing was sent.
	sees bool
	// open is how many connections the driver's pool has, idle how many of them
	// are free.
	open func() (open, idle int)
}

// drivers runs a test over pgx and over database/sql.
func drivers(t *testing.T, test func(t *testing.T, b bench)) {
	t.Helper()
	for name, database := range map[string]func(t *testing.T, config *pgxpool.Config) (sqlstore.Driver, func() (int, int)){
		"pool": func(t *testing.T, config *pgxpool.Config) (sqlstore.Driver, func() (int, int)) {
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			require.NoError(t, err)
			t.Cleanup(pool.Close)
			return poolDriver{pool}, func() (int, int) { return int(pool.Stat().TotalConns()), int(pool.Stat().IdleConns()) }
		},
		"database/sql": func(t *testing.T, config *pgxpool.Config) (sqlstore.Driver, func() (int, int)) {
			db := stdlib.OpenDB(*config.ConnConfig)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return dbDriver{db}, func() (int, int) { return db.Stats().OpenConnections, db.Stats().Idle }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, err := pgxpool.ParseConfig(NewDatabase(t))
			require.NoError(t, err)
			pool, err := pgxpool.NewWithConfig(t.Context(), config.Copy())
			require.NoError(t, err)
			t.Cleanup(pool.Close)
			_, err = pool.Exec(t.Context(), `CREATE TABLE numbers (n int PRIMARY KEY CHECK (n < 1000), half int UNIQUE DEFERRABLE INITIALLY DEFERRED)`)
			require.NoError(t, err)

			b := bench{fault: new(atomic.Pointer[fault]), pool: pool, sees: name == "pool"}
			dial := config.ConnConfig.DialFunc
			config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dial(ctx, network, address)
				return &link{conn, b.fault}, err
			}
			b.Driver, b.open = database(t, config)
			test(t, b)
		})
	}
}

func insert(n int) sqlstore.Statement {
	return sqlstore.Statement{SQL: "INSERT INTO numbers (n) VALUES ($1)", Args: []any{n}}
}

func (b bench) write(t *testing.T, first ...sqlstore.Statement) sqlstore.Transaction {
	t.Helper()
	tx, err := b.Begin(t.Context(), sqlstore.Write, first...)
	require.NoError(t, err)
	t.Cleanup(tx.Rollback)
	return tx
}

// numbers reads what is committed. What the server has of a transaction that
// was cut is waited for.
func (b bench) numbers(t *testing.T) (list []int) {
	t.Helper()
	require.NoError(t, pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "LOCK TABLE numbers"); err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), "SELECT n FROM numbers ORDER BY n")
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	}))
	return list
}

func TestCommit(t *testing.T) {
	t.Parallel()
	drivers(t, func(t *testing.T, b bench) {
		var rows, n int64
		tx := b.write(t, insert(1))
		require.NoError(t, tx.Run(t.Context(), insert(2), sqlstore.Statement{SQL: "UPDATE numbers SET half = 0 WHERE n = 1", Affected: &rows}))
		require.NoError(t, tx.Commit(t.Context(), insert(3), sqlstore.Statement{
			SQL: "SELECT n FROM numbers WHERE half = 0", Scan: func(r sqlstore.Row) error { return r.Scan(&n) },
		}))
		tx.Rollback()
		assert.Equal(t, []int64{1, 1}, []int64{rows, n})
		assert.Equal(t, []int{1, 2, 3}, b.numbers(t))
		open, idle := b.open()
		assert.Equal(t, []int{1, 1}, []int{open, idle}, "the connection is given back")
	})
}

func TestNothingIsCommitted(t *testing.T) {
	t.Parallel()
	wrong := sqlstore.Statement{SQL: "INSERT INTO nowhere VALUES (1)"}
	unread := sqlstore.Statement{SQL: "SELECT 1", Scan: func(sqlstore.Row) error { return errors.New("can't be read") }}
	type end func(ctx context.Context, cancel func(), b bench, tx sqlstore.Transaction) error
	for name, c := range map[string]struct {
		end    end
		want   sqlstore.Failure
		unsent bool
	}{
		"rolled back": {end: func(_ context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			tx.Rollback()
			return errors.New("rolled back")
		}},
		"a statement failed": {end: func(ctx context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			if tx.Run(ctx, wrong) == nil {
				return nil
			}
			return tx.Commit(ctx)
		}},
		"the last fails": {end: func(ctx context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			return tx.Commit(ctx, insert(2), wrong)
		}},
		"the last is refused": {want: sqlstore.Refused, end: func(ctx context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			return tx.Commit(ctx, insert(2), insert(1000))
		}},
		"the last is taken": {want: sqlstore.Taken, end: func(ctx context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			return tx.Commit(ctx, insert(2), insert(1))
		}},
		"an argument that can't be sent": {end: func(ctx context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			return tx.Commit(ctx, insert(2), sqlstore.Statement{SQL: insert(0).SQL, Args: []any{struct{}{}}})
		}},
		"what is read is wrong": {end: func(ctx context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			return tx.Commit(ctx, insert(2), unread)
		}},
		"COMMIT is answered with an error": {want: sqlstore.Taken, end: func(ctx context.Context, _ func(), _ bench, tx sqlstore.Transaction) error {
			return tx.Commit(ctx, sqlstore.Statement{SQL: "INSERT INTO numbers VALUES (4, 1), (5, 1)"})
		}},
		"the context ended": {end: func(ctx context.Context, cancel func(), _ bench, tx sqlstore.Transaction) error {
			cancel()
			return tx.Commit(ctx)
		}},
		"the context ended before the last": {end: func(ctx context.Context, cancel func(), _ bench, tx sqlstore.Transaction) error {
			cancel()
			return tx.Commit(ctx, insert(2))
		}},
		"the context ends in a statement": {end: func(ctx context.Context, cancel func(), b bench, tx sqlstore.Transaction) error {
			b.fault.Store(&fault{silent: true, sent: cancel})
			defer b.fault.Store(nil)
			return tx.Run(ctx, insert(2))
		}},
		"nothing of it is sent": {unsent: true, end: func(ctx context.Context, _ func(), b bench, tx sqlstore.Transaction) error {
			b.fault.Store(&fault{lost: 1})
			defer b.fault.Store(nil)
			return tx.Commit(ctx)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drivers(t, func(t *testing.T, b bench) {
				// The statements are known to the connection: then all goes in one.
				require.NoError(t, b.write(t, insert(9)).Commit(t.Context()))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				tx, err := b.Begin(ctx, sqlstore.Write, insert(1))
				require.NoError(t, err)
				defer tx.Rollback()
				err = c.end(ctx, cancel, b, tx)
				require.Error(t, err)
				if b.sees || !c.unsent {
					assert.NotErrorIs(t, err, travel.ErrUnknownOutcome)
				}
				want := c.want
				if c.unsent && b.sees {
					want = sqlstore.Broken
				}
				assert.Equal(t, want, b.Classify(err), "%v", err)
				tx.Rollback()
				assert.Equal(t, []int{9}, b.numbers(t))
				require.NoError(t, b.write(t, insert(3)).Commit(t.Context()), "the next one can write")
			})
		})
	}
}

func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault     fault
		committed bool
	}{
		"the answer is lost":                 {fault{}, true},
		"the context ends before the answer": {fault{silent: true}, true},
		"half of it is sent":                 {fault{lost: 0.5}, false},
		"most of it is sent":                 {fault{lost: 0.1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drivers(t, func(t *testing.T, b bench) {
				// database/sql sends what comes last before the COMMIT.
				var last []sqlstore.Statement
				want := []int{8, 9}
				if c.committed {
					want = []int{1, 8, 9}
				}
				if b.sees {
					last = append(last, insert(2))
					want = slices.Insert(want, len(want)-2, []int{2}[:len(want)-2]...)
				}
				require.NoError(t, b.write(t, insert(9)).Commit(t.Context(), insert(8)))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				tx, err := b.Begin(ctx, sqlstore.Write, insert(1))
				require.NoError(t, err)
				f := c.fault
				if f.silent {
					f.sent = cancel
				}
				b.fault.Store(&f)
				err = tx.Commit(ctx, last...)
				b.fault.Store(nil)
				require.ErrorIs(t, err, travel.ErrUnknownOutcome)
				if f.silent {
					assert.ErrorIs(t, err, context.Canceled)
				}
				tx.Rollback()
				require.Eventually(t, func() bool { open, _ := b.open(); return open == 0 }, waitTime, time.Millisecond,
					"a connection in doubt is closed")
				assert.Equal(t, want, b.numbers(t))
				require.NoError(t, b.write(t, insert(3)).Commit(t.Context()), "the next one can write")
			})
		})
	}
}

func TestServerEndsTheSession(t *testing.T) {
	t.Parallel()
	drivers(t, func(t *testing.T, b bench) {
		var pid int
		tx := b.write(t, insert(1), sqlstore.Statement{SQL: "SELECT pg_backend_pid()", Scan: func(r sqlstore.Row) error { return r.Scan(&pid) }})
		_, err := b.pool.Exec(t.Context(), "SELECT pg_terminate_backend($1, 10000)", pid)
		require.NoError(t, err)
		require.Error(t, tx.Commit(t.Context(), insert(2)))
		assert.Empty(t, b.numbers(t))
		require.NoError(t, b.write(t, insert(3)).Commit(t.Context()), "the next one can write")
	})
}

func TestBeginFails(t *testing.T) {
	t.Parallel()
	drivers(t, func(t *testing.T, b bench) {
		for _, mode := range []sqlstore.Mode{sqlstore.Write, sqlstore.Snapshot} {
			_, err := b.Begin(t.Context(), mode, insert(1), sqlstore.Statement{SQL: "SELECT nothing"})
			require.Error(t, err)
		}
		require.NoError(t, b.write(t, insert(2)).Commit(t.Context()))
		assert.Equal(t, []int{2}, b.numbers(t))
		open, idle := b.open()
		assert.Equal(t, []int{1, 1}, []int{open, idle}, "the connection is good")
	})
}

func TestIsolation(t *testing.T) {
	t.Parallel()
	drivers(t, func(t *testing.T, b bench) {
		_, err := b.pool.Exec(t.Context(), `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() ||
			' SET default_transaction_isolation = serializable'; EXECUTE 'ALTER DATABASE ' || current_database() ||
			' SET default_transaction_read_only = on'; END $$`)
		require.NoError(t, err)
		level := func(tx sqlstore.Transaction) (isolation, readOnly string) {
			require.NoError(t, tx.Run(t.Context(),
				sqlstore.Statement{SQL: "SHOW transaction_isolation", Scan: func(r sqlstore.Row) error { return r.Scan(&isolation) }},
				sqlstore.Statement{SQL: "SHOW transaction_read_only", Scan: func(r sqlstore.Row) error { return r.Scan(&readOnly) }},
			))
			return isolation, readOnly
		}
		tx := b.write(t)
		isolation, readOnly := level(tx)
		assert.Equal(t, []string{"read committed", "off"}, []string{isolation, readOnly})
		tx.Rollback()
		tx, err = b.Begin(t.Context(), sqlstore.Snapshot)
		require.NoError(t, err)
		defer tx.Rollback()
		isolation, readOnly = level(tx)
		assert.Equal(t, []string{"repeatable read", "on"}, []string{isolation, readOnly})
	})
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	drivers(t, func(t *testing.T, b bench) {
		require.NoError(t, b.write(t, insert(1), insert(2)).Commit(t.Context()))
		lock := func(n int) sqlstore.Statement {
			return sqlstore.Statement{SQL: "SELECT n FROM numbers WHERE n = $1 FOR UPDATE", Args: []any{n}, Scan: func(sqlstore.Row) error { return nil }}
		}
		one, two := b.write(t, lock(1)), b.write(t, lock(2))
		err := two.Run(t.Context(), sqlstore.Statement{SQL: "SELECT n FROM numbers WHERE n = 1 FOR UPDATE NOWAIT", Scan: func(sqlstore.Row) error { return nil }})
		assert.Equal(t, sqlstore.Conflict, b.Classify(err), "%v", err)
		two.Rollback()

		two = b.write(t, lock(2))
		var group sync.WaitGroup
		errs := make([]error, 2)
		group.Go(func() { errs[0] = one.Run(t.Context(), lock(2)); one.Rollback() })
		group.Go(func() { errs[1] = two.Run(t.Context(), lock(1)); two.Rollback() })
		group.Wait()
		assert.Equal(t, sqlstore.Conflict, b.Classify(errors.Join(errs...)), "a deadlock: %v", errs)
	})
}

func TestInDoubt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		severity, code string
		want           bool
	}{
		{"ERROR", "23505", false}, {"ERROR", "40001", false}, {"ERROR", "57014", false}, {"ERROR", "53100", false},
		{"FATAL", "25P03", false}, {"FATAL", "57P01", true}, {"FATAL", "57P02", true}, {"PANIC", "XX000", true},
		{"ERROR", "40003", true}, {"ERROR", "08007", true}, {"FATAL", "08P01", true}, {"WARNING", "57P02", true},
	} {
		assert.Equal(t, c.want, inDoubt(&pgconn.PgError{SeverityUnlocalized: c.severity, Code: c.code}), c)
		assert.Equal(t, c.want, inDoubt(&pgconn.PgError{Severity: c.severity, Code: c.code}), c)
	}
	assert.Equal(t, sqlstore.Other, classify(&pgconn.PgError{}))
}

// A pool that is closed, or has no server, is an error and nothing more.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig("postgres://127.0.0.1:1/none?connect_timeout=1")
	require.NoError(t, err)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	_, err = poolDriver{pool}.Begin(t.Context(), sqlstore.Write)
	require.Error(t, err)
	pool.Close()
	_, err = poolDriver{pool}.Begin(t.Context(), sqlstore.Write)
	require.Error(t, err)

	db := sql.OpenDB(stdlib.GetConnector(*config.ConnConfig))
	_, err = dbDriver{db}.Begin(t.Context(), sqlstore.Write)
	require.Error(t, err)
	require.NoError(t, db.Close())
	_, err = dbDriver{db}.Begin(t.Context(), sqlstore.Write)
	assert.ErrorContains(t, err, "closed")
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url     string
		options Options
		message string
	}{
		"simple protocol": {"postgres://127.0.0.1/x?default_query_exec_mode=simple_protocol", Options{}, "DefaultQueryExecMode"},
		"exec":            {"postgres://127.0.0.1/x?default_query_exec_mode=exec", Options{}, "DefaultQueryExecMode"},
		"prefix":          {"postgres://127.0.0.1/x", Options{Prefix: "A"}, "prefix"},
		"schema":          {"postgres://127.0.0.1/x", Options{Schema: `x"`}, "schema"},
		"lanes":           {"postgres://127.0.0.1/x", Options{Lanes: -1}, "lanes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, err := pgxpool.New(t.Context(), c.url)
			require.NoError(t, err)
			defer pool.Close()
			_, err = New(pool, c.options)
			assert.ErrorContains(t, err, c.message)
		})
	}
}

// waitTime is far more than anything here takes.
const waitTime = time.Minute

func TestGate(t *testing.T) {
	t.Parallel()
	drivers(t, func(t *testing.T, b bench) {
		g := &gate{Driver: b}
		_, err := g.Begin(t.Context(), sqlstore.Write, sqlstore.Statement{SQL: "nonsense"})
		require.Error(t, err)
		one, err := g.Begin(t.Context(), sqlstore.Write, insert(1))
		require.NoError(t, err)
		two, err := g.Begin(t.Context(), sqlstore.Snapshot)
		require.NoError(t, err)
		closed := make(chan struct{})
		go func() { g.close(); close(closed) }()
		require.Eventually(t, func() bool { return errors.Is(g.enterOnce(), ErrClosed) }, waitTime, time.Millisecond)
		require.NoError(t, one.Commit(t.Context()))
		one.Rollback()
		select {
		case <-closed:
			t.Error("a transaction is open")
		default:
		}
		two.Rollback()
		<-closed
	})
}

// enterOnce enters and leaves.
func (g *gate) enterOnce() error {
	err := g.enter()
	if err == nil {
		g.open.Done()
	}
	return err
}
