package portal_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/portal"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A host mounts the portal beside its own pages, and says who is signed in.
func Example() {
	ctx := context.Background()
	store := memory.New(memory.Options{})
	keys, err := sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("a secret of 32 bytes, at the least")})
	if err != nil {
		log.Fatal(err)
	}
	trips, err := travel.New(travel.Config{Store: store, Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	bills, err := invoice.New(invoice.Config{Store: store, Travel: trips, Sellers: []invoice.Seller{{Series: "LT", Party: invoice.Party{
		Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701", Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
	}}}})
	if err != nil {
		log.Fatal(err)
	}
	company, administrator, err := trips.Apply(ctx, travel.Application{Name: "Habo kommun", OrganizationNumber: "2120001629", AdministratorName: "Ada Min"})
	if err == nil {
		err = trips.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, "")
	}
	if err != nil {
		log.Fatal(err)
	}

	pages, err := portal.New(portal.Options{
		Travel: trips, Invoices: bills, Prefix: "/portal", Brand: portal.Brand{Operator: "Länstrafiken"},
		SignIn: func(r *http.Request) (portal.User, error) {
			if _, err := r.Cookie("session"); err != nil { // the host's own session
				return portal.User{}, portal.ErrSignedOut
			}
			actor := travel.AdministratorActor(company.ID, administrator.ID)
			return portal.User{Actor: actor, Company: company.ID, Name: administrator.Name}, nil
		},
		SignedOut: http.RedirectHandler("/login", http.StatusSeeOther),
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/portal/", pages)
	// go pages.Run(ctx) applies long imports.

	r := httptest.NewRequest(http.MethodGet, "/portal/travelers", nil)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Location"))

	r.AddCookie(&http.Cookie{Name: "session", Value: "of Ada"})
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, regexp.MustCompile(`<h1>.*</h1>`).FindString(w.Body.String()))
	// Output:
	// 303 /login
	// 200 <h1>Resenärer</h1>
}
