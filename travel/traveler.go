package travel

import (
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
)

// Traveler is a person who travels for a company, and the unit that purchases
// lock: everything a purchase decides on, but the company's and department's
// policies, is in this one record.
type Traveler struct {
	Company   CompanyID
	ID        TravelerID
	FirstName string
	LastName  string
	Email     string
	// EmployeeNumber is the employer's own, unique in the company when set.
	EmployeeNumber string
	// Number is the link to the person, unique in the company (R08).
	Number PhoneNumber
	// Department is where purchases are invoiced to (R29); zero means none.
	Department DepartmentID
	// Connection is the newest one; its zero value means never connected.
	Connection Connection
	// Credit is the account of the traveler.
	Credit    credit.Account
	CreatedAt time.Time
	// ErasedAt is set when the personal data were erased (R44).
	ErasedAt time.Time
}

// ConnectionState is where a connection stands.
type ConnectionState string

// A connection waits for its code to be used, is active, and ends. "" means
// that the traveler was never connected.
const (
	ConnectionPending ConnectionState = "pending"
	ConnectionActive  ConnectionState = "active"
	ConnectionEnded   ConnectionState = "ended"
)

// Connection is one link between a traveler and the app.
type Connection struct {
	ID    ConnectionID
	State ConnectionState
	// Username is what the traveler types in together with the code.
	Username string
	// Device is the phone on which the code was used (R12), as the host names
	// it.
	Device string
	// Note says whose approval it was, if the administrator wrote it down.
	Note                              string
	ConnectedAt, ActivatedAt, EndedAt time.Time
}

// connected tells whether the traveler has access or is about to.
func (t Traveler) connected() bool {
	return t.Connection.State == ConnectionPending || t.Connection.State == ConnectionActive
}

// Credential is what a connection's one-time code is checked against. The code
// itself is nowhere: Hash is PBKDF2 over an HMAC of it under the host's key.
type Credential struct {
	// Username is the key; it tells neither name nor number.
	Username   string
	Company    CompanyID
	Traveler   TravelerID
	Connection ConnectionID
	State      CredentialState
	// KeyID names the host's key, Salt and Cost are those of the hash.
	KeyID string
	Salt  []byte
	Cost  int
	Hash  []byte
	// Attempts counts the tries, right or wrong, each before it is checked
	// (R14).
	Attempts int
	// IssuedAt and ExpiresAt bound the validity, end exclusive (R10).
	IssuedAt, ExpiresAt time.Time
}

// CredentialState is what has become of a code.
type CredentialState string

// A code is open until it is used, or void when a newer one was issued or the
// connection ended.
const (
	CredentialOpen CredentialState = "open"
	CredentialUsed CredentialState = "used"
	CredentialVoid CredentialState = "void"
)

// name returns the whole name.
func (t *Traveler) name() string { return strings.TrimSpace(t.FirstName + " " + t.LastName) }
