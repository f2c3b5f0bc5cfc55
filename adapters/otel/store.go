package otel

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Store wraps a storage port for a travel.Service: each decision on a purchase
// is measured, with its wait for the traveler's lock and its commit, and is a span.
// A payment provider is asked outside of it. Everything else goes straight through.
func (t *Telemetry) Store(s travel.Store) travel.Store {
	return &store{Store: s, telemetry: t, known: map[decision]*attributes{}}
}

type store struct {
	travel.Store
	telemetry *Telemetry
	// known keeps attributes by decision, of which there are few.
	mu    sync.RWMutex
	known map[decision]*attributes
}

// The outcomes of a decision.
const (
	outcomeDone     = "done"
	outcomeDeclined = "declined"
	outcomePending  = "pending"
	outcomeRepeated = "repeated"
	outcomeNone     = "none"
	outcomeError    = "error"
)

// decision is what is told of one.
type decision struct {
	operation travel.Operation
	outcome   string
	// reason is that of a decline, or the type of an error.
	reason string
}

// attributes are those of metrics and those of spans.
type attributes struct {
	metric []metric.RecordOption
	span   []attribute.KeyValue
}

func (s *store) Decide(ctx context.Context, q travel.Query, decide func(travel.State) (travel.Change, error)) error {
	t := s.telemetry
	begun := t.options.Clock()
	var span trace.Span
	if t.tracer != nil {
		ctx, span = t.tracer.Start(ctx, "travel.decide")
		defer span.End()
	}
	told := decision{operation: q.Operation}
	err := s.Store.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
		change, err := decide(st)
		told.outcome, told.reason = outcomeOf(st, change)
		return change, err
	})
	var a *attributes
	if err == nil {
		a = s.attributes(told)
	} else { // and what the decision has told does not count
		a = s.attributes(decision{q.Operation, outcomeError, errorType(err)})
	}
	if span != nil {
		span.SetAttributes(a.span...)
		if err != nil {
			span.SetStatus(codes.Error, errorType(err))
		}
	}
	t.decision.Record(ctx, t.since(begun).Seconds(), a.metric...)
	return err
}

func outcomeOf(st travel.State, c travel.Change) (outcome, reason string) {
	switch {
	case st.Earlier != nil:
		return outcomeRepeated, ""
	case c.Command == nil:
		return outcomeNone, ""
	case c.Command.Answer.Decline != nil:
		return outcomeDeclined, string(c.Command.Answer.Decline.Code)
	case c.Command.Answer.State == credit.Capturing:
		return outcomePending, ""
	}
	return outcomeDone, ""
}

func (s *store) attributes(d decision) *attributes {
	s.mu.RLock()
	known := s.known[d]
	s.mu.RUnlock()
	if known != nil {
		return known
	}
	operation := string(d.operation)
	if operation == "" {
		operation = "follow_up" // a provider's answer, a deadline that has passed
	}
	list := []attribute.KeyValue{keyOperation.String(operation), keyOutcome.String(d.outcome)}
	a := &attributes{metric: []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(list...))}, span: list}
	switch {
	case d.outcome == outcomeError:
		a.span = append(a.span, keyError.String(d.reason))
	case d.reason != "":
		a.span = append(a.span, keyReason.String(d.reason))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[d] = a
	return a
}
