package pdf_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
)

func Example() {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		log.Fatal(err)
	}
	paper, err := pdf.New(zone, pdf.Options{Language: language.Swedish})
	if err != nil {
		log.Fatal(err)
	}

	// What invoice.Service issues; it renders with its Render method.
	document := invoice.Document{
		Kind: invoice.Invoice, Series: "JLT", Number: 17, Month: credit.NewMonth(2026, time.January),
		Seller:    invoice.Party{Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701"},
		Buyer:     invoice.Party{Name: "Habo kommun", OrganizationNumber: "2120001629"},
		Reference: "4711", Currency: "SEK", IssuedAt: time.Date(2026, 2, 4, 5, 0, 0, 0, time.UTC),
		Departments: []invoice.DepartmentTotal{{Name: "Skola", Lines: 2, Net: 69_81, VAT: 4_19, Gross: 74_00}},
		Rates:       []invoice.RateTotal{{Rate: 600, Category: "S", Net: 69_81, VAT: 4_19, Gross: 74_00}},
		Net:         69_81, VAT: 4_19, Gross: 74_00, Lines: 2,
		Payee: invoice.Payee{Bankgiro: "50501055"}, PaymentReference: "1735",
	}
	var file bytes.Buffer
	if err := paper.Invoice().Render(context.Background(), &file, document, nil); err != nil {
		log.Fatal(err)
	}

	fmt.Println(document.Label() + "." + paper.Invoice().Format().Extension)
	fmt.Printf("%s\n", file.Bytes()[:8])
	// Output:
	// JLT-17.pdf
	// %PDF-1.3
}
