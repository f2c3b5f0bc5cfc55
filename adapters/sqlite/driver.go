package sqlite

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
	"github.com/tjansteresor/tjansteresor/travel"
)

// driver is sqlstore's, over a pool of the host's.
type driver struct {
	db *sql.DB
	o  Options
	// writer holds the one that writes while nobody does. Whoever waits for a
	// channel gets it in the order of arrival.
	writer chan *writer
	once   sync.Once
	closed chan struct{}
}

// open returns a driver that can write.
func open(ctx context.Context, db *sql.DB, o Options) (*driver, error) {
	if db.Stats().MaxOpenConnections == 1 {
		return nil, errors.New("sqlite: the pool allows one connection, and the store needs one to write and others to read: raise SetMaxOpenConns")
	}
	if o.ErrorCode == nil {
		o.ErrorCode = codeOf
	}
	d := &driver{db: db, o: o, writer: make(chan *writer, 1), closed: make(chan struct{})}
	w := &writer{d: d}
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	d.writer <- w
	return d, nil
}

// close waits for the one who writes and gives the connection back.
func (d *driver) close() (err error) {
	d.once.Do(func() {
		close(d.closed)
		err = (<-d.writer).close()
	})
	return err
}

// Dialect implements sqlstore.Driver.
func (d *driver) Dialect() sqlstore.Dialect { return sqlstore.SQLite }

// Begin implements sqlstore.Driver.
func (d *driver) Begin(ctx context.Context, mode sqlstore.Mode, first ...sqlstore.Statement) (sqlstore.Transaction, error) {
	select {
	case <-d.closed:
		return nil, ErrClosed
	default:
	}
	begin := d.beginWrite
	if mode == sqlstore.Snapshot {
		begin = d.beginSnapshot
	}
	t, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.Run(ctx, first...); err != nil {
		t.Rollback()
		return nil, err
	}
	return t, nil
}

func (d *driver) beginWrite(ctx context.Context) (*transaction, error) {
	var w *writer
	select {
	case w = <-d.writer:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-d.closed:
		return nil, ErrClosed
	}
	err := d.poolClosed()
	if err == nil {
		err = w.begin(ctx)
	}
	if err != nil {
		d.writer <- w
		return nil, err
	}
	return &transaction{d: d, q: w, conn: w.discard, over: func() { d.writer <- w }}, nil
}

// poolClosed is the error of a pool that the host has closed, which would not
// keep the writer from using the connection that it has. Nothing is waited for:
// a pool that is open says that the context has ended.
func (d *driver) poolClosed() error {
	ended, end := context.WithCancel(context.Background())
	end()
	conn, err := d.db.Conn(ended)
	if err == nil {
		return conn.Close()
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// beginSnapshot reads on a connection of its own; the first statement that reads
// fixes what is read.
func (d *driver) beginSnapshot(ctx context.Context) (*transaction, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		sqlstore.Discard(conn)
		return nil, err
	}
	return &transaction{
		d: d, q: numbered{conn}, conn: func() { sqlstore.Discard(conn) }, over: func() { _ = conn.Close() },
	}, nil
}

// Classify implements sqlstore.Driver.
func (d *driver) Classify(err error) sqlstore.Failure {
	if err == nil {
		return sqlstore.Other
	}
	switch code := d.o.ErrorCode(err); {
	case primary(code) == codeBusy || primary(code) == codeLocked:
		return sqlstore.Conflict
	case code == codeUnique || code == codePrimaryKey || code == codeRowID:
		return sqlstore.Taken
	case primary(code) == codeConstraint || primary(code) == codeTooBig || primary(code) == codeMismatch:
		return sqlstore.Refused
	}
	return sqlstore.Other
}

// transaction is one of ours.
type transaction struct {
	d *driver
	q sqlstore.Querier
	// conn closes the connection instead of keeping it, over lets it go.
	conn, over func()
	ended      bool
}

// Run implements sqlstore.Transaction.
func (t *transaction) Run(ctx context.Context, statements ...sqlstore.Statement) error {
	return sqlstore.RunSQL(ctx, t.q, statements...)
}

// Commit implements sqlstore.Transaction. It is short, so it is not given up
// when the context ends meanwhile: then the outcome is always known, but for a
// disk that fails.
func (t *transaction) Commit(ctx context.Context, last ...sqlstore.Statement) error {
	defer t.Rollback()
	if err := t.Run(ctx, last...); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := t.q.ExecContext(ctx, "COMMIT"); err != nil {
		if t.d.unknown(err) {
			return fmt.Errorf("%w: %w", travel.ErrUnknownOutcome, err)
		}
		return err
	}
	t.ended = true
	t.over()
	return nil
}

// unknown tells whether what a failed COMMIT has written may be found again: not
// after a code that says otherwise, nor when the connection was gone before.
func (d *driver) unknown(err error) bool {
	if errors.Is(err, sql.ErrConnDone) || errors.Is(err, sqldriver.ErrBadConn) {
		return false
	}
	code := primary(d.o.ErrorCode(err))
	return code == 0 || code == codeIO
}

// Rollback implements sqlstore.Transaction.
func (t *transaction) Rollback() {
	if t.ended {
		return
	}
	t.ended = true
	if _, err := t.q.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		t.conn()
	}
	t.over()
}

// host is a transaction of the host's. Interrupting a statement would roll back
// all of it, and what the host does next would be outside any transaction: so a
// context that ends is looked at between the statements.
func host(tx *sql.Tx) sqlstore.HostTx {
	return func(ctx context.Context, statements ...sqlstore.Statement) error {
		return sqlstore.RunSQL(ctx, uninterrupted{numbered{tx}}, statements...)
	}
}
