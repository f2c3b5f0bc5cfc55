package invoice

import (
	"context"
	"iter"

	"github.com/tjansteresor/tjansteresor/travel"
)

// A document that cancels another credits its lines with the nets that they
// have there, and what was refunded of them before with the nets that were
// credited. It is one, unless the refunds have left VAT that is too far off its
// rate: then it is several, each a range of the lines.

// canceled streams what is left of an invoice, line by line: its purchases, and
// the refunds through a month as negative lines.
func (s *Service) canceled(ctx context.Context, original *Document, d *Document) iter.Seq2[Line, error] {
	left := *original
	left.Netted = d.Netted
	return s.Lines(ctx, left)
}

// cancels streams the lines of a document that cancels original, with the index
// of their department on it.
func (s *Service) cancels(ctx context.Context, d, original *Document) iter.Seq2[cancellation, error] {
	return func(yield func(cancellation, error) bool) {
		for l, err := range s.canceled(ctx, original, d) {
			i := d.index(l.Entry.Department)
			if err == nil && (i < 0 || !d.bounds(i, place(&l.Entry))) {
				continue
			}
			if !yield(cancellation{l, i}, err) || err != nil {
				return
			}
		}
	}
}

// cancellation is a line that is credited whole.
type cancellation struct {
	Line
	department int
}

// canceledLines yields the lines of a document that cancels.
func (s *Service) canceledLines(ctx context.Context, d *Document, yield func(Line, error) bool) {
	original, err := s.load(ctx, d.Company, d.Original.ID)
	if err != nil {
		yield(Line{}, err)
		return
	}
	for l, err := range s.cancels(ctx, d, original) {
		if !yield(l.Line, err) {
			return
		}
	}
}

// recountCanceling tallies a document that cancels original.
func (s *Service) recountCanceling(ctx context.Context, d, original *Document) (*tally, error) {
	t := &tally{}
	for _, total := range d.Departments {
		t.section(total.ID)
	}
	for l, err := range s.cancels(ctx, d, original) {
		if err == nil {
			err = t.addShared(t.sections[l.department], &l.Line)
		}
		if err != nil {
			return nil, err
		}
	}
	return t, t.settle()
}

// cancelParts returns the documents that cancel original: note, or parts of it.
func (s *Service) cancelParts(ctx context.Context, note Document, original *Document) ([]Document, error) {
	t, err := s.recountCanceling(ctx, &note, original)
	if err != nil {
		return nil, err
	}
	if !t.tooFar() {
		return whole(note, t), nil
	}
	cuts, err := s.cutCanceled(ctx, &note, original)
	if err != nil {
		return nil, err
	}
	var parts []Document
	for _, c := range cuts {
		part := c.of(note)
		part.Departments = note.Departments[c.first : c.last+1]
		if t, err = s.recountCanceling(ctx, &part, original); err != nil {
			return nil, err
		}
		parts = append(parts, whole(part, t)...)
	}
	return parts, nil
}

// cutCanceled finds the parts of a document that cancels original. A purchase
// and its refunds stay together.
func (s *Service) cutCanceled(ctx context.Context, note, original *Document) ([]part, error) {
	off := func(l *Line) int64 { return drift(l.Net, l.VAT, l.Entry.Ticket.VATRate) }
	back := map[travel.EntryID]int64{}
	for l, err := range s.cancels(ctx, note, original) {
		if err != nil {
			return nil, err
		}
		if l.Entry.Kind == travel.EntryRefund {
			back[l.Entry.Of] += off(&l.Line)
		}
	}
	var c cutter
	for l, err := range s.cancels(ctx, note, original) {
		if err != nil {
			return nil, err
		}
		if l.Entry.Kind == travel.EntryCapture {
			c.add(l.department, l.Entry.ID, &l.Entry.Ticket, lean{exact: off(&l.Line) + back[l.Entry.ID]})
		}
	}
	return c.parts, nil
}
