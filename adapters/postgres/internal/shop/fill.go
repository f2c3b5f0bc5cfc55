package shop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Size is how much is in a database before anything is sold.
type Size struct {
	// Travelers are spread evenly over the Companies.
	Travelers, Companies int
	// Departments are those of each company; travelers are spread evenly over
	// them too. With 0 there are none.
	Departments int
	// Purchases are captured ones of one ticket each, spread evenly over the
	// travelers and over Month.
	Purchases int
	Month     credit.Month
}

// samples are how many different purchases there are.
const samples = 10

// fill makes one company with one traveler and a few purchases through the
// service, and all the others as copies of these in SQL, which takes minutes
// and not hours.
func (s *Shop) fill(ctx context.Context, size Size) error {
	prices, err := s.originals(ctx, size)
	if err != nil {
		return err
	}
	list := size.copies(prices, s.Service.Rules().Zone)
	var tables []string
	for _, c := range list {
		tables = append(tables, "tjr_"+c.table)
	}
	create, err := s.dropIndexes(ctx, tables)
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := s.copy(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c.table, err)
		}
	}
	// Not of tables that are empty: plans for those would go on to read all of
	// them when they are not.
	for _, sql := range append(create, "VACUUM ANALYZE "+strings.Join(tables, ", "), "CHECKPOINT") {
		if _, err := s.Pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	for n := 1; n <= size.Travelers; n++ {
		t, err := s.Traveler(load.Nth(1+n%size.Companies), n)
		if err != nil {
			return err
		}
		s.Admit(t)
	}
	return nil
}

// originals makes what is copied, and returns what each purchase costs.
func (s *Shop) originals(ctx context.Context, size Size) (prices []credit.Amount, err error) {
	at := time.Now()
	if size.Purchases > 0 {
		at = size.Month.Start(s.Service.Rules().Zone)
	}
	then, err := load.NewShop(s.Store, func() time.Time { return at })
	if err != nil {
		return nil, err
	}
	company, err := then.OpenCompany(ctx)
	if err != nil {
		return nil, err
	}
	first, err := then.Traveler(company, 0)
	if err != nil {
		return nil, err
	}
	first.FirstName, first.LastName = "Anna", "Andersson"
	department := travel.Department{Company: company, ID: load.Nth(0), Name: "Skola", Reference: "4711-0"}
	if size.Departments > 0 {
		first.Department = department.ID
	}
	err = s.Store.Update(ctx, func(tx travel.Tx) error {
		if size.Departments > 0 {
			if err := tx.SaveDepartment(ctx, department); err != nil {
				return err
			}
		}
		return tx.SaveTraveler(ctx, first)
	})
	if err != nil || size.Purchases == 0 {
		return nil, err
	}
	then.Admit(first)
	for n := range samples {
		at = at.Add(time.Second)
		price := credit.Amount(26_00 + 3_50*n)
		ticket := load.Ticket(price)
		if n == 0 {
			ticket.Product, ticket.ProductName, ticket.VATRate = "parking", "Pendlarparkering", 2500
		}
		if err := then.Buy(ctx, ticket); err != nil {
			return nil, err
		}
		prices = append(prices, price)
	}
	return prices, nil
}

// copies are rows that are copied.
type copies struct {
	table string
	// each is a row n for each copy; original numbers, from 0 on in the order
	// in which they were inserted, the row that is copied.
	each, original string
	// other are the columns that get another value.
	other map[string]string
}

// nth is load.Nth of an expression.
func nth(n string) string {
	return "('019a0000-0000-7000-8000-' || lpad(to_hex(" + n + "), 12, '0'))::uuid"
}

// departmentOf is the number of a traveler's department.
func departmentOf(t string) string {
	return fmt.Sprintf("1 + %[1]s %% {companies} + {companies} * (%[1]s / {companies} %% {departments})", t)
}

// copies lists what is copied, of originals with those prices. The n-th
// traveler is in company 1 + n % companies, and there in department
// n / companies % departments.
func (size Size) copies(prices []credit.Amount, zone *time.Location) []copies {
	put := strings.NewReplacer(
		"{companies}", fmt.Sprint(size.Companies), "{departments}", fmt.Sprint(size.Departments),
		"{travelers}", fmt.Sprint(size.Travelers), "{purchases}", fmt.Sprint(size.Purchases), "{samples}", fmt.Sprint(samples),
	).Replace
	each := func(n int) string { return fmt.Sprintf("generate_series(1, %d) n", n) }
	traveler := map[string]string{
		"company": nth(put("1 + n % {companies}")), "id": nth("n"), "connection": nth("n"), "number": "'+467' || lpad(n::text, 8, '0')",
		"last_name": "original.last_name || ' ' || n", "employee_number": "n::text",
	}
	list := []copies{{"company", each(size.Companies), "0", map[string]string{
		"id": nth("n"), "audit_sequence": "0", "audit_hash": "decode(repeat('00', 32), 'hex')",
	}}}
	if size.Departments > 0 {
		traveler["department"] = nth(put(departmentOf("n")))
		list = append(list, copies{"department", each(size.Companies * size.Departments), "0", map[string]string{
			"company": nth(put("1 + (n - 1) % {companies}")), "id": nth("n"),
			"name": put("'Avdelning ' || (n - 1) / {companies}"), "reference": put("'4711-' || (n - 1) / {companies} % 2"),
		}})
	}
	if size.Purchases == 0 {
		return append(list, copies{"traveler", each(size.Travelers), "0", traveler})
	}
	traveler["used"] = put(used(prices))
	list = append(list, copies{"traveler", each(size.Travelers), "0", traveler})
	return append(list, size.purchases(put, zone)...)
}

// used is what the n-th traveler has used of the month, in place of the sum of
// all prices.
func used(prices []credit.Amount) string {
	var sum credit.Amount
	var list []string
	for _, p := range prices {
		sum += p
		list = append(list, fmt.Sprint(int64(p)))
	}
	own := fmt.Sprintf("(SELECT sum((ARRAY[%s])[1 + %s]) FROM generate_series(n, {purchases}, {travelers}) p)", strings.Join(list, ", "), sampleOf("p"))
	return fmt.Sprintf("coalesce(replace(original.used::text, '%d', %s::text), 'null')::json", int64(sum), own)
}

// copy copies rows of a table, with other values in some of the columns.
func (s *Shop) copy(ctx context.Context, c copies) error {
	table := "tjr_" + c.table
	rows, err := s.Pool.Query(ctx, "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
	if err != nil {
		return err
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, name := range columns {
		values[i] = "original." + name
		if v, ok := c.other[name]; ok {
			values[i] = v
		}
	}
	_, err = s.Pool.Exec(ctx, fmt.Sprintf(
		"INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM %[4]s JOIN (SELECT *, row_number() OVER (ORDER BY ctid) - 1 AS nth FROM %[1]s) original ON original.nth = %[5]s",
		table, strings.Join(columns, ", "), strings.Join(values, ", "), c.each, c.original))
	return err
}

// dropIndexes drops those of tables that are no keys, and returns what makes them again:
// at the end that takes a fraction of the time.
func (s *Shop) dropIndexes(ctx context.Context, tables []string) (create []string, err error) {
	rows, err := s.Pool.Query(ctx, `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
		AND tablename = ANY($1) AND indexname NOT IN (SELECT conname FROM pg_constraint)`, tables)
	if err != nil {
		return nil, err
	}
	var drop []string
	var name, sql string
	_, err = pgx.ForEachRow(rows, []any{&name, &sql}, func() error {
		drop, create = append(drop, name), append(create, sql)
		return nil
	})
	if err != nil {
		return nil, err
	}
	_, err = s.Pool.Exec(ctx, "DROP INDEX "+strings.Join(drop, ", "))
	return create, err
}
