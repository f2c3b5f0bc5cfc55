// Package postgres keeps everything in PostgreSQL, for any number of processes:
//
//	pool, err := pgxpool.New(ctx, url)
//	err = postgres.Migrate(ctx, pool, postgres.Options{})
//	store, err := postgres.New(pool, postgres.Options{})
//	defer store.Close()
//	service, err := travel.New(travel.Config{Store: store, Keys: keys})
//
// One [Store] implements all storage ports: travel.Store with its event queue,
// invoice.Store, sms.Queue and travel.JobStore. The pool stays the host's. A host
// that uses database/sql with pgx's driver has [NewDB] and its like; there each
// statement is a round trip of its own. The query mode of pgx must be one that
// asks the server for types, as the default does: not exec, not simple_protocol.
//
// # Transactions
//
// Decisions that arrive together share a transaction and two round trips;
// Options.Lanes says how many such transactions there are at a time. Every
// transaction sets its isolation level itself: READ COMMITTED to write,
// REPEATABLE READ READ ONLY to read. One that meets another (a deadlock, a
// serialization failure, a lock that was not to be had) is run again until the
// context of the caller ends, and so, up to ten times, is one whose connection
// broke before its COMMIT: those that a restart of the server has left in the
// pool are not noticed by callers.
//
// When the connection breaks while a COMMIT is under way, or the context ends
// then, the error wraps travel.ErrUnknownOutcome, and the connection is closed.
// When it is certain that nothing was committed it does not.
//
// A function given to Update has one connection of the pool. If it uses the same
// Store by another way it needs a second one, and may wait for itself.
//
// # In the host's transaction
//
// [Store.InTx] returns a store inside a transaction of the host's, for
// travel.Service.In; [Store.InSQLTx] does the same for database/sql. READ
// COMMITTED is enough; at a higher level more conflicts are returned, as
// travel.ErrConflict.
//
// # Tables
//
// All tables have a prefix, tjr_ where nothing else is said, may have a schema,
// and no others are touched. The host makes the schema. Nothing migrates by
// itself: the host runs [Migrate] or [MigrateTx], or gives what [SQL] returns to
// a tool of its own, and can ask [Validate] before it starts. Migrations only go
// up. Several processes may migrate at the same time.
//
// Nothing that runs waits long for a migration. Each is a transaction of its own
// that makes tables or adds columns, which needs the lock of a table for a
// moment however many rows there are; nothing rewrites or scans a table under
// such a lock. A lock that is not to be had within two seconds, because a long
// transaction has the table, is given up and tried again until the context ends,
// so that those who come after do not queue up. In [MigrateTx] the locks last as
// long as the host's transaction, and lock_timeout is the host's to set.
package postgres
