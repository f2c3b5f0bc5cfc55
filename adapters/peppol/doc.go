// Package peppol writes invoices and credit notes as e-invoices: Peppol BIS
// Billing 3.0, which Swedish public buyers must be sent, in UBL 2.1 by
// EN 16931. A [Renderer] is an [invoice.Renderer], and needs nothing but the
// standard library:
//
//	einvoice, err := peppol.New(zone, peppol.Options{})
//	...
//	findings, err := einvoice.Check(d, bills.Lines(ctx, d))
//	if err == nil && len(findings) == 0 {
//		err = bills.Write(ctx, file, d, einvoice)
//	}
//
// The file goes to an access point. Sending it is not done here.
//
// # What is where
//
//	Document.Reference         BuyerReference (BT-10)
//	Document.Month             InvoicePeriod (BG-14)
//	Document.PaymentReference  PaymentID (BT-83)
//	Document.Rounding          PayableRoundingAmount (BT-114)
//	Document.Payee             PaymentMeans 30, bankgiro and plusgiro as SE:BANKGIRO and SE:PLUSGIRO
//	Document.Original          BillingReference (BG-3), and so is Document.Replaces
//	Party.PeppolID             EndpointID: 0007:2120000829, 0088:7350053850019
//	Party.FTax                 a second PartyTaxScheme: Godkänd för F-skatt
//	Party.RegisteredOffice     CompanyLegalForm: Säte: Jönköping
//	DepartmentTotal.CostCenter AccountingCost (BT-19, or BT-133 of the lines when departments have different ones)
//	Ticket.ID                  the line's DocumentReference of type 130 (BT-128)
//	day of the purchase        the line's InvoicePeriod (BG-26), or Köpdatum
//	Options.Attachments        EmbeddedDocumentBinaryObject (BG-24)
//
// An invoice is 380, a credit note 381 with positive amounts. A refund that is
// netted on an invoice has the quantity -1 and a positive price. The period of
// a line must lie within that of the document: the day of a purchase of an
// earlier month is an item property instead. Lines have the exact net of
// package invoice, so sums agree to the öre. Property names are in the language
// of the document.
//
// Why no VAT is charged is what the tickets say (Ticket.VATReason), which
// category E needs; AE, G, K and O have their code. What is outside the scope
// of VAT (O) can be on no document with anything else, and of such a document
// the parties' VAT numbers are left out: that is how EN 16931 wants it.
//
// # Lines
//
// [Tickets], the default, has a line for every ticket, and with that the day of
// each supply, which Swedish law wants on a collective invoice (ML 17 kap.).
// 5,000 lines are about 6 MB; many receivers take no more than 5 to 20 MB.
// [Products] has a line for all tickets of a product and rate, with a price of
// so many decimals that quantity times price is the net to the öre. It has no
// days: attach a specification.
//
// # Personal data
//
// By default lines say ticket, day, amount and employee number. Who is behind
// the number, and why the trip was made, is in the specification that the
// portal shows, which is rendered when asked for and can forget a person (R44).
//
// An e-invoice cannot. Once sent it is in the books of seller and buyer, who
// must keep it through the seventh year after the financial year (BFL 7 kap.
// 2 §), and nobody may take a name out of it. So with Document.PersonalLines,
// which is the company's own setting (travel.Billing), and with an attachment
// that shows names or purposes, these are kept for seven years by law, and a
// request for erasure can only be answered with the day on which that time
// ends. A purpose is free text: it may tell of health, of a union or of a
// client of the social services. travel.PersonalLinesNotice tells the company.
//
// # Countries
//
// The seller's country gives the forms of its numbers. With [Norway] a seller
// there says that it is in Foretaksregisteret; VAT numbers become NO, nine
// digits, MVA. Between two parties in Germany the BIS has rules of Germany's
// own; [XRechnung] is what German authorities want instead, with the same
// rules under other names, which [Renderer.Check] uses. No validator of
// XRechnung was run on it: only the Peppol rules, of which nothing but its
// identifier is refused.
//
// # Rules
//
// [Renderer.Check] returns the ids of rules that a document would break. The
// package's tests run the official rules (UBL 2.1 schema, EN 16931 1.3.16,
// Peppol 3.0.21) where they are at hand: documents of all shapes pass without a
// warning, and whatever Check finds they find too. Of electronic addresses and
// company numbers Check knows the check digits of Sweden (0007), Norway (0192)
// and GLN (0088), no others. It does not find what these rules cannot say: that
// the VAT is right to the öre, which invoice.Service.Verify proves.
package peppol
