package travel_test

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// benchTravelers are enough that their records do not stay in the cache.
const benchTravelers = 100_000

// benchService has travelers with a limit that no benchmark reaches, written
// to the store directly: connecting them one by one would take the time.
func benchService(b *testing.B) (*travel.Service, []travel.Holder) {
	b.Helper()
	ctx := context.Background()
	store := memory.New(memory.Options{Travelers: benchTravelers, Purchases: 1_000_000})
	keys, err := sms.NewKeyRing(sms.Key{ID: "k", Secret: make([]byte, 32)})
	require.NoError(b, err)
	zone, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(b, err)
	s, err := travel.New(travel.Config{Store: store, Keys: keys, Zone: zone, Random: rand.Reader, CodeCost: 1, MaxOpen: 1 << 30})
	require.NoError(b, err)
	c, _, err := s.Apply(ctx, travel.Application{Name: "C", OrganizationNumber: "2120000829", AdministratorName: "A"})
	require.NoError(b, err)
	require.NoError(b, s.Approve(ctx, travel.OperatorActor("o"), c.ID, ""))
	holders := make([]travel.Holder, benchTravelers)
	require.NoError(b, store.Update(ctx, func(tx travel.Tx) error {
		for i := range holders {
			n, err := s.ParseNumber("070" + strconv.Itoa(1_000_000+i))
			if err != nil {
				return err
			}
			t := travel.Traveler{Company: c.ID, Number: n, Credit: credit.Account{Limit: 1_500_000}}
			t.ID[0], t.ID[15], t.ID[14], t.ID[13] = 1, byte(i), byte(i>>8), byte(i>>16)
			t.Connection = travel.Connection{ID: travel.ConnectionID(t.ID), State: travel.ConnectionActive, Device: "d"}
			holders[i] = travel.Holder{Method: travel.PaymentMethod{Company: c.ID, Traveler: t.ID, Connection: t.Connection.ID}, Device: "d", Number: n}
			if err := tx.SaveTraveler(ctx, t); err != nil {
				return err
			}
		}
		return nil
	}))
	return s, holders
}

// BenchmarkAuthorize is one authorization of 1 öre, from the request to the
// saved answer. With -cpu 1,2 it shows that different travelers do not wait for
// each other.
func BenchmarkAuthorize(b *testing.B) {
	s, holders := benchService(b)
	tickets := []travel.Ticket{ticket("0.01")}
	var next atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		ctx := context.Background()
		i := int(next.Add(1)) << 40
		for pb.Next() {
			i++
			r, err := s.Authorize(ctx, travel.AuthorizeRequest{
				Holder: holders[uint(i*2654435761)%benchTravelers], Key: strconv.Itoa(i), Tickets: tickets,
			})
			if err != nil || r.Decline != nil {
				b.Fatal(err, r.Decline)
			}
		}
	})
}

// BenchmarkPurchase is a one-step purchase.
func BenchmarkPurchase(b *testing.B) {
	s, holders := benchService(b)
	tickets := []travel.Ticket{ticket("0.01")}
	ctx := context.Background()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		r, err := s.Purchase(ctx, travel.PurchaseRequest{
			Holder: holders[i*7919%benchTravelers], Key: strconv.Itoa(i), Tickets: tickets, Purpose: "Möte",
		})
		if err != nil || r.Decline != nil {
			b.Fatal(err, r.Decline)
		}
	}
}
