package sqlstore

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// What stands in the JSON columns of companies, travelers and purchases. They
// are read by every later version: a name here is never changed. Amounts are in
// öre, but those that people had typed or were told are kronor in text.

type billingJSON struct {
	Name       string `json:"name,omitempty"`
	Street     string `json:"street,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	City       string `json:"city,omitempty"`
	Country    string `json:"country,omitempty"`
	VATNumber  string `json:"vat_number,omitempty"`
	PeppolID   string `json:"peppol_id,omitempty"`
	Email      string `json:"email,omitempty"`

	PersonalLines bool `json:"personal_lines,omitempty"`
}

func toBilling(b travel.Billing) billingJSON   { return billingJSON(b) }
func fromBilling(b billingJSON) travel.Billing { return travel.Billing(b) }

type policyJSON struct {
	Products []string    `json:"products,omitzero"`
	Regions  []string    `json:"regions,omitzero"`
	Hours    []hoursJSON `json:"hours,omitzero"`
}

type hoursJSON struct {
	// Days count from Sunday, which is 0.
	Days []time.Weekday `json:"days,omitzero"`
	From int            `json:"from"`
	To   int            `json:"to"`
}

func toPolicy(p *travel.Policy) *policyJSON {
	if p == nil {
		return nil
	}
	hours := convert(p.Hours, func(h travel.Hours) hoursJSON { return hoursJSON(h) })
	return &policyJSON{Products: p.Products, Regions: p.Regions, Hours: hours}
}

func fromPolicy(p *policyJSON) *travel.Policy {
	if p == nil {
		return nil
	}
	hours := convert(p.Hours, func(h hoursJSON) travel.Hours { return travel.Hours(h) })
	return &travel.Policy{Products: p.Products, Regions: p.Regions, Hours: hours}
}

type usageJSON struct {
	Month  credit.Month  `json:"month"`
	Amount credit.Amount `json:"amount"`
}

func toUsed(list []credit.Usage) []usageJSON {
	return convert(list, func(u credit.Usage) usageJSON { return usageJSON(u) })
}

func fromUsed(list []usageJSON) []credit.Usage {
	return convert(list, func(u usageJSON) credit.Usage { return credit.Usage(u) })
}

type reservationJSON struct {
	ID        credit.AuthorizationID `json:"id"`
	Month     credit.Month           `json:"month"`
	Amount    credit.Amount          `json:"amount"`
	ExpiresAt moment                 `json:"expires_at,omitzero"`
	Capturing bool                   `json:"capturing,omitempty"`
}

func toOpen(list []credit.Reservation) []reservationJSON {
	return convert(list, func(r credit.Reservation) reservationJSON {
		return reservationJSON{ID: r.ID, Month: r.Month, Amount: r.Amount, ExpiresAt: moment(r.ExpiresAt), Capturing: r.Capturing}
	})
}

func fromOpen(list []reservationJSON) []credit.Reservation {
	return convert(list, func(r reservationJSON) credit.Reservation {
		return credit.Reservation{ID: r.ID, Month: r.Month, Amount: r.Amount, ExpiresAt: time.Time(r.ExpiresAt), Capturing: r.Capturing}
	})
}

type ticketLineJSON struct {
	Ticket   ticketJSON     `json:"ticket"`
	Gross    credit.Amount  `json:"gross"`
	Stated   bool           `json:"stated,omitempty"`
	Net      credit.Amount  `json:"net,omitempty"`
	VAT      credit.Amount  `json:"vat,omitempty"`
	Capture  travel.EntryID `json:"capture,omitzero"`
	Refunded credit.Amount  `json:"refunded,omitempty"`
}

type ticketJSON struct {
	ID          string      `json:"id,omitempty"`
	Product     string      `json:"product,omitempty"`
	ProductName string      `json:"product_name,omitempty"`
	Category    string      `json:"category,omitempty"`
	Zones       []string    `json:"zones,omitzero"`
	From        string      `json:"from,omitempty"`
	To          string      `json:"to,omitempty"`
	Region      string      `json:"region,omitempty"`
	Seller      string      `json:"seller,omitempty"`
	ValidFrom   moment      `json:"valid_from,omitzero"`
	Gross       kronor      `json:"gross"`
	VATRate     int         `json:"vat_rate"`
	VATCategory string      `json:"vat_category,omitempty"`
	VATReason   string      `json:"vat_reason,omitempty"`
	Stated      *statedJSON `json:"stated,omitempty"`
}

type statedJSON struct {
	Net kronor `json:"net"`
	VAT kronor `json:"vat"`
}

func toLines(list []travel.TicketLine) []ticketLineJSON {
	return convert(list, func(l travel.TicketLine) ticketLineJSON {
		return ticketLineJSON{
			Ticket: toTicket(l.Ticket), Gross: l.Gross, Stated: l.Stated, Net: l.Net, VAT: l.VAT,
			Capture: l.Capture, Refunded: l.Refunded,
		}
	})
}

func fromLines(list []ticketLineJSON) []travel.TicketLine {
	return convert(list, func(l ticketLineJSON) travel.TicketLine {
		return travel.TicketLine{
			Ticket: fromTicket(l.Ticket), Gross: l.Gross, Stated: l.Stated, Net: l.Net, VAT: l.VAT,
			Capture: l.Capture, Refunded: l.Refunded,
		}
	})
}

func toTicket(t travel.Ticket) ticketJSON {
	return ticketJSON{
		ID: t.ID, Product: t.Product, ProductName: t.ProductName, Category: t.Category, Zones: t.Zones,
		From: t.From, To: t.To, Region: t.Region, Seller: t.Seller, ValidFrom: moment(t.ValidFrom), Gross: kronor(t.Gross),
		VATRate: t.VATRate, VATCategory: t.VATCategory, VATReason: t.VATReason, Stated: toStated(t.Stated),
	}
}

func fromTicket(t ticketJSON) travel.Ticket {
	return travel.Ticket{
		ID: t.ID, Product: t.Product, ProductName: t.ProductName, Category: t.Category, Zones: t.Zones,
		From: t.From, To: t.To, Region: t.Region, Seller: t.Seller, ValidFrom: time.Time(t.ValidFrom), Gross: decimal.Decimal(t.Gross),
		VATRate: t.VATRate, VATCategory: t.VATCategory, VATReason: t.VATReason, Stated: fromStated(t.Stated),
	}
}

func toStated(s *travel.StatedVAT) *statedJSON {
	if s == nil {
		return nil
	}
	return &statedJSON{Net: kronor(s.Net), VAT: kronor(s.VAT)}
}

func fromStated(s *statedJSON) *travel.StatedVAT {
	if s == nil {
		return nil
	}
	return &travel.StatedVAT{Net: decimal.Decimal(s.Net), VAT: decimal.Decimal(s.VAT)}
}

type pendingJSON struct {
	At     moment          `json:"at,omitzero"`
	Amount credit.Amount   `json:"amount"`
	Gross  []credit.Amount `json:"gross,omitzero"`
}

func toPending(p *travel.PendingCapture) *pendingJSON {
	if p == nil {
		return nil
	}
	return &pendingJSON{At: moment(p.At), Amount: p.Amount, Gross: p.Gross}
}

func fromPending(p *pendingJSON) *travel.PendingCapture {
	if p == nil {
		return nil
	}
	return &travel.PendingCapture{At: time.Time(p.At), Amount: p.Amount, Gross: p.Gross}
}

type refundJSON struct {
	ID      travel.RefundID    `json:"id"`
	State   travel.RefundState `json:"state"`
	At      moment             `json:"at,omitzero"`
	Amount  credit.Amount      `json:"amount"`
	Gross   []credit.Amount    `json:"gross,omitzero"`
	Billing credit.Month       `json:"billing,omitzero"`
	Detail  string             `json:"detail,omitempty"`
}

func toRefunds(list []travel.Refund) []refundJSON {
	return convert(list, func(r travel.Refund) refundJSON {
		return refundJSON{ID: r.ID, State: r.State, At: moment(r.At), Amount: r.Amount, Gross: r.Gross, Billing: r.Billing, Detail: r.Detail}
	})
}

func fromRefunds(list []refundJSON) []travel.Refund {
	return convert(list, func(r refundJSON) travel.Refund {
		return travel.Refund{ID: r.ID, State: r.State, At: time.Time(r.At), Amount: r.Amount, Gross: r.Gross, Billing: r.Billing, Detail: r.Detail}
	})
}

type answerJSON struct {
	Authorization travel.AuthorizationID `json:"authorization,omitzero"`
	State         stateName              `json:"state,omitzero"`
	Month         credit.Month           `json:"month,omitzero"`
	Amount        credit.Amount          `json:"amount,omitempty"`
	Available     credit.Amount          `json:"available,omitempty"`
	ExpiresAt     moment                 `json:"expires_at,omitzero"`
	Refund        travel.RefundID        `json:"refund,omitzero"`
	Traveler      travel.TravelerID      `json:"traveler,omitzero"`
	Connection    travel.ConnectionID    `json:"connection,omitzero"`
	Digest        string                 `json:"digest,omitempty"`
	Decline       *declineJSON           `json:"decline,omitempty"`
}

type declineJSON struct {
	Code      credit.DeclineCode `json:"code"`
	Amount    kronor             `json:"amount"`
	ShortBy   kronor             `json:"short_by"`
	Limit     kronor             `json:"limit"`
	Used      kronor             `json:"used"`
	Reserved  kronor             `json:"reserved"`
	Available kronor             `json:"available"`
	ResetsAt  moment             `json:"resets_at,omitzero"`
	PassesAt  moment             `json:"passes_at,omitzero"`
	Helper    credit.Helper      `json:"helper,omitempty"`
	Detail    string             `json:"detail,omitempty"`
}

func toAnswer(a travel.Answer) answerJSON {
	return answerJSON{
		Authorization: a.Authorization, State: stateName(a.State), Month: a.Month, Amount: a.Amount, Available: a.Available,
		ExpiresAt: moment(a.ExpiresAt), Refund: a.Refund, Traveler: a.Traveler, Connection: a.Connection, Digest: a.Digest,
		Decline: toDecline(a.Decline),
	}
}

func fromAnswer(a answerJSON) travel.Answer {
	return travel.Answer{
		Authorization: a.Authorization, State: credit.State(a.State), Month: a.Month, Amount: a.Amount, Available: a.Available,
		ExpiresAt: time.Time(a.ExpiresAt), Refund: a.Refund, Traveler: a.Traveler, Connection: a.Connection, Digest: a.Digest,
		Decline: fromDecline(a.Decline),
	}
}

// toOutcome and fromOutcome are for an answer that may be missing.
func toOutcome(a *travel.Answer) *answerJSON {
	if a == nil {
		return nil
	}
	kept := toAnswer(*a)
	return &kept
}

func fromOutcome(a *answerJSON) *travel.Answer {
	if a == nil {
		return nil
	}
	answer := fromAnswer(*a)
	return &answer
}

func toDecline(d *credit.Decline) *declineJSON {
	if d == nil {
		return nil
	}
	return &declineJSON{
		Code: d.Code, Amount: kronor(d.Amount), ShortBy: kronor(d.ShortBy), Limit: kronor(d.Limit), Used: kronor(d.Used),
		Reserved: kronor(d.Reserved), Available: kronor(d.Available), ResetsAt: moment(d.ResetsAt), PassesAt: moment(d.PassesAt),
		Helper: d.Helper, Detail: d.Detail,
	}
}

func fromDecline(d *declineJSON) *credit.Decline {
	if d == nil {
		return nil
	}
	return &credit.Decline{
		Code: d.Code, Amount: decimal.Decimal(d.Amount), ShortBy: decimal.Decimal(d.ShortBy), Limit: decimal.Decimal(d.Limit),
		Used: decimal.Decimal(d.Used), Reserved: decimal.Decimal(d.Reserved), Available: decimal.Decimal(d.Available),
		ResetsAt: time.Time(d.ResetsAt), PassesAt: time.Time(d.PassesAt), Helper: d.Helper, Detail: d.Detail,
	}
}

// kronor is a decimal that is text whatever the host has set in package
// decimal.
type kronor decimal.Decimal

func (k kronor) MarshalText() ([]byte, error)     { return decimal.Decimal(k).MarshalText() }
func (k *kronor) UnmarshalText(text []byte) error { return (*decimal.Decimal)(k).UnmarshalText(text) }

// moment is an instant in UTC, to the microsecond like the columns.
type moment time.Time

// lastMoment stands for those of years that have no text: encoding must not
// fail, whenever a host's ticket becomes valid.
var lastMoment = time.Date(9999, time.December, 31, 23, 59, 59, 999_999_000, time.UTC)

func (m moment) IsZero() bool { return time.Time(m).IsZero() }

func (m moment) MarshalText() ([]byte, error) {
	t := time.Time(m).UTC().Truncate(time.Microsecond)
	if y := t.Year(); y < 0 || y > lastMoment.Year() {
		t = lastMoment
	}
	return t.AppendFormat(nil, time.RFC3339Nano), nil
}

func (m *moment) UnmarshalText(text []byte) error { return (*time.Time)(m).UnmarshalText(text) }

// stateName is the state of an authorization by its name.
type stateName credit.State

func (s stateName) MarshalText() ([]byte, error) { return []byte(credit.State(s).String()), nil }

func (s *stateName) UnmarshalText(text []byte) (err error) {
	*(*credit.State)(s), err = stateOfName(string(text))
	return err
}

// stateOf keeps the state of an authorization by its name.
func stateOf(name string, p *credit.State) column {
	return column{
		name: name, kind: "text",
		arg: func(Dialect) any { return p.String() },
		dest: scanner(func(src any) error {
			s, err := asText(src)
			if err == nil {
				*p, err = stateOfName(s)
			}
			return err
		}),
	}
}

func stateOfName(name string) (credit.State, error) {
	for s := range credit.Declined + 1 {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("a stored state of an authorization is %q", name)
}
