package twilio_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/tjansteresor/tjansteresor/adapters/internal/standin"
	"github.com/tjansteresor/tjansteresor/adapters/twilio"
	"github.com/tjansteresor/tjansteresor/sms"
)

// A host mounts the receipts, gives their address to the Sender, and hears what
// becomes of each message.
func Example() {
	const callbackURL = "https://api.example.se/sms/twilio#rc=5&rp=all"
	store := receiver(func(r sms.DeliveryReport) error { // in a host it is the sms.Queue
		fmt.Println("report:", r.ID, r.State, r.ErrorCode)
		return nil
	})
	receipts, err := twilio.Receipts(store, twilio.ReceiptsOptions{PublicURL: callbackURL, AuthTokens: []string{authToken}})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/sms/twilio", receipts)

	var told url.Values // what Twilio was told; here a stand-in plays it
	gateway := standin.New(func(_ *http.Request, body []byte) { told, _ = url.ParseQuery(string(body)) }, (&gateway{}).answer)
	defer gateway.Close()
	sender, err := twilio.New(twilio.Options{
		AccountSID: account, Password: authToken, CallbackURL: callbackURL,
		BaseURL: gateway.URL, Clock: clock, // a host leaves these out
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	taken, err := sender.Send(context.Background(), message()) // in a host the sms.Dispatcher does this
	fmt.Println("taken:", taken.Gateway, taken.GatewayID, err)

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, callback(told.Get("StatusCallback"), status("undelivered", "30005")))
	fmt.Println("answer:", w.Code)
	// Output:
	// taken: twilio SM00000000000000000000000000000001 <nil>
	// report: 01000000-0000-7000-8000-000000000001 failed 30005
	// answer: 204
}
