package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"
)

// Exec runs one SQL statement on the database of a URL, with the caller's
// driver, outside any transaction: CREATE DATABASE works in none. It keeps no
// connection open.
type Exec func(ctx context.Context, url, sql string) error

// Template is a database that others are copied from, which is faster than
// migrating each. It may be used concurrently.
type Template struct {
	server *Server
	exec   Exec
	name   string
}

// Template makes a database and has it migrated once. Migrate must have closed
// its connections when it returns: what is in use can't be copied. Without
// migrate the template is empty.
func (s *Server) Template(ctx context.Context, exec Exec, migrate func(ctx context.Context, url string) error) (*Template, error) {
	t := &Template{server: s, exec: exec, name: databaseName()}
	if err := t.sql(ctx, "CREATE DATABASE "+t.name); err != nil {
		return nil, err
	}
	if migrate != nil {
		if err := migrate(ctx, s.URL(t.name)); err != nil {
			return nil, errors.Join(err, t.Drop(ctx))
		}
	}
	return t, nil
}

// databaseName is one that nobody else has, also on a server of several
// packages; it needs no quotes.
func databaseName() string { return "test_" + strings.ToLower(rand.Text()) }

// sql runs a statement on the server rather than on one of its databases.
func (t *Template) sql(ctx context.Context, statement string) error {
	return t.exec(ctx, t.server.base.String(), statement)
}

// Database returns the URL of a new copy, which is dropped after the test with
// whatever is still connected to it.
func (t *Template) Database(tb testing.TB) string {
	tb.Helper()
	name := databaseName()
	if err := t.sql(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+t.name); err != nil {
		tb.Fatalf("database from template: %v", err)
	}
	tb.Cleanup(func() {
		if t.server.down() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := t.sql(ctx, drop(name)); err != nil {
			tb.Errorf("drop database: %v", err)
		}
	})
	return t.server.URL(name)
}

// Drop removes the template, not its copies. It is for servers that live on.
func (t *Template) Drop(ctx context.Context) error { return t.sql(ctx, drop(t.name)) }

func drop(name string) string { return "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)" }
