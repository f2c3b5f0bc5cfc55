// Load measures how many authorizations a second the store makes on a real
// PostgreSQL, next to pgbench -N on the same server in the same run, and checks
// after every run that nothing was lost or counted twice. Only the ratios mean
// something on another machine.
//
//	go run ./internal/load -clients 1,8,32,64 -length 5s -rounds 3
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/adapters/postgres/internal/shop"
	"github.com/tjansteresor/tjansteresor/internal/pgserver"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	clients              []int
	length               time.Duration
	rounds               int
	travelers, companies int
	lanes, hot           int
	profile              string
	statements           bool
}

func parse() (settings, error) {
	var s settings
	clients := flag.String("clients", "1,8,32,64", "how many clients, one comparison each")
	flag.DurationVar(&s.length, "length", 5*time.Second, "of one run")
	flag.IntVar(&s.rounds, "rounds", 3, "runs of each kind; the medians are printed")
	flag.IntVar(&s.travelers, "travelers", 100_000, "in the database")
	flag.IntVar(&s.companies, "companies", 1_000, "in the database")
	flag.IntVar(&s.lanes, "lanes", 0, "transactions of grouped decisions at a time; 0 is the store's default")
	flag.IntVar(&s.hot, "hot", 32, "clients on one single traveler; 0 leaves them out")
	flag.StringVar(&s.profile, "cpuprofile", "", "file to write a CPU profile to")
	flag.BoolVar(&s.statements, "statements", false, "print what PostgreSQL spends on each of our statements (needs pg_stat_statements)")
	flag.Parse()
	for _, c := range strings.Split(*clients, ",") {
		n, err := strconv.Atoi(c)
		if err != nil || n < 1 {
			return s, fmt.Errorf("-clients %q: must be numbers above 0, with commas between", *clients)
		}
		s.clients = append(s.clients, n)
	}
	return s, nil
}

func run(ctx context.Context) error {
	s, err := parse()
	if err != nil {
		return err
	}
	set := map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB", "max_connections": "200"}
	if s.statements {
		maps.Copy(set, shop.StatementSettings)
	}
	server, err := pgserver.Start(pgserver.Options{Durable: true, Private: true, Settings: set})
	if err != nil {
		return err
	}
	defer server.Stop()
	bench, err := newPgbench(ctx, server)
	if err != nil {
		return err
	}
	ours, err := shop.Open(ctx, server, "ours", postgres.Options{Lanes: s.lanes}, shop.Size{Travelers: s.travelers, Companies: s.companies})
	if err != nil {
		return err
	}
	defer ours.Close()
	if s.statements {
		if err := ours.CountStatements(ctx); err != nil {
			return err
		}
	}
	if s.profile != "" {
		f, err := os.Create(s.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if err := load.Compare(ctx, os.Stdout, "authorize", "pgbench -N", s.rounds, runs(s, bench, ours)...); err != nil || !s.statements {
		return err
	}
	return ours.PrintStatements(ctx, os.Stdout)
}

func runs(s settings, bench *pgbench, ours *shop.Shop) []load.Run {
	against := func(label string, clients int, sell func(context.Context, int, time.Duration) (load.Outcome, error)) load.Run {
		return load.Run{
			Label:     label,
			Ours:      func(ctx context.Context) (load.Outcome, error) { return sell(ctx, clients, s.length) },
			Base:      func(ctx context.Context) (load.Outcome, error) { return bench.run(ctx, clients, s.length) },
			Invariant: ours.Check,
		}
	}
	var runs []load.Run
	for _, n := range s.clients {
		runs = append(runs, against(fmt.Sprintf("%d clients", n), n, ours.Authorize))
	}
	if s.hot > 0 {
		runs = append(runs, against(fmt.Sprintf("%d on one traveler", s.hot), s.hot, ours.AuthorizeOne))
	}
	return runs
}
