package storetest

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	streams = "Entries streams entries in ascending order of id, without holding more than a part of them in memory, " +
		"and without keeping anything locked."
	bounds = "EntryQuery bounds a stream of entries."
)

var entryCases = []Case{
	{"entries/order", streams, needsTravel, (*check).entriesOrder},
	{"entries/unlocked", streams, needsTravel, (*check).entriesUnlocked},
	{"entries/bounds", bounds, needsTravel, (*check).entriesBounds},
	{"entries/company", "Company is required: no stream crosses companies.", needsTravel, (*check).entriesCompany},
	{"entries/again", "Once a month is closed its entries may be read again and come the same.", needsTravel, (*check).entriesAgain},
	{"entries/stop", streams, needsTravel, (*check).entriesStop},
	{"entries/error", "The error ends the sequence.", needsTravel, (*check).entriesError},
	{"entries/invoices", "Entries streams entries in ascending order of id, as travel.Store does.",
		needsTravel | needsInvoice, (*check).entriesInvoices},
}

// sold saves n entries for each of several travelers of a company, in an order
// that is not that of their ids, and returns them in that of their ids.
func (c *check) sold(travelers []travel.Traveler, n int) []travel.Entry {
	c.Helper()
	batches := make([][]travel.Entry, len(travelers))
	departments := [2]travel.DepartmentID{{}, c.ids.New()}
	var all []travel.Entry
	for range n {
		for i, t := range travelers {
			e := sampleEntry(c, t)
			e.Billing, e.Month, e.Department = 24000, 24000, departments[len(all)%len(departments)]
			all = append(all, e)
			batches[i] = append(batches[i], e)
		}
	}
	const part = 100
	for i, t := range slices.Backward(travelers) {
		parts := slices.Collect(slices.Chunk(batches[i], part))
		for _, entries := range slices.Backward(parts) {
			slices.Reverse(entries)
			c.decide(t, travel.Change{Entries: entries})
		}
	}
	return all
}

func (c *check) entriesOrder() {
	t := c.anyone()
	want := c.sold([]travel.Traveler{t, c.traveler(t.Company), c.traveler(t.Company)}, 400)
	c.equal("entries", c.entries(travel.EntryQuery{Company: t.Company}), want)
	c.equal("entries of a month", c.entries(travel.EntryQuery{Company: t.Company, Billing: 24000}), want)
}

// entriesUnlocked writes what a stream is reading.
func (c *check) entriesUnlocked() {
	t := c.anyone()
	want := c.sold([]travel.Traveler{t}, 300)
	read := 0
	for e, err := range c.Travel.Entries(c.ctx, travel.EntryQuery{Company: t.Company}) {
		c.must("Entries", err)
		c.equal("entry", e, want[read])
		if read++; read != 1 {
			continue
		}
		c.soon("Decide on the traveler meanwhile", func() error {
			return c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, raised)
		})
		c.soon("Update of the traveler meanwhile", func() error {
			return c.Travel.Update(c.ctx, func(tx travel.Tx) error {
				locked, err := tx.Traveler(c.ctx, t.Company, t.ID)
				if err != nil {
					return err
				}
				locked.Credit.Limit++
				return tx.SaveTraveler(c.ctx, locked)
			})
		})
	}
	if read != len(want) {
		c.Errorf("%d entries were read, want %d", read, len(want))
	}
	t.Credit.Limit += 2
	c.equal("traveler", c.reload(t), t)
}

// entriesBounds asks for every combination of bounds.
func (c *check) entriesBounds() {
	t := c.anyone()
	months, kinds := []credit.Month{24000, 24001}, []travel.EntryKind{travel.EntryCapture, travel.EntryRefund}
	departments, travelers := []travel.DepartmentID{{}, c.department(t.Company).ID}, []travel.Traveler{t, c.traveler(t.Company)}
	var all []travel.Entry
	for i := range 64 {
		bit := func(n int) int { return i >> n & 1 }
		e := sampleEntry(c, travelers[bit(0)])
		e.Billing, e.Month, e.Kind, e.Department = months[bit(1)], months[bit(2)], kinds[bit(3)], departments[bit(4)]
		all = append(all, e)
		c.decide(travelers[bit(0)], travel.Change{Entries: []travel.Entry{e}})
	}
	for q := range queries(t.Company, months, kinds, departments, travelers) {
		var want []travel.Entry
		for _, e := range all {
			if selects(q, e) {
				want = append(want, e)
			}
		}
		c.equal(fmt.Sprintf("entries of billing month %s, month %s, kind %d, department %v, traveler %s", q.Billing, q.Month, q.Kind, q.Department, q.Traveler),
			c.entries(q), want)
	}
}

// queries yields every combination of bounds and none.
func queries(company travel.CompanyID, months []credit.Month, kinds []travel.EntryKind, departments []travel.DepartmentID, travelers []travel.Traveler) iter.Seq[travel.EntryQuery] {
	return func(yield func(travel.EntryQuery) bool) {
		for n := range 3 * 3 * 3 * 3 * 3 {
			q := travel.EntryQuery{Company: company}
			digit := func() int {
				d := n % 3
				n /= 3
				return d - 1
			}
			if i := digit(); i >= 0 {
				q.Billing = months[i]
			}
			if i := digit(); i >= 0 {
				q.Month = months[i]
			}
			if i := digit(); i >= 0 {
				q.Kind = kinds[i]
			}
			if i := digit(); i >= 0 {
				q.Department = &departments[i]
			}
			if i := digit(); i >= 0 {
				q.Traveler = travelers[i].ID
			}
			if !yield(q) {
				return
			}
		}
	}
}

func selects(q travel.EntryQuery, e travel.Entry) bool {
	return (q.Billing == 0 || e.Billing == q.Billing) && (q.Month == 0 || e.Month == q.Month) &&
		(q.Kind == 0 || e.Kind == q.Kind) && (q.Department == nil || e.Department == *q.Department) &&
		(q.Traveler.IsZero() || e.Traveler == q.Traveler)
}

func (c *check) entriesCompany() {
	t, other := c.anyone(), c.anyone()
	want := c.sold([]travel.Traveler{t}, 2)
	c.sold([]travel.Traveler{other}, 2)
	c.equal("entries of a company", c.entries(travel.EntryQuery{Company: t.Company}), want)
	for what, q := range map[string]travel.EntryQuery{
		"no company":              {Billing: 24000},
		"an unknown company":      {Company: c.ids.New()},
		"another company's buyer": {Company: t.Company, Traveler: other.ID},
	} {
		for _, err := range c.Travel.Entries(c.ctx, q) {
			if err == nil {
				c.Fatalf("a stream of %s has entries", what)
			}
		}
	}
}

func (c *check) entriesAgain() {
	t := c.anyone()
	want := c.sold([]travel.Traveler{t, c.traveler(t.Company)}, 150)
	c.update(func(tx travel.Tx) error { return tx.FenceTravelers(c.ctx, t.Company, 24000) })
	stream := c.Travel.Entries(c.ctx, travel.EntryQuery{Company: t.Company, Billing: 24000})
	for range 2 {
		var list []travel.Entry
		for e, err := range stream {
			c.must("Entries", err)
			list = append(list, e)
		}
		c.equal("entries", list, want)
	}
}

func (c *check) entriesStop() {
	t := c.anyone()
	want := c.sold([]travel.Traveler{t}, 300)
	for range 20 {
		for e, err := range c.Travel.Entries(c.ctx, travel.EntryQuery{Company: t.Company}) {
			c.must("Entries", err)
			c.equal("first entry", e, want[0])
			break
		}
	}
	c.soon("Decide after streams that were not read to the end", func() error {
		return c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, raised)
	})
}

func (c *check) entriesError() {
	t := c.anyone()
	c.sold([]travel.Traveler{t}, 1000)
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	var last error
	read := 0
	for _, err := range c.Travel.Entries(ctx, travel.EntryQuery{Company: t.Company}) {
		if last != nil {
			c.Fatalf("the sequence went on after the error %v", last)
		}
		last = err
		if read++; read == 1 {
			cancel()
		}
	}
	c.fails("a stream whose context ended", last, context.Canceled)
}

func (c *check) entriesInvoices() {
	t := c.anyone()
	want := c.sold([]travel.Traveler{t, c.traveler(t.Company)}, 5)
	var list []travel.Entry
	for e, err := range c.Invoice.Entries(c.ctx, travel.EntryQuery{Company: t.Company, Billing: 24000}) {
		c.must("Entries", err)
		list = append(list, e)
	}
	c.equal("entries", list, want)
}
