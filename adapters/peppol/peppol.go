package peppol

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// What is no e-invoice.
var (
	// ErrNotIssued: a draft and a basis have no number, so nobody can pay them.
	ErrNotIssued = errors.New("peppol: the document has no number")
	// ErrPartial: it is what a department administrator sees of a document. An
	// e-invoice is whole.
	ErrPartial = errors.New("peppol: the document is shown in part only")
)

// Profile is which specification documents follow. The seller's country gives
// the rest: the forms of its numbers, and what its law wants said.
type Profile uint8

// The profiles.
const (
	// BIS is Peppol BIS Billing 3.0, which every receiver in Peppol takes.
	BIS Profile = iota
	// Norway is the same as a Norwegian seller uses it, EHF Billing 3.0: it says
	// that the seller is in Foretaksregisteret, as companies limited by shares
	// must. A seller that is not there uses BIS.
	Norway
	// XRechnung is Germany's, which German authorities want. It is sent by
	// Peppol too, but it is another kind of document there, and Peppol's own
	// rules refuse its identifier (R004).
	XRechnung
)

// Style is what an invoice line stands for.
type Style uint8

// The styles.
const (
	// Tickets: a line is a ticket or a refund of one.
	Tickets Style = iota
	// Products: a line is all tickets of one product and VAT rate, or all
	// refunds of them. The law wants the date of each ticket on the invoice all
	// the same: attach a specification.
	Products
)

// Options say how documents are written. The zero Options are good.
type Options struct {
	// Profile defaults to BIS.
	Profile Profile
	// Style defaults to Tickets.
	Style Style
	// Attachments are rendered and embedded, in this order: PDF, CSV and XLSX.
	// They show what they show, also where the lines are not to tell names and
	// purposes (Document.PersonalLines). Defaults to none.
	Attachments []invoice.Renderer
}

// Renderer writes e-invoices. It is safe for concurrent use.
type Renderer struct {
	zone    *time.Location
	options Options
	media   []string // of the attachments
}

var _ invoice.Renderer = (*Renderer)(nil)

// mediaTypes are those of attachments that our renderers make and receivers
// take (CL001).
var mediaTypes = []string{
	"application/pdf", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// New returns a Renderer that writes days as they are in zone, the operator's.
// The error is a [*travel.InputError] that names the option.
func New(zone *time.Location, o Options) (*Renderer, error) {
	if zone == nil {
		return nil, &travel.InputError{Field: "zone", Reason: "is required"}
	}
	if o.Profile > XRechnung {
		return nil, &travel.InputError{Field: "Options.Profile", Value: fmt.Sprint(o.Profile), Reason: "is none of the profiles"}
	}
	if o.Style > Products {
		return nil, &travel.InputError{Field: "Options.Style", Value: fmt.Sprint(o.Style), Reason: "is none of the styles"}
	}
	o.Attachments = slices.Clone(o.Attachments)
	r := &Renderer{zone: zone, options: o}
	names := map[string]bool{}
	for i, a := range o.Attachments {
		field := fmt.Sprintf("Options.Attachments[%d]", i)
		if a == nil {
			return nil, &travel.InputError{Field: field, Reason: "is no renderer"}
		}
		f := a.Format()
		media, _, err := mime.ParseMediaType(f.MediaType)
		if err != nil || !slices.Contains(mediaTypes, media) {
			return nil, &travel.InputError{Field: field, Value: f.MediaType, Reason: "is neither PDF, CSV nor XLSX (PEPPOL-EN16931-CL001)"}
		}
		if name := strings.ToLower(f.Name + "." + f.Extension); names[name] {
			return nil, &travel.InputError{Field: field, Value: name, Reason: "is there twice (BR-DE-22)"}
		} else {
			names[name] = true
		}
		r.media = append(r.media, media)
	}
	return r, nil
}

// Format returns "peppol", or "xrechnung" with that profile.
func (r *Renderer) Format() invoice.Format {
	f := invoice.Format{Name: "peppol", MediaType: "application/xml", Extension: "xml"}
	if r.options.Profile == XRechnung {
		f.Name = "xrechnung"
	}
	return f
}

// Render writes an issued invoice or credit note as UBL 2.1. It writes what the
// document says, also when no receiver would take it: ask [Renderer.Check]
// before. The error is [ErrNotIssued], [ErrPartial], that of the lines, of an
// attachment, of ctx or of w.
func (r *Renderer) Render(ctx context.Context, w io.Writer, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	if d.Kind == invoice.Basis || d.Number == 0 {
		return ErrNotIssued
	}
	if len(d.Rates) == 0 {
		return ErrPartial
	}
	x := &page{Writer: bufio.NewWriterSize(w, 1<<16), document: r.document(&d)}
	x.begin()
	x.head()
	if err := r.attach(ctx, x, lines); err != nil {
		return err
	}
	x.parties()
	x.payment()
	x.totals()
	for row, err := range r.rows(x.document, lines) {
		if err == nil && x.rows%ctxEvery == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		x.line(row)
	}
	x.end()
	return x.Flush()
}

// ctxEvery is after how many lines the context is looked at.
const ctxEvery = 256

// fileName makes the name of a file of a text: a series may have a slash.
var fileName = strings.NewReplacer("/", "-", `\`, "-", ":", "-", " ", "-")

// attach renders the attachments into the document.
func (r *Renderer) attach(ctx context.Context, x *page, lines iter.Seq2[invoice.Line, error]) error {
	for i, a := range r.options.Attachments {
		f := a.Format()
		name := fileName.Replace(x.Label() + "-" + f.Name + "." + f.Extension)
		into := x.attachment(name, r.media[i])
		if err := a.Render(ctx, into, *x.Document, lines); err != nil {
			return fmt.Errorf("peppol: attachment %s: %w", f.Name, err)
		}
		if err := into.Close(); err != nil {
			return err
		}
		x.endAttachment()
	}
	return nil
}
