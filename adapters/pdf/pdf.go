package pdf

import (
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Options are what may be said of the paper. The zero value is good.
type Options struct {
	// Language is that of all words: Swedish or English. Defaults to Swedish.
	Language language.Tag
	// Logos are PNG or JPEG images by the seller on whose documents they stand,
	// as in [invoice.Document].SellerID: "" is the operator. A seller without
	// one has its name there. They are drawn at most 60 by 18 mm, on white.
	Logos map[string][]byte
	// Fonts are the letters. Default to the Go fonts, which have Latin, Greek
	// and Cyrillic.
	Fonts Fonts
}

// Fonts are two TrueType fonts (glyf outlines) with a Unicode character map.
// Their figures should be of one width, as amounts stand under each other. What
// they are allowed to be embedded in is the host's to know.
type Fonts struct{ Regular, Bold []byte }

// Printer prints documents. It is safe for concurrent use.
type Printer struct {
	words words
	fonts *fonts
	logos map[string]logo
}

// New returns a printer of dates and times in a zone, the operator's. The error
// is a [*travel.InputError] that names the option.
func New(zone *time.Location, o Options) (*Printer, error) {
	if zone == nil {
		return nil, &travel.InputError{Field: "zone", Reason: "is required"}
	}
	fonts, err := readFonts(o.Fonts)
	if err != nil {
		return nil, err
	}
	logos, err := readLogos(o.Logos)
	if err != nil {
		return nil, err
	}
	return &Printer{words{invoice.NewWords(o.Language, zone), zone}, fonts, logos}, nil
}

// Invoice returns the renderer of documents as they are sent: parties, sums per
// department and VAT rate, what is to be paid and how. It asks for no lines and
// prints nothing personal.
func (p *Printer) Invoice() invoice.Renderer { return invoiceRenderer{p} }

// Specification returns the renderer of the specification: one row per ticket,
// with name and purpose (R32), by department with subtotals (R03). Lines that
// do not add up to the document are [travel.ErrDrift].
func (p *Printer) Specification() invoice.Renderer { return specificationRenderer{p} }
