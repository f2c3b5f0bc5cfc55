// Package directory delivers documents by laying them down in a directory, for
// whoever fetches them there: an access point, a print shop, SFTP. A [Directory]
// is an [invoice.Deliverer], and needs nothing but the standard library:
//
//	root, err := os.OpenRoot("/var/spool/invoices")
//	...
//	deliverer, err := directory.New(root, directory.Options{
//		Renderers: []invoice.Renderer{einvoice, paper.Invoice(), paper.Specification(), bills.CSV(language.Swedish)},
//	})
//
// # Layout
//
// Each document has a folder, and in it a file of each renderer:
//
//	2026-01/JLT-17/JLT-17.xml
//	2026-01/JLT-17/JLT-17.pdf
//	2026-01/JLT-17/JLT-17-specification.pdf
//	2026-01/JLT-17/JLT-17.csv
//
// The month is the one that is billed. The first renderer of an extension has
// the plain name, others have that of their format in it. What a document has
// no number for, a basis, is named after its kind and id. Of a series only the
// letters a to z in either case, digits, "-", "_" and "." stand in names; any
// other byte is % and two hexadecimal digits, so that two series are never the
// same. Names hold nothing personal.
//
// # Once
//
// A folder is there whole or not at all: its files are written and synced under
// .documents, and it is renamed into place. Whoever watches for it may take it
// away at once: .documents keeps a receipt of every document, by its id, and one
// that was delivered is never delivered again, also not when its folder is gone.
// After a crash at any point the next call goes on, and what a crash has left is
// removed. Any number of processes may deliver at the same time, the same
// document too: one of them wins, and all are answered the same.
//
// Receipts are under .documents by month, each a folder of the document's id with
// a file. To have a document delivered again, remove its folder there and where
// it was delivered; a month of which no document comes again may be removed
// whole. Everything must lie on one file system, and one that renames atomically,
// as local ones do.
//
// # Answers
//
// A document is refused, with a reason, when [Options].Check says so, when a
// renderer returns one of [Options].Refusals, and when its folder has a name
// that something else has already: that is never overwritten. Everything else
// that goes wrong, such as a full disk, a missing permission or lines that
// cannot be read, is an error, and nothing of the document is to be seen.
//
// # Personal data
//
// A specification has names and purposes, and a file keeps them as long as
// somebody keeps the file (R44): give renderers that write no more than the
// receiver needs, and remove what was fetched. Folders can be entered, and files
// read, by their owner and group only.
package directory
