package sms

import "errors"

// The kinds of error of this package; [errors.Is] tells them apart.
var (
	// ErrNotGSM7: a text holds a rune that GSM 7-bit lacks.
	ErrNotGSM7 = errors.New("not in the GSM 7-bit alphabet")
	// ErrSenderName: a sender name that phones or gateways would change or drop.
	ErrSenderName = errors.New("sender name is not 3 to 11 of A-Z, a-z and 0-9 that begin with a letter")
	// ErrOption: a field of an options struct is out of range.
	ErrOption = errors.New("option out of range")

	// ErrTemplateSize: a message would not fit one segment of GSM 7-bit.
	ErrTemplateSize = errors.New("does not fit one GSM-7 segment")
	// ErrPlaceholder: a template misses a placeholder that it needs, or has one
	// that is not known.
	ErrPlaceholder = errors.New("wrong placeholder")

	// ErrPermanent: the gateway will never take this message.
	ErrPermanent = errors.New("refused for good")
	// ErrTemporary: the gateway has certainly not taken the message this time.
	ErrTemporary = errors.New("not taken this time")
	// ErrUnknown: the gateway may or may not have taken the message.
	ErrUnknown = errors.New("outcome unknown")

	// ErrLeaseLost: the lease has ended and another has begun, or the message
	// waits no longer.
	ErrLeaseLost = errors.New("lease lost")
	// ErrUnknownMessage: no message of that id.
	ErrUnknownMessage = errors.New("unknown message")
	// ErrLimit: as many messages were sent as may be. The kind of every
	// [*LimitError].
	ErrLimit = errors.New("no more messages")
	// ErrHalted: the kill switch is on.
	ErrHalted = errors.New("sending is halted")
	// ErrState: a text or number that names no state.
	ErrState = errors.New("not a delivery state")
)
