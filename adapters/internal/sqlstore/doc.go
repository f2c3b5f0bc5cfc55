// Package sqlstore is what the SQL stores have in common: it keeps the records
// of every storage port in tables, over the small [Driver] that adapters/sqlite
// and adapters/postgres implement. It locks, loads and saves; every rule is in
// the domain packages.
//
// # Tables
//
// The schema is in the migrations of each adapter, with one table per kind of
// record. Statements name tables as {traveler}; the store's [Names] turn that
// into the name with schema and prefix. Money is whole öre, months are
// text such as 2026-01, ids are uuid (16 bytes in SQLite), instants are
// timestamptz (microseconds since 1970 in SQLite) and null for none. What is
// only ever read together with its record, such as the tickets of an
// authorization, is JSON.
//
// Every primary and unique key begins with the company, but for lookups that do
// not know it, number series and job state. There are no triggers, sequences,
// advisory locks or database clocks, and READ COMMITTED is enough: a decision
// locks the traveler's row first and reads everything else in a later
// statement.
//
// # Columns
//
// A record's columns are listed once, as a slice of [column]s that point into
// the record; inserting, replacing and reading are made from that list, so no
// two statements can disagree on it.
package sqlstore
