package peppol_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"slices"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A host has documents from invoice.Service.Documents, and their lines from
// invoice.Service.Lines.
func Example() {
	bought := time.Date(2026, time.January, 13, 11, 0, 0, 0, time.UTC)
	document := invoice.Document{
		Kind: invoice.Invoice, Series: "JLT", Number: 17, Month: credit.NewMonth(2026, time.January),
		Seller: seller, Payee: payee, PaymentReference: "JLT-17",
		Buyer: invoice.Party{
			Name: "Habo kommun", OrganizationNumber: "2120001629", Street: "Box 212", PostalCode: "566 24", City: "Habo", Country: "SE",
		},
		Reference: "4711", Currency: "SEK", Language: "sv",
		IssuedAt: bought.AddDate(0, 1, 0), DueAt: bought.AddDate(0, 2, 0),
		Rates: []invoice.RateTotal{{Rate: 600, Category: "S", Net: 3491, VAT: 209, Gross: 3700}},
		Net:   3491, VAT: 209, Gross: 3700, Lines: 1,
	}
	lines := func(yield func(invoice.Line, error) bool) {
		yield(invoice.Line{
			Net: 3491, VAT: 209, Gross: 3700,
			Entry: travel.Entry{
				Kind: travel.EntryCapture, PurchasedAt: bought,
				Ticket:   travel.Ticket{ID: "T-1", Product: "single", ProductName: "Enkelbiljett", Category: "vuxen", VATRate: 600, VATCategory: "S"},
				Personal: travel.Personal{Name: "Anna Ek", EmployeeNumber: "1001", Purpose: "Utbildning"},
			},
		}, nil)
	}

	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		log.Fatal(err)
	}
	einvoice, err := peppol.New(zone, peppol.Options{})
	if err != nil {
		log.Fatal(err)
	}
	findings, err := einvoice.Check(document, lines)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(findings)

	document.Buyer.PeppolID = "0007:2120001629"
	findings, err = einvoice.Check(document, lines)
	fmt.Println(len(findings), err)

	var file bytes.Buffer
	if err := einvoice.Render(context.Background(), &file, document, lines); err != nil {
		log.Fatal(err)
	}
	xml := strings.Split(file.String(), "\n")
	at := slices.Index(xml, "<cac:InvoiceLine>")
	fmt.Println(strings.Join(xml[at:at+11], "\n"))
	// Output:
	// [PEPPOL-EN16931-R010: Buyer.PeppolID is missing: the electronic address]
	// 0 <nil>
	// <cac:InvoiceLine>
	// <cbc:ID>1</cbc:ID>
	// <cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>
	// <cbc:LineExtensionAmount currencyID="SEK">34.91</cbc:LineExtensionAmount>
	// <cac:InvoicePeriod>
	// <cbc:StartDate>2026-01-13</cbc:StartDate>
	// <cbc:EndDate>2026-01-13</cbc:EndDate>
	// </cac:InvoicePeriod>
	// <cac:DocumentReference>
	// <cbc:ID>T-1</cbc:ID>
	// <cbc:DocumentTypeCode>130</cbc:DocumentTypeCode>
}
