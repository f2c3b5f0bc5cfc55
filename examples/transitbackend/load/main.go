// Command load buys on a transitbackend as fast as it answers: each connection
// reserves a ticket with a phone of its own, captures it with a purpose, and
// begins anew. Then it has everything audited.
//
//	go run ./examples/transitbackend -data "$(mktemp -d)" -crowd 128 -unlimited
//	go run ./examples/transitbackend/load -url http://127.0.0.1:8080
//
// The backend must have travelers whose codes are not used yet, which is what
// -crowd is for, and must not limit how often one machine may call, which is what
// -unlimited is for. Declines are answers; everything else that is not a success
// is an error.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	url := flags.String("url", "http://127.0.0.1:8080", "where the backend is")
	connections := flags.Int("connections", 64, "how many buy at the same time")
	count := flags.Int("phones", 128, "how many phones to activate; at least one per connection")
	lasts := flags.Duration("for", time.Minute, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *connections < 1 || *count < *connections {
		return errors.New("-phones must be at least -connections, and these at least 1")
	}
	site := client.New(*url, *connections)
	defer site.Close()
	phones, err := activate(ctx, site, *count)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d phones are activated. Buying over %d connections for %s.\n", len(phones), *connections, *lasts)
	begun := time.Now()
	total := buy(ctx, phones, *connections, *lasts)
	total.print(out, time.Since(begun))
	drifts, err := site.Audit(ctx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	fmt.Fprintf(out, "audit       %d differences\n", drifts)
	if drifts > 0 || total.failed() > 0 {
		return errors.New("there were errors")
	}
	return nil
}

// activate puts the newest codes of the inbox into phones.
func activate(ctx context.Context, site *client.Site, count int) (phones []*client.Phone, err error) {
	for page := 0; len(phones) < count; page++ {
		list, err := site.Inbox(ctx, page)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("there are codes for %d phones only: start the backend with -crowd %d on an empty folder", len(phones), count)
		}
		for _, m := range list[:min(len(list), count-len(phones))] {
			p, err := site.Register(ctx, m.Number)
			if err == nil {
				err = p.Activate(ctx, m.Username, m.Code)
			}
			if refused := (*client.Problem)(nil); errors.As(err, &refused) && refused.Code == "activation_refused" {
				continue // used before
			}
			if err != nil {
				return nil, err
			}
			phones = append(phones, p)
		}
	}
	return phones, nil
}

// tally is what became of the requests of a connection.
type tally struct {
	authorize, capture, whole []time.Duration
	declines, errors          map[string]int
}

// buy has every connection buy with its own part of the phones, until the time
// is over; what has begun by then is completed.
func buy(ctx context.Context, phones []*client.Phone, connections int, lasts time.Duration) tally {
	until := time.Now().Add(lasts)
	tallies := make([]tally, connections)
	var all sync.WaitGroup
	for i := range tallies {
		all.Go(func() {
			t := tally{declines: map[string]int{}, errors: map[string]int{}}
			for turn := i; time.Now().Before(until) && ctx.Err() == nil; turn += connections {
				t.once(ctx, phones[turn%len(phones)])
			}
			tallies[i] = t
		})
	}
	all.Wait()
	total := tally{declines: map[string]int{}, errors: map[string]int{}}
	for _, t := range tallies {
		total.add(t)
	}
	return total
}

// once buys one ticket.
func (t *tally) once(ctx context.Context, p *client.Phone) {
	begun, key := time.Now(), rand.Text()
	authorization, err := p.Authorize(ctx, key)
	reserved := time.Now()
	if err != nil {
		t.count(err)
		return
	}
	if err := p.Capture(ctx, key, authorization, "Belastningsprov"); err != nil {
		t.count(err)
		return
	}
	t.authorize = append(t.authorize, reserved.Sub(begun))
	t.capture = append(t.capture, time.Since(reserved))
	t.whole = append(t.whole, time.Since(begun))
}

func (t *tally) count(err error) {
	problem := (*client.Problem)(nil)
	switch {
	case !errors.As(err, &problem):
		t.errors["no answer"]++
	case len(problem.Decline) > 0:
		t.declines[problem.Code]++
	default:
		t.errors[problem.Error()]++
	}
}

func (t *tally) add(other tally) {
	t.authorize = append(t.authorize, other.authorize...)
	t.capture = append(t.capture, other.capture...)
	t.whole = append(t.whole, other.whole...)
	for code, n := range other.declines {
		t.declines[code] += n
	}
	for code, n := range other.errors {
		t.errors[code] += n
	}
}

func (t *tally) failed() (n int) {
	for _, count := range t.errors {
		n += count
	}
	return n
}

func (t *tally) print(out io.Writer, took time.Duration) {
	fmt.Fprintf(out, "purchases   %d, %.0f a second\n", len(t.whole), float64(len(t.whole))/took.Seconds())
	for _, row := range []struct {
		name string
		list []time.Duration
	}{{"authorize", t.authorize}, {"capture", t.capture}, {"both", t.whole}} {
		slices.Sort(row.list)
		fmt.Fprintf(out, "%-11s p50 %s  p99 %s  most %s\n", row.name, quantile(row.list, 50), quantile(row.list, 99), quantile(row.list, 100))
	}
	fmt.Fprintf(out, "declines    %v\nerrors      %v\n", t.declines, t.errors)
}

// quantile returns a percentile of a sorted list.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := (len(sorted)*percent + 99) / 100
	return sorted[max(at, 1)-1].Round(10 * time.Microsecond)
}
