package sms

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Halt is the kill switch: while it is on, nothing is sent, by no dispatcher.
type Halt struct {
	On bool
	// By is who has turned it, the host's own id for a person, and Reason why.
	By, Reason string
	At         time.Time
}

// Halt stops all sending, of every dispatcher on the Queue, until
// [Dispatcher.Resume]: a message whose attempt has begun still goes out. by is
// the host's own id for who does it, and reason why; both are kept, and must
// name no person. Messages go on waiting; those whose time runs out expire.
func (d *Dispatcher) Halt(ctx context.Context, by, reason string) error {
	return d.turn(ctx, Halt{On: true, By: by, Reason: reason})
}

// Resume lets messages be sent again.
func (d *Dispatcher) Resume(ctx context.Context, by, reason string) error {
	return d.turn(ctx, Halt{By: by, Reason: reason})
}

func (d *Dispatcher) turn(ctx context.Context, h Halt) error {
	h.At = d.options.Clock().UTC().Truncate(time.Microsecond)
	if err := d.queue.SetHalt(ctx, h); err != nil {
		return fmt.Errorf("kill switch: %w", err)
	}
	d.options.Logger.LogAttrs(ctx, slog.LevelWarn, "sms: kill switch",
		slog.Bool("on", h.On), slog.String("by", h.By), slog.String("reason", h.Reason))
	return nil
}

// Halted returns the kill switch as it was turned last.
func (d *Dispatcher) Halted(ctx context.Context) (Halt, error) { return d.queue.Halted(ctx) }
