package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

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
// the prefix; [SQL] puts them in.
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
func Migrate(ctx context.Context, db *sql.DB, o Options) error {
	return with(ctx, db, o, func(m *sqlstore.Migrator, d *driver) error { return m.Migrate(ctx, d) })
}

// MigrateTx is Migrate in a transaction of the host's, which should write from
// its beginning. When the host rolls it back nothing has happened.
func MigrateTx(ctx context.Context, tx *sql.Tx, o Options) error {
	m, err := o.migrator()
	if err != nil {
		return err
	}
	return m.MigrateIn(ctx, host(tx))
}

// Validate tells whether the tables are those that this version of the library
// needs. The error is [ErrSchemaBehind], [ErrSchemaAhead] or [ErrSchemaChanged],
// or that of the database.
func Validate(ctx context.Context, db *sql.DB, o Options) error {
	return with(ctx, db, o, func(m *sqlstore.Migrator, d *driver) error { return m.Validate(ctx, d) })
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

func (o Options) migrator() (*sqlstore.Migrator, error) {
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	return sqlstore.NewMigrator(Migrations(), names, sqlstore.SQLite)
}

// with runs do on a driver of its own.
func with(ctx context.Context, db *sql.DB, o Options, do func(*sqlstore.Migrator, *driver) error) error {
	m, err := o.migrator()
	if err != nil {
		return err
	}
	d, err := open(ctx, db, o)
	if err != nil {
		return err
	}
	return errors.Join(do(m, d), d.close())
}
