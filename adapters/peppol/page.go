package peppol

import (
	"bufio"
	"encoding/base64"
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
)

// page writes UBL. A failed write shows when it is flushed.
type page struct {
	*bufio.Writer
	*document
	scratch []byte
	rows    int
}

const (
	namespace      = "urn:oasis:names:specification:ubl:schema:xsd:"
	customization  = "urn:cen.eu:en16931:2017#compliant#"
	customBIS      = customization + "urn:fdc:peppol.eu:2017:poacc:billing:3.0"
	customXR       = customization + "urn:xeinkauf.de:kosit:xrechnung_3.0"
	billingProcess = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
	piece          = "C62" // UN/ECE Recommendation 20
	typeInvoice    = "380"
	typeCredit     = "381"
	typeObject     = "130" // what is invoiced
)

// open writes the tag of an element that holds elements.
func (x *page) open(name string) {
	x.start(name, "", "")
	x.WriteByte('\n')
}

// text writes an element with text; no text, no element (R008).
func (x *page) text(name, text string) { x.attr(name, "", "", text) }

// attr writes an element with one attribute and text.
func (x *page) attr(name, attribute, value, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	x.start(name, attribute, value)
	x.escape(text)
	x.finish(name)
}

func (x *page) start(name, attribute, value string) {
	x.WriteByte('<')
	x.WriteString(name)
	if value != "" {
		x.WriteByte(' ')
		x.WriteString(attribute)
		x.WriteString(`="`)
		x.escape(value)
		x.WriteByte('"')
	}
	x.WriteByte('>')
}

func (x *page) finish(name string) {
	x.WriteString("</")
	x.WriteString(name)
	x.WriteString(">\n")
}

// escape writes text; what XML can't hold becomes U+FFFD.
func (x *page) escape(text string) {
	x.scratch = append(x.scratch[:0], text...)
	_ = xml.EscapeText(x.Writer, x.scratch) // shows when flushed
}

// amount writes an amount in the document's currency.
func (x *page) amount(name string, a credit.Amount) { x.decimal(name, int64(a), 2) }

func (x *page) decimal(name string, units int64, decimals int) {
	x.start(name, "currencyID", x.Currency)
	x.scratch = appendDecimal(x.scratch[:0], units, decimals)
	x.Write(x.scratch)
	x.finish(name)
}

// appendDecimal appends units of 10^-decimals.
func appendDecimal(to []byte, units int64, decimals int) []byte {
	v := uint64(units)
	if units < 0 {
		to, v = append(to, '-'), -v
	}
	at := len(to)
	to = strconv.AppendUint(to, v, 10)
	for len(to)-at <= decimals {
		to = append(to, 0)
		copy(to[at+1:], to[at:])
		to[at] = '0'
	}
	to = append(to, 0)
	point := len(to) - 1 - decimals
	copy(to[point+1:], to[point:])
	to[point] = '.'
	return to
}

func (x *page) root() string {
	if x.credits {
		return "CreditNote"
	}
	return "Invoice"
}

func (x *page) begin() {
	x.WriteString(xml.Header + "<" + x.root() + ` xmlns="` + namespace + x.root() + `-2"` +
		` xmlns:cac="` + namespace + `CommonAggregateComponents-2" xmlns:cbc="` + namespace + `CommonBasicComponents-2">` + "\n")
}

func (x *page) end() { x.finish(x.root()) }

// head writes what comes before the attachments.
func (x *page) head() {
	custom := customBIS
	if x.profile == XRechnung {
		custom = customXR
	}
	x.text("cbc:CustomizationID", custom)
	x.text("cbc:ProfileID", billingProcess)
	x.text("cbc:ID", x.Label())
	x.text("cbc:IssueDate", x.issued)
	if x.credits {
		x.text("cbc:CreditNoteTypeCode", typeCredit)
	} else {
		x.text("cbc:DueDate", x.due)
		x.text("cbc:InvoiceTypeCode", typeInvoice)
	}
	x.text("cbc:DocumentCurrencyCode", x.Currency)
	x.text("cbc:AccountingCost", x.cost)
	x.text("cbc:BuyerReference", x.Reference)
	x.period(x.first, x.last)
	if o := x.reference; o != nil {
		x.open("cac:BillingReference")
		x.open("cac:InvoiceDocumentReference")
		x.text("cbc:ID", o.Label())
		x.text("cbc:IssueDate", x.referenced)
		x.finish("cac:InvoiceDocumentReference")
		x.finish("cac:BillingReference")
	}
}

func (x *page) period(first, last string) {
	if first == "" {
		return
	}
	x.open("cac:InvoicePeriod")
	x.text("cbc:StartDate", first)
	x.text("cbc:EndDate", last)
	x.finish("cac:InvoicePeriod")
}

// attachment begins an attachment and returns where it goes.
func (x *page) attachment(name, media string) io.WriteCloser {
	x.open("cac:AdditionalDocumentReference")
	x.text("cbc:ID", name)
	x.text("cbc:DocumentDescription", x.say("Specifikation", "Specification"))
	x.open("cac:Attachment")
	x.WriteString(`<cbc:EmbeddedDocumentBinaryObject mimeCode="`)
	x.escape(media)
	x.WriteString(`" filename="`)
	x.escape(name)
	x.WriteString(`">`)
	return base64.NewEncoder(base64.StdEncoding, x.Writer)
}

func (x *page) endAttachment() {
	x.finish("cbc:EmbeddedDocumentBinaryObject")
	x.finish("cac:Attachment")
	x.finish("cac:AdditionalDocumentReference")
}

func (x *page) parties() {
	x.open("cac:AccountingSupplierParty")
	x.party(&x.seller)
	x.finish("cac:AccountingSupplierParty")
	x.open("cac:AccountingCustomerParty")
	x.party(&x.buyer)
	x.finish("cac:AccountingCustomerParty")
	if x.hasCategory(intra) {
		x.open("cac:Delivery")
		x.open("cac:DeliveryLocation")
		x.open("cac:Address")
		x.country(x.buyer.country)
		x.finish("cac:Address")
		x.finish("cac:DeliveryLocation")
		x.finish("cac:Delivery")
	}
}

func (x *page) party(p *party) {
	x.open("cac:Party")
	x.attr("cbc:EndpointID", "schemeID", p.scheme, p.endpoint)
	x.open("cac:PostalAddress")
	x.text("cbc:StreetName", p.street)
	x.text("cbc:CityName", p.city)
	x.text("cbc:PostalZone", p.postalCode)
	x.country(p.country)
	x.finish("cac:PostalAddress")
	x.taxScheme(p.vat, "VAT")
	x.taxScheme(p.registration, "TAX")
	x.open("cac:PartyLegalEntity")
	x.text("cbc:RegistrationName", p.name)
	x.attr("cbc:CompanyID", "schemeID", p.numberScheme, p.number)
	x.text("cbc:CompanyLegalForm", p.legal)
	x.finish("cac:PartyLegalEntity")
	if c := p.contact; c.Name != "" || c.Phone != "" || c.Email != "" {
		x.open("cac:Contact")
		x.text("cbc:Name", c.Name)
		x.text("cbc:Telephone", c.Phone)
		x.text("cbc:ElectronicMail", c.Email)
		x.finish("cac:Contact")
	}
	x.finish("cac:Party")
}

func (x *page) country(code string) {
	x.open("cac:Country")
	x.text("cbc:IdentificationCode", code)
	x.finish("cac:Country")
}

func (x *page) taxScheme(id, scheme string) {
	if id == "" {
		return
	}
	x.open("cac:PartyTaxScheme")
	x.text("cbc:CompanyID", id)
	x.scheme(scheme)
	x.finish("cac:PartyTaxScheme")
}

func (x *page) scheme(id string) {
	x.open("cac:TaxScheme")
	x.text("cbc:ID", id)
	x.finish("cac:TaxScheme")
}

func (x *page) payment() {
	if x.means != "" && len(x.accounts) == 0 {
		x.open("cac:PaymentMeans")
		x.text("cbc:PaymentMeansCode", x.means)
		x.finish("cac:PaymentMeans")
	}
	for _, a := range x.accounts {
		x.open("cac:PaymentMeans")
		x.text("cbc:PaymentMeansCode", x.means)
		x.text("cbc:PaymentID", x.PaymentReference)
		x.open("cac:PayeeFinancialAccount")
		x.text("cbc:ID", a.id)
		if a.branch != "" {
			x.open("cac:FinancialInstitutionBranch")
			x.text("cbc:ID", a.branch)
			x.finish("cac:FinancialInstitutionBranch")
		}
		x.finish("cac:PayeeFinancialAccount")
		x.finish("cac:PaymentMeans")
	}
}

func (x *page) totals() {
	x.open("cac:TaxTotal")
	x.amount("cbc:TaxAmount", x.VAT)
	for i := range x.rates {
		v := &x.rates[i]
		x.open("cac:TaxSubtotal")
		x.amount("cbc:TaxableAmount", v.Net)
		x.amount("cbc:TaxAmount", v.VAT)
		x.category("cac:TaxCategory", v.Category, v.Rate, v.code, v.reason)
		x.finish("cac:TaxSubtotal")
	}
	x.finish("cac:TaxTotal")
	x.open("cac:LegalMonetaryTotal")
	x.amount("cbc:LineExtensionAmount", x.Net)
	x.amount("cbc:TaxExclusiveAmount", x.Net)
	x.amount("cbc:TaxInclusiveAmount", x.Gross)
	if x.Rounding != 0 {
		x.amount("cbc:PayableRoundingAmount", x.Rounding)
	}
	x.amount("cbc:PayableAmount", x.Payable())
	x.finish("cac:LegalMonetaryTotal")
}

// category writes a VAT category. What is outside of VAT has no rate (BR-O-05).
func (x *page) category(name, category string, rate int, code, reason string) {
	x.open(name)
	x.text("cbc:ID", category)
	if category != outside {
		x.start("cbc:Percent", "", "")
		x.scratch = appendPercent(x.scratch[:0], rate)
		x.Write(x.scratch)
		x.finish("cbc:Percent")
	}
	x.text("cbc:TaxExemptionReasonCode", code)
	x.text("cbc:TaxExemptionReason", reason)
	x.scheme("VAT")
	x.finish(name)
}

// appendPercent appends a rate in hundredths of a percent: 6, 12.5.
func appendPercent(to []byte, rate int) []byte {
	to = appendDecimal(to, int64(rate), 2)
	for to[len(to)-1] == '0' {
		to = to[:len(to)-1]
	}
	if to[len(to)-1] == '.' {
		to = to[:len(to)-1]
	}
	return to
}

func (x *page) line(l *row) {
	name, quantity := "cac:InvoiceLine", "cbc:InvoicedQuantity"
	if x.credits {
		name, quantity = "cac:CreditNoteLine", "cbc:CreditedQuantity"
	}
	x.rows++
	x.open(name)
	x.text("cbc:ID", strconv.Itoa(x.rows))
	x.text("cbc:Note", l.note)
	x.attr(quantity, "unitCode", piece, strconv.FormatInt(l.quantity, 10))
	x.amount("cbc:LineExtensionAmount", l.net)
	x.text("cbc:AccountingCost", l.cost)
	x.period(l.day, l.day)
	if l.ticket != "" {
		x.open("cac:DocumentReference")
		x.text("cbc:ID", l.ticket)
		x.text("cbc:DocumentTypeCode", typeObject)
		x.finish("cac:DocumentReference")
	}
	x.open("cac:Item")
	x.text("cbc:Description", l.description)
	x.text("cbc:Name", l.name)
	if l.product != "" {
		x.open("cac:SellersItemIdentification")
		x.text("cbc:ID", l.product)
		x.finish("cac:SellersItemIdentification")
	}
	x.category("cac:ClassifiedTaxCategory", l.category, l.rate, "", "")
	for _, p := range l.properties {
		x.open("cac:AdditionalItemProperty")
		x.text("cbc:Name", p.name)
		x.text("cbc:Value", p.value)
		x.finish("cac:AdditionalItemProperty")
	}
	x.finish("cac:Item")
	x.open("cac:Price")
	x.decimal("cbc:PriceAmount", l.price.units, l.price.decimals)
	x.finish("cac:Price")
	x.finish(name)
}
