package sqlstore

import (
	"strconv"
	"strings"
)

// Many records in one statement, whose SQL is made once.

// lookup reads records of a kind by their keys.
type lookup[T any] struct {
	sql     string
	columns func(*T) []column
}

// newLookup makes a lookup; where says the condition, with $1, $2, … for the
// columns of a key, of which kinds are the types; locking says that the records
// are locked until the end.
func newLookup[T any](d Dialect, n *Names, table string, columns func(*T) []column, where, kinds string, locking bool) lookup[T] {
	var none T
	sql := "SELECT " + joinNames(columns(&none)) + " FROM {" + table + "} WHERE " + where
	if d == Postgres {
		// OFFSET keeps the lookups apart: as a join they would become a scan of
		// the whole table.
		sql = "SELECT r.* FROM " + unnest(strings.Fields(kinds)) + " CROSS JOIN LATERAL (" + strings.ReplaceAll(sql, "$", "k.k") + " OFFSET 0"
		if locking {
			sql += " FOR UPDATE"
		}
		sql += ") r"
	}
	return lookup[T]{n.Expand(sql), columns}
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
	if d == Postgres {
		return []Statement{{SQL: l.sql, Args: arrays(keys), Scan: scan}}
	}
	statements := make([]Statement, len(keys))
	for i, key := range keys {
		statements[i] = Statement{SQL: l.sql, Args: d.args(key), Scan: scan}
	}
	return statements
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

// writer writes records of a kind.
type writer[T any] struct {
	columns func(*T) []column
	// sql is the statement for each number of records of sizes.
	sql [len(sizes)]string
}

// sizes are how many records go into one statement. A statement for any number
// would have to be planned for each; an array per column, which fits any
// number, costs PostgreSQL more than the writing.
var sizes = [...]int{32, 16, 8, 4, 2, 1}

// newInserter makes a writer that inserts; with keys, the first columns, it
// replaces the records that there are.
func newInserter[T any](n *Names, table string, keys int, columns func(*T) []column) writer[T] {
	w := writer[T]{columns: columns}
	list := columns(new(T))
	conflict := ""
	if keys > 0 {
		conflict = " ON CONFLICT (" + joinNames(list[:keys]) + ") DO UPDATE SET " + assignments(list[keys:], "excluded.")
	}
	for i, size := range sizes {
		w.sql[i] = n.Expand("INSERT INTO {" + table + "} (" + joinNames(list) + ") " + values(size, list, false) + conflict)
	}
	return w
}

// newUpdater makes a writer that changes the records that there are; the first
// columns are their key.
func newUpdater[T any](d Dialect, n *Names, table string, keys int, columns func(*T) []column) writer[T] {
	w := writer[T]{columns: columns}
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

// statements writes records, in their order: in PostgreSQL as many as go into
// one statement, in SQLite, where a statement costs no round trip, one by one.
func (w *writer[T]) statements(d Dialect, records []*T) []Statement {
	var statements []Statement
	var record T
	columns := w.columns(&record)
	for i, size := range sizes {
		if d == SQLite && size > 1 {
			continue
		}
		for len(records) >= size {
			args := make([]any, 0, size*len(columns))
			for _, r := range records[:size] {
				record = *r
				for _, c := range columns {
					args = append(args, c.arg(d))
				}
			}
			statements = append(statements, Statement{SQL: w.sql[i], Args: args})
			records = records[size:]
		}
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
