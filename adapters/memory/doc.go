// Package memory keeps everything in one process. It is the reference that
// other stores are compared with, and what a host's own tests run on:
//
//	store := memory.New(memory.Options{})
//	service, err := travel.New(travel.Config{Store: store, Keys: keys})
//
// One [Store] implements all storage ports: travel.Store with its event queue,
// invoice.Store, sms.Queue and travel.JobStore. Nothing is written to a disk:
// what the process held is gone with it.
//
// # Transactions
//
// Decisions on one traveler wait for each other, those on different travelers
// do not. Updates happen one at a time; each locks the travelers that it
// reads by id or saves, so a purchase waits only for an update of its own
// traveler. A view reads the state of the moment at which it began, while
// purchases go on; updates wait until it ends. Entries are streamed from what
// was there when the stream began, and keep nothing waiting.
//
// Update and View run their function once, unless a purchase has saved a
// command under a key that the update found free. A function must not call
// Update, View, Decide or a queue of the same Store: it would wait for itself.
// It may stream Entries.
//
// # Values
//
// Values are not copied deep: what is behind a slice or pointer that was saved,
// or was given out, is shared, and nobody may change it. The Store never does.
//
// # Payment provider
//
// [Provider] is a payment provider for tests that approves, refuses, stays
// silent, or dies between the charge and its answer.
package memory
