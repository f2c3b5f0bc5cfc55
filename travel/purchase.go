package travel

import (
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
)

// Authorization is the stored record of an authorization: the credit decision,
// and the purchase around it as it was at that instant.
type Authorization struct {
	credit.Authorization
	Company    CompanyID
	Traveler   TravelerID
	Connection ConnectionID
	// Department is the one that is invoiced (R29); DepartmentName is its name
	// at the purchase (R37).
	Department     DepartmentID
	DepartmentName string
	Tickets        []TicketLine
	// Personal is set from the capture on, and can be erased (R44).
	Personal Personal
	// Pending is the capture that the payment provider has not answered.
	Pending *PendingCapture
	// Outcome is the final answer of a capture for which a provider was asked.
	Outcome *Answer
	// Refunds are those made and under way, in the order of their requests.
	Refunds []Refund
}

// Unanswered tells whether the payment provider owes an answer. A store may
// index it for [AuthorizationQuery].
func (z Authorization) Unanswered() bool {
	return z.Pending != nil || slices.ContainsFunc(z.Refunds, func(r Refund) bool { return r.State == RefundPending })
}

// TicketLine is one ticket of an authorization and what became of it.
type TicketLine struct {
	Ticket Ticket
	// Gross is what was authorized, and after the capture what was captured.
	Gross credit.Amount
	// Stated tells that the seller stated net and VAT; else the rate decides.
	Stated   bool
	Net, VAT credit.Amount
	// Capture is the entry with which it was captured; zero until then.
	Capture EntryID
	// Refunded is what was given back of Gross.
	Refunded credit.Amount
}

// PendingCapture is a capture that has begun: what was asked for, so that it
// can be driven on from stored state until the provider answers.
type PendingCapture struct {
	At     time.Time
	Amount credit.Amount
	// Gross holds the captured amount of each ticket, in their order.
	Gross []credit.Amount
}

// RefundState is where a refund stands.
type RefundState string

// A refund waits for the payment provider, if there is one, and is done or
// refused.
const (
	RefundPending RefundState = "pending"
	RefundDone    RefundState = "done"
	RefundRefused RefundState = "refused"
)

// Refund is one refund of an authorization.
type Refund struct {
	ID     RefundID
	State  RefundState
	At     time.Time
	Amount credit.Amount
	// Gross holds the amount given back of each ticket, in their order.
	Gross []credit.Amount
	// Billing is the month in whose close it is netted or credited; zero until
	// it is done.
	Billing credit.Month
	// Detail is the provider's reason for a refusal.
	Detail string
}

// Personal is what an entry or authorization knows of a person. It is kept
// beside the record and can be erased without touching it (R44). All of it is as it was at the
// purchase (R37), the purpose as typed (R28).
type Personal struct {
	Name           string
	EmployeeNumber string
	Purpose        string
}

// EntryKind tells captures from refunds.
type EntryKind uint8

// The kinds of entries.
const (
	EntryCapture EntryKind = iota + 1
	EntryRefund
)

// Entry is one ticket captured, or a refund of one. Entries are appended and
// never changed, but for the erasure of Personal; invoices are made from them.
// All amounts are positive; the kind gives the sign.
type Entry struct {
	ID            EntryID
	Kind          EntryKind
	Company       CompanyID
	Traveler      TravelerID
	Authorization AuthorizationID
	// Line is the ticket's index in its authorization.
	Line int
	// Month is the month of the purchase (R22): the one whose amount used it
	// changes. Billing is the month in whose close it is invoiced: the same,
	// but for refunds that came after Month was closed (R43).
	Month, Billing credit.Month
	// PurchasedAt is the instant of authorization, At that of this entry.
	PurchasedAt, At time.Time
	Department      DepartmentID
	DepartmentName  string
	Ticket          Ticket
	// Gross is in öre. Net and VAT are set when Stated, by the seller; on a
	// refund they are those of the whole purchase, like OfGross.
	Gross    credit.Amount
	Stated   bool
	Net, VAT credit.Amount
	// Of is the capture that a refund belongs to, OfGross its whole amount and
	// Before what earlier refunds had given back of it: so that net and VAT of
	// any number of partial refunds add up to those of the purchase.
	Of              EntryID
	OfGross, Before credit.Amount
	Personal        Personal
}

// Signed returns the gross amount with its sign: refunds are negative.
func (e Entry) Signed() credit.Amount {
	if e.Kind == EntryRefund {
		return -e.Gross
	}
	return e.Gross
}

// Operation names what a key was used for. A key is unique per company and
// operation (R42).
type Operation string

// The operations that take a key.
const (
	OperationAuthorize Operation = "authorize"
	OperationCapture   Operation = "capture"
	OperationPurchase  Operation = "purchase"
	OperationRelease   Operation = "release"
	OperationRefund    Operation = "refund"
	OperationConnect   Operation = "connect"
	OperationNumber    Operation = "change_number"
	OperationImport    Operation = "import"
	OperationResend    Operation = "resend"
)

// Command is the memory of a request: what was asked under a key, and what was
// answered. It is kept as long as the purchase (R42).
type Command struct {
	Company     CompanyID
	Operation   Operation
	Key         string
	RequestHash [32]byte
	At          time.Time
	Answer      Answer
}

// Answer is what is given again when a request is repeated. Which fields are
// set depends on the operation. It holds no personal data.
type Answer struct {
	Authorization AuthorizationID
	State         credit.State
	Month         credit.Month
	Amount        credit.Amount
	Available     credit.Amount
	ExpiresAt     time.Time
	Refund        RefundID
	Traveler      TravelerID
	Connection    ConnectionID
	// Digest summarises a longer answer, such as that of an import.
	Digest  string
	Decline *credit.Decline
}
