package directory_test

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"log"
	"os"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/directory"
	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Lay the e-invoices of a month down for an access point, each with its
// specification. What no receiver would take is refused.
func Example() {
	ctx := context.Background()
	bills, issued := january2026(ctx)

	folder := must(os.MkdirTemp("", "invoices"))
	defer os.RemoveAll(folder)
	root := must(os.OpenRoot(folder))
	defer root.Close()
	einvoice := must(peppol.New(time.UTC, peppol.Options{}))
	deliverer := must(directory.New(root, directory.Options{
		Renderers: []invoice.Renderer{einvoice, bills.CSV(language.Swedish)},
		Check: func(_ context.Context, d invoice.Document, lines iter.Seq2[invoice.Line, error]) (string, error) {
			var reasons []string
			findings, err := einvoice.Check(d, lines)
			for _, f := range findings {
				if !f.Warning {
					reasons = append(reasons, f.String())
				}
			}
			return strings.Join(reasons, "; "), err
		},
	}))

	for _, d := range issued {
		answer := must(deliverer.Deliver(ctx, d, bills.Lines(ctx, d)))
		fmt.Printf("%s %t: %s%s\n", d.Label(), answer.Accepted, answer.Reference, answer.Reason)
	}
	for _, name := range must(fs.Glob(root.FS(), "*/*/*.*")) {
		fmt.Println(name)
	}
	// Output:
	// JLT-1 true: 2026-01/JLT-1
	// JLT-2 false: PEPPOL-EN16931-R010: Buyer.PeppolID is missing: the electronic address
	// 2026-01/JLT-1/JLT-1.csv
	// 2026-01/JLT-1/JLT-1.xml
}

// january2026 closes a month in which two companies have bought a ticket each.
func january2026(ctx context.Context) (*invoice.Service, []invoice.Document) {
	now := time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	store := memory.New(memory.Options{})
	keys := must(sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")}))
	trips := must(travel.New(travel.Config{Store: store, Keys: keys, Clock: clock, Zone: time.UTC}))
	bills := must(invoice.New(invoice.Config{Store: store, Travel: trips, Clock: clock, Sellers: []invoice.Seller{{
		Series: "JLT", Payee: invoice.Payee{Bankgiro: "5050-1055"}, Party: invoice.Party{
			Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701", PeppolID: "0007:5560000167",
			Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE", FTax: true, RegisteredOffice: "Jönköping",
		},
	}}}))
	operator := travel.OperatorActor("staff-7")
	for i, endpoint := range []string{"0007:2120001629", ""} {
		company, admin, err := trips.Apply(ctx, travel.Application{
			Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "4711", AdministratorName: "Ada Ek",
			Billing: travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo", PeppolID: endpoint},
		})
		if err == nil {
			err = trips.Approve(ctx, operator, company.ID, "")
		}
		var anna travel.TravelerView
		if err == nil {
			actor := travel.AdministratorActor(company.ID, admin.ID)
			anna, err = trips.AddTraveler(ctx, actor, company.ID, must(trips.ParseNumber("070-123 45 67")), travel.TravelerDetails{FirstName: "Anna", LastName: "Ek"})
		}
		ticket := travel.Entry{
			ID: travel.EntryID{1, 15: byte(i)}, Kind: travel.EntryCapture, Company: company.ID, Traveler: anna.ID, Authorization: travel.AuthorizationID{1},
			Month: january, Billing: january, PurchasedAt: now, At: now, Gross: 37_00,
			Ticket: travel.Ticket{ID: "T-1", Product: "single", ProductName: "Enkelbiljett", VATRate: 600, VATCategory: "S"},
		}
		if err == nil {
			err = store.Decide(ctx, travel.Query{Company: company.ID, Traveler: anna.ID}, func(travel.State) (travel.Change, error) {
				return travel.Change{Entries: []travel.Entry{ticket}}, nil
			})
		}
		if err != nil {
			log.Fatal(err)
		}
	}

	now = time.Date(2026, 2, 4, 9, 0, 0, 0, time.UTC)
	var issued []invoice.Document
	for _, closed := range must(bills.CloseDue(ctx)).Issued {
		issued = append(issued, must(bills.Documents(ctx, operator, invoice.ListRequest{Company: closed.Company, Month: closed.Month}))...)
	}
	return bills, issued
}

// must keeps the example short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
