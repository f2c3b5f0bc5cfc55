package otel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/tjansteresor/tjansteresor/sms"
)

// Sender wraps a gateway: each attempt is measured and is a span.
func (t *Telemetry) Sender(s sms.Sender) sms.Sender { return &sender{s, t} }

type sender struct {
	sender    sms.Sender
	telemetry *Telemetry
}

func (s *sender) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	t := s.telemetry
	begun := t.options.Clock()
	var span trace.Span
	if t.tracer != nil {
		ctx, span = t.tracer.Start(ctx, "sms.send", trace.WithSpanKind(trace.SpanKindClient))
		defer span.End()
	}
	receipt, err := s.sender.Send(ctx, m)
	outcome := sms.StateSent.String()
	if err != nil {
		outcome = kindOf(err)
	}
	if span != nil {
		span.SetAttributes(keyOutcome.String(outcome))
		if err != nil {
			span.SetStatus(codes.Error, outcome)
		}
	}
	t.smsSend.Record(ctx, t.since(begun).Seconds(), metric.WithAttributes(keyOutcome.String(outcome)))
	return receipt, err
}

// kindOf is the word for what is certain after a failed attempt.
func kindOf(err error) string {
	kind := sms.KindUnknown
	switch {
	case errors.Is(err, sms.ErrPermanent):
		kind = sms.KindPermanent
	case errors.Is(err, sms.ErrTemporary):
		kind = sms.KindTemporary
	}
	return kind.String()
}

// Queue wraps the queue of messages for a dispatcher and the receivers of
// delivery reports. The error is that of the MeterProvider.
func (t *Telemetry) Queue(q sms.Queue) (sms.Queue, error) {
	m := &messageQueue{Queue: q, telemetry: t}
	return m, t.observe(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(t.smsAge, t.age(m.held.oldest()))
		return nil
	}, t.smsAge)
}

type messageQueue struct {
	sms.Queue
	telemetry *Telemetry
	held      held[sms.MessageID, struct{}]
}

// afterwards is for how long a message that waits for another attempt counts as
// ours after the attempt is due; then another process has it.
const afterwards = time.Hour

func (q *messageQueue) LeaseMessages(ctx context.Context, r sms.LeaseRequest) ([]sms.Queued, error) {
	list, err := q.Queue.LeaseMessages(ctx, r)
	if err == nil {
		items := make(map[sms.MessageID]item[struct{}], len(list))
		for _, m := range list {
			items[m.ID] = item[struct{}]{at: m.CreatedAt, until: r.Until}
		}
		q.held.put(r.Now, items)
	}
	return list, err
}

func (q *messageQueue) SettleMessage(ctx context.Context, s sms.Settlement) error {
	if err := q.Queue.SettleMessage(ctx, s); err != nil {
		return err
	}
	again := !s.NextAt.IsZero()
	if i, ok := q.held.take(s.ID); ok && again {
		i.until = s.NextAt.Add(afterwards)
		q.held.put(s.At, map[sms.MessageID]item[struct{}]{s.ID: i})
	}
	q.telemetry.smsAttempts.Add(ctx, 1, metric.WithAttributes(keyState.String(s.State.String()), keyAgain.Bool(again)))
	return nil
}

func (q *messageQueue) ReceiveReport(ctx context.Context, r sms.DeliveryReport) error {
	err := q.Queue.ReceiveReport(ctx, r)
	if err == nil {
		q.telemetry.smsReports.Add(ctx, 1, metric.WithAttributes(keyState.String(r.State.String())))
	}
	return err
}
