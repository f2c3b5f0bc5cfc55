package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
	"github.com/tjansteresor/tjansteresor/travel"
)

// dbDriver is sqlstore's driver over database/sql.
type dbDriver struct{ db *sql.DB }

// Dialect implements sqlstore.Driver.
func (dbDriver) Dialect() sqlstore.Dialect { return sqlstore.Postgres }

// Classify implements sqlstore.Driver.
func (dbDriver) Classify(err error) sqlstore.Failure { return classify(err) }

// Begin implements sqlstore.Driver.
func (d dbDriver) Begin(ctx context.Context, mode sqlstore.Mode, first ...sqlstore.Statement) (sqlstore.Transaction, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	t := &dbTransaction{conn: conn}
	if err := t.Run(ctx, append([]sqlstore.Statement{begin(mode)}, first...)...); err != nil {
		t.Rollback()
		return nil, err
	}
	return t, nil
}

// dbTransaction is one of ours, on a connection of database/sql. It is begun
// and ended by statements: a *sql.Tx would be rolled back by its context, at any
// moment.
type dbTransaction struct {
	conn *sql.Conn
	// failed is set by the first statement that fails: the server would answer
	// the COMMIT of that with a ROLLBACK, which database/sql does not tell.
	failed, ended bool
}

// Run implements sqlstore.Transaction.
func (t *dbTransaction) Run(ctx context.Context, statements ...sqlstore.Statement) error {
	err := sqlstore.RunSQL(ctx, t.conn, statements...)
	t.failed = t.failed || err != nil
	return err
}

// Commit implements sqlstore.Transaction.
func (t *dbTransaction) Commit(ctx context.Context, last ...sqlstore.Statement) error {
	defer t.Rollback()
	if err := t.Run(ctx, last...); err != nil {
		return err
	}
	if t.failed {
		return errRolledBack
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := t.conn.ExecContext(ctx, "COMMIT"); err != nil {
		if !unknownSQL(err) {
			return err
		}
		t.ended = true
		sqlstore.Discard(t.conn)
		return fmt.Errorf("%w: %w", travel.ErrUnknownOutcome, err)
	}
	t.ended = true
	return t.conn.Close()
}

// unknownSQL tells whether a transaction may have been committed although there
// was an error: not if the server says so. That nothing was sent can't be told
// here: when pgx has sent a COMMIT and can't read the answer, its error is the
// same (driver.ErrBadConn, for a connection that was closed).
func unknownSQL(err error) bool {
	var answer *pgconn.PgError
	return !errors.As(err, &answer) || inDoubt(answer)
}

// Rollback implements sqlstore.Transaction.
func (t *dbTransaction) Rollback() {
	if t.ended {
		return
	}
	t.ended = true
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
	defer cancel()
	if _, err := t.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		sqlstore.Discard(t.conn)
		return
	}
	_ = t.conn.Close() // the pool looks at it again
}

// hostSQL is a transaction of the host's.
func hostSQL(tx *sql.Tx) sqlstore.HostTx {
	return func(ctx context.Context, statements ...sqlstore.Statement) error {
		return sqlstore.RunSQL(ctx, tx, statements...)
	}
}
