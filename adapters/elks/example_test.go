package elks_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/tjansteresor/tjansteresor/adapters/elks"
	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/sms"
)

// A host mounts the receipts, gives their address to the Sender, and hears what
// becomes of each message.
func Example() {
	callback := elks.Callback{
		URL: "https://api.example.se/sms/elks", Username: "elks", Password: "from the host's vault",
		Secrets: [][]byte{[]byte("from the host's vault too")},
	}
	store := receiver(func(r sms.DeliveryReport) error { // in a host it is the sms.Queue
		fmt.Println("report:", r.ID, r.State)
		return nil
	})
	receipts, err := elks.Receipts(store, elks.ReceiptsOptions{Callback: callback})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/sms/elks", receipts)

	var told url.Values // what 46elks was told; here a stand-in plays it
	gateway := standin.New(func(_ *http.Request, body []byte) { told, _ = url.ParseQuery(string(body)) }, (&gateway{}).answer)
	defer gateway.Close()
	sender, err := elks.New(elks.Options{
		Username: "u1234", Password: "5678", Callback: callback,
		BaseURL: gateway.URL + "/a1", Clock: clock, // a host leaves these out
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	taken, err := sender.Send(context.Background(), message()) // in a host the sms.Dispatcher does this
	fmt.Println("taken:", taken.Gateway, taken.GatewayID, err)

	whendelivered, _ := url.Parse(told.Get("whendelivered"))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, receipt(whendelivered, url.Values{"id": {taken.GatewayID}, "status": {"delivered"}}))
	fmt.Println("answer:", w.Code)
	// Output:
	// taken: elks s00000000000000000000000000000001 <nil>
	// report: 01000000-0000-7000-8000-000000000001 delivered
	// answer: 204
}
