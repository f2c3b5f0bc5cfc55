// Package embed is the smallest host: how a backend that has its own travelers'
// app, tickets and login puts the library together, and how it buys. The README
// shows it.
package embed

import (
	"context"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Backend is what a host makes once and keeps.
type Backend struct {
	Trips *travel.Service  // portal and app call it
	Bills *invoice.Service // a scheduler calls CloseDue
	Post  *sms.Dispatcher  // a scheduler calls RunDue
}

// Open puts it together. Secret is at least 32 random bytes of the host's own.
func Open(secret []byte, gateway sms.Sender, operator invoice.Seller) (b Backend, err error) {
	store := memory.New(memory.Options{})
	keys, err := sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: secret})
	if err == nil {
		b.Trips, err = travel.New(travel.Config{Store: store, Keys: keys})
	}
	if err == nil {
		b.Bills, err = invoice.New(invoice.Config{Store: store, Travel: b.Trips, Sellers: []invoice.Seller{operator}})
	}
	if err == nil {
		b.Post, err = sms.NewDispatcher(store, gateway, keys, sms.DispatcherOptions{From: "Resor"})
	}
	return b, err
}

// Buy reserves, and captures with the purpose. No decline and no error: issue the tickets.
func (b Backend) Buy(ctx context.Context, who travel.Holder, order, purpose string, tickets ...travel.Ticket) (*credit.Decline, error) {
	reserved, err := b.Trips.Authorize(ctx, travel.AuthorizeRequest{Holder: who, Key: order, Tickets: tickets})
	if err != nil || reserved.Decline != nil {
		return reserved.Decline, err
	}
	bought, err := b.Trips.Capture(ctx, travel.CaptureRequest{
		Holder: who, Key: order, Authorization: reserved.Authorization, Purpose: purpose,
	})
	return bought.Decline, err
}
