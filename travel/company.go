package travel

import (
	"fmt"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// CompanyStatus is where a company stands with the operator.
type CompanyStatus string

// A company applies and is approved or rejected; an approved one may be
// closed. Only an approved company can do anything (R01).
const (
	CompanyApplied  CompanyStatus = "applied"
	CompanyApproved CompanyStatus = "approved"
	CompanyRejected CompanyStatus = "rejected"
	CompanyClosed   CompanyStatus = "closed"
)

// Company is a customer of the operator that travels on invoice.
type Company struct {
	ID     CompanyID
	Status CompanyStatus
	Name   string
	// OrganizationNumber is ten digits without the dash.
	OrganizationNumber string
	// Billing says where invoices go.
	Billing Billing
	// DefaultReference marks the invoices of travelers without a department
	// and of departments without a reference (R03).
	DefaultReference string
	// Ceiling is the highest limit that the operator grants one traveler of
	// this company, Maximum the company's own (R17). 0 means none.
	Ceiling, Maximum credit.Amount
	// Policy restricts purchases of the whole company; nil restricts nothing
	// (R05).
	Policy *Policy
	// EarlyInsight shows administrators the purchases of a month before it is
	// closed. Off unless the operator turns it on (R33).
	EarlyInsight bool
	// ClosedThrough is the last month that is closed for the company (R35).
	ClosedThrough credit.Month
	AppliedAt     time.Time
	// DecidedAt is when the operator approved or rejected, ClosedAt when the
	// company was closed.
	DecidedAt, ClosedAt time.Time
	// AuditSequence and AuditHash are the end of the company's audit chain.
	AuditSequence int64
	AuditHash     [32]byte
}

// Billing is the buyer's side of an invoice.
type Billing struct {
	// Name is the legal name; "" means the company's name.
	Name                     string
	Street, PostalCode, City string
	// Country is an ISO 3166 code; "" means SE.
	Country string
	// VATNumber is the VAT registration number; "" when there is none.
	VATNumber string
	// PeppolID is the electronic address, scheme and number: 0007:2120000829.
	PeppolID string
	Email    string
	// PersonalLines puts the traveler's name and the purpose on every line of
	// e-invoices, and not only in the specification. What it means for how long
	// they are kept is said by [PersonalLinesNotice], which the portal shows.
	PersonalLines bool
}

var personalLinesNotice = lang.Text{
	Swedish: "Resenärens namn och syftet med resan skrivs på e-fakturans rader. En e-faktura är räkenskapsinformation: den sparas hos er " +
		"och hos operatören i sju år, och ingen kan ta bort ett namn ur den. En begäran om radering kan då bara besvaras med den dag " +
		"tiden går ut. Annars står biljett, datum, belopp och anställningsnummer på raderna; namn och syfte finns i specifikationen.",
	English: "The traveler's name and the purpose of the trip are written on the lines of the e-invoice. An e-invoice is an accounting " +
		"record: you and the operator keep it for seven years, and nobody can take a name out of it. A request for erasure can then only " +
		"be answered with the day on which that time ends. Otherwise the lines have ticket, date, amount and employee number; name and " +
		"purpose are in the specification.",
}

// PersonalLinesNotice says, in Swedish or English, what Billing.PersonalLines
// means for the retention of personal data: for whoever turns it on.
func PersonalLinesNotice(tag language.Tag) string { return personalLinesNotice.In(tag) }

// visible tells whether administrators may see the purchases of a month
// (R33).
func (c Company) visible(m credit.Month) bool {
	return c.EarlyInsight || m <= c.ClosedThrough
}

// active returns an error unless the company is approved (R01).
func (c Company) active() error {
	if c.Status != CompanyApproved {
		return fmt.Errorf("%w: it is %s", ErrCompanyInactive, c.Status)
	}
	return nil
}

// Administrator acts for a company in the portal, within its reach (R40).
type Administrator struct {
	Company CompanyID
	ID      AdministratorID
	Name    string
	Email   string
	// Departments bounds a department administrator; empty means the whole
	// company.
	Departments []DepartmentID
	AddedAt     time.Time
	// RemovedAt is zero for an administrator in office.
	RemovedAt time.Time
}

// Department is a part of a company with a reference of its own.
type Department struct {
	Company CompanyID
	ID      DepartmentID
	Name    string
	// Reference marks the invoices of the department; "" means the company's
	// default reference (R03).
	Reference string
	// CostCenter is the company's own account for the department, which
	// invoices repeat; "" for none.
	CostCenter string
	// Policy restricts purchases of the department's travelers, in addition to
	// the company's; nil restricts nothing (R05).
	Policy *Policy
	// ArchivedAt is zero while travelers can be placed in the department. An
	// archived one is still invoiced for what was bought in it (R29).
	ArchivedAt time.Time
}
