package otel_test

import (
	"context"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/otel"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

var start = time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)

// kit is a service whose ports are all wrapped, with one traveler.
type kit struct {
	testing.TB
	clock  *testclock.Clock
	store  *memory.Store
	reader *metric.ManualReader
	spans  *tracetest.InMemoryExporter
	seen   *otel.Telemetry
	trips  *travel.Service
	events travel.EventQueue
	queue  sms.Queue
	keys   *sms.KeyRing
	admin  travel.Actor
	holder travel.Holder
	phone  phone
	key    int
}

var credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S{4}-\S{4})\.`)

func ticket(price int64) travel.Ticket {
	return travel.Ticket{
		Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"},
		Region: "Jönköping", Gross: decimal.NewFromInt(price), VATRate: 600,
	}
}

const (
	name    = "Annelie"
	number  = "+46701234567"
	purpose = "Utbildning i stadshuset"
)

// phone is a gateway that keeps what it got, or fails.
type phone struct {
	mu   sync.Mutex
	last sms.Message
	err  error
}

func (p *phone) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = m
	return sms.Receipt{Gateway: "test", GatewayID: m.ID.String()}, p.err
}

func setup(t testing.TB, companies bool) *kit {
	t.Helper()
	k := &kit{TB: t, clock: testclock.New(start), store: memory.New(memory.Options{}), reader: metric.NewManualReader(), spans: tracetest.NewInMemoryExporter()}
	var err error
	k.seen, err = otel.New(otel.Options{
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(k.reader)),
		TracerProvider: trace.NewTracerProvider(trace.WithSyncer(k.spans)),
		Companies:      companies, Clock: k.clock.Now,
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, k.seen.Close()) })
	k.keys, err = sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")})
	require.NoError(t, err)
	k.events, err = k.seen.Events(k.store)
	require.NoError(t, err)
	k.queue, err = k.seen.Queue(k.store)
	require.NoError(t, err)
	k.trips, err = travel.New(travel.Config{
		Store: k.seen.Store(k.store), Keys: k.keys, Clock: k.clock.Now, CodeCost: 2, Random: rand.NewChaCha8([32]byte{2}),
	})
	require.NoError(t, err)
	k.connect()
	return k
}

func (k *kit) connect() {
	ctx := context.Background()
	company, admin, err := k.trips.Apply(ctx, travel.Application{
		Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "00471", AdministratorName: "Ada Ek",
		Billing: travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo"},
	})
	require.NoError(k, err)
	require.NoError(k, k.trips.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, ""))
	k.admin = travel.AdministratorActor(company.ID, admin.ID)
	phone, err := k.trips.ParseNumber(number)
	require.NoError(k, err)
	traveler, err := k.trips.AddTraveler(ctx, k.admin, company.ID, phone, travel.TravelerDetails{FirstName: name, LastName: "Ek"})
	require.NoError(k, err)
	_, err = k.trips.Connect(ctx, k.admin, travel.ConnectRequest{
		Company: company.ID, Traveler: traveler.ID, Limit: decimal.NewFromInt(500), Key: "connect",
	})
	require.NoError(k, err)
	k.send()
	found := credentials.FindStringSubmatch(k.phone.last.Text)
	require.NotNil(k, found, "the SMS has no credentials")
	method, err := k.trips.Activate(ctx, travel.ActivateRequest{Username: found[1], Code: found[2], Number: phone, Device: "device"})
	require.NoError(k, err)
	k.holder = travel.Holder{Method: method, Number: phone, Device: "device"}
}

// send runs the dispatcher over the wrapped queue and gateway.
func (k *kit) send() {
	k.Helper()
	d, err := sms.NewDispatcher(k.queue, k.seen.Sender(&k.phone), k.keys, sms.DispatcherOptions{
		From: "Resor", Clock: k.clock.Now, Jitter: func(limit time.Duration) time.Duration { return limit },
	})
	require.NoError(k, err)
	_, err = d.RunDue(context.Background(), k.clock.Now())
	require.NoError(k, err)
}

func (k *kit) buy(price int64) travel.PurchaseResult {
	k.Helper()
	k.key++
	r, err := k.trips.Purchase(context.Background(), travel.PurchaseRequest{
		Holder: k.holder, Key: strconv.Itoa(k.key), Purpose: purpose, Tickets: []travel.Ticket{ticket(price)},
	})
	require.NoError(k, err)
	return r
}

// consume takes everything off the outbox.
func (k *kit) consume() {
	k.Helper()
	ctx, now := context.Background(), k.clock.Now()
	list, err := k.events.LeaseEvents(ctx, "x", now, now.Add(time.Minute), 1000)
	require.NoError(k, err)
	var ids []travel.EventID
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	require.NoError(k, k.events.SettleEvents(ctx, "x", ids...))
}

// metrics are the values by name and attributes: "purchases outcome=declined".
// Of a histogram it is the count, and with " sum" behind the name the sum.
func (k *kit) metrics() map[string]float64 {
	k.Helper()
	var data metricdata.ResourceMetrics
	require.NoError(k, k.reader.Collect(context.Background(), &data))
	all := map[string]float64{}
	for _, s := range data.ScopeMetrics {
		for _, m := range s.Metrics {
			key := strings.TrimPrefix(m.Name, "tjansteresor.")
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					all[key+words(p.Attributes)] += float64(p.Value)
				}
			case metricdata.Gauge[int64]:
				for _, p := range d.DataPoints {
					all[key+words(p.Attributes)] = float64(p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					all[key+words(p.Attributes)] += float64(p.Count)
					all[key+" sum"+words(p.Attributes)] += p.Sum
				}
			default:
				k.Errorf("%s has data of type %T", m.Name, d)
			}
		}
	}
	return all
}

func words(set attribute.Set) string {
	var b strings.Builder
	for _, a := range set.ToSlice() {
		b.WriteString(" " + strings.TrimPrefix(string(a.Key), "tjansteresor.") + "=" + a.Value.Emit())
	}
	return b.String()
}
