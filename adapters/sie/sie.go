package sie

import (
	"bufio"
	"context"
	"io"
	"iter"
	"time"

	"github.com/tjansteresor/tjansteresor/invoice"
)

// Renderer writes bookkeeping files. It is safe for concurrent use.
type Renderer struct {
	zone    *time.Location
	options Options
}

var _ invoice.Renderer = (*Renderer)(nil)

// New returns a Renderer that dates verifications in the operator's zone. The
// options are copied. The error is a [*travel.InputError].
func New(zone *time.Location, o Options) (*Renderer, error) {
	if zone == nil {
		return nil, invalid("zone", "", "is required")
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Renderer{zone: zone, options: o}, nil
}

// Format says that a file of type SIE 4I is written. Its media type is that of
// bytes: what takes it for text spoils it.
func (*Renderer) Format() invoice.Format {
	return invoice.Format{Name: "sie", MediaType: "application/octet-stream", Extension: "si"}
}

// Render writes a file with the verification of one document. It needs no
// lines.
func (r *Renderer) Render(ctx context.Context, w io.Writer, d invoice.Document, _ iter.Seq2[invoice.Line, error]) error {
	return r.Export(ctx, w, func(yield func(invoice.Document, error) bool) { yield(d, nil) })
}

// Export writes one file with the verifications of many documents, in their
// order and without collecting them; with [Options.Objects] they are ranged
// over twice. An error of documents ends it. No documents are [ErrEmpty], and
// nothing is written. The file is dated the day on which the first document was
// issued, so the same documents give the same bytes.
func (r *Renderer) Export(ctx context.Context, w io.Writer, documents iter.Seq2[invoice.Document, error]) error {
	objects, err := r.objects(ctx, documents)
	if err != nil {
		return err
	}
	f := &file{Renderer: r, out: bufio.NewWriter(w), objects: objects}
	for d, err := range documents {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = f.document(&d)
		}
		if err != nil {
			return err
		}
	}
	if f.first == nil {
		return ErrEmpty
	}
	return f.out.Flush()
}
