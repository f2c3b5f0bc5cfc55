package peppol_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/peppol"
)

// BenchmarkRender writes an invoice of 5,000 lines; the aim is 100 ms.
func BenchmarkRender(b *testing.B) {
	k := setup(b)
	large := k.billed(k.many(5000)...)
	for _, c := range []struct {
		name    string
		options peppol.Options
		paper   paper
	}{
		{"Tickets", peppol.Options{}, large}, {"Personal", peppol.Options{}, large.changed(personal)},
		{"Products", peppol.Options{Style: peppol.Products}, large},
	} {
		r, p := renderer(b, c.options), c.paper
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(rendered(b, r, p))))
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, r.Render(context.Background(), io.Discard, p.Document, p.all()))
			}
		})
	}
}

// BenchmarkCheck checks it.
func BenchmarkCheck(b *testing.B) {
	k := setup(b)
	p := k.billed(k.many(5000)...)
	r := renderer(b, peppol.Options{})
	b.ReportAllocs()
	for b.Loop() {
		found, err := r.Check(p.Document, p.all())
		require.NoError(b, err)
		require.Empty(b, found)
	}
}
