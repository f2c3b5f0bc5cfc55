// Package closing closes months on stores while the processes that do it are
// killed, and holds what was issued against what was bought. It is for tests of
// stores.
package closing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Store is what a close needs, as one value implements it.
type Store interface {
	travel.Store
	invoice.Store
}

// office is an operator's services at one instant. Several, of several
// processes, may be on one database.
type office struct {
	store  Store
	travel *travel.Service
	bills  *invoice.Service
}

var operator = travel.OperatorActor("o")

// neighbor is the seller of tickets that are not the operator's own.
const neighbor = "neighbor"

func openOffice(store Store, at time.Time, configure ...func(*invoice.Config)) (*office, error) {
	keys, err := sms.NewKeyRing(sms.Key{ID: "k", Secret: make([]byte, 32)})
	if err != nil {
		return nil, err
	}
	clock := func() time.Time { return at }
	t, err := travel.New(travel.Config{Store: store, Keys: keys, Clock: clock, Zone: time.UTC, CodeCost: 1})
	if err != nil {
		return nil, err
	}
	party := invoice.Party{
		Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
		Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
	}
	c := invoice.Config{Store: store, Travel: t, Clock: clock, Sellers: []invoice.Seller{
		{Party: party, Series: "JLT"}, {ID: neighbor, Party: party, Series: "GLT"},
	}}
	for _, f := range configure {
		f(&c)
	}
	b, err := invoice.New(c)
	return &office{store, t, b}, err
}

// paper is what makes a document: there is one of each.
type paper struct {
	company   travel.CompanyID
	month     credit.Month
	kind      invoice.Kind
	seller    string
	reference string
}

// books are what must be on documents.
type books struct {
	companies []travel.CompanyID
	buyers    []buyer
	// owed is what each document must come to.
	owed map[paper]credit.Amount
	// reserved is how many reservations nobody has captured.
	reserved int
}

// buyer is a traveler of a department, and the purchase of January.
type buyer struct {
	travel.Holder
	reference string
	prices    []credit.Amount
	bought    travel.AuthorizationID
}

// key is the buyer's own: keys are unique in a company (R42).
func (a buyer) key(what string) string { return what + a.reference }

const (
	departments = 3
)

// fill opens companies and lets them buy in January: for several references, of
// several sellers, with refunds, some of a whole purchase, and with reservations
// that nobody captures.
func (o *office) fill(ctx context.Context, m credit.Month, companies int) (*books, error) {
	b := &books{
		companies: make([]travel.CompanyID, companies), buyers: make([]buyer, companies*departments), owed: map[paper]credit.Amount{},
	}
	err := together(companies, func(i int) error { return o.openCompany(ctx, b, i) })
	if err != nil {
		return nil, err
	}
	if err := o.buy(ctx, b, m); err != nil {
		return nil, err
	}
	for i, a := range b.buyers {
		if i%5 == 0 {
			err = errors.Join(err, o.refund(ctx, b, a, a.prices, paper{month: m, kind: invoice.Invoice}))
		}
		if i%4 == 0 {
			b.reserved++
			z, failed := o.travel.Authorize(ctx, travel.AuthorizeRequest{Holder: a.Holder, Key: a.key("open"), Tickets: tickets(a.prices)})
			if failed == nil && z.Decline != nil {
				failed = errors.New(string(z.Decline.Code))
			}
			err = errors.Join(err, failed)
		}
	}
	return b, err
}

// together does something for every company, in several goroutines.
func together(n int, one func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = one(i) })
	}
	all.Wait()
	return cmp.Or(errs...)
}

// openCompany adds a company with a department that has no reference of its own
// and others that have.
func (o *office) openCompany(ctx context.Context, b *books, i int) error {
	c, admin, err := o.travel.Apply(ctx, travel.Application{
		Name: "Gnosjö kommun", OrganizationNumber: "2120000829", DefaultReference: "0", AdministratorName: "A",
		Billing: travel.Billing{Street: "Box 1", PostalCode: "335 80", City: "Gnosjö"},
	})
	if err == nil {
		err = o.travel.Approve(ctx, operator, c.ID, "")
	}
	if err != nil {
		return err
	}
	b.companies[i] = c.ID
	for k := range departments {
		a := &b.buyers[i*departments+k]
		a.reference = fmt.Sprint(k)
		details := travel.DepartmentDetails{Name: fmt.Sprint("Avdelning ", k)}
		if k > 0 {
			details.Reference = a.reference
		}
		d, err := o.travel.AddDepartment(ctx, travel.AdministratorActor(c.ID, admin.ID), c.ID, details)
		if err == nil {
			err = o.admit(ctx, a, c.ID, d.ID, i*departments+k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// admit adds a traveler who can buy.
func (o *office) admit(ctx context.Context, a *buyer, company travel.CompanyID, department travel.DepartmentID, n int) error {
	number, err := o.travel.ParseNumber(fmt.Sprintf("+467066%05d", n))
	if err != nil {
		return err
	}
	id := [16]byte{0x01, 0x9a, 6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
	a.Holder = travel.Holder{Device: "d", Number: number, Method: travel.PaymentMethod{Company: company, Traveler: id, Connection: id}}
	for k := range 2 + n%5 {
		a.prices = append(a.prices, credit.Amount(10_00+37*k+n))
	}
	return o.store.Update(ctx, func(tx travel.Tx) error {
		return tx.SaveTraveler(ctx, travel.Traveler{
			Company: company, ID: id, Number: number, FirstName: "Gunhild", LastName: "Klingspor", Department: department,
			Credit:     credit.Account{Limit: 15_000_00},
			Connection: travel.Connection{ID: id, State: travel.ConnectionActive, Device: "d"},
		})
	})
}

// tickets are by sellers in turns.
func tickets(prices []credit.Amount) (list []travel.Ticket) {
	for i, price := range prices {
		list = append(list, travel.Ticket{
			Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"},
			Gross: price.Decimal(), VATRate: 600, Seller: sellerOf(i),
		})
	}
	return list
}

func sellerOf(ticket int) string {
	if ticket%3 == 2 {
		return neighbor
	}
	return ""
}

// buy lets everybody buy once in a month.
func (o *office) buy(ctx context.Context, b *books, m credit.Month) error {
	err := together(len(b.companies), func(i int) error {
		for k := range departments {
			a := &b.buyers[i*departments+k]
			r, err := o.travel.Purchase(ctx, travel.PurchaseRequest{
				Holder: a.Holder, Key: a.key(m.String()), Tickets: tickets(a.prices), Purpose: "Möte med regionen",
			})
			if err == nil && r.Decline != nil {
				err = errors.New(string(r.Decline.Code))
			}
			if err != nil {
				return err
			}
			a.bought = r.Authorization
		}
		return nil
	})
	for _, a := range b.buyers {
		b.note(a, a.prices, 1, paper{month: m, kind: invoice.Invoice})
	}
	return err
}

// refund gives back what a buyer bought last, and notes on which documents it
// must be.
func (o *office) refund(ctx context.Context, b *books, a buyer, amounts []credit.Amount, on paper) error {
	req := travel.RefundRequest{Company: a.Method.Company, Key: a.key(on.month.String()), Authorization: a.bought}
	for _, amount := range amounts {
		req.Amounts = append(req.Amounts, amount.Decimal())
	}
	r, err := o.travel.Refund(ctx, operator, req)
	if err == nil && r.Decline != nil {
		err = errors.New(string(r.Decline.Code))
	}
	sign := credit.Amount(-1)
	if on.kind == invoice.CreditNote {
		sign = 1
	}
	b.note(a, amounts, sign, on)
	return err
}

// note adds to what documents must come to.
func (b *books) note(a buyer, amounts []credit.Amount, sign credit.Amount, on paper) {
	on.company, on.reference = a.Method.Company, a.reference
	for i, amount := range amounts {
		on.seller = sellerOf(i)
		b.owed[on] += sign * amount
		if b.owed[on] == 0 {
			delete(b.owed, on)
		}
	}
}

// goOn refunds parts of the purchases of a month that is closed, and buys in the
// next.
func (o *office) goOn(ctx context.Context, b *books, m credit.Month) error {
	for i, a := range b.buyers {
		if i%5 == 0 || i%2 == 1 { // all of it was given back, or nothing is
			continue
		}
		parts := make([]credit.Amount, len(a.prices))
		for k := range parts {
			parts[k] = 5_00 + credit.Amount(k)
		}
		if err := o.refund(ctx, b, a, parts, paper{month: m, kind: invoice.CreditNote}); err != nil {
			return err
		}
	}
	return o.buy(ctx, b, m)
}
