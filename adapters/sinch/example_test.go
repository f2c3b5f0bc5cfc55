package sinch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/sinch"
	"github.com/tjansteresor/tjansteresor/sms"
)

// A host mounts the receipts, gives their address to the Sender, and hears what
// becomes of each message.
func Example() {
	store := receiver(func(r sms.DeliveryReport) error { // in a host it is the sms.Queue
		fmt.Println("report:", r.ID, r.State, r.ErrorCode)
		return nil
	})
	receipts, err := sinch.Receipts(store, sinch.ReceiptsOptions{Secrets: []string{secret}})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/sms/sinch", receipts)

	var told batch // what Sinch was told; here a stand-in plays it
	gateway := standin.New(func(_ *http.Request, body []byte) { told, _ = decoded(body) }, (&gateway{}).answer)
	defer gateway.Close()
	sender, err := sinch.New(sinch.Options{
		ServicePlanID: "plan1", APIToken: "token1", CallbackURL: "https://api.example.se/sms/sinch",
		BaseURL: gateway.URL, Clock: clock, // a host leaves these out
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	taken, err := sender.Send(context.Background(), message()) // in a host the sms.Dispatcher does this
	fmt.Println("taken:", taken.Gateway, taken.GatewayID, err)

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, callback(secret, encoded(map[string]any{
		"type": "recipient_delivery_report_sms", "batch_id": taken.GatewayID, "client_reference": told.ClientReference,
		"recipient": "46701234567", "status": "Expired", "code": 406,
	}), time.Now()))
	fmt.Println("answer:", w.Code)
	// Output:
	// taken: sinch 01JN00000000000000000000000001 <nil>
	// report: 01000000-0000-7000-8000-000000000001 failed 406
	// answer: 204
}
