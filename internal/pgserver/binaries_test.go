package pgserver

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// installation makes a folder with programs that are only looked at.
func installation(t *testing.T, path ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{t.TempDir()}, path...)...)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for _, program := range []string{"postgres", "initdb"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, program), nil, 0o755))
	}
	dir, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	return dir
}

func TestBinaries(t *testing.T) {
	t.Parallel()
	chosen, linked := installation(t), installation(t)
	old, recent := installation(t, "9.6", "bin"), installation(t, "17", "bin")
	debian := []string{recent, old, filepath.Join(t.TempDir(), "18", "bin")}
	link := filepath.Join(t.TempDir(), "postgres")
	require.NoError(t, os.Symlink(filepath.Join(linked, "postgres"), link))
	lone := filepath.Join(t.TempDir(), "postgres")
	require.NoError(t, os.WriteFile(lone, nil, 0o755))

	for name, c := range map[string]struct {
		env, path string
		debian    []string
		want, err string
	}{
		"PG_BIN goes first":            {chosen, link, debian, chosen, ""},
		"a PG_BIN without programs":    {filepath.Dir(link), link, debian, "", "PG_BIN: no postgres and initdb in "},
		"PATH, where the link leads":   {"", link, debian, linked, ""},
		"PATH with a lone postgres":    {"", lone, debian, recent, ""},
		"the newest that is installed": {"", "", debian, recent, ""},
		"none":                         {"", "", debian[2:], "", ErrUnavailable.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := machine{
				getenv: func(string) string { return c.env },
				lookPath: func(string) (string, error) {
					if c.path == "" {
						return "", os.ErrNotExist
					}
					return c.path, nil
				},
				glob: func(string) ([]string, error) { return append([]string(nil), c.debian...), nil },
			}.binaries()
			assert.Equal(t, c.want, got)
			if c.err == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.err)
			}
			assert.Equal(t, name == "none", errors.Is(err, ErrUnavailable), "a mistake is not an excuse")
		})
	}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	dirs := func(versions string) (list []string) {
		for _, v := range strings.Fields(versions) {
			list = append(list, "/usr/lib/postgresql/"+v+"/bin")
		}
		return list
	}
	for versions, want := range map[string]string{"9.6 15 13": "15", "9 10": "10", "9.5 9.10": "9.10", "trunk 14": "14", "trunk": "trunk"} {
		assert.Equal(t, dirs(want)[0], newest(dirs(versions)), versions)
	}
}
