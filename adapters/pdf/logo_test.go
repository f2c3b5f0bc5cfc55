package pdf_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
)

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, encode(&b))
	return b.Bytes()
}

func pngLogo(t testing.TB) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 60, 20))
	for x := range 30 {
		m.Set(x, 10, color.NRGBA{200, 10, 10, 128})
	}
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

var drawn = regexp.MustCompile(`q ([\d.]+) 0 0 ([\d.]+) ([\d.]+) ([\d.]+) cm /I[0-9a-f]+ Do Q`)

func TestLogos(t *testing.T) {
	t.Parallel()
	wide, deep := image.NewGray(image.Rect(0, 0, 300, 50)), image.NewNRGBA64(image.Rect(0, 0, 10, 40))
	logos := map[string][]byte{
		"": pngLogo(t),
		"photo": encoded(t, func(b *bytes.Buffer) error {
			return jpeg.Encode(b, image.NewYCbCr(image.Rect(0, 0, 40, 40), image.YCbCrSubsampleRatio420), nil)
		}),
		"gray": encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, wide, nil) }),
		"deep": encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, deep) }),
	}
	p := printer(t, pdf.Options{Logos: logos})
	for seller, want := range map[string]struct{ wide, high float64 }{"": {54, 18}, "photo": {18, 18}, "gray": {60, 10}, "deep": {4.5, 18}} {
		d := issued()
		d.SellerID = seller
		bill(&d, "Skola", ticket(3700))
		f := read(t, rendered(t, p.Invoice(), d, nil))
		m := drawn.FindSubmatch(f.stream(string(contents.FindSubmatch(f.data)[1])))
		require.NotNil(t, m, seller)
		const point = 72 / 25.4
		assert.InDelta(t, want.wide*point, number(t, m[1]), 0.02, seller)
		assert.InDelta(t, want.high*point, number(t, m[2]), 0.02, seller)
		assert.InDelta(t, 20*point, number(t, m[3]), 0.02, seller)
		assert.NotContains(t, string(f.data), "/SMask", "it is drawn on white")
	}
	d := issued()
	d.SellerID = "other"
	bill(&d, "Skola", ticket(3700))
	assert.NotContains(t, string(rendered(t, p.Invoice(), d, nil)), "/Subtype /Image", "nobody has another's logo")
}

func TestLogosThatAreRefused(t *testing.T) {
	t.Parallel()
	whole := pngLogo(t)
	for name, data := range map[string][]byte{
		"nothing": nil,
		"text":    []byte("<svg/>"),
		"cut":     whole[:len(whole)-20],
		"gif":     encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, image.NewGray(image.Rect(0, 0, 5, 5)), nil) }),
		"heavy":   append(whole, make([]byte, 1<<20)...),
		"large":   encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, image.NewGray(image.Rect(0, 0, 4000, 4000))) }),
	} {
		_, err := pdf.New(stockholm(t), pdf.Options{Logos: map[string][]byte{name: data}})
		assertRefused(t, err, `Options.Logos["`+name+`"]`)
	}
}
