package travel

import (
	"context"
	"time"
)

// session is one change inside a company: an actor whose reach was checked, a
// locked company, and an audit record for everything that is done.
type session struct {
	Tx
	ctx     context.Context
	service *Service
	actor   Actor
	reach   reach
	company Company
	at      time.Time
	// pace is the time between two SMS of this change, of which sent were
	// written.
	pace time.Duration
	sent int
}

// change runs do as an actor inside an active company, in one transaction
// (R01).
func (s *Service) change(ctx context.Context, a Actor, id CompanyID, do func(w *session) error) error {
	return s.changeAny(ctx, a, id, func(w *session) error {
		if err := w.company.active(); err != nil {
			return err
		}
		return do(w)
	})
}

// mend is change for what a month's close may still need: the operator can mend
// it in a company that is closed, too.
func (s *Service) mend(ctx context.Context, a Actor, id CompanyID, do func(w *session) error) error {
	return s.changeAny(ctx, a, id, func(w *session) error {
		if err := w.company.active(); err != nil && !(w.company.Status == CompanyClosed && a.IsOperator()) {
			return err
		}
		return do(w)
	})
}

// changeAny runs do whatever the company's status is: for the operator.
func (s *Service) changeAny(ctx context.Context, a Actor, id CompanyID, do func(w *session) error) error {
	return s.store.Update(ctx, func(tx Tx) error {
		c, r, err := enter(ctx, tx, a, id)
		if err != nil {
			return err
		}
		w := &session{Tx: tx, ctx: ctx, service: s, actor: a, reach: r, company: c, at: s.now()}
		if err := do(w); err != nil {
			return err
		}
		return tx.SaveCompany(ctx, w.company)
	})
}

// read runs do as an actor inside a company, without changing anything. Views
// of a company that is not active are for the operator only (R01).
func (s *Service) read(ctx context.Context, a Actor, id CompanyID, do func(w *session) error) error {
	return s.store.View(ctx, func(tx Tx) error {
		c, r, err := enter(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if a.role == RoleAdministrator && c.Status != CompanyClosed {
			if err := c.active(); err != nil {
				return err
			}
		}
		return do(&session{Tx: tx, ctx: ctx, service: s, actor: a, reach: r, company: c, at: s.now()})
	})
}

// audit appends to the company's audit chain.
func (w *session) audit(action, subject, detail, reason string) error {
	r := AuditRecord{
		ID: w.service.ids.New(), Company: w.company.ID, Sequence: w.company.AuditSequence + 1, At: w.at,
		Role: w.actor.role, Actor: w.actor.name, Action: action, Subject: subject, Detail: detail, Reason: reason,
	}
	r.Hash = r.chain(w.company.AuditHash)
	w.company.AuditSequence, w.company.AuditHash = r.Sequence, r.Hash
	return w.AppendAudit(w.ctx, r)
}

// Act is something that is written down in a company's audit log.
type Act struct {
	// Action is a stable name, and Subject the id of what it was done to.
	Action, Subject string
	// Detail gives the new values, and Reason is why, in the actor's words;
	// neither must name a person.
	Detail, Reason string
}

// Record appends what the operator did to a company's audit log, in a
// transaction of the caller's, and locks the company. Another actor is
// [ErrForbidden]. It is for the other packages of the library.
func (s *Service) Record(ctx context.Context, tx Tx, a Actor, company CompanyID, act Act) error {
	if err := a.operator(); err != nil {
		return err
	}
	if err := clean("Reason", &act.Reason); err != nil {
		return err
	}
	c, r, err := enter(ctx, tx, a, company)
	if err != nil {
		return err
	}
	w := &session{Tx: tx, ctx: ctx, service: s, actor: a, reach: r, company: c, at: s.now()}
	if err := w.audit(act.Action, act.Subject, act.Detail, act.Reason); err != nil {
		return err
	}
	return tx.SaveCompany(ctx, w.company)
}

// emit appends an event about a traveler or, with a zero id, the company.
func (w *session) emit(t EventType, traveler TravelerID) error {
	return w.AppendEvents(w.ctx, Event{
		ID: w.service.ids.New(), Type: t, At: w.at, Company: w.company.ID, Traveler: traveler,
	})
}

// traveler returns a traveler within reach, locked in an update. What lies
// outside is not found, and so is a traveler that was erased.
func (w *session) traveler(id TravelerID) (Traveler, error) {
	t, err := w.Traveler(w.ctx, w.company.ID, id)
	if err != nil {
		return t, err
	}
	if !t.ErasedAt.IsZero() {
		return t, ErrNotFound
	}
	return t, w.reach.department(t.Department)
}
