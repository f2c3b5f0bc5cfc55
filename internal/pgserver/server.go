package pgserver

import (
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
)

// Options say what server to start. The zero value is for ordinary tests.
type Options struct {
	// Durable waits for the disk, as benchmarks need it: fsync and
	// full_page_writes are on. Defaults to off, which only a failure of the
	// whole machine could tell: synchronous_commit is on either way, and what
	// is committed survives Kill.
	Durable bool
	// Private starts a server although TEST_POSTGRES_URL names one: to kill it,
	// or to know its settings. Defaults to using that one.
	Private bool
	// Settings are for the server's command line, by name: shared_buffers,
	// max_connections. Defaults to PostgreSQL's own. A server that is not
	// started here does not get them.
	Settings map[string]string
	// Dir is the folder to make the private folder in; the user that the server
	// runs as must be able to reach it. Defaults to os.TempDir().
	Dir string
}

// ErrUnavailable is returned when there is neither a server to use nor one to
// start.
var ErrUnavailable = errors.New("no PostgreSQL: install its server (Debian: apt-get install postgresql), " +
	"or set PG_BIN to the folder of its programs or TEST_POSTGRES_URL to a server")

// ErrNotOurs is returned when a server that was not started here should be
// killed or restarted.
var ErrNotOurs = errors.New("the server of TEST_POSTGRES_URL can't be killed or restarted: Options.Private starts one that can")

// errURL does not name what was wrong: it may be a password.
var errURL = errors.New("TEST_POSTGRES_URL is not like postgres://user:password@host:port/database")

// Server is a PostgreSQL that runs. Its methods may be called concurrently.
type Server struct {
	base    *url.URL
	bin     string
	cluster *cluster // nil when not started here
}

// Start returns the server of TEST_POSTGRES_URL, or starts one, which the
// caller must Stop. The error is ErrUnavailable when neither is possible. As
// root it runs as the user postgres, or nobody.
func Start(o Options) (*Server, error) { return start(o, here) }

func start(o Options, on machine) (*Server, error) {
	bin, err := on.binaries()
	if given := on.getenv("TEST_POSTGRES_URL"); given != "" && !o.Private {
		base, err := url.Parse(given)
		if err != nil || base.Scheme != "postgres" && base.Scheme != "postgresql" || base.Host == "" {
			return nil, errURL
		}
		return &Server{base: base, bin: bin}, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := newCluster(bin, o)
	if err != nil {
		return nil, err
	}
	return &Server{base: c.url(), bin: bin, cluster: c}, nil
}

// URL is where a driver or program finds a database of the server. It holds a
// password.
func (s *Server) URL(database string) string {
	u := *s.base
	u.Path = "/" + database
	return u.String()
}

// Binary is the path of a program of the installation that the server was
// started from: pgbench, psql. For the server of TEST_POSTGRES_URL it is the
// installation that would have been started, or a program in PATH.
func (s *Server) Binary(name string) (string, error) {
	if s.bin == "" {
		return exec.LookPath(name)
	}
	path := filepath.Join(s.bin, name)
	_, err := os.Stat(path)
	return path, err
}

// Stop shuts the server down, cuts those who are connected, and removes all
// that was made for it. What it did not start it leaves running. Stopping twice
// is fine.
func (s *Server) Stop() error {
	if s.cluster == nil {
		return nil
	}
	return s.cluster.remove()
}

// Kill ends the server and all its backends at once with SIGKILL, and returns
// when they are gone. The data stay, for Restart.
func (s *Server) Kill() error {
	if s.cluster == nil {
		return ErrNotOurs
	}
	return s.cluster.kill()
}

// Restart starts the server again with the same data and URL, and returns when
// it has recovered. One that runs is shut down before.
func (s *Server) Restart() error {
	if s.cluster == nil {
		return ErrNotOurs
	}
	return s.cluster.restart()
}

// down tells whether the server was killed or stopped, by us or by a fault.
func (s *Server) down() bool { return s.cluster != nil && !s.cluster.running() }
