// Package travel is business travel on company invoice: companies and their
// administrators, travelers with a monthly credit limit, the one-time codes
// that connect them to the operator's app, and their purchases.
//
// # A service
//
// An integrator makes one [Service] of a [Config], with a [Store] of one of the
// adapters and a key ring, and keeps it for the life of the process. It holds
// no state, starts no goroutine, and is safe for concurrent use.
//
// # Who calls what
//
// Applicants call [Service.Apply]; the operator's back office approves, refunds
// and closes. Administrators manage departments, travelers and limits in the
// portal. Both come with an [Actor] that the host has authenticated; the
// service checks the reach of every call and writes who did what to an audit
// log. The traveler's app comes with a [Holder]: the payment method that
// [Service.Activate] returned, and the phone and number that the host has
// verified.
//
//	Apply → Approve → AddDepartment → AddTraveler or ApplyImport → Connect
//	      → (SMS) → Activate → Authorize → Capture → (month close) → invoice
//
// # A purchase
//
// [Service.Authorize] reserves the price after "complete the purchase";
// [Service.Capture] completes it with the purpose, and only then the host issues
// its ticket. [Service.Purchase] does both in one. A decline is an answer and
// not an error: it says why, by how much, who can help and when it would pass
// by itself, in Swedish and English ([credit.Decline]).
//
// Every call that costs money or sends something takes a key of the caller's.
// The same request sent again with its key has the same answer, declines too;
// another content under the key is [ErrKeyReused]. So a time-out is mended by
// sending again.
//
// A service that is bound to the host's open transaction with [Service.In] lets
// credit, ticket and order commit or vanish together.
//
// # Time, money, people
//
// All instants are UTC, as exact as a microsecond; months begin and end in the
// operator's zone. Amounts in requests and results are decimals in kronor with
// two decimals at most; stored records hold integer öre. Phone numbers print
// masked, errors mask what is personal, and events and audit records hold ids
// only.
//
// # Jobs
//
// Nothing depends on a job: the credit is whole again on the 1st because months
// are derived from the instant. [Service.ExpireDue] tidies records,
// [Service.DrivePayments] asks a silent payment provider again, and
// [Service.Audit] recomputes what is stored. A host calls them now and then,
// from any number of machines.
package travel
