// Package xlsx writes the specification of a document as an Excel workbook: one
// row per ticket, with amounts that are numbers and times that are times, and a
// second sheet with the sums of departments and VAT rates.
//
//	workbook, err := xlsx.New(zone, xlsx.Options{Language: language.Swedish})
//	...
//	err = invoices.Render(ctx, w, actor, invoice.RenderRequest{Company: company, Document: id, Renderer: workbook})
//
// # The sheets
//
// The first sheet has the columns of the CSV of [invoice.Service.CSV], under a
// heading that stays in view, is repeated on every printed page and has a
// filter. It has no sums, which a spreadsheet would count twice; they are on the
// second sheet, as the document has them, beside its number, parties and
// references. What a department administrator may see of a document has neither
// VAT rates nor rounding there.
//
// Amounts are written digit by digit from öre and shown with two decimals.
// Times are what clocks showed in the operator's zone, to the second.
//
// # Text
//
// Names, purposes and references are what people typed. Such a cell says that it
// is text, so no spreadsheet takes it for a formula when it opens the file, nor
// when somebody edits the cell; numbers keep leading zeros. Control characters,
// which XML does not allow, are left out; line breaks and tabs stay. What would
// be more than the 32,767 characters that a cell holds ends with "…".
//
// Names and purposes are personal data (R32): they are not in the document, and
// a person that was erased has "–" in a workbook that is written later (R44).
//
// # Size
//
// The file is streamed: a row is forgotten when it is written, so memory does
// not grow with rows. A worksheet has 1,048,576 rows; a document with more lines
// is refused with [ErrRows] before anything is written.
//
// The writer is made of archive/zip and this package's own XML, and not of
// excelize. The same 5,000 rows took it a quarter of the time and a hundredth of
// the memory, and no host links a module more. What that gives up, formulas and
// reading, a specification does not need.
package xlsx
