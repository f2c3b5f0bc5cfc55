package invoice_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// must keeps the examples short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// host is an operator's backend with a clock that the examples set.
type host struct {
	travel   *travel.Service
	invoices *invoice.Service
	now      time.Time
	company  travel.CompanyID
	admin    travel.Actor
	anna     travel.Holder
}

// newHost returns a host on 13 January 2026, with one company in which Anna can
// buy for 500 kr a month.
func newHost(ctx context.Context) *host {
	h := &host{now: time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return h.now }
	store := memory.New(memory.Options{})
	keys := must(sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")}))
	h.travel = must(travel.New(travel.Config{Store: store, Keys: keys, Clock: clock, CodeCost: 1000, Random: rand.NewChaCha8([32]byte{})}))
	h.invoices = must(invoice.New(invoice.Config{
		Store: store, Travel: h.travel, Clock: clock,
		Sellers: []invoice.Seller{{
			Series: "JLT",
			Party: invoice.Party{
				Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
				Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping",
			},
		}},
	}))

	company, admin, err := h.travel.Apply(ctx, travel.Application{
		Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "10001", AdministratorName: "Ada Ek",
		Billing: travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo"},
	})
	if err == nil {
		err = h.travel.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, "credit checked")
	}
	if err != nil {
		log.Fatal(err)
	}
	h.company, h.admin = company.ID, travel.AdministratorActor(company.ID, admin.ID)
	h.connectAnna(ctx, store, keys)
	return h
}

func (h *host) connectAnna(ctx context.Context, store *memory.Store, keys *travel.KeyRing) {
	school := must(h.travel.AddDepartment(ctx, h.admin, h.company, travel.DepartmentDetails{Name: "Skola", Reference: "4711"}))
	number := must(h.travel.ParseNumber("070-123 45 67"))
	anna := must(h.travel.AddTraveler(ctx, h.admin, h.company, number, travel.TravelerDetails{
		FirstName: "Anna", LastName: "Andersson", EmployeeNumber: "1001", Department: school.ID,
	}))
	must(h.travel.Connect(ctx, h.admin, travel.ConnectRequest{Company: h.company, Traveler: anna.ID, Limit: decimal.NewFromInt(500), Key: "connect"}))
	var phone inbox
	dispatcher := must(sms.NewDispatcher(store, &phone, keys, sms.DispatcherOptions{From: "Resor", Clock: func() time.Time { return h.now }}))
	must(dispatcher.RunDue(ctx, h.now))
	_, text, _ := strings.Cut(phone.last, "Användarnamn: ")
	username, text, _ := strings.Cut(text, " Engångskod: ")
	method := must(h.travel.Activate(ctx, travel.ActivateRequest{Username: username, Code: text[:9], Number: number, Device: "phone"}))
	h.anna = travel.Holder{Method: method, Device: "phone", Number: number}
}

// buy lets Anna buy a ticket.
func (h *host) buy(ctx context.Context, price int64, purpose string) travel.AuthorizationID {
	result := must(h.travel.Purchase(ctx, travel.PurchaseRequest{
		Holder: h.anna, Key: purpose, Purpose: purpose,
		Tickets: []travel.Ticket{{
			Product: "single", ProductName: "Enkelbiljett", Category: "vuxen", Zones: []string{"Habo"},
			Gross: decimal.NewFromInt(price), VATRate: 600,
		}},
	}))
	if result.Decline != nil {
		log.Fatal(result.Decline.Code)
	}
	return result.Authorization
}

// Close a month and print the invoice.
func ExampleService_Close() {
	ctx := context.Background()
	h := newHost(ctx)
	h.buy(ctx, 150, "Utbildning i stadshuset")
	h.buy(ctx, 100, "Möte i Mullsjö")

	january := credit.NewMonth(2026, time.January)
	_, err := h.invoices.Close(ctx, invoice.CloseRequest{Month: january})
	fmt.Println(err)

	h.now = time.Date(2026, 2, 4, 9, 0, 0, 0, time.UTC)
	report := must(h.invoices.Close(ctx, invoice.CloseRequest{Month: january}))
	invoiceID := report.Issued[0].Documents[0]

	var text strings.Builder
	if err := h.invoices.Render(ctx, &text, h.admin, invoice.RenderRequest{
		Company: h.company, Document: invoiceID, Renderer: h.invoices.Text(language.Swedish),
	}); err != nil {
		log.Fatal(err)
	}
	paper, _, _ := strings.Cut(text.String(), "\nSpecifikationens kontrollsumma")
	fmt.Print(paper)
	// Output:
	// month 2026-01 can be closed from 2026-02-03T23:00:00Z on
	// FAKTURA JLT-1
	// Datum            2026-02-04
	// Förfaller        2026-03-06
	// Månad            2026-01
	// Er referens      4711
	//
	// Säljare                                Köpare
	// Länstrafiken AB                        Habo kommun
	// Resvägen 1                             Box 212
	// 551 11 Jönköping                       566 24 Habo
	// Org.nr 556000-0167                     Org.nr 212000-1629
	// Momsreg.nr SE556000016701
	//
	// Avdelning                         Rader         Netto         Moms         Summa
	// Skola                                 2        235,85        14,15        250,00
	//
	// Moms 6 %                                       235,85        14,15        250,00
	// Summa SEK                             2        235,85        14,15        250,00
}

// Fetch the specification as a spreadsheet file.
func ExampleService_Render() {
	ctx := context.Background()
	h := newHost(ctx)
	h.buy(ctx, 37, "Utbildning i stadshuset")
	h.now = time.Date(2026, 2, 4, 9, 0, 0, 0, time.UTC)
	must(h.invoices.CloseDue(ctx))

	documents := must(h.invoices.Documents(ctx, h.admin, invoice.ListRequest{
		Company: h.company, Month: credit.NewMonth(2026, time.January),
	}))
	var file strings.Builder
	for _, d := range documents {
		err := h.invoices.Render(ctx, &file, h.admin, invoice.RenderRequest{
			Company: h.company, Document: d.ID, Renderer: h.invoices.CSV(language.Swedish),
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	for row := range strings.SplitSeq(strings.TrimPrefix(file.String(), "\ufeff"), "\r\n") {
		fmt.Println(row)
	}
	// Output:
	// Dokument;Månad;Referens;Avdelning;Resenär;Anställningsnummer;Köpt;Typ;Biljett;Resenärskategori;Zoner;Från;Till;Biljett-id;Momssats %;Netto;Moms;Belopp;Syfte;Kostnadsställe
	// JLT-1;2026-01;4711;Skola;Anna Andersson;1001;2026-01-13 12:00:00;Köp;Enkelbiljett;vuxen;Habo;;;;6;34,91;2,09;37,00;Utbildning i stadshuset;
}

// See what a close would issue, while the month is still open.
func ExampleService_Preview() {
	ctx := context.Background()
	h := newHost(ctx)
	h.buy(ctx, 37, "Utbildning i stadshuset")

	preview := must(h.invoices.Preview(ctx, h.company, credit.NewMonth(2026, time.January)))
	for _, d := range preview.Documents {
		fmt.Println("reference", d.Reference, "would be billed", d.Gross, "of which VAT", d.VAT)
		if err := h.invoices.Write(ctx, os.Stdout, d, h.invoices.Specification(language.English)); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("problem:", preview.Problem)
	// Output:
	// reference 4711 would be billed 37.00 of which VAT 2.09
	// SPECIFICATION 2026-01, Habo kommun
	// INVOICE (DRAFT), your reference 4711
	//
	// Skola
	//  Bought           Traveler                 Empl. no. Ticket                                               VAT     Amount
	//  2026-01-13 12:00 Anna Andersson           1001      Enkelbiljett, vuxen, zone Habo                      2.09      37.00
	//    Purpose: Utbildning i stadshuset
	//  Total Skola                                         1 line                                              2.09      37.00
	//
	// Total SEK                                            1 line                                              2.09      37.00
	// problem: <nil>
}

// A refund that comes after the invoice becomes a credit note that names it.
func ExampleDocument_credit() {
	ctx := context.Background()
	h := newHost(ctx)
	bought := h.buy(ctx, 37, "Utbildning i stadshuset")
	h.now = time.Date(2026, 2, 4, 9, 0, 0, 0, time.UTC)
	must(h.invoices.CloseDue(ctx))
	must(h.travel.Refund(ctx, travel.OperatorActor("staff-7"), travel.RefundRequest{Company: h.company, Key: "cancelled train", Authorization: bought}))

	h.now = time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	must(h.invoices.CloseDue(ctx))
	documents := must(h.invoices.Documents(ctx, h.admin, invoice.ListRequest{Company: h.company, Month: credit.NewMonth(2026, time.February)}))
	for _, d := range documents {
		fmt.Println(d.Kind, d.Label(), "credits", d.Original.Label(), "with", d.Gross)
	}
	drifts := must(h.invoices.Audit(ctx))
	fmt.Println("drifts:", len(drifts))
	// Output:
	// credit_note JLT-2 credits JLT-1 with 37.00
	// drifts: 0
}
