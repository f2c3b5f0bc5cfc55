package app

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/examples/transitbackend/catalog"
	"github.com/tjansteresor/tjansteresor/travel"
)

// showBuy is the quick purchase: ticket type, zone, category.
func (a *App) showBuy(w http.ResponseWriter, r *http.Request, p phone) error {
	return a.screenOf(w, r, p, http.StatusOK, "phone_buy", "Köp", "", a.catalog)
}

// search is the planner.
type search struct {
	*catalog.Catalog
	From, To   string
	Departures []catalog.Departure
}

func (a *App) showSearch(w http.ResponseWriter, r *http.Request, p phone) error {
	q := r.URL.Query()
	s := search{Catalog: a.catalog, From: q.Get("from"), To: q.Get("to")}
	problem, status := "", http.StatusOK
	if s.From != "" || s.To != "" {
		const shown = 4
		var err error
		if s.Departures, err = a.catalog.Departures(s.From, s.To, a.clock.now(), shown); err != nil {
			problem, status = "Välj två olika hållplatser.", http.StatusUnprocessableEntity
		}
	}
	return a.screenOf(w, r, p, status, "phone_search", "Sök & köp", problem, s)
}

// checkout is what is to be bought, before "complete the purchase".
type checkout struct {
	Choice    choice
	Ticket    travel.Ticket
	Catalog   *catalog.Catalog
	Employers []travel.Employer
	// Order is the id that the order will have, also if the button is pressed
	// twice.
	Order string
}

func (a *App) showCheckout(w http.ResponseWriter, r *http.Request, p phone) error {
	c := checkout{Choice: choiceOf(r.URL.Query().Get), Catalog: a.catalog, Order: rand.Text()}
	if c.Choice.Product == "" { // a departure was chosen, and no ticket yet
		c.Choice.Product, c.Choice.Category = a.catalog.Products[0].Code, a.catalog.Categories[0].Code
	}
	var err error
	if c.Ticket, _, err = a.catalog.Quote(c.Choice.Wish); err != nil {
		return errPage
	}
	if c.Employers, err = a.trips.Employers(r.Context(), p.number, p.device); err != nil {
		return err
	}
	return a.screenOf(w, r, p, http.StatusOK, "phone_checkout", "Ditt köp", "", c)
}

// choiceOf reads a choice from a form.
func choiceOf(get func(string) string) choice {
	c := choice{Later: get("use") == "later", Wish: catalog.Wish{
		Product: get("product"), Category: get("category"), Zone: get("zone"), From: get("from"), To: get("to"),
	}}
	if leaves, err := strconv.ParseInt(get("leaves"), 10, 64); err == nil && leaves > 0 {
		c.Leaves = time.Unix(leaves, 0).UTC()
	}
	return c
}

// placeOrder is the button "complete the purchase". The payment method must be
// one of the phone's own; the library looks at that again.
func (a *App) placeOrder(w http.ResponseWriter, r *http.Request, p phone) error {
	id, method := r.PostFormValue("order"), r.PostFormValue("method")
	const shortest, longest = 16, 64
	if len(id) < shortest || len(id) > longest {
		return errPage
	}
	if _, err := travel.ParsePaymentMethod(method); err != nil && method != byCard {
		return errPage
	}
	o, err := a.orders.place(r.Context(), p, id, method, choiceOf(r.PostFormValue))
	if errors.Is(err, catalog.ErrUnknown) {
		return errPage
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/phone/orders/"+o.id, http.StatusSeeOther)
	return nil
}

// orderPage is an order on its way: the purpose is asked for, or a decline told.
type orderPage struct {
	ID, State string
	Ticket    travel.Ticket
	Amount    credit.Amount
	ExpiresAt time.Time
	Later     bool
	Decline   string
	Purpose   string
}

func (a *App) showOrder(w http.ResponseWriter, r *http.Request, p phone) error {
	o, err := a.orders.get(r.Context(), p.number.E164(), r.PathValue("order"))
	if err != nil {
		return err
	}
	return a.orderScreen(w, r, p, o, http.StatusOK, "", "")
}

func (a *App) orderScreen(w http.ResponseWriter, r *http.Request, p phone, o order, status int, problem, purpose string) error {
	if o.state == orderIssued {
		http.Redirect(w, r, "/phone/tickets/"+o.id, http.StatusSeeOther)
		return nil
	}
	page := orderPage{ID: o.id, State: string(o.state), Amount: o.amount, ExpiresAt: o.expiresAt, Later: o.choice.Later, Purpose: purpose}
	if o.decline != nil {
		page.Decline = o.decline.Text(language.Swedish, a.clock.zone)
	}
	var err error
	if page.Ticket, _, err = a.catalog.Quote(o.choice.Wish); err != nil {
		return err
	}
	return a.screenOf(w, r, p, status, "phone_order", "Ditt köp", problem, page)
}

// completeOrder is the button that sends the purpose, the last step (R27).
func (a *App) completeOrder(w http.ResponseWriter, r *http.Request, p phone) error {
	purpose := r.PostFormValue("purpose")
	o, err := a.orders.complete(r.Context(), p, r.PathValue("order"), purpose)
	var wrong *travel.InputError
	if errors.As(err, &wrong) && wrong.Field == "Purpose" {
		return a.orderScreen(w, r, p, o, http.StatusUnprocessableEntity, "Skriv ett syfte med resan, högst 200 tecken.", purpose)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/phone/orders/"+o.id, http.StatusSeeOther)
	return nil
}

func (a *App) cancelOrder(w http.ResponseWriter, r *http.Request, p phone) error {
	if err := a.orders.cancel(r.Context(), p, r.PathValue("order")); err != nil {
		return err
	}
	http.Redirect(w, r, "/phone/orders/"+r.PathValue("order"), http.StatusSeeOther)
	return nil
}
