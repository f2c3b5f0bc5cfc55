package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
)

// smallDisk returns a folder on a disk of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a small disk is mounted by root only")
	}
	disk := t.TempDir()
	err := syscall.Mount("none", disk, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("this root may mount nothing")
	}
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(disk, 0)) })
	return disk
}

// fillUp writes a file until the disk is full.
func fillUp(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	require.NoError(t, err)
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
}

// TestI2_FullDisk: what does not fit is refused whole, and is bought by the same
// store when there is room again.
func TestI2_FullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "8m")
	ctx := faultContext(t)
	m, db := openMarket(t, filepath.Join(disk, "travel.db"))
	var ledger market.Ledger
	require.Empty(t, m.Try(ctx, &ledger, 4, market.Orders(0, 20)))
	for round := range 3 {
		filler := filepath.Join(disk, "filler")
		fillUp(t, filler)
		first, many := 1000*(round+1), 900
		fitted := ledger.Answered()
		refuses(ctx, t, m, &ledger, market.Orders(first, first+many), says("full"))
		t.Logf("%d orders fitted", ledger.Answered()-fitted)
		require.NoError(t, m.Holds(ctx, &ledger), "it can be read")
		require.NoError(t, os.Remove(filler))
		require.NoError(t, m.Rush(ctx, &ledger, 4, market.Orders(first, first+40)))
	}
	for _, n := range ledger.Unanswered() {
		require.NoError(t, m.Insist(ctx, &ledger, n))
	}
	assert.NoError(t, m.Check(ctx, &ledger))
	integrity(t, db)
}
