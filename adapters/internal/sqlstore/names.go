package sqlstore

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// Names says what the tables are called in a database. It is safe for
// concurrent use once it is made.
type Names struct {
	schema, prefix string
	named          sync.Map // statement → the same with names
}

// DefaultPrefix keeps the tables apart from the host's own.
const DefaultPrefix = "tjr_"

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// NewNames checks a schema ("" for the default of the connection) and a prefix
// ("" for [DefaultPrefix]): lower-case letters, digits and underscores.
func NewNames(schema, prefix string) (*Names, error) {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	if schema != "" && !identifier.MatchString(schema) {
		return nil, fmt.Errorf("schema %q: must be lower-case letters, digits and underscores", schema)
	}
	if !identifier.MatchString(prefix) {
		return nil, fmt.Errorf("prefix %q: must be lower-case letters, digits and underscores", prefix)
	}
	return &Names{schema: schema, prefix: prefix}, nil
}

// Schema returns the schema, or "".
func (n *Names) Schema() string { return n.schema }

// Table returns the name of a table, as statements say it. The schema is
// quoted, because it may be a word of the language such as user.
func (n *Names) Table(name string) string {
	if n.schema == "" {
		return n.prefix + name
	}
	return `"` + n.schema + `".` + n.prefix + name
}

var placeholder = regexp.MustCompile(`\{(#?)([a-z_]+)\}`)

// Expand puts the names of tables for {table}, and those of indexes and
// constraints, which have no schema, for {#name}.
func (n *Names) Expand(sql string) string {
	return placeholder.ReplaceAllStringFunc(sql, func(s string) string {
		name := strings.Trim(s, "{#}")
		if s[1] == '#' {
			return n.prefix + name
		}
		return n.Table(name)
	})
}

// statement is Expand for statements that come again and again.
func (n *Names) statement(sql string) string {
	if named, ok := n.named.Load(sql); ok {
		return named.(string)
	}
	named := n.Expand(sql)
	n.named.Store(sql, named)
	return named
}
