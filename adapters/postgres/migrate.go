package postgres

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// What can be wrong with the tables of a database; the errors say which version
// or migration it is about.
var (
	// ErrSchemaBehind: migrations are to be run.
	ErrSchemaBehind = sqlstore.ErrSchemaBehind
	// ErrSchemaAhead: a newer version of this library has migrated the
	// database.
	ErrSchemaAhead = sqlstore.ErrSchemaAhead
	// ErrSchemaChanged: a migration was run with another text than ours.
	ErrSchemaChanged = sqlstore.ErrSchemaChanged
)

// Migrations returns the migrations, files such as 0001_initial.sql. In them
// {name} stands for the name of a table and {#name} for that of an index, with
// schema and prefix; [SQL] puts them in.
func Migrations() fs.FS {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the name is a constant
	}
	return files
}

// Migrate runs the migrations that the database is missing, each in a
// transaction of its own. Any number of processes may call it at the same time,
// and where nothing is missing it writes nothing. Migrations that a newer
// version of this library has run are [ErrSchemaAhead].
func Migrate(ctx context.Context, pool *pgxpool.Pool, o Options) error {
	return migrate(ctx, poolDriver{pool}, o)
}

// MigrateDB is Migrate for a pool of database/sql.
func MigrateDB(ctx context.Context, db *sql.DB, o Options) error {
	return migrate(ctx, dbDriver{db}, o)
}

// MigrateTx is Migrate in a transaction of the host's. When the host rolls it
// back nothing has happened. Another process may migrate at the same time; then
// one of the two fails, and finds all done when it tries again.
func MigrateTx(ctx context.Context, tx pgx.Tx, o Options) error {
	return migrateIn(ctx, host(tx), o)
}

// MigrateSQLTx is MigrateTx for a transaction of database/sql.
func MigrateSQLTx(ctx context.Context, tx *sql.Tx, o Options) error {
	return migrateIn(ctx, hostSQL(tx), o)
}

// Validate tells whether the tables are those that this version of the library
// needs. The error is [ErrSchemaBehind], [ErrSchemaAhead] or [ErrSchemaChanged],
// or that of the database.
func Validate(ctx context.Context, pool *pgxpool.Pool, o Options) error {
	return validate(ctx, poolDriver{pool}, o)
}

// ValidateDB is Validate for a pool of database/sql.
func ValidateDB(ctx context.Context, db *sql.DB, o Options) error {
	return validate(ctx, dbDriver{db}, o)
}

// SQL returns the statements of the migrations after a version, 0 for all of
// them, for a migration tool of the host's. They also note the version, so that
// [Validate] is content.
func SQL(o Options, after int) (string, error) {
	m, err := o.migrator()
	if err != nil {
		return "", err
	}
	return m.SQL(after), nil
}

//go:embed distribute.sql
var distribute string

// DistributeSQL returns the statements that distribute the tables by company
// with Citus, for when one server is not enough; docs/scaling.md says when that
// is and what changes. The host runs them once, after the migrations, and sets
// Options.Distributed.
func DistributeSQL(o Options) (string, error) {
	names, err := o.names()
	if err != nil {
		return "", err
	}
	return names.Expand(distribute), nil
}

func (o Options) migrator() (*sqlstore.Migrator, error) {
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	return sqlstore.NewMigrator(Migrations(), names, sqlstore.Postgres)
}

func migrate(ctx context.Context, d sqlstore.Driver, o Options) error {
	m, err := o.migrator()
	if err != nil {
		return err
	}
	return m.Migrate(ctx, d)
}

func migrateIn(ctx context.Context, t sqlstore.Transaction, o Options) error {
	m, err := o.migrator()
	if err != nil {
		return err
	}
	return m.MigrateIn(ctx, t)
}

func validate(ctx context.Context, d sqlstore.Driver, o Options) error {
	m, err := o.migrator()
	if err != nil {
		return err
	}
	return m.Validate(ctx, d)
}
