package storetest

import (
	"errors"

	"github.com/tjansteresor/tjansteresor/travel"
)

const inOrder = "Lists come in ascending order of id where nothing else is said; a limit of 0 bounds nothing."

var recordCases = []Case{
	{"records/round-trip", "Save inserts or replaces by id.", needsTravel, (*check).recordsRoundTrip},
	{"records/missing", "A record that does not exist is [ErrNotFound], and so is another company's.", needsTravel, (*check).recordsMissing},
	{"records/other-company", "A record that does not exist is [ErrNotFound], and so is another company's.", needsTravel, (*check).recordsOtherCompany},
	{"companies/list", "Companies lists up to limit companies after an id, of one status or of all (\"\"), without locking them.",
		needsTravel, (*check).companiesList},
	{"departments/list", inOrder, needsTravel, (*check).departmentsList},
	{"administrators/list", inOrder, needsTravel, (*check).administratorsList},
	{"audit/append", "AppendAudit appends a record; a sequence number that the company has already is an error.",
		needsTravel, (*check).auditAppend},
	{"audit/list", "AuditLog lists up to limit records with a sequence number above after, in that order.",
		needsTravel, (*check).auditList},
}

func (c *check) recordsRoundTrip() {
	t := c.anyone()
	for _, k := range c.kinds() {
		v, other := k.sample(c, t), k.sample(c, t)
		c.saveKind(k, v)
		c.saveKind(k, other)
		c.stored(k, t.Company, v)
		if k.again != nil {
			v = k.again(c, v)
			c.saveKind(k, v)
			c.stored(k, t.Company, v)
		}
		c.stored(k, t.Company, other)
	}
}

func (c *check) recordsMissing() {
	t := c.anyone()
	for _, k := range c.kinds() {
		_, err := c.loadKind(k, t.Company, k.sample(c, t))
		c.fails("loading a "+k.name+" that was never saved", err, travel.ErrNotFound)
	}
}

func (c *check) recordsOtherCompany() {
	t, other := c.anyone(), c.anyone()
	for _, k := range c.kinds() {
		if k.global {
			continue
		}
		v := k.sample(c, t)
		c.saveKind(k, v)
		_, err := c.loadKind(k, other.Company, v)
		c.fails("loading a "+k.name+" as another company", err, travel.ErrNotFound)
	}
}

// pages checks a list that is read whole, and in pages of two by its last id.
func pages[T any, ID comparable](c *check, what string, want []T, id func(T) ID, list func(tx travel.Tx, after ID, limit int) ([]T, error)) {
	c.Helper()
	var whole, paged []T
	c.view(func(tx travel.Tx) (err error) {
		var none, after ID
		if whole, err = list(tx, none, 0); err != nil {
			return err
		}
		for len(paged) <= len(want) {
			page, err := list(tx, after, 2)
			if err != nil || len(page) == 0 {
				return err
			}
			if len(page) > 2 {
				c.Errorf("%s: %d of at most 2", what, len(page))
			}
			paged = append(paged, page...)
			after = id(page[len(page)-1])
		}
		return nil
	})
	c.equal(what+" without a limit", whole, want)
	c.equal(what+" in pages", paged, want)
}

func (c *check) companiesList() {
	var all, approved []travel.Company
	var save []travel.Company
	for i := range 5 {
		v := sample[travel.Company](c)
		v.Status = travel.CompanyApplied
		if i%2 == 0 {
			v.Status = travel.CompanyApproved
			approved = append(approved, v)
		}
		all = append(all, v)
		save = append([]travel.Company{v}, save...)
	}
	c.update(func(tx travel.Tx) error {
		for _, v := range save {
			if err := tx.SaveCompany(c.ctx, v); err != nil {
				return err
			}
		}
		return nil
	})
	id := func(v travel.Company) travel.CompanyID { return v.ID }
	pages(c, "companies", all, id, func(tx travel.Tx, after travel.CompanyID, limit int) ([]travel.Company, error) {
		return tx.Companies(c.ctx, "", after, limit)
	})
	pages(c, "approved companies", approved, id, func(tx travel.Tx, after travel.CompanyID, limit int) ([]travel.Company, error) {
		return tx.Companies(c.ctx, travel.CompanyApproved, after, limit)
	})
}

func (c *check) departmentsList() {
	company, other := c.company().ID, c.company().ID
	a, b, foreign := c.sampleDepartment(company), c.sampleDepartment(company), c.sampleDepartment(other)
	c.update(func(tx travel.Tx) error {
		return errors.Join(tx.SaveDepartment(c.ctx, b), tx.SaveDepartment(c.ctx, foreign), tx.SaveDepartment(c.ctx, a))
	})
	c.view(func(tx travel.Tx) error {
		list, err := tx.Departments(c.ctx, company)
		c.equal("departments", list, []travel.Department{a, b})
		return err
	})
}

func (c *check) sampleDepartment(company travel.CompanyID) travel.Department {
	c.Helper()
	v := sample[travel.Department](c)
	v.Company = company
	return v
}

func (c *check) administratorsList() {
	company, other := c.company().ID, c.company().ID
	var v [3]travel.Administrator
	for i := range v {
		v[i] = sample[travel.Administrator](c)
		v[i].Company = company
	}
	v[2].Company = other
	c.update(func(tx travel.Tx) error {
		return errors.Join(tx.SaveAdministrator(c.ctx, v[2]), tx.SaveAdministrator(c.ctx, v[1]), tx.SaveAdministrator(c.ctx, v[0]))
	})
	c.view(func(tx travel.Tx) error {
		list, err := tx.Administrators(c.ctx, company)
		c.equal("administrators", list, v[:2])
		return err
	})
}

// auditOf makes n records of a company, numbered from 1.
func (c *check) auditOf(company travel.CompanyID, n int) []travel.AuditRecord {
	c.Helper()
	var list []travel.AuditRecord
	for i := range n {
		v := sample[travel.AuditRecord](c)
		v.Company, v.Sequence = company, int64(i+1)
		list = append(list, v)
	}
	return list
}

func (c *check) appendAudit(records []travel.AuditRecord) {
	c.Helper()
	c.update(func(tx travel.Tx) error {
		for _, r := range records {
			if err := tx.AppendAudit(c.ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *check) auditAppend() {
	company, other := c.company().ID, c.company().ID
	records := c.auditOf(company, 2)
	c.appendAudit(records)
	c.appendAudit(c.auditOf(other, 2))
	again := c.auditOf(company, 2)[1]
	if err := c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.AppendAudit(c.ctx, again) }); err == nil {
		c.Errorf("a second record of sequence %d was appended", again.Sequence)
	}
	c.view(func(tx travel.Tx) error {
		log, err := tx.AuditLog(c.ctx, company, 0, 0)
		c.equal("audit log", log, records)
		return err
	})
}

func (c *check) auditList() {
	company := c.company().ID
	records := c.auditOf(company, 5)
	c.appendAudit(records)
	pages(c, "audit log", records, func(r travel.AuditRecord) int64 { return r.Sequence },
		func(tx travel.Tx, after int64, limit int) ([]travel.AuditRecord, error) {
			return tx.AuditLog(c.ctx, company, after, limit)
		})
}
