package sqlstore

import (
	"context"
	"fmt"

	"github.com/tjansteresor/tjansteresor/travel"
)

func commandColumns(c *travel.Command) []column {
	return []column{
		uuid("company", &c.Company),
		text("operation", &c.Operation),
		text("key", &c.Key),
		digest("request_hash", &c.RequestHash),
		instant("at", &c.At),
		document("answer", &c.Answer, toAnswer, fromAnswer),
	}
}

func (x *tx) Command(ctx context.Context, company travel.CompanyID, op travel.Operation, key string) (travel.Command, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Command{}, err
	}
	c, found, err := get(ctx, x, "command", commandColumns, "WHERE company = $1 AND operation = $2 AND key = $3", x.id(company), string(op), key)
	if err == nil && !found {
		err = fmt.Errorf("command of operation %s: %w", op, travel.ErrNotFound)
	}
	return c, err
}

func (x *tx) InsertCommand(ctx context.Context, c travel.Command) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	fresh, err := x.insert(ctx, "command", commandColumns(&c))
	if err == nil && !fresh {
		err = &travel.DuplicateError{Field: "Key"}
	}
	return err
}

func authorizationColumns(z *travel.Authorization) []column {
	return append(pendingColumns(z), []column{
		number("captured", &z.Captured),
		number("refunded", &z.Refunded),
		text("traveler_name", &z.Personal.Name),
		text("employee_number", &z.Personal.EmployeeNumber),
		text("purpose", &z.Personal.Purpose),
		document("pending", &z.Pending, toPending, fromPending),
		document("outcome", &z.Outcome, toOutcome, fromOutcome),
		document("refunds", &z.Refunds, toRefunds, fromRefunds),
		derived("unanswered", "boolean", func(Dialect) any { return z.Unanswered() }),
	}...)
}

// pendingColumns are what there is of an authorization until it is captured;
// the other columns have defaults.
func pendingColumns(z *travel.Authorization) []column {
	return []column{
		uuid("company", &z.Company),
		uuid("id", &z.ID),
		uuid("traveler", &z.Traveler),
		uuid("connection", &z.Connection),
		uuid("department", &z.Department),
		text("department_name", &z.DepartmentName),
		stateOf("state", &z.State),
		month("month", &z.Month),
		number("amount", &z.Amount),
		number("credit_limit", &z.Limit),
		instant("at", &z.At),
		instant("expires_at", &z.ExpiresAt),
		document("tickets", &z.Tickets, toLines, fromLines),
	}
}

// onlyPending tells whether pendingColumns are all that there is of z.
func onlyPending(z *travel.Authorization) bool {
	return z.Captured == 0 && z.Refunded == 0 && z.Personal == travel.Personal{} &&
		z.Pending == nil && z.Outcome == nil && z.Refunds == nil
}

// Authorization locks the traveler before the record, because decisions do: so
// none is under way that has read the record and will replace it.
func (x *tx) Authorization(ctx context.Context, company travel.CompanyID, id travel.AuthorizationID) (travel.Authorization, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Authorization{}, err
	}
	const buyer = "company = $1 AND id = (SELECT traveler FROM {authorization} WHERE company = $1 AND id = $2)"
	if err := x.lockTravelers(ctx, buyer, x.id(company), x.id(id)); err != nil {
		return travel.Authorization{}, err
	}
	z, found, err := get(ctx, x, "authorization", authorizationColumns, "WHERE company = $1 AND id = $2", x.id(company), x.id(id))
	if err == nil && !found {
		err = notFound("authorization", id)
	}
	return z, err
}

func (x *tx) SaveAuthorization(ctx context.Context, z travel.Authorization) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.save(ctx, "authorization", 2, authorizationColumns(&z))
}

func (x *tx) Authorizations(ctx context.Context, q travel.AuthorizationQuery) ([]travel.Authorization, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	c, index := clause{x: x}, ""
	switch {
	case !q.Company.IsZero():
		c.and("company = $", x.id(q.Company))
	case !q.Unanswered:
		return nil, unbounded("Company")
	}
	if !q.Traveler.IsZero() {
		index = "authorization_traveler"
		c.and("traveler = $", x.id(q.Traveler))
	}
	if q.Unanswered {
		index = "authorization_unanswered"
		c.is("unanswered")
	}
	if !q.Before.IsZero() {
		c.and("id < $", x.id(q.Before))
	}
	return list(ctx, x, "authorization", authorizationColumns, x.s.dialect.by(index)+c.end("id DESC", q.Limit), c.args...)
}

// ErasePersonal locks the traveler first: what decisions are under way write
// is there to be erased, and those that follow read what is erased.
func (x *tx) ErasePersonal(ctx context.Context, company travel.CompanyID, traveler travel.TravelerID) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	args := []any{x.id(company), x.id(traveler)}
	if err := x.lockTravelers(ctx, "company = $1 AND id = $2", args...); err != nil {
		return err
	}
	erase := func(table string) Statement {
		return Statement{
			SQL: "UPDATE {" + table + "} " + x.s.dialect.by(table+"_traveler") +
				"SET traveler_name = '', employee_number = '', purpose = '' WHERE company = $1 AND traveler = $2" +
				" AND (traveler_name <> '' OR employee_number <> '' OR purpose <> '')",
			Args: args,
		}
	}
	return x.run(ctx, erase("authorization"), erase("entry"))
}
