package invoice

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// errOperator: the call is for the operator.
var errOperator = fmt.Errorf("%w: for the operator only", travel.ErrForbidden)

// SetAside keeps a company's month from being closed until it is released:
// something is to be cleared up first. The others are closed all the same, but
// the company's later months wait, because months are closed in order. Note
// says why; it must not name a person. It may be called before the month has
// ended, and again with another note.
//
// It is for the operator. A month that is closed, or in which there was no such
// company, is [travel.ErrConflict].
func (s *Service) SetAside(ctx context.Context, a travel.Actor, company travel.CompanyID, m credit.Month, note string) (Close, error) {
	note = strings.TrimSpace(norm.NFC.String(note))
	if note == "" {
		return Close{}, invalid("Note", "", "is required")
	}
	c, err := s.hold(ctx, a, company, m, note, travel.EventMonthSetAside, func(c *Close) error {
		if c.State == CloseIssued {
			return fmt.Errorf("%w: month %s is closed", travel.ErrConflict, m)
		}
		c.State, c.Reason, c.Detail = CloseAside, ReasonHeld, note
		return nil
	})
	// The audit log, which takes the note as a reason, has checked it.
	var wrong *travel.InputError
	if errors.As(err, &wrong) && wrong.Field == "Reason" {
		err = invalid("Note", wrong.Value, wrong.Reason)
	}
	return c, err
}

// Release lets the next close take up a month that the operator has set aside.
// One that is not is [travel.ErrConflict]: other reasons go away when their
// cause is mended.
func (s *Service) Release(ctx context.Context, a travel.Actor, company travel.CompanyID, m credit.Month) (Close, error) {
	return s.hold(ctx, a, company, m, "", travel.EventMonthReleased, func(c *Close) error {
		if c.held() == nil {
			return fmt.Errorf("%w: month %s was not set aside by the operator", travel.ErrConflict, m)
		}
		c.Reason, c.Detail = ReasonReleased, ""
		return nil
	})
}

// hold changes the record of a month, and writes down who did it.
func (s *Service) hold(ctx context.Context, a travel.Actor, company travel.CompanyID, m credit.Month, note string, event travel.EventType, change func(*Close) error) (c Close, err error) {
	if !a.IsOperator() {
		return Close{}, errOperator
	}
	if m.IsZero() {
		return Close{}, invalid("Month", "", "is required")
	}
	at := s.now()
	err = s.store.UpdateInvoices(ctx, func(tx Tx) error {
		if c, err = lockClose(ctx, tx, company, m); err != nil {
			return err
		}
		record, err := tx.Company(ctx, company)
		if err != nil {
			return err
		}
		if m <= record.ClosedThrough && c.FencedAt.IsZero() {
			return fmt.Errorf("%w: %s is before the company's first month", travel.ErrConflict, m)
		}
		if err := change(&c); err != nil {
			return err
		}
		if err := s.travel.Record(ctx, tx, a, company, travel.Act{Action: string(event), Subject: m.String(), Reason: note}); err != nil {
			return err
		}
		if err := tx.SaveClose(ctx, c); err != nil {
			return err
		}
		return tx.AppendEvents(ctx, travel.Event{
			ID: s.ids(), Type: event, At: at, Company: company, Month: m, Reason: string(c.Reason),
		})
	})
	return c, err
}

// held returns why the operator keeps a month from being closed, or nil.
func (c Close) held() *Problem {
	if c.State == CloseAside && c.Reason == ReasonHeld {
		return c.Problem()
	}
	return nil
}
