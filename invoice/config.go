package invoice

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Config is what a [Service] needs. Store, Travel and Sellers are required. It
// is copied by [New].
type Config struct {
	// Store keeps everything; the same one that Travel uses.
	Store Store
	// Travel knows who may see what (R40), in which zone months begin (R18) and
	// how long a reservation lives.
	Travel *travel.Service
	// Sellers are those whose tickets are billed. The first is the operator.
	Sellers []Seller
	// Clock tells the instant. Defaults to time.Now.
	Clock func() time.Time
	// IDs makes UUIDs of version 7. Defaults to one from Clock and crypto/rand.
	IDs func() [16]byte
	// Currency is an ISO 4217 code. Defaults to SEK.
	Currency string
	// Grace is how long after its end a month can be closed. It must be longer
	// than a reservation lives, so that a late capture is still in (R35).
	// Defaults to 72 hours.
	Grace time.Duration
	// PaymentDays is how many days after the issue a document is due. Defaults
	// to 30.
	PaymentDays int
	// WholeKronor rounds what is to be paid to whole kronor, half a krona
	// upwards. VAT stays as it is. Defaults to false.
	WholeKronor bool
	// ProviderBills makes a basis of every document, without a number: the
	// payment provider writes the invoice. Defaults to false.
	ProviderBills bool
	// Language is what documents are written in, Swedish or English. Defaults
	// to Swedish.
	Language language.Tag
	// Deliverer takes documents to their buyers, see [Service.DeliverDue]. With
	// nil those that are issued do not wait for a delivery.
	Deliverer Deliverer
	// DeliveryTimeout bounds one attempt to deliver a document. Defaults to 2
	// minutes.
	DeliveryTimeout time.Duration
	// Jitter returns a random wait between 0 and limit, which is above 0.
	// Defaults to a uniform one from math/rand/v2.
	Jitter func(limit time.Duration) time.Duration
}

// Seller is one of those whose tickets are sold. Each has its own documents
// and its own series of numbers (R31).
type Seller struct {
	// ID is what [travel.Ticket.Seller] says. The operator's, which is the
	// first, may be ""; tickets that name no seller are the operator's.
	ID string
	// Party is printed on the documents.
	Party Party
	// Payee is where the seller is paid, and OCR what payments are known by.
	Payee Payee
	OCR   OCR
	// Series comes before the number. No two sellers have the same one.
	Series string
}

// Service makes the documents of one operator. It holds no state but its
// configuration, starts no goroutine, and is safe for concurrent use; any
// number of processes may close the same month.
type Service struct {
	store         Store
	travel        *travel.Service
	sellers       []Seller
	sellerIndex   map[string]int
	clock         func() time.Time
	ids           func() [16]byte
	currency      string
	zone          *time.Location
	grace         time.Duration
	paymentDays   int
	providerBills bool
	wholeKronor   bool
	language      language.Tag
	deliverer     Deliverer
	timeout       time.Duration
	jitter        func(limit time.Duration) time.Duration
}

const (
	defaultGrace       = 72 * time.Hour
	defaultPaymentDays = 30
	defaultCurrency    = "SEK"
	defaultTimeout     = 2 * time.Minute
)

// New returns a service. The error is a [*travel.InputError] that names the
// field of the configuration.
func New(c Config) (*Service, error) {
	if c.Store == nil {
		return nil, invalid("Config.Store", "", "is required")
	}
	if c.Travel == nil {
		return nil, invalid("Config.Travel", "", "is required")
	}
	c.Sellers = slices.Clone(c.Sellers)
	index, err := checkSellers(c.Sellers, c.ProviderBills)
	if err != nil {
		return nil, err
	}
	c.setDefaults()
	if ttl := c.Travel.ReservationTTL(); c.Grace <= ttl {
		return nil, invalid("Config.Grace", c.Grace.String(), "must be longer than a reservation lives, which is "+ttl.String())
	}
	if c.PaymentDays < 0 {
		return nil, invalid("Config.PaymentDays", fmt.Sprint(c.PaymentDays), "must not be negative")
	}
	if c.DeliveryTimeout < 0 {
		return nil, invalid("Config.DeliveryTimeout", c.DeliveryTimeout.String(), "must not be negative")
	}
	if len(c.Currency) != 3 || strings.ToUpper(c.Currency) != c.Currency {
		return nil, invalid("Config.Currency", c.Currency, "is no ISO 4217 code")
	}
	return &Service{
		store: c.Store, travel: c.Travel, sellers: c.Sellers, sellerIndex: index,
		clock: c.Clock, ids: c.IDs, currency: c.Currency, zone: c.Travel.Rules().Zone, grace: c.Grace,
		paymentDays: c.PaymentDays, providerBills: c.ProviderBills, wholeKronor: c.WholeKronor, language: c.Language,
		deliverer: c.Deliverer, timeout: c.DeliveryTimeout, jitter: c.Jitter,
	}, nil
}

func (c *Config) setDefaults() {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.IDs == nil {
		c.IDs = id.NewSource(c.Clock, rand.Reader).New
	}
	if c.Currency == "" {
		c.Currency = defaultCurrency
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	if c.PaymentDays == 0 {
		c.PaymentDays = defaultPaymentDays
	}
	if c.DeliveryTimeout == 0 {
		c.DeliveryTimeout = defaultTimeout
	}
	if c.Jitter == nil {
		c.Jitter = func(limit time.Duration) time.Duration { return mathrand.N(limit) }
	}
	c.Language = language.Make(languageCode(c.Language))
}

// languageCode returns "sv" or "en".
func languageCode(tag language.Tag) string {
	if lang.IsEnglish(tag) {
		return "en"
	}
	return "sv"
}

// checkSellers checks the sellers, brings their numbers into form, and returns their index by id.
func checkSellers(sellers []Seller, providerBills bool) (map[string]int, error) {
	if len(sellers) == 0 {
		return nil, invalid("Config.Sellers", "", "is required: the first is the operator")
	}
	index := map[string]int{"": 0}
	series := map[string]bool{}
	for i := range sellers {
		s := &sellers[i]
		field := fmt.Sprintf("Config.Sellers[%d].", i)
		if err := s.Party.check(field + "Party."); err != nil {
			return nil, err
		}
		if err := s.Payee.check(field + "Payee."); err != nil {
			return nil, err
		}
		if s.OCR > OCRLength {
			return nil, invalid(field+"OCR", fmt.Sprint(s.OCR), "is none of the kinds")
		}
		_, taken := index[s.ID]
		switch {
		case taken && (i > 0 || s.ID != ""):
			return nil, invalid(field+"ID", s.ID, "must be set and be the only one")
		case providerBills:
		case strings.TrimSpace(s.Series) == "":
			return nil, invalid(field+"Series", "", "is required")
		case series[s.Series]:
			return nil, invalid(field+"Series", s.Series, "another seller has it: numbers would have gaps")
		}
		index[s.ID], series[s.Series] = i, true
	}
	return index, nil
}

// sellerID returns the id that documents know a ticket's seller by.
func (s *Service) sellerID(ticket string) string {
	if ticket == s.sellers[0].ID {
		return ""
	}
	return ticket
}

// now returns the instant in UTC, as exact as stores keep it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

func invalid(field, value, reason string) error {
	return &travel.InputError{Field: field, Value: value, Reason: reason}
}
