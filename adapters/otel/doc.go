// Package otel gives the host metrics and traces of what the library does, over
// the OpenTelemetry API; the SDK, with its exporters, is the host's. The ports are
// wrapped, so that the domain knows nothing of it:
//
//	seen, err := otel.New(otel.Options{MeterProvider: meters, TracerProvider: tracers})
//	defer seen.Close()
//	service, err := travel.New(travel.Config{Store: seen.Store(store), Keys: keys})
//	events, err := seen.Events(store) // for the consumer of events
//	queue, err := seen.Queue(store)   // for sms.NewDispatcher, with seen.Sender(gateway)
//	jobs, err := seen.Jobs(store)     // for scheduler.New
//	audit, err := seen.Audit("travel", service.Audit)
//
// Wrap what is wanted, once each, and leave out the rest. A host that imports the API's package
// otel too gives one of them another name.
//
// # Metrics
//
//	tjansteresor.decision.duration  s, by operation and outcome: authorize, capture ... done, declined, repeated, pending, error
//	tjansteresor.events             events that were consumed, by type
//	tjansteresor.purchases          by outcome: authorized, declined, captured, released, expired, refunded
//	tjansteresor.declines           by reason: the stable code
//	tjansteresor.outbox.delay       s from an event to its consumption
//	tjansteresor.outbox.age         s, of the oldest event that is being consumed; 0 when the outbox is empty
//	tjansteresor.sms.attempts       attempts by the state they led to, and whether there will be another
//	tjansteresor.sms.reports        delivery reports by state
//	tjansteresor.sms.send.duration  s, by outcome: sent, permanent, temporary, unknown
//	tjansteresor.sms.age            s, of the oldest message that is being sent
//	tjansteresor.job.delay          s from when a period was due to when it began, by job
//	tjansteresor.job.runs           periods that were finished, by job
//	tjansteresor.job.age            s since the newest finished period was due, by job
//	tjansteresor.audit.drift        what did not add up at the newest audit, by audit and invariant
//	tjansteresor.audit.age          s since the newest audit that could be finished
//	tjansteresor.queue.size         what waits in a queue of the host's choice
//	tjansteresor.queue.age          s, of the oldest of that
//
// Purchases and declines are counted when their event is consumed, which happens
// after a commit and once for each but for crashes. Gauges are read when the
// host's reader collects; those that ask a store get its context.
//
// # Traces
//
// A span for each decision and each SMS, inside the caller's. Nothing of a request
// is in it but the operation, the outcome and the reason of a decline.
//
// # Nothing personal
//
// Attributes are words from short fixed lists, the names of the host's jobs and
// queues, and, if the host says so, the ids of companies. No name, number, code,
// purpose or text of an error is ever recorded (I7).
package otel
