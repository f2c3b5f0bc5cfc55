package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	loads = "It locks the traveler of q, loads what q asks for, calls decide, and saves what comes back, " +
		"all in one transaction."
	oneCommand = "Command is inserted under its company, operation and key. If there is one already, nothing of the " +
		"change is saved and the decision is run again, which will then see it: so they must be those of the query, " +
		"else nothing is saved and the error is [ErrConflict]."
)

var decideCases = []Case{
	{"decide/loads", loads, needsTravel, (*check).decideLoads},
	{"decide/saves", loads, needsTravel, (*check).decideSaves},
	{"decide/serial", "The decisions on one traveler happen one after the other, each on what the one before has saved;",
		needsTravel, (*check).decideSerial},
	{"decide/limit", "The decisions on one traveler happen one after the other, each on what the one before has saved;",
		needsTravel, (*check).decideLimit},
	{"decide/apart", "those on different travelers do not wait for each other, unless the database has one writer at a time.", needsTravel, (*check).decideApart},
	{"decide/error", "A decide that returns an error saves nothing, and Decide returns that error as it is.",
		needsTravel, (*check).decideError},
	{"decide/company-after-lock", "Company and Department are read after the lock is held.", needsTravel, (*check).decideCompany},
	{"decide/unknown", "An unknown company or traveler is [ErrNotFound], also when the traveler is another company's.",
		needsTravel, (*check).decideUnknown},
	{"decide/authorization", "An authorization that does not exist, or is not this traveler's, is a nil State.Authorization.",
		needsTravel, (*check).decideAuthorization},
	{"decide/earlier", "Operation and Key ask for the command saved under the key; no Key, no command.",
		needsTravel, (*check).decideEarlier},
	{"decide/leaves", "A nil or empty field leaves as it is.", needsTravel, (*check).decideLeaves},
	{"decide/expired", "Expired names authorizations of the traveler whose record becomes [credit.Expired].",
		needsTravel, (*check).decideExpired},
	{"decide/twins", oneCommand, needsTravel, (*check).decideTwins},
	{"decide/foreign-command", oneCommand, needsTravel, (*check).decideForeignCommand},
}

func (c *check) decideLoads() {
	company := c.company()
	d := c.department(company.ID)
	t := c.traveler(company.ID)
	t.Department, t.Credit = d.ID, sample[credit.Account](c)
	c.saveTraveler(t)
	z, command := sampleAuthorization(c, t), sampleCommand(c, t)
	c.decide(t, travel.Change{Authorization: &z, Command: &command})

	q := travel.Query{Company: t.Company, Traveler: t.ID, Operation: command.Operation, Key: command.Key, Authorization: z.ID}
	var seen travel.State
	c.must("Decide", c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
		seen = clone(s)
		return travel.Change{}, nil
	}))
	c.equal("State", seen, travel.State{Company: &company, Department: &d, Traveler: &t, Earlier: &command, Authorization: &z})
}

func (c *check) decideSaves() {
	t := c.anyone()
	t.Credit = sample[credit.Account](c)
	z, command := sampleAuthorization(c, t), sampleCommand(c, t)
	entries := []travel.Entry{sampleEntry(c, t), sampleEntry(c, t)}
	events := []travel.Event{sampleEvent(c, t), sampleEvent(c, t)}
	c.decide(t, travel.Change{Account: &t.Credit, Authorization: &z, Command: &command, Entries: entries, Events: events})
	c.equal("traveler", c.reload(t), t)
	c.equal("authorization", c.state(t, z).Authorization, &z)
	c.equal("command", c.command(command), &command)
	c.equal("entries", c.entries(travel.EntryQuery{Company: t.Company}), entries)
	c.equal("events", c.events(), events)

	again := sampleAuthorization(c, t)
	again.ID = z.ID
	c.decide(t, travel.Change{Authorization: &again})
	c.equal("authorization that replaces one", c.state(t, z).Authorization, &again)
}

func (c *check) decideSerial() {
	t := c.anyone()
	const goroutines, each = 8, 20
	c.together(goroutines, func(int) error {
		for range each {
			if err := c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, raised); err != nil {
				return err
			}
		}
		return nil
	})
	t.Credit.Limit += goroutines * each
	c.equal("traveler", c.reload(t), t)
}

// decideLimit spends a limit from many goroutines, decided by the rules.
func (c *check) decideLimit() {
	t := c.anyone()
	rules := credit.Rules{Zone: time.UTC}
	const goroutines, each, price = 8, 20, 7_00
	var approved atomic.Int64
	c.together(goroutines, func(int) error {
		for range each {
			id := c.ids.New()
			var decline *credit.Decline
			err := c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, func(s travel.State) (travel.Change, error) {
				var z travel.Authorization
				var account credit.Account
				account, z.Authorization, decline = rules.Authorize(s.Traveler.Credit, credit.Request{
					ID: id, Amount: price, At: start, ExpiresAt: start.Add(time.Hour),
				})
				if decline != nil {
					return travel.Change{}, nil
				}
				z.Company, z.Traveler = t.Company, t.ID
				return travel.Change{Account: &account, Authorization: &z}, nil
			})
			if err != nil {
				return err
			}
			if decline == nil {
				approved.Add(1)
			}
		}
		return nil
	})
	most := int64(t.Credit.Limit / price)
	balance := rules.Balance(c.reload(t).Credit, start)
	if approved.Load() != most || balance.Reserved != credit.Amount(most*price) {
		c.Errorf("of a limit of %s, %d times %s were approved and %s is reserved, want %d times",
			t.Credit.Limit, approved.Load(), credit.Amount(price), balance.Reserved, most)
	}
	c.view(func(tx travel.Tx) error {
		list, err := tx.Authorizations(c.ctx, travel.AuthorizationQuery{Company: t.Company, Traveler: t.ID})
		if int64(len(list)) != most {
			c.Errorf("%d authorizations are stored, want %d", len(list), most)
		}
		return err
	})
}

// decideApart holds one traveler in an update and decides on another.
func (c *check) decideApart() {
	t := c.anyone()
	other := c.traveler(t.Company)
	decide := func() error {
		return c.Travel.Decide(c.ctx, travel.Query{Company: other.Company, Traveler: other.ID}, raised)
	}
	c.soon("Update that holds one traveler", func() error {
		return c.Travel.Update(c.ctx, func(tx travel.Tx) error {
			if _, err := tx.Traveler(c.ctx, t.Company, t.ID); err != nil || c.o.OneWriter {
				return err
			}
			return c.within("Decide on another traveler meanwhile", decide)
		})
	})
	if c.o.OneWriter {
		c.soon("Decide on another traveler after that", decide)
	}
	other.Credit.Limit++
	c.equal("traveler", c.reload(other), other)
}

func (c *check) decideError() {
	t := c.anyone()
	z, command := sampleAuthorization(c, t), sampleCommand(c, t)
	q := travel.Query{Company: t.Company, Traveler: t.ID, Operation: command.Operation, Key: command.Key}
	err := c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
		account := s.Traveler.Credit
		account.Limit++
		return travel.Change{
			Account: &account, Authorization: &z, Command: &command,
			Entries: []travel.Entry{sampleEntry(c, t)}, Events: []travel.Event{sampleEvent(c, t)},
		}, errRollback
	})
	if err != errRollback { //nolint:errorlint // "as it is"
		c.Errorf("the error is %v, want exactly that of decide", err)
	}
	c.untouched(t, z, command)
}

// untouched checks that nothing was saved of a change.
func (c *check) untouched(t travel.Traveler, z travel.Authorization, command travel.Command) {
	c.Helper()
	c.equal("traveler", c.reload(t), t)
	if got := c.state(t, z).Authorization; got != nil {
		c.Errorf("the authorization was saved")
	}
	if got := c.command(command); got != nil {
		c.Errorf("the command was saved")
	}
	if got := c.entries(travel.EntryQuery{Company: t.Company}); len(got) > 0 {
		c.Errorf("%d entries were saved", len(got))
	}
	if got := c.events(); len(got) > 0 {
		c.Errorf("%d events were saved", len(got))
	}
}

// decideCompany changes company, department and traveler together, again and
// again, while decisions look at all three.
func (c *check) decideCompany() {
	company := c.company()
	d := c.department(company.ID)
	t := c.traveler(company.ID)
	t.Department = d.ID
	set := func(n int) error {
		return c.Travel.Update(c.ctx, func(tx travel.Tx) error {
			locked, err := tx.Traveler(c.ctx, t.Company, t.ID)
			if err != nil {
				return err
			}
			company.Ceiling, locked.Credit.Limit, locked.Department = credit.Amount(n), credit.Amount(n), d.ID
			d.Name = fmt.Sprint(n)
			return errors.Join(tx.SaveCompany(c.ctx, company), tx.SaveDepartment(c.ctx, d), tx.SaveTraveler(c.ctx, locked))
		})
	}
	const looks = 100
	var torn atomic.Pointer[travel.State]
	c.against(set, 3, func(int) error {
		for range looks {
			err := c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, func(s travel.State) (travel.Change, error) {
				if s.Company.Ceiling != s.Traveler.Credit.Limit || s.Department.Name != fmt.Sprint(int(s.Traveler.Credit.Limit)) {
					seen := clone(s)
					torn.Store(&seen)
				}
				return travel.Change{}, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if s := torn.Load(); s != nil {
		c.Errorf("a decision saw the traveler of change %s with the company of %s and the department of %s",
			s.Traveler.Credit.Limit, s.Company.Ceiling, s.Department.Name)
	}
}

func (c *check) decideUnknown() {
	t := c.anyone()
	other := c.anyone()
	for what, q := range map[string]travel.Query{
		"unknown company":            {Company: travel.CompanyID{1}, Traveler: t.ID},
		"unknown traveler":           {Company: t.Company, Traveler: travel.TravelerID{1}},
		"another company's traveler": {Company: other.Company, Traveler: t.ID},
	} {
		err := c.Travel.Decide(c.ctx, q, raised)
		c.fails(what, err, travel.ErrNotFound)
	}
	c.equal("traveler", c.reload(t), t)
}

func (c *check) decideAuthorization() {
	t := c.anyone()
	z := sampleAuthorization(c, t)
	c.decide(t, travel.Change{Authorization: &z})
	unknown := z
	unknown.ID = c.ids.New()
	if s := c.state(t, unknown); s.Authorization != nil {
		c.Errorf("an authorization that does not exist was given")
	}
	if s := c.state(c.traveler(t.Company), z); s.Authorization != nil {
		c.Errorf("the authorization of another traveler of the company was given")
	}
	if s := c.state(c.anyone(), z); s.Authorization != nil {
		c.Errorf("the authorization of another company's traveler was given")
	}
}

func (c *check) decideEarlier() {
	t := c.anyone()
	command := sampleCommand(c, t)
	c.decide(t, travel.Change{Command: &command})
	other := c.anyone()
	own := travel.Query{Company: t.Company, Traveler: t.ID, Operation: command.Operation, Key: command.Key}
	colleague, keyless, operation, key, foreign := own, own, own, own, own
	colleague.Traveler = c.traveler(t.Company).ID
	keyless.Key = ""
	operation.Operation = travel.OperationRelease
	key.Key += "x"
	foreign.Company, foreign.Traveler = other.Company, other.ID
	for what, look := range map[string]struct {
		q    travel.Query
		want *travel.Command
	}{
		"the same key": {own, &command}, "another traveler's query": {colleague, &command}, "no key": {keyless, nil},
		"another operation": {operation, nil}, "another key": {key, nil}, "another company": {foreign, nil},
	} {
		var seen *travel.Command
		c.must("Decide", c.Travel.Decide(c.ctx, look.q, func(s travel.State) (travel.Change, error) {
			seen = s.Earlier
			return travel.Change{}, nil
		}))
		c.equal("Earlier for "+what, seen, look.want)
	}
}

func (c *check) decideLeaves() {
	t := c.anyone()
	z, command := sampleAuthorization(c, t), sampleCommand(c, t)
	entries := []travel.Entry{sampleEntry(c, t)}
	c.decide(t, travel.Change{Account: &t.Credit, Authorization: &z, Command: &command, Entries: entries})
	c.decide(t, travel.Change{})
	c.equal("traveler", c.reload(t), t)
	c.equal("authorization", c.state(t, z).Authorization, &z)
	c.equal("command", c.command(command), &command)
	c.equal("entries", c.entries(travel.EntryQuery{Company: t.Company}), entries)
}

func (c *check) decideExpired() {
	t := c.anyone()
	var saved []travel.Authorization
	for range 3 {
		z := sampleAuthorization(c, t)
		c.decide(t, travel.Change{Authorization: &z})
		saved = append(saved, z)
	}
	c.decide(t, travel.Change{Expired: []travel.AuthorizationID{saved[0].ID, saved[2].ID}})
	for i, want := range saved {
		if i != 1 {
			want.State = credit.Expired
		}
		c.equal(fmt.Sprintf("authorization %d", i), c.state(t, want).Authorization, &want)
	}
}

// decideTwins sends the same key for several travelers of a company at once.
func (c *check) decideTwins() {
	company := c.company()
	var travelers []travel.Traveler
	for range 4 {
		travelers = append(travelers, c.traveler(company.ID))
	}
	const rounds = 25
	for range rounds {
		command := sampleCommand(c, travelers[0])
		var fresh, replayed atomic.Int64
		c.together(2*len(travelers), func(i int) error {
			t := travelers[i/2]
			own := command
			own.Answer.Traveler = t.ID
			var earlier *travel.Command
			q := travel.Query{Company: t.Company, Traveler: t.ID, Operation: command.Operation, Key: command.Key}
			err := c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
				if earlier = s.Earlier; earlier != nil {
					return travel.Change{}, nil
				}
				account := s.Traveler.Credit
				account.Limit++
				e := travel.Event{
					ID: c.ids.New(), Type: travel.EventPurchaseAuthorized, At: start, Company: t.Company, Traveler: t.ID,
				}
				return travel.Change{Account: &account, Command: &own, Events: []travel.Event{e}}, nil
			})
			if earlier == nil {
				fresh.Add(1)
			} else {
				replayed.Add(1)
			}
			return err
		})
		if fresh.Load() != 1 {
			c.Fatalf("of %d requests with one key %d were new and %d saw the command", 2*len(travelers), fresh.Load(), replayed.Load())
		}
	}
	var raisedBy credit.Amount
	for _, t := range travelers {
		raisedBy += c.reload(t).Credit.Limit - t.Credit.Limit
	}
	if n := len(c.events()); n != rounds || raisedBy != rounds {
		c.Errorf("%d keys had %d events and changed the travelers %d times", rounds, n, raisedBy)
	}
}

func (c *check) decideForeignCommand() {
	t := c.anyone()
	command := sampleCommand(c, t)
	q := travel.Query{Company: t.Company, Traveler: t.ID, Operation: command.Operation, Key: command.Key}
	for what, change := range map[string]func(*travel.Command){
		"company":   func(v *travel.Command) { v.Company = c.ids.New() },
		"operation": func(v *travel.Command) { v.Operation = travel.OperationRefund },
		"key":       func(v *travel.Command) { v.Key += "x" },
	} {
		other := command
		change(&other)
		err := c.Travel.Decide(c.ctx, q, func(s travel.State) (travel.Change, error) {
			if s.Earlier != nil {
				return travel.Change{}, nil
			}
			account := s.Traveler.Credit
			account.Limit++
			return travel.Change{Account: &account, Command: &other}, nil
		})
		c.fails("a command with another "+what, err, travel.ErrConflict)
		if c.command(other) != nil {
			c.Errorf("a command with another %s was saved", what)
		}
	}
	c.equal("traveler", c.reload(t), t)
}
