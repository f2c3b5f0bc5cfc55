// Package sie writes documents as a bookkeeping file, SIE 4I, which Swedish
// bookkeeping programs import: one verification per invoice or credit note,
// dated the day of issue in the operator's zone.
//
//	books, err := sie.New(zone, sie.Options{Series: "F"})
//	...
//	err = books.Export(ctx, file, documents) // those of a month, a file named march.si
//
// # A verification
//
// What is to be paid is debited to accounts receivable. For each VAT rate and
// category the net is credited to an account of sales and the VAT to one of
// output VAT; rounding to whole kronor goes to an account of its own. Credit
// notes are the mirror image. The sums are the document's own (R36), to the öre,
// so the file says what the invoice says. The text of a verification has the
// document's number, the buyer and the month; there are no travelers and no
// purposes in the file.
//
// The accounts are those of the BAS chart unless [Options] names others:
//
//	1510              accounts receivable
//	3001, 3002, 3003  sales at 25, 12 and 6 %
//	3004              sales without VAT, of every category
//	2611, 2621, 2631  output VAT of 25, 12 and 6 %
//	3740              rounding
//
// # What is refused
//
// A file has documents of one seller and one currency: it is imported into the
// books of this seller. Drafts and bases, which are no invoices (the payment
// provider has those), parts of documents, rates without an account and sums
// that do not add up are refused with a [*DocumentError] that names the
// document. A file that was begun when an error came must not be imported: it
// may still look whole.
//
// # Objects
//
// [Options.Objects] puts cost centers, projects, customers or whatever the
// bookkeeper follows on sales and rounding. They are declared at the top of the
// file, so [Renderer.Export] then ranges over the documents twice. A buyer's
// departments are none of the seller's cost centers; and sums per department
// have no VAT rates.
//
// # Characters
//
// The format knows one character set, PC8, which is code page 437. å, ä, ö and
// é are in it. Of what is not, letters lose their marks (Č is C), some have a
// likeness (Ø is O, – is -), and the rest is "?". A quotation mark gets the
// backslash that the format wants; the format has no way to write a backslash
// itself, and programs disagree, so it becomes a slash. Control characters
// become spaces.
package sie
