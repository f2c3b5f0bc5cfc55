package storetest

import (
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

const readOnly = "Saving is refused with [ErrReadOnly]."

var viewCases = []Case{
	{"view/unmoved", unmoved, needsTravel, (*check).viewUnmoved},
	{"view/unmoved-by-update", unmoved, needsTravel, (*check).viewUnmovedByUpdate},
	{"view/read-only", readOnly, needsTravel, (*check).viewReadOnly},
	{"view/read-only-invoices", readOnly, needsTravel | needsInvoice, (*check).viewReadOnlyInvoices},
	{"view/error", "An error of do is returned.", needsTravel, (*check).viewError},
}

// viewUnmoved reads while purchases go on. Each raises the limit by one, adds an
// authorization of the new limit and the command of the old one, and lets the
// authorization before expire: a view sees as much of each.
func (c *check) viewUnmoved() {
	t := c.anyone()
	t.Credit = credit.Account{}
	c.saveTraveler(t)
	const views = 30
	operation := travel.OperationAuthorize
	var before travel.AuthorizationID
	buy := func(n int) error {
		var id travel.AuthorizationID = c.ids.New()
		defer func() { before = id }()
		q := travel.Query{Company: t.Company, Traveler: t.ID, Operation: operation, Key: fmt.Sprint(n)}
		return c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
			account := s.Traveler.Credit
			account.Limit++
			z := travel.Authorization{Company: t.Company, Traveler: t.ID}
			z.Authorization = credit.Authorization{
				ID: id, State: credit.Pending, Amount: account.Limit, At: start, ExpiresAt: start,
			}
			command := travel.Command{Company: t.Company, Operation: operation, Key: q.Key, At: start}
			return travel.Change{
				Account: &account, Authorization: &z, Command: &command, Expired: []travel.AuthorizationID{before},
			}, nil
		})
	}
	bought := c.against(buy, 2, func(int) error {
		for range views {
			if err := c.consistent(t, operation); err != nil {
				return err
			}
		}
		return nil
	})
	if n := c.reload(t).Credit.Limit; int(n) != bought {
		c.Errorf("%d purchases were counted as %d", bought, n)
	}
}

// consistent views a traveler of viewUnmoved.
func (c *check) consistent(t travel.Traveler, op travel.Operation) error {
	return c.Travel.View(c.ctx, func(tx travel.Tx) error {
		first, err := tx.Traveler(c.ctx, t.Company, t.ID)
		if err != nil {
			return err
		}
		n := int(first.Credit.Limit)
		newest, err := tx.Authorizations(c.ctx, travel.AuthorizationQuery{Company: t.Company, Traveler: t.ID, Limit: 1})
		if err != nil {
			return err
		}
		authorized, expired := 0, false
		if len(newest) > 0 {
			z, err := tx.Authorization(c.ctx, t.Company, newest[0].ID)
			if err != nil {
				return err
			}
			authorized, expired = int(z.Amount), z.State == credit.Expired
		}
		_, next := tx.Command(c.ctx, t.Company, op, fmt.Sprint(n))
		var last error
		if n > 0 {
			_, last = tx.Command(c.ctx, t.Company, op, fmt.Sprint(n-1))
		}
		again, err := tx.Traveler(c.ctx, t.Company, t.ID)
		if err != nil {
			return err
		}
		if authorized != n || expired || last != nil || !isNotFound(next) || int(again.Credit.Limit) != n {
			return fmt.Errorf("one view saw %d purchases, then authorization %d, expired: %t, then command %d: %v, command %d: %v, then %d purchases",
				n, authorized, expired, n-1, last, n, next, again.Credit.Limit)
		}
		return nil
	})
}

// viewUnmovedByUpdate reads two records that every update changes together.
func (c *check) viewUnmovedByUpdate() {
	a, b := c.company(), c.company()
	set := func(n int) error {
		a, b := a, b
		a.Ceiling, b.Ceiling = credit.Amount(n), credit.Amount(n)
		return c.Travel.Update(c.ctx, func(tx travel.Tx) error {
			return errors.Join(tx.SaveCompany(c.ctx, a), tx.SaveCompany(c.ctx, b))
		})
	}
	const views = 30
	c.against(set, 2, func(int) error {
		for range views {
			err := c.Travel.View(c.ctx, func(tx travel.Tx) error {
				first, err := tx.Company(c.ctx, a.ID)
				if err != nil {
					return err
				}
				second, err := tx.Company(c.ctx, b.ID)
				if err == nil && first.Ceiling != second.Ceiling {
					err = fmt.Errorf("one view saw change %d and change %d", first.Ceiling, second.Ceiling)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *check) viewReadOnly() {
	t := c.anyone()
	message := sampleMessage(c, t)
	c.update(func(tx travel.Tx) error { return tx.AppendMessage(c.ctx, message) })
	record := sample[travel.AuditRecord](c)
	record.Company = t.Company
	c.view(func(tx travel.Tx) error {
		for what, err := range map[string]error{
			"SaveCompany": tx.SaveCompany(c.ctx, sample[travel.Company](c)), "SaveTraveler": tx.SaveTraveler(c.ctx, t),
			"SaveDepartment":    tx.SaveDepartment(c.ctx, sample[travel.Department](c)),
			"SaveAdministrator": tx.SaveAdministrator(c.ctx, sample[travel.Administrator](c)),
			"AppendAudit":       tx.AppendAudit(c.ctx, record),
			"FenceTravelers":    tx.FenceTravelers(c.ctx, t.Company, 1),
			"InsertCredential":  tx.InsertCredential(c.ctx, sample[travel.Credential](c)),
			"SaveCredential":    tx.SaveCredential(c.ctx, sample[travel.Credential](c)),
			"InsertCommand":     tx.InsertCommand(c.ctx, sampleCommand(c, t)),
			"SaveAuthorization": tx.SaveAuthorization(c.ctx, sampleAuthorization(c, t)),
			"ErasePersonal":     tx.ErasePersonal(c.ctx, t.Company, t.ID),
			"AppendEvents":      tx.AppendEvents(c.ctx, sampleEvent(c, t)),
			"AppendMessage":     tx.AppendMessage(c.ctx, sampleMessage(c, t)),
			"SaveMessage":       tx.SaveMessage(c.ctx, message),
		} {
			c.fails(what+" in a View", err, travel.ErrReadOnly)
		}
		return nil
	})
}

func (c *check) viewReadOnlyInvoices() {
	c.viewInvoices(func(tx invoice.Tx) error {
		_, number := tx.NextNumber(c.ctx, "A")
		for what, err := range map[string]error{
			"NextNumber": number, "SaveClose": tx.SaveClose(c.ctx, sample[invoice.Close](c)),
			"InsertDocument": tx.InsertDocument(c.ctx, sample[invoice.Document](c)),
			"SaveCompany":    tx.SaveCompany(c.ctx, sample[travel.Company](c)),
		} {
			c.fails(what+" in a ViewInvoices", err, travel.ErrReadOnly)
		}
		return nil
	})
}

func (c *check) viewError() {
	c.fails("View whose do fails", c.Travel.View(c.ctx, func(travel.Tx) error { return errRollback }), errRollback)
}
