package sms

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// PhoneNumber is a mobile number in E.164 that prints masked. Only its method
// E164 gives the digits; a gateway calls it, and a store.
type PhoneNumber = phone.Number

// PhoneNumberFromE164 reads back what PhoneNumber.E164 gave. "" is the zero
// number.
func PhoneNumberFromE164(s string) (PhoneNumber, error) { return phone.FromE164(s) }

type messageKind struct{}

// MessageID names one message for good, over all attempts to send it: a UUID of
// version 7.
type MessageID = id.ID[messageKind]

// ParseMessageID reads the usual form of a UUID, 8-4-4-4-12 in hexadecimal.
func ParseMessageID(s string) (MessageID, error) { return id.Parse[messageKind](s) }

// Message is one text message on its way to a gateway. Printed, logged or
// encoded, it shows neither number nor text (I7); only a gateway looks inside.
type Message struct {
	// ID is the same for every attempt. With Company it may be given to the
	// gateway, to come back with delivery reports.
	ID MessageID
	// Company is whose traveler it goes to.
	Company [16]byte
	// To is where it goes, never zero.
	To PhoneNumber
	// From is the sender name that the phone shows; see [CheckSender].
	From string
	// Text is in NFC and the same for every attempt.
	Text string
	// Expires is the instant from which on nobody wants the message any more.
	// A gateway that knows a validity period is told it.
	Expires time.Time
}

func (m Message) redacted() string {
	return fmt.Sprintf("message %s to %s from %s", m.ID, m.To.Masked(), m.From)
}

// String gives id, masked number and sender name.
func (m Message) String() string { return m.redacted() }

// Format prints id, masked number and sender name, whatever the verb.
func (m Message) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.redacted()) }

// LogValue gives slog id, masked number and sender name.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.redacted()) }

// MarshalText gives encoders id, masked number and sender name.
func (m Message) MarshalText() ([]byte, error) { return []byte(m.redacted()), nil }

// CheckSender tells whether a name can stand as the sender of a message: 3 to
// 11 letters and digits of ASCII, the first a letter. Anything else is dropped
// or replaced on the way by one network or another. The error wraps
// [ErrSenderName] and holds the name.
func CheckSender(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if len(name) < 3 || len(name) > 11 ||
		strings.Trim(name, letters+"0123456789") != "" || !strings.Contains(letters, name[:1]) {
		return fmt.Errorf("%w: %q", ErrSenderName, name)
	}
	return nil
}
