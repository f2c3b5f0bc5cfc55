package portal

import (
	"bytes"
	"encoding/hex"
	"math"
	"net/http"
	"strings"
)

// The colors of a page that the accent stands on or beside.
const (
	white = "#ffffff"
	paper = "#f4f6f8"
)

// minContrast is what WCAG 2.1 AA asks of text.
const minContrast = 4.5

// checkAccent refuses a color on which, or in which, text could not be read.
func checkAccent(color string) error {
	if len(luminances(color)) == 0 {
		return invalid("Brand.Accent", color, "is not a color such as #0b4f8a")
	}
	if contrast(color, white) < minContrast || contrast(color, paper) < minContrast {
		return invalid("Brand.Accent", color, "has a contrast to white or to the page below 4.5 to 1: choose a darker one")
	}
	return nil
}

// contrast is the ratio of WCAG 2.1 between two colors, 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(color string) float64 {
	l := luminances(color)
	if len(l) == 0 {
		return 0
	}
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

// luminances are those of red, green and blue; none for what is no color.
func luminances(color string) []float64 {
	digits, ok := strings.CutPrefix(color, "#")
	parts, err := hex.DecodeString(digits)
	if !ok || err != nil || len(parts) != 3 {
		return nil
	}
	var list []float64
	for _, part := range parts {
		c := float64(part) / 255
		if c <= 0.04045 {
			list = append(list, c/12.92)
		} else {
			list = append(list, math.Pow((c+0.055)/1.055, 2.4))
		}
	}
	return list
}

// pictureType is the media type of a picture that browsers show, or "".
func pictureType(b []byte) string {
	if head := bytes.TrimSpace(b[:min(len(b), 1024)]); bytes.HasPrefix(head, []byte("<svg")) ||
		bytes.HasPrefix(head, []byte("<?xml")) && bytes.Contains(head, []byte("<svg")) {
		return "image/svg+xml"
	}
	switch t := http.DetectContentType(b); t {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return t
	}
	return ""
}
