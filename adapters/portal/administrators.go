package portal

import (
	"slices"

	"github.com/tjansteresor/tjansteresor/travel"
)

type administratorRow struct {
	travel.Administrator
	Reach string
	URL   string
}

// archivedName is what a department is called that is not in the list any more.
func (v *visit) archivedName() string { return v.T("arkiverad avdelning", "archived department") }

func (v *visit) administrators() error {
	list, err := v.p.o.Travel.Administrators(v.r.Context(), v.user.Actor, v.user.Company)
	if err != nil {
		return err
	}
	departments, err := v.departmentList()
	if err != nil {
		return err
	}
	sortBy(list, func(a travel.Administrator) []string { return []string{a.Name} })
	var rows []administratorRow
	for _, a := range list {
		row := administratorRow{Administrator: a, Reach: v.T("Hela företaget", "The whole company"), URL: v.to("administrators", a.ID.String(), "remove")}
		if len(a.Departments) > 0 {
			var names []string
			for _, id := range a.Departments {
				i := slices.IndexFunc(departments, func(d travel.Department) bool { return d.ID == id })
				if i < 0 {
					names = append(names, v.archivedName())
				} else {
					names = append(names, departments[i].Name)
				}
			}
			row.Reach = v.list(names)
		}
		rows = append(rows, row)
	}
	return v.show(page{Title: v.T("Administratörer", "Administrators"), Section: "administrators", Template: "administrators", Data: rows})
}

func (v *visit) administratorsLink() link {
	return link{v.T("Administratörer", "Administrators"), v.to("administrators")}
}

func (v *visit) newAdministrator() error {
	departments, err := v.departmentList()
	if err != nil {
		return err
	}
	reach := field{
		Name: "departments", Of: "Departments", Kind: "checks", Label: v.T("Avdelningar", "Departments"),
		Hint: v.T("Inget valt: administratör för hela företaget.", "None chosen: administrator of the whole company."),
	}
	for _, d := range departments {
		reach.Options = append(reach.Options, option{Value: d.ID.String(), Label: d.Name})
	}
	f := form{
		Title: v.T("Lägg till administratör", "Add administrator"), Section: "administrators", Back: v.administratorsLink(),
		Intro: []string{v.T("En administratör för vissa avdelningar ser bara dem: deras resenärer och deras del av fakturorna.",
			"An administrator of some departments sees these only: their travelers, and their part of the invoices.")},
		Fields: []field{
			{Name: "name", Of: "Name", Kind: "text", Label: v.T("Namn", "Name"), Required: true},
			{Name: "email", Of: "Email", Kind: "email", Label: v.T("E-post", "E-mail"), Hint: v.T("Behöver inte fyllas i.", "Optional.")},
			reach,
		},
		Submit: v.T("Lägg till", "Add"),
	}
	return v.run(&f, func() (string, string, error) {
		var ids []travel.DepartmentID
		for _, text := range v.r.PostForm["departments"] {
			id, err := travel.ParseID[travel.DepartmentID](text)
			if err == nil {
				err = v.p.o.Travel.Reach(v.r.Context(), v.user.Actor, v.user.Company, id)
			}
			if err != nil || id.IsZero() {
				return "", "", &travel.InputError{Field: "Departments", Err: errDepartment}
			}
			ids = append(ids, id)
		}
		_, err := v.p.o.Travel.AddAdministrator(v.r.Context(), v.user.Actor, v.user.Company, v.value("name"), v.value("email"), ids...)
		return "administrator-added", v.to("administrators"), err
	})
}

func (v *visit) removeAdministrator() error {
	list, err := v.p.o.Travel.Administrators(v.r.Context(), v.user.Actor, v.user.Company)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(a travel.Administrator) bool { return a.ID.String() == v.r.PathValue("id") })
	if i < 0 {
		return travel.ErrNotFound
	}
	f := form{
		Title: v.T("Ta bort administratör", "Remove administrator"), Section: "administrators", Back: v.administratorsLink(),
		Warning: v.T(list[i].Name+" kan inte längre göra något för företaget i portalen.", list[i].Name+" can do nothing for the company in the portal any more."),
		Submit:  v.T("Ta bort administratören", "Remove the administrator"), Danger: true,
		Conflict: v.T("Den sista administratören för hela företaget kan inte tas bort. Lägg till en annan först.",
			"The last administrator of the whole company cannot be removed. Add another first."),
	}
	return v.run(&f, func() (string, string, error) {
		return "administrator-removed", v.to("administrators"), v.p.o.Travel.RemoveAdministrator(v.r.Context(), v.user.Actor, v.user.Company, list[i].ID)
	})
}
