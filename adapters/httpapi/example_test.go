package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A host mounts the app's API under a prefix of its own, and says who asks.
// Here a phone is believed by a word; a host has its own sign-in.
func ExampleNewApp() {
	ctx, post := context.Background(), mailbox{}
	_, trips, holder := someoneWhoTravels(ctx, post)

	app, err := httpapi.NewApp(httpapi.AppConfig{
		Travel: trips,
		Authenticate: func(r *http.Request) (httpapi.Phone, error) {
			if r.Header.Get("Authorization") != "Bearer demo" {
				return httpapi.Phone{}, httpapi.ErrUnauthenticated
			}
			return httpapi.Phone{Number: holder.Number, Device: holder.Device}, nil
		},
		Price: func(_ context.Context, _ httpapi.Phone, wanted []travel.Ticket) ([]travel.Ticket, error) {
			for i := range wanted { // the host's own prices
				wanted[i].Gross, wanted[i].VATRate = decimal.NewFromInt(300), 600
			}
			return wanted, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/business/", http.StripPrefix("/business", app))
	server := httptest.NewServer(mux)
	defer server.Close()

	buy := server.URL + "/business/payment-methods/" + holder.Method.String() + "/purchases"
	for _, key := range []string{"order-1", "order-1", "order-2"} {
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, buy, strings.NewReader(
			`{"tickets":[{"product":"single","category":"adult","zones":["Jönköping"],"gross":"1.00","vat_rate":600}],"purpose":"Kurs"}`))
		r.Header.Set("Authorization", "Bearer demo")
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", "en")
		r.Header.Set("Idempotency-Key", key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		_, rest, _ := strings.Cut(string(text), `"amount"`)
		fmt.Println(key, answer.StatusCode, `"amount"`+rest[:strings.IndexByte(rest, ',')], strings.Contains(string(text), `"code":"limit_exceeded"`))
	}
	// Output:
	// order-1 200 "amount":"300.00" false
	// order-1 200 "amount":"300.00" false
	// order-2 402 "amount":"300.00" true
}

// The back office is another handler, behind the operator's own sign-in.
func ExampleNewOffice() {
	ctx := context.Background()
	store, trips, _ := someoneWhoTravels(ctx, mailbox{})
	if _, _, err := trips.Apply(ctx, travel.Application{
		Name: "Nykommunen", OrganizationNumber: "212000-1629", DefaultReference: "4711", AdministratorName: "Bo Ek",
	}); err != nil {
		fmt.Println(err)
		return
	}
	bills, err := invoice.New(invoice.Config{Store: store, Travel: trips, Sellers: []invoice.Seller{{
		Series: "EXT", Party: invoice.Party{
			Name: "Exempeltrafiken AB", OrganizationNumber: "5560001231", VATNumber: "SE556000123101",
			Street: "Stationsgatan 1", PostalCode: "551 11", City: "Jönköping",
		},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	office, err := httpapi.NewOffice(httpapi.OfficeConfig{
		Travel: trips, Invoices: bills,
		Authenticate: func(*http.Request) (httpapi.Employee, error) { return httpapi.Employee{ID: "staff-7"}, nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		office.ServeHTTP(answer, r)
		return answer
	}
	var waiting struct{ Companies []struct{ ID, Name string } }
	if err := json.Unmarshal(ask("GET", "/companies?status=applied", "").Body.Bytes(), &waiting); err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range waiting.Companies {
		fmt.Println(c.Name, ask("POST", "/companies/"+c.ID+"/approve", `{"reason":"credit checked"}`).Code)
		fmt.Println("again", ask("POST", "/companies/"+c.ID+"/approve", `{}`).Code)
	}
	// Output:
	// Nykommunen 204
	// again 409
}

// mailbox is an SMS gateway for examples, by number.
type mailbox map[string]string

func (m mailbox) Send(_ context.Context, message sms.Message) (sms.Receipt, error) {
	m[message.To.E164()] = message.Text
	return sms.Receipt{Gateway: "mailbox"}, nil
}

// someoneWhoTravels makes a company with a traveler who can buy for 500.
func someoneWhoTravels(ctx context.Context, post mailbox) (*memory.Store, *travel.Service, travel.Holder) {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	store := memory.New(memory.Options{})
	keys, err := sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("0123456789abcdef0123456789abcdef")})
	must(err)
	trips, err := travel.New(travel.Config{Store: store, Keys: keys})
	must(err)
	dispatcher, err := sms.NewDispatcher(store, post, keys, sms.DispatcherOptions{From: "Resor"})
	must(err)
	company, administrator, err := trips.Apply(ctx, travel.Application{
		Name: "Exempelkommunen", OrganizationNumber: "212000-0829", DefaultReference: "10001", AdministratorName: "Ada Ek",
	})
	must(err)
	must(trips.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, ""))
	number, err := trips.ParseNumber("070-123 45 67")
	must(err)
	admin := travel.AdministratorActor(company.ID, administrator.ID)
	anna, err := trips.AddTraveler(ctx, admin, company.ID, number, travel.TravelerDetails{FirstName: "Anna", LastName: "Berg"})
	must(err)
	_, err = trips.Connect(ctx, admin, travel.ConnectRequest{Company: company.ID, Traveler: anna.ID, Key: "1", Limit: decimal.NewFromInt(500)})
	must(err)
	_, err = dispatcher.RunDue(ctx, time.Now())
	must(err)
	typed := credentials.FindStringSubmatch(post[number.E164()])
	method, err := trips.Activate(ctx, travel.ActivateRequest{Username: typed[1], Code: typed[2], Number: number, Device: "phone-1"})
	must(err)
	return store, trips, travel.Holder{Method: method, Device: "phone-1", Number: number}
}
