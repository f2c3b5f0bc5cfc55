package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
	"github.com/tjansteresor/tjansteresor/travel"
)

// poolDriver is sqlstore's driver over a pool of pgx.
type poolDriver struct{ pool *pgxpool.Pool }

// Dialect implements sqlstore.Driver.
func (poolDriver) Dialect() sqlstore.Dialect { return sqlstore.Postgres }

// Classify implements sqlstore.Driver.
func (poolDriver) Classify(err error) sqlstore.Failure { return classify(err) }

// begin says each isolation level: the default may be another.
func begin(mode sqlstore.Mode) sqlstore.Statement {
	if mode == sqlstore.Snapshot {
		return sqlstore.Statement{SQL: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
	}
	return sqlstore.Statement{SQL: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"}
}

// Begin implements sqlstore.Driver, in one round trip.
func (d poolDriver) Begin(ctx context.Context, mode sqlstore.Mode, first ...sqlstore.Statement) (sqlstore.Transaction, error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	t := &transaction{conn: conn}
	if _, err := send(ctx, conn, append([]sqlstore.Statement{begin(mode)}, first...)); err != nil {
		t.Rollback()
		return nil, err
	}
	return t, nil
}

// transaction is one of ours, on a connection of the pool.
type transaction struct {
	conn  *pgxpool.Conn
	ended bool
}

// Run implements sqlstore.Transaction, in one round trip.
func (t *transaction) Run(ctx context.Context, statements ...sqlstore.Statement) error {
	_, err := send(ctx, t.conn, statements)
	return err
}

// Commit implements sqlstore.Transaction, in one round trip if nothing of it is
// read: what is read may be found wrong.
func (t *transaction) Commit(ctx context.Context, last ...sqlstore.Statement) error {
	defer t.Rollback()
	if slices.ContainsFunc(last, func(s sqlstore.Statement) bool { return s.Scan != nil }) {
		if err := t.Run(ctx, last...); err != nil {
			return err
		}
		last = nil
	}
	tag, err := send(ctx, t.conn, append(slices.Clip(last), sqlstore.Statement{SQL: "COMMIT"}))
	switch {
	case err != nil && t.unknown(err):
		return fmt.Errorf("%w: %w", travel.ErrUnknownOutcome, err)
	case err == nil && tag.String() != "COMMIT":
		return errRolledBack
	}
	return err
}

// errRolledBack is for a COMMIT of what had failed before.
var errRolledBack = errors.New("the transaction was rolled back: a statement had failed")

// unknown tells whether the transaction may have been committed although there
// was an error.
func (t *transaction) unknown(err error) bool {
	var unsent pgx.ErrPreprocessingBatch
	if errors.As(err, &unsent) || pgconn.SafeToRetry(err) {
		return false
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return inDoubt(answer)
	}
	// As long as the connection is fine, nothing is on its way that was not
	// answered.
	return t.conn.Conn().IsClosed()
}

// rollbackTime is how long a rollback may take, whose caller's context may have
// ended.
const rollbackTime = 5 * time.Second

// Rollback implements sqlstore.Transaction. Release closes a connection that
// broke or still is in a transaction.
func (t *transaction) Rollback() {
	if t.ended {
		return
	}
	t.ended = true
	defer t.conn.Release()
	if pg := t.conn.Conn().PgConn(); pg.IsClosed() || pg.IsBusy() || pg.TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
	defer cancel()
	// After an error the connection is still in the transaction, or broken.
	_, _ = t.conn.Exec(ctx, "ROLLBACK")
}

// sender is what a connection and a transaction of pgx have in common.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// send runs statements in one round trip, and returns what the server says of
// the last one.
func send(ctx context.Context, to sender, statements []sqlstore.Statement) (tag pgconn.CommandTag, err error) {
	var b pgx.Batch
	for _, s := range statements {
		b.Queue(s.SQL, native(s.Args)...)
	}
	results := to.SendBatch(ctx, &b)
	defer func() {
		if e := results.Close(); err == nil {
			err = e
		}
	}()
	for i := range statements {
		s := &statements[i]
		if tag, err = receive(results, s); err != nil {
			return tag, err
		}
		if s.Affected != nil {
			*s.Affected = tag.RowsAffected()
		}
	}
	return tag, nil
}

func receive(results pgx.BatchResults, s *sqlstore.Statement) (pgconn.CommandTag, error) {
	if s.Scan == nil {
		return results.Exec()
	}
	rows, err := results.Query()
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer rows.Close()
	r := &row{rows: rows, repeats: s.Repeats}
	for rows.Next() {
		if err := s.Scan(r); err != nil {
			return pgconn.CommandTag{}, err
		}
	}
	return rows.CommandTag(), rows.Err()
}

// host is a transaction of the host's.
func host(tx pgx.Tx) sqlstore.HostTx {
	return func(ctx context.Context, statements ...sqlstore.Statement) error {
		_, err := send(ctx, tx, statements)
		return err
	}
}
