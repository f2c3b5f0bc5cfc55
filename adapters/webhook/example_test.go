package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A company applies and is approved; the host's customer register hears of it.
func Example() {
	ctx := context.Background()
	secret, err := webhook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		log.Fatal(err)
	}

	// The register, somewhere else.
	register := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
		if err == nil {
			err = webhook.Verify(r.Header, body, []webhook.Secret{secret}, time.Now(), 0)
		}
		var p webhook.Payload
		if err == nil {
			err = json.Unmarshal(body, &p)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		// A real one does this once for each webhook-id.
		fmt.Println("the register hears of", p.Type)
	}))
	defer register.Close()

	// The host.
	store := memory.New(memory.Options{})
	keys, err := sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte(strings.Repeat("k", 32))})
	if err != nil {
		log.Fatal(err)
	}
	trips, err := travel.New(travel.Config{Store: store, Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	hooks, err := webhook.New(store, webhook.NewMemory(), []webhook.Endpoint{{
		ID: "register", URL: register.URL, Secrets: []webhook.Secret{secret},
		Types: []travel.EventType{travel.EventCompanyApproved, travel.EventCompanyClosed},
	}}, webhook.Options{})
	if err != nil {
		log.Fatal(err)
	}

	company, _, err := trips.Apply(ctx, travel.Application{
		Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "00471", AdministratorName: "Ada Ek",
		Billing: travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo"},
	})
	if err == nil {
		err = trips.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, "")
	}
	if err != nil {
		log.Fatal(err)
	}
	done, err := hooks.RunDue(ctx, time.Now())
	fmt.Println(done.Moved, "events,", done.Delivered, "delivered", err)
	// Output:
	// the register hears of company.approved
	// 2 events, 1 delivered <nil>
}
