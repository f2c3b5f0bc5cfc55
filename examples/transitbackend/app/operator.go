package app

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// office lets the operator's staff in, and sends others to sign in.
func (a *App) office(p page) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := a.users.of(r)
		if err != nil {
			return err
		}
		if !who.operator {
			http.Redirect(w, r, "/signin", http.StatusSeeOther)
			return nil
		}
		return p(w, r)
	}
}

// firm is a company as the operator sees it.
type firm struct {
	travel.Company
	Documents []invoice.Document
}

// desk is the operator's page.
type desk struct {
	Companies []firm
	// Waiting and Refused are deliveries.
	Waiting, Refused []invoice.DeliveryRecord
	// Month is the newest that can be closed.
	Month credit.Month
}

func (a *App) showOperator(w http.ResponseWriter, r *http.Request) error {
	d, err := a.desk(r.Context())
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, "operator", "Operatör", d)
}

func (a *App) desk(ctx context.Context) (d desk, err error) {
	d.Month = a.bills.Due(a.clock.now())
	companies, err := a.trips.Companies(ctx, operator, "", travel.CompanyID{}, 0)
	if err != nil {
		return d, err
	}
	for _, c := range companies {
		list, err := a.bills.Documents(ctx, operator, invoice.ListRequest{Company: c.ID, Month: d.Month})
		if err != nil {
			return d, err
		}
		d.Companies = append(d.Companies, firm{c, list})
	}
	if d.Waiting, err = a.bills.Deliveries(ctx, operator, invoice.DeliveryWaiting, invoice.DocumentID{}, 0); err != nil {
		return d, err
	}
	d.Refused, err = a.bills.Deliveries(ctx, operator, invoice.DeliveryRefused, invoice.DocumentID{}, 0)
	return d, err
}

// decide approves a company, or turns it down (R01).
func (a *App) decide(w http.ResponseWriter, r *http.Request) error {
	id, err := travel.ParseID[travel.CompanyID](r.PathValue("company"))
	if err != nil {
		return errPage
	}
	switch r.PostFormValue("answer") {
	case "approve":
		err = a.trips.Approve(r.Context(), operator, id, "")
	case "reject":
		err = a.trips.Reject(r.Context(), operator, id, "")
	default:
		err = errPage
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/operator", http.StatusSeeOther)
	return nil
}

func (a *App) showAudit(w http.ResponseWriter, r *http.Request) error {
	drifts, err := a.audit(r.Context())
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, "audit", "Kontroll", drifts)
}

// mend lets a refused document go out again, or, when the buyer's details were
// wrong on it, cancels it and issues it anew: a document never changes (R36).
func (a *App) mend(w http.ResponseWriter, r *http.Request) error {
	company, err := travel.ParseID[travel.CompanyID](r.PostFormValue("company"))
	document, err2 := travel.ParseID[invoice.DocumentID](r.PostFormValue("document"))
	if err != nil || err2 != nil {
		return errPage
	}
	switch r.PostFormValue("how") {
	case "again":
		err = a.bills.Redeliver(r.Context(), operator, company, document)
	case "anew":
		_, err = a.bills.Reissue(r.Context(), operator, invoice.ReissueRequest{Company: company, Document: document, Reason: "refused"})
	default:
		err = errPage
	}
	if err != nil {
		return err
	}
	if err := a.deliver(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/operator", http.StatusSeeOther)
	return nil
}

// bought are the purchases of a month, for the operator to refund.
type bought struct {
	Company travel.Company
	Month   credit.Month
	Before  credit.Month
	Entries []travel.Entry
	Decline string
}

// mostPurchases bounds the page of purchases; it is for a demo's.
const mostPurchases = 200

func (a *App) showPurchases(w http.ResponseWriter, r *http.Request) error {
	id, err := travel.ParseID[travel.CompanyID](r.PathValue("company"))
	if err != nil {
		return errPage
	}
	b := bought{Month: credit.MonthOf(a.clock.now(), a.clock.zone)}
	if text := r.URL.Query().Get("month"); text != "" {
		if b.Month, err = credit.ParseMonth(text); err != nil {
			return errPage
		}
	}
	b.Before = b.Month - 1
	if b.Company, err = a.trips.Company(r.Context(), operator, id); err != nil {
		return err
	}
	for e, err := range a.trips.Purchases(r.Context(), operator, id, b.Month) {
		if err != nil {
			return err
		}
		if b.Entries = append(b.Entries, e); len(b.Entries) > mostPurchases {
			b.Entries = b.Entries[1:] // the newest ones
		}
	}
	slices.Reverse(b.Entries)
	return a.show(w, r, http.StatusOK, "purchases", "Köp", b)
}

// refund gives back all that is left of a purchase (R43). Its key is the purchase:
// pressed twice it is one refund.
func (a *App) refund(w http.ResponseWriter, r *http.Request) error {
	company, err := travel.ParseID[travel.CompanyID](r.PostFormValue("company"))
	purchase, err2 := travel.ParseID[travel.AuthorizationID](r.PostFormValue("authorization"))
	if err != nil || err2 != nil {
		return errPage
	}
	answer, err := a.trips.Refund(r.Context(), operator, travel.RefundRequest{
		Company: company, Key: "refund-" + purchase.String(), Authorization: purchase,
	})
	if err == nil && answer.Decline != nil {
		err = errors.Join(travel.ErrConflict, errors.New(string(answer.Decline.Code)))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/operator/companies/"+company.String(), http.StatusSeeOther)
	return nil
}
