package postgres_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
)

// smallDisk returns a folder of the server's user, on a disk of its own.
func smallDisk(t *testing.T, url, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a small disk is mounted by root only")
	}
	disk, err := os.MkdirTemp("", "small-disk-") // which the server's user can reach
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.Remove(disk)) })
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size="+size+",mode=755"); errors.Is(err, syscall.EPERM) {
		t.Skip("this root may mount nothing")
	} else {
		require.NoError(t, err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(disk, 0)) })
	var owner syscall.Stat_t
	require.NoError(t, syscall.Stat(data(t, url), &owner))
	folder := filepath.Join(disk, "space")
	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, os.Chown(folder, int(owner.Uid), int(owner.Gid)))
	return folder
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

// TestI2_FullDisk: what does not fit is refused whole, and is bought when there
// is room again.
func TestI2_FullDisk(t *testing.T) {
	t.Parallel()
	server, url := serverOfItsOwn(t)
	disk := smallDisk(t, url, "32m")
	ctx := faultContext(t)
	require.NoError(t, execute(ctx, url, "CREATE TABLESPACE small LOCATION '"+disk+"'"))
	t.Cleanup(func() { assert.NoError(t, server.Stop()) }) // before the disk goes
	for by, way := range ways {
		t.Run(by, func(t *testing.T) {
			name := strings.ReplaceAll(by, "/", "_")
			require.NoError(t, execute(ctx, url, `CREATE DATABASE "`+name+`" TABLESPACE small`))
			url := server.URL(name)
			migrating, err := pgxpool.New(ctx, url)
			require.NoError(t, err)
			require.NoError(t, postgres.Migrate(ctx, migrating, postgres.Options{}))
			migrating.Close()
			m, err := openMarket(t, url).Join(way.open(t, url))
			require.NoError(t, err)
			var ledger market.Ledger
			require.Empty(t, m.Try(ctx, &ledger, 4, market.Orders(0, 20)))
			filler := filepath.Join(filepath.Dir(disk), "filler")
			fillUp(t, filler)
			const callers, many = 4, 1500
			refuses(ctx, t, m, &ledger, market.Orders(20, many), says("could not extend file"))
			t.Logf("%d orders fitted", ledger.Answered())
			require.NoError(t, m.Holds(ctx, &ledger))
			require.NoError(t, os.Remove(filler))
			require.NoError(t, m.Rush(ctx, &ledger, callers, market.Orders(0, 40)))
			require.NoError(t, m.Rush(ctx, &ledger, callers, market.Orders(many, many+20)))
			for _, n := range ledger.Unanswered() {
				require.NoError(t, m.Insist(ctx, &ledger, n))
			}
			assert.NoError(t, m.Check(ctx, &ledger))
		})
	}
}
