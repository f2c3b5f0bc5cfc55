package travel

import (
	"context"
	"iter"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
)

// Store is the storage port of this package. One implementation serves every
// process of the operator. A Store locks, loads and saves; it decides nothing:
// every rule is in this package and in credit.
//
// All methods are safe for concurrent use. Each honours its context: when that
// ends before the work is committed, nothing has happened; when the end cannot
// be told apart from a commit, the error says so by wrapping
// [ErrUnknownOutcome], and repeating the caller's key resolves it (I3).
//
// Values that go in and out are shared: neither the store nor its caller may
// change what is behind a slice or a pointer of theirs. Instants come back as
// they were, to the microsecond, in UTC.
//
// The suite in adapters/storetest proves an implementation.
type Store interface {
	// Decide is the hot path. It locks the traveler of q, loads what q asks
	// for, calls decide, and saves what comes back, all in one transaction.
	//
	//   - The decisions on one traveler happen one after the other, each on
	//     what the one before has saved; those on different travelers do not
	//     wait for each other, unless the database has one writer at a time.
	//   - decide is pure and may be called again, on a fresh state, when the
	//     transaction has to be; only the last call's Change is saved. A store
	//     may run many callers' decisions in one transaction.
	//   - A decide that returns an error saves nothing, and Decide returns that
	//     error as it is.
	//   - Company and Department are read after the lock is held.
	//   - An unknown company or traveler is [ErrNotFound], also when the
	//     traveler is another company's. An authorization that does not exist,
	//     or is not this traveler's, is a nil State.Authorization.
	//   - When Decide returns nil the change is durable.
	Decide(ctx context.Context, q Query, decide func(State) (Change, error)) error

	// Update runs do in a transaction that is isolated as if it held a lock on
	// every record that it has read through tx by its id, until the end. do may
	// be called again; an error of do rolls everything back and is returned.
	Update(ctx context.Context, do func(tx Tx) error) error

	// View runs do on a state that changes not while it reads. Saving is
	// refused with [ErrReadOnly]. An error of do is returned.
	View(ctx context.Context, do func(tx Tx) error) error

	// Entries streams entries in ascending order of id, without holding more
	// than a part of them in memory, and without keeping anything locked. Once
	// a month is closed its entries may be read again and come the same. The
	// error ends the sequence.
	Entries(ctx context.Context, q EntryQuery) iter.Seq2[Entry, error]

	EventQueue
}

// Query says which traveler a decision is about and what else it needs.
type Query struct {
	Company  CompanyID
	Traveler TravelerID
	// Operation and Key ask for the command saved under the key; no Key, no
	// command.
	Operation Operation
	Key       string
	// Authorization asks for an authorization; zero for none.
	Authorization AuthorizationID
}

// State is what a decision is made on. It is read-only, and what it points to
// may not be used any more when the decision has returned.
type State struct {
	Company *Company
	// Department is the traveler's, or nil.
	Department *Department
	Traveler   *Traveler
	// Earlier is the command saved under the query's key, or nil.
	Earlier *Command
	// Authorization is the one asked for, or nil.
	Authorization *Authorization
}

// Change is what a decision has decided. A nil or empty field leaves as it is.
// What a Change points to is the store's from then on.
type Change struct {
	// Account replaces the credit account of the traveler.
	Account *credit.Account
	// Authorization is inserted, or replaces the one with its id.
	Authorization *Authorization
	// Expired names authorizations of the traveler whose record becomes
	// [credit.Expired].
	Expired []AuthorizationID
	// Entries are appended.
	Entries []Entry
	// Command is inserted under its company, operation and key. If there is
	// one already, nothing of the change is saved and the decision is run
	// again, which will then see it: so they must be those of the query, else
	// nothing is saved and the error is [ErrConflict].
	Command *Command
	// Events are appended to the outbox.
	Events []Event
}

// Tx is a transaction on everything that is not hot. Reading by id in an
// Update locks the record until the end. A record that does not exist is
// [ErrNotFound], and so is another company's. Save inserts or replaces by id. A
// transaction sees what it has saved itself. Lists come in ascending order of
// id where nothing else is said; a limit of 0 bounds nothing.
type Tx interface {
	CompanyRecords
	TravelerRecords
	CredentialRecords
	PurchaseRecords
	OutboxRecords
}

// CompanyRecords keeps companies and what is inside them.
type CompanyRecords interface {
	Company(ctx context.Context, id CompanyID) (Company, error)
	SaveCompany(ctx context.Context, c Company) error
	// Companies lists up to limit companies after an id, of one status or of
	// all (""), without locking them.
	Companies(ctx context.Context, status CompanyStatus, after CompanyID, limit int) ([]Company, error)

	Department(ctx context.Context, company CompanyID, id DepartmentID) (Department, error)
	SaveDepartment(ctx context.Context, d Department) error
	Departments(ctx context.Context, company CompanyID) ([]Department, error)

	Administrator(ctx context.Context, company CompanyID, id AdministratorID) (Administrator, error)
	SaveAdministrator(ctx context.Context, a Administrator) error
	Administrators(ctx context.Context, company CompanyID) ([]Administrator, error)

	// AppendAudit appends a record; a sequence number that the company has
	// already is an error.
	AppendAudit(ctx context.Context, r AuditRecord) error
	// AuditLog lists up to limit records with a sequence number above after, in
	// that order.
	AuditLog(ctx context.Context, company CompanyID, after int64, limit int) ([]AuditRecord, error)
}

// TravelerRecords keeps travelers. Number and employee number are unique in the
// company when they are set.
type TravelerRecords interface {
	Traveler(ctx context.Context, company CompanyID, id TravelerID) (Traveler, error)
	// SaveTraveler inserts or replaces. A number or employee number that
	// another traveler of the company has is a [*DuplicateError], and nothing
	// of this call is saved.
	SaveTraveler(ctx context.Context, t Traveler) error
	// Travelers lists up to limit travelers after an id, without locking them.
	Travelers(ctx context.Context, q TravelerQuery) ([]Traveler, error)
	// TravelersByNumber lists the travelers of all companies that have a
	// number (R08).
	TravelersByNumber(ctx context.Context, n PhoneNumber) ([]Traveler, error)
	// FenceTravelers sets [credit.Account.ClosedThrough] of every traveler of
	// the company to a month, unless it is later already, and locks them until
	// the end: decisions that have begun are over, those that follow see it.
	FenceTravelers(ctx context.Context, company CompanyID, m credit.Month) error
}

// TravelerQuery bounds a list of travelers.
type TravelerQuery struct {
	// Company bounds the list to one company; zero is an error but for
	// DeadlineBefore, which may search them all.
	Company CompanyID
	// Department bounds the list to one department.
	Department DepartmentID
	// Open bounds the list to those with an open reservation.
	Open bool
	// DeadlineBefore bounds the list to those with a reservation whose
	// deadline is at or before an instant; one that is being captured has none
	// ([credit.Account.NextDeadline]). The authorizations of reservations are on
	// record as [credit.Pending], by which a store may find them.
	DeadlineBefore time.Time
	After          TravelerID
	Limit          int
}

// CredentialRecords keeps credentials by username, over all companies.
type CredentialRecords interface {
	Credential(ctx context.Context, username string) (Credential, error)
	// InsertCredential adds a credential; a username that was ever used is a
	// [*DuplicateError].
	InsertCredential(ctx context.Context, c Credential) error
	// SaveCredential inserts or replaces.
	SaveCredential(ctx context.Context, c Credential) error
}

// PurchaseRecords keeps commands, authorizations and entries outside the hot
// path.
type PurchaseRecords interface {
	// Command returns what is saved under a key.
	Command(ctx context.Context, company CompanyID, op Operation, key string) (Command, error)
	// InsertCommand adds a command; a key that the company has used for the
	// operation is a [*DuplicateError].
	InsertCommand(ctx context.Context, c Command) error
	Authorization(ctx context.Context, company CompanyID, id AuthorizationID) (Authorization, error)
	SaveAuthorization(ctx context.Context, z Authorization) error
	// Authorizations lists up to limit authorizations, newest first, that are
	// older than an id (zero: from the newest on).
	Authorizations(ctx context.Context, q AuthorizationQuery) ([]Authorization, error)
	// ErasePersonal empties Personal of all entries and authorizations of a
	// traveler (R44).
	ErasePersonal(ctx context.Context, company CompanyID, traveler TravelerID) error
}

// AuthorizationQuery bounds a list of authorizations.
type AuthorizationQuery struct {
	// Company and Traveler bound the list; a zero Company is an error but for
	// Unanswered, which may search them all.
	Company  CompanyID
	Traveler TravelerID
	// Unanswered bounds the list to those with a capture or refund that the
	// payment provider has not answered.
	Unanswered bool
	Before     AuthorizationID
	Limit      int
}

// OutboxRecords is the writing side of the outbox.
type OutboxRecords interface {
	AppendEvents(ctx context.Context, events ...Event) error
	// AppendMessage adds a sealed SMS that waits to be sent.
	AppendMessage(ctx context.Context, m sms.Queued) error
	// Messages lists the SMS to a traveler, newest first, and in an Update locks
	// them until the end.
	Messages(ctx context.Context, company CompanyID, traveler TravelerID) ([]sms.Queued, error)
	// SaveMessage replaces an SMS, as when a newer code has made it void.
	SaveMessage(ctx context.Context, m sms.Queued) error
}

// EventQueue is the reading side of the outbox: at least once, any number of
// processes.
type EventQueue interface {
	// LeaseEvents takes up to limit events, oldest first, that nobody has
	// leased beyond now, and leases them until an instant. A lease that has
	// ended is taken over.
	LeaseEvents(ctx context.Context, owner string, now, until time.Time, limit int) ([]Event, error)
	// SettleEvents takes delivered events off the queue. Those that the owner
	// does not hold any more stay.
	SettleEvents(ctx context.Context, owner string, ids ...EventID) error
}

// EntryQuery bounds a stream of entries.
type EntryQuery struct {
	// Company is required: no stream crosses companies.
	Company CompanyID
	// Billing bounds the stream to the month in whose close the entries are
	// invoiced, Month to the month of the purchase; zero bounds nothing.
	Billing, Month credit.Month
	// Kind bounds the stream to captures or to refunds; zero bounds nothing.
	Kind EntryKind
	// Department bounds the stream to one department; a zero id means
	// travelers without one, nil bounds nothing.
	Department *DepartmentID
	// Traveler bounds the stream to one traveler; zero bounds nothing.
	Traveler TravelerID
}
