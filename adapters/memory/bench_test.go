package memory_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

const benchTravelers = 100_000

// authorize reserves 1 öre for a traveler, as the rules decide it, and saves
// what the service saves: account, authorization, command and event. Every
// tenth purchase releases what is open, so that accounts stay small.
func (k *kit) authorize(ctx context.Context, i int, key string) error {
	id := k.ids.New()
	return k.Decide(ctx, k.query(i%len(k.travelers), key), func(s travel.State) (travel.Change, error) {
		z := &travel.Authorization{Company: k.company, Traveler: s.Traveler.ID}
		var decline *credit.Decline
		account := s.Traveler.Credit
		if len(account.Open) == 10 {
			account, _, _ = rules.ReleaseAll(account, start)
		}
		account, z.Authorization, decline = rules.Authorize(account, credit.Request{
			ID: id, Amount: 1, At: start, ExpiresAt: start.Add(time.Hour),
		})
		if decline != nil {
			return travel.Change{}, fmt.Errorf("declined: %s", decline.Code)
		}
		return travel.Change{
			Account: &account, Authorization: z, Command: k.command(key),
			Events: []travel.Event{{ID: travel.EventID(id), Type: travel.EventPurchaseAuthorized, At: start, Company: k.company}},
		}, nil
	})
}

// BenchmarkDecide is an authorization, on one goroutine and on several; each
// takes another traveler than the others at any time.
func BenchmarkDecide(b *testing.B) {
	b.Run("one", func(b *testing.B) {
		k := newKit(b, memory.Options{Travelers: benchTravelers, Purchases: b.N}, benchTravelers)
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			if err := k.authorize(b.Context(), scatter(i), strconv.Itoa(i)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		k := newKit(b, memory.Options{Travelers: benchTravelers, Purchases: b.N}, benchTravelers)
		var next atomic.Int64
		b.ReportAllocs()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := int(next.Add(1))
				if err := k.authorize(b.Context(), scatter(i), strconv.Itoa(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("one traveler", func(b *testing.B) {
		k := newKit(b, memory.Options{Travelers: 1, Purchases: b.N}, 1)
		var next atomic.Int64
		b.ReportAllocs()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := k.authorize(b.Context(), 0, strconv.Itoa(int(next.Add(1)))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// scatter visits the travelers in an order that no cache foresees.
func scatter(i int) int { return i * 7919 % benchTravelers }

// BenchmarkEntries streams the entries of a month; one op is one entry. With
// several departments they are merged.
func BenchmarkEntries(b *testing.B) {
	for _, departments := range []int{1, 20} {
		b.Run(fmt.Sprintf("%d departments", departments), func(b *testing.B) {
			k := newKit(b, memory.Options{}, 1)
			const stored = 200_000
			for n := 0; n < stored; n += 100 {
				var entries []travel.Entry
				for i := range 100 {
					entries = append(entries, k.entry(0, byte((n+i)%departments)))
				}
				k.append(b, 0, entries...)
			}
			b.ReportAllocs()
			b.ResetTimer()
			read, sum := 0, credit.Amount(0)
			for read < b.N {
				for e, err := range k.Entries(b.Context(), travel.EntryQuery{Company: k.company, Billing: 24000}) {
					if err != nil {
						b.Fatal(err)
					}
					sum += e.Gross
					if read++; read == b.N {
						break
					}
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
