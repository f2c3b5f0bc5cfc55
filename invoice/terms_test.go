package invoice_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR37_PaymentTermsAreThoseAtTheIssue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ocr       invoice.OCR
		reference string
	}{"series and number": {invoice.OCRNone, "JLT-1"}, "OCR": {invoice.OCRPlain, "18"}, "OCR with length": {invoice.OCRLength, "133"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t, func(o *invoice.Config) {
				s := &o.Sellers[0]
				s.OCR = c.ocr
				s.Payee = invoice.Payee{Bankgiro: "5050-1055", Plusgiro: "28 65 43-4", IBAN: "SE45 5000 0000 0583 9825 7466", BIC: "ESSESESS"}
				s.Party.FTax, s.Party.RegisteredOffice = true, "Jönköping"
				s.Party.Contact = invoice.Contact{Name: "Kundtjänst", Phone: "036-19 95 50", Email: "faktura@lanstrafiken.example"}
			})
			k.buy(3700)
			d := k.closed(january)[0]
			assert.Equal(t, c.reference, d.PaymentReference)
			assert.Equal(t, invoice.Payee{Bankgiro: "50501055", Plusgiro: "2865434", IBAN: "SE4550000000058398257466", BIC: "ESSESESS"}, d.Payee)
			text := string(d.Content)
			for _, said := range []string{
				"5050-1055", "286543-4", "SE4550000000058398257466", "ESSESESS", c.reference,
				"Godkänd för F-skatt", "Säte: Jönköping", "Kundtjänst", "036-19 95 50", "faktura@lanstrafiken.example",
			} {
				assert.Contains(t, text, said)
			}
		})
	}
}

func TestWholeKronorChangeWhatIsPaidAndNoVAT(t *testing.T) {
	t.Parallel()
	for gross, rounding := range map[credit.Amount]credit.Amount{3749: -49, 3750: 50, 3700: 0, 3701: -1, 3799: 1} {
		k := setup(t, func(c *invoice.Config) { c.WholeKronor = true })
		k.buy(gross)
		d := k.closed(january)[0]
		assert.Equal(t, rounding, d.Rounding, "%s", gross)
		assert.Zero(t, d.Payable()%100)
		assert.Equal(t, gross, d.Gross)
		assert.Equal(t, gross, d.Net+d.VAT, "rounding hides no drift")
		assert.Equal(t, rounding != 0, strings.Contains(string(d.Content), "Öresavrundning"))
	}
	exact := setup(t)
	exact.buy(3749)
	assert.Zero(t, exact.closed(january)[0].Rounding, "it is an option")
}

// A part of a document is not what is paid.
func TestR40_APartOfADocumentIsNotRounded(t *testing.T) {
	t.Parallel()
	k := setup(t, func(c *invoice.Config) { c.WholeKronor = true })
	school, library := k.department("Skola", "100"), k.department("Bibliotek", "100")
	k.buy(3749, in(school))
	k.buy(1100, in(library))
	d := k.closed(january)[0]
	assert.Equal(t, credit.Amount(-49), d.Rounding)
	a, err := k.travel.AddAdministrator(k.ctx, k.admin, k.company, "Sam Skola", "", school.ID)
	require.NoError(t, err)
	part, err := k.Document(k.ctx, travel.AdministratorActor(k.company, a.ID), k.company, d.ID)
	require.NoError(t, err)
	assert.Equal(t, credit.Amount(3749), part.Payable())
}

func TestR37_WhatTheBuyerWantsStandsOnTheDocument(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d, err := k.travel.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Skola", Reference: "4712", CostCenter: "5300"})
	require.NoError(t, err)
	b := billing
	b.VATNumber, b.PeppolID, b.PersonalLines = "SE 212000-1629 01", "0007:212000-1629", true
	require.NoError(t, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: b, DefaultReference: "4711"}))
	k.buy(37_00, in(d))
	k.buy(41_00)
	issued := k.closed(january)
	require.Len(t, issued, 2)
	assert.Equal(t, []string{"SE212000162901", "0007:2120001629"}, []string{issued[0].Buyer.VATNumber, issued[0].Buyer.PeppolID})
	assert.True(t, issued[0].PersonalLines)
	assert.Equal(t, []string{"", "5300"}, []string{issued[0].CostCenter(travel.DepartmentID{}), issued[1].CostCenter(d.ID)})
	assert.Contains(t, k.text(issued[1], k.CSV(swedish)), ";Kostnadsställe\r\n")
	assert.Contains(t, k.text(issued[1], k.CSV(swedish)), ";5300\r\n")

	require.NoError(t, k.travel.UpdateDepartment(k.ctx, k.admin, k.company, d.ID, travel.DepartmentDetails{Name: "Skola", Reference: "4712", CostCenter: "5400"}))
	assert.Equal(t, "5300", k.issued(january)[1].CostCenter(d.ID), "a later change changes no issued paper")
}

func TestBuyersNumbersAreChecked(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for field, change := range map[string]func(*travel.Billing){
		"Billing.VATNumber": func(b *travel.Billing) { b.VATNumber = "SE212000162801" },
		"Billing.PeppolID":  func(b *travel.Billing) { b.PeppolID = "0007:2120001628" },
	} {
		b := billing
		change(&b)
		err := k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: b})
		var input *travel.InputError
		require.ErrorAs(t, err, &input)
		assert.Equal(t, field, input.Field)
		assert.NotContains(t, err.Error(), "20001628", "a sole trader's number is a person's")
	}
}
