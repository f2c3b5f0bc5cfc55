package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

// number turns $1, $2, … into what every driver binds by position: ?1, ?2, …,
// or plain ? where they come in order, which drivers look up faster.
func number(query string) string {
	var numbered, plain strings.Builder
	inOrder := 1
	for rest := query; ; {
		i := strings.IndexByte(rest, '$')
		if i < 0 {
			numbered.WriteString(rest)
			plain.WriteString(rest)
			break
		}
		digits := rest[i+1:]
		digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
		mark := "?"
		if digits == "" {
			mark = "$"
		} else if digits == strconv.Itoa(inOrder) {
			inOrder++
		} else {
			inOrder = -1 // no number is
		}
		numbered.WriteString(rest[:i] + mark + digits)
		plain.WriteString(rest[:i] + mark)
		rest = rest[i+1+len(digits):]
	}
	if inOrder > 0 {
		return plain.String()
	}
	return numbered.String()
}

// numbered is a querier that takes $1, $2, ….
type numbered struct{ sqlstore.Querier }

// ExecContext implements sqlstore.Querier.
func (q numbered) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return q.Querier.ExecContext(ctx, number(query), args...)
}

// QueryContext implements sqlstore.Querier.
func (q numbered) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return q.Querier.QueryContext(ctx, number(query), args...)
}

// uninterrupted is a querier that finishes what it has begun.
type uninterrupted struct{ sqlstore.Querier }

// ExecContext implements sqlstore.Querier.
func (q uninterrupted) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return q.Querier.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// QueryContext implements sqlstore.Querier.
func (q uninterrupted) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return q.Querier.QueryContext(context.WithoutCancel(ctx), query, args...)
}
