package xlsx_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/xlsx"
	"github.com/tjansteresor/tjansteresor/invoice"
)

// Fetch the specification of an invoice as a workbook, as its administrator.
func Example() {
	ctx := context.Background()
	s := newShop(ctx)
	s.save(ctx, s.bought(37_00))
	document := s.closed(ctx, time.January)[0]

	workbook, err := xlsx.New(s.zone, xlsx.Options{Language: language.Swedish})
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	err = s.invoices.Render(ctx, &file, s.admin, invoice.RenderRequest{Company: s.company, Document: document.ID, Renderer: workbook})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(document.Label() + "." + workbook.Format().Extension)
	for _, cell := range read(file.Bytes()).sheets[0].rows[1] {
		fmt.Println(cell.ref, cell.text)
	}
	// Output:
	// JLT-1.xlsx
	// A2 JLT-1
	// B2 2026-01
	// C2 00471
	// E2 Anna Ek
	// F2 0101
	// G2 46035.50000000000
	// H2 Köp
	// I2 Enkelbiljett
	// J2 vuxen
	// K2 Habo
	// O2 6.00
	// P2 34.91
	// Q2 2.09
	// R2 37.00
	// S2 Utbildning i stadshuset
}
