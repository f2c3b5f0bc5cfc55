package credit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
)

// account of a traveler who has bought in two months and has some reservations
// open.
func benchmarkAccount(b *testing.B, open int) (*desk, time.Time) {
	b.Helper()
	at := local(b, "2026-02-10 08:00")
	d := setup(b, 15_000*kr)
	d.buy(local(b, "2026-01-10 08:00"), 250*kr)
	d.buy(at, 250*kr)
	for range open {
		d.reserve(at, 10*kr)
	}
	return d, at
}

func BenchmarkAuthorize(b *testing.B) {
	for _, open := range []int{0, 1, 5} {
		b.Run(fmt.Sprintf("open=%d", open), func(b *testing.B) {
			d, at := benchmarkAccount(b, open)
			req := credit.Request{ID: d.id(), Amount: 37 * kr, At: at, ExpiresAt: at.Add(d.ttl)}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, decline := d.rules.Authorize(d.account, req); decline != nil {
					b.Fatal(decline.Code)
				}
			}
		})
	}
}

func BenchmarkDecline(b *testing.B) {
	d, at := benchmarkAccount(b, 1)
	req := credit.Request{ID: d.id(), Amount: 15_000 * kr, At: at, ExpiresAt: at.Add(d.ttl)}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, decline := d.rules.Authorize(d.account, req); decline == nil {
			b.Fatal("passed")
		}
	}
}

func BenchmarkCapture(b *testing.B) {
	d, at := benchmarkAccount(b, 1)
	z := d.reserve(at, 37*kr)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, decline := d.rules.Capture(d.account, z, 37*kr, at); decline != nil {
			b.Fatal(decline.Code)
		}
	}
}

func BenchmarkFromDecimal(b *testing.B) {
	price := decimal.RequireFromString("37.50")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := credit.FromDecimal(price); err != nil {
			b.Fatal(err)
		}
	}
}
