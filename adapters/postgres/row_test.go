package postgres

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

// field is a destination that counts how often it is read.
type field struct {
	value any
	reads int
}

// Scan implements sql.Scanner.
func (f *field) Scan(src any) error {
	f.value = src
	f.reads++
	return nil
}

func TestRepeatedValuesAreReadOnce(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), NewDatabase(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	tx, err := poolDriver{pool}.Begin(t.Context(), sqlstore.Snapshot)
	require.NoError(t, err)
	defer tx.Rollback()

	// What is infinite is left to pgx, and so is the rest of its row.
	const sql = `SELECT at::timestamptz, name FROM (VALUES (1, '2026-01-13 11:00Z', 'a'), (2, '2026-01-13 11:00Z', 'a'),
		(3, '2026-01-13 11:00Z', NULL), (4, '2026-01-13 11:00Z', ''), (5, 'infinity', 'b'),
		(6, '2026-01-13 11:00Z', ''), (7, '2026-01-13 11:00Z', '')) AS v (n, at, name) ORDER BY n`
	at := time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)
	want := [][2]any{{at, "a"}, {at, "a"}, {at, nil}, {at, ""}, {"infinity", "b"}, {at, ""}, {at, ""}}
	for _, c := range []struct {
		repeats bool
		reads   [2]int
	}{{false, [2]int{7, 7}}, {true, [2]int{3, 5}}} {
		var fields [2]field
		var got [][2]any
		err := tx.Run(t.Context(), sqlstore.Statement{
			SQL: sql,
			Scan: func(r sqlstore.Row) error {
				err := r.Scan(&fields[0], &fields[1])
				got = append(got, [2]any{fields[0].value, fields[1].value})
				return err
			},
			Repeats: c.repeats,
		})
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, c.reads, [2]int{fields[0].reads, fields[1].reads}, "repeats: %t", c.repeats)
	}
}
