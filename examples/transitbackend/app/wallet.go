package app

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ticketView is a ticket on the screen.
type ticketView struct {
	Order, Code string
	Content     ticketContent
	Amount      credit.Amount
	From, To    time.Time
	IssuedAt    time.Time
	// State is "later", "waiting", "valid" or "over".
	State string
}

func (a *App) views(list []ticket) []ticketView {
	now := a.clock.now()
	views := make([]ticketView, len(list))
	for i, t := range list {
		views[i] = ticketView{t.order, t.code, t.content, t.amount, t.from, t.to, t.issuedAt, "valid"}
		switch {
		case t.from.IsZero():
			views[i].State = "later"
		case now.Before(t.from):
			views[i].State = "waiting"
		case !now.Before(t.to):
			views[i].State = "over"
		}
	}
	return views
}

func (a *App) showTickets(w http.ResponseWriter, r *http.Request, p phone) error {
	const shown = 50
	list, err := a.orders.tickets(r.Context(), p.number.E164(), shown)
	if err != nil {
		return err
	}
	return a.screenOf(w, r, p, http.StatusOK, "phone_tickets", "Biljetter", "", a.views(list))
}

func (a *App) showTicket(w http.ResponseWriter, r *http.Request, p phone) error {
	list, err := a.orders.ticketsOf(r.Context(), p.number.E164(), r.PathValue("order"))
	if err != nil {
		return err
	}
	accounts, err := a.accounts(r.Context(), p, 0)
	if err != nil {
		return err
	}
	return a.screenOf(w, r, p, http.StatusOK, "phone_ticket", "Biljett", "", struct {
		Tickets  []ticketView
		Accounts []account
	}{a.views(list), accounts})
}

func (a *App) activateTicket(w http.ResponseWriter, r *http.Request, p phone) error {
	if err := a.orders.activate(r.Context(), p.number.E164(), r.PathValue("order")); err != nil {
		return err
	}
	http.Redirect(w, r, "/phone/tickets/"+r.PathValue("order"), http.StatusSeeOther)
	return nil
}

// showMethods shows the payment methods, company invoice one among them (R25).
func (a *App) showMethods(name, title string) phonePage {
	return func(w http.ResponseWriter, r *http.Request, p phone) error {
		list, err := a.trips.Employers(r.Context(), p.number, p.device)
		if err != nil {
			return err
		}
		return a.screenOf(w, r, p, http.StatusOK, name, title, "", list)
	}
}

// addMethod activates company invoice with the username and code of the SMS (R11).
// Whatever is wrong has the same answer (R14).
func (a *App) addMethod(w http.ResponseWriter, r *http.Request, p phone) error {
	_, err := a.trips.Activate(r.Context(), travel.ActivateRequest{
		Username: r.PostFormValue("username"), Code: r.PostFormValue("code"), Number: p.number, Device: p.device,
	})
	if errors.Is(err, travel.ErrActivation) || errors.Is(err, travel.ErrInvalid) {
		return a.screenOf(w, r, p, http.StatusUnprocessableEntity, "phone_allpay", "Lägg till Faktura via Allpay",
			"Användarnamn och engångskod stämmer inte, eller gäller inte här. Kontrollera dem, eller be företagets administratör ansluta dig på nytt.", nil)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/phone/more/payment/invoice", http.StatusSeeOther)
	return nil
}

// account is a payment method with what is left and what was bought.
type account struct {
	travel.Employer
	travel.Balance
	History []travel.HistoryItem
}

// accounts returns the payment methods of a phone, with so much of their history.
func (a *App) accounts(ctx context.Context, p phone, history int) ([]account, error) {
	employers, err := a.trips.Employers(ctx, p.number, p.device)
	if err != nil {
		return nil, err
	}
	accounts := make([]account, len(employers))
	for i, e := range employers {
		who := travel.Holder{Method: e.Method, Device: p.device, Number: p.number}
		accounts[i].Employer = e
		if accounts[i].Balance, err = a.trips.Balance(ctx, who); err != nil {
			return nil, err
		}
		if history == 0 {
			continue
		}
		list, err := a.trips.History(ctx, who, travel.AuthorizationID{}, history)
		if err != nil {
			return nil, err
		}
		// What was declined or given up is no purchase.
		accounts[i].History = slices.DeleteFunc(list, func(h travel.HistoryItem) bool { return h.Captured.IsZero() })
	}
	return accounts, nil
}

// showAccount shows the traveler's own balance and purchases, at any time (R33).
func (a *App) showAccount(w http.ResponseWriter, r *http.Request, p phone) error {
	const shown = 50
	accounts, err := a.accounts(r.Context(), p, shown)
	if err != nil {
		return err
	}
	return a.screenOf(w, r, p, http.StatusOK, "phone_account", "Faktura via Allpay", "", accounts)
}
