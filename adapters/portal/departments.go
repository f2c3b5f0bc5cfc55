package portal

import (
	"slices"

	"github.com/tjansteresor/tjansteresor/travel"
)

type departmentRow struct {
	travel.Department
	Policy string
	URL    string
}

type departmentPage struct {
	Rows    []departmentRow
	Whole   bool
	Default string
}

func (v *visit) departments() error {
	list, err := v.departmentList()
	if err != nil {
		return err
	}
	p := departmentPage{Whole: v.whole, Default: v.company.DefaultReference}
	for _, d := range list {
		row := departmentRow{Department: d, URL: v.to("departments", d.ID.String())}
		if d.Policy != nil {
			row.Policy = v.policyText(d.Policy)
		}
		p.Rows = append(p.Rows, row)
	}
	return v.show(page{Title: v.T("Avdelningar", "Departments"), Section: "departments", Template: "departments", Data: p})
}

func (v *visit) departmentFields(d travel.Department) []field {
	return []field{
		{Name: "name", Of: "Name", Kind: "text", Label: v.T("Namn", "Name"), Value: d.Name, Required: true},
		{Name: "reference", Of: "Reference", Kind: "text", Label: v.T("Referensnummer eller ansvarsnummer", "Reference"), Value: d.Reference,
			Hint: v.T("Står på fakturan. Avdelningar med samma referens får en gemensam faktura. Tomt: företagets referens.",
				"Marks the invoice. Departments with the same reference share one invoice. Empty: the company's reference.")},
		{Name: "center", Of: "CostCenter", Kind: "text", Label: v.T("Kostnadsställe", "Cost center"), Value: d.CostCenter,
			Hint: v.T("Behöver inte fyllas i. Upprepas på fakturan.", "Optional. Repeated on the invoice.")},
	}
}

func (v *visit) departmentDetails() travel.DepartmentDetails {
	return travel.DepartmentDetails{Name: v.value("name"), Reference: v.value("reference"), CostCenter: v.value("center")}
}

func (v *visit) departmentsLink() link {
	return link{v.T("Avdelningar", "Departments"), v.to("departments")}
}

func (v *visit) newDepartment() error {
	f := form{
		Title: v.T("Skapa avdelning", "Create department"), Section: "departments", Back: v.departmentsLink(),
		Fields: v.departmentFields(travel.Department{}), Submit: v.T("Skapa avdelningen", "Create the department"),
	}
	return v.run(&f, func() (string, string, error) {
		_, err := v.p.o.Travel.AddDepartment(v.r.Context(), v.user.Actor, v.user.Company, v.departmentDetails())
		return "department-added", v.to("departments"), err
	})
}

// foundDepartment reads the department that the address names, within reach.
func (v *visit) foundDepartment() (travel.Department, error) {
	list, err := v.p.o.Travel.Departments(v.r.Context(), v.user.Actor, v.user.Company)
	if err != nil {
		return travel.Department{}, err
	}
	i := slices.IndexFunc(list, func(d travel.Department) bool { return d.ID.String() == v.r.PathValue("id") })
	if i < 0 {
		return travel.Department{}, travel.ErrNotFound
	}
	return list[i], nil
}

func (v *visit) editDepartment() error {
	d, err := v.foundDepartment()
	if err != nil {
		return err
	}
	f := form{
		Title: v.T("Ändra avdelning", "Change department"), Section: "departments", Back: v.departmentsLink(),
		Intro: []string{v.T("En ny referens gäller allt som inte är fakturerat än. Utställda fakturor ändras aldrig.",
			"A new reference counts for everything that is not invoiced yet. Issued invoices never change.")},
		Fields: v.departmentFields(d), Submit: v.T("Spara", "Save"),
	}
	return v.run(&f, func() (string, string, error) {
		details := v.departmentDetails()
		details.Policy = d.Policy
		err := v.p.o.Travel.UpdateDepartment(v.r.Context(), v.user.Actor, v.user.Company, d.ID, details)
		return "department-updated", v.to("departments"), err
	})
}

func (v *visit) departmentPolicy() error {
	d, err := v.foundDepartment()
	if err != nil {
		return err
	}
	f := form{
		Title: v.T("Policy för "+d.Name, "Policy of "+d.Name), Section: "departments", Back: v.departmentsLink(),
		Intro:  []string{v.T("Gäller avdelningens resenärer, utöver företagets policy. Det som lämnas tomt begränsar inget.", "For the travelers of the department, in addition to the company's policy. What is left empty restricts nothing.")},
		Fields: v.policyFields(d.Policy), Submit: v.T("Spara policyn", "Save the policy"),
	}
	return v.run(&f, func() (string, string, error) {
		policy, err := v.readPolicy()
		if err != nil {
			return "", "", err
		}
		err = v.p.o.Travel.UpdateDepartment(v.r.Context(), v.user.Actor, v.user.Company, d.ID, travel.DepartmentDetails{
			Name: d.Name, Reference: d.Reference, CostCenter: d.CostCenter, Policy: policy,
		})
		return "policy-updated", v.to("departments"), err
	})
}

func (v *visit) archiveDepartment() error {
	d, err := v.foundDepartment()
	if err != nil {
		return err
	}
	f := form{
		Title: v.T("Arkivera "+d.Name, "Archive "+d.Name), Section: "departments", Back: v.departmentsLink(),
		Intro: []string{v.T("Ingen kan placeras på avdelningen längre. Det som har köpts på den faktureras ändå, och fakturorna finns kvar.",
			"Nobody can be placed in the department any more. What was bought in it is invoiced all the same, and its invoices stay.")},
		Submit: v.T("Arkivera avdelningen", "Archive the department"), Danger: true,
		Conflict: v.T("Avdelningen har resenärer. Flytta dem till en annan avdelning först.", "The department has travelers. Move them to another department first."),
	}
	return v.run(&f, func() (string, string, error) {
		return "department-archived", v.to("departments"), v.p.o.Travel.ArchiveDepartment(v.r.Context(), v.user.Actor, v.user.Company, d.ID)
	})
}
