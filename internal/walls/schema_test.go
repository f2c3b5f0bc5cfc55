package walls

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inSQLite are the types of the one database in the other.
var inSQLite = strings.NewReplacer(
	" uuid", " BLOB", " bytea", " BLOB", ` text COLLATE "C"`, " TEXT", " text", " TEXT", " json", " TEXT",
	" bigint", " INTEGER", " boolean", " INTEGER", " timestamptz", " INTEGER",
	" DEFAULT false", " DEFAULT 0",
)

// same is the text of a migration without what may differ: comments, and what
// is said of a table as a whole.
func same(text string) (lines []string) {
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == "" || strings.HasPrefix(line, "--"):
		case strings.HasPrefix(line, ")"):
			lines = append(lines, ")")
		default:
			lines = append(lines, line)
		}
	}
	return lines
}

// The SQL stores have one engine, so their tables are the same.
func TestSchemasAreTheSame(t *testing.T) {
	t.Parallel()
	folder := func(adapter string) string { return filepath.Join(root, "adapters", adapter, "migrations") }
	names := func(adapter string) (list []string) {
		files, err := os.ReadDir(folder(adapter))
		require.NoError(t, err)
		for _, f := range files {
			list = append(list, f.Name())
		}
		return list
	}
	files := names("postgres")
	require.NotEmpty(t, files)
	require.Equal(t, files, names("sqlite"))
	for _, name := range files {
		postgres, err := os.ReadFile(filepath.Join(folder("postgres"), name))
		require.NoError(t, err)
		sqlite, err := os.ReadFile(filepath.Join(folder("sqlite"), name))
		require.NoError(t, err)
		want, got := same(inSQLite.Replace(string(postgres))), same(string(sqlite))
		require.Len(t, got, len(want), name)
		for i, line := range want {
			assert.Equal(t, line, got[i], name)
		}
	}
}
