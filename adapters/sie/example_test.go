package sie_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"log"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/tjansteresor/tjansteresor/adapters/sie"
	"github.com/tjansteresor/tjansteresor/invoice"
)

// each hands out documents one by one, as a host does that reads them company
// by company.
func each(documents []invoice.Document) iter.Seq2[invoice.Document, error] {
	return func(yield func(invoice.Document, error) bool) {
		for _, d := range documents {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// decoded shows a file as people read it.
func decoded(file []byte) string {
	text := must(charmap.CodePage437.NewDecoder().Bytes(file))
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// Write the file of a month for the bookkeeper.
func ExampleRenderer_Export() {
	ctx := context.Background()
	s := newShop(ctx, func(c *invoice.Config) { c.WholeKronor = true })
	s.save(ctx, s.bought(37_00), s.bought(37_00), s.bought(99_50, rate(2500)))
	documents := s.closed(ctx, time.January)

	books, err := sie.New(s.zone, sie.Options{Series: "F"})
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := books.Export(ctx, &file, each(documents)); err != nil {
		log.Fatal(err)
	}
	fmt.Print(decoded(file.Bytes()))
	// Output:
	// #FLAGGA 0
	// #PROGRAM "tjansteresor" "1"
	// #FORMAT PC8
	// #GEN 20260204
	// #SIETYP 4
	// #ORGNR 556000-0167
	// #FNAMN "Länstrafiken AB"
	// #KPTYP "EUBAS97"
	// #VALUTA "SEK"
	// #KONTO 1510 "Kundfordringar"
	// #KONTO 2611 "Utgående moms på försäljning inom Sverige, 25 %"
	// #KONTO 2621 "Utgående moms på försäljning inom Sverige, 12 %"
	// #KONTO 2631 "Utgående moms på försäljning inom Sverige, 6 %"
	// #KONTO 3001 "Försäljning inom Sverige, 25 % moms"
	// #KONTO 3002 "Försäljning inom Sverige, 12 % moms"
	// #KONTO 3003 "Försäljning inom Sverige, 6 % moms"
	// #KONTO 3004 "Försäljning inom Sverige, momsfri"
	// #KONTO 3740 "Öres- och kronutjämning"
	// #VER "F" "" 20260204 "Faktura JLT-1, Habo kommun, 2026-01"
	// {
	//    #TRANS 1510 {} 174.00
	//    #TRANS 3003 {} -69.81
	//    #TRANS 2631 {} -4.19
	//    #TRANS 3001 {} -79.60
	//    #TRANS 2611 {} -19.90
	//    #TRANS 3740 {} -0.50
	// }
}

// Follow sales by customer, here by the organization number.
func ExampleOptions_objects() {
	ctx := context.Background()
	s := newShop(ctx)
	s.save(ctx, s.bought(37_00))
	books, err := sie.New(s.zone, sie.Options{Objects: func(d invoice.Document) []sie.Object {
		return []sie.Object{{Dimension: 8, DimensionName: "Kund", Number: d.Buyer.OrganizationNumber, Name: d.Buyer.Name}}
	}})
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := books.Export(ctx, &file, each(s.closed(ctx, time.January))); err != nil {
		log.Fatal(err)
	}
	_, text, _ := strings.Cut(decoded(file.Bytes()), "#DIM")
	fmt.Print("#DIM" + text)
	// Output:
	// #DIM 8 "Kund"
	// #OBJEKT 8 "2120001629" "Habo kommun"
	// #VER "" "" 20260204 "Faktura JLT-1, Habo kommun, 2026-01"
	// {
	//    #TRANS 1510 {} 37.00
	//    #TRANS 3003 {8 "2120001629"} -34.91
	//    #TRANS 2631 {} -2.09
	// }
}
