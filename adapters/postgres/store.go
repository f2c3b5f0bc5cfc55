package postgres

import (
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

// Options configures a [Store] and its tables.
type Options struct {
	// Schema is where the tables are: lower-case letters, digits and
	// underscores. Defaults to the first of the connection's search_path.
	Schema string
	// Prefix begins the name of every table and index, like Schema. Defaults to
	// tjr_.
	Prefix string
	// Lanes is how many transactions of grouped decisions are under way at a
	// time; each has a connection of the pool. Defaults to 2.
	Lanes int
	// Distributed keeps every group of decisions, and every statement on
	// purchases, within one company: for tables that are distributed over
	// several servers by company, see [DistributeSQL]. On one server it only
	// makes groups smaller.
	Distributed bool
}

const defaultLanes = 2

// ErrClosed is returned by a store that was closed.
var ErrClosed = sqlstore.ErrClosed

// Store is every storage port in a PostgreSQL database. It is safe for
// concurrent use, unless it is bound to a transaction.
type Store struct {
	engine *sqlstore.Store
	gate   *gate // nil when bound
}

// New returns a store in a database that was migrated. The pool stays the
// host's to close, after Close.
func New(pool *pgxpool.Pool, o Options) (*Store, error) {
	switch mode := pool.Config().ConnConfig.DefaultQueryExecMode; mode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
		return nil, fmt.Errorf("postgres: DefaultQueryExecMode %q does not ask the server for types: use another, such as %q behind a PgBouncer",
			mode, pgx.QueryExecModeCacheDescribe)
	}
	return newStore(poolDriver{pool}, o)
}

// NewDB is New for a pool of database/sql with pgx's driver
// (github.com/jackc/pgx/v5/stdlib).
func NewDB(db *sql.DB, o Options) (*Store, error) { return newStore(dbDriver{db}, o) }

func newStore(d sqlstore.Driver, o Options) (*Store, error) {
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	if o.Lanes < 0 {
		return nil, fmt.Errorf("lanes %d: must not be negative", o.Lanes)
	}
	if o.Lanes == 0 {
		o.Lanes = defaultLanes
	}
	g := &gate{Driver: d}
	return &Store{engine: sqlstore.New(g, names, o.Lanes, o.Distributed), gate: g}, nil
}

// InTx returns a store inside a transaction of the host's: what it saves is
// committed or rolled back by the host, and what fails leaves the host's own
// work alone. Nothing is run again; a conflict is travel.ErrConflict. It is for
// one goroutine at a time, and until the transaction ends.
func (s *Store) InTx(tx pgx.Tx) *Store { return &Store{engine: s.engine.Bind(host(tx))} }

// InSQLTx is InTx for a transaction of database/sql.
func (s *Store) InSQLTx(tx *sql.Tx) *Store { return &Store{engine: s.engine.Bind(hostSQL(tx))} }

// Close waits for the transactions that were begun. Later calls return
// [ErrClosed]. Closing twice is fine, and so is closing a store that is bound:
// that does nothing.
func (s *Store) Close() error {
	if s.gate == nil {
		return nil
	}
	err := s.engine.Close()
	s.gate.close()
	return err
}

func (o Options) names() (*sqlstore.Names, error) { return sqlstore.NewNames(o.Schema, o.Prefix) }
