package travel

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
)

// Ticket is what is bought, as the operator's ticket system knows it. Which
// products, zones and regions there are is the operator's data (R30).
type Ticket struct {
	// ID is the host's own id of the ticket or order line, if it has one yet.
	ID string
	// Product is the code of the ticket type, ProductName what people read.
	Product     string
	ProductName string
	// Category is the traveler category: adult, youth, senior.
	Category string
	// Zones lists the zones in which the ticket is valid.
	Zones []string
	// From and To are the stops, when the planner sold it.
	From, To string
	// Region is the county or country of the trip, for policies and statistics.
	Region string
	// Seller is the id of the seller, where the operator sells for others; ""
	// is the operator. Each seller has its own invoices (R31).
	Seller string
	// ValidFrom is when the ticket begins to be valid; zero means when it is
	// activated ("use later"). It changes neither credit nor month (R26).
	ValidFrom time.Time
	// Gross is the price including VAT, in kronor, at most two decimals.
	Gross decimal.Decimal
	// VATRate is in hundredths of a percent: 600 is 6 %.
	VATRate int
	// VATCategory is the UNCL5305 code: S, Z, E, O, AE, G, K. "" means S, or Z
	// when the rate is 0.
	VATCategory string
	// VATReason says why no VAT is charged, where the category wants it said.
	VATReason string
	// Stated holds net and VAT when the seller has stated them. They add up to
	// Gross, lie within half a krona of VATRate, and are never recomputed.
	Stated *StatedVAT
}

// StatedVAT is net and VAT as the seller printed them on the receipt, in
// kronor.
type StatedVAT struct {
	Net, VAT decimal.Decimal
}

const (
	maxTickets = 100
	maxZones   = 100
)

// ticketLines checks tickets and returns them with their amounts in öre, and
// the sum.
func (s *Service) ticketLines(tickets []Ticket) ([]TicketLine, credit.Amount, error) {
	if len(tickets) == 0 || len(tickets) > maxTickets {
		return nil, 0, invalid("Tickets", strconv.Itoa(len(tickets)), fmt.Sprintf("must be 1 to %d", maxTickets))
	}
	lines := make([]TicketLine, len(tickets))
	var sum credit.Amount
	for i := range tickets {
		lines[i].Ticket = tickets[i]
		lines[i].Ticket.Zones = slices.Clone(tickets[i].Zones)
		err := lines[i].check()
		if err == nil && len(s.sellers) > 0 && tickets[i].Seller != "" && !slices.Contains(s.sellers, tickets[i].Seller) {
			err = invalid("Seller", tickets[i].Seller, "is not among the sellers")
		}
		if err != nil {
			return nil, 0, within(fmt.Sprintf("Tickets[%d].", i), err)
		}
		sum += lines[i].Gross
	}
	return lines, sum, nil
}

// within puts the place of a record in front of the field that is wrong in it.
func within(place string, err error) error {
	var e *InputError
	if errors.As(err, &e) {
		c := *e
		c.Field = place + e.Field
		return &c
	}
	return err
}

// check holds R26, and that the amounts are money.
func (l *TicketLine) check() error {
	t := &l.Ticket
	for _, f := range [...]struct{ field, value string }{
		{"ID", t.ID}, {"Product", t.Product}, {"ProductName", t.ProductName}, {"Category", t.Category},
		{"From", t.From}, {"To", t.To}, {"Region", t.Region}, {"Seller", t.Seller}, {"VATReason", t.VATReason},
	} {
		if err := checkText(f.field, f.value, maxText); err != nil {
			return err
		}
	}
	switch {
	case t.Product == "":
		return invalid("Product", "", "is required: the ticket type")
	case t.Category == "":
		return invalid("Category", "", "is required: the traveler category")
	case len(t.Zones) == 0 && (t.From == "" || t.To == ""):
		return invalid("Zones", "", "zones, or a departure from one stop to another, are required")
	case len(t.Zones) > maxZones:
		return invalid("Zones", strconv.Itoa(len(t.Zones)), "too many")
	}
	for _, z := range t.Zones {
		if err := checkText("Zones", z, maxText); err != nil {
			return err
		}
	}
	return l.checkPrice()
}

func (l *TicketLine) checkPrice() error {
	t := &l.Ticket
	gross, err := credit.FromDecimal(t.Gross)
	if err != nil {
		return &InputError{Field: "Gross", Value: t.Gross.String(), Err: err}
	}
	if gross <= 0 {
		return invalid("Gross", t.Gross.String(), "must be more than 0")
	}
	if t.VATRate < 0 || t.VATRate > 10_000 {
		return invalid("VATRate", strconv.Itoa(t.VATRate), "must be 0 to 10000 hundredths of a percent")
	}
	if t.VATCategory == "" {
		t.VATCategory = "S"
		if t.VATRate == 0 {
			t.VATCategory = "Z"
		}
	}
	if !slices.Contains(vatCategories, t.VATCategory) {
		return invalid("VATCategory", t.VATCategory, "is no UNCL5305 code of an invoice")
	}
	if (t.VATCategory == "S") != (t.VATRate > 0) {
		return invalid("VATRate", strconv.Itoa(t.VATRate), "does not go with category "+t.VATCategory)
	}
	l.Gross = gross
	if t.Stated == nil {
		return nil
	}
	net, err1 := credit.FromDecimal(t.Stated.Net)
	vat, err2 := credit.FromDecimal(t.Stated.VAT)
	if err := errors.Join(err1, err2); err != nil {
		return &InputError{Field: "Stated", Value: t.Stated.Net.String() + " + " + t.Stated.VAT.String(), Err: err}
	}
	if net < 0 || vat < 0 || net+vat != gross {
		return invalid("Stated", t.Stated.Net.String()+" + "+t.Stated.VAT.String(), "does not add up to "+t.Gross.String())
	}
	// Half a krona
	// off is no rounding but another rate, and e-invoices are refused for it.
	if off := int64(vat)*10_000 - int64(net)*int64(t.VATRate); max(off, -off) >= 50*10_000 {
		return invalid("Stated", t.Stated.Net.String()+" + "+t.Stated.VAT.String(), fmt.Sprintf("is not VAT at %d hundredths of a percent", t.VATRate))
	}
	l.Stated, l.Net, l.VAT = true, net, vat
	return nil
}

var vatCategories = []string{"S", "Z", "E", "O", "AE", "G", "K"}
