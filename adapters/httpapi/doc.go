// Package httpapi is the library as JSON over HTTP: one handler for the
// traveler's app, one for the operator's back office.
//
//	app, err := httpapi.NewApp(httpapi.AppConfig{
//		Travel:       trips,
//		Authenticate: verifiedPhone, // func(*http.Request) (httpapi.Phone, error)
//		Price:        ourPrices,     // what the phone wants, at the host's prices
//	})
//	office, err := httpapi.NewOffice(httpapi.OfficeConfig{
//		Travel: trips, Invoices: bills, Authenticate: employee,
//		Renderers: map[string]invoice.Renderer{"pdf": pdf, "csv": bills.CSV(language.Swedish)},
//	})
//	mux.Handle("/business/", http.StripPrefix("/business", app))
//	mux.Handle("/office/", http.StripPrefix("/office", office))
//
// They are two so that a host cannot put the back office in front of the
// world by a wrong role. Neither knows its prefix. Each serves its OpenAPI 3.1
// document at /openapi.json, to anybody: there the routes, bodies and codes are.
//
// # Who asks
//
// Authentication is the host's. The app's Authenticate says which phone it is
// and which verified number is registered in it; the back office's which
// employee, under whose id things are written to the audit log. Ids in a request
// are looked up as the one who asks: what is another's is 404, or a decline that
// tells nothing. Requests with a body must be application/json, which no form of
// another site can send; a host that signs in by cookie adds
// http.CrossOriginProtection all the same. There is no CORS.
//
// A phone is not believed about prices: Price replaces what it has sent. Tickets
// are issued by the host, as when it calls the services itself.
//
// # Answers
//
// 200 with JSON, or 204. Everything else is a problem (RFC 9457) in
// application/problem+json with a stable [Code] and a text in Swedish or English
// by Accept-Language. Amounts are strings with two decimals, instants RFC 3339
// in UTC, ids UUIDs; names that are not known, names given twice, null, and
// anything after the object are refused. Reasons of input errors are for
// developers, in English, and repeat nothing personal.
//
// A decline is 402, and nothing else is. It is an answer and not a fault, so it
// is not logged, it is kept under the key, and the same request has it again
// (R42). It is not 200 because a client that looks at the status only must never
// take it for a purchase; it is not 409 or 503 because these invite to repeat.
// Its code is the credit.DeclineCode, its detail the text for the traveler, and
// decline holds the numbers.
//
// # Keys
//
// What reserves, takes, frees or gives back money needs an Idempotency-Key, with
// quotes or without, of the caller's making: without one it is 400, while the
// same key is being answered by this process 409, with another content 422. The
// store has the last word, over processes and restarts, for as long as it keeps
// the purchase. After 409 key_in_flight, any 503, and silence, repeat with the
// same key: payment_pending and unknown_outcome say so, and the repetition tells
// how it ended. All else is safe to repeat as it is: deciding about a company
// again is 409, a month is closed once, a reissue gives its documents again, and
// an app that has lost the answer to a code looks for the payment method.
//
// # Bounds
//
// Options bounds the body, the time of a request from its header to its
// answer, and how often one identity and one address may come; a try of a code
// counts as ten requests and what goes through all companies as twenty. Rates are
// counted in this process, in bounded memory. The rest is the server's: set
// ReadHeaderTimeout, MaxHeaderBytes and, because an answer may be read slowly,
// WriteTimeout on the http.Server. Behind a proxy, set Options.Address.
//
// A month's close of many companies may take longer than a request should: let
// a scheduler do it, and use this for a single one, for the dry run and for what
// was set aside. A close that runs out of time goes on when it is asked again.
//
// Nothing of an unforeseen error or a panic is in an answer. Both are logged,
// with the route and never with what was sent; errors of the services and of the
// host's Price are logged as they are, and hold nothing personal.
package httpapi
