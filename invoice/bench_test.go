package invoice_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	benchLines       = 1_000_000
	benchDepartments = 40
)

// manyLines stores a month of a million lines: 40 departments with 20
// references, two sellers, two rates, one line in fifty a refund.
func (k *kit) manyLines() {
	k.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var departments []travel.Department
	for i := range benchDepartments {
		departments = append(departments, k.department(fmt.Sprintf("Avdelning %d", i), fmt.Sprint(i%20)))
	}
	batch := make([]travel.Entry, 0, 1000)
	for n := 0; n < benchLines; n++ {
		e := k.bought(credit.Amount(1000+r.IntN(9000)), in(departments[r.IntN(benchDepartments)]))
		if r.IntN(10) == 0 {
			rate(2500)(&e)
		}
		if r.IntN(8) == 0 {
			soldBy("other")(&e)
		}
		batch = append(batch, e)
		if r.IntN(50) == 0 && n < benchLines-1 {
			n++
			batch = append(batch, k.given(e, 0, 1+credit.Amount(r.IntN(int(e.Gross))), january))
		}
		if len(batch) >= cap(batch)-1 {
			k.save(batch...)
			batch = batch[:0]
		}
	}
	k.save(batch...)
}

// BenchmarkClose closes a month of a million lines in memory: fence, draft,
// hashes, numbers, documents. allocated-MB is all that is allocated on the way,
// so the heap grows by less; the stored entries take 600 MB.
func BenchmarkClose(b *testing.B) {
	var allocated uint64
	for range b.N {
		b.StopTimer()
		k := setup(benchTB{b})
		k.manyLines()
		k.due(january)
		before := heap()
		b.StartTimer()
		report, err := k.CloseDue(k.ctx)
		b.StopTimer()
		allocated += heap().TotalAlloc - before.TotalAlloc
		require.NoError(b, err)
		require.Len(b, report.Issued, 1)
		require.Len(b, report.Issued[0].Documents, 40)
	}
	b.ReportMetric(benchLines*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(allocated)/float64(b.N)/1e6, "allocated-MB")
	require.Less(b, allocated/uint64(b.N), uint64(32_000_000), "the lines were collected")
}

// benchTB leaves out what setup does when a test ends: an audit of a million
// lines is not what is measured.
type benchTB struct{ *testing.B }

func (benchTB) Cleanup(func()) {}

func heap() (m runtime.MemStats) {
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

// BenchmarkSpecification writes the specification of 25,000 lines as CSV.
func BenchmarkSpecification(b *testing.B) {
	k := setup(benchTB{b})
	for range 25 {
		batch := make([]travel.Entry, 1000)
		for i := range batch {
			batch[i] = k.bought(credit.Amount(1000 + i))
		}
		k.save(batch...)
	}
	d := k.closed(january)[0]
	for name, r := range map[string]invoice.Renderer{"csv": k.CSV(swedish), "text": k.Specification(swedish)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				require.NoError(b, k.Write(k.ctx, io.Discard, d, r))
			}
			b.ReportMetric(25_000*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
