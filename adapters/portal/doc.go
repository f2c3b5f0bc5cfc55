// Package portal is the company portal: where the administrators of a company
// manage travelers and fetch economy reports. It is one http.Handler that a
// host mounts under any path, behind its own sign-in.
//
//	portal, err := portal.New(portal.Options{
//		Travel: trips, Invoices: invoices, Prefix: "/portal",
//		SignIn: func(r *http.Request) (portal.User, error) { ... },
//		Brand:  portal.Brand{Operator: "Länstrafiken"},
//	})
//	...
//	mux.Handle("/portal/", portal)
//	go portal.Run(ctx)
//
// # What it is
//
// Pages of html/template in Swedish and English, with a style sheet and no
// script; everything works without JavaScript and at 320 pixels. It is made for
// WCAG 2.1 AA. No rule of business travel is written here: every page and form
// calls package travel or invoice with the user's Actor, which bounds what is
// seen and done (R40).
//
// # Who is who
//
// Options.SignIn says who makes a request; the portal has no passwords and no
// sessions. A page that is not the user's is 404 when its id is another
// company's or department's, and 403 when it is for administrators of the whole
// company.
//
// # What browsers and logs get
//
// A strict Content-Security-Policy, no-store on every page, and forms of the
// portal's own origin only. Addresses hold ids, months and page numbers, never a
// name or a number: what is searched for is kept in a cookie that ends with the
// browser's session (I7). Notices after a form travel in a cookie as a name of
// the notice. Cookies are HttpOnly and SameSite=Lax.
//
// Forms that send an SMS carry an idempotency key, so that a form sent twice
// counts once (R42).
//
// # Imports
//
// An uploaded list is kept in memory between preview and result, a bounded
// number of them for a bounded time: nothing personal is written to a disk, and
// another process does not have it. With several processes let a user's requests
// under /imports come to the same one, else the user is asked to upload again;
// nothing is ever done twice, because what was applied is unchanged then.
//
// Making the codes of a long list takes minutes. [Portal.Run] applies lists in
// a goroutine that the host starts and ends, while a page tells how far it is;
// that page updates itself when the user has asked for it.
package portal
