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
	uniqueNumber = "A number or employee number that another traveler of the company has is a [*DuplicateError], " +
		"and nothing of this call is saved."
	whenSet = "Number and employee number are unique in the company when they are set."
	fenced  = "FenceTravelers sets [credit.Account.ClosedThrough] of every traveler of the company to a month, unless it is " +
		"later already, and locks them until the end: decisions that have begun are over, those that follow see it."
)

var travelerCases = []Case{
	{"travelers/unique", uniqueNumber, needsTravel, (*check).travelersUnique},
	{"travelers/unique-when-set", whenSet, needsTravel, (*check).travelersUniqueWhenSet},
	{"travelers/unique-at-once", uniqueNumber, needsTravel, (*check).travelersUniqueAtOnce},
	{"travelers/list", "Travelers lists up to limit travelers after an id, without locking them.", needsTravel, (*check).travelersList},
	{"travelers/company", "Company bounds the list to one company; zero is an error but for DeadlineBefore, which may search them all.",
		needsTravel, (*check).travelersCompany},
	{"travelers/department", "Department bounds the list to one department.", needsTravel, (*check).travelersDepartment},
	{"travelers/open", "Open bounds the list to those with an open reservation.", needsTravel, (*check).travelersOpen},
	{"travelers/deadline", "DeadlineBefore bounds the list to those with a reservation whose deadline is at or before an instant; " +
		"one that is being captured has none ([credit.Account.NextDeadline]).", needsTravel, (*check).travelersDeadline},
	{"travelers/by-number", "TravelersByNumber lists the travelers of all companies that have a number (R08).", needsTravel, (*check).travelersByNumber},
	{"travelers/fence", fenced, needsTravel, (*check).travelersFence},
	{"travelers/fence-in-flight", fenced, needsTravel, (*check).travelersFenceInFlight},
	{"credentials/insert", "InsertCredential adds a credential; a username that was ever used is a [*DuplicateError].",
		needsTravel, (*check).credentialsInsert},
}

func (c *check) travelersUnique() {
	t := c.anyone()
	taken := c.traveler(t.Company)
	for field, change := range map[string]func(*travel.Traveler){
		"Number":         func(t *travel.Traveler) { t.Number = taken.Number },
		"EmployeeNumber": func(t *travel.Traveler) { t.EmployeeNumber = taken.EmployeeNumber },
	} {
		renamed, fresh := t, sample[travel.Traveler](c)
		fresh.Company = t.Company
		renamed.FirstName = "Renamed"
		change(&renamed)
		change(&fresh)
		for what, v := range map[string]travel.Traveler{"inserting": fresh, "replacing": renamed} {
			err := c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.SaveTraveler(c.ctx, v) })
			c.duplicate(what+" with a "+field+" that is taken", err)
			var d *travel.DuplicateError
			if errors.As(err, &d) && d.Field != field {
				c.Errorf("the error names %s, want %s", d.Field, field)
			}
		}
		c.equal("traveler", c.reload(t), t)
	}
	c.equal("traveler", c.reload(taken), taken)
}

func (c *check) travelersUniqueWhenSet() {
	t := c.anyone()
	nameless := func(company travel.CompanyID) travel.Traveler {
		v := c.traveler(company)
		v.Number, v.EmployeeNumber = travel.PhoneNumber{}, ""
		return v
	}
	c.saveTraveler(nameless(t.Company))
	c.saveTraveler(nameless(t.Company))
	elsewhere := c.anyone()
	elsewhere.Number, elsewhere.EmployeeNumber = t.Number, t.EmployeeNumber
	c.saveTraveler(elsewhere)
	c.saveTraveler(t)

	heir := c.traveler(t.Company)
	heir.Number, heir.EmployeeNumber = t.Number, t.EmployeeNumber
	t.Number, t.EmployeeNumber = c.number(999_999), "free again"
	c.update(func(tx travel.Tx) error {
		return errors.Join(tx.SaveTraveler(c.ctx, t), tx.SaveTraveler(c.ctx, heir))
	})
	c.equal("traveler who took over a number", c.reload(heir), heir)
}

func (c *check) travelersUniqueAtOnce() {
	company := c.company().ID
	const rounds, goroutines = 10, 4
	for range rounds {
		var travelers [goroutines]travel.Traveler
		number := sample[travel.Traveler](c).Number
		for i := range travelers {
			travelers[i] = sample[travel.Traveler](c)
			travelers[i].Company, travelers[i].Number = company, number
		}
		var saved atomic.Int64
		c.together(goroutines, func(i int) error {
			err := c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.SaveTraveler(c.ctx, travelers[i]) })
			if errors.Is(err, travel.ErrDuplicate) {
				return nil
			}
			saved.Add(1)
			return err
		})
		if n := saved.Load(); n != 1 {
			c.Fatalf("%d of %d travelers with one number were saved", n, goroutines)
		}
	}
}

func (c *check) travelersList() {
	company := c.company().ID
	c.anyone()
	var want []travel.Traveler
	for range 5 {
		v := sample[travel.Traveler](c)
		v.Company = company
		want = append(want, v)
	}
	for i := range want {
		c.saveTraveler(want[len(want)-1-i])
	}
	pages(c, "travelers", want, func(t travel.Traveler) travel.TravelerID { return t.ID },
		func(tx travel.Tx, after travel.TravelerID, limit int) ([]travel.Traveler, error) {
			return tx.Travelers(c.ctx, travel.TravelerQuery{Company: company, After: after, Limit: limit})
		})
}

// found checks whom a query lists.
func (c *check) found(what string, q travel.TravelerQuery, want ...travel.Traveler) {
	c.Helper()
	c.view(func(tx travel.Tx) error {
		list, err := tx.Travelers(c.ctx, q)
		c.equal(what, list, want)
		return err
	})
}

func (c *check) travelersCompany() {
	t, other := c.anyone(), c.anyone()
	for _, v := range []*travel.Traveler{&t, &other} {
		v.Credit.Open = []credit.Reservation{{ID: c.ids.New(), Month: 24000, Amount: 1, ExpiresAt: start}}
		c.reserve(*v, v.Credit)
	}
	c.found("travelers of a company", travel.TravelerQuery{Company: t.Company}, t)
	c.found("travelers of an unknown company", travel.TravelerQuery{Company: c.ids.New()})
	c.found("travelers of any company with a deadline", travel.TravelerQuery{DeadlineBefore: start}, t, other)
	c.found("of these, those after the first", travel.TravelerQuery{DeadlineBefore: start, After: t.ID}, other)
	c.found("of these, the first one", travel.TravelerQuery{DeadlineBefore: start, Limit: 1}, t)
	err := c.Travel.View(c.ctx, func(tx travel.Tx) error {
		_, err := tx.Travelers(c.ctx, travel.TravelerQuery{Open: true})
		return err
	})
	if err == nil {
		c.Errorf("the travelers of all companies were listed")
	}
}

func (c *check) travelersDepartment() {
	t := c.anyone()
	inside := c.traveler(t.Company)
	inside.Department = c.department(t.Company).ID
	c.saveTraveler(inside)
	c.found("travelers of a department", travel.TravelerQuery{Company: t.Company, Department: inside.Department}, inside)
	moved := inside
	moved.Department = c.department(t.Company).ID
	c.saveTraveler(moved)
	c.found("travelers of the former department", travel.TravelerQuery{Company: t.Company, Department: inside.Department})
	c.found("travelers of the new department", travel.TravelerQuery{Company: t.Company, Department: moved.Department}, moved)
}

func (c *check) travelersOpen() {
	t := c.anyone()
	open := c.traveler(t.Company)
	reserved := open
	reserved.Credit.Open = []credit.Reservation{{ID: c.ids.New(), Month: 24000, Amount: 1, ExpiresAt: start}}
	c.decide(open, travel.Change{Account: &reserved.Credit})
	c.found("travelers with a reservation", travel.TravelerQuery{Company: t.Company, Open: true}, reserved)
	c.decide(open, travel.Change{Account: &open.Credit})
	c.found("travelers with a reservation after it was captured", travel.TravelerQuery{Company: t.Company, Open: true})
}

func (c *check) travelersDeadline() {
	company := c.company().ID
	var late travel.Traveler
	for i, open := range [][]credit.Reservation{
		{{ID: c.ids.New(), Month: 24000, Amount: 1, ExpiresAt: start.Add(time.Microsecond)}},
		{{ID: c.ids.New(), Month: 24000, Amount: 1, ExpiresAt: start.Add(time.Hour)}, {ID: c.ids.New(), Month: 24000, Amount: 1, ExpiresAt: start}},
		{{ID: c.ids.New(), Month: 24000, Amount: 1, ExpiresAt: start.Add(-time.Hour), Capturing: true}},
		nil,
	} {
		t := c.traveler(company)
		reserved := t
		reserved.Credit.Open = open
		c.reserve(t, reserved.Credit)
		if i == 1 {
			late = reserved
		}
	}
	c.found("travelers with a deadline at the instant", travel.TravelerQuery{Company: company, DeadlineBefore: start}, late)
	c.found("travelers with a deadline before it", travel.TravelerQuery{Company: company, DeadlineBefore: start.Add(-time.Microsecond)})
}

// reserve saves an account, and its reservations as authorizations.
func (c *check) reserve(t travel.Traveler, account credit.Account) {
	c.Helper()
	c.decide(t, travel.Change{Account: &account})
	for _, r := range account.Open {
		z := sampleAuthorization(c, t)
		z.ID, z.State, z.Amount, z.ExpiresAt = r.ID, credit.Pending, r.Amount, r.ExpiresAt
		if r.Capturing {
			z.State = credit.Capturing
		}
		c.decide(t, travel.Change{Authorization: &z})
	}
}

func (c *check) travelersByNumber() {
	t, other := c.anyone(), c.anyone()
	c.traveler(t.Company)
	other.Number = t.Number
	c.saveTraveler(other)
	by := func(what string, n travel.PhoneNumber, want ...travel.Traveler) {
		c.view(func(tx travel.Tx) error {
			list, err := tx.TravelersByNumber(c.ctx, n)
			c.equal(what, list, want)
			return err
		})
	}
	by("travelers with a number", t.Number, t, other)
	moved := other
	moved.Number = c.number(999_998)
	c.saveTraveler(moved)
	by("travelers with a number after one has changed it", t.Number, t)
	by("travelers with the new number", moved.Number, moved)
	by("travelers with a number of nobody", c.number(999_997))
}

func (c *check) travelersFence() {
	t := c.anyone()
	early, later, foreign := c.traveler(t.Company), c.traveler(t.Company), c.anyone()
	month := credit.NewMonth(2026, time.March)
	early.Credit.ClosedThrough, later.Credit.ClosedThrough = month-1, month+1
	c.saveTraveler(early)
	c.saveTraveler(later)
	c.update(func(tx travel.Tx) error { return tx.FenceTravelers(c.ctx, t.Company, month) })
	t.Credit.ClosedThrough, early.Credit.ClosedThrough = month, month
	for what, want := range map[string]travel.Traveler{
		"traveler": t, "traveler fenced to a month before": early, "traveler fenced beyond": later, "another company's traveler": foreign,
	} {
		c.equal(what, c.reload(want), want)
	}
	if got := c.state(t, travel.Authorization{}).Traveler.Credit.ClosedThrough; got != month {
		c.Errorf("a decision that follows sees %s, want %s", got, month)
	}
}

// travelersFenceInFlight closes month after month while decisions enter them.
func (c *check) travelersFenceInFlight() {
	t := c.anyone()
	travelers := []travel.Traveler{t, c.traveler(t.Company)}
	template := sampleEntry(c, t)
	const months = 5
	inMonth := func(m credit.Month) int { return len(c.entries(travel.EntryQuery{Company: t.Company, Billing: m})) }
	for m := credit.Month(24000); m < 24000+months; m++ {
		atFence := 0
		entered := make(chan struct{}, 1)
		var fenced atomic.Bool
		c.together(1+2*len(travelers), func(i int) error {
			if i == 0 {
				select {
				case <-entered:
				case <-c.ctx.Done():
				}
				err := c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.FenceTravelers(c.ctx, t.Company, m) })
				atFence = inMonth(m)
				fenced.Store(true)
				return err
			}
			for {
				follows := fenced.Load()
				sees, err := c.enter(travelers[i%len(travelers)], m, template)
				if err == nil && follows && !sees {
					err = fmt.Errorf("a decision that follows the fence does not see it")
				}
				if err != nil || sees {
					return err
				}
				select {
				case entered <- struct{}{}:
				default:
				}
			}
		})
		if after := inMonth(m); after != atFence {
			c.Errorf("month %s had %d entries when it was fenced, and then %d", m, atFence, after)
		}
	}
}

// enter appends an entry to a month unless the decision sees that it is fenced.
func (c *check) enter(t travel.Traveler, m credit.Month, e travel.Entry) (fenced bool, err error) {
	e.ID, e.Traveler, e.Month, e.Billing = c.ids.New(), t.ID, m, m
	err = c.Travel.Decide(c.ctx, travel.Query{Company: t.Company, Traveler: t.ID}, func(s travel.State) (travel.Change, error) {
		if fenced = s.Traveler.Credit.ClosedThrough >= m; fenced {
			return travel.Change{}, nil
		}
		return travel.Change{Entries: []travel.Entry{e}}, nil
	})
	return fenced, err
}

func (c *check) credentialsInsert() {
	v := sample[travel.Credential](c)
	insert := func(v travel.Credential) error {
		return c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.InsertCredential(c.ctx, v) })
	}
	c.must("InsertCredential", insert(v))
	again := sample[travel.Credential](c)
	again.Username = v.Username
	c.duplicate("InsertCredential of a username that is taken", insert(again))
	v.State = travel.CredentialVoid
	c.update(func(tx travel.Tx) error { return tx.SaveCredential(c.ctx, v) })
	c.duplicate("InsertCredential of a username that is void", insert(again))
	c.view(func(tx travel.Tx) error {
		got, err := tx.Credential(c.ctx, v.Username)
		c.equal("credential", got, v)
		return err
	})
}
