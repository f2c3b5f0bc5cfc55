package sqlstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Statements on many rows at once. PostgreSQL takes the rows as one array per
// column, so that a group of any size is one statement with one plan; SQLite,
// where a statement costs no round trip, takes them one by one.

// lookup reads records by their keys, in the order of the keys; where says the
// condition, with $1, $2, … for the columns of a key.
func lookup[T any](d Dialect, keys [][]column, table, where string, columns func(*T) []column, found func(T)) []Statement {
	if len(keys) == 0 {
		return nil
	}
	var none T
	sql := "SELECT " + joinNames(columns(&none)) + " FROM {" + table + "} WHERE " + where
	scan := func(r Row) error {
		var record T
		if err := r.Scan(dests(columns(&record))...); err != nil {
			return err
		}
		found(record)
		return nil
	}
	if d == Postgres {
		sql = "SELECT r.* FROM " + unnest(keys[0]) + " CROSS JOIN LATERAL (" + strings.ReplaceAll(sql, "$", "k.k") + ") r"
		return []Statement{{SQL: sql, Args: arrays(keys), Scan: scan}}
	}
	var statements []Statement
	for _, key := range keys {
		statements = append(statements, Statement{SQL: sql, Args: d.args(key), Scan: scan})
	}
	return statements
}

// insertMany inserts records; with keys, the first columns, it replaces those
// that there are.
func insertMany(d Dialect, table string, keys int, rows [][]column) []Statement {
	if len(rows) == 0 {
		return nil
	}
	columns := rows[0]
	into := "INSERT INTO {" + table + "} (" + joinNames(columns) + ") "
	conflict := ""
	if keys > 0 {
		conflict = " ON CONFLICT (" + joinNames(columns[:keys]) + ") DO UPDATE SET " + assignments(columns[keys:], "excluded.")
	}
	if d == Postgres {
		// The condition keeps ON from being read as that of a join.
		return []Statement{{SQL: into + "SELECT * FROM " + unnest(columns) + " WHERE true" + conflict, Args: arrays(rows)}}
	}
	sql := into + "VALUES (" + placeholders(len(columns)) + ")" + conflict
	var statements []Statement
	for _, row := range rows {
		statements = append(statements, Statement{SQL: sql, Args: d.args(row)})
	}
	return statements
}

// updateMany changes records that there are; the first columns are their key.
func updateMany(d Dialect, table string, keys int, rows [][]column) []Statement {
	if len(rows) == 0 {
		return nil
	}
	columns := rows[0]
	if d == Postgres {
		var set, where []string
		for i, c := range columns {
			k := "k.k" + strconv.Itoa(i+1)
			if i < keys {
				where = append(where, "t."+c.name+" = "+k)
			} else {
				set = append(set, c.name+" = "+k)
			}
		}
		sql := "UPDATE {" + table + "} t SET " + strings.Join(set, ", ") + " FROM " + unnest(columns) + " WHERE " + strings.Join(where, " AND ")
		return []Statement{{SQL: sql, Args: arrays(rows)}}
	}
	var set, where []string
	for i, c := range columns {
		assigned := c.name + " = $" + strconv.Itoa(i+1)
		if i < keys {
			where = append(where, assigned)
		} else {
			set = append(set, assigned)
		}
	}
	sql := "UPDATE {" + table + "} SET " + strings.Join(set, ", ") + " WHERE " + strings.Join(where, " AND ")
	var statements []Statement
	for _, row := range rows {
		statements = append(statements, Statement{SQL: sql, Args: d.args(row)})
	}
	return statements
}

func assignments(columns []column, from string) string {
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c.name + " = " + from + c.name
	}
	return strings.Join(set, ", ")
}

// unnest turns one array per column into the rows k (k1, k2, …). The subselects
// hide the lengths of the arrays: PostgreSQL would make a new plan for each.
func unnest(columns []column) string {
	var from, names strings.Builder
	for i, c := range columns {
		if i > 0 {
			from.WriteString(", ")
			names.WriteString(", ")
		}
		fmt.Fprintf(&from, "(SELECT $%d::%s[])", i+1, c.kind)
		fmt.Fprintf(&names, "k%d", i+1)
	}
	return "unnest(" + from.String() + ") k (" + names.String() + ")"
}

// arrays returns the columns of rows for PostgreSQL, an array each.
func arrays(rows [][]column) []any {
	args := make([]any, len(rows[0]))
	for i, c := range rows[0] {
		switch c.kind {
		case "uuid":
			args[i] = array[[16]byte](rows, i)
		case "bigint":
			args[i] = array[int64](rows, i)
		case "boolean":
			args[i] = array[bool](rows, i)
		case "bytea":
			args[i] = array[[]byte](rows, i)
		case "timestamptz":
			args[i] = array[*time.Time](rows, i)
		default:
			args[i] = array[string](rows, i)
		}
	}
	return args
}

func array[T any](rows [][]column, i int) []T {
	values := make([]T, len(rows))
	for r, row := range rows {
		switch v := row[i].arg(Postgres).(type) {
		case T:
			values[r] = v
		case time.Time:
			*any(&values[r]).(**time.Time) = &v
		}
	}
	return values
}
