package invoice

import (
	"strconv"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/travel"
)

type documentKind struct{}

// DocumentID names a document.
type DocumentID = id.ID[documentKind]

// Kind tells the documents apart.
type Kind string

// The kinds of documents.
const (
	// Invoice bills the tickets of one company, reference, seller and month.
	Invoice Kind = "invoice"
	// CreditNote credits refunds that came after their month was invoiced; it
	// names the invoice (R43).
	CreditNote Kind = "credit_note"
	// Basis is an invoice that the payment provider writes: specification and
	// sums without a number.
	Basis Kind = "basis"
)

// Document is an issued invoice, credit note or basis. It never changes (R36).
// It holds no personal data: names and purposes are in the specification,
// which is rendered from the entries when asked for (R44).
type Document struct {
	ID      DocumentID
	Company travel.CompanyID
	Kind    Kind
	// Series and Number identify the document on paper; a basis has none.
	Series string
	Number int64
	// Month is the month that is billed.
	Month credit.Month
	// Seller and Buyer are the parties as they were at the issue (R37).
	Seller Party
	// SellerID is "" for the operator.
	SellerID string
	Buyer    Party
	// Reference is the buyer's reference, as it was at the issue.
	Reference string
	Currency  string
	// Departments are those whose entries the document holds, in the order of
	// its lines.
	Departments []DepartmentTotal
	// From and Through bound the lines when those of a reference had to be
	// split over several documents: From those of the first department, Through
	// those of the last, both inclusive; zero bounds nothing. A refund that is
	// netted goes with its purchase.
	From, Through travel.EntryID
	// Netted is the month through which refunds are netted: those of the
	// document's tickets that are billed later are credited. It is Month, but
	// for what is issued anew, see [Service.Reissue].
	Netted credit.Month
	// Original is what is credited; nil when the document bills. A basis that
	// has one is the basis of a credit note.
	Original *Original
	// Cancels says that a credit note credits what is left of its Original, line
	// by line: all of it, or with the others of the same Original all of it.
	Cancels bool
	// Replaces is the canceled document whose lines, or some of them, stand here
	// anew; nil for what is issued for the first time.
	Replaces *Original
	IssuedAt time.Time
	// DueAt is the day by which it is to be paid, Payee where to, and
	// PaymentReference what the payment is known by; a credit note has no
	// reference.
	DueAt            time.Time
	Payee            Payee
	PaymentReference string
	// Rates are the sums per VAT rate and category, ascending. Amounts are in
	// öre; on a credit note they are positive.
	Rates           []RateTotal
	Net, VAT, Gross credit.Amount
	// Rounding is what makes whole kronor of Gross, if that is wanted: it
	// changes what is to be paid, see [Document.Payable], and no VAT.
	Rounding credit.Amount
	Lines    int
	// LinesHash covers what is billed of every line, in order, and nothing that
	// is personal: a line that was changed afterwards shows.
	LinesHash [32]byte
	// PersonalLines says that the company wants name and purpose on the lines of
	// the e-invoice; see travel.Billing.
	PersonalLines bool
	// Language is the one of Content: "sv" or "en".
	Language string
	// Content is the document as it was issued: text in UTF-8 with all of the
	// above. Hash is its SHA-256. Drafts have none, and neither has what a
	// department administrator sees of a document with other departments in it.
	Content []byte
	Hash    [32]byte
}

// Partial tells whether these are only the departments that a department
// administrator may see: such a part has no Rates.
func (d Document) Partial() bool { return len(d.Rates) == 0 }

// CostCenter returns the cost center of a department on the document.
func (d *Document) CostCenter(id travel.DepartmentID) string {
	if i := d.index(id); i >= 0 {
		return d.Departments[i].CostCenter
	}
	return ""
}

// Payable returns what is to be paid, or what is credited.
func (d Document) Payable() credit.Amount { return d.Gross + d.Rounding }

// DepartmentTotal is a department's part of a document.
type DepartmentTotal struct {
	// ID is zero for travelers without a department.
	ID travel.DepartmentID
	// Name is the one at the newest purchase on the document, CostCenter the one
	// at the issue (R37).
	Name       string
	CostCenter string
	Lines      int
	// Net, VAT and Gross are in öre.
	Net, VAT, Gross credit.Amount
}

// RateTotal is the sum of one VAT rate and category.
type RateTotal struct {
	// Rate is in hundredths of a percent: 600 is 6 %.
	Rate     int
	Category string
	// Reason says why no VAT is charged, where the category wants it said.
	Reason          string
	Net, VAT, Gross credit.Amount
}

// Original names the document that is credited or replaced.
type Original struct {
	ID       DocumentID
	Series   string
	Number   int64
	IssuedAt time.Time
}

// Label returns series and number as they are printed and referred to: JLT-17.
// A draft and a basis have none.
func (d Document) Label() string { return label(d.Series, d.Number) }

// Label returns series and number as they are printed and referred to.
func (o Original) Label() string { return label(o.Series, o.Number) }

func label(series string, number int64) string {
	if number == 0 {
		return ""
	}
	return series + "-" + strconv.FormatInt(number, 10)
}

// named returns what others name a document by.
func (d *Document) named() *Original {
	return &Original{ID: d.ID, Series: d.Series, Number: d.Number, IssuedAt: d.IssuedAt}
}

// Line is one line of a document: an entry with its exact share of the
// document's net and VAT (in öre; refunds are negative on an invoice and
// positive on a credit note, but for
// one that cancels: there what was refunded before is taken off what is
// credited, and negative).
type Line struct {
	Entry           travel.Entry
	Net, VAT, Gross credit.Amount
}
