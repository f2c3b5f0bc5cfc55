//go:build unix

package pgserver

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var pg = Shared{Exec: execute, Migrate: migrate, Options: Options{Private: true, Settings: map[string]string{"max_connections": "37"}}}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(pg.Wrap(m).Run())
}

// psql runs SQL with psql and returns what that prints.
func psql(ctx context.Context, url, sql string) (string, error) {
	bin, err := here.binaries()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, bin+"/psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", sql, err, &errs)
	}
	return strings.TrimSpace(out.String()), nil
}

func execute(ctx context.Context, url, sql string) error {
	_, err := psql(ctx, url, sql)
	return err
}

func migrate(ctx context.Context, url string) error {
	return execute(ctx, url, "CREATE TABLE ticket (id int PRIMARY KEY); INSERT INTO ticket VALUES (1)")
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	out, err := psql(t.Context(), url, sql)
	require.NoError(t, err)
	return out
}

func TestStart(t *testing.T) {
	t.Parallel()
	url := pg.Server(t).URL("postgres")
	for setting, want := range map[string]string{
		"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "max_connections": "37",
		"listen_addresses": "127.0.0.1", "server_encoding": "UTF8", "lc_collate": "C", "password_encryption": "scram-sha-256",
	} {
		assert.Equal(t, want, query(t, url, "SHOW "+setting), setting)
	}

	_, err := psql(t.Context(), strings.Replace(url, pg.server.cluster.password, "guess", 1), "SELECT 1")
	assert.ErrorContains(t, err, "password authentication failed")
}

func TestDurable(t *testing.T) {
	t.Parallel()
	s := Require(t, Options{Durable: true, Private: true})
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		assert.Equal(t, "on", query(t, s.URL("postgres"), "SHOW "+setting), setting)
	}
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	const ours = "SELECT count(*) FROM pg_database WHERE datname IN "
	server := pg.Server(t)
	var names []string
	t.Run("independent", func(t *testing.T) {
		a, b := pg.Database(t), pg.Database(t)
		require.NotEqual(t, a, b)
		require.NoError(t, execute(t.Context(), a, "INSERT INTO ticket VALUES (2)"))
		assert.Equal(t, "2", query(t, a, "SELECT count(*) FROM ticket"))
		assert.Equal(t, "1", query(t, b, "SELECT count(*) FROM ticket"))
		names = []string{query(t, a, "SELECT current_database()"), query(t, b, "SELECT current_database()")}
		require.Equal(t, "2", query(t, server.URL("postgres"), ours+"('"+strings.Join(names, "', '")+"')"))
	})
	require.Len(t, names, 2)
	assert.Equal(t, "0", query(t, server.URL("postgres"), ours+"('"+strings.Join(names, "', '")+"')"), "dropped after the test")
}

func TestDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, "1", query(t, pg.Database(t), "SELECT count(*) FROM ticket"))
		})
	}
}

func TestDatabaseOfAMigrationThatFails(t *testing.T) {
	t.Parallel()
	s := pg.Server(t)
	var template string
	_, err := s.Template(t.Context(), execute, func(ctx context.Context, url string) error {
		template = query(t, url, "SELECT current_database()")
		return assert.AnError
	})
	require.ErrorIs(t, err, assert.AnError)
	assert.Equal(t, "0", query(t, s.URL("postgres"), "SELECT count(*) FROM pg_database WHERE datname = '"+template+"'"))
}

func TestBinary(t *testing.T) {
	t.Parallel()
	s := pg.Server(t)
	pgbench, err := s.Binary("pgbench")
	require.NoError(t, err)
	out, err := exec.Command(pgbench, "--version").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), query(t, s.URL("postgres"), "SHOW server_version"), "of the same installation")
	_, err = s.Binary("pgbunch")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// given is this machine with a TEST_POSTGRES_URL.
func given(url string) machine {
	m := here
	m.getenv = func(name string) string {
		if name == "TEST_POSTGRES_URL" {
			return url
		}
		return os.Getenv(name)
	}
	return m
}

func TestGivenServer(t *testing.T) {
	t.Parallel()
	mine := pg.Server(t)
	s, err := start(Options{}, given(mine.URL("postgres")))
	require.NoError(t, err)
	assert.Equal(t, mine.URL("shop"), s.URL("shop"))
	assert.ErrorIs(t, s.Kill(), ErrNotOurs)
	assert.ErrorIs(t, s.Restart(), ErrNotOurs)

	template, err := s.Template(t.Context(), execute, migrate)
	require.NoError(t, err)
	assert.Equal(t, "1", query(t, template.Database(t), "SELECT count(*) FROM ticket"))
	require.NoError(t, s.Stop())
	assert.Equal(t, "1", query(t, mine.URL("postgres"), "SELECT 1"), "it was not started here and runs on")

	const ours = "SELECT count(*) FROM pg_database WHERE datname = '"
	shared := Shared{server: s, template: template}
	require.Equal(t, "1", query(t, mine.URL("postgres"), ours+template.name+"'"))
	require.NoError(t, shared.stop())
	assert.Equal(t, "0", query(t, mine.URL("postgres"), ours+template.name+"'"), "the template does not stay on a server that does")
}

func TestGivenServerThatIsNone(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"host=localhost password=secret", "mysql://me:secret@localhost/x", "postgres:///x?password=secret", "postgres://me:secret@local host"} {
		_, err := start(Options{}, given(url))
		require.ErrorIs(t, err, errURL, url)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := Start(Options{Private: true})
		require.NoError(b, err)
		b.StopTimer()
		require.NoError(b, s.Stop())
		b.StartTimer()
	}
}

func BenchmarkStop(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s, err := Start(Options{Private: true})
		require.NoError(b, err)
		b.StartTimer()
		require.NoError(b, s.Stop())
	}
}
