package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	isolated = "Update runs do in a transaction that is isolated as if it held a lock on every record that it has " +
		"read through tx by its id, until the end."
	rollsBack = "an error of do rolls everything back and is returned."
	unmoved   = "View runs do on a state that changes not while it reads."
)

var updateCases = []Case{
	{"update/isolated", isolated, needsTravel, (*check).updateIsolated},
	{"update/isolated-from-decide", isolated, needsTravel, (*check).updateIsolatedFromDecide},
	{"update/rolls-back", rollsBack, needsTravel, (*check).updateRollsBack},
	{"update/rolls-back-the-rest", rollsBack, needsTravel, (*check).updateRollsBackRest},
	{"update/own-writes", "A transaction sees what it has saved itself.", needsTravel, (*check).updateOwnWrites},
	{"update/unseen", isolated, needsTravel, (*check).updateUnseen},
}

// updateIsolated counts in every kind of record from several goroutines.
func (c *check) updateIsolated() {
	t := c.anyone()
	for _, k := range c.kinds() {
		if k.again == nil {
			continue
		}
		v := k.sample(c, t)
		c.saveKind(k, v)
		const goroutines, each = 4, 10
		before, err := c.loadKind(k, t.Company, v)
		c.must("loading the "+k.name, err)
		c.together(goroutines, func(int) error {
			for range each {
				err := c.updateKind(k, func(tx travel.Tx) error {
					locked, err := k.load(c.ctx, tx, t.Company, v)
					if err != nil {
						return err
					}
					return k.save(c.ctx, tx, k.raise(locked))
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		after, err := c.loadKind(k, t.Company, v)
		c.must("loading the "+k.name, err)
		if got, want := k.count(after), k.count(before)+goroutines*each; got != want {
			c.Errorf("%d updates raised a %s from %d to %d", goroutines*each, k.name, k.count(before), got)
		}
	}
}

func (c *check) updateIsolatedFromDecide() {
	t := c.anyone()
	const goroutines, each = 6, 25
	c.together(goroutines, func(i int) error {
		for range each {
			var err error
			if i%2 == 0 {
				err = c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, raised)
			} else {
				err = c.Travel.Update(c.ctx, func(tx travel.Tx) error {
					locked, err := tx.Traveler(c.ctx, t.Company, t.ID)
					if err != nil {
						return err
					}
					locked.Credit.Limit++
					return tx.SaveTraveler(c.ctx, locked)
				})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	t.Credit.Limit += goroutines * each
	c.equal("traveler", c.reload(t), t)
}

// updateRollsBack inserts and replaces every kind of record and then fails.
func (c *check) updateRollsBack() {
	t := c.anyone()
	for _, k := range c.kinds() {
		kept, fresh := k.sample(c, t), k.sample(c, t)
		c.saveKind(k, kept)
		err := c.updateKind(k, func(tx travel.Tx) error {
			if k.again != nil {
				if err := k.save(c.ctx, tx, k.again(c, kept)); err != nil {
					return err
				}
			}
			if err := k.save(c.ctx, tx, fresh); err != nil {
				return err
			}
			return errRollback
		})
		c.fails("Update whose do fails", err, errRollback)
		c.stored(k, t.Company, kept)
		_, err = c.loadKind(k, t.Company, fresh)
		c.fails("a "+k.name+" that was rolled back", err, travel.ErrNotFound)
	}
}

// updateRollsBackRest rolls back what is not kept by key, and what is unique.
func (c *check) updateRollsBackRest() {
	t := c.anyone()
	e, z := sampleEntry(c, t), sampleAuthorization(c, t)
	c.decide(t, travel.Change{Entries: []travel.Entry{e}, Authorization: &z})
	record := sample[travel.AuditRecord](c)
	record.Company = t.Company
	fresh := sample[travel.Traveler](c)
	fresh.Company = t.Company
	used := sample[travel.Credential](c)
	err := c.Travel.Update(c.ctx, func(tx travel.Tx) error {
		return errors.Join(
			tx.AppendAudit(c.ctx, record), tx.AppendEvents(c.ctx, sampleEvent(c, t)), tx.InsertCredential(c.ctx, used),
			tx.ErasePersonal(c.ctx, t.Company, t.ID), tx.SaveTraveler(c.ctx, fresh),
			tx.FenceTravelers(c.ctx, t.Company, credit.NewMonth(2026, 1)), errRollback,
		)
	})
	c.fails("Update whose do fails", err, errRollback)
	c.equal("traveler", c.reload(t), t)
	c.equal("entries", c.entries(travel.EntryQuery{Company: t.Company}), []travel.Entry{e})
	c.equal("authorization", c.state(t, z).Authorization, &z)
	if n := len(c.events()); n > 0 {
		c.Errorf("%d events were kept", n)
	}
	c.update(func(tx travel.Tx) error {
		if log, err := tx.AuditLog(c.ctx, t.Company, 0, 0); err != nil || len(log) > 0 {
			c.Errorf("%d audit records were kept, error %v", len(log), err)
		}
		again := fresh
		again.ID = c.ids.New()
		c.must("number, username and sequence are free again", errors.Join(
			tx.SaveTraveler(c.ctx, again), tx.InsertCredential(c.ctx, used), tx.AppendAudit(c.ctx, record)))
		return nil
	})
}

func (c *check) updateOwnWrites() {
	t := c.anyone()
	for _, k := range c.kinds() {
		v := k.sample(c, t)
		c.must("Update", c.updateKind(k, func(tx travel.Tx) error {
			if err := k.save(c.ctx, tx, v); err != nil {
				return err
			}
			if k.again != nil {
				v = k.again(c, v)
				if err := k.save(c.ctx, tx, v); err != nil {
					return err
				}
			}
			got, err := k.load(c.ctx, tx, t.Company, v)
			c.must("loading the "+k.name+" in the same transaction", err)
			c.equal(k.name, got, v)
			return nil
		}))
		c.stored(k, t.Company, v)
	}
}

// updateUnseen looks from decisions for what an update has saved and will roll
// back.
func (c *check) updateUnseen() {
	company := c.company()
	t := c.traveler(company.ID)
	command := sampleCommand(c, t)
	q := travel.Query{Company: t.Company, Traveler: t.ID, Operation: command.Operation, Key: command.Key}
	dirty := company
	dirty.Name += " (dirty)"
	const looks = 50
	var seen atomic.Pointer[string]
	dirt := func(int) error {
		err := c.Travel.Update(c.ctx, func(tx travel.Tx) error {
			return errors.Join(tx.SaveCompany(c.ctx, dirty), tx.InsertCommand(c.ctx, command), errRollback)
		})
		if errors.Is(err, errRollback) {
			return nil
		}
		return err
	}
	c.against(dirt, 2, func(int) error {
		for range looks {
			err := c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
				if s.Earlier != nil || s.Company.Name != company.Name {
					what := fmt.Sprintf("company %q, earlier command: %t", s.Company.Name, s.Earlier != nil)
					seen.Store(&what)
				}
				return travel.Change{}, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if what := seen.Load(); what != nil {
		c.Errorf("a decision saw what was rolled back: %s", *what)
	}
}
