package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// schema is the host's own part of the database, the same on SQLite and on
// PostgreSQL. Instants are microseconds since 1970, amounts are öre.
//
// An order knows its purchase by authorization; a card's has none. All tickets
// belong to a mobile number, which is an account here.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS phones (token TEXT PRIMARY KEY, number TEXT NOT NULL, device TEXT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, company TEXT NOT NULL, administrator TEXT NOT NULL, expires_at BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS orders (
		id TEXT PRIMARY KEY, number TEXT NOT NULL, method TEXT NOT NULL, wish TEXT NOT NULL, state TEXT NOT NULL, amount BIGINT NOT NULL,
		"authorization" TEXT UNIQUE, expires_at BIGINT NOT NULL, decline TEXT NOT NULL, created_at BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS tickets (
		order_id TEXT NOT NULL REFERENCES orders, position INTEGER NOT NULL, number TEXT NOT NULL, code TEXT NOT NULL, content TEXT NOT NULL,
		amount BIGINT NOT NULL, valid_from BIGINT NOT NULL, valid_to BIGINT NOT NULL, issued_at BIGINT NOT NULL, PRIMARY KEY (order_id, position))`,
	`CREATE INDEX IF NOT EXISTS tickets_number ON tickets (number, issued_at)`,
	`CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY, number TEXT NOT NULL, sender TEXT NOT NULL, content TEXT NOT NULL, received_at BIGINT NOT NULL)`,
}

// store is every storage port of the library.
type store interface {
	travel.Store
	travel.JobStore
	invoice.Store
	sms.Queue
	Close() error
}

// database is the host's database with the library's store in it.
type database struct {
	*sql.DB
	store store
	// bind returns the library's store inside a transaction of ours.
	bind func(*sql.Tx) travel.Store
	// lock ends a SELECT of rows that will be changed.
	lock string
	// pool is what PostgreSQL's connections come from; nil with SQLite.
	pool *pgxpool.Pool
}

// open opens PostgreSQL at a URL, or without one SQLite in a folder, and makes
// all tables that are not there.
func open(ctx context.Context, folder, url string) (*database, error) {
	if url != "" {
		return openPostgres(ctx, url)
	}
	return openSQLite(ctx, filepath.Join(folder, "transitbackend.db"))
}

// openSQLite needs a driver called "sqlite", which main imports.
func openSQLite(ctx context.Context, file string) (_ *database, err error) {
	// Every transaction of ours will write: "immediate" says so from its start,
	// and it waits for another one instead of failing. What it commits is to
	// survive the loss of power as well as what the store commits: FULL.
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)"+
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if err := sqlite.Migrate(ctx, db, sqlite.Options{}); err != nil {
		return nil, err
	}
	s, err := sqlite.New(db, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	d := &database{DB: db, store: s, bind: func(tx *sql.Tx) travel.Store { return s.InTx(tx) }}
	return d, d.makeTables(ctx)
}

func openPostgres(ctx context.Context, url string) (_ *database, err error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, errors.New("-db is no URL of a PostgreSQL database") // the cause may hold the password
	}
	defer func() {
		if err != nil {
			pool.Close()
		}
	}()
	if err := postgres.Migrate(ctx, pool, postgres.Options{}); err != nil {
		return nil, err
	}
	s, err := postgres.New(pool, postgres.Options{})
	if err != nil {
		return nil, err
	}
	// The host's own statements go by database/sql, over the same pool.
	d := &database{
		DB: stdlib.OpenDBFromPool(pool), store: s, lock: " FOR UPDATE", pool: pool,
		bind: func(tx *sql.Tx) travel.Store { return s.InSQLTx(tx) },
	}
	return d, d.makeTables(ctx)
}

func (d *database) makeTables(ctx context.Context) error {
	for _, statement := range schema {
		if _, err := d.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("tables: %w", err)
		}
	}
	return nil
}

// Close waits for what is being written.
func (d *database) Close() error {
	err := errors.Join(d.store.Close(), d.DB.Close())
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// attempts is how often a transaction is run when it meets another.
const attempts = 5

// inTx runs do in a transaction of the host's, and again when it has met another
// one: inside a transaction the library does not do that itself.
func (d *database) inTx(ctx context.Context, do func(tx *sql.Tx) error) (err error) {
	for range attempts {
		if err = d.once(ctx, do); !errors.Is(err, travel.ErrConflict) {
			return err
		}
	}
	return err
}

func (d *database) once(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// setting reads a setting; "" when there is none.
func (d *database) setting(ctx context.Context, name string) (value string, err error) {
	err = d.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = $1", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func (d *database) setSetting(ctx context.Context, name, value string) error {
	_, err := d.ExecContext(ctx,
		"INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}
