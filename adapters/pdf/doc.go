// Package pdf prints documents: the invoice, credit note or basis on A4, and its
// specification on A4 across.
//
//	paper, err := pdf.New(zone, pdf.Options{Language: language.Swedish, Logos: map[string][]byte{"": logo}})
//	...
//	err = invoices.Render(ctx, w, actor, invoice.RenderRequest{Company: company, Document: id, Renderer: paper.Invoice()})
//	err = invoices.Render(ctx, w, actor, invoice.RenderRequest{Company: company, Document: id, Renderer: paper.Specification()})
//
// A [Printer] is made once, at the start: it reads fonts and logos, which takes
// milliseconds.
//
// # The invoice
//
// It says what the documents in text of package invoice say, in the same words:
// the parties, dates and references, the sums of each department and of each VAT
// rate with the reason where none is charged, rounding, what is to be paid and,
// in a box of its own, where and by which reference. At the foot of every page
// stand the seller's address and contact, numbers, approval for F-skatt and
// registered office. It holds nothing personal, and does not ask for lines.
//
// Only an issued invoice says where to pay: a credit note is not paid, a basis
// is paid elsewhere, and a draft not yet. What a department administrator may
// see of a document that others share is an extract: it is marked as one, and
// has neither VAT rates, rounding nor payment.
//
// Where tickets are listed by the specification only, Swedish law (17 kap. ML)
// wants the date of each in the invoice. So the invoice says that the
// specification is a part of it: send both.
//
// # The specification
//
// It has one row per ticket (R32): when it was bought, in the operator's zone,
// ticket, traveler, employee number, purpose, net, VAT and amount; refunds are
// negative on an invoice. Departments have headings and subtotals (R03), and
// their heads are repeated on every page. Lines that do not add up to the
// document are not printed: the error is [travel.ErrDrift]. A person that was
// erased is "–" (R44).
//
// Name and purpose are personal data, and the file keeps them as long as
// somebody keeps the file. Render it anew when it is asked for.
//
// # Text
//
// The Go fonts have Latin, Greek and Cyrillic, and figures of one width; they
// are embedded, as far as they are used. A letter that they lack stands without
// its marks (Nguyen for Nguyễn), or, if it has none, as the box that the font
// has for such; it can be copied and searched for all the same. Emoji and other
// characters outside Unicode's first plane become U+FFFD. A host whose travelers
// write otherwise gives [Fonts] of its own. Scripts that are written from the
// right, or whose letters join, are not shaped.
//
// Texts are composed (NFC), and white space, line breaks too, is a single
// space. What is longer than its column is broken over lines, and a row over
// pages if need be; nothing is cut. Amounts are set smaller before they would
// touch their neighbors.
//
// # The file
//
// The same document, lines and options give the same bytes, with the same
// version of this package, its modules and Go: the file is dated at the issue,
// a draft at the end of its month. It is made in memory and written when it is
// whole: a specification takes some 2 KB per line while it is made, and 200
// bytes in the file.
//
// It is an ordinary PDF 1.3 with texts that can be copied. It does not claim to
// be PDF/A or tagged PDF, and it is no e-invoice: to the public sector that is
// the one of adapters/peppol, which can have the specification attached.
package pdf
