package sms

import (
	"context"
	"time"
)

// Queue is where messages wait: the storage port of this package. The messages
// themselves are written by whoever causes them, in the transaction of the
// cause; a Queue only moves them on.
//
// An implementation loads a row under a lock (or saves it by compare-and-set
// over all its columns), calls the method of [Queued] that is named below, and
// saves the result; it decides nothing. Each call is atomic and durable when it
// returns, and safe for concurrent use from any number of processes. Errors
// hold neither number nor text.
type Queue interface {
	// LeaseMessages gives up to Limit due messages to Owner ([Queued.Leased]),
	// those with the earliest NextAt first, ties by ID, and returns them with
	// their new lease. Two callers never hold the same message under the same
	// token. A lease that has ended is taken back by the next call. No due
	// message: no error, no messages.
	LeaseMessages(ctx context.Context, r LeaseRequest) ([]Queued, error)

	// AttemptMessage counts an attempt before it is made ([Queued.Attempted]),
	// makes the lease last until Until, and returns the message. Nothing is
	// sent before it has returned; so a process that dies while it sends has
	// used up the attempt, and one that dies before has not. It fails with
	// ErrLeaseLost when Token is not that of the present lease or the message
	// waits no longer, and with ErrUnknownMessage when the company has no such
	// message.
	//
	// The attempt counts in each of Windows, by Scope, Key and Start: their
	// counts are locked in their order, 0 where there is none yet, and raised by
	// one, all or none. While the switch is on it fails with ErrHalted, and when a
	// window is full with a [*LimitError]; then it changes nothing.
	AttemptMessage(ctx context.Context, r AttemptRequest) (Queued, error)

	// SettleMessage ends a lease with what came of it ([Queued.Settled]). It
	// fails with ErrLeaseLost when Token is not that of a lease which has
	// neither been settled nor taken back, also when this same settlement was
	// saved before, and with ErrUnknownMessage as AttemptMessage does; then it
	// changes nothing.
	SettleMessage(ctx context.Context, s Settlement) error

	ReportReceiver

	// Halted returns the kill switch, as SetHalt has left it last: for all
	// dispatchers, and off at first.
	Halted(ctx context.Context) (Halt, error)
	SetHalt(ctx context.Context, h Halt) error

	// ForgetCounts forgets the counts of windows that ended at an instant or
	// before.
	ForgetCounts(ctx context.Context, ended time.Time) error

	// Messages returns those of the named messages that the company has, the
	// newest first (by ID). What is missing, or another company's, is left out.
	Messages(ctx context.Context, r MessagesRequest) ([]Queued, error)
}

// ReportReceiver is the part of a [Queue] that takes what gateways tell later.
// Adapters call it.
type ReportReceiver interface {
	// ReceiveReport applies a delivery report ([Queued.Reported]) to the
	// message of the Company and ID, or without an ID to that of the Gateway
	// and GatewayID. A repeated or late report changes nothing and is no error.
	// It fails with ErrUnknownMessage when there is no such message, or the
	// report names none: it may be faster than SettleMessage, and a gateway
	// should then be asked to repeat it.
	ReceiveReport(ctx context.Context, r DeliveryReport) error
}

// LeaseRequest asks for messages to send.
type LeaseRequest struct {
	// Now is the instant that due is judged by, Until the end of the lease.
	Now, Until time.Time
	// Owner names the process; it is kept for people to read.
	Owner string
	// Limit is the most messages to return, at least 1.
	Limit int
}

// AttemptRequest says that a leased message is about to be sent.
type AttemptRequest struct {
	Company [16]byte
	ID      MessageID
	// Token is the LeaseToken under which the message was leased.
	Token int64
	// At is now, Until the new end of the lease.
	At, Until time.Time
	// Windows are what the attempt counts in.
	Windows []Window
}

// Settlement says what came of a lease.
type Settlement struct {
	Company [16]byte
	ID      MessageID
	// Token is the LeaseToken under which the message was leased.
	Token int64
	// State is StateQueued when certainly no gateway has the message,
	// StateUnknown when one may have it, StateSent when one has it, and
	// StateFailed when it will not be delivered.
	State State
	// NextAt is when to try again, in the states queued and unknown. Zero, or
	// not before the message expires, for never: then it is wiped.
	NextAt time.Time
	// Gateway and GatewayID come from the Receipt, else empty.
	Gateway, GatewayID string
	// ErrorCode says why it was not sent, else empty.
	ErrorCode string
	// At is now.
	At time.Time
}

// DeliveryReport is what a gateway tells of a message later.
type DeliveryReport struct {
	// Company and ID name the message where the adapter gave them to the
	// gateway and got them back, proven to be its own; else both are zero.
	Company [16]byte
	ID      MessageID
	// Gateway and GatewayID are as in the [Receipt].
	Gateway, GatewayID string
	// State is StateSent, StateUnknown, StateFailed or StateDelivered.
	State State
	// ErrorCode is the gateway's code of a failure, with nothing personal in it.
	ErrorCode string
	// At is when the report arrived.
	At time.Time
}

// MessagesRequest asks for messages by id.
type MessagesRequest struct {
	Company [16]byte
	IDs     []MessageID
}
