package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// Querier is what *sql.Conn, *sql.Tx and *sql.DB have in common.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// RunSQL runs statements over database/sql, one after the other.
func RunSQL(ctx context.Context, q Querier, statements ...Statement) error {
	for i := range statements {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := runOne(ctx, q, &statements[i])
		if err != nil {
			return err
		}
		if statements[i].Affected != nil {
			*statements[i].Affected = n
		}
	}
	return nil
}

// runOne returns how many rows were changed, or read.
func runOne(ctx context.Context, q Querier, s *Statement) (int64, error) {
	if s.Scan == nil {
		result, err := q.ExecContext(ctx, s.SQL, s.Args...)
		if err != nil || s.Affected == nil {
			return 0, err
		}
		return result.RowsAffected()
	}
	rows, err := q.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var n int64
	for ; rows.Next(); n++ {
		// A querier may read on although the context has ended.
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if err := s.Scan(rows); err != nil {
			return n, err
		}
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	return n, rows.Close()
}

// Discard closes a connection instead of giving it back to its pool.
func Discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close() // it says again that the connection is bad
}

// HostTx is a transaction of the host's, which is not ours to end: the function
// runs statements in it.
type HostTx func(ctx context.Context, statements ...Statement) error

// Run implements Transaction.
func (t HostTx) Run(ctx context.Context, statements ...Statement) error { return t(ctx, statements...) }

var errHost = errors.New("the transaction is the host's to commit")

// Commit is an error.
func (HostTx) Commit(context.Context, ...Statement) error { return errHost }

// Rollback does nothing.
func (HostTx) Rollback() {}
