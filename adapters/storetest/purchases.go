package storetest

import (
	"errors"
	"sync/atomic"

	"github.com/tjansteresor/tjansteresor/travel"
)

var purchaseCases = []Case{
	{"commands/insert", "InsertCommand adds a command; a key that the company has used for the operation is a [*DuplicateError].",
		needsTravel, (*check).commandsInsert},
	{"commands/insert-at-once", "InsertCommand adds a command; a key that the company has used for the operation is a [*DuplicateError].",
		needsTravel, (*check).commandsInsertAtOnce},
	{"authorizations/list", "Authorizations lists up to limit authorizations, newest first, that are older than an id (zero: from the newest on).",
		needsTravel, (*check).authorizationsList},
	{"authorizations/bounds", "Company and Traveler bound the list; a zero Company is an error but for Unanswered, which may search them all.",
		needsTravel, (*check).authorizationsBounds},
	{"authorizations/unanswered", "Unanswered bounds the list to those with a capture or refund that the payment provider has not answered.",
		needsTravel, (*check).authorizationsUnanswered},
	{"personal/erased", "ErasePersonal empties Personal of all entries and authorizations of a traveler (R44).",
		needsTravel, (*check).personalErased},
}

func (c *check) commandsInsert() {
	t := c.anyone()
	command, other := sampleCommand(c, t), c.anyone()
	insert := func(v travel.Command) error {
		return c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.InsertCommand(c.ctx, v) })
	}
	c.must("InsertCommand", insert(command))
	again := sampleCommand(c, t)
	again.Operation, again.Key = command.Operation, command.Key
	c.duplicate("InsertCommand with a key that is taken", insert(again))
	decided := sampleCommand(c, t)
	c.decide(t, travel.Change{Command: &decided})
	c.duplicate("InsertCommand with the key of a decision", insert(decided))

	operation, company := again, again
	operation.Operation = travel.OperationRelease
	company.Company = other.Company
	c.must("InsertCommand for another operation", insert(operation))
	c.must("InsertCommand of another company", insert(company))
	for _, want := range []travel.Command{command, decided, operation, company} {
		c.equal("command", c.command(want), &want)
	}
}

// commandsInsertAtOnce uses one key in updates and decisions.
func (c *check) commandsInsertAtOnce() {
	t := c.anyone()
	const rounds, goroutines = 15, 4
	for range rounds {
		command := sampleCommand(c, t)
		q := travel.Query{Company: t.Company, Traveler: t.ID, Operation: command.Operation, Key: command.Key}
		var inserted atomic.Int64
		c.together(goroutines, func(i int) error {
			saved := true
			var err error
			if i%2 == 0 {
				err = c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.InsertCommand(c.ctx, command) })
				if errors.Is(err, travel.ErrDuplicate) {
					saved, err = false, nil
				}
			} else {
				err = c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
					if saved = s.Earlier == nil; saved {
						return travel.Change{Command: &command}, nil
					}
					return travel.Change{}, nil
				})
			}
			if saved && err == nil {
				inserted.Add(1)
			}
			return err
		})
		if n := inserted.Load(); n != 1 {
			c.Fatalf("%d of %d requests with one key were new", n, goroutines)
		}
	}
}

// bought saves n authorizations of a traveler that owe nothing, and returns
// them newest first.
func (c *check) bought(t travel.Traveler, n int) []travel.Authorization {
	c.Helper()
	var list []travel.Authorization
	for range n {
		z := sampleAuthorization(c, t)
		z.Pending = nil
		for i := range z.Refunds {
			z.Refunds[i].State = travel.RefundDone
		}
		list = append([]travel.Authorization{z}, list...)
		c.decide(t, travel.Change{Authorization: &z})
	}
	return list
}

func (c *check) authorizationsList() {
	t := c.anyone()
	c.bought(c.traveler(t.Company), 2)
	want := c.bought(t, 5)
	pages(c, "authorizations", want, func(z travel.Authorization) travel.AuthorizationID { return z.ID },
		func(tx travel.Tx, before travel.AuthorizationID, limit int) ([]travel.Authorization, error) {
			return tx.Authorizations(c.ctx, travel.AuthorizationQuery{Company: t.Company, Traveler: t.ID, Before: before, Limit: limit})
		})
}

// listed checks which authorizations a query lists.
func (c *check) listed(what string, q travel.AuthorizationQuery, want ...travel.Authorization) {
	c.Helper()
	c.view(func(tx travel.Tx) error {
		list, err := tx.Authorizations(c.ctx, q)
		c.equal(what, list, want)
		return err
	})
}

func (c *check) authorizationsBounds() {
	t := c.anyone()
	colleague, stranger := c.traveler(t.Company), c.anyone()
	first := c.bought(t, 2)
	second := c.bought(colleague, 2)
	third := c.bought(t, 1)
	foreign := c.bought(stranger, 1)
	company := []travel.Authorization{third[0], second[0], second[1], first[0], first[1]}
	c.listed("authorizations of a company", travel.AuthorizationQuery{Company: t.Company}, company...)
	c.listed("the newest three of these", travel.AuthorizationQuery{Company: t.Company, Limit: 3}, company[:3]...)
	c.listed("those before the second", travel.AuthorizationQuery{Company: t.Company, Before: company[1].ID}, company[2:]...)
	c.listed("authorizations of a traveler", travel.AuthorizationQuery{Company: t.Company, Traveler: t.ID}, third[0], first[0], first[1])
	c.listed("authorizations of another company's traveler", travel.AuthorizationQuery{Company: t.Company, Traveler: stranger.ID})
	c.listed("authorizations of the other company", travel.AuthorizationQuery{Company: stranger.Company}, foreign...)
	err := c.Travel.View(c.ctx, func(tx travel.Tx) error {
		_, err := tx.Authorizations(c.ctx, travel.AuthorizationQuery{})
		return err
	})
	if err == nil {
		c.Errorf("the authorizations of all companies were listed")
	}
}

func (c *check) authorizationsUnanswered() {
	t, stranger := c.anyone(), c.anyone()
	c.bought(t, 2)
	capture, refund, foreign := c.bought(t, 1)[0], c.bought(t, 1)[0], c.bought(stranger, 1)[0]
	capture.Pending = &travel.PendingCapture{At: start, Amount: 1}
	refund.Refunds[1].State = travel.RefundPending
	foreign.Pending = capture.Pending
	c.decide(t, travel.Change{Authorization: &capture})
	c.decide(t, travel.Change{Authorization: &refund})
	c.decide(stranger, travel.Change{Authorization: &foreign})
	c.listed("unanswered of all companies", travel.AuthorizationQuery{Unanswered: true}, foreign, refund, capture)
	c.listed("the newest of these", travel.AuthorizationQuery{Unanswered: true, Limit: 1}, foreign)
	c.listed("unanswered of a company", travel.AuthorizationQuery{Company: t.Company, Unanswered: true}, refund, capture)
	c.listed("the one before", travel.AuthorizationQuery{Company: t.Company, Unanswered: true, Before: refund.ID}, capture)

	capture.Pending = nil
	c.decide(t, travel.Change{Authorization: &capture})
	refund.Refunds = nil
	c.update(func(tx travel.Tx) error { return tx.SaveAuthorization(c.ctx, refund) })
	c.listed("unanswered of a company after the answers", travel.AuthorizationQuery{Company: t.Company, Unanswered: true})
}

func (c *check) personalErased() {
	t := c.anyone()
	colleague := c.traveler(t.Company)
	var want []travel.Entry
	var authorizations []travel.Authorization
	for _, buyer := range []travel.Traveler{t, colleague} {
		z := sampleAuthorization(c, buyer)
		entries := []travel.Entry{sampleEntry(c, buyer), sampleEntry(c, buyer)}
		c.decide(buyer, travel.Change{Authorization: &z, Entries: entries})
		want = append(want, entries...)
		authorizations = append(authorizations, z)
	}
	c.update(func(tx travel.Tx) error { return tx.ErasePersonal(c.ctx, t.Company, t.ID) })
	want[0].Personal, want[1].Personal, authorizations[0].Personal = travel.Personal{}, travel.Personal{}, travel.Personal{}
	c.equal("entries", c.entries(travel.EntryQuery{Company: t.Company}), want)
	c.equal("authorization", c.state(t, authorizations[0]).Authorization, &authorizations[0])
	c.equal("a colleague's authorization", c.state(colleague, authorizations[1]).Authorization, &authorizations[1])
}
