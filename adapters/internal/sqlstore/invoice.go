package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func closeColumns(c *invoice.Close) []column {
	return []column{
		uuid("company", &c.Company),
		month("month", &c.Month),
		text("state", &c.State),
		text("reason", &c.Reason),
		text("detail", &c.Detail),
		instant("fenced_at", &c.FencedAt),
		instant("issued_at", &c.IssuedAt),
		document("documents", &c.Documents, same, same),
	}
}

// Close locks a month that has no record yet by a row without a state, which
// is as good as none to everybody else.
func (x *tx) Close(ctx context.Context, company travel.CompanyID, m credit.Month) (invoice.Close, error) {
	if err := x.reads(ctx); err != nil {
		return invoice.Close{}, err
	}
	if x.mode == Write {
		if _, err := x.insert(ctx, "close", closeColumns(&invoice.Close{Company: company, Month: m})); err != nil {
			return invoice.Close{}, err
		}
	}
	c, _, err := get(ctx, x, "close", closeColumns, "WHERE company = $1 AND month = $2", x.id(company), textOfMonth(m))
	if err == nil && c.State == "" {
		return invoice.Close{}, fmt.Errorf("close of %s for company %s: %w", m, company, travel.ErrNotFound)
	}
	return c, err
}

func (x *tx) SaveClose(ctx context.Context, c invoice.Close) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.save(ctx, "close", 2, closeColumns(&c))
}

func (x *tx) Closes(ctx context.Context, m credit.Month, after travel.CompanyID, limit int) ([]invoice.Close, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	c := clause{x: x}
	c.and("month = $", textOfMonth(m))
	c.is("state <> ''")
	c.and("company > $", x.id(after))
	return list(ctx, x, "close", closeColumns, c.end("company", limit), c.args...)
}

// NextNumber leaves the series locked, because it has written its row.
func (x *tx) NextNumber(ctx context.Context, series string) (next int64, err error) {
	if err := x.writes(ctx); err != nil {
		return 0, err
	}
	err = x.run(ctx, Statement{
		SQL: "INSERT INTO {series} AS taken (series, number) VALUES ($1, 1)" +
			" ON CONFLICT (series) DO UPDATE SET number = taken.number + 1 RETURNING number",
		Args: []any{series},
		Scan: func(r Row) error { return r.Scan(&next) },
	})
	return next, err
}

func documentColumns(d *invoice.Document) []column {
	return []column{
		uuid("company", &d.Company),
		uuid("id", &d.ID),
		text("kind", &d.Kind),
		text("series", &d.Series),
		number("number", &d.Number),
		month("month", &d.Month),
		document("seller", &d.Seller, toParty, fromParty),
		text("seller_id", &d.SellerID),
		document("buyer", &d.Buyer, toParty, fromParty),
		text("reference", &d.Reference),
		text("currency", &d.Currency),
		document("departments", &d.Departments, toDepartmentTotals, fromDepartmentTotals),
		uuid("from_entry", &d.From),
		uuid("through_entry", &d.Through),
		month("netted", &d.Netted),
		document("original", &d.Original, toOriginal, fromOriginal),
		flag("cancels", &d.Cancels),
		document("replaces", &d.Replaces, toOriginal, fromOriginal),
		instant("issued_at", &d.IssuedAt),
		instant("due_at", &d.DueAt),
		document("payee", &d.Payee, toPayee, fromPayee),
		text("payment_reference", &d.PaymentReference),
		document("rates", &d.Rates, toRateTotals, fromRateTotals),
		number("net", &d.Net),
		number("vat", &d.VAT),
		number("gross", &d.Gross),
		number("rounding", &d.Rounding),
		number("lines", &d.Lines),
		digest("lines_hash", &d.LinesHash),
		flag("personal_lines", &d.PersonalLines),
		text("language", &d.Language),
		bytes("content", &d.Content),
		digest("hash", &d.Hash),
	}
}

// InsertDocument keeps series and number in a table of their own, where they
// are unique over all companies.
func (x *tx) InsertDocument(ctx context.Context, d invoice.Document) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	fresh, err := x.insert(ctx, "document", documentColumns(&d))
	if err == nil && !fresh {
		err = &travel.DuplicateError{Field: "ID"}
	}
	if err != nil || d.Series == "" {
		return err
	}
	fresh, err = x.insert(ctx, "document_number", []column{
		text("series", &d.Series), number("number", &d.Number), uuid("company", &d.Company), uuid("document", &d.ID),
	})
	if err != nil || fresh {
		return err
	}
	// The caller may go on: then nothing of this call is left.
	if _, err := x.exec(ctx, "DELETE FROM {document} WHERE company = $1 AND id = $2", x.id(d.Company), x.id(d.ID)); err != nil {
		return err
	}
	return &travel.DuplicateError{Field: "Number"}
}

func (x *tx) Document(ctx context.Context, company travel.CompanyID, id invoice.DocumentID) (invoice.Document, error) {
	if err := x.reads(ctx); err != nil {
		return invoice.Document{}, err
	}
	d, found, err := get(ctx, x, "document", documentColumns, "WHERE company = $1 AND id = $2", x.id(company), x.id(id))
	if err == nil && !found {
		err = notFound("document", id)
	}
	return d, err
}

func (x *tx) Documents(ctx context.Context, q invoice.DocumentQuery) ([]invoice.Document, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	if q.Company.IsZero() && q.Series == "" {
		return nil, errUnbounded
	}
	c, from, order := clause{x: x}, "", "id"
	if q.Series != "" {
		from, order = numberedDocuments, "of_document"
		c.and("of_series = $", q.Series)
	}
	if !q.Company.IsZero() {
		c.and("company = $", x.id(q.Company))
	}
	if !q.Month.IsZero() {
		c.and("month = $", textOfMonth(q.Month))
	}
	if !q.After.IsZero() {
		c.and(order+" > $", x.id(q.After))
	}
	return list(ctx, x, "document", documentColumns, from+c.end(order, q.Limit), c.args...)
}

var errUnbounded = errors.New("documents need a company or a series")

// numberedDocuments finds those of a series, in the order of their ids, by the
// index of numbers: no index of documents goes over all companies.
const numberedDocuments = "JOIN (SELECT series AS of_series, company AS of_company, document AS of_document FROM {document_number}) AS numbered" +
	" ON of_company = company AND of_document = id "
