package invoice

import (
	"context"
	"io"
	"iter"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Renderer writes a document in some format. [Service.Text],
// [Service.Specification] and [Service.CSV] return those of this package;
// others live in adapters.
type Renderer interface {
	// Format says what is written.
	Format() Format
	// Render writes a document to w. The lines come in their order, department
	// by department as in d.Departments, and may be ranged over more than once;
	// their error ends the rendering. The same document and lines give the same
	// bytes, however often and by however many goroutines at once. When it
	// returns an error, what was written is useless.
	//
	// Of a document that a department administrator may see only a part of, d
	// has only this part: no Rates, no Content.
	Render(ctx context.Context, w io.Writer, d Document, lines iter.Seq2[Line, error]) error
}

// Format names a format.
type Format struct {
	// Name is what a caller asks for: "text", "csv", "pdf".
	Name string
	// MediaType is for a Content-Type header, Extension for a file's name.
	MediaType, Extension string
}

// Write writes a document or a draft in a format. It asks nobody for leave: it
// is for the operator; for administrators there is [Service.Render].
func (s *Service) Write(ctx context.Context, w io.Writer, d Document, r Renderer) error {
	return r.Render(ctx, w, d, s.Lines(ctx, d))
}

// Text returns the renderer of the document as plain text: parties, sums per
// department and rate, no lines. In the language in which the document was
// issued it writes exactly what was issued.
func (s *Service) Text(tag language.Tag) Renderer { return textRenderer{s.words(tag)} }

// Specification returns the renderer of the specification as plain text: one
// line per ticket, with the purpose as typed (R32), by department with
// subtotals (R03).
func (s *Service) Specification(tag language.Tag) Renderer { return specification{s.words(tag)} }

// CSV returns the renderer of the specification for a spreadsheet: one row per
// ticket and no sums, which a spreadsheet would count twice; UTF-8 with a
// byte-order mark, semicolons, CRLF and decimal commas, as Swedish Excel has
// it. No cell is taken for a formula. The language is that of the headings.
func (s *Service) CSV(tag language.Tag) Renderer { return csvRenderer{s.words(tag)} }

// RenderRequest asks for a document in a format.
type RenderRequest struct {
	Company  travel.CompanyID
	Document DocumentID
	Renderer Renderer
}

// Render writes an issued document as far as the actor may see it (R34, R40):
// a department administrator gets the own departments only. A document of
// which the actor may see nothing is [travel.ErrNotFound].
func (s *Service) Render(ctx context.Context, w io.Writer, a travel.Actor, req RenderRequest) error {
	if req.Renderer == nil {
		return invalid("Renderer", "", "is required")
	}
	sees, err := s.sight(ctx, a, req.Company)
	if err != nil {
		return err
	}
	d, err := s.load(ctx, req.Company, req.Document)
	if err != nil {
		return err
	}
	seen, err := sees.document(*d)
	if err != nil {
		return err
	}
	lines := func(yield func(Line, error) bool) {
		for l, err := range s.Lines(ctx, *d) {
			if err == nil && seen.index(l.Entry.Department) < 0 {
				continue
			}
			if !yield(l, err) {
				return
			}
		}
	}
	return req.Renderer.Render(ctx, w, seen, lines)
}
