// Command insidetx sells tickets in the host's own transaction. The host has a
// SQLite database with its departures, orders and tickets; the library has its
// tables beside them. An order, its ticket, the purchase on company invoice and
// the events of it are there together, or not at all:
//
//	go run ./examples/insidetx
//
// host.go is the host and how it sells, setup.go what is there before the first
// sale, and this file a short story.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // the months are Swedish, wherever this runs

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/travel"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "insidetx:", err)
		os.Exit(1)
	}
}

// noon is when the story happens, so that it is the same every time.
func noon() time.Time { return time.Date(2026, time.January, 13, 11, 0, 0, 0, time.UTC) }

// run tells the story to w, with a database that is removed afterwards.
func run(ctx context.Context, w io.Writer) error {
	folder, err := os.MkdirTemp("", "insidetx")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	h, err := open(ctx, filepath.Join(folder, "host.db"), noon)
	if err != nil {
		return err
	}
	defer h.close()
	anna, err := h.prepare(ctx, "Kalmar 07:12", 2)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "Anna may buy for 500 kr a month. The 07:12 to Kalmar has two seats left.")
	for id, price := range []int64{250, 300, 90, 90} {
		o := order{id: fmt.Sprintf("A-%d", id+1), departure: "Kalmar 07:12", purpose: "Kursdag", price: decimal.NewFromInt(price)}
		if err := h.tell(ctx, w, anna, o); err != nil {
			return err
		}
	}
	drifts, err := h.trips.Audit(ctx)
	if err == nil && len(drifts) > 0 {
		err = fmt.Errorf("the books do not add up: %v", drifts)
	}
	return err
}

// tell sells and says what came of it.
func (h *host) tell(ctx context.Context, w io.Writer, who travel.Holder, o order) error {
	fmt.Fprintf(w, "\nOrder %s, a ticket of %s kr.\n", o.id, o.price)
	decline, err := h.sell(ctx, who, o)
	switch {
	case errors.Is(err, errFull):
		fmt.Fprintf(w, "  Credit was reserved and captured, but %s. Rolled back.\n", err)
	case err != nil:
		return err
	case decline != nil:
		fmt.Fprintf(w, "  Declined (%s). Rolled back.\n", decline.Code)
	default:
		fmt.Fprintln(w, "  Bought, the seat taken and the ticket issued. Committed.")
	}
	orders, tickets, err := h.sold(ctx)
	if err != nil {
		return err
	}
	balance, err := h.trips.Balance(ctx, who)
	if err != nil {
		return err
	}
	events, err := h.deliver(ctx)
	if err != nil {
		return err
	}
	if len(events) == 0 {
		events = []string{"none"}
	}
	fmt.Fprintf(w, "  Orders: %d. Tickets: %d. Left to buy for: %s kr. New events: %s.\n",
		orders, tickets, balance.Available, strings.Join(events, ", "))
	return nil
}
