package invoice

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ErrTooEarly is the kind of every [EarlyError].
var ErrTooEarly = errors.New("month cannot be closed yet")

// EarlyError says from when on a month can be closed.
type EarlyError struct {
	Month credit.Month
	// From is the end of the month and the grace after it, in UTC.
	From time.Time
}

// Error names the month and the instant.
func (e *EarlyError) Error() string {
	return fmt.Sprintf("month %s can be closed from %s on", e.Month, e.From.Format(time.RFC3339))
}

// Unwrap returns [ErrTooEarly].
func (e *EarlyError) Unwrap() error { return ErrTooEarly }

// CloseRequest asks for months to be closed.
type CloseRequest struct {
	// Month is closed, and before it every earlier month of a company that is
	// still open: months are closed in order.
	Month credit.Month
	// Companies bounds the close to some; empty means all.
	Companies []travel.CompanyID
}

// CloseReport says what a close has done, in the order in which it did it.
type CloseReport struct {
	// Issued are the months that this run closed, with their documents: none
	// for a company that bought nothing.
	Issued []Close
	// Skipped are those that were closed before.
	Skipped []Close
	// Aside are those that were set aside, with the reason (R35).
	Aside []Close
}

// CompanyError is why a company's month could not be closed, and not a reason
// that somebody could mend: the store failed, or its state does not add up.
type CompanyError struct {
	Company travel.CompanyID
	Month   credit.Month
	Err     error
}

// Error names the company, the month and the cause.
func (e *CompanyError) Error() string {
	return fmt.Sprintf("company %s, month %s: %v", e.Company, e.Month, e.Err)
}

// Unwrap returns the cause.
func (e *CompanyError) Unwrap() error { return e.Err }

// CloseError lists the companies that failed. The others were closed: the
// report says which.
type CloseError struct {
	Failed []*CompanyError
}

// Error names the first that failed and how many more did.
func (e *CloseError) Error() string {
	if len(e.Failed) == 1 {
		return "close: " + e.Failed[0].Error()
	}
	return fmt.Sprintf("close: %s (and %d more)", e.Failed[0], len(e.Failed)-1)
}

// Unwrap returns all of them.
func (e *CloseError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f
	}
	return errs
}

// Close closes a month: it fences it, and issues one document per company,
// reference and seller (R31), and a credit note for each earlier document of
// which something was refunded since (R43).
//
// It may be called any number of times, by any number of processes at once,
// and again after a crash at any point: each month is closed once (R35). A
// company whose data is bad is set aside with a reason, and closed by a later
// run when that is mended; one that fails does not stop the others: the error
// is then a [*CloseError], and the report tells what was done. A month whose
// end and grace have not passed is an [*EarlyError], and nothing is done.
func (s *Service) Close(ctx context.Context, req CloseRequest) (CloseReport, error) {
	var report CloseReport
	if req.Month.IsZero() {
		return report, invalid("Month", "", "is required")
	}
	if from := req.Month.End(s.zone).Add(s.grace); s.now().Before(from) {
		return report, &EarlyError{Month: req.Month, From: from}
	}
	var failed []*CompanyError
	for c, err := range s.companies(ctx, req.Companies) {
		if err != nil {
			return report, err
		}
		if err := s.closeCompany(ctx, c, req.Month, &report); err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(failed) > 0 {
		return report, &CloseError{Failed: failed}
	}
	return report, ctx.Err()
}

// CloseDue closes every month that is due and not closed yet, also those that
// were missed or set aside. It is what a scheduler calls, as often as it likes.
func (s *Service) CloseDue(ctx context.Context) (CloseReport, error) {
	return s.Close(ctx, CloseRequest{Month: s.Due(s.now())})
}

// Due returns the newest month that can be closed at an instant.
func (s *Service) Due(at time.Time) credit.Month {
	return credit.MonthOf(at.Add(-s.grace), s.zone) - 1
}

// closeCompany closes the open months of a company, in order, through last.
func (s *Service) closeCompany(ctx context.Context, company travel.Company, last credit.Month, report *CloseReport) *CompanyError {
	for m := min(last, s.firstMonth(company)); m <= last; m++ {
		before, err := s.standing(ctx, company.ID, m)
		if err != nil {
			return &CompanyError{company.ID, m, err}
		}
		switch {
		case before.State == CloseIssued && m == last:
			report.Skipped = append(report.Skipped, before)
			continue
		case before.State == CloseIssued, m <= company.ClosedThrough && before.FencedAt.IsZero():
			continue // there was no such company yet
		}
		c, err := s.closeMonth(ctx, company.ID, m)
		if err != nil {
			return &CompanyError{company.ID, m, err}
		}
		if c.State == CloseIssued {
			report.Issued = append(report.Issued, c)
		} else {
			report.Aside = append(report.Aside, c)
		}
	}
	return nil
}

// firstMonth returns where to begin: the last month that is fenced, which is
// not always issued yet.
func (s *Service) firstMonth(c travel.Company) credit.Month {
	if !c.ClosedThrough.IsZero() {
		return c.ClosedThrough
	}
	return credit.MonthOf(c.AppliedAt, s.zone)
}

// companies reads those that can have bought something: the ones given, or
// all.
func (s *Service) companies(ctx context.Context, ids []travel.CompanyID) iter.Seq2[travel.Company, error] {
	if len(ids) > 0 {
		return s.named(ctx, ids)
	}
	return func(yield func(travel.Company, error) bool) {
		var after travel.CompanyID
		for {
			var some []travel.Company
			err := s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
				some, err = tx.Companies(ctx, "", after, page)
				return err
			})
			if err != nil {
				yield(travel.Company{}, err)
				return
			}
			for _, c := range some {
				if after = c.ID; traveling(c) && !yield(c, nil) {
					return
				}
			}
			if len(some) < page {
				return
			}
		}
	}
}

// traveling tells whether a company can have purchases. One that is closed is
// still invoiced for what it bought.
func traveling(c travel.Company) bool {
	return c.Status == travel.CompanyApproved || c.Status == travel.CompanyClosed
}

// named reads companies by id.
func (s *Service) named(ctx context.Context, ids []travel.CompanyID) iter.Seq2[travel.Company, error] {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, travel.CompanyID.Compare)
	return func(yield func(travel.Company, error) bool) {
		for _, id := range slices.Compact(ids) {
			var c travel.Company
			err := s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
				c, err = tx.Company(ctx, id)
				return err
			})
			if err != nil {
				err = fmt.Errorf("company %s: %w", id, err)
			}
			if err == nil && !traveling(c) {
				continue
			}
			if !yield(c, err) {
				return
			}
		}
	}
}
