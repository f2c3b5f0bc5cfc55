package invoice

import (
	"context"
	"iter"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Preview is what a close of a company's month would issue.
type Preview struct {
	Company travel.CompanyID
	Month   credit.Month
	// Documents have neither id, number nor content. [Service.Lines] and
	// [Service.Write] take them like issued ones.
	Documents []Document
	// Problem is why the month would be set aside; nil when nothing is wrong
	// with what is billed. Charges that are not answered show at the close.
	Problem *Problem
}

// Previews makes the documents of a month for every company that can have
// bought something, one company after the other: a close as a dry run, whose
// drafts can be looked at before it. The error ends the sequence.
func (s *Service) Previews(ctx context.Context, m credit.Month) iter.Seq2[Preview, error] {
	return func(yield func(Preview, error) bool) {
		for c, err := range s.companies(ctx, nil) {
			var p Preview
			if err == nil {
				p, err = s.Preview(ctx, c.ID, m)
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// Preview makes the documents of a company's month as a close would make them
// now, and changes nothing. It may be called while the month is open, and is
// for the operator. A month that is closed has the documents that were issued.
func (s *Service) Preview(ctx context.Context, company travel.CompanyID, m credit.Month) (Preview, error) {
	p := Preview{Company: company, Month: m}
	c, err := s.standing(ctx, company, m)
	if err == nil && c.State != CloseIssued {
		var d draft
		if d, err = s.openDraft(ctx, company, m); err == nil {
			p.Documents, p.Problem = d.documents, d.problem
			return p, nil
		}
		c, err = s.overtaken(ctx, company, m, c, err)
	}
	if err != nil {
		return p, err
	}
	p.Documents, err = s.documents(ctx, DocumentQuery{Company: company, Month: m})
	return p, err
}
