package invoice

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ListRequest asks for the documents of a company's month.
type ListRequest struct {
	Company travel.CompanyID
	Month   credit.Month
	// After and Limit page through them; a Limit of 0 means 200, which is also
	// the most.
	After DocumentID
	Limit int
}

// Documents lists the documents of a month in the order of their issue, as far
// as the actor may see them (R40). There are none before the month is closed
// (R33).
//
// A department administrator sees the documents with own departments on them,
// and of those that other departments share only the own part: Departments and
// sums are of these, and there are no Rates and no Content. The page may then
// be shorter than Limit although more follow.
func (s *Service) Documents(ctx context.Context, a travel.Actor, req ListRequest) ([]Document, error) {
	if req.Limit < 0 || req.Limit > page {
		return nil, invalid("Limit", strconv.Itoa(req.Limit), "must be 0 to "+strconv.Itoa(page))
	}
	if req.Limit == 0 {
		req.Limit = page
	}
	sees, err := s.sight(ctx, a, req.Company)
	if err != nil {
		return nil, err
	}
	var all []Document
	err = s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
		all, err = tx.Documents(ctx, DocumentQuery{Company: req.Company, Month: req.Month, After: req.After, Limit: req.Limit})
		return err
	})
	if err != nil {
		return nil, err
	}
	var seen []Document
	for _, d := range all {
		part, err := sees.document(d)
		switch {
		case errors.Is(err, travel.ErrNotFound):
		case err != nil:
			return nil, err
		default:
			seen = append(seen, part)
		}
	}
	return seen, nil
}

// Document returns one document as far as the actor may see it, like
// [Service.Documents]; [travel.ErrNotFound] when that is nothing.
func (s *Service) Document(ctx context.Context, a travel.Actor, company travel.CompanyID, id DocumentID) (Document, error) {
	sees, err := s.sight(ctx, a, company)
	if err != nil {
		return Document{}, err
	}
	d, err := s.load(ctx, company, id)
	if err != nil {
		return Document{}, err
	}
	return sees.document(*d)
}

// sight is what an actor may see of a company.
type sight struct {
	all  bool
	asks func(travel.DepartmentID) error
	seen map[travel.DepartmentID]bool
}

// sight asks package travel how far the actor reaches. The error is for an
// actor that has no reach into the company at all.
func (s *Service) sight(ctx context.Context, a travel.Actor, company travel.CompanyID) (*sight, error) {
	switch err := s.travel.Reach(ctx, a, company); {
	case err == nil:
		return &sight{all: true}, nil
	case !errors.Is(err, travel.ErrForbidden):
		return nil, err
	}
	v := &sight{
		asks: func(d travel.DepartmentID) error { return s.travel.Reach(ctx, a, company, d) },
		seen: map[travel.DepartmentID]bool{},
	}
	_, err := v.department(travel.DepartmentID{})
	return v, err
}

// department tells whether a department is within sight.
func (v *sight) department(d travel.DepartmentID) (bool, error) {
	if v.all {
		return true, nil
	}
	if seen, asked := v.seen[d]; asked {
		return seen, nil
	}
	err := v.asks(d)
	if err != nil && !errors.Is(err, travel.ErrNotFound) {
		return false, err
	}
	v.seen[d] = err == nil
	return err == nil, nil
}

// document returns what is within sight of a document, or
// [travel.ErrNotFound].
func (v *sight) document(d Document) (Document, error) {
	part := d
	part.Departments, part.Net, part.VAT, part.Gross, part.Rounding, part.Lines = nil, 0, 0, 0, 0, 0
	for _, t := range d.Departments {
		seen, err := v.department(t.ID)
		if err != nil {
			return Document{}, err
		}
		if seen {
			part.Departments = append(part.Departments, t)
			part.Net += t.Net
			part.VAT += t.VAT
			part.Gross += t.Gross
			part.Lines += t.Lines
		}
	}
	switch len(part.Departments) {
	case 0:
		return Document{}, fmt.Errorf("document %s: %w", d.ID, travel.ErrNotFound)
	case len(d.Departments):
		return d, nil
	}
	part.Rates, part.Content, part.Hash, part.LinesHash = nil, nil, [32]byte{}, [32]byte{}
	return part, nil
}
