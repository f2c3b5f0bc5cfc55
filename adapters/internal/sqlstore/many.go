package sqlstore

import (
	"slices"
	"strconv"
	"strings"
)

// Many records in one statement, whose SQL is made once.

// lookup reads records of a kind by their keys, whose first column says the
// company.
type lookup[T any] struct {
	sql     string
	columns func(*T) []column
	apart   bool
}

// reading says more of a lookup.
type reading struct {
	// apart: no statement is about two companies; locking: the records are
	// locked until the end; newest: those of a company come newest first, where
	// else they come oldest first or in the order of the keys.
	apart, locking, newest bool
}

// newLookup makes a lookup; where says the condition, with $1, $2, … for the
// columns of a key, of which kinds are the types.
func newLookup[T any](d Dialect, n *Names, table string, columns func(*T) []column, where, kinds string, o reading) lookup[T] {
	var none T
	sql := "SELECT " + joinNames(columns(&none)) + " FROM {" + table + "} WHERE " + where
	switch {
	case d == Postgres && o.apart:
		sql = inCompany(sql, where, strings.Fields(kinds), o)
	case d == Postgres:
		// OFFSET keeps the lookups apart: as a join they would become a scan of
		// the whole table.
		sql = "SELECT r.* FROM " + unnest(strings.Fields(kinds)) + " CROSS JOIN LATERAL (" + strings.ReplaceAll(sql, "$", "k.k") + " OFFSET 0"
		if o.locking {
			sql += " FOR UPDATE"
		}
		sql += ") r"
	}
	return lookup[T]{n.Expand(sql), columns, o.apart}
}

// inCompany makes a lookup of one company's records, the way that a database
// which keeps companies on several servers can send to one of them.
func inCompany(sql, where string, kinds []string, o reading) string {
	var columns, arrays []string
	for i, condition := range strings.Split(where, " AND ")[1:] {
		column, _, _ := strings.Cut(condition, " ")
		columns = append(columns, column)
		arrays = append(arrays, "(SELECT $"+strconv.Itoa(i+2)+"::"+kinds[i+1]+"[])")
	}
	if len(columns) > 0 {
		head, _ := strings.CutSuffix(sql, where)
		list := strings.Join(columns, ", ")
		sql = head + "company = $1 AND (" + list + ") IN (SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ")) ORDER BY " + list
		if o.newest {
			sql += " DESC"
		}
	}
	if o.locking {
		sql += " FOR UPDATE"
	}
	return sql
}

// statements reads the records of keys, in their order.
func (l *lookup[T]) statements(d Dialect, keys [][]column, found func(T)) []Statement {
	if len(keys) == 0 {
		return nil
	}
	record := new(T)
	into := dests(l.columns(record))
	scan := func(r Row) error {
		var fresh T
		*record = fresh
		if err := r.Scan(into...); err != nil {
			return err
		}
		found(*record)
		return nil
	}
	if d == Postgres && l.apart {
		var statements []Statement
		for _, keys := range byCompany(keys) {
			args := arrays(keys)
			args[0] = keys[0][0].arg(d)
			statements = append(statements, Statement{SQL: l.sql, Args: args, Scan: scan})
		}
		return statements
	}
	if d == Postgres {
		return []Statement{{SQL: l.sql, Args: arrays(keys), Scan: scan}}
	}
	statements := make([]Statement, len(keys))
	for i, key := range keys {
		statements[i] = Statement{SQL: l.sql, Args: d.args(key), Scan: scan}
	}
	return statements
}

// byCompany splits keys, or records, by the company in their first column, and
// keeps their order otherwise.
func byCompany(keys [][]column) [][][]column {
	var split [][][]column
	place := map[any]int{}
	for _, key := range keys {
		company := key[0].arg(Postgres)
		at, known := place[company]
		if !known {
			at = len(split)
			place[company], split = at, append(split, nil)
		}
		split[at] = append(split[at], key)
	}
	return split
}

// unnest turns one array per column of a key into the rows k (k1, k2, …). The
// subselects hide the lengths of the arrays: PostgreSQL would make a new plan
// for each.
func unnest(kinds []string) string {
	var from, names []string
	for i, kind := range kinds {
		n := strconv.Itoa(i + 1)
		from = append(from, "(SELECT $"+n+"::"+kind+"[])")
		names = append(names, "k"+n)
	}
	return "unnest(" + strings.Join(from, ", ") + ") k (" + strings.Join(names, ", ") + ")"
}

// arrays returns the columns of keys, an array each.
func arrays(keys [][]column) []any {
	args := make([]any, len(keys[0]))
	for i, c := range keys[0] {
		if c.kind == "uuid" {
			args[i] = array[[16]byte](keys, i)
		} else {
			args[i] = array[string](keys, i)
		}
	}
	return args
}

func array[T any](keys [][]column, i int) []T {
	values := make([]T, len(keys))
	for k, key := range keys {
		values[k] = key[i].arg(Postgres).(T)
	}
	return values
}

// writer writes records of a kind, whose first column says the company.
type writer[T any] struct {
	columns func(*T) []column
	// apart says that no statement is about two companies.
	apart bool
	// sql is the statement for each number of records of sizes.
	sql [len(sizes)]string
}

// sizes are how many records go into one statement of PostgreSQL: the next
// greater number, with empty records for the rest. A statement for any number
// would have to be planned for each; an array per column, which fits any
// number, was slower.
var sizes = [...]int{1, 2, 4, 8, 16, 24, 32}

// newInserter makes a writer that inserts; with keys, the first columns, it
// replaces the records that there are.
func newInserter[T any](d Dialect, n *Names, table string, keys int, columns func(*T) []column) writer[T] {
	w := writer[T]{columns: columns}
	list := columns(new(T))
	conflict := ""
	if keys > 0 {
		conflict = " ON CONFLICT (" + joinNames(list[:keys]) + ") DO UPDATE SET " + assignments(list[keys:], "excluded.")
	}
	into := "INSERT INTO {" + table + "} (" + joinNames(list) + ") "
	for i, size := range sizes {
		if d == Postgres && size > 1 {
			padded := "SELECT * FROM (" + values(size, list, true) + ") v (" + joinNames(list) + ") WHERE " + list[0].name + " IS NOT NULL"
			w.sql[i] = n.Expand(into + padded + conflict)
		} else {
			w.sql[i] = n.Expand(into + values(size, list, false) + conflict)
		}
	}
	return w
}

// newUpdater makes a writer that changes the records that there are; the first
// columns are their key.
func newUpdater[T any](d Dialect, n *Names, table string, keys int, columns func(*T) []column, apart bool) writer[T] {
	w := writer[T]{columns: columns, apart: apart}
	list := columns(new(T))
	for i, size := range sizes {
		place := func(at int) string { return "k." + list[at].name }
		from := " FROM (" + values(size, list, true) + ") k (" + joinNames(list) + ")"
		if d == SQLite {
			place, from = func(at int) string { return "$" + strconv.Itoa(at+1) }, ""
		}
		var set, where []string
		for at, c := range list {
			if at < keys {
				where = append(where, "t."+c.name+" = "+place(at))
			} else {
				set = append(set, c.name+" = "+place(at))
			}
		}
		if apart && d == Postgres {
			where = append(where, "t."+list[0].name+" = $1")
		}
		w.sql[i] = n.Expand("UPDATE {" + table + "} AS t SET " + strings.Join(set, ", ") + from + " WHERE " + strings.Join(where, " AND "))
	}
	return w
}

// values is a VALUES list for n records; typed says the types, where no table
// tells them.
func values(n int, columns []column, typed bool) string {
	var b strings.Builder
	b.WriteString("VALUES ")
	for i := range n * len(columns) {
		switch at := i % len(columns); {
		case i == 0:
			b.WriteString("(")
		case at == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
		if typed && i < len(columns) {
			b.WriteString("::" + columns[i].kind)
		}
	}
	return b.String() + ")"
}

func assignments(columns []column, from string) string {
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c.name + " = " + from + c.name
	}
	return strings.Join(set, ", ")
}

// statements writes records, in their order.
func (w *writer[T]) statements(d Dialect, records []*T) []Statement {
	var record T
	columns := w.columns(&record)
	if !w.apart {
		return w.together(d, records, &record, columns)
	}
	var statements []Statement
	for len(records) > 0 {
		record = *records[0]
		company, n := columns[0].arg(d), 1
		for ; n < len(records); n++ {
			if record = *records[n]; columns[0].arg(d) != company {
				break
			}
		}
		statements = append(statements, w.together(d, records[:n], &record, columns)...)
		records = records[n:]
	}
	return statements
}

// together writes records, of one company if there has to be one: in SQLite,
// where a statement costs no round trip, one by one. All are read through the
// columns of record.
func (w *writer[T]) together(d Dialect, records []*T, record *T, columns []column) []Statement {
	most := sizes[len(sizes)-1]
	if d == SQLite {
		most = 1
	}
	var statements []Statement
	for len(records) > 0 {
		n := min(len(records), most)
		i := slices.IndexFunc(sizes[:], func(size int) bool { return size >= n })
		args := make([]any, 0, sizes[i]*len(columns))
		ids := make([][16]byte, 0, n*len(columns))
		for _, r := range records[:n] {
			*record = *r
			for _, c := range columns {
				if c.id == nil || d != Postgres {
					args = append(args, c.arg(d))
					continue
				}
				// Most of what there is are ids: one by one they are garbage.
				ids = append(ids, c.id())
				args = append(args, &ids[len(ids)-1])
			}
		}
		statements = append(statements, Statement{SQL: w.sql[i], Args: args[:sizes[i]*len(columns)]})
		records = records[n:]
	}
	return statements
}

func pointers[T any](list []T) []*T {
	p := make([]*T, len(list))
	for i := range list {
		p[i] = &list[i]
	}
	return p
}
