package app

import (
	"net/http"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/portal"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// mountPortal mounts the company portal, behind our own sign-in.
func (a *App) mountPortal(mux *http.ServeMux) error {
	same := func(r invoice.Renderer) func(language.Tag) invoice.Renderer {
		return func(language.Tag) invoice.Renderer { return r }
	}
	p, err := portal.New(portal.Options{
		Travel: a.trips, Invoices: a.bills,
		SignIn: a.portalUser, SignedOut: http.RedirectHandler("/signin", http.StatusSeeOther), SignOutURL: "/signout",
		Prefix: "/portal",
		Brand:  portal.Brand{Operator: "Exempeltrafiken", Contact: "Kundservice, 0771-00 00 00"},
		Formats: []portal.Format{
			{Swedish: "Faktura (PDF)", English: "Invoice (PDF)", Renderer: same(a.paper.Invoice())},
			{Swedish: "Specifikation (PDF)", English: "Specification (PDF)", Renderer: same(a.paper.Specification())},
			{Swedish: "Specifikation (Excel)", English: "Specification (Excel)", Renderer: same(a.sheet)},
			{Swedish: "Specifikation (CSV)", English: "Specification (CSV)", Renderer: a.bills.CSV},
			{Swedish: "E-faktura (Peppol)", English: "E-invoice (Peppol)", Renderer: same(a.ebill)},
		},
		Products: a.productChoices(), Regions: a.regionChoices(),
		InsecureCookies: true, // the demo speaks plain HTTP
		Clock:           a.clock.now, Logger: a.log,
	})
	if err != nil {
		return err
	}
	mux.Handle("/portal/", p)
	a.besides = append(a.besides, p.Run)
	return nil
}

// portalUser is the administrator who is signed in.
func (a *App) portalUser(r *http.Request) (portal.User, error) {
	who, err := a.users.of(r)
	if err != nil {
		return portal.User{}, err
	}
	if who.company.IsZero() {
		return portal.User{}, portal.ErrSignedOut
	}
	// Somebody who was removed meanwhile is nobody any more.
	list, err := a.trips.Administrators(r.Context(), operator, who.company)
	if err != nil {
		return portal.User{}, err
	}
	for _, x := range list {
		if x.ID == who.administrator {
			return portal.User{Actor: travel.AdministratorActor(who.company, x.ID), Company: who.company, Name: x.Name}, nil
		}
	}
	return portal.User{}, portal.ErrSignedOut
}

func (a *App) productChoices() []portal.Choice {
	list := make([]portal.Choice, len(a.catalog.Products))
	for i, p := range a.catalog.Products {
		list[i] = portal.Choice{Code: p.Code, Swedish: p.Name, English: p.English}
	}
	return list
}

func (a *App) regionChoices() []portal.Choice {
	list := make([]portal.Choice, len(a.catalog.Counties))
	for i, c := range a.catalog.Counties {
		list[i] = portal.Choice{Code: c.Code, Swedish: c.Name, English: c.Name}
	}
	return list
}
