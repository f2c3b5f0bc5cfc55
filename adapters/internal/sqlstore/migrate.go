package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tjansteresor/tjansteresor/travel"
)

// What can be wrong with the schema of a database.
var (
	// ErrSchemaBehind: migrations are missing in the database.
	ErrSchemaBehind = errors.New("schema is behind: migrations are to be run")
	// ErrSchemaAhead: a newer version of the library has migrated the database.
	ErrSchemaAhead = errors.New("schema is ahead: a newer version of the library has migrated the database")
	// ErrSchemaChanged: a migration was run with another text than ours.
	ErrSchemaChanged = errors.New("schema has changed: a migration was run with another text")
)

// Migrator brings the tables of a database up to date: only up, a transaction
// for each migration, one process at a time. What was run stands in the table
// {schema_version} with a checksum of its text.
type Migrator struct {
	names      *Names
	dialect    Dialect
	migrations []migration
}

// migration is a file; its version is the number that the name begins with.
type migration struct {
	version        int64
	name, checksum string
	sql            string
}

var fileName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)

// NewMigrator reads the migrations: files such as 0001_initial.sql, numbered
// from 1 without a gap. In them a statement ends with the line that ends with a
// semicolon.
func NewMigrator(files fs.FS, names *Names, d Dialect) (*Migrator, error) {
	m := &Migrator{names: names, dialect: d}
	paths, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	for i, p := range paths {
		number := fileName.FindStringSubmatch(path.Base(p))
		if number == nil || number[1] != fmt.Sprintf("%04d", i+1) {
			return nil, fmt.Errorf("migration %s: want number %04d and a name", p, i+1)
		}
		text, err := fs.ReadFile(files, p)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		m.migrations = append(m.migrations, migration{
			version: int64(i + 1), name: strings.TrimSuffix(path.Base(p), ".sql"), checksum: hex.EncodeToString(sum[:]), sql: string(text),
		})
	}
	return m, nil
}

// Migrate runs the migrations that are missing. Where there are none it writes
// nothing. An error leaves those that were run before.
func (m *Migrator) Migrate(ctx context.Context, d Driver) error {
	const tries = 3
	for n := 0; ; n++ {
		pending, err := m.run(ctx, d)
		switch {
		case err == nil && !pending:
			return nil
		case err == nil:
			n = 0
			continue
		case errors.Is(err, travel.ErrUnknownOutcome):
			return err
		case d.Classify(err) == Conflict || errors.Is(err, errVersions) && n < tries:
			if err := pause(ctx, n); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// run runs the next migration, or makes the table of versions, in a transaction
// of its own. It is false when there was nothing to do.
func (m *Migrator) run(ctx context.Context, d Driver) (bool, error) {
	switch err := m.Validate(ctx, d); {
	case err == nil:
		return false, nil
	case !errors.Is(err, ErrSchemaBehind):
		return false, err
	}
	t, err := d.Begin(ctx, Write, m.impatient()...)
	if err != nil {
		return false, err
	}
	defer t.Rollback()
	if _, err := m.next(ctx, t); err != nil {
		return false, err
	}
	return true, t.Commit(ctx)
}

// impatient bounds how long a migration waits for the lock of a table: those
// who come after it would wait as long.
func (m *Migrator) impatient() []Statement {
	if m.dialect == Postgres {
		return []Statement{{SQL: "SET LOCAL lock_timeout = '2s'"}}
	}
	return nil
}

// MigrateIn runs the migrations that are missing in a transaction of the
// host's.
func (m *Migrator) MigrateIn(ctx context.Context, t Transaction) error {
	for {
		if again, err := m.next(ctx, t); err != nil || !again {
			return err
		}
	}
}

// errVersions may be that another process makes the table at the same time,
// which has many names; the next try finds it.
var errVersions = errors.New("make the table of versions")

// next makes the table of versions, or runs one migration. It is false when
// there was nothing to do.
func (m *Migrator) next(ctx context.Context, t Transaction) (bool, error) {
	there, err := m.versioned(ctx, t)
	if err != nil {
		return false, err
	}
	if !there {
		if err := t.Run(ctx, Statement{SQL: m.names.Expand(m.versionTable())}); err != nil {
			return false, fmt.Errorf("%w: %w", errVersions, err)
		}
		return true, nil
	}
	if err := m.lock(ctx, t); err != nil {
		return false, err
	}
	version, err := m.version(ctx, t)
	if err != nil || version == int64(len(m.migrations)) {
		return false, err
	}
	next := m.migrations[version]
	for _, sql := range append(statements(next.sql), next.recordSQL()) {
		if err := t.Run(ctx, Statement{SQL: m.names.Expand(sql)}); err != nil {
			return false, fmt.Errorf("migration %s: %w", next.name, err)
		}
	}
	return true, nil
}

// lock lets one process migrate at a time, until the end of its transaction:
// the row of version 0 is inserted or locked by one of them. What was run is
// read after that.
func (m *Migrator) lock(ctx context.Context, t Transaction) error {
	sql := m.names.Expand("INSERT INTO {schema_version} (version, name, checksum) VALUES (0, 'lock', '') ON CONFLICT (version) DO NOTHING")
	if err := t.Run(ctx, Statement{SQL: sql}); err != nil || m.dialect == SQLite {
		return err
	}
	return t.Run(ctx, Statement{
		SQL:  m.names.Expand("SELECT version FROM {schema_version} WHERE version = 0 FOR UPDATE"),
		Scan: func(Row) error { return nil },
	})
}

// Validate compares the database with the migrations. The error is
// [ErrSchemaBehind], [ErrSchemaAhead] or [ErrSchemaChanged], or that of the
// database.
func (m *Migrator) Validate(ctx context.Context, d Driver) error {
	t, err := d.Begin(ctx, Snapshot)
	if err != nil {
		return err
	}
	defer t.Rollback()
	there, err := m.versioned(ctx, t)
	if err != nil {
		return err
	}
	var version int64
	if there {
		if version, err = m.version(ctx, t); err != nil {
			return err
		}
	}
	if newest := int64(len(m.migrations)); version < newest {
		return fmt.Errorf("%w (version %d of %d)", ErrSchemaBehind, version, newest)
	}
	return nil
}

// versioned tells whether there is a table of versions.
func (m *Migrator) versioned(ctx context.Context, t Transaction) (there bool, err error) {
	sql := "SELECT to_regclass($1::text) IS NOT NULL"
	if m.dialect == SQLite {
		sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
	}
	err = t.Run(ctx, Statement{SQL: sql, Args: []any{m.names.Table("schema_version")}, Scan: func(r Row) error {
		return r.Scan(flag("there", &there).dest)
	}})
	return there, err
}

// version returns the newest version that was run, once all of them are known
// and have our text.
func (m *Migrator) version(ctx context.Context, t Transaction) (newest int64, err error) {
	sql := m.names.Expand("SELECT version, name, checksum FROM {schema_version} WHERE version > 0 ORDER BY version")
	err = t.Run(ctx, Statement{SQL: sql, Scan: func(r Row) error {
		var run migration
		err := r.Scan(number("version", &run.version).dest, text("name", &run.name).dest, text("checksum", &run.checksum).dest)
		if err != nil {
			return err
		}
		if run.version > int64(len(m.migrations)) {
			return fmt.Errorf("%w (%s)", ErrSchemaAhead, run.name)
		}
		if newest++; run.version != newest || run.checksum != m.migrations[newest-1].checksum {
			return fmt.Errorf("%w (%s)", ErrSchemaChanged, run.name)
		}
		return nil
	}})
	return newest, err
}

// SQL returns what the migrations after a version would run, for a migration
// tool of the host's; [Migrator.Validate] is content with it.
func (m *Migrator) SQL(after int) string {
	var b strings.Builder
	if after <= 0 {
		b.WriteString(m.versionTable() + ";\n")
	}
	for _, next := range m.migrations[min(max(after, 0), len(m.migrations)):] {
		b.WriteString("\n-- " + next.name + "\n" + strings.TrimSuffix(strings.TrimSpace(next.sql), ";") + ";\n" + next.recordSQL() + ";\n")
	}
	return m.names.Expand(b.String())
}

func (m *Migrator) versionTable() string {
	if m.dialect == SQLite {
		return "CREATE TABLE IF NOT EXISTS {schema_version} (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT"
	}
	return "CREATE TABLE IF NOT EXISTS {schema_version} (version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL)"
}

// recordSQL notes that the migration was run.
func (n migration) recordSQL() string {
	return "INSERT INTO {schema_version} (version, name, checksum) VALUES (" +
		strconv.FormatInt(n.version, 10) + ", '" + n.name + "', '" + n.checksum + "')"
}

// statements splits the text of a migration. Lines of comment are left out.
func statements(text string) []string {
	var list []string
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if strings.HasPrefix(strings.TrimSpace(line), "--") {
			continue
		}
		sql, end := strings.CutSuffix(line, ";")
		b.WriteString(sql + "\n")
		if end {
			list = append(list, strings.TrimSpace(b.String()))
			b.Reset()
		}
	}
	if rest := strings.TrimSpace(b.String()); rest != "" {
		list = append(list, rest)
	}
	return list
}
