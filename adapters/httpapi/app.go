package httpapi

import (
	"net/http"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// app is the API of the traveler's app.
type app struct{ AppConfig }

type appExchange = exchange[Phone]

// NewApp returns the API of the traveler's app, which a host mounts behind
// http.StripPrefix. It is safe for concurrent use. The error is a
// [*travel.InputError] that names the field of the configuration.
func NewApp(c AppConfig) (http.Handler, error) {
	switch {
	case c.Travel == nil:
		return nil, invalid("Travel", "", "is required")
	case c.Authenticate == nil:
		return nil, invalid("Authenticate", "", "is required")
	case c.Price == nil:
		return nil, invalid("Price", "", "is required")
	}
	if err := c.complete(defaultAppTime); err != nil {
		return nil, err
	}
	a := &app{c}
	known := func(p Phone) bool { return !p.Number.IsZero() && p.Device != "" && len(p.Device) <= maxDevice }
	return newHandler(c.Options, newDocument(appDocument), c.Travel.Rules().Zone, c.Authenticate, known, a.routes()), nil
}

// maxDevice is the longest id of a phone that the services take.
const maxDevice = 200

// costActivation is what it costs to try a code, which is dear to check and of
// which nobody needs many.
const costActivation = 10

func (a *app) routes() []route[Phone] {
	const method = "/payment-methods/{payment_method}"
	return []route[Phone]{
		{method: http.MethodGet, pattern: "/payment-methods", serve: a.employers},
		{method: http.MethodPost, pattern: "/payment-methods", cost: costActivation, serve: a.activate},
		{method: http.MethodGet, pattern: method + "/balance", serve: a.balance},
		{method: http.MethodGet, pattern: method + "/purchases", query: []string{"before", "limit"}, serve: a.history},
		{method: http.MethodPost, pattern: method + "/purchases", operation: travel.OperationPurchase, serve: a.purchase},
		{method: http.MethodPost, pattern: method + "/authorizations", operation: travel.OperationAuthorize, serve: a.authorize},
		{method: http.MethodPost, pattern: method + "/authorizations/{authorization}/capture", operation: travel.OperationCapture, serve: a.capture},
		{method: http.MethodPost, pattern: method + "/authorizations/{authorization}/release", operation: travel.OperationRelease, serve: a.release},
	}
}

type activateBody struct {
	Username string `json:"username"`
	Code     string `json:"code"`
}

type methodBody struct {
	PaymentMethod string `json:"payment_method"`
	CompanyName   string `json:"company_name,omitempty"`
}

// activate registers the payment method (R11).
func (a *app) activate(x *appExchange) (any, error) {
	var b activateBody
	if err := x.into(&b); err != nil {
		return nil, err
	}
	m, err := a.Travel.Activate(x.Context(), travel.ActivateRequest{
		Username: b.Username, Code: b.Code, Number: x.who.Number, Device: x.who.Device,
	})
	if err != nil {
		return nil, err
	}
	return methodBody{PaymentMethod: m.String()}, nil
}

// employers lists the companies that the phone can travel for (R08).
func (a *app) employers(x *appExchange) (any, error) {
	list, err := a.Travel.Employers(x.Context(), x.who.Number, x.who.Device)
	if err != nil {
		return nil, err
	}
	methods := make([]methodBody, len(list))
	for i, e := range list {
		methods[i] = methodBody{e.Method.String(), e.CompanyName}
	}
	return struct {
		PaymentMethods []methodBody `json:"payment_methods"`
	}{methods}, nil
}

// holder is who buys: the phone, with the payment method of the path.
func holder(x *appExchange) (travel.Holder, error) {
	m, err := travel.ParsePaymentMethod(x.route.value(x.open, "payment_method"))
	if err != nil || m.Company.IsZero() || m.Traveler.IsZero() || m.Connection.IsZero() {
		return travel.Holder{}, refuse(NotFound)
	}
	return travel.Holder{Method: m, Device: x.who.Device, Number: x.who.Number}, nil
}

type balanceBody struct {
	Month     credit.Month `json:"month"`
	Limit     string       `json:"limit"`
	Used      string       `json:"used"`
	Reserved  string       `json:"reserved"`
	Available string       `json:"available"`
	ResetsAt  string       `json:"resets_at"`
	Frozen    bool         `json:"frozen"`
}

func (a *app) balance(x *appExchange) (any, error) {
	h, err := holder(x)
	if err != nil {
		return nil, err
	}
	b, err := a.Travel.Balance(x.Context(), h)
	if err != nil {
		return nil, err
	}
	return balanceBody{
		Month: b.Month, Limit: money(b.Limit), Used: money(b.Used), Reserved: money(b.Reserved), Available: money(b.Available),
		ResetsAt: instant(b.ResetsAt), Frozen: b.Frozen,
	}, nil
}

type historyItem struct {
	Authorization string       `json:"authorization"`
	State         string       `json:"state"`
	At            string       `json:"at"`
	Month         credit.Month `json:"month"`
	Amount        string       `json:"amount"`
	Captured      string       `json:"captured"`
	Refunded      string       `json:"refunded"`
	Tickets       []ticketBody `json:"tickets"`
	Purpose       string       `json:"purpose,omitempty"`
}

type historyBody struct {
	Purchases []historyItem `json:"purchases"`
	// Next is where the list goes on, if it may.
	Next string `json:"next,omitempty"`
}

// maxHistory bounds a page of the history.
const maxHistory = 100

func (a *app) history(x *appExchange) (any, error) {
	h, err := holder(x)
	if err != nil {
		return nil, err
	}
	before, err := queryID[travel.AuthorizationID](x, "before")
	if err != nil {
		return nil, err
	}
	limit, err := x.limit(maxHistory)
	if err != nil {
		return nil, err
	}
	list, err := a.Travel.History(x.Context(), h, before, limit)
	if err != nil {
		return nil, err
	}
	body := historyBody{Purchases: make([]historyItem, len(list))}
	for i := range list {
		body.Purchases[i] = historyOf(&list[i])
	}
	if len(list) == limit {
		body.Next = text(list[limit-1].Authorization)
	}
	return body, nil
}

func historyOf(p *travel.HistoryItem) historyItem {
	item := historyItem{
		Authorization: text(p.Authorization), State: p.State.String(), At: instant(p.At), Month: p.Month,
		Amount: money(p.Amount), Captured: money(p.Captured), Refunded: money(p.Refunded), Purpose: p.Purpose,
		Tickets: make([]ticketBody, len(p.Tickets)),
	}
	for i := range p.Tickets {
		item.Tickets[i] = ticketOf(&p.Tickets[i])
	}
	return item
}
