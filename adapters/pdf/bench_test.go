package pdf_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
)

func BenchmarkSpecification5000Lines(b *testing.B) {
	d := issued()
	lines := bill(&d, "Tekniska förvaltningen", month(5_000)...)
	r := printer(b, pdf.Options{}).Specification()
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, r.Render(b.Context(), io.Discard, d, each(lines)))
	}
}

func BenchmarkInvoice(b *testing.B) {
	d := issued()
	bill(&d, "Tekniska förvaltningen", month(50)...)
	r := printer(b, pdf.Options{}).Invoice()
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, r.Render(b.Context(), io.Discard, d, nil))
	}
}
