// Package app is a transit operator's backend with business travel on company
// invoice in it: tickets and orders of its own, the library's tables beside
// them in the same database, the company portal and the API mounted, and the
// jobs that keep it all going.
//
// Read it in this order: app.go puts everything together; orders.go is the
// two-phase purchase in the host's own transaction; issue.go gives tickets for
// what was bought through the API; jobs.go is what runs beside the requests.
// The rest is pages.
//
// Four things stand in for what an operator has already: sign-in (signin.go) for
// BankID, the inbox (inbox.go) for the SMS gateway and the phones behind it, the
// page of a phone (phone.go, buying.go, wallet.go) for the operator's app, and a clock that can be
// moved forward (clock.go) for waiting.
package app
