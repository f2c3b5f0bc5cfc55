package storetest

import (
	"errors"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

func isNotFound(err error) bool { return errors.Is(err, travel.ErrNotFound) }

// company saves a company.
func (c *check) company() travel.Company {
	c.Helper()
	v := sample[travel.Company](c)
	v.Status = travel.CompanyApproved
	c.update(func(tx travel.Tx) error { return tx.SaveCompany(c.ctx, v) })
	return v
}

func (c *check) department(company travel.CompanyID) travel.Department {
	c.Helper()
	v := sample[travel.Department](c)
	v.Company = company
	c.update(func(tx travel.Tx) error { return tx.SaveDepartment(c.ctx, v) })
	return v
}

// traveler saves a traveler of a company, with a limit of 500 kr and nothing
// bought.
func (c *check) traveler(company travel.CompanyID) travel.Traveler {
	c.Helper()
	v := sample[travel.Traveler](c)
	v.Company, v.Department = company, travel.DepartmentID{}
	v.Credit = credit.Account{Limit: 500_00}
	c.saveTraveler(v)
	return v
}

func (c *check) saveTraveler(t travel.Traveler) {
	c.Helper()
	c.update(func(tx travel.Tx) error { return tx.SaveTraveler(c.ctx, t) })
}

// anyone saves a traveler of a company of its own.
func (c *check) anyone() travel.Traveler {
	c.Helper()
	return c.traveler(c.company().ID)
}

// reload returns a traveler as it is stored.
func (c *check) reload(t travel.Traveler) travel.Traveler {
	c.Helper()
	var stored travel.Traveler
	c.view(func(tx travel.Tx) (err error) {
		stored, err = tx.Traveler(c.ctx, t.Company, t.ID)
		return err
	})
	return stored
}

// entries collects a stream.
func (c *check) entries(q travel.EntryQuery) []travel.Entry {
	c.Helper()
	var list []travel.Entry
	for e, err := range c.Travel.Entries(c.ctx, q) {
		c.must("Entries", err)
		list = append(list, e)
	}
	return list
}

// events takes all events off the queue.
func (c *check) events() []travel.Event {
	c.Helper()
	list, err := c.Travel.LeaseEvents(c.ctx, "events", start, start.AddDate(1, 0, 0), 10_000)
	c.must("LeaseEvents", err)
	return list
}

// command looks for what is saved under the key of a command.
func (c *check) command(want travel.Command) (found *travel.Command) {
	c.Helper()
	c.view(func(tx travel.Tx) error {
		got, err := tx.Command(c.ctx, want.Company, want.Operation, want.Key)
		if err == nil {
			found = &got
		}
		if isNotFound(err) {
			return nil
		}
		return err
	})
	return found
}

// state returns what a decision on a traveler and an authorization sees.
func (c *check) state(t travel.Traveler, z travel.Authorization) (seen travel.State) {
	c.Helper()
	q := travel.Query{Company: t.Company, Traveler: t.ID, Authorization: z.ID}
	c.must("Decide", c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
		seen = clone(s)
		return travel.Change{}, nil
	}))
	return seen
}

// messages lists the SMS to a traveler.
func (c *check) messages(t travel.Traveler) (list []sms.Queued) {
	c.Helper()
	c.view(func(tx travel.Tx) (err error) {
		list, err = tx.Messages(c.ctx, t.Company, t.ID)
		return err
	})
	return list
}
