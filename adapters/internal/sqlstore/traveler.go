package sqlstore

import (
	"context"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func travelerColumns(t *travel.Traveler) []column {
	return append([]column{
		uuid("company", &t.Company),
		uuid("id", &t.ID),
		text("first_name", &t.FirstName),
		text("last_name", &t.LastName),
		text("email", &t.Email),
		text("employee_number", &t.EmployeeNumber),
		phone("number", &t.Number),
		uuid("department", &t.Department),
		uuid("connection", &t.Connection.ID),
		text("connection_state", &t.Connection.State),
		text("username", &t.Connection.Username),
		text("device", &t.Connection.Device),
		text("note", &t.Connection.Note),
		instant("connected_at", &t.Connection.ConnectedAt),
		instant("activated_at", &t.Connection.ActivatedAt),
		instant("ended_at", &t.Connection.EndedAt),
		instant("created_at", &t.CreatedAt),
		instant("erased_at", &t.ErasedAt),
	}, accountColumns(&t.Credit)...)
}

func accountColumns(a *credit.Account) []column {
	return append([]column{
		number("credit_limit", &a.Limit),
		number("raise_limit", &a.Raise.Limit),
		instant("raise_until", &a.Raise.Until),
		number("ceiling", &a.Ceiling),
		number("maximum", &a.Maximum),
		flag("frozen", &a.Frozen),
		month("closed_through", &a.ClosedThrough),
	}, spendingColumns(a)...)
}

// spendingColumns are what purchases change of an account.
func spendingColumns(a *credit.Account) []column {
	return []column{document("used", &a.Used, toUsed, fromUsed), document("open", &a.Open, toOpen, fromOpen)}
}

// onlySpent tells whether spendingColumns are all that two accounts differ in.
func onlySpent(a, b credit.Account) bool {
	return a.Limit == b.Limit && a.Raise == b.Raise && a.Ceiling == b.Ceiling && a.Maximum == b.Maximum &&
		a.Frozen == b.Frozen && a.ClosedThrough == b.ClosedThrough
}

// derived keeps what an index needs and the record tells by itself.
func derived(name, kind string, arg func(Dialect) any) column {
	return column{name: name, kind: kind, arg: arg, dest: scanner(func(any) error { return nil })}
}

func (x *tx) Traveler(ctx context.Context, company travel.CompanyID, id travel.TravelerID) (travel.Traveler, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Traveler{}, err
	}
	t, found, err := get(ctx, x, "traveler", travelerColumns, "WHERE company = $1 AND id = $2", x.id(company), x.id(id))
	if err == nil && !found {
		err = notFound("traveler", id)
	}
	return t, err
}

// SaveTraveler looks for the unique fields first, because the caller may go on
// after a DuplicateError and no failed statement allows that. Whom it cannot
// see yet the unique index meets, and the transaction is run again.
func (x *tx) SaveTraveler(ctx context.Context, t travel.Traveler) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	before, taken, err := x.numbers(ctx, t)
	if err != nil {
		return err
	}
	if taken != "" {
		return &travel.DuplicateError{Field: taken}
	}
	return x.run(ctx, x.saveTraveler(t, before)...)
}

// numbers locks a traveler and returns the number that is stored, and the field
// whose value another traveler has, or "".
func (x *tx) numbers(ctx context.Context, t travel.Traveler) (before travel.PhoneNumber, taken string, err error) {
	company, id := x.id(t.Company), x.id(t.ID)
	other := func(field, column, value string) Statement {
		// The index holds only what is set, which the condition has to say.
		return Statement{
			SQL:  "SELECT id FROM {traveler} WHERE company = $1 AND " + column + " = $2 AND " + column + " <> '' AND id <> $3",
			Args: []any{company, value, id},
			Scan: func(Row) error {
				taken = field
				return nil
			},
		}
	}
	err = x.run(ctx,
		Statement{
			SQL:  "SELECT number FROM {traveler} WHERE company = $1 AND id = $2" + x.lock(),
			Args: []any{company, id},
			Scan: func(r Row) error { return r.Scan(phone("number", &before).dest) },
		},
		other("EmployeeNumber", "employee_number", t.EmployeeNumber),
		other("Number", "number", t.Number.E164()),
	)
	return before, taken, err
}

// saveTraveler saves a traveler, and brings {number_lookup} from the number
// before to the present one.
func (x *tx) saveTraveler(t travel.Traveler, before travel.PhoneNumber) []Statement {
	columns := travelerColumns(&t)
	statements := []Statement{{SQL: saveSQL("traveler", 2, columns), Args: x.s.dialect.args(columns)}}
	if before == t.Number {
		return statements
	}
	if !before.IsZero() {
		statements = append(statements, Statement{
			SQL:  "DELETE FROM {number_lookup} WHERE number = $1 AND company = $2 AND traveler = $3",
			Args: []any{before.E164(), x.id(t.Company), x.id(t.ID)},
		})
	}
	if !t.Number.IsZero() {
		statements = append(statements, Statement{
			SQL:  "INSERT INTO {number_lookup} (number, company, traveler) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			Args: []any{t.Number.E164(), x.id(t.Company), x.id(t.ID)},
		})
	}
	return statements
}

func (x *tx) Travelers(ctx context.Context, q travel.TravelerQuery) ([]travel.Traveler, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	c, index := clause{x: x}, ""
	switch {
	case !q.Company.IsZero():
		c.and("company = $", x.id(q.Company))
	case q.DeadlineBefore.IsZero():
		return nil, unbounded("Company")
	}
	if q.Open {
		c.is("CAST(open AS text) NOT IN ('null', '[]')")
	}
	if !q.Department.IsZero() {
		index = "traveler_department"
		c.and("department = $", x.id(q.Department))
	}
	if !q.DeadlineBefore.IsZero() {
		c.and("(company, id) IN (SELECT company, traveler FROM {authorization} WHERE state = 'pending' AND expires_at <= $)", x.at(q.DeadlineBefore))
	}
	c.and("id > $", x.id(q.After))
	return list(ctx, x, "traveler", travelerColumns, x.s.dialect.by(index)+c.end("id", q.Limit), c.args...)
}

func unbounded(field string) error {
	return &travel.InputError{Field: field, Reason: "must be given: the list would be of all companies"}
}

// TravelersByNumber finds companies by {number_lookup} and then looks into each
// of them: companies may be kept apart.
func (x *tx) TravelersByNumber(ctx context.Context, n travel.PhoneNumber) ([]travel.Traveler, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	keys, err := list(ctx, x, "number_lookup", lookupColumns, "WHERE number = $1 ORDER BY traveler", n.E164())
	if err != nil {
		return nil, err
	}
	var travelers []travel.Traveler
	for _, k := range keys {
		found, err := list(ctx, x, "traveler", travelerColumns, "WHERE company = $1 AND id = $2 AND number = $3",
			x.id(k.company), x.id(k.traveler), n.E164())
		if err != nil {
			return nil, err
		}
		travelers = append(travelers, found...)
	}
	return travelers, nil
}

func lookupColumns(k *travelerKey) []column {
	return []column{uuid("company", &k.company), uuid("traveler", &k.traveler)}
}

// FenceTravelers locks the travelers in the order of their ids, as decisions
// do, and then looks at what they are like.
func (x *tx) FenceTravelers(ctx context.Context, company travel.CompanyID, m credit.Month) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	if err := x.lockTravelers(ctx, "company = $1", x.id(company)); err != nil {
		return err
	}
	_, err := x.exec(ctx, "UPDATE {traveler} SET closed_through = $2 WHERE company = $1 AND closed_through < $2",
		x.id(company), textOfMonth(m))
	return err
}

// lockTravelers locks the travelers that a condition names until the end, in
// the order of their ids.
func (x *tx) lockTravelers(ctx context.Context, where string, args ...any) error {
	lock := x.lock()
	if lock == "" {
		return nil
	}
	return x.run(ctx, Statement{SQL: "SELECT id FROM {traveler} WHERE " + where + " ORDER BY id" + lock, Args: args})
}
