// Load measures how many authorizations a second the store makes in an SQLite
// file (WAL, synchronous FULL), next to bare appends of 8 KiB with an fdatasync
// each on the same disk in the same run, and checks after every run that
// nothing was lost or counted twice. Only the ratios mean something on another
// machine.
//
//	go run ./internal/load -dir /var/tmp -clients 1,32 -length 5s -rounds 3
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/travel"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir := flag.String("dir", "", "on the disk to measure; a folder in it is made and removed")
	clients := flag.String("clients", "1,32", "how many clients, one comparison each")
	length := flag.Duration("length", 5*time.Second, "of one run")
	rounds := flag.Int("rounds", 3, "runs of each kind; the medians are printed")
	travelers := flag.Int("travelers", 20_000, "in the database")
	profile := flag.String("cpuprofile", "", "file to write a CPU profile to")
	flag.Parse()
	folder, err := os.MkdirTemp(*dir, "load")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	db, err := sql.Open("sqlite", filepath.Join(folder, "store.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	store, shop, err := open(ctx, db, *travelers)
	if err != nil {
		return err
	}
	defer store.Close()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var runs []load.Run
	for _, text := range strings.Split(*clients, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("-clients %q: must be numbers above 0, with commas between", *clients)
		}
		runs = append(runs, load.Run{
			Label:     fmt.Sprintf("%d clients", n),
			Ours:      func(ctx context.Context) (load.Outcome, error) { return shop.Authorize(ctx, n, *length) },
			Base:      func(ctx context.Context) (load.Outcome, error) { return appends(ctx, folder, *length) },
			Invariant: func(ctx context.Context) error { return check(ctx, db, shop) },
		})
	}
	return load.Compare(ctx, os.Stdout, "authorize", "append", *rounds, runs...)
}

func open(ctx context.Context, db *sql.DB, travelers int) (*sqlite.Store, *load.Shop, error) {
	if err := sqlite.Migrate(ctx, db, sqlite.Options{}); err != nil {
		return nil, nil, err
	}
	store, err := sqlite.New(db, sqlite.Options{})
	if err != nil {
		return nil, nil, err
	}
	shop, err := load.NewShop(store, time.Now)
	if err != nil {
		return nil, nil, err
	}
	company, err := shop.OpenCompany(ctx)
	if err != nil {
		return nil, nil, err
	}
	err = store.Update(ctx, func(tx travel.Tx) error {
		for n := range travelers {
			t, err := shop.Traveler(company, n)
			if err != nil {
				return err
			}
			if err := tx.SaveTraveler(ctx, t); err != nil {
				return err
			}
			shop.Admit(t)
		}
		return nil
	})
	return store, shop, err
}

// appends writes 8 KiB and waits for the disk, one after the other: what the
// least that a commit can do costs.
func appends(ctx context.Context, folder string, length time.Duration) (load.Outcome, error) {
	f, err := os.Create(filepath.Join(folder, "appends"))
	if err != nil {
		return load.Outcome{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, 8192)
	return load.Together(ctx, 1, length, func(context.Context, int) error {
		if _, err := f.Write(block); err != nil {
			return err
		}
		return datasync(f)
	})
}

// check compares what callers were told with what the tables hold.
func check(ctx context.Context, db *sql.DB, shop *load.Shop) error {
	var t load.Tally
	err := db.QueryRowContext(ctx, fmt.Sprintf(load.TallySQL, "r.value ->> 'amount'", "json_each(t0.open)")).
		Scan(&t.Authorizations, &t.Commands, &t.Pending, &t.Reserved, &t.Held, &t.Over)
	if err != nil {
		return err
	}
	return shop.Check(t)
}
