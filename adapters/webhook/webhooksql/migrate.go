package webhooksql

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// What can be wrong with the tables of a database.
var (
	// ErrSchemaBehind: migrations are to be run.
	ErrSchemaBehind = errors.New("webhook tables are behind: migrations are to be run")
	// ErrSchemaAhead: a newer version of this library has migrated the
	// database.
	ErrSchemaAhead = errors.New("webhook tables are ahead: a newer version of the library has migrated them")
)

// Dialect is the kind of database.
type Dialect int

// The databases that this package works on.
const (
	PostgreSQL Dialect = iota + 1
	SQLite
)

// Options configures a [Store] and its tables.
type Options struct {
	// Dialect is the kind of database. Required.
	Dialect Dialect
	// Prefix is before the name of each table. Defaults to "tjr_webhook_".
	Prefix string
}

// ErrOption is returned for options that make no sense; the error says which.
var ErrOption = errors.New("invalid option")

const (
	defaultPrefix = "tjr_webhook_"
	prefixRule    = "must be up to 32 letters, digits and _, the first a letter"
)

var prefixes = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

func (o Options) complete() (Options, error) {
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if o.Dialect != PostgreSQL && o.Dialect != SQLite {
		return o, fmt.Errorf("%w: Dialect %d: must be PostgreSQL or SQLite", ErrOption, o.Dialect)
	}
	if !prefixes.MatchString(o.Prefix) {
		return o, fmt.Errorf("%w: Prefix %q: %s", ErrOption, o.Prefix, prefixRule)
	}
	return o, nil
}

var (
	names     = regexp.MustCompile(`\{#?([a-z_]+)\}`)
	parameter = regexp.MustCompile(`\$([0-9]+)`)
)

// text puts names and types into a statement.
func (o Options) text(statement string) string {
	kind := "text"
	if o.Dialect == PostgreSQL {
		kind = `text COLLATE "C"` // the order of bytes, as in Go
	} else {
		statement = parameter.ReplaceAllString(statement, "?$1")
	}
	statement = strings.ReplaceAll(statement, "{text}", kind)
	return names.ReplaceAllString(statement, o.Prefix+"$1")
}

// SQL returns the statements of the migrations after a version, 0 for all of
// them, for a migration tool of the host's. They also note the version, so that
// [Validate] is content.
func SQL(o Options, after int) (string, error) {
	o, err := o.complete()
	if err != nil {
		return "", err
	}
	texts, err := files()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(o.text(versionTable) + ";\n")
	for i := after; i < len(texts); i++ {
		b.WriteString(o.text(texts[i]))
		b.WriteString(o.text(fmt.Sprintf("INSERT INTO {version} (version) VALUES (%d);\n", i+1)))
	}
	return b.String(), nil
}

const versionTable = "CREATE TABLE IF NOT EXISTS {version} (version bigint PRIMARY KEY)"

// files are the migrations in their order.
func files() (texts []string, err error) {
	paths, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	for _, p := range paths {
		text, err := fs.ReadFile(migrations, p)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

// Migrate runs the migrations that the database is missing, in one
// transaction. Several processes may call it at the same time. Those that a newer
// version of this library has run are [ErrSchemaAhead].
func Migrate(ctx context.Context, db *sql.DB, o Options) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	// Who migrates at the same time makes ours fail; then there is nothing left
	// to do.
	const tries = 3
	for n := 1; ; n++ {
		err := migrate(ctx, db, o)
		if err == nil || n == tries || errors.Is(err, ErrSchemaAhead) || ctx.Err() != nil {
			return err
		}
	}
}

func migrate(ctx context.Context, db *sql.DB, o Options) (err error) {
	texts, err := files()
	if err != nil {
		return err
	}
	if missing, err := behind(ctx, db, o, len(texts)); err == nil && missing == 0 || errors.Is(err, ErrSchemaAhead) {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate webhook tables: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, o.text(versionTable)); err != nil {
		return fmt.Errorf("migrate webhook tables: %w", err)
	}
	missing, err := behind(ctx, tx, o, len(texts))
	if err != nil {
		return err
	}
	for i := len(texts) - missing; i < len(texts); i++ {
		for statement := range strings.SplitSeq(texts[i], ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, o.text(statement)); err != nil {
				return fmt.Errorf("migrate webhook tables to version %d: %w", i+1, err)
			}
		}
		if _, err := tx.ExecContext(ctx, o.text("INSERT INTO {version} (version) VALUES ($1)"), i+1); err != nil {
			return fmt.Errorf("migrate webhook tables to version %d: %w", i+1, err)
		}
	}
	return tx.Commit()
}

// Validate tells whether the tables are those that this version of the library
// needs. The error is [ErrSchemaBehind], [ErrSchemaAhead], or that of the database.
func Validate(ctx context.Context, db *sql.DB, o Options) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	texts, err := files()
	if err != nil {
		return err
	}
	missing, err := behind(ctx, db, o, len(texts))
	if err != nil && !errors.Is(err, ErrSchemaAhead) {
		if err := db.PingContext(ctx); err != nil {
			return err
		}
		return fmt.Errorf("%w: %w", ErrSchemaBehind, err) // there is no table
	}
	if missing > 0 {
		return fmt.Errorf("%w: %d of %d", ErrSchemaBehind, missing, len(texts))
	}
	return err
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// behind tells how many of the migrations are missing.
func behind(ctx context.Context, db querier, o Options, have int) (int, error) {
	var version int
	err := db.QueryRowContext(ctx, o.text("SELECT coalesce(max(version), 0) FROM {version}")).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("version of the webhook tables: %w", err)
	}
	if version > have {
		return 0, fmt.Errorf("%w: version %d, known %d", ErrSchemaAhead, version, have)
	}
	return have - version, nil
}
