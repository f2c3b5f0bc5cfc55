package peppol

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
)

// Finding is a rule that an e-invoice would break.
type Finding struct {
	// Rule is the official id: BR-CO-15, PEPPOL-EN16931-R010, SE-R-013.
	Rule string
	// Warning: receivers take the document all the same.
	Warning bool
	// Field is what of the document is to be mended: "Buyer.PeppolID",
	// "Rates[0].VAT", "Lines[17].Entry.Ticket.VATCategory". Lines are counted
	// from 0; of lines that break the same rule it is the first.
	Field string
	// Text says what is wrong, without the value, which may be personal.
	Text string
}

// String returns rule, field and text in one line.
func (f Finding) String() string { return f.Rule + ": " + f.Field + " " + f.Text }

// Check returns the rules that the e-invoice of a document would break, which
// are those of Sweden, Norway and Germany and the general ones that a document
// of package invoice can break. One mistake may break several. A draft is
// checked as what it will be; a basis has no rules. The error is [ErrNotIssued]
// for a basis, [ErrPartial], or that of the lines.
func (r *Renderer) Check(d invoice.Document, lines iter.Seq2[invoice.Line, error]) ([]Finding, error) {
	if d.Kind == invoice.Basis {
		return nil, ErrNotIssued
	}
	if len(d.Rates) == 0 {
		return nil, ErrPartial
	}
	c := &checker{document: r.document(&d), byRate: map[string]map[int]credit.Amount{}, broken: map[string]bool{}}
	for row, err := range r.rows(c.document, lines) {
		if err != nil {
			return nil, err
		}
		c.line(row)
	}
	c.head()
	c.party("Seller", &c.seller, "R020", "BR-62", "BR-06")
	c.party("Buyer", &c.buyer, "R010", "BR-63", "BR-07")
	c.vatNumbers()
	c.sums()
	c.breakdown()
	c.swedish()
	c.norwegian()
	c.german()
	return c.findings, nil
}

// checker gathers what is wrong.
type checker struct {
	*document
	findings []Finding
	rows     int
	sum      credit.Amount
	byRate   map[string]map[int]credit.Amount // what lines say, by category
	broken   map[string]bool                  // rules that a line broke
}

const peppolRule = "PEPPOL-EN16931-"

func (c *checker) fatal(ok bool, rule, field, text string) {
	if !ok {
		c.findings = append(c.findings, Finding{Rule: rule, Field: field, Text: text})
	}
}

func (c *checker) warn(ok bool, rule, field, text string) {
	if !ok {
		c.findings = append(c.findings, Finding{Rule: rule, Field: field, Text: text, Warning: true})
	}
}

// inLine reports the first line that breaks a rule.
func (c *checker) inLine(ok bool, rule string, l *row, field, text string) {
	if !ok && !c.broken[rule] {
		c.broken[rule] = true
		c.fatal(false, rule, fmt.Sprintf("Lines[%d].%s", l.line, field), text)
	}
}

// prefixes begin the names of the rules of each VAT category.
var prefixes = map[string]string{
	standard: "BR-S-", zero: "BR-Z-", exempt: "BR-E-", reverse: "BR-AE-", intra: "BR-IC-", export: "BR-G-", outside: "BR-O-",
}

func (c *checker) line(l *row) {
	c.rows++
	c.sum += l.net
	rates := c.byRate[l.category]
	if rates == nil {
		rates = map[int]credit.Amount{}
		c.byRate[l.category] = rates
	}
	rates[l.rate] += l.net
	const category, rate = "Entry.Ticket.VATCategory", "Entry.Ticket.VATRate"
	prefix, known := prefixes[l.category]
	c.inLine(l.name != "", "BR-25", l, "Entry.Ticket.ProductName", "is missing, and so is Product")
	c.inLine(l.price.units >= 0, "BR-27", l, "Net", "has another sign than Gross")
	c.inLine(known, "BR-CL-18", l, category, "is no VAT category of an invoice")
	switch l.category {
	case standard:
		c.inLine(l.rate > 0, prefix+"05", l, rate, "must be more than 0 in this category")
	case outside: // its rate is not written
	default:
		c.inLine(!known || l.rate == 0, prefix+"05", l, rate, "must be 0 in this category")
	}
}

func (c *checker) head() {
	c.fatal(strings.TrimSpace(c.Reference) != "", peppolRule+"R003", "Reference", "is missing: the buyer's reference")
	known := listed(currencies, c.Currency)
	c.fatal(known, "BR-CL-04", "Currency", "is no ISO 4217 code")
	c.fatal(known, peppolRule+"CL007", "Currency", "is no ISO 4217 code")
	c.fatal(c.Original == nil || c.Original.Label() != "", "BR-55", "Original.Number", "is missing: what is credited has no number")
	c.fatal(c.rows > 0, "BR-16", "Lines", "are missing")
}

func (c *checker) party(field string, p *party, endpoint, scheme, name string) {
	field += "."
	c.fatal(p.name != "", name, field+"Name", "is missing")
	c.fatal(listed(countries, p.country), "BR-CL-14", field+"Country", "is no ISO 3166 code")
	const form = "is not the form of an electronic address: scheme, colon and number"
	c.fatal(p.endpoint != "", peppolRule+endpoint, field+"PeppolID", "is missing: the electronic address")
	switch {
	case p.endpoint == "":
	case p.scheme == "":
		c.fatal(false, scheme, field+"PeppolID", form)
	default:
		c.fatal(listed(addresses, p.scheme), peppolRule+"CL008", field+"PeppolID", "has a scheme that is not in the list of electronic addresses")
	}
	c.identifier(field+"PeppolID", p.scheme, p.endpoint)
	if p.number != "" {
		c.identifier(field+"OrganizationNumber", p.numberScheme, p.number)
	}
	c.fatal(p.vat == "" || listed(countries, prefix(p.vat)) || slices.Contains([]string{"EL", "XI", "1A"}, prefix(p.vat)),
		"BR-CO-09", field+"VATNumber", "does not begin with a country")
}

// identifier checks a number by its scheme.
func (c *checker) identifier(field, scheme, id string) {
	const common = "PEPPOL-COMMON-"
	switch scheme {
	case schemeSweden:
		c.fatal(isSwedish(id), common+"R049", field, "is no Swedish organization number: ten digits, the last a check digit")
	case schemeGLN:
		c.fatal(isGLN(id), common+"R040", field, "is no GLN: digits, the last a check digit")
	case schemeNorway:
		c.fatal(isNorwegian(id), common+"R041", field, "is no Norwegian organization number: nine digits, the last a check digit")
	}
}

// vatNumbers checks who must have one for the categories on the lines.
func (c *checker) vatNumbers() {
	s, b := &c.seller, &c.buyer
	registered := s.vat != "" || s.registration != ""
	c.fatal(s.vat != "" || s.number != "", "BR-CO-26", "Seller.OrganizationNumber", "is missing, and so is VATNumber")
	for _, category := range sorted(c.byRate) {
		rule := prefixes[category] + "02"
		switch category {
		case standard, zero, exempt:
			c.fatal(registered, rule, "Seller.VATNumber", "is missing")
		case reverse:
			c.fatal(registered, rule, "Seller.VATNumber", "is missing")
			c.fatal(b.vat != "" || b.number != "", rule, "Buyer.VATNumber", "is missing, and so is OrganizationNumber")
		case intra:
			c.fatal(s.vat != "", rule, "Seller.VATNumber", "is missing")
			c.fatal(b.vat != "", rule, "Buyer.VATNumber", "is missing")
		case export:
			c.fatal(s.vat != "", rule, "Seller.VATNumber", "is missing")
		case outside:
			c.fatal(s.vat == "" && b.vat == "", rule, "Seller.VATNumber", "may not stand on a document with what is outside the scope of VAT")
		}
	}
}

func (c *checker) sums() {
	c.fatal(c.Net == c.sum, "BR-CO-10", "Net", "is not the sum of the lines")
	var vat credit.Amount
	for _, v := range c.rates {
		vat += v.VAT
	}
	c.fatal(c.VAT == vat, "BR-CO-14", "VAT", "is not the sum of the rates")
	c.fatal(c.Gross == c.Net+c.VAT, "BR-CO-15", "Gross", "is not net and VAT")
}

// breakdown checks the sums per rate and category.
func (c *checker) breakdown() {
	count := map[string]int{}
	for i, v := range c.rates {
		count[v.Category]++
		field := fmt.Sprintf("Rates[%d].", i)
		prefix, known := prefixes[v.Category]
		c.fatal(known, "BR-CL-17", field+"Category", "is no VAT category of an invoice")
		c.fatal(c.agrees(v), "BR-CO-17", field+"VAT", "is 1.00 or more off net and rate")
		switch {
		case !known:
		case v.Category == standard:
			lines, there := c.byRate[standard][v.Rate]
			off := v.Net - lines
			c.fatal(there && max(off, -off) < krona, prefix+"08", field+"Net", "is not the sum of its lines")
			c.fatal(near(v), prefix+"09", field+"VAT", "is 1.00 or more off net and rate")
		default:
			var lines credit.Amount
			for _, net := range c.byRate[v.Category] {
				lines += net
			}
			c.fatal(v.Net == lines, prefix+"08", field+"Net", "is not the sum of its lines")
			c.fatal(v.VAT == 0, prefix+"09", field+"VAT", "must be 0 in this category")
			c.fatal(v.Category != exempt || v.reason != "", prefix+"10", field+"Reason", "is missing: why no VAT is charged")
		}
		c.fatal(count[v.Category] < 2 || v.Category == standard || !known, prefix+"01", field+"Category", "is there twice")
	}
	for _, category := range sorted(c.byRate) {
		if prefix, known := prefixes[category]; known {
			c.fatal(count[category] > 0, prefix+"01", "Rates", "lack a category of the lines")
		}
	}
	if count[standard] > 0 {
		c.fatal(c.byRate[standard] != nil, "BR-S-01", "Rates", "have a category that no line has")
	}
	if count[outside] > 0 {
		const alone = "is outside the scope of VAT, and may not stand with others on one document"
		c.fatal(count[outside] == len(c.rates), "BR-O-11", "Rates", alone)
		c.fatal(c.byRate[outside] == nil || len(c.byRate) == 1, "BR-O-12", "Lines", alone)
	}
}

const krona credit.Amount = 100

// agrees tells whether VAT is that of net and rate, with the tolerance of the
// rules.
func (c *checker) agrees(v rate) bool {
	if v.Category == outside || v.Rate < 50 {
		return v.VAT >= -krona/2 && v.VAT < krona/2
	}
	return near(v)
}

func near(v rate) bool {
	net, vat := max(v.Net, -v.Net), max(v.VAT, -v.VAT)
	exact := credit.Share(net, credit.Amount(v.Rate), 10_000)
	return vat-krona < exact && exact < vat+krona
}

// sorted returns the categories in order.
func sorted(byRate map[string]map[int]credit.Amount) []string {
	var categories []string
	for category := range byRate {
		categories = append(categories, category)
	}
	slices.Sort(categories)
	return categories
}
