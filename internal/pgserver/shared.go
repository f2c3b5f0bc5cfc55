package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Shared is the one server of a package's tests, started when the first test
// requires it. Its methods may be called concurrently.
type Shared struct {
	// Options are for the server.
	Options Options
	// Exec runs SQL. Required for Database.
	Exec Exec
	// Migrate makes the schema of the databases; it must have closed its
	// connections when it returns. Defaults to none.
	Migrate func(ctx context.Context, url string) error

	starting   sync.Once
	server     *Server
	err        error
	migrating  sync.Once
	template   *Template
	migrateErr error
}

// Runner is a *testing.M.
type Runner interface{ Run() int }

// Wrap returns what runs the tests and then stops the server. It is a Runner, so
// that a check for leaks can be around it.
func (s *Shared) Wrap(tests Runner) Runner { return stopper{s, tests} }

type stopper struct {
	shared *Shared
	tests  Runner
}

// Run runs the tests and stops the server.
func (r stopper) Run() int {
	code := r.tests.Run()
	if err := r.shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		return max(code, 1)
	}
	return code
}

func (s *Shared) stop() error {
	if s.server == nil {
		return nil
	}
	var err error
	if s.template != nil && s.server.cluster == nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = s.template.Drop(ctx)
	}
	return errors.Join(err, s.server.Stop())
}

// Server returns the server. Where none can be had the test is skipped, or fails
// where CI is set.
func (s *Shared) Server(tb testing.TB) *Server {
	tb.Helper()
	s.starting.Do(func() { s.server, s.err = Start(s.Options) })
	need(tb, s.err)
	return s.server
}

// Database returns the URL of a migrated database of the test's own, which is
// dropped after the test. Where no server can be had it is as with Server.
func (s *Shared) Database(tb testing.TB) string {
	tb.Helper()
	server := s.Server(tb)
	s.migrating.Do(func() { s.template, s.migrateErr = server.Template(context.Background(), s.Exec, s.Migrate) })
	if s.migrateErr != nil {
		tb.Fatalf("template: %v", s.migrateErr)
	}
	return s.template.Database(tb)
}

// Require starts a server that is the test's own and stops it after the test.
// Where none can be had the test is skipped, or fails where CI is set.
func Require(tb testing.TB, o Options) *Server {
	tb.Helper()
	s, err := Start(o)
	need(tb, err)
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return s
}

func need(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case err == nil:
	case excused(err, os.Getenv("CI")):
		tb.Skip(err)
	default:
		tb.Fatal(err)
	}
}

// excused tells whether a test is skipped, given why there is no server and the
// variable CI. Only a server that can't be had is an excuse, and only where
// somebody reads along.
func excused(err error, ci string) bool { return errors.Is(err, ErrUnavailable) && !truth(ci) }

// truth is that of a variable of the environment: set, unless to false or 0.
func truth(variable string) bool {
	value, err := strconv.ParseBool(variable)
	return variable != "" && (value || err != nil)
}
