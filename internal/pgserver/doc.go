// Package pgserver gives tests and benchmarks a real PostgreSQL, version 13 or
// newer, in about a second: a cluster of its own in a private folder, on a
// free port of the loopback interface, with a password that nobody else knows.
// It needs the server's programs and nothing else: no root, no container, no
// SQL driver.
//
// The programs are looked for in $PG_BIN, then where PATH has postgres, then
// in the newest /usr/lib/postgresql/*/bin. If TEST_POSTGRES_URL is set, a
// postgres:// URL of a user who may create databases, that server is used.
// Without either, tests are skipped; where CI is set they fail.
//
// A package of tests has one server, started by the first test that needs it,
// and each test has a migrated database:
//
//	var pg = pgserver.Shared{Exec: execute, Migrate: migrate}
//
//	func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }
//
//	func TestBuying(t *testing.T) {
//		url := pg.Database(t)
//		…
//	}
//
// A test that breaks things has a server of its own, see [Require], and can
// [Server.Kill] and [Server.Restart] it.
//
// Nothing is left behind, however the tests end. A watchdog, which is a small
// shell script in a session of its own, reads from a pipe that only the test
// process holds open. When the kernel closes that, the watchdog shuts down
// what was last started and removes the folder: after a panic, an os.Exit and
// a SIGKILL too. A parent-death signal was not chosen: it comes when the
// thread that forked ends and not the process, it exists on Linux only, and it
// removes no folder.
package pgserver
