// Package load measures stores against something real in the same run: what a
// store does in a second means little, how often it does it while something
// else runs as often means more.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// Outcome is what one run measured.
type Outcome struct {
	PerSecond float64
	P50, P99  time.Duration
}

// OutcomeOf sums up the latencies of a run.
func OutcomeOf(latencies []time.Duration, length time.Duration) Outcome {
	slices.Sort(latencies)
	n := len(latencies)
	if n == 0 {
		return Outcome{}
	}
	return Outcome{PerSecond: float64(n) / length.Seconds(), P50: latencies[n/2], P99: latencies[n*99/100]}
}

// Together runs one after the other in every client, for a length of time.
func Together(ctx context.Context, clients int, length time.Duration, one func(ctx context.Context, client int) error) (Outcome, error) {
	latencies, failures := make([][]time.Duration, clients), make([]error, clients)
	var all sync.WaitGroup
	start := time.Now()
	for c := range clients {
		all.Go(func() {
			for begun := start; begun.Sub(start) < length; {
				if failures[c] = one(ctx, c); failures[c] != nil {
					return
				}
				now := time.Now()
				latencies[c] = append(latencies[c], now.Sub(begun))
				begun = now
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	return OutcomeOf(slices.Concat(latencies...), took), errors.Join(failures...)
}

// Run is one comparison: ours and what it is compared with.
type Run struct {
	Label     string
	Ours      func(context.Context) (Outcome, error)
	Base      func(context.Context) (Outcome, error)
	Invariant func(context.Context) error
}

// Compare runs ours and base in turns, checks the invariants after each turn,
// and prints the medians.
func Compare(ctx context.Context, out io.Writer, ours, base string, rounds int, runs ...Run) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\t%s\tp50\tp99\t%s\tp50\tp99\tratio\tp99 ratio\n", ours, base)
	for _, r := range runs {
		var our, other []Outcome
		for range rounds {
			b, err := r.Base(ctx)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", r.Label, base, err)
			}
			o, err := r.Ours(ctx)
			if err == nil {
				err = r.Invariant(ctx)
			}
			if err != nil {
				return fmt.Errorf("%s: %s: %w", r.Label, ours, err)
			}
			our, other = append(our, o), append(other, b)
		}
		o, b := median(our), median(other)
		fmt.Fprintf(w, "%s\t%.0f/s\t%s\t%s\t%.0f/s\t%s\t%s\t%.2f\t%.2f\n", r.Label, o.PerSecond, short(o.P50), short(o.P99),
			b.PerSecond, short(b.P50), short(b.P99), ratio(our, other), float64(o.P99)/float64(b.P99))
	}
	return w.Flush()
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

// median returns the median of each figure by itself.
func median(all []Outcome) Outcome {
	return Outcome{
		PerSecond: middle(all, func(o Outcome) float64 { return o.PerSecond }),
		P50:       time.Duration(middle(all, func(o Outcome) float64 { return float64(o.P50) })),
		P99:       time.Duration(middle(all, func(o Outcome) float64 { return float64(o.P99) })),
	}
}

// ratio is the median of the ratios within a round, which lie close in time.
func ratio(ours, base []Outcome) float64 {
	ratios := make([]Outcome, len(ours))
	for i := range ours {
		ratios[i].PerSecond = ours[i].PerSecond / base[i].PerSecond
	}
	return median(ratios).PerSecond
}

func middle(all []Outcome, figure func(Outcome) float64) float64 {
	values := make([]float64, len(all))
	for i, o := range all {
		values[i] = figure(o)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
