package travel

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/phone"
	"github.com/tjansteresor/tjansteresor/sms"
)

// Config is what a [Service] needs. Only Store and Keys are required. It is
// copied by [New].
type Config struct {
	// Store keeps everything.
	Store Store
	// Keys seals waiting SMS and peppers the hashes of codes; see [sms.NewKeyRing].
	Keys *KeyRing
	// Templates writes the SMS. Defaults to [sms.NewTemplates] of no options.
	Templates *sms.Templates
	// Provider stands behind the payment method. Defaults to our own monthly
	// invoice.
	Provider PaymentProvider
	// Clock tells the instant. Defaults to time.Now.
	Clock func() time.Time
	// Random yields the randomness of codes, salts, nonces and ids; the service
	// reads it from one goroutine at a time. Defaults to crypto/rand.
	Random io.Reader
	// Zone is where months begin and end (R18). Defaults to Europe/Stockholm,
	// which must be in the host's time zone database; import time/tzdata to
	// bring one along.
	Zone *time.Location
	// Maximum is the highest limit of any traveler, in kronor (R17). Defaults
	// to 15 000.
	Maximum decimal.Decimal
	// ReservationTTL is how long a reservation lives (R27). Defaults to 15
	// minutes; at most a day.
	ReservationTTL time.Duration
	// MaxOpen is how many reservations a traveler may have open. Defaults to
	// 20.
	MaxOpen int
	// CodeDays is how many days a one-time code is valid (R10). Defaults to 7.
	CodeDays int
	// CodeAttempts is how many wrong attempts lock a code (R14). Defaults to 5.
	CodeAttempts int
	// CodeCost is the number of PBKDF2 iterations. Defaults to 210 000; tests
	// may lower it.
	CodeCost int
	// Workers bounds how many codes are hashed at the same time. Defaults to
	// GOMAXPROCS.
	Workers int
	// PurposeLength is the longest purpose in characters (R28). Defaults to
	// 200.
	PurposeLength int
	// Sellers are the ids of those that the operator sells tickets for, besides
	// itself; a ticket of another is refused. Defaults to accepting any, and
	// the month close finds those that package invoice does not know.
	Sellers []string
	// HomeCountry is where mobile numbers without a country code belong.
	// Defaults to SE.
	HomeCountry string
	// Countries lists those whose mobile numbers are accepted, and with that
	// where SMS can go. Defaults to SE, NO, DK and FI.
	Countries []string
	// ResendCooldown is how long after an SMS to a traveler its credentials
	// cannot be sent again. Defaults to 2 minutes.
	ResendCooldown time.Duration
	// ImportRate is how many SMS of an import become due per minute. Defaults
	// to 600; at least 60.
	ImportRate int
	// SegmentPrice is what a segment of an SMS costs, for the plans of imports,
	// which are then told in the operator's currency. Defaults to unknown.
	SegmentPrice decimal.Decimal
}

// Service is one operator's business travel. It holds no state of its own but
// its configuration, starts no goroutine, and is safe for concurrent use.
type Service struct {
	store     Store
	keys      *KeyRing
	templates *sms.Templates
	provider  PaymentProvider
	clock     func() time.Time
	random    io.Reader
	ids       *id.Source
	rules     credit.Rules
	ttl       time.Duration
	code      codeRules
	workers   chan struct{}
	purpose   int
	sellers   []string
	home      string
	countries []string
	cooldown  time.Duration
	pace      time.Duration // between two SMS of an import
	price     decimal.Decimal
	bound     bool
}

const (
	defaultMaximum = 15000
	defaultTTL     = 15 * time.Minute
	defaultZone    = "Europe/Stockholm"
	maxTTL         = 24 * time.Hour

	defaultCooldown = 2 * time.Minute
	// slowestImport is how many SMS an import queues per minute at least.
	slowestImport = 60
)

// New returns a service. The error is an [*InputError] that names the field of
// the configuration.
func New(c Config) (*Service, error) {
	if c.Store == nil {
		return nil, invalid("Config.Store", "", "is required")
	}
	if c.Keys == nil {
		return nil, invalid("Config.Keys", "", "is required")
	}
	if err := c.setDefaults(); err != nil {
		return nil, err
	}
	maximum, err := credit.FromDecimal(c.Maximum)
	if err != nil || maximum <= 0 {
		return nil, &InputError{Field: "Config.Maximum", Value: c.Maximum.String(), Reason: "must be more than 0, with two decimals at most", Err: err}
	}
	if c.ReservationTTL < time.Second || c.ReservationTTL > maxTTL {
		return nil, invalid("Config.ReservationTTL", c.ReservationTTL.String(), "must be between a second and a day")
	}
	switch {
	case c.ResendCooldown < 0:
		return nil, invalid("Config.ResendCooldown", c.ResendCooldown.String(), "must not be negative")
	case c.ImportRate < slowestImport:
		return nil, invalid("Config.ImportRate", fmt.Sprint(c.ImportRate), fmt.Sprintf("must be at least %d: codes are valid for days only", slowestImport))
	case c.SegmentPrice.IsNegative():
		return nil, invalid("Config.SegmentPrice", c.SegmentPrice.String(), "must not be negative")
	}
	return &Service{
		store: c.Store, keys: c.Keys, templates: c.Templates, provider: c.Provider,
		clock: c.Clock, random: c.Random, ids: id.NewSource(c.Clock, c.Random),
		rules: credit.Rules{Zone: c.Zone, Maximum: maximum, MaxOpen: c.MaxOpen},
		ttl:   c.ReservationTTL,
		code:  codeRules{days: c.CodeDays, attempts: c.CodeAttempts, cost: c.CodeCost},

		workers: make(chan struct{}, c.Workers), purpose: c.PurposeLength,
		home: c.HomeCountry, countries: c.Countries, sellers: c.Sellers,
		cooldown: c.ResendCooldown, pace: time.Minute / time.Duration(c.ImportRate), price: c.SegmentPrice,
	}, nil
}

func (c *Config) setDefaults() error {
	if c.Zone == nil {
		zone, err := time.LoadLocation(defaultZone)
		if err != nil {
			return &InputError{Field: "Config.Zone", Reason: "no time zone database; set Zone or import time/tzdata", Err: err}
		}
		c.Zone = zone
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	} else {
		c.Random = &lockedReader{r: c.Random}
	}
	if c.Maximum.IsZero() {
		c.Maximum = decimal.NewFromInt(defaultMaximum)
	}
	if c.HomeCountry == "" {
		c.HomeCountry = "SE"
	}
	if len(c.Countries) == 0 {
		c.Countries = phone.Countries()
	}
	if c.ReservationTTL == 0 {
		c.ReservationTTL = defaultTTL
	}
	if c.ResendCooldown == 0 {
		c.ResendCooldown = defaultCooldown
	}
	err := defaultInts(
		defaultInt{"MaxOpen", &c.MaxOpen, 20}, defaultInt{"CodeDays", &c.CodeDays, 7},
		defaultInt{"CodeAttempts", &c.CodeAttempts, 5}, defaultInt{"CodeCost", &c.CodeCost, 210_000},
		defaultInt{"Workers", &c.Workers, runtime.GOMAXPROCS(0)}, defaultInt{"PurposeLength", &c.PurposeLength, 200},
		defaultInt{"ImportRate", &c.ImportRate, 600},
	)
	if err == nil && c.Templates == nil {
		c.Templates, err = sms.NewTemplates(sms.TemplateOptions{
			UsernameLength: usernameLength, CodeLength: codeLength + 1, ValidDays: c.CodeDays,
		})
	}
	return err
}

// lockedReader reads from one goroutine at a time.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return io.ReadFull(l.r, p)
}

type defaultInt struct {
	field string
	value *int
	unset int
}

func defaultInts(fields ...defaultInt) error {
	for _, f := range fields {
		if *f.value < 0 {
			return invalid("Config."+f.field, fmt.Sprint(*f.value), "must not be negative")
		}
		if *f.value == 0 {
			*f.value = f.unset
		}
	}
	return nil
}

// In returns the same service on another store, such as one that is bound to a
// transaction that the host has open: then credit, ticket and order commit or
// vanish together. A bound service asks no payment provider; with one
// configured its captures and refunds are [ErrConflict].
func (s *Service) In(bound Store) *Service {
	c := *s
	c.store, c.bound = bound, true
	return &c
}

// Rules returns the operator's rules of credit.
func (s *Service) Rules() credit.Rules { return s.rules }

// ReservationTTL returns how long a reservation lives.
func (s *Service) ReservationTTL() time.Duration { return s.ttl }

// now returns the instant in UTC, as exact as stores keep it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// work runs f as one of a bounded number of workers.
func (s *Service) work(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.workers <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.workers }()
	return f()
}
