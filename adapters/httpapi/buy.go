package httpapi

import (
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

type authorizeBody struct {
	Tickets []ticketBody `json:"tickets"`
}

type authorizedBody struct {
	Authorization string `json:"authorization"`
	Amount        string `json:"amount"`
	Available     string `json:"available"`
	ExpiresAt     string `json:"expires_at"`
}

// authorize reserves, after "complete the purchase" (R27).
func (a *app) authorize(x *appExchange) (any, error) {
	var b authorizeBody
	h, tickets, err := a.wish(x, &b, &b.Tickets)
	if err != nil {
		return nil, err
	}
	leave, err := x.once(h.Method.Company)
	if err != nil {
		return nil, err
	}
	defer leave()
	r, err := a.Travel.Authorize(x.Context(), travel.AuthorizeRequest{Holder: h, Key: x.key, Tickets: tickets})
	if err := said(r.Decline, err); err != nil {
		return nil, err
	}
	return authorizedBody{text(r.Authorization), money(r.Amount), money(r.Available), instant(r.ExpiresAt)}, nil
}

type purchaseBody struct {
	Tickets []ticketBody `json:"tickets"`
	Purpose string       `json:"purpose"`
}

type purchasedBody struct {
	Authorization string `json:"authorization"`
	Amount        string `json:"amount"`
	Available     string `json:"available"`
}

// purchase buys in one step.
func (a *app) purchase(x *appExchange) (any, error) {
	var b purchaseBody
	h, tickets, err := a.wish(x, &b, &b.Tickets)
	if err != nil {
		return nil, err
	}
	leave, err := x.once(h.Method.Company)
	if err != nil {
		return nil, err
	}
	defer leave()
	r, err := a.Travel.Purchase(x.Context(), travel.PurchaseRequest{Holder: h, Key: x.key, Tickets: tickets, Purpose: b.Purpose})
	return purchased(r, err)
}

// wish reads who wants to buy what, which is a part of the body, and lets the
// host price it.
func (a *app) wish(x *appExchange, body any, wanted *[]ticketBody) (travel.Holder, []travel.Ticket, error) {
	h, err := holder(x)
	if err != nil {
		return h, nil, err
	}
	if err := x.into(body); err != nil {
		return h, nil, err
	}
	tickets, err := parseTickets(*wanted)
	if err != nil {
		return h, nil, err
	}
	tickets, err = a.Price(x.Context(), x.who, tickets)
	return h, tickets, err
}

type captureBody struct {
	Purpose string    `json:"purpose"`
	Amounts *[]string `json:"amounts"`
}

// capture completes a purchase with its purpose, the last step (R27).
func (a *app) capture(x *appExchange) (any, error) {
	h, id, err := begun(x)
	if err != nil {
		return nil, err
	}
	var b captureBody
	if err := x.into(&b); err != nil {
		return nil, err
	}
	amounts, err := parseAmounts("amounts", b.Amounts)
	if err != nil {
		return nil, err
	}
	leave, err := x.once(h.Method.Company)
	if err != nil {
		return nil, err
	}
	defer leave()
	r, err := a.Travel.Capture(x.Context(), travel.CaptureRequest{
		Holder: h, Key: x.key, Authorization: id, Purpose: b.Purpose, Amounts: amounts,
	})
	return purchased(r, err)
}

type releasedBody struct {
	State string `json:"state"`
}

// release gives a reservation back.
func (a *app) release(x *appExchange) (any, error) {
	h, id, err := begun(x)
	if err != nil {
		return nil, err
	}
	if err := x.empty(); err != nil {
		return nil, err
	}
	leave, err := x.once(h.Method.Company)
	if err != nil {
		return nil, err
	}
	defer leave()
	r, err := a.Travel.Release(x.Context(), travel.ReleaseRequest{Holder: h, Key: x.key, Authorization: id})
	if err := said(r.Decline, err); err != nil {
		return nil, err
	}
	return releasedBody{r.State.String()}, nil
}

// begun reads what the path says of a purchase that was begun.
func begun(x *appExchange) (travel.Holder, travel.AuthorizationID, error) {
	h, err := holder(x)
	if err != nil {
		return h, travel.AuthorizationID{}, err
	}
	id, err := pathID[travel.AuthorizationID](x, "authorization")
	return h, id, err
}

func purchased(r travel.PurchaseResult, err error) (any, error) {
	if err := said(r.Decline, err); err != nil {
		return nil, err
	}
	return purchasedBody{text(r.Authorization), money(r.Amount), money(r.Available)}, nil
}

// said turns an answer no into what a route returns for it.
func said(d *credit.Decline, err error) error {
	if err == nil && d != nil {
		return &declined{Decline: d}
	}
	return err
}
