// Package sqlite keeps everything in an SQLite database of the host's: the
// embedded default, for one machine. It imports no driver; with
// modernc.org/sqlite:
//
//	db, err := sql.Open("sqlite", "file:travel.db?_txlock=immediate&_pragma=busy_timeout(5000)")
//	err = sqlite.Migrate(ctx, db, sqlite.Options{})
//	store, err := sqlite.New(db, sqlite.Options{})
//	defer store.Close()
//	service, err := travel.New(travel.Config{Store: store, Keys: keys})
//
// One [Store] implements all storage ports: travel.Store with its event queue,
// invoice.Store, sms.Queue and travel.JobStore. Any number of processes may
// have the database open.
//
// # Connections
//
// SQLite has one writer at a time. The store keeps one connection of the pool
// for itself, on which it writes in BEGIN IMMEDIATE, and reads on others: the
// pool must allow two. Who writes waits for those before; who reads does not
// wait. Decisions that arrive together share a transaction. A function given to
// Update must not write through the same Store by another way, and a host that
// has a transaction of its own open keeps the store from writing until it ends:
// both would wait for themselves.
//
// [New] sets journal_mode=WAL, which the file remembers, and synchronous=FULL
// on its own connection, and fails where it can't: what is acknowledged
// survives the loss of power. [Options] can leave both to the host. A database
// in memory is refused, because each connection would have one of its own:
// adapters/memory is for that.
//
// # In the host's transaction
//
// [Store.InTx] returns a store inside a transaction of the host's, for
// travel.Service.In. The transaction must be one that writes from its beginning
// (_txlock=immediate with modernc.org/sqlite): one that has read before it
// writes may be refused its first write, as travel.ErrConflict. It is as durable
// as the host's connection.
//
// # Tables
//
// All tables have a prefix, tjr_ where nothing else is said, and no others are
// touched. Nothing migrates by itself: the host runs [Migrate] or [MigrateTx],
// or gives what [SQL] returns to a tool of its own, and can ask [Validate]
// before it starts. Migrations only go up. Several processes may migrate at the
// same time. A migration writes like any other transaction, and whoever writes
// waits until it is over: they make tables and add columns, which takes
// milliseconds however many rows there are.
package sqlite
