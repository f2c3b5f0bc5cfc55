package proof

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// The size of the month that is closed, and that with -short.
const (
	benchCompanies, shortCompanies = 1000, 50
	benchPurchases, shortPurchases = 1000, 100
)

// BenchmarkCloseWithDocuments closes a month of all companies in one Close, and
// writes each document as e-invoice and as CSV, by two workers, to nowhere: what
// a host does on the night of the close. The aim is 60 s on two cores.
//
// stored-MB is what lives before the close, which on this store are a million
// entries. grown-MB is by how much more lived at any collection after that: the
// documents, and what is under way. peak-MB is all of the heap, with what was
// not collected yet.
func BenchmarkCloseWithDocuments(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	companies, purchases := benchCompanies, benchPurchases
	if testing.Short() {
		companies, purchases = shortCompanies, shortPurchases
	}
	var written, lines int64
	var closing time.Duration
	var stored, peak, grown uint64
	for range b.N {
		b.StopTimer()
		m := newMonthEnd(b, companies, purchases)
		heap := watchHeap()
		begun := b.Elapsed()
		b.StartTimer()
		m.close()
		closing += b.Elapsed() - begun
		m.write()
		b.StopTimer()
		stored, peak, grown = heap.stop()
		require.EqualValues(b, companies, m.written.Load())
		require.EqualValues(b, companies*purchases, m.lines.Load())
		require.Less(b, grown, uint64(50_000_000), "lines were collected")
		written += m.bytes.Load()
		lines += m.lines.Load()
	}
	require.Less(b, b.Elapsed(), time.Duration(b.N)*time.Minute, "the aim")
	n := float64(b.N)
	b.ReportMetric(float64(companies)*n/b.Elapsed().Seconds(), "companies/s")
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(closing.Seconds()/n, "close-s")
	b.ReportMetric(float64(written)/n/1e6, "written-MB")
	b.ReportMetric(float64(stored)/1e6, "stored-MB")
	b.ReportMetric(float64(grown)/1e6, "grown-MB")
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}

// monthEnd is January with all that was bought, on the day of its close.
type monthEnd struct {
	*world
	ids     *id.Source
	bills   *invoice.Service
	formats []invoice.Renderer
	issued  []invoice.Close

	written, lines, bytes atomic.Int64
}

func newMonthEnd(b *testing.B, companies, purchases int) *monthEnd {
	b.Helper()
	w := newWorld(b, time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC))
	m := &monthEnd{world: w, ids: id.NewSource(w.clock.Now, rand.NewChaCha8([32]byte{2}))}
	for n := range companies {
		f := m.company(fmt.Sprint("Kommun ", n))
		who := m.person(f, m.number(), travel.TravelerDetails{FirstName: "Anna", LastName: "Andersson", EmployeeNumber: "1001"})
		m.bought(f.id, who, purchases)
	}
	einvoice, err := peppol.New(zone, peppol.Options{})
	require.NoError(b, err)
	m.bills = m.biller()
	m.formats = []invoice.Renderer{einvoice, m.bills.CSV(language.Swedish)}
	m.clock.Set(mustMonth("2026-01").End(zone).Add(grace))
	return m
}

func (m *monthEnd) biller() *invoice.Service {
	m.Helper()
	bills, err := invoice.New(invoice.Config{Store: m.store, Travel: m.Service, Clock: m.clock.Now, Grace: grace, Sellers: []invoice.Seller{{
		Series: "F", Payee: invoice.Payee{Bankgiro: "50501055"}, Party: invoice.Party{
			Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701", PeppolID: "0007:5560000167",
			Street: "Stationsgatan 1", PostalCode: "551 12", City: "Jönköping", Country: "SE", FTax: true, RegisteredOffice: "Jönköping",
		},
	}}})
	require.NoError(m, err)
	return bills
}

// bought stores a company's tickets of the month in one change: one in ten is at
// 25 %, one in fifty a refund.
func (m *monthEnd) bought(company travel.CompanyID, who travel.TravelerID, lines int) {
	m.Helper()
	january := mustMonth("2026-01")
	r := rand.New(rand.NewPCG(1, 2))
	entries := make([]travel.Entry, 0, lines)
	for n := range lines {
		at := january.Start(zone).Add(time.Duration(r.IntN(31*24*60)) * time.Minute).UTC()
		gross := credit.Amount(1000 + r.IntN(9000))
		e := travel.Entry{
			ID: m.ids.New(), Kind: travel.EntryCapture, Company: company, Traveler: who, Authorization: m.ids.New(),
			Month: january, Billing: january, PurchasedAt: at, At: at, Gross: gross,
			Ticket:   ticket(int64(gross)),
			Personal: travel.Personal{Name: "Anna Andersson", EmployeeNumber: "1001", Purpose: "Utbildning i stadshuset"},
		}
		e.Ticket.ID, e.Ticket.VATCategory = fmt.Sprint("T-", n), "S"
		if n%10 == 0 {
			e.Ticket.VATRate = 2500
		}
		if n%50 == 49 {
			e = entries[n-1]
			e.Of, e.OfGross, e.ID, e.Kind = e.ID, e.Gross, m.ids.New(), travel.EntryRefund
		}
		entries = append(entries, e)
	}
	err := m.store.Decide(m.ctx, travel.Query{Company: company, Traveler: who}, func(travel.State) (travel.Change, error) {
		return travel.Change{Entries: entries}, nil
	})
	require.NoError(m, err)
}

func (m *monthEnd) close() {
	m.Helper()
	report, err := m.bills.CloseDue(m.ctx)
	require.NoError(m, err)
	require.Empty(m, report.Aside)
	m.issued = report.Issued
}

// write writes every document in every format, by two workers.
func (m *monthEnd) write() {
	m.Helper()
	work := make(chan invoice.Close)
	errs := make(chan error, 2)
	for range cap(errs) {
		go func() {
			var failed error
			for c := range work {
				for _, d := range c.Documents {
					if failed == nil {
						failed = m.writeOne(m.ctx, c.Company, d)
					}
				}
			}
			errs <- failed
		}()
	}
	for _, c := range m.issued {
		work <- c
	}
	close(work)
	for range cap(errs) {
		require.NoError(m, <-errs)
	}
}

func (m *monthEnd) writeOne(ctx context.Context, company travel.CompanyID, d invoice.DocumentID) error {
	document, err := m.bills.Document(ctx, m.operator, company, d)
	if err != nil {
		return err
	}
	for _, f := range m.formats {
		if err := m.bills.Write(ctx, m, document, f); err != nil {
			return err
		}
	}
	m.written.Add(1)
	m.lines.Add(int64(document.Lines))
	return nil
}

// Write counts what is written.
func (m *monthEnd) Write(p []byte) (int, error) {
	m.bytes.Add(int64(len(p)))
	return len(p), nil
}

// heap watches how much there is.
type heap struct {
	stored, peak, live uint64
	done               chan struct{}
	watching           sync.WaitGroup
}

func watchHeap() *heap {
	runtime.GC()
	h := &heap{done: make(chan struct{})}
	h.look()
	h.stored = h.live
	h.watching.Go(func() {
		again := time.NewTicker(10 * time.Millisecond)
		defer again.Stop()
		for {
			select {
			case <-again.C:
				h.look()
			case <-h.done:
				return
			}
		}
	})
	return h
}

func (h *heap) look() {
	now := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(now)
	h.peak, h.live = max(h.peak, now[0].Value.Uint64()), max(h.live, now[1].Value.Uint64())
}

func (h *heap) stop() (stored, peak, grown uint64) {
	close(h.done)
	h.watching.Wait()
	return h.stored, h.peak, h.live - h.stored
}
