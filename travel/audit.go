package travel

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// AuditRecord says who did what, when and why. Purchases are not in the audit
// log: they have their own entries. The records of a company form a chain:
// each Hash covers the record and the Hash before it, so that a removed or
// changed record shows. Records hold ids and amounts but no personal data, so
// that an erasure leaves the chain whole (R44).
type AuditRecord struct {
	ID       AuditID
	Company  CompanyID
	Sequence int64
	At       time.Time
	// Actor is who did it: the role, and the id that the host gave.
	Role  Role
	Actor string
	// Action is a stable name such as "traveler.connect".
	Action string
	// Subject is the id of what it was done to.
	Subject string
	// Detail gives the new values, never personal ones.
	Detail string
	// Reason is why, in the actor's words. It must not name a person.
	Reason string
	Hash   [32]byte
}

// chain returns the hash of a record that follows previous.
func (r AuditRecord) chain(previous [32]byte) [32]byte {
	h := sha256.New()
	h.Write(previous[:])
	h.Write(r.ID[:])
	h.Write(r.Company[:])
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], uint64(r.Sequence))
	binary.BigEndian.PutUint64(n[8:], uint64(r.At.UnixMicro()))
	h.Write(n[:])
	for _, s := range []string{string(r.Role), r.Actor, r.Action, r.Subject, r.Detail, r.Reason} {
		binary.BigEndian.PutUint64(n[:8], uint64(len(s)))
		h.Write(n[:8])
		h.Write([]byte(s))
	}
	return [32]byte(h.Sum(nil))
}
