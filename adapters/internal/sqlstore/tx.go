package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// reads and writes stand first in every method.
func (x *tx) reads(ctx context.Context) error {
	if x.ended {
		return errEnded
	}
	return ctx.Err()
}

func (x *tx) writes(ctx context.Context) error {
	if x.mode == Snapshot {
		return travel.ErrReadOnly
	}
	return x.reads(ctx)
}

// id and at are arguments of statements.
func (x *tx) id(id [16]byte) any { return argID(x.s.dialect, id) }

func (x *tx) at(t time.Time) any { return argTime(x.s.dialect, t) }

// run runs statements, and remembers the first that fails.
func (x *tx) run(ctx context.Context, statements ...Statement) error {
	for i := range statements {
		statements[i].SQL = x.s.names.statement(statements[i].SQL)
	}
	err := x.t.Run(ctx, statements...)
	if err != nil && x.failed == nil {
		x.failed = err
	}
	return err
}

// exec runs a statement and returns how many rows it changed.
func (x *tx) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	var rows int64
	err := x.run(ctx, Statement{SQL: sql, Args: args, Affected: &rows})
	return rows, err
}

// args returns what is stored of columns.
func (d Dialect) args(columns []column) []any {
	args := make([]any, len(columns))
	for i, c := range columns {
		args[i] = c.arg(d)
	}
	return args
}

func dests(columns []column) []any {
	dests := make([]any, len(columns))
	for i, c := range columns {
		dests[i] = c.dest
	}
	return dests
}

func joinNames(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

func placeholders(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	return b.String()
}

// insertSQL inserts a record, or does nothing when a key has it already.
func insertSQL(table string, columns []column) string {
	return "INSERT INTO {" + table + "} (" + joinNames(columns) + ") VALUES (" + placeholders(len(columns)) + ") ON CONFLICT DO NOTHING"
}

// saveSQL inserts a record, or replaces the one with its key: the first
// columns.
func saveSQL(table string, keys int, columns []column) string {
	return "INSERT INTO {" + table + "} (" + joinNames(columns) + ") VALUES (" + placeholders(len(columns)) +
		") ON CONFLICT (" + joinNames(columns[:keys]) + ") DO UPDATE SET " + assignments(columns[keys:], "excluded.")
}

// insert adds a record; false when a key has it already.
func (x *tx) insert(ctx context.Context, table string, columns []column) (bool, error) {
	n, err := x.exec(ctx, insertSQL(table, columns), x.s.dialect.args(columns)...)
	return n > 0, err
}

// save inserts or replaces a record; the first columns are its key.
func (x *tx) save(ctx context.Context, table string, keys int, columns []column) error {
	_, err := x.exec(ctx, saveSQL(table, keys, columns), x.s.dialect.args(columns)...)
	return err
}

// lock is what a statement ends with that locks what it reads, when the
// transaction writes. SQLite has one writer, which holds everything.
func (x *tx) lock() string {
	if x.mode == Write && x.s.dialect == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// get reads one record, and locks it when the transaction writes; clause is
// what follows the table. A record that does not exist is found false.
func get[T any](ctx context.Context, x *tx, table string, columns func(*T) []column, clause string, args ...any) (record T, found bool, err error) {
	list, err := list(ctx, x, table, columns, clause+x.lock(), args...)
	if len(list) == 0 || err != nil {
		return record, false, err
	}
	return list[0], true, nil
}

// list reads records without locking them; clause is what follows the table.
func list[T any](ctx context.Context, x *tx, table string, columns func(*T) []column, clause string, args ...any) ([]T, error) {
	var list []T
	var none T
	err := x.run(ctx, Statement{
		SQL: "SELECT " + joinNames(columns(&none)) + " FROM {" + table + "} " + clause, Args: args,
		Scan: func(r Row) error {
			var record T
			if err := r.Scan(dests(columns(&record))...); err != nil {
				return err
			}
			list = append(list, record)
			return nil
		},
	})
	return list, err
}

// clause collects the conditions of a query and their arguments.
type clause struct {
	x     *tx
	where []string
	args  []any
}

// and adds a condition with one argument, whose place is $.
func (c *clause) and(condition string, arg any) {
	c.args = append(c.args, arg)
	c.where = append(c.where, strings.Replace(condition, "$", "$"+strconv.Itoa(len(c.args)), 1))
}

// is adds a condition without an argument.
func (c *clause) is(condition string) { c.where = append(c.where, condition) }

// end returns the clause with an order and a limit; a limit of 0 bounds
// nothing.
func (c *clause) end(order string, limit int) string {
	var b strings.Builder
	if len(c.where) > 0 {
		b.WriteString("WHERE " + strings.Join(c.where, " AND "))
	}
	b.WriteString(" ORDER BY " + order)
	if limit > 0 {
		b.WriteString(" LIMIT " + strconv.Itoa(limit))
	}
	return b.String()
}

func notFound(what string, id fmt.Stringer) error {
	return fmt.Errorf("%s %s: %w", what, id, travel.ErrNotFound)
}
