package invoice

import (
	"strconv"
	"strings"

	"github.com/tjansteresor/tjansteresor/internal/number"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Party is a seller or a buyer as printed on a document.
type Party struct {
	Name               string
	OrganizationNumber string
	VATNumber          string
	Street             string
	PostalCode         string
	City               string
	// Country is an ISO 3166 code.
	Country string
	// PeppolID is the electronic address, scheme and number.
	PeppolID string
	Email    string
	// RegisteredOffice is the town where a seller's company has its seat.
	RegisteredOffice string
	// FTax says that a seller is approved for F-skatt, which Swedish documents
	// state.
	FTax bool
	// Contact is whom a buyer asks about a document.
	Contact Contact
}

// Contact is whom to ask.
type Contact struct{ Name, Phone, Email string }

// Payee is where a seller is paid; what is "" is not offered. On documents the
// numbers are without spaces and dashes.
type Payee struct {
	Bankgiro, Plusgiro string
	// IBAN and BIC are for payments from abroad.
	IBAN, BIC string
}

// OCR is what a payment is known by.
type OCR uint8

// The references that documents carry for their payment.
const (
	// OCRNone: the series and the number, such as JLT-17.
	OCRNone OCR = iota
	// OCRPlain: the number and a Luhn check digit, for banks that control it.
	OCRPlain
	// OCRLength: a length digit before the check digit.
	OCRLength
)

// reference returns what the payment of a document is known by.
func (o OCR) reference(series string, n int64) (string, error) {
	if o == OCRNone {
		return label(series, n), nil
	}
	return number.OCR(strconv.FormatInt(n, 10), o == OCRLength)
}

// check returns an error for the first thing that the law wants of a seller
// and that is not there, or is no such number, and brings numbers into the form
// in which they are sent.
func (p *Party) check(field string) error {
	for _, f := range [...]struct{ name, value string }{
		{"Name", p.Name}, {"OrganizationNumber", p.OrganizationNumber}, {"VATNumber", p.VATNumber},
		{"Street", p.Street}, {"PostalCode", p.PostalCode}, {"City", p.City},
	} {
		if strings.TrimSpace(f.value) == "" {
			return invalid(field+f.name, "", "is required")
		}
	}
	checks := []numberCheck{{"VATNumber", &p.VATNumber, number.VAT}, {"PeppolID", &p.PeppolID, number.Participant}}
	if p.Country == "" || p.Country == "SE" {
		checks = append(checks, numberCheck{"OrganizationNumber", &p.OrganizationNumber, number.Organization})
	}
	return checkNumbers(field, checks)
}

// check checks the numbers that are set.
func (p *Payee) check(field string) error {
	return checkNumbers(field, []numberCheck{
		{"Bankgiro", &p.Bankgiro, number.Bankgiro}, {"Plusgiro", &p.Plusgiro, number.Plusgiro}, {"IBAN", &p.IBAN, number.IBAN},
	})
}

type numberCheck struct {
	name  string
	value *string
	form  func(string) (string, error)
}

func checkNumbers(field string, checks []numberCheck) error {
	for _, c := range checks {
		if *c.value == "" {
			continue
		}
		plain, err := c.form(*c.value)
		if err != nil {
			return &travel.InputError{Field: field + c.name, Value: *c.value, Err: err}
		}
		*c.value = plain
	}
	return nil
}
