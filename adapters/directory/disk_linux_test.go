package directory_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A full disk is an error that leaves nothing; with room again it is delivered.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("a small disk is mounted by root only")
	}
	disk := t.TempDir()
	err := syscall.Mount("none", disk, "tmpfs", 0, "size=128k")
	if errors.Is(err, syscall.EPERM) {
		t.Skip("this root may mount nothing")
	}
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(disk, 0)) })
	filler := filepath.Join(disk, "filler")
	require.NoError(t, os.WriteFile(filler, make([]byte, 112<<10), 0o600))

	x := open(t, disk, with(list("csv", "csv")))
	d, lines := document(17)
	for range 2 {
		_, err = x.Deliver(t.Context(), d, lines)
		require.ErrorIs(t, err, syscall.ENOSPC)
		assert.NotContains(t, err.Error(), purpose)
		assert.Empty(t, hidden(t, disk))
	}
	require.NoError(t, os.Remove(filler))
	answer, err := x.Deliver(t.Context(), d, lines)
	require.NoError(t, err)
	assert.Equal(t, accepted("2026-01/JLT-17"), answer)
	assert.Equal(t, map[string]string{"2026-01/JLT-17/JLT-17.csv": whole(t, d, lines)}, seen(t, disk))
}
