package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// annasJanuary is the example of every explanation of the limit: 500 a month,
// bought for 250, and 250.01 more is too much.
func (s *story) annasJanuary(ctx context.Context) (err error) {
	s.clock.set(time.January, 20, 7, 40)
	out := ticket("Enkelbiljett", "125")
	out.From, out.To = "Jönköping", "Göteborg"
	home := out
	home.From, home.To = out.To, out.From
	reserved, err := s.trips.Authorize(ctx, travel.AuthorizeRequest{
		Holder: s.anna.holder(), Key: "order-1", Tickets: []travel.Ticket{out, home},
	})
	if err != nil {
		return err
	}
	s.trip = reserved.Authorization
	s.page.at("Anna has a limit of 500 kr. She chooses two tickets and completes the purchase: %s are reserved, %s are left.",
		money(reserved.Amount), money(reserved.Available))

	purchase := travel.CaptureRequest{Holder: s.anna.holder(), Key: "order-1", Authorization: s.trip, Purpose: " "}
	_, err = s.trips.Capture(ctx, purchase)
	if !errors.Is(err, travel.ErrInvalid) {
		return fmt.Errorf("a purchase without a purpose was answered with: %v", err)
	}
	s.page.say("She leaves the purpose empty and is asked again: %q.", err)
	purchase.Purpose = "Utbildning i rökdykning, Göteborg"
	bought, err := s.trips.Capture(ctx, purchase)
	if err != nil {
		return err
	}
	again, err := s.trips.Capture(ctx, purchase)
	if err != nil {
		return err
	}
	s.page.say("With the purpose %q it is done, and the app gets its tickets. The app asks twice, because the network is bad: one purchase, one answer, %s left.",
		purchase.Purpose, money(again.Available))
	s.figures.left.bought = bought.Available
	return s.tooMuch(ctx)
}

// tooMuch wants a hundredth more than what is left.
func (s *story) tooMuch(ctx context.Context) error {
	s.clock.set(time.January, 27, 16, 5)
	answer, err := s.trips.Authorize(ctx, travel.AuthorizeRequest{
		Holder: s.anna.holder(), Key: "order-2", Tickets: []travel.Ticket{ticket("Periodbiljett", "250.01")},
	})
	if err != nil {
		return err
	}
	if answer.Decline == nil {
		return errors.New("the limit was exceeded")
	}
	s.figures.shortBy = answer.Decline.ShortBy
	s.page.at("A ticket of 250,01 kr is declined, whole, with the reason (%s) and in words:", answer.Decline.Code)
	s.page.say("”%s”", answer.Decline.Text(language.Swedish, s.clock.zone))
	return nil
}

// othersJanuary buys what makes January's invoices worth reading.
func (s *story) othersJanuary(ctx context.Context) error {
	abroad := ticket("Enkelbiljett, dansk sträcka", "98")
	abroad.From, abroad.To, abroad.Region, abroad.VATRate = "Malmö", "København", "København", 0
	swedish := ticket("Enkelbiljett", "212")
	swedish.From, swedish.To = "Jönköping", "Malmö"
	single := ticket("Enkelbiljett", "37")
	for i, trip := range []struct {
		phone   *phone
		day     int
		purpose string
		tickets []travel.Ticket
	}{
		{s.fatima, 21, "Tillsyn, Huskvarna", []travel.Ticket{single}},
		{s.maja, 22, "Besiktning av bro 17", []travel.Ticket{single, single, single}},
		{s.noah, 26, "Möte med Köpenhamns kommun", []travel.Ticket{swedish, abroad}},
		{s.ulle, 28, "Föräldramöte, Tenhult", []travel.Ticket{ticket("24-timmarsbiljett", "84")}},
	} {
		s.clock.set(time.January, trip.day, 8, 30)
		bought, err := s.trips.Purchase(ctx, travel.PurchaseRequest{
			Holder: trip.phone.holder(), Key: fmt.Sprintf("order-%d", 10+i), Tickets: trip.tickets, Purpose: trip.purpose,
		})
		if err != nil {
			return err
		}
		if bought.Decline != nil {
			return fmt.Errorf("%s was declined: %s", trip.phone.name, bought.Decline.Code)
		}
		s.page.at("%s buys for %s: %s.", trip.phone.name, money(bought.Amount), trip.purpose)
	}
	return nil
}

// midnight looks at Anna's credit on both sides of it, and buys on the other.
func (s *story) midnight(ctx context.Context) (err error) {
	reset := credit.NewMonth(2026, time.February).Start(s.clock.zone)
	s.clock.at = reset.Add(-time.Millisecond)
	if s.figures.left.january, err = s.balance(ctx); err != nil {
		return err
	}
	s.page.at("In the last millisecond of January Anna has %s left.", money(s.figures.left.january))
	s.clock.at = reset
	if s.figures.left.february, err = s.balance(ctx); err != nil {
		return err
	}
	s.page.at("Now she has %s again, and not 750. No job has run: a purchase belongs to the month of its instant.",
		money(s.figures.left.february))

	s.clock.set(time.February, 3, 7, 55)
	bought, err := s.trips.Purchase(ctx, travel.PurchaseRequest{
		Holder: s.anna.holder(), Key: "order-3", Tickets: []travel.Ticket{ticket("Enkelbiljett", "37")}, Purpose: "Övning, Gränna",
	})
	if err != nil {
		return err
	}
	s.page.at("She buys for %s, of February.", money(bought.Amount))
	return nil
}

// balance is what Anna sees in the app at any time.
func (s *story) balance(ctx context.Context) (decimal.Decimal, error) {
	b, err := s.trips.Balance(ctx, s.anna.holder())
	return b.Available, err
}

// ticket is one for an adult in one zone; the operator's own data.
func ticket(name, price string) travel.Ticket {
	return travel.Ticket{
		Product: name, ProductName: name, Category: "vuxen", Zones: []string{"Jönköping"}, Region: "Jönköping",
		Gross: decimal.RequireFromString(price), VATRate: 600,
	}
}
