package peppol

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tjansteresor/tjansteresor/internal/number"
)

// swedish checks the rules for sellers in Sweden.
func (c *checker) swedish() {
	s := &c.seller
	if s.country != sweden {
		return
	}
	if prefix(s.vat) == sweden {
		c.fatal(len(s.vat) == 14, "SE-R-001", "Seller.VATNumber", "must have 14 characters: SE, organization number, two digits")
		c.fatal(digits(s.vat[2:]), "SE-R-002", "Seller.VATNumber", "must have digits behind SE")
		for i, v := range c.rates {
			rate := v.Rate == 25_00 || v.Rate == 12_00 || v.Rate == 6_00
			c.fatal(v.Category != standard || rate, "SE-R-006", fmt.Sprintf("Rates[%d].Rate", i), "is none of Sweden's: 25, 12 and 6 %")
		}
	}
	if s.number != "" {
		const field = "Seller.OrganizationNumber"
		c.fatal(digits(s.number), "SE-R-003", field, "must be digits, without a dash")
		c.fatal(len(s.number) == 10, "SE-R-004", field, "must have ten digits")
		c.fatal(len(s.number) >= 10 && isSwedish(s.number[:10]) && digits(s.number), "SE-R-013", field, "has a wrong check digit")
	}
	for _, a := range c.accounts {
		switch a.branch {
		case branchBankgiro:
			c.warn(digits(a.id), "SE-R-008", "Payee.Bankgiro", "must be digits, without a dash")
			c.warn(len(a.id) == 7 || len(a.id) == 8, "SE-R-009", "Payee.Bankgiro", "must have seven or eight digits")
		case branchPlusgiro:
			c.warn(digits(a.id), "SE-R-007", "Payee.Plusgiro", "must be digits, without a dash")
			c.warn(len(a.id) >= 2 && len(a.id) <= 8, "SE-R-010", "Payee.Plusgiro", "must have two to eight digits")
		}
	}
}

// norwegian checks the rules for sellers in Norway: those with its VAT number,
// or its address and none.
func (c *checker) norwegian() {
	s := &c.seller
	if prefix(s.vat) == norway {
		plain, found := strings.CutSuffix(s.vat[2:], "MVA")
		c.fatal(found && isNorwegian(plain), "NO-R-001", "Seller.VATNumber", "must be NO, an organization number, and MVA")
	}
	if prefix(s.vat) == norway || s.vat == "" && s.country == norway {
		c.warn(s.registration == foretaksregisteret, "NO-R-002", "Seller", "does not say that it is in Foretaksregisteret: that is the profile Norway")
	}
}

var (
	german3Digits = regexp.MustCompile(`[0-9].*[0-9].*[0-9]`)
	germanMail    = regexp.MustCompile(`^[^@\s]+@([^@.\s]+\.)+[^@.\s]+$`)
)

// german checks what Germany wants: of XRechnung, and of Peppol BIS between
// two parties there, where the rules have the same numbers.
func (c *checker) german() {
	names := "BR-DE-%d"
	if c.profile != XRechnung {
		if c.seller.country != germany || c.buyer.country != germany {
			return
		}
		names = "DE-R-%03d"
	}
	rule := func(n int) string { return fmt.Sprintf(names, n) }
	needed := func(n int, value, field string) { c.fatal(value != "", rule(n), field, "is missing") }

	needed(1, c.means, "Payee")
	s, b := &c.seller, &c.buyer
	if contact := s.contact; contact.Name == "" && contact.Phone == "" && contact.Email == "" {
		needed(2, "", "Seller.Contact")
	} else {
		needed(5, contact.Name, "Seller.Contact.Name")
		needed(6, contact.Phone, "Seller.Contact.Phone")
		needed(7, contact.Email, "Seller.Contact.Email")
		c.warn(contact.Phone == "" || german3Digits.MatchString(contact.Phone), rule(27), "Seller.Contact.Phone", "must have three digits at least")
		c.warn(contact.Email == "" || germanMail.MatchString(contact.Email), rule(28), "Seller.Contact.Email", "is no mail address")
	}
	needed(3, s.city, "Seller.City")
	needed(4, s.postalCode, "Seller.PostalCode")
	needed(8, b.city, "Buyer.City")
	needed(9, b.postalCode, "Buyer.PostalCode")
	needed(15, strings.TrimSpace(c.Reference), "Reference")
	if !c.hasCategory(outside) {
		needed(16, s.vat+s.registration, "Seller.VATNumber")
	} else {
		c.fatal(false, rule(14), "Rates", "have no rate outside the scope of VAT, and Germany wants one")
	}
	for _, a := range c.accounts {
		if _, err := number.IBAN(a.id); c.means == "58" {
			c.warn(err == nil, rule(19), "Payee.IBAN", "is no IBAN")
		}
	}
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// prefix returns the country of a VAT number.
func prefix(vat string) string {
	if len(vat) < 2 {
		return vat
	}
	return strings.ToUpper(vat[:2])
}

// isSwedish tells whether s is an organization number as it is sent.
func isSwedish(s string) bool {
	plain, err := number.Organization(s)
	return err == nil && plain == s
}

// isGLN checks the digit by GS1: weights of 3 and 1 from the right.
func isGLN(s string) bool {
	if !digits(s) {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}

// isNorwegian checks the digit by modulo 11: weights of 2 to 7 from the right.
func isNorwegian(s string) bool {
	if !digits(s) || len(s) != 9 {
		return false
	}
	sum := 0
	for i := 1; i < len(s); i++ {
		sum += int(s[len(s)-1-i]-'0') * ((i-1)%6 + 2)
	}
	return (11-sum%11)%11 == int(s[len(s)-1]-'0')
}
