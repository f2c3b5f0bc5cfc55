package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

// writer is the connection that writes, with statements that are prepared once.
// One transaction at a time has it.
type writer struct {
	d *driver
	// conn is nil after a failure, until the next transaction begins.
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	// found is how the connection was set before.
	found settings
}

// settings are the pragmas of a connection that the store changes.
type settings struct{ busyTimeout, synchronous int }

const (
	// busyTimeout is how many milliseconds SQLite itself waits for another
	// process that writes; beyond that the transaction is run again, until the
	// caller's context ends.
	busyTimeout = 100
	// syncFull is PRAGMA synchronous=FULL.
	syncFull = 2
	// maxPrepared bounds the statements that are kept.
	maxPrepared = 256
)

var (
	errMemory = errors.New("sqlite: the database is in memory, where each connection has one of its own: " +
		"use a file, or adapters/memory")
	errPragmas = errors.New("Options.KeepPragmas goes without")
)

// open gets a connection and sets it up.
func (w *writer) open(ctx context.Context) error {
	conn, err := w.d.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("sqlite: no connection to write on: %w", err)
	}
	w.conn, w.prepared = conn, map[string]*sql.Stmt{}
	if err := w.setUp(ctx); err != nil {
		w.discard()
		return err
	}
	return nil
}

func (w *writer) setUp(ctx context.Context) error {
	var file string
	row := w.conn.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'")
	if err := row.Scan(&file); err != nil {
		return err
	}
	if file == "" {
		return errMemory
	}
	var err error
	if w.found.busyTimeout, err = w.pragma(ctx, "busy_timeout"); err != nil {
		return err
	}
	if w.found.synchronous, err = w.pragma(ctx, "synchronous"); err != nil {
		return err
	}
	if err := w.set(ctx, "busy_timeout", busyTimeout); err != nil || w.d.o.KeepPragmas {
		return err
	}
	return w.setDurable(ctx)
}

// setDurable has what is committed survive the loss of power, and readers not
// wait for the writer.
func (w *writer) setDurable(ctx context.Context) error {
	var mode string
	if err := w.conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return fmt.Errorf("sqlite: journal_mode can't be set to WAL: %w (%w)", err, errPragmas)
	}
	if mode != "wal" {
		return fmt.Errorf("sqlite: journal_mode is %s and can't be set to WAL (%w)", mode, errPragmas)
	}
	if w.found.synchronous >= syncFull {
		return nil
	}
	if err := w.set(ctx, "synchronous", syncFull); err != nil {
		return err
	}
	switch now, err := w.pragma(ctx, "synchronous"); {
	case err != nil:
		return err
	case now < syncFull:
		return fmt.Errorf("sqlite: synchronous is %d and can't be set to FULL (%w)", now, errPragmas)
	}
	return nil
}

func (w *writer) pragma(ctx context.Context, name string) (value int, err error) {
	err = w.conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	return value, err
}

func (w *writer) set(ctx context.Context, name string, value int) error {
	_, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA %s = %d", name, value))
	return err
}

// begin begins a transaction, on a new connection where the old one is gone.
func (w *writer) begin(ctx context.Context) error {
	if w.conn != nil {
		_, err := w.ExecContext(ctx, "BEGIN IMMEDIATE")
		if err == nil || w.d.o.ErrorCode(err) != 0 || ctx.Err() != nil {
			return err
		}
		w.discard()
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	_, err := w.ExecContext(ctx, "BEGIN IMMEDIATE")
	return err
}

// close gives the connection back as it was.
func (w *writer) close() error {
	if w.conn == nil {
		return nil
	}
	ctx := context.Background()
	var errs []error
	for _, s := range w.prepared {
		errs = append(errs, s.Close())
	}
	errs = append(errs, w.set(ctx, "busy_timeout", w.found.busyTimeout), w.set(ctx, "synchronous", w.found.synchronous))
	if err := errors.Join(errs...); err != nil {
		w.discard()
		return err
	}
	return w.conn.Close()
}

// discard closes the connection instead of giving it back.
func (w *writer) discard() {
	if w.conn == nil {
		return
	}
	// A statement can't be closed after its connection.
	if w.conn.Raw(func(any) error { return nil }) == nil {
		for _, s := range w.prepared {
			_ = s.Close() // the connection goes too
		}
	}
	sqlstore.Discard(w.conn)
	w.conn, w.prepared = nil, nil
}

// ExecContext implements sqlstore.Querier. What was begun is finished: SQLite
// would roll back all of the transaction.
func (w *writer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// QueryContext implements sqlstore.Querier.
func (w *writer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (w *writer) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := w.prepared[query]; s != nil {
		return s, nil
	}
	if w.conn == nil {
		return nil, sql.ErrConnDone
	}
	s, err := w.conn.PrepareContext(ctx, number(query))
	if err != nil {
		return nil, err
	}
	if len(w.prepared) >= maxPrepared {
		for old, s := range w.prepared {
			delete(w.prepared, old)
			if err := s.Close(); err != nil {
				return nil, err
			}
			break
		}
	}
	w.prepared[query] = s
	return s, nil
}
