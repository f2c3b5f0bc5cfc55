package sqlstore

import (
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// group is what the decisions of one transaction are made on, and what they
// have decided so far.
type group struct {
	s        *Store
	requests []*request

	travelers      map[travelerKey]*seat
	companies      map[travel.CompanyID]*travel.Company
	departments    map[departmentKey]*travel.Department
	commands       map[commandKey]*travel.Command
	authorizations map[authorizationKey]*travel.Authorization

	// Decided, in the order of the decisions.
	changed    []*seat
	authorized []authorizationKey
	inserted   []*travel.Command
	entries    []travel.Entry
	events     []travel.Event
	expired    []expiredKey
}

type travelerKey struct {
	company  travel.CompanyID
	traveler travel.TravelerID
}

func (k travelerKey) compare(other travelerKey) int {
	if c := k.company.Compare(other.company); c != 0 {
		return c
	}
	return k.traveler.Compare(other.traveler)
}

type departmentKey struct {
	company    travel.CompanyID
	department travel.DepartmentID
}

type commandKey struct {
	company   travel.CompanyID
	operation travel.Operation
	key       string
}

type authorizationKey struct {
	company travel.CompanyID
	id      travel.AuthorizationID
}

type expiredKey struct {
	travelerKey
	id travel.AuthorizationID
}

// seat is a traveler with the account as the decisions leave it.
type seat struct {
	travel.Traveler
	changed bool
}

func (s *Store) newGroup(requests []*request) *group {
	return &group{
		s: s, requests: requests,
		travelers:      map[travelerKey]*seat{},
		companies:      map[travel.CompanyID]*travel.Company{},
		departments:    map[departmentKey]*travel.Department{},
		commands:       map[commandKey]*travel.Command{},
		authorizations: map[authorizationKey]*travel.Authorization{},
	}
}

// load returns the statements that lock the travelers, in the order of their
// keys so that no two groups wait for each other, and then read what the
// decisions are made on.
func (g *group) load() []Statement {
	d := g.s.dialect
	travelers, companies, commands, authorizations := g.keys()
	locked := "company = $1 AND id = $2"
	if d == Postgres {
		locked += " FOR UPDATE"
	}
	return slices.Concat(
		lookup(d, travelers, "traveler", locked, travelerColumns, func(t travel.Traveler) {
			g.travelers[travelerKey{t.Company, t.ID}] = &seat{Traveler: t}
		}),
		lookup(d, companies, "company", "id = $1", companyColumns, func(c travel.Company) { g.companies[c.ID] = &c }),
		lookup(d, travelers, "department",
			"company = $1 AND id = (SELECT department FROM {traveler} WHERE company = $1 AND id = $2)", departmentColumns,
			func(v travel.Department) { g.departments[departmentKey{v.Company, v.ID}] = &v }),
		lookup(d, commands, "command", "company = $1 AND operation = $2 AND key = $3", commandColumns, func(c travel.Command) {
			g.commands[commandKey{c.Company, c.Operation, c.Key}] = &c
		}),
		lookup(d, authorizations, "authorization", "company = $1 AND id = $2", authorizationColumns, func(z travel.Authorization) {
			g.authorizations[authorizationKey{z.Company, z.ID}] = &z
		}),
	)
}

// keys returns what the requests ask for, each key once.
func (g *group) keys() (travelers, companies, commands, authorizations [][]column) {
	var order []*travel.Query
	seen := map[any]bool{}
	once := func(key any) bool {
		again := seen[key]
		seen[key] = true
		return !again
	}
	for _, r := range g.requests {
		q := &r.query
		if once(travelerKey{q.Company, q.Traveler}) {
			order = append(order, q)
		}
		if once(q.Company) {
			companies = append(companies, []column{uuid("id", &q.Company)})
		}
		if q.Key != "" && once(commandKey{q.Company, q.Operation, q.Key}) {
			commands = append(commands, []column{uuid("company", &q.Company), text("operation", &q.Operation), text("key", &q.Key)})
		}
		if !q.Authorization.IsZero() && once(authorizationKey{q.Company, q.Authorization}) {
			authorizations = append(authorizations, []column{uuid("company", &q.Company), uuid("id", &q.Authorization)})
		}
	}
	slices.SortFunc(order, func(a, b *travel.Query) int {
		return travelerKey{a.Company, a.Traveler}.compare(travelerKey{b.Company, b.Traveler})
	})
	for _, q := range order {
		travelers = append(travelers, []column{uuid("company", &q.Company), uuid("id", &q.Traveler)})
	}
	return travelers, companies, commands, authorizations
}

// state returns what a decision is made on.
func (g *group) state(q travel.Query) (travel.State, error) {
	seat, company := g.travelers[travelerKey{q.Company, q.Traveler}], g.companies[q.Company]
	if seat == nil || company == nil {
		return travel.State{}, notFound("traveler", q.Traveler)
	}
	state := travel.State{Company: company, Traveler: &seat.Traveler}
	if !seat.Department.IsZero() {
		state.Department = g.departments[departmentKey{q.Company, seat.Department}]
	}
	if q.Key != "" {
		state.Earlier = g.commands[commandKey{q.Company, q.Operation, q.Key}]
	}
	if z := g.authorizations[authorizationKey{q.Company, q.Authorization}]; z != nil && z.Traveler == q.Traveler {
		state.Authorization = z
	}
	return state, nil
}

// apply keeps a change for the decisions that follow, and to be saved.
func (g *group) apply(q travel.Query, c *travel.Change) error {
	if c.Command != nil {
		k := commandKey{c.Command.Company, c.Command.Operation, c.Command.Key}
		if k != (commandKey{q.Company, q.Operation, q.Key}) {
			return errCommand
		}
		g.commands[k] = c.Command
		g.inserted = append(g.inserted, c.Command)
	}
	if c.Account != nil {
		seat := g.travelers[travelerKey{q.Company, q.Traveler}]
		seat.Credit = *c.Account
		if !seat.changed {
			seat.changed = true
			g.changed = append(g.changed, seat)
		}
	}
	for _, id := range c.Expired {
		k := authorizationKey{q.Company, id}
		if z := g.authorizations[k]; z != nil && z.Traveler == q.Traveler {
			expired := *z
			expired.State = credit.Expired
			g.authorizations[k] = &expired
		}
		g.expired = append(g.expired, expiredKey{travelerKey{q.Company, q.Traveler}, id})
	}
	if c.Authorization != nil {
		k := authorizationKey{c.Authorization.Company, c.Authorization.ID}
		g.authorizations[k] = c.Authorization
		if !slices.Contains(g.authorized, k) {
			g.authorized = append(g.authorized, k)
		}
	}
	g.entries = append(g.entries, c.Entries...)
	g.events = append(g.events, c.Events...)
	return nil
}

// save returns the statements that write what was decided.
func (g *group) save() []Statement {
	d := g.s.dialect
	var accounts, authorizations, entries, commands, events [][]column
	slices.SortFunc(g.changed, func(a, b *seat) int {
		return travelerKey{a.Company, a.ID}.compare(travelerKey{b.Company, b.ID})
	})
	for _, seat := range g.changed {
		accounts = append(accounts, append([]column{uuid("company", &seat.Company), uuid("id", &seat.ID)}, accountColumns(&seat.Credit)...))
	}
	for _, k := range g.authorized {
		authorizations = append(authorizations, authorizationColumns(g.authorizations[k]))
	}
	for i := range g.entries {
		entries = append(entries, entryColumns(&g.entries[i]))
	}
	for _, c := range g.inserted {
		commands = append(commands, commandColumns(c))
	}
	for i := range g.events {
		events = append(events, eventColumns(&g.events[i]))
	}
	return slices.Concat(
		updateMany(d, "traveler", 2, accounts),
		g.expire(),
		insertMany(d, "authorization", 2, authorizations),
		insertMany(d, "entry", 0, entries),
		insertMany(d, "command", 0, commands),
		insertMany(d, "event", 0, events),
	)
}

// expire marks authorizations as expired. It stands before those that were
// saved whole, which have the state that they ended with.
func (g *group) expire() []Statement {
	var rows [][]column
	state := credit.Expired
	for i := range g.expired {
		k := &g.expired[i]
		rows = append(rows, []column{uuid("company", &k.company), uuid("id", &k.id), uuid("traveler", &k.traveler), stateOf("state", &state)})
	}
	return updateMany(g.s.dialect, "authorization", 3, rows)
}
