package smpp

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// Name is the Gateway in receipts unless Options.Gateway says otherwise.
const Name = "smpp"

// Options configures a [Client]. Printed, it shows no password.
type Options struct {
	// Addr is the host and port of the SMSC. Required.
	Addr string
	// Dial opens a connection to Addr; the network is "tcp". It obeys ctx, and
	// its errors are logged. For TLS it is the DialContext of a tls.Dialer.
	// Defaults to that of a net.Dialer, which is in clear.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// SystemID, Password and SystemType are what the SMSC's operator has given
	// out. SMPP has room for 15, 8 and 12 characters, and many SMSCs take longer
	// ones. SystemID is required.
	SystemID, Password, SystemType string
	// Reports takes what the receipts tell. Required.
	Reports sms.ReportReceiver

	// Gateway names the SMSC in receipts. Two SMSCs need two names, because
	// their message ids may be the same. Defaults to Name.
	Gateway string
	// MaxPending is how many messages at most wait for their answer at a time;
	// others wait to be written. Defaults to 10.
	MaxPending int
	// EnquireLink is how often the SMSC is asked whether it is there. Defaults
	// to 30 seconds.
	EnquireLink time.Duration
	// ResponseTimeout bounds the way to a bound connection, each write, and each
	// report to Reports. A message that waits longer for its answer is given up
	// when EnquireLink is next due, and its outcome is unknown; a connection on
	// which nothing comes for both together is dead. Defaults to 30 seconds.
	ResponseTimeout time.Duration
	// ThrottleWait is the RetryAfter of a message that was refused because there
	// are too many: SMPP tells no time. Defaults to 10 seconds.
	ThrottleWait time.Duration
	// Backoff is the longest wait before the second attempt to bind; each
	// further one doubles it. Defaults to 1 second.
	Backoff time.Duration
	// MaxBackoff is the longest wait of all, and the shortest after the SMSC has
	// refused the credentials. Defaults to 1 minute.
	MaxBackoff time.Duration

	// Clock gives the present instant, for reports. Defaults to time.Now.
	Clock func() time.Time
	// Jitter returns a random wait between 0 and limit, which is above 0.
	// Defaults to a uniform one from math/rand/v2.
	Jitter func(limit time.Duration) time.Duration
	// Logger is told of connections, and of receipts that could not be stored.
	// Defaults to one that discards.
	Logger *slog.Logger
}

// Format prints the address alone, whatever the verb.
func (o Options) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "SMPP to "+o.Addr) }

// LogValue gives slog the address alone.
func (o Options) LogValue() slog.Value { return slog.StringValue("SMPP to " + o.Addr) }

func (o *Options) complete() error {
	if o.Addr == "" || o.SystemID == "" || o.Reports == nil {
		return fmt.Errorf("%w: Addr, SystemID and Reports are required", sms.ErrOption)
	}
	for _, s := range []struct{ name, value string }{
		{"SystemID", o.SystemID}, {"Password", o.Password}, {"SystemType", o.SystemType},
	} {
		if strings.ContainsRune(s.value, 0) {
			return fmt.Errorf("%w: %s holds a NUL", sms.ErrOption, s.name)
		}
	}
	o.Gateway = cmp.Or(o.Gateway, Name)
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = func(limit time.Duration) time.Duration { return rand.N(limit) }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxPending < 0 {
		return fmt.Errorf("%w: MaxPending %d", sms.ErrOption, o.MaxPending)
	}
	o.MaxPending = cmp.Or(o.MaxPending, 10)
	for _, d := range []struct {
		name     string
		value    *time.Duration
		standard time.Duration
	}{
		{"EnquireLink", &o.EnquireLink, 30 * time.Second}, {"ResponseTimeout", &o.ResponseTimeout, 30 * time.Second},
		{"ThrottleWait", &o.ThrottleWait, 10 * time.Second},
		{"Backoff", &o.Backoff, time.Second}, {"MaxBackoff", &o.MaxBackoff, time.Minute},
	} {
		if *d.value < 0 {
			return fmt.Errorf("%w: %s %s", sms.ErrOption, d.name, *d.value)
		}
		*d.value = cmp.Or(*d.value, d.standard)
	}
	return nil
}
