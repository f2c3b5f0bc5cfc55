package portal

import (
	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/internal/number"
	"github.com/tjansteresor/tjansteresor/travel"
)

func (v *visit) companyFields() []field {
	c, b := v.company, v.company.Billing
	maximum := ""
	if c.Maximum > 0 {
		maximum = c.Maximum.String()
	}
	personal := ""
	if b.PersonalLines {
		personal = "yes"
	}
	optional := v.T("Behöver inte fyllas i.", "Optional.")
	return []field{
		{Name: "name", Of: "Billing.Name", Kind: "text", Label: v.T("Namn på fakturan", "Name on the invoice"), Value: b.Name, Hint: v.T("Tomt: "+c.Name+".", "Empty: "+c.Name+"."), Complete: "organization"},
		{Name: "street", Of: "Billing.Street", Kind: "text", Label: v.T("Adress", "Street"), Value: b.Street, Complete: "street-address"},
		{Name: "postal", Of: "Billing.PostalCode", Kind: "text", Label: v.T("Postnummer", "Postal code"), Value: b.PostalCode, Complete: "postal-code"},
		{Name: "city", Of: "Billing.City", Kind: "text", Label: v.T("Ort", "City"), Value: b.City, Complete: "address-level2"},
		{Name: "country", Of: "Billing.Country", Kind: "text", Label: v.T("Landskod", "Country code"), Value: b.Country, Hint: v.T("Två bokstäver, som SE.", "Two letters, such as SE."), Complete: "country"},
		{Name: "email", Of: "Billing.Email", Kind: "email", Label: v.T("E-post för fakturor", "E-mail for invoices"), Value: b.Email, Hint: optional},
		{Name: "vat", Of: "Billing.VATNumber", Kind: "text", Label: v.T("Momsregistreringsnummer", "VAT number"), Value: b.VATNumber, Hint: v.T("Till exempel SE212000082901. ", "Such as SE212000082901. ") + optional},
		{Name: "peppol", Of: "Billing.PeppolID", Kind: "text", Label: v.T("Peppol-ID för e-faktura", "Peppol id for e-invoices"), Value: b.PeppolID, Hint: v.T("Till exempel 0007:2120000829. ", "Such as 0007:2120000829. ") + optional},
		{Name: "reference", Of: "DefaultReference", Kind: "text", Label: v.T("Företagets referensnummer", "The company's reference"), Value: c.DefaultReference,
			Hint: v.T("För resenärer utan avdelning och avdelningar utan referens.", "For travelers without a department, and departments without a reference.")},
		{Name: "maximum", Of: "Maximum", Kind: "money", Label: v.T("Företagets egen högsta kreditgräns", "The company's own highest limit"), Value: maximum,
			Hint: v.T("Kronor per resenär och månad, högst "+v.Ore(v.p.o.Travel.Rules().Maximum)+". Gäller genast, också för gränser som är högre i dag. Tomt: operatörens gräns.",
				"Kronor per traveler and month, at most "+v.Ore(v.p.o.Travel.Rules().Maximum)+". Counts at once, also for limits that are higher today. Empty: the operator's maximum.")},
		{Name: "personal", Kind: "check", Value: personal, Label: v.T("Skriv resenärens namn och syfte på e-fakturans rader", "Write the traveler's name and the purpose on the lines of e-invoices"),
			Hint: travel.PersonalLinesNotice(v.tag)},
	}
}

type companyPage struct {
	Name, Number, Ceiling, Policy, PolicyURL string
}

func (v *visit) editCompany() error {
	shown := companyPage{
		Name: v.company.Name, Number: number.ShowOrganization(v.company.OrganizationNumber),
		Policy: v.policyText(v.company.Policy), PolicyURL: v.to("company", "policy"),
	}
	if v.company.Ceiling > 0 {
		shown.Ceiling = v.Ore(v.company.Ceiling)
	}
	f := form{
		Title: v.T("Företag", "Company"), Section: "company", Back: v.travelersLink(), Extra: "company", Data: shown,
		Fields: v.companyFields(), Submit: v.T("Spara uppgifterna", "Save the details"),
	}
	return v.run(&f, func() (string, string, error) {
		maximum, err := v.amount("maximum", "Maximum")
		if err != nil {
			return "", "", err
		}
		err = v.p.o.Travel.UpdateCompany(v.r.Context(), v.user.Actor, v.user.Company, travel.CompanyDetails{
			Billing: travel.Billing{
				Name: v.value("name"), Street: v.value("street"), PostalCode: v.value("postal"), City: v.value("city"),
				Country: v.value("country"), VATNumber: v.value("vat"), PeppolID: v.value("peppol"), Email: v.value("email"),
				PersonalLines: v.value("personal") != "",
			},
			DefaultReference: v.value("reference"), Maximum: maximum, Policy: v.company.Policy,
		})
		return "company-updated", v.to("company"), err
	})
}

func (v *visit) companyPolicy() error {
	f := form{
		Title: v.T("Företagets policy", "The company's policy"), Section: "company", Back: link{v.T("Företag", "Company"), v.to("company")},
		Intro:  []string{v.T("Gäller alla resenärer. Det som lämnas tomt begränsar inget. En avdelning kan ha en egen policy dessutom.", "For all travelers. What is left empty restricts nothing. A department can have a policy of its own besides.")},
		Fields: v.policyFields(v.company.Policy), Submit: v.T("Spara policyn", "Save the policy"),
	}
	return v.run(&f, func() (string, string, error) {
		policy, err := v.readPolicy()
		if err != nil {
			return "", "", err
		}
		c := v.company
		maximum := decimal.Decimal{}
		if c.Maximum > 0 {
			maximum = c.Maximum.Decimal()
		}
		err = v.p.o.Travel.UpdateCompany(v.r.Context(), v.user.Actor, v.user.Company, travel.CompanyDetails{
			Billing: c.Billing, DefaultReference: c.DefaultReference, Maximum: maximum, Policy: policy,
		})
		return "policy-updated", v.to("company"), err
	})
}
