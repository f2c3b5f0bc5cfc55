package app

import (
	"errors"
	"net/http"

	"github.com/tjansteresor/tjansteresor/travel"
)

// phonePages are the operator's ordinary app, drawn as pages (R38).
func (a *App) phonePages() map[string]page {
	return map[string]page{
		"GET /phone/register": a.showRegister, "POST /phone/register": a.register, "POST /phone/forget": a.forgetPhone,
		"GET /phone": a.app(a.showBuy), "GET /phone/search": a.app(a.showSearch), "GET /phone/checkout": a.app(a.showCheckout),
		"POST /phone/orders": a.app(a.placeOrder), "GET /phone/orders/{order}": a.app(a.showOrder),
		"POST /phone/orders/{order}/complete": a.app(a.completeOrder), "POST /phone/orders/{order}/cancel": a.app(a.cancelOrder),
		"GET /phone/tickets": a.app(a.showTickets), "GET /phone/tickets/{order}": a.app(a.showTicket),
		"POST /phone/tickets/{order}/activate": a.app(a.activateTicket),
		"GET /phone/more":                      a.app(a.plain("phone_more", "Mer")),
		"GET /phone/more/profile":              a.app(a.plain("phone_profile", "Min profil")),
		"GET /phone/more/payment":              a.app(a.showMethods("phone_payment", "Betalmedel")),
		"GET /phone/more/payment/other":        a.app(a.showMethods("phone_other", "Andra betalmedel")),
		"GET /phone/more/payment/allpay":       a.app(a.plain("phone_allpay", "Lägg till Faktura via Allpay")),
		"POST /phone/more/payment/allpay":      a.app(a.addMethod),
		"GET /phone/more/payment/invoice":      a.app(a.showAccount),
		"GET /phone/messages":                  a.app(a.showMessages),
	}
}

// screen is what every page of the phone has.
type screen struct {
	// Number is the phone's own; Tab is the one that is open.
	Number, Tab string
	Problem     string
	Body        any
}

type phonePage func(w http.ResponseWriter, r *http.Request, p phone) error

// app lets those in who have registered a number, and others register.
func (a *App) app(show phonePage) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, ok, err := a.phones.of(r)
		if err != nil {
			return err
		}
		if !ok {
			http.Redirect(w, r, "/phone/register", http.StatusSeeOther)
			return nil
		}
		return show(w, r, p)
	}
}

// screenOf shows a page of the phone.
func (a *App) screenOf(w http.ResponseWriter, r *http.Request, p phone, status int, name, title, problem string, body any) error {
	s := screen{Problem: problem, Body: body}
	if !p.number.IsZero() {
		s.Number = p.number.E164()
	}
	return a.show(w, r, status, name, title, s)
}

func (a *App) plain(name, title string) phonePage {
	return func(w http.ResponseWriter, r *http.Request, p phone) error {
		return a.screenOf(w, r, p, http.StatusOK, name, title, "", nil)
	}
}

func (a *App) showRegister(w http.ResponseWriter, r *http.Request) error {
	return a.screenOf(w, r, phone{}, http.StatusOK, "phone_register", "Registrera ditt mobilnummer", "", nil)
}

// register puts a number into a new phone.
func (a *App) register(w http.ResponseWriter, r *http.Request) error {
	token, err := a.phones.register(r.Context(), r.PostFormValue("number"))
	if errors.Is(err, travel.ErrInvalid) {
		return a.screenOf(w, r, phone{}, http.StatusUnprocessableEntity, "phone_register", "Registrera ditt mobilnummer",
			"Det är inget mobilnummer som kan användas här.", nil)
	}
	if err != nil {
		return err
	}
	setCookie(w, phoneCookie, token)
	http.Redirect(w, r, "/phone", http.StatusSeeOther)
	return nil
}

// forgetPhone lays this phone aside, to take another.
func (a *App) forgetPhone(w http.ResponseWriter, r *http.Request) error {
	setCookie(w, phoneCookie, "")
	http.Redirect(w, r, "/phone/register", http.StatusSeeOther)
	return nil
}

// showMessages is the phone's own inbox.
func (a *App) showMessages(w http.ResponseWriter, r *http.Request, p phone) error {
	const shown = 20
	list, err := a.inbox.list(r.Context(), p.number.E164(), shown, 0)
	if err != nil {
		return err
	}
	return a.screenOf(w, r, p, http.StatusOK, "phone_messages", "Meddelanden", "", list)
}
