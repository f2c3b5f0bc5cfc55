package travel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
)

// ConnectRequest gives a traveler a credit limit and sends the credentials.
type ConnectRequest struct {
	Company  CompanyID
	Traveler TravelerID
	// Key is the caller's idempotency key: the same request sent again sends no
	// second SMS (R42).
	Key string
	// Limit is the monthly credit limit in kronor; zero keeps the present one
	// (R07).
	Limit decimal.Decimal
	// Language is that of the SMS; Swedish when zero.
	Language language.Tag
	// Note says whose approval it was, if anybody wants to know.
	Note string
}

// Connect gives a traveler a credit limit and sends one SMS with a username and
// a one-time code (R07, R09). Connecting again, as for a new phone or an unused
// code, ends the earlier connection at once and voids its code; limit and the
// month's spending stay (R12, R13, R24).
func (s *Service) Connect(ctx context.Context, a Actor, req ConnectRequest) (ConnectionID, error) {
	if err := checkKey(req.Key); err != nil {
		return ConnectionID{}, err
	}
	limit, err := optionalLimit(req.Limit)
	if err != nil {
		return ConnectionID{}, err
	}
	if err := clean("Note", &req.Note); err != nil {
		return ConnectionID{}, err
	}
	code, err := s.newSecret(ctx)
	if err != nil {
		return ConnectionID{}, err
	}
	hash := newDigest(OperationConnect).id(req.Traveler).number(int64(limit)).text(req.Language.String()).text(req.Note).sum()
	var answer Answer
	err = s.change(ctx, a, req.Company, func(w *session) error {
		return w.once(OperationConnect, req.Key, hash, &answer, func() error {
			t, err := w.traveler(req.Traveler)
			if err != nil {
				return err
			}
			answer.Traveler = t.ID
			answer.Connection, err = w.connect(&t, limit, code, req.Language, req.Note)
			return err
		})
	})
	return answer.Connection, err
}

// optionalLimit reads a limit that may be left out; 0 is left out.
func optionalLimit(d decimal.Decimal) (credit.Amount, error) {
	limit, err := credit.FromDecimal(d)
	if err == nil && limit < 0 {
		err = &credit.LimitError{Value: d}
	}
	if err != nil {
		return 0, &InputError{Field: "Limit", Value: d.String(), Err: err}
	}
	return limit, nil
}

// once runs do unless the key was used before: then the earlier answer is given
// again, or another content refused.
func (w *session) once(op Operation, key string, hash [32]byte, answer *Answer, do func() error) error {
	earlier, err := w.Command(w.ctx, w.company.ID, op, key)
	if err == nil {
		return earlier.replay(hash, answer)
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	*answer = Answer{}
	if err := do(); err != nil {
		return err
	}
	return w.InsertCommand(w.ctx, Command{
		Company: w.company.ID, Operation: op, Key: key, RequestHash: hash, At: w.at, Answer: *answer,
	})
}

// connect ends the earlier connection, sets the limit, and writes credentials
// and SMS, all in the transaction.
func (w *session) connect(t *Traveler, limit credit.Amount, code secret, tag language.Tag, note string) (ConnectionID, error) {
	if err := w.setLimit(t, limit); err != nil {
		return ConnectionID{}, err
	}
	if err := w.endConnection(t); err != nil {
		return ConnectionID{}, err
	}
	s := w.service
	c := Credential{
		Company: t.Company, Traveler: t.ID, Connection: s.ids.New(), State: CredentialOpen,
		KeyID: code.keyID, Salt: code.salt, Cost: code.cost, Hash: code.hash,
		IssuedAt: w.at, ExpiresAt: s.codeEnd(w.at),
	}
	if err := w.insertCredential(&c); err != nil {
		return ConnectionID{}, err
	}
	t.Connection = Connection{ID: c.Connection, State: ConnectionPending, Username: c.Username, Note: note, ConnectedAt: w.at}
	if err := w.sendCredentials(*t, c, code.code, tag); err != nil {
		return ConnectionID{}, err
	}
	if err := w.SaveTraveler(w.ctx, *t); err != nil {
		return ConnectionID{}, err
	}
	if err := w.emit(EventTravelerConnected, t.ID); err != nil {
		return ConnectionID{}, err
	}
	return c.Connection, w.audit("traveler.connect", t.ID.String(), "limit "+t.Credit.Limit.String(), "")
}

// setLimit sets a limit, or keeps the present one when none is given.
func (w *session) setLimit(t *Traveler, limit credit.Amount) error {
	if limit == 0 && t.Credit.Limit > 0 {
		return nil // the maxima bound it at each purchase, should they be lower now
	}
	account, err := w.service.rules.SetLimit(accountOf(&w.company, t), limit)
	if err != nil {
		return &InputError{Field: "Limit", Value: limit.String(), Err: err}
	}
	t.Credit = account
	return nil
}

// codeEnd returns the same local wall-clock time some calendar days later
// (R10).
func (s *Service) codeEnd(issued time.Time) time.Time {
	return issued.In(s.rules.Zone).AddDate(0, 0, s.code.days).UTC()
}

// insertCredential draws usernames until one was never used.
func (w *session) insertCredential(c *Credential) error {
	const tries = 20
	for range tries {
		username, err := randomText(w.service.random, usernameLength)
		if err != nil {
			return err
		}
		c.Username = username
		if err := w.InsertCredential(w.ctx, *c); !errors.Is(err, ErrDuplicate) {
			return err
		}
	}
	return fmt.Errorf("%w: no free username in %d tries", ErrConflict, tries)
}

// sendCredentials writes the sealed SMS into the outbox.
func (w *session) sendCredentials(t Traveler, c Credential, code string, tag language.Tag) error {
	s := w.service
	text, err := s.templates.Credentials(tag, sms.Credentials{
		Username: c.Username, Code: showCode(code), ValidDays: s.code.days, Until: c.ExpiresAt.In(s.rules.Zone),
	})
	if err != nil {
		return err
	}
	m := sms.Queued{
		ID: s.ids.New(), Company: t.Company, Subject: t.ID, Connection: c.Connection, To: t.Number,
		NextAt: w.at.Add(time.Duration(w.sent) * w.pace), Expires: c.ExpiresAt, CreatedAt: w.at, UpdatedAt: w.at,
	}
	w.sent++
	if m.Sealed, err = sms.SealText(s.keys, s.random, m.ID, text); err != nil {
		return err
	}
	return w.AppendMessage(w.ctx, m)
}

// endConnection takes the present connection away: its code is void, its
// waiting SMS is never sent, and what is reserved is released unless its
// capture has begun (R13, R15, R23). It does not save the traveler.
func (w *session) endConnection(t *Traveler) error {
	if !t.connected() {
		return nil
	}
	c, err := w.Credential(w.ctx, t.Connection.Username)
	if err != nil {
		return err
	}
	if c.State == CredentialOpen {
		c.State = CredentialVoid
		if err := w.SaveCredential(w.ctx, c); err != nil {
			return err
		}
	}
	messages, err := w.Messages(w.ctx, t.Company, t.ID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if !m.Waiting() {
			continue
		}
		if err := w.SaveMessage(w.ctx, m.Superseded(w.at)); err != nil {
			return err
		}
	}
	t.Connection.State, t.Connection.EndedAt = ConnectionEnded, w.at
	return w.releaseOpen(t)
}

// releaseOpen gives back what the traveler has reserved.
func (w *session) releaseOpen(t *Traveler) error {
	account, released, expired := w.service.rules.ReleaseAll(t.Credit, w.at)
	t.Credit = account
	for _, end := range []struct {
		ids   []AuthorizationID
		state credit.State
		event EventType
	}{{released, credit.Released, EventPurchaseReleased}, {expired, credit.Expired, EventPurchaseExpired}} {
		for _, id := range end.ids {
			z, err := w.Authorization(w.ctx, t.Company, id)
			if err != nil {
				return err
			}
			z.State = end.state
			if err := w.SaveAuthorization(w.ctx, z); err != nil {
				return err
			}
			e := w.service.purchaseEvent(end.event, t.Company, t.ID, id, w.at)
			if err := w.AppendEvents(w.ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// disconnect ends the connection, takes the limit away, and saves.
func (w *session) disconnect(t *Traveler) error {
	if err := w.endConnection(t); err != nil {
		return err
	}
	t.Credit = t.Credit.RemoveLimit()
	if err := w.SaveTraveler(w.ctx, *t); err != nil {
		return err
	}
	if err := w.emit(EventTravelerEnded, t.ID); err != nil {
		return err
	}
	return w.audit("traveler.disconnect", t.ID.String(), "", "")
}

// RemoveLimit takes the credit limit and with it the access away ("radera
// kreditgräns", R23). To travel again the traveler must be connected again.
// What was bought stays and is invoiced. Repeating it changes nothing.
func (s *Service) RemoveLimit(ctx context.Context, a Actor, company CompanyID, id TravelerID) error {
	return s.change(ctx, a, company, func(w *session) error {
		t, err := w.traveler(id)
		if err != nil {
			return err
		}
		if !t.connected() && t.Credit.Limit == 0 {
			return nil
		}
		return w.disconnect(&t)
	})
}

// ChangeNumberRequest gives a traveler a new mobile number.
type ChangeNumberRequest struct {
	Company  CompanyID
	Traveler TravelerID
	// Key is the caller's idempotency key.
	Key    string
	Number PhoneNumber
	// Connect sends new credentials to the new number at once, with the present
	// limit; else the traveler is connected again by [Service.Connect].
	Connect  bool
	Language language.Tag
}

// ChangeNumber replaces a traveler's mobile number (R15). The old number loses
// access at once and pending codes are void; limit and the month's spending are
// carried over. It returns the new connection when one was asked for.
func (s *Service) ChangeNumber(ctx context.Context, a Actor, req ChangeNumberRequest) (ConnectionID, error) {
	if err := checkKey(req.Key); err != nil {
		return ConnectionID{}, err
	}
	if req.Number.IsZero() {
		return ConnectionID{}, invalid("Number", "", "is required")
	}
	code, err := s.newSecret(ctx)
	if err != nil {
		return ConnectionID{}, err
	}
	d := newDigest(OperationNumber).id(req.Traveler).text(req.Number.E164()).text(req.Language.String()).text(fmt.Sprint(req.Connect))
	var answer Answer
	err = s.change(ctx, a, req.Company, func(w *session) error {
		return w.once(OperationNumber, req.Key, d.sum(), &answer, func() error {
			t, err := w.traveler(req.Traveler)
			if err != nil {
				return err
			}
			answer.Traveler = t.ID
			if err := w.setNumber(&t, req.Number); err != nil || !req.Connect {
				return err
			}
			answer.Connection, err = w.connect(&t, 0, code, req.Language, "")
			return err
		})
	})
	return answer.Connection, err
}

// setNumber changes the number and saves; the same number changes nothing.
func (w *session) setNumber(t *Traveler, n PhoneNumber) error {
	if t.Number == n {
		return nil
	}
	if err := w.endConnection(t); err != nil {
		return err
	}
	t.Number = n
	if err := w.SaveTraveler(w.ctx, *t); err != nil {
		return err
	}
	return w.audit("traveler.number", t.ID.String(), "", "")
}

// SetLimit changes the limit of a connected traveler (R20, R21). It counts at
// once, with no new SMS and no new activation.
func (s *Service) SetLimit(ctx context.Context, a Actor, company CompanyID, id TravelerID, limit decimal.Decimal) error {
	amount, err := optionalLimit(limit)
	if err != nil {
		return err
	}
	if amount == 0 {
		return &InputError{Field: "Limit", Value: limit.String(), Err: &credit.LimitError{Value: limit}}
	}
	return s.changeCredit(ctx, a, company, id, func(w *session, t *Traveler) (string, error) {
		return "limit " + amount.String(), w.setLimit(t, amount)
	})
}

// RaiseLimit sets a temporary limit that holds until an instant and ends by
// itself; the zero instant means until the end of this month. It never exceeds
// the company's or the operator's maximum (R20).
func (s *Service) RaiseLimit(ctx context.Context, a Actor, company CompanyID, id TravelerID, limit decimal.Decimal, until time.Time) error {
	amount, err := optionalLimit(limit)
	if err != nil {
		return err
	}
	return s.changeCredit(ctx, a, company, id, func(w *session, t *Traveler) (string, error) {
		if until.IsZero() {
			until = credit.MonthOf(w.at, s.rules.Zone).End(s.rules.Zone)
		}
		raise := credit.Raise{Limit: amount, Until: until.UTC().Truncate(time.Microsecond)}
		account, err := s.rules.SetRaise(accountOf(&w.company, t), raise, w.at)
		if err != nil {
			return "", &InputError{Field: "Limit", Value: limit.String(), Err: err}
		}
		t.Credit = account
		return fmt.Sprintf("temporary limit %s until %s", amount, raise.Until.Format(time.RFC3339)), nil
	})
}

// EndRaise ends a temporary limit before its time.
func (s *Service) EndRaise(ctx context.Context, a Actor, company CompanyID, id TravelerID) error {
	return s.changeCredit(ctx, a, company, id, func(_ *session, t *Traveler) (string, error) {
		t.Credit.Raise = credit.Raise{}
		return "temporary limit ended", nil
	})
}

// SetFrozen stops a traveler's new purchases, or allows them again. Connection
// and limit stay; what is reserved may be captured.
func (s *Service) SetFrozen(ctx context.Context, a Actor, company CompanyID, id TravelerID, frozen bool) error {
	return s.changeCredit(ctx, a, company, id, func(_ *session, t *Traveler) (string, error) {
		t.Credit.Frozen = frozen
		return fmt.Sprintf("frozen %t", frozen), nil
	})
}

// changeCredit changes the account of a connected traveler.
func (s *Service) changeCredit(ctx context.Context, a Actor, company CompanyID, id TravelerID, do func(*session, *Traveler) (string, error)) error {
	return s.change(ctx, a, company, func(w *session) error {
		t, err := w.traveler(id)
		if err != nil {
			return err
		}
		if !t.connected() {
			return fmt.Errorf("%w: the traveler is not connected", ErrConflict)
		}
		detail, err := do(w, &t)
		if err != nil {
			return err
		}
		if err := w.SaveTraveler(w.ctx, t); err != nil {
			return err
		}
		if err := w.emit(EventLimitChanged, id); err != nil {
			return err
		}
		return w.audit("traveler.credit", id.String(), detail, "")
	})
}
