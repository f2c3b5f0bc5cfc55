// Package webhook sends the events of the outbox to the host's other systems,
// as Standard Webhooks (https://www.standardwebhooks.com), and verifies them
// where they arrive.
//
//	store := webhook.NewMemory() // or adapters/webhook/webhooksql, which lasts
//	dispatcher, err := webhook.New(travelStore, store, []webhook.Endpoint{{
//		ID: "ledger", URL: "https://ledger.example/hooks", Secrets: []webhook.Secret{secret},
//		Types: []travel.EventType{travel.EventInvoiceIssued},
//	}}, webhook.Options{})
//	err = dispatcher.Run(ctx, 5*time.Second) // or RunDue, from a scheduler
//
// # What is promised
//
// At least once: an event leaves the outbox when its deliveries are in the
// [Store], and a delivery ends when its endpoint has answered 2xx. What a crash
// interrupts is done again, with the same webhook-id, which is the event's id, and
// the same body: a receiver knows by the id what it has had. No order is
// promised; the timestamp in the body is that of the event.
//
// An endpoint is judged by its answers:
//
//   - 2xx: delivered.
//   - 410: the endpoint is disabled until [Dispatcher.Enable]; what waits for
//     it ends as failed, and [Dispatcher.Replay] sends it after all.
//   - 429, 502, 503, 504 and no answer: the endpoint is left alone for up to
//     five minutes, or as long as Retry-After asks; then one delivery is tried.
//   - Anything else, redirects too, which are not followed: this delivery is tried
//     again later, and the others go on.
//
// A delivery is tried again with full jitter under a doubling limit, for
// Options.MaxAge, three days by default. Endpoints do not wait for each other, nor
// one delivery for another.
//
// # One consumer
//
// An event queue has one kind of consumer: what this package moves, no other
// finds. Events whose type no endpoint wants are taken off the queue and go
// nowhere.
//
// # What is sent
//
// A JSON body of [Payload]: ids, codes, a month and an amount; nothing personal
// (I7). Secrets, bodies, URLs and what endpoints answer are in no log and no error;
// an endpoint is called by its ID there.
//
// Endpoints are the operator's configuration. A host that lets others choose
// URLs gives a Transport that refuses addresses inside its network.
//
// # Receiving
//
// [Verify] checks signature and age. It does not remember ids: that is for the
// receiver to do, in the transaction that handles the event.
package webhook
