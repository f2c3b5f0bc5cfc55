package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
	_ "time/tzdata" // the story is told in Swedish time, wherever it is told

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// backend is what a host makes once and keeps: the services on one store, and
// the dispatcher that sends the SMS.
type backend struct {
	trips  *travel.Service
	bills  *invoice.Service
	post   *sms.Dispatcher
	phones *phones
	clock  *clock
}

// newBackend puts the services together. What is set beside the store and the
// keys is set for the story's sake and left out in earnest.
func newBackend() (*backend, error) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return nil, err
	}
	store := memory.New(memory.Options{})
	keys, err := sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")})
	if err != nil {
		return nil, err
	}
	b := &backend{clock: &clock{zone: zone}, phones: &phones{}}
	b.trips, err = travel.New(travel.Config{
		Store: store, Keys: keys,
		Clock:    b.clock.now,
		Random:   rand.NewChaCha8([32]byte{1}), // codes are the same every time
		Workers:  1,                            // and drawn in the same order
		CodeCost: 1000,                         // hashing need not be slow here
	})
	if err != nil {
		return nil, err
	}
	b.bills, err = invoice.New(invoice.Config{
		Store: store, Travel: b.trips, Clock: b.clock.now,
		Sellers: []invoice.Seller{{Series: "EXT", Party: invoice.Party{
			Name: "Exempeltrafiken AB", OrganizationNumber: "5560001231", VATNumber: "SE556000123101",
			Street: "Stationsgatan 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
		}}},
	})
	if err != nil {
		return nil, err
	}
	b.post, err = sms.NewDispatcher(store, b.phones, keys, sms.DispatcherOptions{From: "Exempel", Clock: b.clock.now})
	return b, err
}

// deliver sends what waits, as a host's scheduler does, and returns how many
// SMS the gateway took.
func (b *backend) deliver(ctx context.Context) (int, error) {
	done, err := b.post.RunDue(ctx, b.clock.now())
	if err == nil && done.Sent != done.Leased {
		err = fmt.Errorf("of %d SMS %d were sent", done.Leased, done.Sent)
	}
	return done.Sent, err
}

// clock is a clock that is set by hand.
type clock struct {
	at   time.Time
	zone *time.Location
}

func (c *clock) now() time.Time { return c.at }

// set sets the clock to local time of 2026.
func (c *clock) set(month time.Month, day, hour, minute int) {
	c.at = time.Date(2026, month, day, hour, minute, 0, 0, c.zone)
}
