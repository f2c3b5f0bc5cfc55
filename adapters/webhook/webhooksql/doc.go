// Package webhooksql keeps webhooks in the host's SQL database, PostgreSQL or
// SQLite, by database/sql; it imports no driver.
//
//	err := webhooksql.Migrate(ctx, db, webhooksql.Options{Dialect: webhooksql.PostgreSQL})
//	store, err := webhooksql.New(db, webhooksql.Options{Dialect: webhooksql.PostgreSQL})
//	dispatcher, err := webhook.New(events, store, endpoints, webhook.Options{})
//
// It may be the database of the travel store or another one: nothing is written
// in a transaction with anything else. On SQLite give the connections a
// busy_timeout; the database needs one writer at a time.
//
// # Tables
//
// Three tables and one for the version have a prefix, tjr_webhook_ where
// nothing else is said, and no others are touched. Nothing migrates by itself.
// Migrations only go up. The statements are the same in both databases: instants
// are whole microseconds, ids are text. Keys begin with the event, which is unique
// over all companies.
package webhooksql
