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
	// known are the authorizations that were read: others are new, but for a
	// caller's that replaces one unseen. Inserting that fails, and again is set.
	known map[travel.AuthorizationID]bool
	again bool

	// Decided, in the order of the decisions.
	changed    []*seat
	authorized []authorizationKey
	inserted   []*travel.Command
	entries    []*travel.Entry
	events     []*travel.Event
	expired    []*expired
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

// seat is a traveler with the account as the decisions leave it.
type seat struct {
	travel.Traveler
	before  credit.Account
	changed bool
}

// newGroup returns a group; again says that saving one has failed before.
func (s *Store) newGroup(requests []*request, again bool) *group {
	return &group{
		s: s, requests: requests, again: again,
		known:          map[travel.AuthorizationID]bool{},
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
	d, bulk := g.s.dialect, g.s.bulk
	travelers, companies, commands, authorizations := g.keys()
	return slices.Concat(
		bulk.travelers.statements(d, travelers, func(t travel.Traveler) {
			g.travelers[travelerKey{t.Company, t.ID}] = &seat{Traveler: t, before: t.Credit}
		}),
		bulk.companies.statements(d, companies, func(c travel.Company) { g.companies[c.ID] = &c }),
		bulk.commands.statements(d, commands, func(c travel.Command) {
			g.commands[commandKey{c.Company, c.Operation, c.Key}] = &c
		}),
		bulk.authorizations.statements(d, authorizations, func(z travel.Authorization) {
			g.authorizations[authorizationKey{z.Company, z.ID}] = &z
			g.known[z.ID] = true
		}),
	)
}

// loadDepartments returns the statements that read the departments of the
// travelers, who have been read before.
func (g *group) loadDepartments() []Statement {
	var keys [][]column
	for _, t := range g.travelers {
		k := departmentKey{t.Company, t.Department}
		if _, again := g.departments[k]; again || t.Department.IsZero() {
			continue
		}
		g.departments[k] = nil
		keys = append(keys, []column{uuid("company", &k.company), uuid("id", &k.department)})
	}
	return g.s.bulk.departments.statements(g.s.dialect, keys, func(v travel.Department) {
		g.departments[departmentKey{v.Company, v.ID}] = &v
	})
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
			ended := *z
			ended.State = credit.Expired
			g.authorizations[k] = &ended
		}
		g.expired = append(g.expired, &expired{travelerKey{q.Company, q.Traveler}, id, credit.Expired})
	}
	if c.Authorization != nil {
		k := authorizationKey{c.Authorization.Company, c.Authorization.ID}
		g.authorizations[k] = c.Authorization
		if !slices.Contains(g.authorized, k) {
			g.authorized = append(g.authorized, k)
		}
	}
	for i := range c.Entries {
		g.entries = append(g.entries, &c.Entries[i])
	}
	for i := range c.Events {
		g.events = append(g.events, &c.Events[i])
	}
	return nil
}

// save returns the statements that write what was decided.
func (g *group) save() []Statement {
	d, bulk := g.s.dialect, g.s.bulk
	var spent, changed []*travel.Traveler
	for _, seat := range g.changed {
		if onlySpent(seat.before, seat.Credit) {
			spent = append(spent, &seat.Traveler)
		} else {
			changed = append(changed, &seat.Traveler)
		}
	}
	var pending, fresh, known []*travel.Authorization
	for _, k := range g.authorized {
		switch z := g.authorizations[k]; {
		case g.again || g.known[z.ID]:
			known = append(known, z)
		case onlyPending(z):
			pending = append(pending, z)
		default:
			fresh = append(fresh, z)
		}
	}
	return slices.Concat(
		bulk.updateSpending.statements(d, spent),
		bulk.updateAccounts.statements(d, changed),
		// Before those that are saved whole, with the state that they end with.
		bulk.expire.statements(d, g.expired),
		bulk.insertPending.statements(d, pending),
		bulk.insertAuthorizations.statements(d, fresh),
		bulk.saveAuthorizations.statements(d, known),
		bulk.insertEntries.statements(d, g.entries),
		bulk.insertCommands.statements(d, g.inserted),
		bulk.insertEvents.statements(d, g.events),
	)
}
