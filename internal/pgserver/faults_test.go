//go:build unix

package pgserver

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	s := Require(t, Options{Private: true})
	template, err := s.Template(t.Context(), execute, migrate)
	require.NoError(t, err)
	db := template.Database(t)
	require.NoError(t, execute(t.Context(), db, "INSERT INTO ticket VALUES (2)"))

	// A backend that would count for years, and notices nothing while it counts.
	busy := make(chan error, 1)
	go func() { busy <- execute(t.Context(), db, "SELECT count(*) FROM generate_series(1, 1e15::bigint)") }()
	require.Eventually(t, func() bool {
		return query(t, db, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()") == "1"
	}, 20*time.Second, 10*time.Millisecond)

	require.NoError(t, s.Kill())
	require.Error(t, <-busy)
	assert.Error(t, execute(t.Context(), db, "SELECT 1"))
	assert.Empty(t, inside(t, s.cluster.dir), "no process is left")
	require.NoError(t, s.Kill(), "killing what is dead is fine")

	require.NoError(t, s.Restart())
	assert.Equal(t, "2", query(t, db, "SELECT count(*) FROM ticket"), "what was committed is there, under the same URL")
	require.NoError(t, execute(t.Context(), db, "INSERT INTO ticket VALUES (3)"))
	require.NoError(t, s.Restart())
	assert.Equal(t, "3", query(t, db, "SELECT count(*) FROM ticket"), "also after an orderly restart")
	log, err := os.ReadFile(filepath.Join(s.cluster.dir, "log"))
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(string(log), "automatic recovery in progress"), "it crashed once")
}

func TestStop(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	s := Require(t, Options{Private: true, Dir: dir})
	require.NotEmpty(t, left(t, dir))
	require.NoError(t, s.Stop())
	assert.Empty(t, left(t, dir))
	assert.NoError(t, s.Stop())
	assert.ErrorContains(t, s.Restart(), "removed")
}

func TestStartThatFails(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	Require(t, Options{Private: true})
	_, err := Start(Options{Private: true, Dir: dir, Settings: map[string]string{"shared_buffers": "lots"}})
	assert.ErrorContains(t, err, `invalid value for parameter "shared_buffers": "lots"`, "PostgreSQL's own words")
	assert.Empty(t, left(t, dir))
}

func TestPortThatIsTaken(t *testing.T) {
	t.Parallel()
	s := Require(t, Options{Private: true})
	require.NoError(t, s.Kill())
	l, err := net.Listen("tcp", s.cluster.url().Host)
	require.NoError(t, err)
	taken, err := s.cluster.start()
	assert.True(t, taken)
	assert.ErrorContains(t, err, "Address already in use")
	require.NoError(t, l.Close())
	assert.NoError(t, s.Restart())
}

// In the environment of a child, childDir is where it makes its server, and
// childEnd what it does then.
const (
	childDir = "PGSERVER_TEST_DIR"
	childEnd = "PGSERVER_TEST_END"
)

// child starts a server, prints its URL and ends without stopping it.
func child(dir string) int {
	s, err := Start(Options{Private: true, Dir: dir})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.URL("postgres"))
	switch os.Getenv(childEnd) {
	case "panic":
		panic("on purpose")
	case "exit":
		return 3
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 4
}

func TestEndOfParent(t *testing.T) {
	t.Parallel()
	Require(t, Options{Private: true})
	for _, end := range []string{"exit", "panic", "SIGKILL", "SIGKILL at once", "SIGKILL during initdb"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			dir := reachable(t)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childDir+"="+dir, childEnd+"="+end)
			stdin, err := cmd.StdinPipe()
			require.NoError(t, err)
			defer stdin.Close()
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { _ = cmd.Process.Kill() })

			host := "127.0.0.1:1"
			switch end {
			case "SIGKILL at once":
				waitFor(t, filepath.Join(dir, "pgserver-*"))
			case "SIGKILL during initdb":
				waitFor(t, filepath.Join(dir, "pgserver-*", "data", "base", "1"))
			default:
				line, err := bufio.NewReader(stdout).ReadString('\n')
				require.NoError(t, err)
				u, err := url.Parse(strings.TrimSpace(line))
				require.NoError(t, err)
				host = u.Host
			}
			if strings.HasPrefix(end, "SIGKILL") {
				require.NotEmpty(t, left(t, dir))
				require.NoError(t, cmd.Process.Kill())
			}
			require.Error(t, cmd.Wait(), "none of them ends well")

			var orphans []string
			assert.Eventually(t, func() bool {
				files, running := files(t, dir), inside(t, dir)
				if len(files) == 0 {
					orphans = append(orphans, running...)
				}
				return len(files)+len(running) == 0
			}, 20*time.Second, 10*time.Millisecond)
			assert.Empty(t, orphans, "the server ends before its files do")
			if conn, err := net.Dial("tcp", host); !assert.Error(t, err, "nobody listens") {
				conn.Close()
			}
		})
	}
}

// waitFor waits for a file.
func waitFor(t *testing.T, pattern string) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := filepath.Glob(pattern)
		return err == nil && len(found) > 0
	}, 20*time.Second, time.Millisecond)
}

// reachable is a folder that the server's user can get into; t.TempDir is not.
func reachable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgserver-test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// left are the files in a folder and the processes that run in it.
func left(t *testing.T, dir string) []string {
	t.Helper()
	return append(files(t, dir), inside(t, dir)...)
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	return found
}

// inside are the processes that have their working folder in a folder, as each
// of PostgreSQL's has, as far as there is a /proc to read that from.
func inside(t *testing.T, dir string) (found []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	require.NoError(t, err)
	for _, link := range links {
		// Of a process that is gone meanwhile, or of somebody else, nothing is told.
		if cwd, _ := os.Readlink(link); strings.HasPrefix(cwd, dir+"/") {
			found = append(found, link)
		}
	}
	return found
}
