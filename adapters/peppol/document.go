package peppol

import (
	"cmp"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// document is what the e-invoice says in its head, taken from the document.
// What is written and what is checked is this.
type document struct {
	*invoice.Document
	profile       Profile
	credits       bool
	issued, due   string            // days
	reference     *invoice.Original // what is credited or replaced
	referenced    string            // its day
	first, last   string            // of the month
	seller, buyer party
	cost          string // of the whole document
	costs         map[travel.DepartmentID]string
	accounts      []account
	means         string // of payment (UNCL4461); "" is none
	rates         []rate
}

// party is a seller or buyer as it is written.
type party struct {
	name, street, postalCode, city, country string
	scheme, endpoint                        string
	vat                                     string
	registration                            string // of the tax: F-skatt, Foretaksregisteret
	number, numberScheme                    string
	legal                                   string
	contact                                 invoice.Contact
}

// account is where to pay.
type account struct{ id, branch string }

// rate is a row of the VAT breakdown.
type rate struct {
	invoice.RateTotal
	code, reason string
}

const (
	sweden  = "SE"
	norway  = "NO"
	germany = "DE"
)

func (r *Renderer) document(d *invoice.Document) *document {
	x := &document{Document: d, profile: r.options.Profile, credits: d.Kind == invoice.CreditNote}
	x.issued, x.due = r.day(d.IssuedAt), r.day(d.DueAt)
	if x.reference = cmp.Or(d.Original, d.Replaces); x.reference != nil {
		x.referenced = r.day(x.reference.IssuedAt)
	}
	if !d.Month.IsZero() {
		start := time.Date(d.Month.Year(), d.Month.Month(), 1, 0, 0, 0, 0, time.UTC)
		x.first, x.last = start.Format(time.DateOnly), start.AddDate(0, 1, -1).Format(time.DateOnly)
	}
	x.seller, x.buyer = newParty(d.Seller), newParty(d.Buyer)
	x.said()
	x.account()
	x.pay()
	for _, v := range d.Rates {
		code, reason := exemption(v)
		x.rates = append(x.rates, rate{v, code, reason})
	}
	return x
}

// day returns a day in the operator's zone; a zero instant is none.
func (r *Renderer) day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(r.zone).Format(time.DateOnly)
}

func newParty(p invoice.Party) party {
	x := party{
		name: strings.TrimSpace(p.Name), street: strings.TrimSpace(p.Street), postalCode: strings.TrimSpace(p.PostalCode),
		city: strings.TrimSpace(p.City), country: strings.ToUpper(cmp.Or(strings.TrimSpace(p.Country), sweden)),
		vat: strings.TrimSpace(p.VATNumber), number: strings.TrimSpace(p.OrganizationNumber),
		contact: invoice.Contact{
			Name: strings.TrimSpace(p.Contact.Name), Phone: strings.TrimSpace(p.Contact.Phone),
			Email: strings.TrimSpace(cmp.Or(p.Contact.Email, p.Email)),
		},
	}
	scheme, endpoint, found := strings.Cut(strings.TrimSpace(p.PeppolID), ":")
	if !found {
		scheme, endpoint = "", scheme
	}
	x.scheme, x.endpoint = strings.TrimSpace(scheme), strings.TrimSpace(endpoint)
	switch x.country {
	case sweden:
		x.numberScheme = schemeSweden
	case norway:
		x.numberScheme = schemeNorway
		x.number = nine(x.number)
		if plain := nine(x.vat); len(plain) == 9 {
			x.vat = norway + plain + "MVA"
		}
	}
	return x
}

// The schemes of identifiers (ISO 6523).
const (
	schemeSweden = "0007"
	schemeGLN    = "0088"
	schemeNorway = "0192"
)

// What the rules want word by word.
const (
	fSkatt             = "Godkänd för F-skatt"
	foretaksregisteret = "Foretaksregisteret"
	branchBankgiro     = "SE:BANKGIRO"
	branchPlusgiro     = "SE:PLUSGIRO"
)

// nine takes what is around a Norwegian organization number away.
func nine(s string) string {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "").Replace(s))
	return strings.TrimSuffix(strings.TrimPrefix(s, norway), "MVA")
}

// said is what a seller's law wants on its documents.
func (x *document) said() {
	if x.seller.country == sweden && x.Seller.FTax {
		x.seller.registration = fSkatt
	}
	if x.seller.country == norway && x.profile == Norway {
		x.seller.registration = foretaksregisteret
	}
	if office := strings.TrimSpace(x.Seller.RegisteredOffice); office != "" {
		label := map[string]string{sweden: "Säte: ", norway: "Forretningskontor: ", germany: "Sitz: "}[x.seller.country]
		x.seller.legal = cmp.Or(label, "Registered office: ") + office
	}
	// What is outside the scope of VAT is sold without VAT numbers (BR-O-02).
	for _, v := range x.Rates {
		if v.Category != outside {
			return
		}
	}
	x.seller.vat, x.buyer.vat = "", ""
}

// pay says where the document is to be paid. A credit note is not; a German one
// must say how, and is settled between the parties.
func (x *document) pay() {
	if x.credits {
		if x.seller.country == germany {
			x.means = "97"
		}
		return
	}
	for _, a := range [...]account{
		{x.Payee.Bankgiro, branchBankgiro}, {x.Payee.Plusgiro, branchPlusgiro}, {x.Payee.IBAN, x.Payee.BIC},
	} {
		if a.id = strings.TrimSpace(a.id); a.id != "" {
			x.accounts = append(x.accounts, a)
		}
	}
	switch {
	case len(x.accounts) == 0:
	case x.seller.country == germany:
		x.means = "58" // SEPA
	default:
		x.means = "30"
	}
}

// The VAT categories (UNCL5305).
const (
	standard = "S"
	zero     = "Z"
	exempt   = "E"
	reverse  = "AE"
	intra    = "K"
	export   = "G"
	outside  = "O"
)

// exemption returns code and text of why no VAT is charged. Where the category
// says it all the code is known; where it may not be said there is none.
func exemption(v invoice.RateTotal) (code, reason string) {
	switch v.Category {
	case standard, zero:
		return "", ""
	case reverse:
		code = "VATEX-EU-AE"
	case intra:
		code = "VATEX-EU-IC"
	case export:
		code = "VATEX-EU-G"
	case outside:
		code = "VATEX-EU-O"
	}
	return code, strings.TrimSpace(v.Reason)
}

// account finds the cost center that all departments of a document share, or
// else that of each.
func (x *document) account() {
	x.costs = map[travel.DepartmentID]string{}
	for i, t := range x.Departments {
		cost := strings.TrimSpace(t.CostCenter)
		x.costs[t.ID] = cost
		if i == 0 {
			x.cost = cost
		} else if cost != x.cost {
			x.cost = ""
		}
	}
}

// hasCategory tells whether a category is in the breakdown.
func (x *document) hasCategory(category string) bool {
	for _, v := range x.rates {
		if v.Category == category {
			return true
		}
	}
	return false
}
