package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tjansteresor/tjansteresor/adapters/internal/load"
	"github.com/tjansteresor/tjansteresor/adapters/postgres/internal/shop"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// closeMonth closes the month and prints how fast that was, next to the GROUP BY
// before and after, and to reading the same lines and nothing else. Each way of
// closing gets its share of the companies, all of the same size.
func closeMonth(ctx context.Context, s settings, large *shop.Shop, m credit.Month) error {
	large.Holders = nil // nobody sells any more, and the heap is to be seen
	invoices, err := newInvoices(large, m)
	if err != nil {
		return err
	}
	bare, err := groupBy(ctx, large, m)
	if err != nil {
		return err
	}
	if s.statements {
		if err := large.CountStatements(ctx); err != nil {
			return err
		}
	}
	stop, err := profile(s.profile)
	if err != nil {
		return err
	}
	defer stop()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "close\tlines\ttook\tlines/s\tGROUP BY\ttimes as long\tread\ttimes as long\theap before\tpeak")
	for i, closers := range s.closers {
		first, last := 1+s.companies*i/len(s.closers), s.companies*(i+1)/len(s.closers)
		lines, err := read(ctx, large, m, first, last)
		if err != nil {
			return err
		}
		closed, err := closeCompanies(ctx, invoices, m, first, last, closers)
		if err != nil {
			return err
		}
		after, err := groupBy(ctx, large, m)
		if err != nil {
			return err
		}
		sums := (bare.perSecond() + after.perSecond()) / 2
		fmt.Fprintf(w, "%d at a time\t%d\t%s\t%.0f\t%.0f/s\t%.1f\t%.0f/s\t%.1f\t%s\t%s\n",
			closers, closed.lines, closed.took.Round(time.Millisecond), closed.perSecond(), sums, sums/closed.perSecond(),
			lines.perSecond(), lines.perSecond()/closed.perSecond(), megabytes(closed.before), megabytes(closed.peak))
		bare = after
	}
	stop()
	if err := w.Flush(); err != nil {
		return err
	}
	if s.statements {
		if err := large.PrintStatements(ctx, os.Stdout); err != nil {
			return err
		}
	}
	return checkClose(ctx, s, large, invoices, m, bare)
}

// newInvoices returns a service for which the month and its grace are over.
func newInvoices(large *shop.Shop, m credit.Month) (*invoice.Service, error) {
	over := m.End(large.Service.Rules().Zone).Add(30 * 24 * time.Hour)
	return invoice.New(invoice.Config{
		Store: large.Store, Travel: large.Service, Clock: func() time.Time { return over },
		Sellers: []invoice.Seller{{Series: "JLT", Party: invoice.Party{
			Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
			Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
		}}},
	})
}

// work is what was done and in what time.
type work struct {
	lines        int64
	gross        credit.Amount
	took         time.Duration
	before, peak uint64
}

func (w work) perSecond() float64 { return float64(w.lines) / w.took.Seconds() }

func megabytes(bytes uint64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }

// groupBy reads the sums that the documents of the month need, which is the
// least that any close can do: the median of three.
func groupBy(ctx context.Context, large *shop.Shop, m credit.Month) (work, error) {
	var runs []work
	for range 3 {
		start := time.Now()
		rows, err := large.Pool.Query(ctx, `SELECT company, department, seller, vat_rate, vat_category, kind, sum(gross)::bigint, count(*)
			FROM tjr_entry WHERE billing = $1 GROUP BY company, department, seller, vat_rate, vat_category, kind`, m.String())
		if err != nil {
			return work{}, err
		}
		var w work
		var company, department [16]byte
		var seller, category string
		var rate, kind, gross, lines int64
		_, err = pgx.ForEachRow(rows, []any{&company, &department, &seller, &rate, &category, &kind, &gross, &lines}, func() error {
			w.lines += lines
			w.gross += credit.Amount(gross)
			return nil
		})
		if err != nil {
			return work{}, err
		}
		w.took = time.Since(start)
		runs = append(runs, w)
	}
	slices.SortFunc(runs, func(a, b work) int { return int(a.took - b.took) })
	return runs[1], nil
}

// read reads the lines of companies and leaves them unread, one company after
// the other and in the order of the index: the least that a close can do that
// looks at each line.
func read(ctx context.Context, large *shop.Shop, m credit.Month, first, last int) (work, error) {
	var w work
	start := time.Now()
	for n := first; n <= last; n++ {
		err := pgx.BeginFunc(ctx, large.Pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "SET LOCAL enable_sort = off"); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, "SELECT * FROM tjr_entry WHERE company = $1 AND billing = $2 ORDER BY id", load.Nth(n), m.String())
			if err != nil {
				return err
			}
			for rows.Next() {
				w.lines++
			}
			return rows.Err()
		})
		if err != nil {
			return w, err
		}
	}
	w.took = time.Since(start)
	return w, nil
}

// closeCompanies closes the month of the companies from first to last, so many
// at a time.
func closeCompanies(ctx context.Context, invoices *invoice.Service, m credit.Month, first, last, closers int) (work, error) {
	shares := make([][]travel.CompanyID, closers)
	for n := first; n <= last; n++ {
		shares[n%closers] = append(shares[n%closers], load.Nth(n))
	}
	reports, failures := make([]invoice.CloseReport, closers), make([]error, closers)
	before, peak := watchHeap()
	start := time.Now()
	var all sync.WaitGroup
	for i, companies := range shares {
		all.Go(func() {
			reports[i], failures[i] = invoices.Close(ctx, invoice.CloseRequest{Month: m, Companies: companies})
		})
	}
	all.Wait()
	w := work{took: time.Since(start), before: before, peak: peak()}
	if err := errors.Join(failures...); err != nil {
		return w, err
	}
	issued := 0
	for _, r := range reports {
		issued += len(r.Issued)
		for _, c := range r.Issued {
			lines, err := linesOf(ctx, invoices, c)
			if err != nil {
				return w, err
			}
			w.lines += lines
		}
	}
	if want := last - first + 1; issued != want {
		return w, fmt.Errorf("%d companies were closed, want %d", issued, want)
	}
	return w, nil
}

func linesOf(ctx context.Context, invoices *invoice.Service, c invoice.Close) (lines int64, err error) {
	documents, err := invoices.Documents(ctx, travel.OperatorActor("o"), invoice.ListRequest{Company: c.Company, Month: c.Month})
	for _, d := range documents {
		lines += int64(d.Lines)
	}
	return lines, err
}

// watchHeap returns how many bytes are in use, and what tells the most that
// ever were since: of objects that are reachable, or not yet collected.
func watchHeap() (before uint64, peak func() uint64) {
	runtime.GC()
	before = heap()
	most, done, ended := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticks := time.NewTicker(10 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				most = max(most, heap())
			case <-done:
				return
			}
		}
	}()
	return before, func() uint64 {
		close(done)
		<-ended
		return most
	}
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// profile writes a CPU profile until it is stopped.
func profile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return sync.OnceFunc(func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}), nil
}

// checkClose compares all documents with what the tables hold, closes what is
// left, and verifies one company to the öre.
func checkClose(ctx context.Context, s settings, large *shop.Shop, invoices *invoice.Service, m credit.Month, bare work) error {
	if _, err := invoices.CloseDue(ctx); err != nil {
		return err
	}
	var lines, gross int64
	err := large.Pool.QueryRow(ctx, "SELECT sum(lines)::bigint, sum(gross)::bigint FROM tjr_document").Scan(&lines, &gross)
	if err != nil {
		return err
	}
	if lines != bare.lines || credit.Amount(gross) != bare.gross {
		return fmt.Errorf("the documents say %d lines and %s, the entries %d lines and %s", lines, credit.Amount(gross), bare.lines, bare.gross)
	}
	start := time.Now()
	drifts, err := invoices.Verify(ctx, load.Nth(s.companies), m)
	if err != nil {
		return err
	}
	fmt.Printf("\nall documents add up; one company verified in %s\n", time.Since(start).Round(time.Millisecond))
	if s.audit {
		for _, audit := range []func(context.Context) ([]travel.Drift, error){large.Service.Audit, invoices.Audit} {
			found, err := audit(ctx)
			if err != nil {
				return err
			}
			drifts = append(drifts, found...)
		}
	}
	if len(drifts) > 0 {
		return fmt.Errorf("%d drifts, the first: %v", len(drifts), drifts[0])
	}
	return nil
}
