package sqlstore

import (
	"context"
	"iter"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/travel"
)

func entryColumns(e *travel.Entry) []column {
	return []column{
		uuid("company", &e.Company),
		uuid("id", &e.ID),
		number("kind", &e.Kind),
		uuid("traveler", &e.Traveler),
		uuid("authorization_id", &e.Authorization),
		number("line", &e.Line),
		month("month", &e.Month),
		month("billing", &e.Billing),
		instant("purchased_at", &e.PurchasedAt),
		instant("at", &e.At),
		uuid("department", &e.Department),
		text("department_name", &e.DepartmentName),
		text("ticket_id", &e.Ticket.ID),
		text("product", &e.Ticket.Product),
		text("product_name", &e.Ticket.ProductName),
		text("category", &e.Ticket.Category),
		document("zones", &e.Ticket.Zones, same, same),
		text("from_stop", &e.Ticket.From),
		text("to_stop", &e.Ticket.To),
		text("region", &e.Ticket.Region),
		text("seller", &e.Ticket.Seller),
		instant("valid_from", &e.Ticket.ValidFrom),
		price("price", &e.Ticket.Gross),
		number("vat_rate", &e.Ticket.VATRate),
		text("vat_category", &e.Ticket.VATCategory),
		text("vat_reason", &e.Ticket.VATReason),
		document("stated_vat", &e.Ticket.Stated, toStated, fromStated),
		number("gross", &e.Gross),
		flag("stated", &e.Stated),
		number("net", &e.Net),
		number("vat", &e.VAT),
		uuid("of_entry", &e.Of),
		number("of_gross", &e.OfGross),
		number("before_gross", &e.Before),
		text("traveler_name", &e.Personal.Name),
		text("employee_number", &e.Personal.EmployeeNumber),
		text("purpose", &e.Personal.Purpose),
	}
}

// price keeps kronor as text, exactly.
func price(name string, p *decimal.Decimal) column {
	return column{
		name: name, kind: "text",
		arg: func(Dialect) any { return p.String() },
		dest: scanner(func(src any) error {
			s, err := asText(src)
			if err == nil {
				*p, err = decimal.NewFromString(s)
			}
			return err
		}),
	}
}

// entryPage is how many entries of a stream are in memory at a time.
const entryPage = 2000

// firstEntries are those after which room is made for a whole page: a stream
// that has so many mostly has more.
const firstEntries = 100

// Entries implements travel.Store and invoice.Store. It reads page after page,
// each in a transaction that has ended before the first of them is handed out.
func (s *Store) Entries(ctx context.Context, q travel.EntryQuery) iter.Seq2[travel.Entry, error] {
	return func(yield func(travel.Entry, error) bool) {
		if q.Company.IsZero() {
			yield(travel.Entry{}, unbounded("Company"))
			return
		}
		var page []travel.Entry
		var after travel.EntryID
		for {
			var err error
			if page, err = s.entries(ctx, q, after, page[:0]); err != nil {
				yield(travel.Entry{}, err)
				return
			}
			for i := range page {
				if err := ctx.Err(); err != nil {
					yield(travel.Entry{}, err)
					return
				}
				if !yield(page[i], nil) {
					return
				}
			}
			if len(page) < entryPage {
				return
			}
			after = page[entryPage-1].ID
		}
	}
}

// entries puts the entries after an id into page, up to entryPage of them.
func (s *Store) entries(ctx context.Context, q travel.EntryQuery, after travel.EntryID, page []travel.Entry) ([]travel.Entry, error) {
	// Columns and destinations are made once and not for each of millions: they
	// all read into e.
	var e travel.Entry
	columns := entryColumns(&e)
	into := dests(columns)
	err := s.transact(ctx, Snapshot, func(x *tx) error {
		page = page[:0] // it may be run again
		index, c := x.entryClause(q)
		c.and("id > $", x.id(after))
		return x.run(ctx, append(s.ordered(), Statement{
			SQL: "SELECT " + joinNames(columns) + " FROM {entry} " + s.dialect.by(index) + c.end("id", entryPage), Args: c.args,
			Scan: func(r Row) error {
				if err := r.Scan(into...); err != nil {
					return err
				}
				if len(page) == firstEntries {
					page = slices.Grow(page, entryPage-firstEntries)
				}
				page = append(page, e)
				return nil
			},
			Repeats: true,
		})...)
	})
	return page, err
}

// ordered makes PostgreSQL read a page in the order of its index. A plan for
// companies of the usual size would for the largest one sort all that is left
// of the month, for each page. A host's transaction keeps its own settings.
func (s *Store) ordered() []Statement {
	if s.dialect != Postgres || s.bound != nil {
		return nil
	}
	return []Statement{{SQL: "SET LOCAL enable_sort = off"}}
}

// entryClause bounds a stream, and names the index that finds a page of it in
// the order of ids.
func (x *tx) entryClause(q travel.EntryQuery) (index string, c *clause) {
	c = &clause{x: x}
	c.and("company = $", x.id(q.Company))
	if !q.Billing.IsZero() {
		index = "entry_billing"
		if q.Department != nil {
			index = "entry_department"
		}
		c.and("billing = $", textOfMonth(q.Billing))
	}
	if !q.Traveler.IsZero() {
		index = "entry_traveler"
		c.and("traveler = $", x.id(q.Traveler))
	}
	if !q.Month.IsZero() {
		c.and("month = $", textOfMonth(q.Month))
	}
	if q.Kind != 0 {
		c.and("kind = $", int64(q.Kind))
	}
	if q.Department != nil {
		c.and("department = $", x.id(*q.Department))
	}
	return index, c
}

// by makes a statement go by an index, "" for the primary key; it follows the
// name of the table. SQLite has no statistics unless the host makes them, and
// without them would rather read all that a company has. PostgreSQL knows
// better.
func (d Dialect) by(index string) string {
	if index == "" || d != SQLite {
		return ""
	}
	return "INDEXED BY {#" + index + "} "
}
