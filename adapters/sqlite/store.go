package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

// Options configures a [Store] and its tables. The zero value is for a database
// of modernc.org/sqlite.
type Options struct {
	// Prefix begins the name of every table and index: lower-case letters,
	// digits and underscores. Defaults to tjr_.
	Prefix string
	// KeepPragmas leaves journal_mode and synchronous as the host has set
	// them, and checks neither: what is acknowledged may then be lost with the
	// power, and readers may keep the writer waiting. Defaults to WAL and FULL.
	KeepPragmas bool
	// ErrorCode returns SQLite's result code, extended where known, that an
	// error of the driver holds, or 0. Defaults to the method Code() int of the
	// error, as modernc.org/sqlite has it.
	ErrorCode func(err error) int
}

// ErrClosed is returned by a store that was closed.
var ErrClosed = sqlstore.ErrClosed

// Store is every storage port in an SQLite database. It is safe for concurrent
// use, unless it is bound to a transaction.
type Store struct {
	engine *sqlstore.Store
	driver *driver // nil when bound
}

// openTime is how long New waits for a connection and its settings.
const openTime = 10 * time.Second

// New returns a store in a database that was migrated. It keeps a connection of
// db until Close; db stays the host's to close, after that.
func New(db *sql.DB, o Options) (*Store, error) {
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	d, err := open(ctx, db, o)
	if err != nil {
		return nil, err
	}
	// A second lane would only wait for the writer that the first one has.
	return &Store{engine: sqlstore.New(d, names, 1, false), driver: d}, nil
}

// InTx returns a store inside a transaction of the host's: what it saves is
// committed or rolled back by the host, and what fails leaves the host's own
// work alone. Nothing is run again; a conflict is travel.ErrConflict. It is for
// one goroutine at a time, and until the transaction ends.
func (s *Store) InTx(tx *sql.Tx) *Store {
	return &Store{engine: s.engine.Bind(host(tx))}
}

// Close waits for what is being written, and gives the connection back. Later
// calls return [ErrClosed]. Closing twice is fine, and so is closing a store that
// is bound: that does nothing.
func (s *Store) Close() error {
	if s.driver == nil {
		return nil
	}
	return errors.Join(s.engine.Close(), s.driver.close())
}

func (o Options) names() (*sqlstore.Names, error) { return sqlstore.NewNames("", o.Prefix) }
