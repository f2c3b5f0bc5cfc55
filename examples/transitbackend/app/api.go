package app

import (
	"context"
	"errors"
	"net/http"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/examples/transitbackend/catalog"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"

	"golang.org/x/text/language"
)

// mountAPI mounts the library's API: for the app, with the token of a registered
// phone, and for the back office, with the session of the operator's staff.
func (a *App) mountAPI(mux *http.ServeMux, unlimited bool) error {
	options := httpapi.Options{Logger: a.log}
	if unlimited {
		options.PerIdentity.Burst, options.PerAddress.Burst = -1, -1
	}
	app, err := httpapi.NewApp(httpapi.AppConfig{
		Travel: a.trips, Authenticate: a.authenticatePhone, Price: a.price, Options: options,
	})
	if err != nil {
		return err
	}
	office, err := httpapi.NewOffice(httpapi.OfficeConfig{
		Travel: a.trips, Invoices: a.bills, Authenticate: a.authenticateStaff, Options: options,
		Renderers: map[string]invoice.Renderer{
			"pdf": a.paper.Invoice(), "specification": a.paper.Specification(), "csv": a.bills.CSV(language.Swedish), "peppol": a.ebill,
		},
	})
	if err != nil {
		return err
	}
	// The browser sends the session by itself, so forms of other sites are refused.
	foreign := http.NewCrossOriginProtection()
	mux.Handle("/api/app/", foreign.Handler(http.StripPrefix("/api/app", app)))
	mux.Handle("/api/office/", foreign.Handler(http.StripPrefix("/api/office", office)))
	return nil
}

func (a *App) authenticatePhone(r *http.Request) (httpapi.Phone, error) {
	p, ok, err := a.phones.of(r)
	if err == nil && !ok {
		err = httpapi.ErrUnauthenticated
	}
	return httpapi.Phone{Number: p.number, Device: p.device}, err
}

func (a *App) authenticateStaff(r *http.Request) (httpapi.Employee, error) {
	who, err := a.users.of(r)
	switch {
	case err != nil:
		return httpapi.Employee{}, err
	case who.operator:
		return httpapi.Employee{ID: "staff-1"}, nil
	case who.company.IsZero():
		return httpapi.Employee{}, httpapi.ErrUnauthenticated
	}
	return httpapi.Employee{}, travel.ErrForbidden
}

// price says what the wished tickets cost: a phone is not believed about it.
func (a *App) price(_ context.Context, _ httpapi.Phone, wanted []travel.Ticket) ([]travel.Ticket, error) {
	priced := make([]travel.Ticket, len(wanted))
	for i, t := range wanted {
		w := catalog.Wish{Product: t.Product, Category: t.Category, From: t.From, To: t.To}
		if len(t.Zones) > 0 && t.From == "" {
			w.Zone = t.Zones[0]
		}
		var err error
		if priced[i], _, err = a.catalog.Quote(w); err != nil {
			if errors.Is(err, catalog.ErrUnknown) {
				err = &travel.InputError{Field: "Tickets", Reason: err.Error(), Err: err}
			}
			return nil, err
		}
		priced[i].ID, priced[i].ValidFrom = t.ID, t.ValidFrom
	}
	return priced, nil
}
