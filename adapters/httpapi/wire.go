package httpapi

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// money writes an amount in kronor, with two decimals.
func money(d decimal.Decimal) string { return d.StringFixed(2) }

// instant writes an instant in UTC; the zero one is "".
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

// text writes an id; the zero one is "".
func text[ID interface {
	~[16]byte
	String() string
}](id ID) string {
	if id == (ID{}) {
		return ""
	}
	return id.String()
}

// maxDigits are the digits of an amount before the point. What is more than the
// library counts is for the library to refuse.
const maxDigits = 15

// parseMoney reads an amount in kronor, with two decimals. It is stricter than
// a decimal: 1e9999999 is short and large.
func parseMoney(field, s string) (decimal.Decimal, error) {
	digits := s
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	n := len(digits)
	ok := n >= 4 && n <= maxDigits+3 && digits[n-3] == '.'
	for i := 0; ok && i < n; i++ {
		ok = i == n-3 || digits[i] >= '0' && digits[i] <= '9'
	}
	if !ok {
		return decimal.Decimal{}, wrongField(field, "must be an amount with two decimals and a point: 37.00")
	}
	ore, err := strconv.ParseInt(s[:len(s)-3]+s[len(s)-2:], 10, 64)
	if err != nil {
		return decimal.Decimal{}, wrongField(field, "is out of range")
	}
	return decimal.New(ore, -2), nil
}

// parseAmounts reads a list that may be left out.
func parseAmounts(field string, list *[]string) ([]decimal.Decimal, error) {
	if list == nil {
		return nil, nil
	}
	if len(*list) == 0 {
		return nil, wrongField(field, "is empty: leave it out for all")
	}
	amounts := make([]decimal.Decimal, len(*list))
	for i, s := range *list {
		var err error
		if amounts[i], err = parseMoney(field+"["+strconv.Itoa(i)+"]", s); err != nil {
			return nil, err
		}
	}
	return amounts, nil
}

// parseInstant reads an instant that may be "".
func parseInstant(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, wrongField(field, "must be an instant of RFC 3339: 2026-01-13T11:00:00Z")
	}
	return t.UTC(), nil
}

// ticketBody is a travel.Ticket.
type ticketBody struct {
	ID          string      `json:"id,omitempty"`
	Product     string      `json:"product"`
	ProductName string      `json:"product_name,omitempty"`
	Category    string      `json:"category"`
	Zones       []string    `json:"zones,omitempty"`
	From        string      `json:"from,omitempty"`
	To          string      `json:"to,omitempty"`
	Region      string      `json:"region,omitempty"`
	Seller      string      `json:"seller,omitempty"`
	ValidFrom   string      `json:"valid_from,omitempty"`
	Gross       string      `json:"gross"`
	VATRate     *int        `json:"vat_rate"`
	VATCategory string      `json:"vat_category,omitempty"`
	VATReason   string      `json:"vat_reason,omitempty"`
	Stated      *statedBody `json:"stated,omitempty"`
}

// statedBody is a travel.StatedVAT.
type statedBody struct {
	Net string `json:"net"`
	VAT string `json:"vat"`
}

func (b *ticketBody) ticket(place string) (t travel.Ticket, err error) {
	t = travel.Ticket{
		ID: b.ID, Product: b.Product, ProductName: b.ProductName, Category: b.Category, Zones: b.Zones, From: b.From, To: b.To,
		Region: b.Region, Seller: b.Seller, VATCategory: b.VATCategory, VATReason: b.VATReason,
	}
	if b.VATRate == nil {
		return t, wrongField(place+"vat_rate", "is required: hundredths of a percent, 600 is 6 %")
	}
	t.VATRate = *b.VATRate
	if t.Gross, err = parseMoney(place+"gross", b.Gross); err != nil {
		return t, err
	}
	if t.ValidFrom, err = parseInstant(place+"valid_from", b.ValidFrom); err != nil || b.Stated == nil {
		return t, err
	}
	t.Stated = &travel.StatedVAT{}
	if t.Stated.Net, err = parseMoney(place+"stated.net", b.Stated.Net); err != nil {
		return t, err
	}
	t.Stated.VAT, err = parseMoney(place+"stated.vat", b.Stated.VAT)
	return t, err
}

func parseTickets(bodies []ticketBody) ([]travel.Ticket, error) {
	tickets := make([]travel.Ticket, len(bodies))
	for i := range bodies {
		var err error
		if tickets[i], err = bodies[i].ticket("tickets[" + strconv.Itoa(i) + "]."); err != nil {
			return nil, err
		}
	}
	return tickets, nil
}

func ticketOf(t *travel.Ticket) ticketBody {
	b := ticketBody{
		ID: t.ID, Product: t.Product, ProductName: t.ProductName, Category: t.Category, Zones: t.Zones, From: t.From, To: t.To,
		Region: t.Region, Seller: t.Seller, ValidFrom: instant(t.ValidFrom), Gross: money(t.Gross), VATRate: &t.VATRate,
		VATCategory: t.VATCategory, VATReason: t.VATReason,
	}
	if t.Stated != nil {
		b.Stated = &statedBody{money(t.Stated.Net), money(t.Stated.VAT)}
	}
	return b
}

// kronor writes an amount of öre.
func kronor(a credit.Amount) string { return a.String() }
