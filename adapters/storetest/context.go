package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

const honours = "Each honours its context: when that ends before the work is committed, nothing has happened; " +
	"when the end cannot be told apart from a commit, the error says so by wrapping [ErrUnknownOutcome], " +
	"and repeating the caller's key resolves it (I3)."

var contextCases = []Case{
	{"context/ended", honours, needsTravel, (*check).contextEnded},
	{"context/ends-in-decide", honours, needsTravel, (*check).contextEndsInDecide},
	{"context/ends-in-update", honours, needsTravel, (*check).contextEndsInUpdate},
	{"values/shared", "Values that go in and out are shared: neither the store nor its caller may change what is " +
		"behind a slice or a pointer of theirs.", needsTravel, (*check).valuesShared},
	{"values/instants", "Instants come back as they were, to the microsecond, in UTC.", needsTravel, (*check).valuesInstants},
}

func (c *check) contextEnded() {
	t := c.anyone()
	ended, cancel := context.WithCancel(c.ctx)
	cancel()
	raise := func(tx travel.Tx) error {
		t := t
		t.Credit.Limit++
		return tx.SaveTraveler(c.ctx, t)
	}
	var streamed error
	for _, err := range c.Travel.Entries(ended, travel.EntryQuery{Company: t.Company}) {
		streamed = err
	}
	_, leased := c.Travel.LeaseEvents(ended, "owner", start, start, 1)
	for what, err := range map[string]error{
		"Decide": c.Travel.Decide(ended, travel.Query{Company: t.Company, Traveler: t.ID}, raised),
		"Update": c.Travel.Update(ended, raise), "View": c.Travel.View(ended, func(travel.Tx) error { return nil }),
		"Entries": streamed, "LeaseEvents": leased, "SettleEvents": c.Travel.SettleEvents(ended, "owner", travel.EventID{1}),
	} {
		c.fails(what+" with an ended context", err, context.Canceled)
	}
	c.equal("traveler", c.reload(t), t)
}

// raised raises the limit by one öre.
func raised(s travel.State) (travel.Change, error) {
	account := s.Traveler.Credit
	account.Limit++
	return travel.Change{Account: &account}, nil
}

func (c *check) contextEndsInDecide() {
	t := c.anyone()
	ctx, cancel := context.WithCancel(c.ctx)
	err := c.Travel.Decide(ctx, travel.Query{Company: t.Company, Traveler: t.ID}, func(s travel.State) (travel.Change, error) {
		cancel()
		return raised(s)
	})
	c.nothing("Decide whose context ended", err, t)
}

func (c *check) contextEndsInUpdate() {
	t := c.anyone()
	ctx, cancel := context.WithCancel(c.ctx)
	err := c.Travel.Update(ctx, func(tx travel.Tx) error {
		changed, err := tx.Traveler(c.ctx, t.Company, t.ID)
		if err != nil {
			return err
		}
		changed.Credit.Limit++
		if err := tx.SaveTraveler(c.ctx, changed); err != nil {
			return err
		}
		cancel()
		return nil
	})
	c.nothing("Update whose context ended", err, t)
}

// nothing checks that a call was not committed, unless it says that it does
// not know.
func (c *check) nothing(what string, err error, t travel.Traveler) {
	c.Helper()
	if err == nil {
		c.Errorf("%s: no error", what)
	}
	if !errors.Is(err, travel.ErrUnknownOutcome) {
		c.equal("traveler", c.reload(t), t)
	}
}

func (c *check) valuesInstants() {
	t := c.anyone()
	for _, at := range []time.Time{
		time.Date(2026, time.March, 29, 1, 0, 0, 1_000, time.UTC),
		time.Date(2026, time.October, 25, 0, 30, 0, 500_000_000, time.UTC),
		time.Date(2028, time.February, 29, 23, 59, 59, 999_999_000, time.UTC),
	} {
		t.CreatedAt = at
		c.saveTraveler(t)
		c.equal("traveler", c.reload(t), t)
	}
}

// valuesShared holds on to everything that goes in and comes out, and looks
// whether it changes when the records do.
func (c *check) valuesShared() {
	t := c.anyone()
	t.Credit = sample[credit.Account](c)
	t.Credit.ClosedThrough = 0
	z := sampleAuthorization(c, t)
	m := sampleMessage(c, t)
	change := travel.Change{Account: &t.Credit, Authorization: &z, Entries: []travel.Entry{sampleEntry(c, t), sampleEntry(c, t)}}
	c.update(func(tx travel.Tx) error { return tx.AppendMessage(c.ctx, m) })
	c.decide(t, change)

	out := c.state(t, z)
	held := []any{change, m, out, c.entries(travel.EntryQuery{Company: t.Company}), c.messages(t)}
	before := clone(held)
	c.overwrite(t, z, m)
	c.equal("what went in and came out", held, before)
}

// overwrite changes everything that is stored of a traveler.
func (c *check) overwrite(t travel.Traveler, z travel.Authorization, m sms.Queued) {
	c.Helper()
	q := travel.Query{Company: t.Company, Traveler: t.ID}
	c.must("Decide", c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
		account := sample[credit.Account](c)
		account.ClosedThrough = 0
		return travel.Change{Account: &account, Expired: []travel.AuthorizationID{z.ID}}, nil
	}))
	again := sampleAuthorization(c, t)
	again.ID = z.ID
	moved := sampleMessage(c, t)
	moved.ID = m.ID
	c.update(func(tx travel.Tx) error {
		return errors.Join(
			tx.ErasePersonal(c.ctx, t.Company, t.ID), tx.FenceTravelers(c.ctx, t.Company, credit.NewMonth(2026, time.March)),
			tx.SaveMessage(c.ctx, moved),
		)
	})
	c.update(func(tx travel.Tx) error { return tx.SaveAuthorization(c.ctx, again) })
}
