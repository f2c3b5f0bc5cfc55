package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/adapters/postgres/internal/shop"
	"github.com/tjansteresor/tjansteresor/internal/pgserver"
)

// pgbench runs pgbench -N: update an account, read it, and insert a row of
// history, in one transaction of five round trips.
type pgbench struct{ binary, url string }

// scale is 1,000,000 accounts.
const scale = 10

func newPgbench(ctx context.Context, server *pgserver.Server) (*pgbench, error) {
	binary, err := server.Binary("pgbench")
	if err != nil {
		return nil, err
	}
	if err := shop.CreateDatabase(ctx, server, "bench"); err != nil {
		return nil, err
	}
	b := &pgbench{binary: binary, url: server.URL("bench")}
	_, err = b.command(ctx, "-i", "-q", "-s", strconv.Itoa(scale))
	return b, err
}

func (b *pgbench) command(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, b.binary, append(args, b.url)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("pgbench: %w: %s", err, out)
	}
	return string(out), nil
}

func (b *pgbench) run(ctx context.Context, clients int, length time.Duration) (load.Outcome, error) {
	dir, err := os.MkdirTemp("", "pgbench")
	if err != nil {
		return load.Outcome{}, err
	}
	defer os.RemoveAll(dir)
	seconds := max(1, int(length.Seconds()))
	_, err = b.command(ctx, "-N", "-n", "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)),
		"-T", strconv.Itoa(seconds), "-l", "--log-prefix="+filepath.Join(dir, "log"))
	if err != nil {
		return load.Outcome{}, err
	}
	latencies, err := readLogs(dir)
	return load.OutcomeOf(latencies, time.Duration(seconds)*time.Second), err
}

// readLogs reads the latency, in microseconds, of every transaction.
func readLogs(dir string) ([]time.Duration, error) {
	files, err := filepath.Glob(filepath.Join(dir, "log*"))
	if err != nil {
		return nil, err
	}
	var latencies []time.Duration
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if len(fields) < 3 {
				continue
			}
			us, err := strconv.Atoi(fields[2])
			if err != nil {
				return nil, fmt.Errorf("pgbench's log: %w", err)
			}
			latencies = append(latencies, time.Duration(us)*time.Microsecond)
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return latencies, nil
}
