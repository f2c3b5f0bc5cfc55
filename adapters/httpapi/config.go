package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Phone is who uses the traveler's app: a phone and the mobile number that is
// registered in it. The host has verified both for this request.
type Phone struct {
	Number travel.PhoneNumber
	// Device is the host's id of the phone, 1 to 200 bytes.
	Device string
}

// AppConfig is what [NewApp] needs. Travel, Authenticate and Price are
// required.
type AppConfig struct {
	Travel *travel.Service
	// Authenticate says who makes a request. [ErrUnauthenticated] is answered
	// with 401, [travel.ErrForbidden] with 403, every other error with 500. A
	// Phone without a number or a device is nobody, 401.
	Authenticate func(*http.Request) (Phone, error)
	// Price makes the tickets that are bought of those that the phone has asked
	// for: with the price, the VAT and the names of the host's own ticket system.
	// A phone is not believed about prices. The same wish under the same key must
	// give the same tickets, else a repeated request is [travel.ErrKeyReused]. An
	// error that is a [*travel.InputError] is answered with 400.
	//
	// A host whose own backend calls the handler gives [PricedByCaller].
	Price func(context.Context, Phone, []travel.Ticket) ([]travel.Ticket, error)
	Options
}

// PricedByCaller believes the caller about prices: a [AppConfig.Price] for a
// handler that only the host's own backend reaches.
func PricedByCaller(_ context.Context, _ Phone, wanted []travel.Ticket) ([]travel.Ticket, error) {
	return wanted, nil
}

// Employee is one of the operator's staff.
type Employee struct {
	// ID is the host's own id for the audit log, and must not be a person's
	// name; see [travel.OperatorActor].
	ID string
}

// OfficeConfig is what [NewOffice] needs. Travel, Invoices and Authenticate are
// required.
type OfficeConfig struct {
	Travel   *travel.Service
	Invoices *invoice.Service
	// Authenticate says who makes a request, as in [AppConfig]; an Employee
	// without an ID is nobody. Whom it lets in reaches every company: a host with
	// finer roles looks at the request and returns [travel.ErrForbidden].
	Authenticate func(*http.Request) (Employee, error)
	// Renderers are the formats in which documents can be fetched, by the name in
	// the URL: small letters, digits and hyphens.
	Renderers map[string]invoice.Renderer
	Options
}

// Options are what both handlers can be told. The zero Options are usable.
type Options struct {
	// MaxBody is how many bytes a request body may have. Defaults to 64 KiB.
	MaxBody int64
	// Timeout is how long a request may take, from its header to its answer, the
	// arrival of its body included. Defaults to 15 seconds in the app and to 2
	// minutes in the back office.
	Timeout time.Duration
	// PerIdentity is how often one phone or employee may come. Defaults to 60
	// requests at once and one per second.
	PerIdentity Rate
	// PerAddress is how often one remote address may come, who may be many
	// phones: it is for floods, and is looked at before Authenticate. Defaults to
	// 600 requests at once and 50 per second.
	PerAddress Rate
	// Remembered is how many identities, and as many addresses, are kept in mind;
	// more of them within the time in which a Rate is whole again and the oldest
	// are forgotten. Defaults to 20 000.
	Remembered int
	// Address returns the address of the one who makes a request. Defaults to
	// Request.RemoteAddr; a host behind a proxy reads what its proxy says. IPv6
	// addresses count by their first 64 bits.
	Address func(*http.Request) netip.Addr
	// Challenge is the WWW-Authenticate header of a 401. Defaults to "Bearer".
	Challenge string
	// Clock tells the instant, for the rates. Defaults to time.Now.
	Clock func() time.Time
	// Logger hears of failures and panics, with nothing personal. Defaults to
	// silence.
	Logger *slog.Logger
}

// Rate bounds how often somebody may come: Burst requests at once, and one more
// each Every. Requests that are dear count as several. The zero Rate is the
// default one; a negative Burst bounds nothing.
type Rate struct {
	Burst int
	Every time.Duration
}

const (
	defaultBody       = 64 << 10
	defaultAppTime    = 15 * time.Second
	defaultOfficeTime = 2 * time.Minute
	defaultRemembered = 20_000
)

func invalid(field, value, reason string) error {
	return &travel.InputError{Field: field, Value: value, Reason: reason}
}

// complete checks the options and sets what is left out.
func (o *Options) complete(timeout time.Duration) error {
	switch {
	case o.MaxBody < 0:
		return invalid("MaxBody", "", "must be more than 0")
	case o.Timeout < 0:
		return invalid("Timeout", o.Timeout.String(), "must be more than 0")
	case o.Remembered < 0:
		return invalid("Remembered", "", "must be more than 0")
	case o.MaxBody == 0:
		o.MaxBody = defaultBody
	}
	if err := o.PerIdentity.complete("PerIdentity", Rate{60, time.Second}); err != nil {
		return err
	}
	if err := o.PerAddress.complete("PerAddress", Rate{600, 20 * time.Millisecond}); err != nil {
		return err
	}
	if o.Timeout == 0 {
		o.Timeout = timeout
	}
	if o.Remembered == 0 {
		o.Remembered = defaultRemembered
	}
	if o.Address == nil {
		o.Address = remoteAddress
	}
	if o.Challenge == "" {
		o.Challenge = "Bearer"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

func (r *Rate) complete(field string, otherwise Rate) error {
	switch {
	case *r == Rate{}:
		*r = otherwise
	case r.Burst == 0:
		return invalid(field+".Burst", "0", "must be more than 0, or below for no bound")
	case r.Burst > 0 && r.Every <= 0:
		return invalid(field+".Every", r.Every.String(), "must be more than 0")
	}
	return nil
}

// remoteAddress reads Request.RemoteAddr. What is no address is the zero one,
// which has a rate like any other.
func remoteAddress(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr()
}
