package travel_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
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

// newService makes a service on the memory adapter, with a clock that stands
// still.
func newService() (*travel.Service, *memory.Store, *travel.KeyRing) {
	store := memory.New(memory.Options{})
	keys := must(sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")}))
	service := must(travel.New(travel.Config{
		Store: store, Keys: keys, CodeCost: 1000,
		Clock:  func() time.Time { return time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC) },
		Random: rand.NewChaCha8([32]byte{}), // leave out in earnest
	}))
	return service, store, keys
}

// newCompany applies and is approved.
func newCompany(ctx context.Context, service *travel.Service) (travel.CompanyID, travel.Actor) {
	company, admin, err := service.Apply(ctx, travel.Application{
		Name: "Exempelkommunen", OrganizationNumber: "212000-0829", DefaultReference: "10001",
		AdministratorName: "Ada Ek", AdministratorEmail: "ada@kommunen.example",
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := service.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, "credit checked"); err != nil {
		log.Fatal(err)
	}
	return company.ID, travel.AdministratorActor(company.ID, admin.ID)
}

// phone keeps the last SMS.
type phone struct{ last string }

func (p *phone) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	p.last = m.Text
	return sms.Receipt{}, nil
}

// connected connects a traveler with a limit of 500 and activates the phone.
func connected(ctx context.Context, service *travel.Service, store *memory.Store, keys *travel.KeyRing) travel.Holder {
	company, admin := newCompany(ctx, service)
	number := must(service.ParseNumber("070-123 45 67"))
	traveler := must(service.AddTraveler(ctx, admin, company, number, travel.TravelerDetails{FirstName: "Anna", LastName: "Berg"}))
	must(service.Connect(ctx, admin, travel.ConnectRequest{
		Company: company, Traveler: traveler.ID, Key: "connect-anna-1", Limit: decimal.NewFromInt(500),
	}))
	screen := &phone{}
	dispatcher := must(sms.NewDispatcher(store, screen, keys, sms.DispatcherOptions{From: "Resor"}))
	must(dispatcher.RunDue(ctx, time.Date(2026, 1, 13, 11, 0, 1, 0, time.UTC)))
	_, after, _ := strings.Cut(screen.last, "Användarnamn: ")
	username, after, _ := strings.Cut(after, " Engångskod: ")
	code, _, _ := strings.Cut(after, ".")
	method := must(service.Activate(ctx, travel.ActivateRequest{Username: username, Code: code, Number: number, Device: "phone-1"}))
	return travel.Holder{Method: method, Device: "phone-1", Number: number}
}

func single(price int64) []travel.Ticket {
	return []travel.Ticket{{
		Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"},
		Gross: decimal.NewFromInt(price), VATRate: 600,
	}}
}

// A traveler is put on record, connected with a limit, and activates the phone
// with what the SMS brought.
func Example_connect() {
	ctx := context.Background()
	service, store, keys := newService()
	anna := connected(ctx, service, store, keys)

	balance := must(service.Balance(ctx, anna))
	fmt.Println("available:", balance.Available.StringFixed(2), "resets at:", balance.ResetsAt)
	// Output: available: 500.00 resets at: 2026-01-31 23:00:00 +0000 UTC
}

// The amount is reserved, and captured with the purpose as the last step.
func ExampleService_Authorize() {
	ctx := context.Background()
	service, store, keys := newService()
	anna := connected(ctx, service, store, keys)

	reserved := must(service.Authorize(ctx, travel.AuthorizeRequest{Holder: anna, Key: "order-1", Tickets: single(250)}))
	bought := must(service.Capture(ctx, travel.CaptureRequest{
		Holder: anna, Key: "order-1", Authorization: reserved.Authorization, Purpose: "Utbildning i stadshuset",
	}))
	fmt.Println("bought for", bought.Amount.StringFixed(2), "left", bought.Available.StringFixed(2))

	more := must(service.Authorize(ctx, travel.AuthorizeRequest{Holder: anna, Key: "order-2", Tickets: single(251)}))
	fmt.Println(more.Decline.Code, "short by", more.Decline.ShortBy)
	fmt.Println(more.Decline.Text(language.English, must(time.LoadLocation("Europe/Stockholm"))))
	// Output:
	// bought for 250.00 left 250.00
	// limit_exceeded short by 1
	// The amount 251.00 kr is 1.00 kr more than what is left of this month's credit limit. Left: 250.00 kr of 500.00 kr. The credit is whole again on 2026-02-01. An administrator of your company can raise the limit.
}

// A list is planned, shown to the administrator, and applied.
func ExampleService_PlanImport() {
	ctx := context.Background()
	service, _, _ := newService()
	company, admin := newCompany(ctx, service)

	file := must(service.ReadImport(strings.NewReader("Förnamn;Efternamn;Mobilnummer;Avdelning;Kreditgräns\n" +
		"Anna;Berg;070-123 45 67;Skolan;500\nBo;Ek;08-123 45 67;Skolan;500\n")))
	req := travel.ImportRequest{Company: company, File: file, CreateDepartments: true, GoodRowsOnly: true, Key: "list-1"}
	plan := must(service.PlanImport(ctx, admin, req))
	fmt.Println("create", plan.Created, "send", plan.ToSend, "invalid", plan.InvalidRows, "new departments", plan.Departments)
	for _, e := range plan.Errors {
		fmt.Println("rad", e.Line, e.Text(language.Swedish))
	}
	req.Fingerprint = plan.Fingerprint
	result := must(service.ApplyImport(ctx, admin, req))
	fmt.Println("created", result.Created, "sent", result.Sent)
	// Output:
	// create 1 send 1 invalid 1 new departments [Skolan]
	// rad 3 Mobilnummer ”08-12*****67”: är inte ett mobilnummer
	// created 1 sent 1
}

// One step buys as well: the purpose is known from the start.
func ExampleService_Purchase() {
	ctx := context.Background()
	service, store, keys := newService()
	anna := connected(ctx, service, store, keys)

	req := travel.PurchaseRequest{Holder: anna, Key: "order-1", Tickets: single(120), Purpose: "Möte i Nässjö"}
	bought := must(service.Purchase(ctx, req))
	again := must(service.Purchase(ctx, req)) // the network was bad
	fmt.Println(bought.Available.StringFixed(2), again.Authorization == bought.Authorization)

	req.Key, req.Purpose = "order-2", " "
	_, err := service.Purchase(ctx, req)
	fmt.Println(err)
	// Output:
	// 380.00 true
	// Purpose: is required: say why the trip is made
}

// A refund lowers the amount used of the month of the purchase.
func ExampleService_Refund() {
	ctx := context.Background()
	service, store, keys := newService()
	anna := connected(ctx, service, store, keys)
	bought := must(service.Purchase(ctx, travel.PurchaseRequest{
		Holder: anna, Key: "order-1", Tickets: single(120), Purpose: "Möte i Nässjö",
	}))

	refund := must(service.Refund(ctx, travel.OperatorActor("staff-7"), travel.RefundRequest{
		Company: anna.Method.Company, Key: "refund-1", Authorization: bought.Authorization,
		Amounts: []decimal.Decimal{decimal.NewFromInt(20)},
	}))
	balance := must(service.Balance(ctx, anna))
	fmt.Println("given back", refund.Amount, "in", refund.Billing, "used", balance.Used.StringFixed(2))
	// Output: given back 20 in 2026-01 used 100.00
}

// A new mobile number ends the access of the old one at once.
func ExampleService_ChangeNumber() {
	ctx := context.Background()
	service, store, keys := newService()
	anna := connected(ctx, service, store, keys)
	operator := travel.OperatorActor("staff-7") // or an administrator of the company

	must(service.ChangeNumber(ctx, operator, travel.ChangeNumberRequest{
		Company: anna.Method.Company, Traveler: anna.Method.Traveler, Key: "number-1",
		Number: must(service.ParseNumber("073-999 88 77")), Connect: true,
	}))
	answer := must(service.Authorize(ctx, travel.AuthorizeRequest{Holder: anna, Key: "order-1", Tickets: single(50)}))
	fmt.Println(answer.Decline.Code)
	// Output: not_connected
}

// What is stored is recomputed from the entries, daily or in every test.
func ExampleService_Audit() {
	ctx := context.Background()
	service, store, keys := newService()
	connected(ctx, service, store, keys)

	drifts, err := service.Audit(ctx)
	fmt.Println(len(drifts), err)
	// Output: 0 <nil>
}
