package xlsx

import (
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ErrRows: a document has more lines than a worksheet has rows.
var ErrRows = errors.New("more lines than a worksheet has rows")

// maxRows is what a worksheet holds, with the heading.
const maxRows = 1 << 20

// Options are what a [Renderer] can do without.
type Options struct {
	// Language is that of headings and words, Swedish or English. Defaults to
	// Swedish.
	Language language.Tag
}

// Renderer writes workbooks. It is safe for concurrent use.
type Renderer struct {
	words invoice.Words
	zone  *time.Location
	// deflaters are those that no book uses now: each takes 600 kB.
	deflaters sync.Pool
}

// level is how hard parts are compressed: half the time of the usual one, and
// files that are 7 % larger.
const level = 4

var _ invoice.Renderer = (*Renderer)(nil)

// New returns a Renderer that shows times in the operator's zone. The error is
// a [*travel.InputError].
func New(zone *time.Location, o Options) (*Renderer, error) {
	if zone == nil {
		return nil, &travel.InputError{Field: "zone", Reason: "is required"}
	}
	r := &Renderer{words: invoice.NewWords(o.Language, zone), zone: zone}
	r.deflaters.New = func() any {
		w, _ := flate.NewWriter(nil, level) // fails for no such level only
		return w
	}
	return r, nil
}

// Format says that a workbook is written.
func (*Renderer) Format() invoice.Format {
	return invoice.Format{
		Name: "xlsx", MediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Extension: "xlsx",
	}
}

// Render writes the workbook of a document. It returns [ErrRows] when there are
// too many lines, and [travel.ErrDrift] when there are not as many as the
// document says.
func (r *Renderer) Render(_ context.Context, w io.Writer, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	if d.Lines >= maxRows {
		return fmt.Errorf("%w: %d", ErrRows, d.Lines)
	}
	deflater := r.deflaters.Get().(*flate.Writer)
	defer func() {
		deflater.Reset(nil) // keeps nothing of w
		r.deflaters.Put(deflater)
	}()
	b := newBook(w, deflater)
	b.part("[Content_Types].xml", contentTypes)
	b.part("_rels/.rels", relations)
	b.part("xl/_rels/workbook.xml.rels", workbookRelations)
	b.part("xl/styles.xml", styles)
	b.part("xl/workbook.xml", workbook(r.specificationName(), r.totalsName(), d.Lines+1))
	b.sheet("xl/worksheets/sheet1.xml", func(s *sheet) error { return r.specification(s, d, lines) })
	b.sheet("xl/worksheets/sheet2.xml", func(s *sheet) error { r.totals(s, d); return nil })
	return b.close()
}
