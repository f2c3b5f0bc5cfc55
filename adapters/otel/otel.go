package otel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"

	"github.com/tjansteresor/tjansteresor/travel"
)

// scope names the library to the host's SDK.
const scope = "github.com/tjansteresor/tjansteresor"

// The keys of attributes.
const (
	keyOperation = attribute.Key("tjansteresor.operation")
	keyOutcome   = attribute.Key("tjansteresor.outcome")
	keyReason    = attribute.Key("tjansteresor.reason")
	keyEvent     = attribute.Key("tjansteresor.event")
	keyCompany   = attribute.Key("tjansteresor.company")
	keyState     = attribute.Key("tjansteresor.sms.state")
	keyAgain     = attribute.Key("tjansteresor.sms.again")
	keyJob       = attribute.Key("tjansteresor.job")
	keyAudit     = attribute.Key("tjansteresor.audit")
	keyInvariant = attribute.Key("tjansteresor.invariant")
	keyQueue     = attribute.Key("tjansteresor.queue")
	keyError     = attribute.Key("error.type")
)

// Options configures a [Telemetry].
type Options struct {
	// MeterProvider takes the metrics. Defaults to none; the global one is not
	// looked for.
	MeterProvider metric.MeterProvider
	// TracerProvider takes the traces. Defaults to none.
	TracerProvider trace.TracerProvider
	// Companies adds the id of the company to purchases and declines. Mind that
	// each company is then a time series for each outcome and reason. Defaults to false.
	Companies bool
	// Clock tells the instant. Defaults to time.Now.
	Clock func() time.Time
}

// Telemetry wraps ports. It is safe for concurrent use and starts no
// goroutine.
type Telemetry struct {
	options Options
	meter   metric.Meter
	// tracer is nil without a provider: a span that is none costs too.
	tracer trace.Tracer
	*instruments
	registered registrations
}

// New returns a Telemetry. The error joins those of the MeterProvider.
func New(o Options) (*Telemetry, error) {
	if o.MeterProvider == nil {
		o.MeterProvider = noop.NewMeterProvider()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	t := &Telemetry{options: o, meter: o.MeterProvider.Meter(scope)}
	if o.TracerProvider != nil {
		t.tracer = o.TracerProvider.Tracer(scope)
	}
	var err error
	t.instruments, err = newInstruments(t.meter)
	return t, err
}

// Close takes the gauges off the MeterProvider. What is wrapped goes on.
func (t *Telemetry) Close() error { return t.registered.close() }

// instruments are those that are written to.
type instruments struct {
	decision, outboxDelay, smsSend, jobDelay                            metric.Float64Histogram
	events, purchases, declines, smsAttempts, smsReports, jobs          metric.Int64Counter
	outboxAge, smsAge, jobAge, auditAge, queueAge, auditDrift, queueLen metric.Int64ObservableGauge
}

// quick are the bounds of what takes milliseconds, slow of what takes minutes.
var (
	quick = metric.WithExplicitBucketBoundaries(.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30)
	slow  = metric.WithExplicitBucketBoundaries(.1, .5, 1, 5, 15, 60, 300, 900, 3600, 6*3600, 24*3600)
)

func newInstruments(m metric.Meter) (*instruments, error) {
	var i instruments
	var errs []error
	histogram := func(to *metric.Float64Histogram, name, about string, bounds metric.HistogramOption) {
		var err error
		*to, err = m.Float64Histogram("tjansteresor."+name, metric.WithUnit("s"), metric.WithDescription(about), bounds)
		errs = append(errs, err)
	}
	counter := func(to *metric.Int64Counter, name, unit, about string) {
		var err error
		*to, err = m.Int64Counter("tjansteresor."+name, metric.WithUnit(unit), metric.WithDescription(about))
		errs = append(errs, err)
	}
	gauge := func(to *metric.Int64ObservableGauge, name, unit, about string) {
		var err error
		*to, err = m.Int64ObservableGauge("tjansteresor."+name, metric.WithUnit(unit), metric.WithDescription(about))
		errs = append(errs, err)
	}
	histogram(&i.decision, "decision.duration", "Duration of decisions on purchases.", quick)
	histogram(&i.outboxDelay, "outbox.delay", "Time from an event to its consumption.", slow)
	histogram(&i.smsSend, "sms.send.duration", "Duration of handing an SMS to the gateway.", quick)
	histogram(&i.jobDelay, "job.delay", "Time from when a period of a job was due to when it began.", slow)
	counter(&i.events, "events", "{event}", "Events that were consumed.")
	counter(&i.purchases, "purchases", "{purchase}", "Purchases by outcome.")
	counter(&i.declines, "declines", "{decline}", "Declines by reason.")
	counter(&i.smsAttempts, "sms.attempts", "{attempt}", "Attempts to send an SMS.")
	counter(&i.smsReports, "sms.reports", "{report}", "Delivery reports of gateways.")
	counter(&i.jobs, "job.runs", "{run}", "Periods of jobs that were finished.")
	gauge(&i.outboxAge, "outbox.age", "s", "Age of the oldest event that is being consumed.")
	gauge(&i.smsAge, "sms.age", "s", "Age of the oldest SMS that is being sent.")
	gauge(&i.jobAge, "job.age", "s", "Time since the newest finished period of a job was due.")
	gauge(&i.auditDrift, "audit.drift", "{drift}", "What did not add up at the newest audit.")
	gauge(&i.auditAge, "audit.age", "s", "Time since the newest audit that could be finished.")
	gauge(&i.queueLen, "queue.size", "{item}", "What waits in a queue.")
	gauge(&i.queueAge, "queue.age", "s", "Age of the oldest item in a queue.")
	return &i, errors.Join(errs...)
}

// since is the time from an instant, and never negative.
func (t *Telemetry) since(at time.Time) time.Duration { return max(0, t.options.Clock().Sub(at)) }

func wholeSeconds(d time.Duration) int64 { return int64(d / time.Second) }

// errorType is a word for what went wrong, for no error's text is recorded.
func errorType(err error) string {
	for _, kind := range []struct {
		err  error
		word string
	}{
		{travel.ErrInvalid, "invalid"}, {travel.ErrNotFound, "not_found"}, {travel.ErrForbidden, "forbidden"},
		{travel.ErrDuplicate, "duplicate"}, {travel.ErrKeyReused, "key_reused"}, {travel.ErrCompanyInactive, "company_inactive"},
		{travel.ErrUnknownOutcome, "unknown_outcome"}, {travel.ErrConflict, "conflict"},
		{context.Canceled, "canceled"}, {context.DeadlineExceeded, "deadline_exceeded"},
	} {
		if errors.Is(err, kind.err) {
			return kind.word
		}
	}
	return "other"
}
