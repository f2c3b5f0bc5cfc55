package travel

import (
	"context"
	"fmt"

	"github.com/tjansteresor/tjansteresor/credit"
)

// Drift is something that does not add up.
type Drift struct {
	Company CompanyID
	// Subject is the id of what it is about.
	Subject string
	// Invariant is the one that is broken: "I1" to "I6".
	Invariant string
	// Detail says what was found, without personal data.
	Detail string
}

// String says all of it.
func (d Drift) String() string {
	return fmt.Sprintf("company %s: %s: %s: %s", d.Company, d.Invariant, d.Subject, d.Detail)
}

// Audit recomputes what is stored from the entries and reports what does not
// add up: used amounts, authorizations and their entries, and the chain of the
// audit log. It reads one company at a time and locks nothing; purchases that
// are made meanwhile may show as drift, so look again before you act. Package
// invoice verifies the documents.
func (s *Service) Audit(ctx context.Context) ([]Drift, error) {
	var drifts []Drift
	const page = 100
	var after CompanyID
	for {
		var companies []Company
		err := s.store.View(ctx, func(tx Tx) (err error) {
			companies, err = tx.Companies(ctx, "", after, page)
			return err
		})
		if err != nil {
			return drifts, err
		}
		for _, c := range companies {
			a := &auditor{service: s, company: c.ID, used: map[usedKey]credit.Amount{}, captured: map[AuthorizationID]sums{}}
			if err := a.run(ctx); err != nil {
				return drifts, fmt.Errorf("company %s: %w", c.ID, err)
			}
			drifts = append(drifts, a.drifts...)
			after = c.ID
		}
		if len(companies) < page {
			return drifts, nil
		}
	}
}

type usedKey struct {
	traveler TravelerID
	month    credit.Month
}

// sums are what the entries of an authorization add up to.
type sums struct{ captured, refunded credit.Amount }

// auditor recomputes one company.
type auditor struct {
	service  *Service
	company  CompanyID
	used     map[usedKey]credit.Amount
	captured map[AuthorizationID]sums
	open     map[AuthorizationID]credit.Reservation
	drifts   []Drift
}

func (a *auditor) drift(invariant string, subject fmt.Stringer, format string, args ...any) {
	a.drifts = append(a.drifts, Drift{a.company, subject.String(), invariant, fmt.Sprintf(format, args...)})
}

func (a *auditor) run(ctx context.Context) error {
	for e, err := range a.service.store.Entries(ctx, EntryQuery{Company: a.company}) {
		if err != nil {
			return err
		}
		a.used[usedKey{e.Traveler, e.Month}] += e.Signed()
		sum := a.captured[e.Authorization]
		if e.Kind == EntryRefund {
			sum.refunded += e.Gross
		} else {
			sum.captured += e.Gross
		}
		a.captured[e.Authorization] = sum
	}
	if err := a.travelers(ctx); err != nil {
		return err
	}
	if err := a.authorizations(ctx); err != nil {
		return err
	}
	return a.chain(ctx)
}

// travelers compares the accounts with the entries: what is used in the months
// that an account still knows, and that no month has more than its limit ever
// allowed.
func (a *auditor) travelers(ctx context.Context) error {
	a.open = map[AuthorizationID]credit.Reservation{}
	return a.service.eachTraveler(ctx, a.company, func(t Traveler) error {
		for _, u := range t.Credit.Used {
			if want := a.used[usedKey{t.ID, u.Month}]; want != u.Amount {
				a.drift("I6", t.ID, "used in %s is %s, the entries say %s", u.Month, u.Amount, want)
			}
		}
		for key, sum := range a.used {
			if key.traveler == t.ID && sum < 0 {
				a.drift("I6", t.ID, "more is refunded than bought in %s", key.month)
			}
		}
		for _, r := range t.Credit.Open {
			a.open[r.ID] = r
		}
		return nil
	})
}

// authorizations compares the records with the entries and the accounts.
func (a *auditor) authorizations(ctx context.Context) error {
	const page = 1000
	for q := (AuthorizationQuery{Company: a.company, Limit: page}); ; {
		var list []Authorization
		err := a.service.store.View(ctx, func(tx Tx) (err error) {
			list, err = tx.Authorizations(ctx, q)
			return err
		})
		if err != nil {
			return err
		}
		for _, z := range list {
			q.Before = z.ID
			a.authorization(z)
		}
		if len(list) < page {
			break
		}
	}
	for id := range a.captured {
		a.drift("I2", id, "has entries and no record")
	}
	for id := range a.open {
		a.drift("I1", id, "is reserved and has no record")
	}
	return nil
}

func (a *auditor) authorization(z Authorization) {
	sum := a.captured[z.ID]
	held, open := a.open[z.ID]
	delete(a.captured, z.ID)
	delete(a.open, z.ID)
	if sum.captured != z.Captured || sum.refunded != z.Refunded {
		a.drift("I2", z.ID, "is captured %s and refunded %s, the entries say %s and %s", z.Captured, z.Refunded, sum.captured, sum.refunded)
	}
	if z.Captured > z.Amount || z.Refunded > z.Captured || z.Amount > z.Limit {
		a.drift("I1", z.ID, "limit %s, amount %s, captured %s, refunded %s", z.Limit, z.Amount, z.Captured, z.Refunded)
	}
	if open && (!z.State.Open() || held.Amount != z.Amount || held.Month != z.Month || held.Capturing != (z.State == credit.Capturing)) {
		a.drift("I1", z.ID, "is reserved, its record says %s", z.State)
	}
	if !open && z.State == credit.Capturing {
		a.drift("I2", z.ID, "is being captured and not reserved")
	}
}

// chain recomputes the audit log's hashes.
func (a *auditor) chain(ctx context.Context) error {
	const page = 1000
	var last AuditRecord
	for {
		var list []AuditRecord
		var c Company
		err := a.service.store.View(ctx, func(tx Tx) (err error) {
			if c, err = tx.Company(ctx, a.company); err != nil {
				return err
			}
			list, err = tx.AuditLog(ctx, a.company, last.Sequence, page)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range list {
			if r.Sequence != last.Sequence+1 || r.chain(last.Hash) != r.Hash {
				a.drift("I6", r.ID, "the audit log is broken at %d", r.Sequence)
			}
			last = r
		}
		if len(list) < page {
			if c.AuditSequence != last.Sequence || c.AuditHash != last.Hash {
				a.drift("I6", a.company, "the audit log ends at %d, the company says %d", last.Sequence, c.AuditSequence)
			}
			return nil
		}
	}
}
