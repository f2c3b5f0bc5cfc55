package travel

import (
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/phone"
	"github.com/tjansteresor/tjansteresor/internal/seal"
)

type (
	companyKind       struct{}
	administratorKind struct{}
	departmentKind    struct{}
	travelerKind      struct{}
	connectionKind    struct{}
	entryKind         struct{}
	refundKind        struct{}
	eventKind         struct{}
	auditKind         struct{}
)

// Identifiers are UUIDs of version 7 from the injected source. They are no
// secrets: reach is checked on every call (R40).
type (
	// CompanyID names a company.
	CompanyID = id.ID[companyKind]
	// AdministratorID names an administrator.
	AdministratorID = id.ID[administratorKind]
	// DepartmentID names a department; the zero one means none.
	DepartmentID = id.ID[departmentKind]
	// TravelerID names a traveler.
	TravelerID = id.ID[travelerKind]
	// ConnectionID names one connection of a traveler: each connect makes a
	// new one, and only the newest can buy.
	ConnectionID = id.ID[connectionKind]
	// EntryID names an entry.
	EntryID = id.ID[entryKind]
	// RefundID names a refund of one or more entries.
	RefundID = id.ID[refundKind]
	// EventID names an event.
	EventID = id.ID[eventKind]
	// AuditID names a record of the audit log.
	AuditID = id.ID[auditKind]
	// AuthorizationID names an authorization.
	AuthorizationID = credit.AuthorizationID
)

// PhoneNumber is a mobile number in E.164 that prints masked.
type PhoneNumber = phone.Number

// KeyRing holds the host's secret keys.
type KeyRing = seal.Ring

// ParseID reads any of the identifiers from its text form:
//
//	company, err := travel.ParseID[travel.CompanyID](s)
func ParseID[ID ~[16]byte](s string) (ID, error) {
	v, err := id.Parse[struct{}](s)
	return ID(v), err
}
