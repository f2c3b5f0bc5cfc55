package travel

import (
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
)

// EventType names what happened. The names are stable.
type EventType string

// The events that are written in the transaction that causes them.
const (
	EventCompanyApplied     EventType = "company.applied"
	EventCompanyApproved    EventType = "company.approved"
	EventCompanyRejected    EventType = "company.rejected"
	EventCompanyClosed      EventType = "company.closed"
	EventTravelerConnected  EventType = "traveler.connected"
	EventTravelerActivated  EventType = "traveler.activated"
	EventTravelerEnded      EventType = "traveler.disconnected"
	EventTravelerErased     EventType = "traveler.erased"
	EventLimitChanged       EventType = "limit.changed"
	EventPurchaseAuthorized EventType = "purchase.authorized"
	EventPurchaseDeclined   EventType = "purchase.declined"
	EventPurchaseCaptured   EventType = "purchase.captured"
	EventPurchaseReleased   EventType = "purchase.released"
	EventPurchaseExpired    EventType = "purchase.expired"
	EventPurchaseRefunded   EventType = "purchase.refunded"
	EventInvoiceIssued      EventType = "invoice.issued"
	EventMonthClosed        EventType = "month.closed"
	EventMonthSetAside      EventType = "month.set_aside"
	EventMonthReleased      EventType = "month.released"
	EventInvoiceDelivered   EventType = "invoice.delivered"
	EventInvoiceRefused     EventType = "invoice.refused"
)

// Event tells the host what happened. It is written in the same transaction
// as its cause and delivered afterwards, at least once; ID is stable, so a
// consumer can know a repetition. It holds no personal data (I7). Fields that
// do not belong to the type are zero.
type Event struct {
	ID            EventID
	Type          EventType
	At            time.Time
	Company       CompanyID
	Traveler      TravelerID
	Authorization AuthorizationID
	// Subject is the id of what else it is about: a document, a refund.
	Subject [16]byte
	Month   credit.Month
	Amount  credit.Amount
	// Reason is a stable code, such as that of a decline.
	Reason string
}
