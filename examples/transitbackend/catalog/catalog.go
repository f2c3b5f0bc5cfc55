// Package catalog is what the operator sells: counties, zones, stops, ticket
// types, traveler categories, fares and sellers. All of it is data in
// network.json (R30): the library neither knows nor restricts it.
package catalog

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

//go:embed network.json
var network []byte

// ErrUnknown: there is no such stop, zone, ticket type or category.
var ErrUnknown = errors.New("not in the catalog")

// Catalog is read-only, and safe for concurrent use.
type Catalog struct {
	Counties   []County   `json:"counties"`
	Zones      []Zone     `json:"zones"`
	Stops      []Stop     `json:"stops"`
	Products   []Product  `json:"products"`
	Categories []Category `json:"categories"`
	Fares      Fares      `json:"fares"`
	Tellers    []Seller   `json:"sellers"`
}

// County is the operator's own one, or one that is reached by Hops borders.
type County struct {
	Code string `json:"code"`
	Name string `json:"name"`
	// Seller is who sells tickets to it, "" for the operator.
	Seller      string `json:"seller"`
	Hops        int    `json:"hops"`
	VATRate     int    `json:"vat_rate"`
	VATCategory string `json:"vat_category"`
	VATReason   string `json:"vat_reason"`
}

// Zone is one of the operator's own; neighbors are next to each other.
type Zone struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Stop is where trips begin and end, Minutes from the operator's first one.
type Stop struct {
	Name    string `json:"name"`
	County  string `json:"county"`
	Zone    string `json:"zone"`
	Minutes int    `json:"minutes"`
}

// Product is a ticket type, valid for Minutes, at Percent of a single fare.
type Product struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	English string `json:"english"`
	Minutes int    `json:"minutes"`
	Percent int64  `json:"percent"`
}

// Category is a kind of traveler, at Percent of the adult fare.
type Category struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Percent int64  `json:"percent"`
}

// Fares are in whole kronor: the first zone, each further one, and each county
// border.
type Fares struct {
	Zone     int64 `json:"zone"`
	NextZone int64 `json:"next_zone"`
	County   int64 `json:"county"`
}

// Seller is who sells, with a series of invoices of its own (R31).
type Seller struct {
	ID         string `json:"id"`
	Series     string `json:"series"`
	Name       string `json:"name"`
	Number     string `json:"number"`
	Bankgiro   string `json:"bankgiro"`
	City       string `json:"city"`
	PostalCode string `json:"postal_code"`
}

// Load reads the network.
func Load() (*Catalog, error) {
	c := &Catalog{}
	if err := json.Unmarshal(network, c); err != nil {
		return nil, fmt.Errorf("network.json: %w", err)
	}
	return c, nil
}

// Wish is what a buyer has chosen: a zone for a quick purchase, or two stops of
// the planner.
type Wish struct {
	Product  string `json:"product"`
	Category string `json:"category"`
	Zone     string `json:"zone,omitempty"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
}

// Quote returns the ticket of a wish with its price and its VAT, and how long it
// is valid. The same wish has the same price: that is what makes a repeated
// request the same one (R42).
func (c *Catalog) Quote(w Wish) (travel.Ticket, time.Duration, error) {
	p, ok := find(c.Products, func(p Product) bool { return p.Code == w.Product })
	if !ok {
		return travel.Ticket{}, 0, fmt.Errorf("ticket type: %w", ErrUnknown)
	}
	k, ok := find(c.Categories, func(k Category) bool { return k.Code == w.Category })
	if !ok {
		return travel.Ticket{}, 0, fmt.Errorf("category: %w", ErrUnknown)
	}
	t := travel.Ticket{Product: p.Code, ProductName: p.Name, Category: k.Code, From: w.From, To: w.To}
	var fare int64
	var err error
	if w.From == "" && w.To == "" {
		fare, err = c.inZone(&t, w.Zone)
	} else {
		fare, err = c.between(&t, w.From, w.To)
	}
	if err != nil {
		return travel.Ticket{}, 0, err
	}
	t.Gross = decimal.NewFromInt(fare * p.Percent * k.Percent / 10_000) // whole kronor, as timetables have them
	return t, time.Duration(p.Minutes) * time.Minute, nil
}

// inZone is the fare of a quick purchase (R25).
func (c *Catalog) inZone(t *travel.Ticket, zone string) (int64, error) {
	if !slices.ContainsFunc(c.Zones, func(z Zone) bool { return z.Code == zone }) {
		return 0, fmt.Errorf("zone: %w", ErrUnknown)
	}
	t.Zones = []string{zone}
	c.sell(t, c.Counties[0])
	return c.Fares.Zone, nil
}

// between is the fare from stop to stop, in one zone, several, or over county
// borders. The county farthest away sells.
func (c *Catalog) between(t *travel.Ticket, from, to string) (int64, error) {
	a, okA := c.Stop(from)
	b, okB := c.Stop(to)
	if !okA || !okB || from == to {
		return 0, fmt.Errorf("stop: %w", ErrUnknown)
	}
	t.Zones = slices.Compact([]string{a.Zone, b.Zone})
	ca, cb := c.County(a.County), c.County(b.County)
	if ca.Code == cb.Code && ca.Hops == 0 {
		c.sell(t, ca)
		return c.Fares.Zone + c.Fares.NextZone*int64(c.apart(a.Zone, b.Zone)), nil
	}
	far := ca
	if cb.Hops > ca.Hops {
		far = cb
	}
	c.sell(t, far)
	borders := max(far.Hops-min(ca.Hops, cb.Hops), 1)
	return c.Fares.Zone + c.Fares.County*int64(borders), nil
}

func (c *Catalog) sell(t *travel.Ticket, county County) {
	t.Region, t.Seller = county.Code, county.Seller
	t.VATRate, t.VATCategory, t.VATReason = county.VATRate, county.VATCategory, county.VATReason
}

// apart counts the zones between two of the operator's.
func (c *Catalog) apart(a, b string) int {
	at := func(code string) int { return slices.IndexFunc(c.Zones, func(z Zone) bool { return z.Code == code }) }
	return max(at(a)-at(b), at(b)-at(a))
}

// Departure is a trip that the planner has found.
type Departure struct {
	Line           string
	Leaves, Arrive time.Time
}

// Departures finds the next trips: one every half hour, which is as good as any
// timetable here.
func (c *Catalog) Departures(from, to string, after time.Time, count int) ([]Departure, error) {
	a, okA := c.Stop(from)
	b, okB := c.Stop(to)
	if !okA || !okB || from == to {
		return nil, fmt.Errorf("stop: %w", ErrUnknown)
	}
	line := "Buss 101"
	if a.County != b.County {
		line = "Krösatåg"
	}
	takes := time.Duration(max(a.Minutes-b.Minutes, b.Minutes-a.Minutes, 10)) * time.Minute
	const every = 30 * time.Minute
	first := after.Truncate(every).Add(every)
	list := make([]Departure, count)
	for i := range list {
		list[i].Line, list[i].Leaves = line, first.Add(time.Duration(i)*every)
		list[i].Arrive = list[i].Leaves.Add(takes)
	}
	return list, nil
}

// Stop finds a stop by its name.
func (c *Catalog) Stop(name string) (Stop, bool) {
	return find(c.Stops, func(s Stop) bool { return s.Name == name })
}

// County finds a county by its code; the zero one when there is none.
func (c *Catalog) County(code string) County {
	found, _ := find(c.Counties, func(k County) bool { return k.Code == code })
	return found
}

// CategoryName is what people read.
func (c *Catalog) CategoryName(code string) string {
	k, _ := find(c.Categories, func(k Category) bool { return k.Code == code })
	return cmp.Or(k.Name, code)
}

// ZoneName is what people read.
func (c *Catalog) ZoneName(code string) string {
	z, _ := find(c.Zones, func(z Zone) bool { return z.Code == code })
	return cmp.Or(z.Name, code)
}

// Valid is how long tickets of a product are valid.
func (c *Catalog) Valid(product string) time.Duration {
	p, _ := find(c.Products, func(p Product) bool { return p.Code == product })
	return time.Duration(p.Minutes) * time.Minute
}

// Sellers are those of the invoices; the first is the operator.
func (c *Catalog) Sellers() []invoice.Seller {
	list := make([]invoice.Seller, len(c.Tellers))
	for i, s := range c.Tellers {
		list[i] = invoice.Seller{
			ID: s.ID, Series: s.Series, OCR: invoice.OCRPlain, Payee: invoice.Payee{Bankgiro: s.Bankgiro},
			Party: invoice.Party{
				Name: s.Name, OrganizationNumber: s.Number, VATNumber: "SE" + s.Number + "01", PeppolID: "0007:" + s.Number,
				Street: "Stationsgatan 1", PostalCode: s.PostalCode, City: s.City, Country: "SE", RegisteredOffice: s.City, FTax: true,
				Contact: invoice.Contact{Name: "Kundservice", Phone: "0771-00 00 00", Email: "faktura@exempeltrafiken.example"},
			},
		}
	}
	return list
}

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	return found, false
}
