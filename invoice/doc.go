// Package invoice turns what was bought into invoices and credit notes.
//
// Package travel appends an entry for every ticket that is captured or
// refunded. Once a month this package streams them, and issues one document
// per company, reference and seller (R31), with totals that are exact to the
// öre, in consecutive numbers (R36).
//
//	invoices, err := invoice.New(invoice.Config{
//		Store:   store, // the same one as travel's
//		Travel:  travelService,
//		Sellers: []invoice.Seller{{Party: operator, Series: "JLT"}},
//	})
//	...
//	report, err := invoices.CloseDue(ctx) // as often as you like
//
// # Closing a month
//
// [Service.CloseDue] closes every month whose end and grace have passed, for
// all companies; [Service.Close] closes a month that you name. Both may run
// again, anywhere, at any time, on several machines at once: each month of a
// company is closed once (R35). The steps are
//
//   - fence: nothing can enter the month any more, not even from a transaction
//     that has begun. What is still reserved there expires. The grace is longer
//     than a reservation lives, so a late capture was in time;
//   - draft: the entries are read, and the documents made. Nothing is
//     collected: memory grows with departments and refunds, not with tickets;
//   - issue: numbers are drawn and documents inserted, all of a company in one
//     transaction, with reference and parties as they are then (R37).
//
// After a crash the next run goes on: the same documents, no gap, no double.
// [Service.Previews] drafts and does nothing more: it is the dry run, and its
// drafts can be read like documents before they are issued.
//
// A company is set aside with a [Reason] when something is missing that a
// document needs, or when the payment provider has not answered a charge. The
// others are closed all the same. Its later months wait, because months are
// closed in order; when the cause is mended, the next run closes them all. What
// nobody can mend, such as a store that fails, is a [*CloseError]. The operator
// sets a company aside with [Service.SetAside], until [Service.Release].
//
// # Arithmetic
//
// Tickets are priced with VAT. Per document and rate the VAT is that of the sum,
// rounded once; each line has its net rounded down, and the öre that are
// missing go to the lines with the largest remainders, ties in the order of
// lines. So a thousand tickets of 37 kr at 6 % have 2,094.34 in VAT, and not
// 2,094.60. Net and VAT that the seller has stated enter as they are, and
// refunds mirror the purchase's own, in any number of parts. Should the VAT of
// a document with such lines come near to 1.00 off its rate, which e-invoices
// do not allow, it becomes several documents. Only a single ticket on which the
// seller stated something far off its rate stays so.
//
// # Refunds
//
// A refund that comes before its month is fenced is netted there: a negative
// line (R43). A group of which everything was given back gives no document. A
// refund that comes later is billed in the month of the refund, as a
// [CreditNote] per document that it credits, with positive amounts, the
// reference of what it credits and the parties of today. Where the payment
// provider writes the invoices (Config.ProviderBills), documents are of kind
// [Basis] and have no number.
//
// # A wrong invoice
//
// Nothing of an issued document is ever changed. With [Service.Reissue] one that
// had the wrong reference or buyer is credited, whole, and issued anew, in one
// transaction. Refunds that come later credit the invoice that stands.
//
// # Delivery
//
// With a [Deliverer] in the configuration every document that is issued waits,
// from the same transaction on, until [Service.DeliverDue] has delivered it.
// Silence is tried again with growing waits, a refusal waits for the operator
// ([Service.Redeliver]), and each attempt is in the [DeliveryRecord].
//
// # Reading
//
// [Service.Documents], [Service.Document] and [Service.Render] take an actor
// and show as much as it may see (R40), and nothing before the month is closed
// (R33). A [Renderer] writes a document in a format: [Service.Text],
// [Service.Specification] and [Service.CSV] are here, others live in adapters
// and say the same by [Words]. All other methods are for the operator's own jobs.
//
// # What stays
//
// An issued [Document] never changes. It holds its own text as it was issued
// and the hash of it, and a hash over what is billed of every line, but nothing
// personal: the specification is rendered from the entries when it is asked
// for, so that a person can be erased and the invoice stays (R44).
// [Service.Verify] and [Service.Audit] prove that documents and entries agree.
package invoice
