package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	numbers = "NextNumber returns the next number of a series, beginning with 1, and locks the series until the end: " +
		"numbers have no gaps (R36). A transaction that is rolled back has taken none."
	inserts = "An id that exists already, or a series and number, is a [*travel.DuplicateError], and nothing of this call " +
		"is saved. There is no way to change or delete one."
	invoicing = needsTravel | needsInvoice
)

var invoiceCases = []Case{
	{"closes/locked", "reading it in an update locks it, also when there is none yet: then it is [travel.ErrNotFound].",
		invoicing, (*check).closesLocked},
	{"closes/list", "Closes lists the records of a month over all companies, ascending by company, up to limit after one.",
		invoicing, (*check).closesList},
	{"numbers/series", numbers, invoicing, (*check).numbersSeries},
	{"numbers/no-gaps", numbers, invoicing, (*check).numbersNoGaps},
	{"documents/unique", inserts, invoicing, (*check).documentsUnique},
	{"documents/list", "Documents lists up to limit documents in ascending order of id.", invoicing, (*check).documentsList},
	{"documents/bounds", "Zero fields bound nothing, but without Company and Series it is an error.", invoicing, (*check).documentsBounds},
	{"deliveries/locked", "Delivery returns the delivery log of a document; reading it in an update locks it.",
		invoicing, (*check).deliveriesLocked},
	{"deliveries/list", "Deliveries lists up to limit logs in ascending order of the document's id, without locking them.",
		invoicing, (*check).deliveriesList},
	{"deliveries/due", "DueBy leaves out those that are not due at an instant, see [DeliveryRecord.Due].", invoicing, (*check).deliveriesDue},
	{"deliveries/bounds", "Zero fields bound nothing, but without Company and State it is an error.", invoicing, (*check).deliveriesBounds},
	{"invoices/with-travel", "UpdateInvoices runs do in a transaction, like travel.Store.Update.", invoicing, (*check).invoicesWithTravel},
	{"invoices/isolated-from-decide", "UpdateInvoices runs do in a transaction, like travel.Store.Update.", invoicing, (*check).invoicesIsolated},
}

// closesLocked opens the close of a month from several goroutines.
func (c *check) closesLocked() {
	company := c.company().ID
	const months, goroutines = 20, 4
	for m := credit.Month(24000); m < 24000+months; m++ {
		opened := make([]bool, goroutines)
		c.together(goroutines, func(i int) error {
			return c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) error {
				_, err := tx.Close(c.ctx, company, m)
				if opened[i] = isNotFound(err); !opened[i] {
					return err
				}
				return tx.SaveClose(c.ctx, invoice.Close{Company: company, Month: m, State: invoice.CloseFenced, FencedAt: start})
			})
		})
		if n := len(slices.DeleteFunc(opened, func(o bool) bool { return !o })); n != 1 {
			c.Fatalf("%d of %d goroutines opened the close of %s", n, goroutines, m)
		}
	}
}

func (c *check) closesList() {
	var want []invoice.Close
	for range 5 {
		v := sample[invoice.Close](c)
		v.Company, v.Month = c.company().ID, 24000
		want = append(want, v)
	}
	other := sample[invoice.Close](c)
	other.Company, other.Month = want[0].Company, 24001
	for _, v := range append(slices.Clone(want), other) {
		c.updateInvoices(func(tx invoice.Tx) error { return tx.SaveClose(c.ctx, v) })
	}
	looked := c.company().ID
	c.updateInvoices(func(tx invoice.Tx) error {
		_, err := tx.Close(c.ctx, looked, 24000)
		c.fails("Close of a month that was only looked at", err, travel.ErrNotFound)
		return nil
	})
	c.viewInvoices(func(tx invoice.Tx) error {
		_, err := tx.Close(c.ctx, looked, 24000)
		c.fails("Close after that", err, travel.ErrNotFound)
		whole, err := tx.Closes(c.ctx, 24000, travel.CompanyID{}, 0)
		c.must("Closes", err)
		page, err := tx.Closes(c.ctx, 24000, want[1].Company, 2)
		c.must("Closes", err)
		none, err := tx.Closes(c.ctx, 24002, travel.CompanyID{}, 0)
		c.equal("closes of a month", whole, want)
		c.equal("two of them after the second", page, want[2:4])
		c.equal("closes of another month", none, []invoice.Close(nil))
		return err
	})
}

// take takes a number and returns it with the error of the transaction.
func (c *check) take(series string, failure error) (n int64, err error) {
	err = c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) (err error) {
		if n, err = tx.NextNumber(c.ctx, series); err != nil {
			return err
		}
		return failure
	})
	return n, err
}

func (c *check) numbersSeries() {
	for i, step := range []struct {
		series  string
		failure error
		want    int64
	}{
		{"A", nil, 1}, {"A", nil, 2}, {"B", nil, 1}, {"A", errRollback, 3}, {"A", errRollback, 3}, {"A", nil, 3}, {"B", nil, 2},
	} {
		n, err := c.take(step.series, step.failure)
		if !errors.Is(err, step.failure) || n != step.want {
			c.Errorf("step %d: number %d of series %s, error %v; want %d, error %v", i+1, n, step.series, err, step.want, step.failure)
		}
	}
	c.updateInvoices(func(tx invoice.Tx) error {
		for want := int64(4); want < 7; want++ {
			if n, err := tx.NextNumber(c.ctx, "A"); n != want || err != nil {
				c.Errorf("number %d in one transaction, error %v; want %d", n, err, want)
			}
		}
		return nil
	})
}

// numbersNoGaps issues from several goroutines, of which every third attempt is
// rolled back.
func (c *check) numbersNoGaps() {
	company := c.company().ID
	const goroutines, each = 6, 12
	var drafts [goroutines][each]invoice.Document
	for i := range goroutines {
		for n := range each {
			drafts[i][n] = sample[invoice.Document](c)
			drafts[i][n].Company = company
		}
	}
	c.together(goroutines, func(i int) error {
		for n, d := range drafts[i] {
			err := c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) (err error) {
				d.Series = "A"
				if d.Number, err = tx.NextNumber(c.ctx, d.Series); err != nil {
					return err
				}
				if err := tx.InsertDocument(c.ctx, d); err != nil {
					return err
				}
				if (i+n)%3 == 0 {
					return errRollback
				}
				return nil
			})
			if err != nil && !errors.Is(err, errRollback) {
				return err
			}
		}
		return nil
	})
	var numbers []int64
	c.viewInvoices(func(tx invoice.Tx) error {
		list, err := tx.Documents(c.ctx, invoice.DocumentQuery{Series: "A"})
		for _, d := range list {
			numbers = append(numbers, d.Number)
		}
		return err
	})
	slices.Sort(numbers)
	const kept = goroutines * each * 2 / 3
	for i, n := range numbers {
		if n != int64(i+1) || len(numbers) != kept {
			c.Fatalf("%d documents were issued, want %d; their numbers are %v", len(numbers), kept, numbers)
		}
	}
	if len(numbers) == 0 {
		c.Errorf("no document was issued")
	}
}

func (c *check) documentsUnique() {
	company := c.company().ID
	document := func() invoice.Document {
		v := sample[invoice.Document](c)
		v.Company, v.Series = company, "A"
		return v
	}
	insert := func(v invoice.Document) error {
		return c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) error { return tx.InsertDocument(c.ctx, v) })
	}
	first := document()
	c.must("InsertDocument", insert(first))
	sameID, sameNumber, otherSeries := document(), document(), document()
	sameID.ID = first.ID
	sameNumber.Number = first.Number
	otherSeries.Number, otherSeries.Series = first.Number, "B"
	c.duplicate("InsertDocument with an id that exists", insert(sameID))
	c.duplicate("InsertDocument with a series and number that exist", insert(sameNumber))
	c.updateInvoices(func(tx invoice.Tx) error {
		c.duplicate("InsertDocument with a series and number that exist", tx.InsertDocument(c.ctx, sameNumber))
		return nil
	})
	c.must("InsertDocument with the number in another series", insert(otherSeries))
	for range 2 {
		basis := document()
		basis.Series, basis.Number, basis.Kind = "", 0, invoice.Basis
		c.must("InsertDocument of a basis, which has no number", insert(basis))
	}
	c.viewInvoices(func(tx invoice.Tx) error {
		got, err := tx.Document(c.ctx, company, first.ID)
		c.equal("document", got, first)
		_, refused := tx.Document(c.ctx, company, sameNumber.ID)
		c.fails("Document that was a duplicate", refused, travel.ErrNotFound)
		return err
	})
}

// issued inserts documents of two companies, months and series, and returns
// them in the order of their ids.
func (c *check) issued() (a, b travel.CompanyID, list []invoice.Document) {
	c.Helper()
	a, b = c.company().ID, c.company().ID
	for i := range 8 {
		v := sample[invoice.Document](c)
		v.Company, v.Month, v.Series, v.Number = a, 24000, "A", int64(i+1)
		if i&1 == 1 {
			v.Company = b
		}
		if i&2 == 2 {
			v.Month = 24001
		}
		if i&4 == 4 {
			v.Series = "B"
		}
		list = append(list, v)
	}
	for _, v := range slices.Backward(list) {
		c.updateInvoices(func(tx invoice.Tx) error { return tx.InsertDocument(c.ctx, v) })
	}
	return a, b, list
}

func (c *check) documentsList() {
	a, _, all := c.issued()
	want := []invoice.Document{all[0], all[2], all[4], all[6]}
	c.viewInvoices(func(tx invoice.Tx) error {
		whole, err := tx.Documents(c.ctx, invoice.DocumentQuery{Company: a})
		c.must("Documents", err)
		first, err := tx.Documents(c.ctx, invoice.DocumentQuery{Company: a, Limit: 3})
		c.must("Documents", err)
		rest, err := tx.Documents(c.ctx, invoice.DocumentQuery{Company: a, Limit: 3, After: want[2].ID})
		c.equal("documents", whole, want)
		c.equal("the first three", first, want[:3])
		c.equal("those after them", rest, want[3:])
		return err
	})
}

func (c *check) documentsBounds() {
	a, b, all := c.issued()
	for what, look := range map[string]struct {
		q    invoice.DocumentQuery
		want []invoice.Document
	}{
		"a company and month":            {invoice.DocumentQuery{Company: b, Month: 24001}, []invoice.Document{all[3], all[7]}},
		"a series":                       {invoice.DocumentQuery{Series: "B"}, all[4:]},
		"a series and month":             {invoice.DocumentQuery{Series: "A", Month: 24000}, all[:2]},
		"a company, a month, and series": {invoice.DocumentQuery{Company: a, Month: 24001, Series: "B"}, all[6:7]},
		"an unknown company":             {invoice.DocumentQuery{Company: c.ids.New()}, nil},
	} {
		c.viewInvoices(func(tx invoice.Tx) error {
			list, err := tx.Documents(c.ctx, look.q)
			c.equal("documents of "+what, list, look.want)
			return err
		})
	}
	err := c.Invoice.ViewInvoices(c.ctx, func(tx invoice.Tx) error {
		_, err := tx.Documents(c.ctx, invoice.DocumentQuery{Month: 24000})
		return err
	})
	if err == nil {
		c.Errorf("the documents of all companies were listed")
	}
}

// delivering saves delivery logs of two companies, of which every other one is
// refused, and returns them in the order of their documents.
func (c *check) delivering(n int) (list []invoice.DeliveryRecord) {
	c.Helper()
	companies := [...]travel.CompanyID{c.company().ID, c.company().ID}
	for i := range n {
		v := sample[invoice.DeliveryRecord](c)
		v.Company, v.State = companies[i/2%2], invoice.DeliveryWaiting
		v.NextAt, v.LeaseUntil = start, time.Time{}
		if i%2 == 1 {
			v.State, v.NextAt = invoice.DeliveryRefused, time.Time{}
		}
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b invoice.DeliveryRecord) int { return a.Document.Compare(b.Document) })
	for _, v := range list {
		c.updateInvoices(func(tx invoice.Tx) error { return tx.SaveDelivery(c.ctx, v) })
	}
	return list
}

// deliveries lists what a query finds.
func (c *check) deliveries(q invoice.DeliveryQuery) (list []invoice.DeliveryRecord) {
	c.Helper()
	c.viewInvoices(func(tx invoice.Tx) (err error) {
		list, err = tx.Deliveries(c.ctx, q)
		return err
	})
	return list
}

// deliveriesLocked takes deliveries from several goroutines.
func (c *check) deliveriesLocked() {
	const goroutines = 4
	for _, r := range c.delivering(20) {
		took := make([]bool, goroutines)
		c.together(goroutines, func(i int) error {
			return c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) error {
				now, err := tx.Delivery(c.ctx, r.Company, r.Document)
				if took[i] = err == nil && now.LeaseToken == r.LeaseToken; !took[i] {
					return err
				}
				now.LeaseToken++
				return tx.SaveDelivery(c.ctx, now)
			})
		})
		if n := len(slices.DeleteFunc(took, func(t bool) bool { return !t })); n != 1 {
			c.Fatalf("%d of %d goroutines took the delivery of document %s", n, goroutines, r.Document)
		}
	}
}

func (c *check) deliveriesList() {
	all := c.delivering(12)
	of := func(match func(invoice.DeliveryRecord) bool) []invoice.DeliveryRecord {
		return slices.DeleteFunc(slices.Clone(all), func(r invoice.DeliveryRecord) bool { return !match(r) })
	}
	waiting := of(func(r invoice.DeliveryRecord) bool { return r.State == invoice.DeliveryWaiting })
	company := all[0].Company
	c.equal("deliveries that wait", c.deliveries(invoice.DeliveryQuery{State: invoice.DeliveryWaiting}), waiting)
	c.equal("the first two", c.deliveries(invoice.DeliveryQuery{State: invoice.DeliveryWaiting, Limit: 2}), waiting[:2])
	c.equal("the two after them", c.deliveries(invoice.DeliveryQuery{State: invoice.DeliveryWaiting, After: waiting[1].Document, Limit: 2}), waiting[2:4])
	c.equal("deliveries of a company", c.deliveries(invoice.DeliveryQuery{Company: company}),
		of(func(r invoice.DeliveryRecord) bool { return r.Company == company }))
	c.equal("deliveries of a company that were refused", c.deliveries(invoice.DeliveryQuery{Company: company, State: invoice.DeliveryRefused}),
		of(func(r invoice.DeliveryRecord) bool { return r.Company == company && r.State == invoice.DeliveryRefused }))
	c.equal("deliveries that were accepted", c.deliveries(invoice.DeliveryQuery{State: invoice.DeliveryAccepted}), []invoice.DeliveryRecord(nil))
}

func (c *check) deliveriesDue() {
	all := c.delivering(8)
	var due []invoice.DeliveryRecord
	for i, v := range all {
		switch i % 4 {
		case 1:
			v.NextAt = start.Add(time.Microsecond)
		case 2:
			v.LeaseUntil = start.Add(time.Microsecond)
		case 3:
			v.LeaseUntil = start
		}
		if v.Due(start) {
			due = append(due, v)
		}
		c.updateInvoices(func(tx invoice.Tx) error { return tx.SaveDelivery(c.ctx, v) })
	}
	if len(due) == 0 || len(due) == len(all) {
		c.Fatalf("%d of %d are due: the case proves nothing", len(due), len(all))
	}
	c.equal("deliveries that are due", c.deliveries(invoice.DeliveryQuery{State: invoice.DeliveryWaiting, DueBy: start}), due)
	c.equal("deliveries that were due before", c.deliveries(invoice.DeliveryQuery{State: invoice.DeliveryWaiting, DueBy: start.Add(-time.Microsecond)}),
		[]invoice.DeliveryRecord(nil))
}

func (c *check) deliveriesBounds() {
	c.delivering(2)
	err := c.Invoice.ViewInvoices(c.ctx, func(tx invoice.Tx) error {
		_, err := tx.Deliveries(c.ctx, invoice.DeliveryQuery{DueBy: start})
		return err
	})
	if err == nil {
		c.Errorf("the deliveries of all companies and states were listed")
	}
}

// invoicesWithTravel writes records of both packages in one transaction.
func (c *check) invoicesWithTravel() {
	t := c.anyone()
	renamed, event := t, sampleEvent(c, t)
	renamed.FirstName = "Renamed"
	document := sample[invoice.Document](c)
	document.Company = t.Company
	do := func(failure error) error {
		return c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) error {
			return errors.Join(tx.SaveTraveler(c.ctx, renamed), tx.InsertDocument(c.ctx, document), tx.AppendEvents(c.ctx, event), failure)
		})
	}
	count := func() (n int) {
		c.viewInvoices(func(tx invoice.Tx) error {
			list, err := tx.Documents(c.ctx, invoice.DocumentQuery{Company: t.Company})
			n = len(list)
			return err
		})
		return n
	}
	c.fails("UpdateInvoices whose do fails", do(errRollback), errRollback)
	c.equal("traveler", c.reload(t), t)
	if n, events := count(), len(c.events()); n != 0 || events != 0 {
		c.Errorf("%d documents and %d events were kept", n, events)
	}
	c.must("UpdateInvoices", do(nil))
	c.equal("traveler", c.reload(t), renamed)
	if n, events := count(), len(c.events()); n != 1 || events != 1 {
		c.Errorf("%d documents and %d events were saved, want one of each", n, events)
	}
}

func (c *check) invoicesIsolated() {
	t := c.anyone()
	const goroutines, each = 4, 20
	c.together(goroutines, func(i int) error {
		for range each {
			var err error
			if i%2 == 0 {
				err = c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, raised)
			} else {
				err = c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) error {
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
