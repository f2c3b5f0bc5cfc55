package travel

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/sms"
)

// MessageView is an SMS to a traveler as administrators see it: what has become
// of it, and neither number nor text.
type MessageView struct {
	ID sms.MessageID
	// Connection is what the code in it activates.
	Connection ConnectionID
	State      sms.State
	// ErrorCode says why it was not sent, or not yet: the gateway's own code, or
	// one of the Code constants of package sms. "" when all is well.
	ErrorCode string
	// Attempts counts how often it was handed to a gateway.
	Attempts int
	// NextAt is when the next attempt is due; zero when none is. From Expires on
	// it is not sent any more.
	NextAt, Expires     time.Time
	QueuedAt, UpdatedAt time.Time
}

// Messages lists the SMS to a traveler, newest first: whether the newest was
// sent, delivered, failed or is unknown is what an administrator wants to know
// before sending again.
func (s *Service) Messages(ctx context.Context, a Actor, company CompanyID, id TravelerID) (list []MessageView, err error) {
	err = s.read(ctx, a, company, func(w *session) error {
		if _, err := w.traveler(id); err != nil {
			return err
		}
		messages, err := w.Messages(ctx, company, id)
		for _, m := range messages {
			list = append(list, MessageView{
				ID: m.ID, Connection: m.Connection, State: m.State, ErrorCode: m.ErrorCode, Attempts: m.Attempts,
				NextAt: m.NextAt, Expires: m.Expires, QueuedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt,
			})
		}
		return err
	})
	return list, err
}

// ResendRequest asks for credentials to be sent again.
type ResendRequest struct {
	Company  CompanyID
	Traveler TravelerID
	// Key is the caller's idempotency key (R42).
	Key string
	// Language is that of the SMS; Swedish when zero.
	Language language.Tag
}

// Resend sends credentials again to a traveler who has not activated yet: a new
// SMS with a new code, which voids the old one (R13). The limit stays. An SMS
// to the traveler that is younger than Config.ResendCooldown is a
// [*CooldownError]; a traveler who has activated, or was never connected, is
// [ErrConflict]: connect instead.
func (s *Service) Resend(ctx context.Context, a Actor, req ResendRequest) (ConnectionID, error) {
	if err := checkKey(req.Key); err != nil {
		return ConnectionID{}, err
	}
	code, err := s.newSecret(ctx)
	if err != nil {
		return ConnectionID{}, err
	}
	hash := newDigest(OperationResend).id(req.Traveler).text(req.Language.String()).sum()
	var answer Answer
	err = s.change(ctx, a, req.Company, func(w *session) error {
		return w.once(OperationResend, req.Key, hash, &answer, func() error {
			t, err := w.traveler(req.Traveler)
			if err != nil {
				return err
			}
			if t.Connection.State != ConnectionPending {
				return fmt.Errorf("%w: no code waits to be used", ErrConflict)
			}
			if err := w.cooledDown(t); err != nil {
				return err
			}
			answer.Traveler = t.ID
			answer.Connection, err = w.connect(&t, 0, code, req.Language, t.Connection.Note)
			return err
		})
	})
	return answer.Connection, err
}

// cooledDown returns an error while the newest SMS to a traveler is too young.
func (w *session) cooledDown(t Traveler) error {
	messages, err := w.Messages(w.ctx, t.Company, t.ID)
	if err != nil || len(messages) == 0 {
		return err
	}
	// It may be queued for later.
	newest := messages[0].CreatedAt
	if messages[0].NextAt.After(newest) && messages[0].Attempts == 0 {
		newest = messages[0].NextAt
	}
	if until := newest.Add(w.service.cooldown); w.at.Before(until) {
		return &CooldownError{Until: until}
	}
	return nil
}

// CooldownError says from when on credentials can be sent again.
type CooldownError struct{ Until time.Time }

// Error names the instant.
func (e *CooldownError) Error() string {
	return fmt.Sprintf("%s: not before %s", ErrCooldown, e.Until.Format(time.RFC3339))
}

// Unwrap returns [ErrCooldown].
func (e *CooldownError) Unwrap() error { return ErrCooldown }
