package invoice

import (
	"context"
	"iter"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Store is the storage port of this package; the same value implements
// [travel.Store]. The contract of transactions is the one of travel.Store.
type Store interface {
	// UpdateInvoices runs do in a transaction, like travel.Store.Update.
	UpdateInvoices(ctx context.Context, do func(tx Tx) error) error
	// ViewInvoices runs do on an unchanging state, like travel.Store.View.
	ViewInvoices(ctx context.Context, do func(tx Tx) error) error
	// Entries streams entries in ascending order of id, as travel.Store does.
	Entries(ctx context.Context, q travel.EntryQuery) iter.Seq2[travel.Entry, error]
}

// Tx is a transaction on invoices and on what they are made from.
type Tx interface {
	travel.Tx

	// Close returns the record of a company's month; reading it in an update
	// locks it, also when there is none yet: then it is [travel.ErrNotFound].
	Close(ctx context.Context, company travel.CompanyID, m credit.Month) (Close, error)
	// SaveClose inserts or replaces the record.
	SaveClose(ctx context.Context, c Close) error
	// Closes lists the records of a month over all companies, ascending by
	// company, up to limit after one.
	Closes(ctx context.Context, m credit.Month, after travel.CompanyID, limit int) ([]Close, error)

	// NextNumber returns the next number of a series, beginning with 1, and
	// locks the series until the end: numbers have no gaps (R36). A transaction
	// that is rolled back has taken none.
	NextNumber(ctx context.Context, series string) (int64, error)
	// InsertDocument adds a document. An id that exists already, or a series and
	// number, is a [*travel.DuplicateError], and nothing of this call is saved.
	// There is no way to change or delete one.
	InsertDocument(ctx context.Context, d Document) error
	Document(ctx context.Context, company travel.CompanyID, id DocumentID) (Document, error)
	// Documents lists up to limit documents in ascending order of id.
	Documents(ctx context.Context, q DocumentQuery) ([]Document, error)

	// Delivery returns the delivery log of a document; reading it in an update
	// locks it.
	Delivery(ctx context.Context, company travel.CompanyID, id DocumentID) (DeliveryRecord, error)
	// SaveDelivery inserts or replaces the log.
	SaveDelivery(ctx context.Context, r DeliveryRecord) error
	// Deliveries lists up to limit logs in ascending order of the document's
	// id, without locking them.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]DeliveryRecord, error)
}

// DocumentQuery bounds a list of documents. Zero fields bound nothing, but
// without Company and Series it is an error.
type DocumentQuery struct {
	Company travel.CompanyID
	Month   credit.Month
	Series  string
	After   DocumentID
	Limit   int
}

// DeliveryQuery bounds a list of delivery logs. Zero fields bound nothing, but
// without Company and State it is an error.
type DeliveryQuery struct {
	Company travel.CompanyID
	State   DeliveryState
	// DueBy leaves out those that are not due at an instant, see
	// [DeliveryRecord.Due].
	DueBy time.Time
	After DocumentID
	Limit int
}

// CloseState is where the close of a company's month stands.
type CloseState string

// A month that is not mentioned is open.
const (
	// CloseAside: set aside with a reason, until that is mended (R35).
	CloseAside CloseState = "aside"
	// CloseFenced: nothing can enter the month any more; the documents are
	// being made.
	CloseFenced CloseState = "fenced"
	// CloseIssued: the documents are issued.
	CloseIssued CloseState = "issued"
)

// Close is the record of a company's month.
type Close struct {
	Company travel.CompanyID
	Month   credit.Month
	State   CloseState
	// Reason is a stable code and Detail what it is about, when set aside.
	Reason Reason
	Detail string
	// FencedAt is when the month was fenced; zero when nothing was. A month
	// may be set aside after it was fenced.
	FencedAt, IssuedAt time.Time
	// Documents are those that were issued.
	Documents []DocumentID
}

// Problem returns why the month was set aside, or nil.
func (c Close) Problem() *Problem {
	if c.State != CloseAside {
		return nil
	}
	return &Problem{Reason: c.Reason, Detail: c.Detail}
}
