package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	"codeberg.org/go-pdf/fpdf"

	"github.com/tjansteresor/tjansteresor/travel"
)

// logo is an image as it goes into a file.
type logo struct {
	kind string // fpdf's: PNG or JPG
	data []byte
	// wide and high are in pixels.
	wide, high int
}

// The largest logo that is taken: it is in every file.
const (
	maxLogoBytes  = 1 << 20
	maxLogoPixels = 4 << 20
)

func readLogos(images map[string][]byte) (map[string]logo, error) {
	logos := map[string]logo{}
	for seller, data := range images {
		l, err := readLogo(data)
		if err != nil {
			return nil, &travel.InputError{Field: fmt.Sprintf("Options.Logos[%q]", seller), Reason: err.Error(), Err: err}
		}
		logos[seller] = l
	}
	return logos, nil
}

// readLogo takes a photograph as it is and makes of every other image what
// needs no more work in any file: a PNG of 8 bits, not interlaced, without
// transparency.
func readLogo(data []byte) (logo, error) {
	if len(data) > maxLogoBytes {
		return logo{}, fmt.Errorf("has %d bytes, more than %d", len(data), maxLogoBytes)
	}
	config, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err == nil && kind != "png" && kind != "jpeg" {
		err = image.ErrFormat // another decoder of the host's
	}
	if err != nil {
		return logo{}, fmt.Errorf("is no PNG or JPEG: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxLogoPixels/config.Height {
		return logo{}, fmt.Errorf("has %d by %d pixels, more than %d", config.Width, config.Height, maxLogoPixels)
	}
	decode := png.Decode
	if kind == "jpeg" {
		decode = jpeg.Decode
	}
	m, err := decode(bytes.NewReader(data))
	if err != nil {
		return logo{}, err
	}
	l := logo{"JPG", bytes.Clone(data), config.Width, config.Height}
	if kind == "jpeg" && (config.ColorModel == color.YCbCrModel || config.ColorModel == color.GrayModel) {
		return l, nil
	}
	flat := image.NewRGBA(m.Bounds())
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), m, m.Bounds().Min, draw.Over)
	var out bytes.Buffer
	if err := png.Encode(&out, flat); err != nil {
		return logo{}, err
	}
	l.kind, l.data = "PNG", out.Bytes()
	return l, nil
}

// draw draws the logo as large as it can be within wide and high, at the left
// and top, and returns how high it got.
func (l logo) draw(out *fpdf.Fpdf, x, y, wide, high float64) float64 {
	scale := min(wide/float64(l.wide), high/float64(l.high))
	options := fpdf.ImageOptions{ImageType: l.kind}
	out.RegisterImageOptionsReader("logo", options, bytes.NewReader(l.data))
	out.ImageOptions("logo", x, y, float64(l.wide)*scale, float64(l.high)*scale, false, options, 0, "")
	return float64(l.high) * scale
}
