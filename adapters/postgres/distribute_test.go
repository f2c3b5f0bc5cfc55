package postgres_test

import (
	"context"
	"regexp"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/postgres"
)

// Every table is distributed, by a column that each of its keys begins with.
func TestDistributeSQLKnowsEveryTable(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	sql, err := postgres.DistributeSQL(inSchema)
	require.NoError(t, err)
	columns := map[string]string{}
	for _, m := range regexp.MustCompile(`create_(?:distributed|reference)_table\('"user"\.our_(\w+)'(?:, '(\w+)')?`).FindAllStringSubmatch(sql, -1) {
		columns[m[1]] = m[2]
	}
	rows, err := pool.Query(context.Background(), `SELECT replace(c.relname, 'our_', ''), coalesce((SELECT array_agg(a.attname::text ORDER BY i.indexrelid)
		FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisunique), '{}')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'user' AND c.relkind = 'r' AND c.relname LIKE 'our\_%'`)
	require.NoError(t, err)
	var table string
	var leading []string
	tables := 0
	_, err = pgx.ForEachRow(rows, []any{&table, &leading}, func() error {
		tables++
		by, known := columns[table]
		assert.True(t, known, "%s is not distributed", table)
		if by != "" {
			assert.False(t, slices.ContainsFunc(leading, func(c string) bool { return c != by }), "%s is distributed by %s, and has keys that begin with %v", table, by, leading)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, columns, tables, "a table that does not exist is distributed")
}
