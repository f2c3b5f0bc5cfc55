package sqlstore

import (
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// What stands in the JSON columns of documents. A document is kept for years:
// a name here is never changed. Amounts are in öre.

type partyJSON struct {
	Name               string      `json:"name,omitempty"`
	OrganizationNumber string      `json:"organization_number,omitempty"`
	VATNumber          string      `json:"vat_number,omitempty"`
	Street             string      `json:"street,omitempty"`
	PostalCode         string      `json:"postal_code,omitempty"`
	City               string      `json:"city,omitempty"`
	Country            string      `json:"country,omitempty"`
	PeppolID           string      `json:"peppol_id,omitempty"`
	Email              string      `json:"email,omitempty"`
	RegisteredOffice   string      `json:"registered_office,omitempty"`
	FTax               bool        `json:"f_tax,omitempty"`
	Contact            contactJSON `json:"contact,omitzero"`
}

type contactJSON struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

func toParty(p invoice.Party) partyJSON {
	return partyJSON{
		Name: p.Name, OrganizationNumber: p.OrganizationNumber, VATNumber: p.VATNumber, Street: p.Street, PostalCode: p.PostalCode,
		City: p.City, Country: p.Country, PeppolID: p.PeppolID, Email: p.Email, RegisteredOffice: p.RegisteredOffice,
		FTax: p.FTax, Contact: contactJSON(p.Contact),
	}
}

func fromParty(p partyJSON) invoice.Party {
	return invoice.Party{
		Name: p.Name, OrganizationNumber: p.OrganizationNumber, VATNumber: p.VATNumber, Street: p.Street, PostalCode: p.PostalCode,
		City: p.City, Country: p.Country, PeppolID: p.PeppolID, Email: p.Email, RegisteredOffice: p.RegisteredOffice,
		FTax: p.FTax, Contact: invoice.Contact(p.Contact),
	}
}

type payeeJSON struct {
	Bankgiro string `json:"bankgiro,omitempty"`
	Plusgiro string `json:"plusgiro,omitempty"`
	IBAN     string `json:"iban,omitempty"`
	BIC      string `json:"bic,omitempty"`
}

func toPayee(p invoice.Payee) payeeJSON   { return payeeJSON(p) }
func fromPayee(p payeeJSON) invoice.Payee { return invoice.Payee(p) }

type departmentTotalJSON struct {
	ID         travel.DepartmentID `json:"id,omitzero"`
	Name       string              `json:"name,omitempty"`
	CostCenter string              `json:"cost_center,omitempty"`
	Lines      int                 `json:"lines"`
	Net        credit.Amount       `json:"net"`
	VAT        credit.Amount       `json:"vat"`
	Gross      credit.Amount       `json:"gross"`
}

func toDepartmentTotals(list []invoice.DepartmentTotal) []departmentTotalJSON {
	return convert(list, func(d invoice.DepartmentTotal) departmentTotalJSON { return departmentTotalJSON(d) })
}

func fromDepartmentTotals(list []departmentTotalJSON) []invoice.DepartmentTotal {
	return convert(list, func(d departmentTotalJSON) invoice.DepartmentTotal { return invoice.DepartmentTotal(d) })
}

type rateTotalJSON struct {
	// Rate is in hundredths of a percent.
	Rate     int           `json:"rate"`
	Category string        `json:"category,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Net      credit.Amount `json:"net"`
	VAT      credit.Amount `json:"vat"`
	Gross    credit.Amount `json:"gross"`
}

func toRateTotals(list []invoice.RateTotal) []rateTotalJSON {
	return convert(list, func(r invoice.RateTotal) rateTotalJSON { return rateTotalJSON(r) })
}

func fromRateTotals(list []rateTotalJSON) []invoice.RateTotal {
	return convert(list, func(r rateTotalJSON) invoice.RateTotal { return invoice.RateTotal(r) })
}

type originalJSON struct {
	ID       invoice.DocumentID `json:"id,omitzero"`
	Series   string             `json:"series,omitempty"`
	Number   int64              `json:"number,omitempty"`
	IssuedAt moment             `json:"issued_at,omitzero"`
}

func toOriginal(o *invoice.Original) *originalJSON {
	if o == nil {
		return nil
	}
	return &originalJSON{o.ID, o.Series, o.Number, moment(o.IssuedAt)}
}

func fromOriginal(o *originalJSON) *invoice.Original {
	if o == nil {
		return nil
	}
	return &invoice.Original{ID: o.ID, Series: o.Series, Number: o.Number, IssuedAt: time.Time(o.IssuedAt)}
}

type deliveryAttemptJSON struct {
	At     moment                `json:"at,omitzero"`
	State  invoice.DeliveryState `json:"state"`
	Reason string                `json:"reason,omitempty"`
}

func toDeliveryLog(list []invoice.DeliveryAttempt) []deliveryAttemptJSON {
	return convert(list, func(a invoice.DeliveryAttempt) deliveryAttemptJSON {
		return deliveryAttemptJSON{moment(a.At), a.State, a.Reason}
	})
}

func fromDeliveryLog(list []deliveryAttemptJSON) []invoice.DeliveryAttempt {
	return convert(list, func(a deliveryAttemptJSON) invoice.DeliveryAttempt {
		return invoice.DeliveryAttempt{At: time.Time(a.At), State: a.State, Reason: a.Reason}
	})
}

// convert converts every element; nil stays nil.
func convert[A, B any](list []A, one func(A) B) []B {
	if list == nil {
		return nil
	}
	converted := make([]B, len(list))
	for i, v := range list {
		converted[i] = one(v)
	}
	return converted
}
