package app

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tjansteresor/tjansteresor/travel"
)

// application is what the form shows again when something is wrong with it.
type application struct {
	travel.Application
	Problem string
	Done    bool
}

func (a *App) showApply(w http.ResponseWriter, r *http.Request) error {
	return a.show(w, r, http.StatusOK, "apply", "Ansök om konto", application{})
}

// apply takes a company's application (R01). It can do nothing before the operator
// has approved it.
func (a *App) apply(w http.ResponseWriter, r *http.Request) error {
	form := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	page := application{Application: travel.Application{
		Name: form("name"), OrganizationNumber: form("number"), DefaultReference: form("reference"),
		AdministratorName: form("administrator"), AdministratorEmail: form("email"),
		Billing: travel.Billing{
			Street: form("street"), PostalCode: form("postal_code"), City: form("city"), PeppolID: form("peppol"),
		},
	}}
	_, _, err := a.trips.Apply(r.Context(), page.Application)
	var wrong *travel.InputError
	switch {
	case errors.As(err, &wrong):
		page.Problem = wrong.Field
		return a.show(w, r, http.StatusUnprocessableEntity, "apply", "Ansök om konto", page)
	case err != nil:
		return err
	}
	return a.show(w, r, http.StatusOK, "apply", "Ansök om konto", application{Done: true})
}
