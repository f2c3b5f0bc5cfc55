// Million measures what a million travelers and five million purchases cost on
// a real PostgreSQL: how many authorizations a second the store makes next to a
// small database on the same server, and how fast it closes the month next to a
// bare GROUP BY of the same rows and to bare reading. Only the ratios mean something on another
// machine. The full size takes about 20 GB of disk.
//
//	go run ./internal/million
//	go run ./internal/million -travelers 20000 -purchases 100000 -companies 100 -small 20000 -audit
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/adapters/postgres/internal/shop"
	"github.com/tjansteresor/tjansteresor/credit"
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
	large, small int
	companies    int
	departments  int
	purchases    int
	clients      int
	length       time.Duration
	rounds       int
	closers      []int
	dir, profile string
	statements   bool
	audit        bool
}

func parse() (settings, error) {
	var s settings
	flag.IntVar(&s.large, "travelers", 1_000_000, "in the large database")
	flag.IntVar(&s.small, "small", 100_000, "travelers in the small database")
	flag.IntVar(&s.companies, "companies", 1_000, "in either database")
	flag.IntVar(&s.departments, "departments", 4, "of each company")
	flag.IntVar(&s.purchases, "purchases", 5_000_000, "captured in one month, in the large database")
	flag.IntVar(&s.clients, "clients", 32, "that authorize")
	flag.DurationVar(&s.length, "length", 10*time.Second, "of one run")
	flag.IntVar(&s.rounds, "rounds", 3, "runs in each database; the medians are printed. 0 leaves them out")
	closers := flag.String("closers", "1,2", "how many companies are closed at a time; each gets its share of the companies")
	flag.StringVar(&s.dir, "dir", "", "on the disk to measure; a folder in it is made and removed")
	flag.StringVar(&s.profile, "cpuprofile", "", "file to write a CPU profile of the month close to")
	flag.BoolVar(&s.statements, "statements", false, "print what PostgreSQL spends on each statement of the month close (needs pg_stat_statements)")
	flag.BoolVar(&s.audit, "audit", false, "verify every company and every purchase at the end, and not one company")
	flag.Parse()
	for _, c := range strings.Split(*closers, ",") {
		n, err := strconv.Atoi(c)
		if err != nil || n < 1 {
			return s, fmt.Errorf("-closers %q: must be numbers above 0, with commas between", *closers)
		}
		s.closers = append(s.closers, n)
	}
	if s.purchases < 1 || s.companies < len(s.closers) {
		return s, fmt.Errorf("-purchases %d, -companies %d: too few to close a month", s.purchases, s.companies)
	}
	return s, nil
}

func run(ctx context.Context) error {
	s, err := parse()
	if err != nil {
		return err
	}
	set := map[string]string{
		"shared_buffers": "512MB", "max_wal_size": "8GB", "max_connections": "200", "maintenance_work_mem": "256MB",
	}
	if s.statements {
		maps.Copy(set, shop.StatementSettings)
	}
	server, err := pgserver.Start(pgserver.Options{Durable: true, Private: true, Settings: set, Dir: s.dir})
	if err != nil {
		return err
	}
	defer server.Stop()

	size := shop.Size{Travelers: s.small, Companies: s.companies, Departments: s.departments}
	small, err := shop.Open(ctx, server, "small", postgres.Options{}, size)
	if err != nil {
		return err
	}
	defer small.Close()
	size.Travelers, size.Purchases = s.large, s.purchases
	size.Month = credit.MonthOf(time.Now(), small.Service.Rules().Zone) - 1
	start := time.Now()
	large, err := shop.Open(ctx, server, "large", postgres.Options{}, size)
	if err != nil {
		return err
	}
	defer large.Close()
	fmt.Printf("%d travelers and %d purchases in %s\n\n", size.Travelers, size.Purchases, time.Since(start).Round(time.Second))
	if s.rounds > 0 {
		if err := authorize(ctx, s, small, large); err != nil {
			return err
		}
	}
	return closeMonth(ctx, s, large, size.Month)
}

// authorize sells in both databases in turns.
func authorize(ctx context.Context, s settings, small, large *shop.Shop) error {
	sell := func(in *shop.Shop) func(context.Context) (load.Outcome, error) {
		return func(ctx context.Context) (load.Outcome, error) { return in.Authorize(ctx, s.clients, s.length) }
	}
	err := load.Compare(ctx, os.Stdout, "large", "small", s.rounds, load.Run{
		Label: fmt.Sprintf("authorize, %d clients", s.clients), Ours: sell(large), Base: sell(small),
		Invariant: func(ctx context.Context) error {
			if err := small.Check(ctx); err != nil {
				return err
			}
			return large.Check(ctx)
		},
	})
	if err != nil {
		return err
	}
	return large.ExpireAll(ctx)
}
