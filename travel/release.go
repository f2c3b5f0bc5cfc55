package travel

import (
	"context"
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/credit"
)

// ReleaseRequest gives a reservation back.
type ReleaseRequest struct {
	Holder Holder
	// Key is the caller's idempotency key (R42).
	Key           string
	Authorization AuthorizationID
}

// ReleaseResult is the answer to a release.
type ReleaseResult struct {
	// State is what has become of the authorization: released or expired.
	State credit.State
	// Decline says why it could not be released; nil when it could.
	Decline *credit.Decline
}

// Release gives a reservation back, at once. To release what is released or
// expired already changes nothing. What is captured, or being captured, is
// declined. Errors are those of [Service.Capture].
func (s *Service) Release(ctx context.Context, req ReleaseRequest) (ReleaseResult, error) {
	if err := req.Holder.check(); err != nil {
		return ReleaseResult{}, err
	}
	if err := checkKey(req.Key); err != nil {
		return ReleaseResult{}, err
	}
	p := &purchase{
		operation: OperationRelease, holder: req.Holder, key: req.Key, at: s.now(), id: req.Authorization,
		events: [2]EventID{s.ids.New(), s.ids.New()},
	}
	p.hash = newDigest(p.operation).holder(&p.holder).id(p.id).sum()
	query := p.query()
	query.Authorization = p.id
	var answer Answer
	err := s.store.Decide(ctx, query, func(st State) (Change, error) {
		if st.Earlier != nil {
			return Change{}, st.Earlier.replay(p.hash, &answer)
		}
		if st.Authorization == nil {
			return Change{}, ErrNotFound
		}
		var change Change
		change, answer = s.decideRelease(&st, p)
		return change, nil
	})
	return ReleaseResult{State: answer.State, Decline: answer.Decline}, err
}

func (s *Service) decideRelease(st *State, p *purchase) (Change, Answer) {
	z := *st.Authorization
	answer := Answer{Authorization: z.ID, Month: z.Month}
	code := p.holder.refuse(st.Traveler)
	if code == "" && z.Connection != p.holder.Method.Connection {
		code = credit.NotConnected
	}
	if code != "" {
		answer.Decline = s.rules.Decline(credit.Account{}, code, 0, p.at) // a stranger learns nothing (R40)
		return Change{Command: p.command(answer)}, answer
	}
	before := z.State
	account, after, decline := s.rules.Release(st.account(), z.Authorization, p.at)
	z.Authorization = after
	answer.State, answer.Decline = z.State, decline
	change := Change{Command: p.command(answer)}
	if z.State != before {
		change.Account, change.Authorization = &account, &z
		t := EventPurchaseReleased
		if z.State == credit.Expired {
			t = EventPurchaseExpired
		}
		e := p.event(0, t, "")
		e.Month, e.Amount = z.Month, z.Amount
		change.Events = []Event{e}
	}
	return change, answer
}

// ExpireDue tidies the records of reservations whose deadline has passed, over
// all companies, and tells the host. Nothing depends on it: credit is free
// again at the deadline whether or not it runs. It returns how many expired.
func (s *Service) ExpireDue(ctx context.Context) (int, error) {
	expired := 0
	var failed []error
	for q := (TravelerQuery{DeadlineBefore: s.now(), Limit: jobPage}); ; {
		var due []Traveler
		err := s.store.View(ctx, func(tx Tx) (err error) {
			due, err = tx.Travelers(ctx, q)
			return err
		})
		if err != nil {
			return expired, err
		}
		for _, t := range due {
			q.After = t.ID
			n, err := s.expire(ctx, t)
			if err != nil {
				failed = append(failed, fmt.Errorf("traveler %s: %w", t.ID, err))
			}
			expired += n
		}
		if len(due) < jobPage {
			return expired, errors.Join(failed...)
		}
	}
}

func (s *Service) expire(ctx context.Context, t Traveler) (n int, err error) {
	at := s.now()
	err = s.store.Decide(ctx, Query{Company: t.Company, Traveler: t.ID}, func(st State) (Change, error) {
		account, expired := s.rules.Expire(st.Traveler.Credit, at)
		n = len(expired)
		if n == 0 {
			return Change{}, nil
		}
		change := Change{Account: &account, Expired: expired}
		for _, z := range expired {
			change.Events = append(change.Events, s.purchaseEvent(EventPurchaseExpired, t.Company, t.ID, z, at))
		}
		return change, nil
	})
	return n, err
}
