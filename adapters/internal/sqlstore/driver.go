package sqlstore

import "context"

// Dialect is the SQL that a database understands.
type Dialect uint8

// The dialects.
const (
	SQLite Dialect = iota + 1
	Postgres
)

// Driver opens transactions. It is safe for concurrent use.
type Driver interface {
	Dialect() Dialect
	// Begin opens a transaction and runs statements in it; when one of them
	// fails the transaction is over. A driver that can sends all of it in one
	// round trip.
	Begin(ctx context.Context, mode Mode, first ...Statement) (Transaction, error)
	// Classify tells what an error of the database means; nil is Other.
	Classify(err error) Failure
}

// Mode says what a transaction may do.
type Mode uint8

const (
	// Write may change records; in SQLite it is the only one at a time from
	// the start.
	Write Mode = iota + 1
	// Snapshot reads one unchanging state.
	Snapshot
)

// Transaction is an open transaction, of one goroutine.
type Transaction interface {
	// Run runs statements in their order until one fails.
	Run(ctx context.Context, statements ...Statement) error
	// Commit runs statements and commits, in one round trip if the driver can.
	// When an error leaves it unknown whether the commit has happened it wraps
	// travel.ErrUnknownOutcome. Either way the transaction is over.
	Commit(ctx context.Context, last ...Statement) error
	// Rollback gives the transaction up; after Commit it does nothing. It works
	// although the context of the transaction has ended.
	Rollback()
}

// Statement is one SQL statement, with $1, $2, … for its arguments.
type Statement struct {
	SQL string
	// An id is bytes in SQLite, and in PostgreSQL a [16]byte or points to one.
	Args []any
	// Scan is called for each row; nil runs the statement without reading rows.
	Scan func(Row) error
	// Repeats tells that Scan reads each row into the same destinations, which
	// keep what the row before has put there: a driver need not read a value
	// again that is the same.
	Repeats bool
	// Affected, if set, is given the number of rows that were changed.
	Affected *int64
}

// Row is a row of a result.
type Row interface{ Scan(dest ...any) error }

// Failure is what an error of a database means.
type Failure uint8

const (
	// Other: nothing that this package knows how to go on from.
	Other Failure = iota
	// Conflict: the transaction met another one and may be run again.
	Conflict
	// Broken: the connection was lost before the transaction ended, so that
	// nothing has happened.
	Broken
	// Taken: a unique key has the value already.
	Taken
	// Refused: the database does not take what a statement says; another
	// statement it would.
	Refused
)
