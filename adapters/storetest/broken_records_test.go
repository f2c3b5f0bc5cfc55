package storetest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

type queued = sms.Queued

// wrapping makes a store whose transactions are wrapped.
func wrapping(wrap func(invoice.Tx) invoice.Tx) func(*memory.Store) storetest.Stores {
	return func(s *memory.Store) storetest.Stores {
		return storetest.All(reworked{
			Store: s,
			update: func(s *memory.Store, ctx context.Context, do func(invoice.Tx) error) error {
				return s.UpdateInvoices(ctx, func(tx invoice.Tx) error { return do(wrap(tx)) })
			},
			view: func(s *memory.Store, ctx context.Context, do func(invoice.Tx) error) error {
				return s.ViewInvoices(ctx, func(tx invoice.Tx) error { return do(wrap(tx)) })
			},
		})
	}
}

var brokenRecords = []broken{
	{"milliseconds", "values/instants", wrapping(func(tx invoice.Tx) invoice.Tx { return milliseconds{tx} })},
	{"field forgotten", "records/round-trip", wrapping(func(tx invoice.Tx) invoice.Tx { return forgetful{tx} })},
	{"zero for missing", "records/missing", wrapping(func(tx invoice.Tx) invoice.Tx { return zero{tx} })},
	{"lists backwards", "companies/list departments/list administrators/list travelers/by-number authorizations/list messages/list",
		wrapping(func(tx invoice.Tx) invoice.Tx { return backwards{tx} })},
	{"bounds ignored", "audit/list travelers/list travelers/department travelers/open authorizations/bounds authorizations/unanswered " +
		"documents/list documents/bounds closes/list deliveries/list deliveries/due deliveries/bounds", wrapping(func(tx invoice.Tx) invoice.Tx { return boundless{tx} })},
	{"duplicates of anything accepted", "audit/append travelers/unique travelers/unique-at-once credentials/insert commands/insert " +
		"commands/insert-at-once documents/unique", wrapping(func(tx invoice.Tx) invoice.Tx { return lenient{tx} })},
	{"unset number is unique", "travelers/unique-when-set", wrapping(func(tx invoice.Tx) invoice.Tx { return strict{tx} })},
	{"list of all companies", "travelers/company", wrapping(func(tx invoice.Tx) invoice.Tx { return shameless{tx} })},
	{"deadline exclusive", "travelers/deadline", wrapping(func(tx invoice.Tx) invoice.Tx { return exclusive{tx} })},
	{"fence missing", "travelers/fence travelers/fence-in-flight", wrapping(func(tx invoice.Tx) invoice.Tx { return fenceless{tx} })},
	{"fence lowered", "travelers/fence", wrapping(func(tx invoice.Tx) invoice.Tx { return lowered{tx} })},
	{"personal data kept", "personal/erased reopen/personal", wrapping(func(tx invoice.Tx) invoice.Tx { return kept{tx} })},
	{"gap after a rollback", "numbers/series numbers/no-gaps", func(s *memory.Store) storetest.Stores {
		next := map[string]int64{}
		return wrapping(func(tx invoice.Tx) invoice.Tx { return sequence{tx, next} })(s)
	}},
	{"number given twice", "numbers/series numbers/no-gaps", wrapping(func(tx invoice.Tx) invoice.Tx { return counted{tx} })},
}

type milliseconds struct{ invoice.Tx }

func (x milliseconds) SaveTraveler(ctx context.Context, t travel.Traveler) error {
	t.CreatedAt = t.CreatedAt.Truncate(time.Millisecond)
	return x.Tx.SaveTraveler(ctx, t)
}

type forgetful struct{ invoice.Tx }

func (x forgetful) SaveDepartment(ctx context.Context, d travel.Department) error {
	d.Policy = &travel.Policy{Products: d.Policy.Products, Regions: d.Policy.Regions}
	return x.Tx.SaveDepartment(ctx, d)
}

type zero struct{ invoice.Tx }

func (x zero) Authorization(ctx context.Context, company travel.CompanyID, id travel.AuthorizationID) (travel.Authorization, error) {
	z, err := x.Tx.Authorization(ctx, company, id)
	if errors.Is(err, travel.ErrNotFound) {
		return travel.Authorization{}, nil
	}
	return z, err
}

func reversed[T any](list []T, err error) ([]T, error) {
	slices.Reverse(list)
	return list, err
}

type backwards struct{ invoice.Tx }

func (x backwards) Companies(ctx context.Context, s travel.CompanyStatus, after travel.CompanyID, limit int) ([]travel.Company, error) {
	return reversed(x.Tx.Companies(ctx, s, after, limit))
}

func (x backwards) Departments(ctx context.Context, company travel.CompanyID) ([]travel.Department, error) {
	return reversed(x.Tx.Departments(ctx, company))
}

func (x backwards) Administrators(ctx context.Context, company travel.CompanyID) ([]travel.Administrator, error) {
	return reversed(x.Tx.Administrators(ctx, company))
}

func (x backwards) TravelersByNumber(ctx context.Context, n travel.PhoneNumber) ([]travel.Traveler, error) {
	return reversed(x.Tx.TravelersByNumber(ctx, n))
}

func (x backwards) Authorizations(ctx context.Context, q travel.AuthorizationQuery) ([]travel.Authorization, error) {
	return reversed(x.Tx.Authorizations(ctx, q))
}

func (x backwards) Messages(ctx context.Context, company travel.CompanyID, t travel.TravelerID) ([]queued, error) {
	return reversed(x.Tx.Messages(ctx, company, t))
}

type boundless struct{ invoice.Tx }

func (x boundless) AuditLog(ctx context.Context, company travel.CompanyID, after int64, limit int) ([]travel.AuditRecord, error) {
	return x.Tx.AuditLog(ctx, company, after-1, limit)
}

func (x boundless) Travelers(ctx context.Context, q travel.TravelerQuery) ([]travel.Traveler, error) {
	return x.Tx.Travelers(ctx, travel.TravelerQuery{Company: q.Company, DeadlineBefore: q.DeadlineBefore, After: q.After})
}

func (x boundless) Authorizations(ctx context.Context, q travel.AuthorizationQuery) ([]travel.Authorization, error) {
	q.Unanswered, q.Traveler = q.Company.IsZero(), travel.TravelerID{}
	return x.Tx.Authorizations(ctx, q)
}

func (x boundless) Documents(ctx context.Context, q invoice.DocumentQuery) ([]invoice.Document, error) {
	q.Month, q.Limit = 0, 0
	return x.Tx.Documents(ctx, q)
}

func (x boundless) Closes(ctx context.Context, m credit.Month, after travel.CompanyID, _ int) ([]invoice.Close, error) {
	return x.Tx.Closes(ctx, m, after, 0)
}

func (x boundless) Deliveries(ctx context.Context, q invoice.DeliveryQuery) ([]invoice.DeliveryRecord, error) {
	if q.Company.IsZero() && q.State == "" {
		q.State = invoice.DeliveryWaiting
	}
	return x.Tx.Deliveries(ctx, invoice.DeliveryQuery{Company: q.Company, State: q.State, After: q.After})
}

func accepted(err error) error {
	if errors.Is(err, travel.ErrDuplicate) {
		return nil
	}
	return err
}

type lenient struct{ invoice.Tx }

func (x lenient) AppendAudit(ctx context.Context, r travel.AuditRecord) error {
	return accepted(x.Tx.AppendAudit(ctx, r))
}

func (x lenient) SaveTraveler(ctx context.Context, t travel.Traveler) error {
	return accepted(x.Tx.SaveTraveler(ctx, t))
}

func (x lenient) InsertCredential(ctx context.Context, c travel.Credential) error {
	return x.SaveCredential(ctx, c)
}

func (x lenient) InsertCommand(ctx context.Context, c travel.Command) error {
	return accepted(x.Tx.InsertCommand(ctx, c))
}

func (x lenient) InsertDocument(ctx context.Context, d invoice.Document) error {
	return accepted(x.Tx.InsertDocument(ctx, d))
}

type strict struct{ invoice.Tx }

func (x strict) SaveTraveler(ctx context.Context, t travel.Traveler) error {
	all, err := x.Travelers(ctx, travel.TravelerQuery{Company: t.Company})
	for _, other := range all {
		if other.ID != t.ID && other.Number == t.Number {
			return &travel.DuplicateError{Field: "Number"}
		}
	}
	return errors.Join(err, x.Tx.SaveTraveler(ctx, t))
}

type shameless struct{ invoice.Tx }

func (x shameless) Travelers(ctx context.Context, q travel.TravelerQuery) ([]travel.Traveler, error) {
	if q.Company.IsZero() && q.DeadlineBefore.IsZero() {
		q.DeadlineBefore = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return x.Tx.Travelers(ctx, q)
}

type exclusive struct{ invoice.Tx }

func (x exclusive) Travelers(ctx context.Context, q travel.TravelerQuery) ([]travel.Traveler, error) {
	q.DeadlineBefore = q.DeadlineBefore.Add(-time.Nanosecond)
	return x.Tx.Travelers(ctx, q)
}

type fenceless struct{ invoice.Tx }

func (fenceless) FenceTravelers(context.Context, travel.CompanyID, credit.Month) error { return nil }

type lowered struct{ invoice.Tx }

func (x lowered) FenceTravelers(ctx context.Context, company travel.CompanyID, m credit.Month) error {
	all, err := x.Travelers(ctx, travel.TravelerQuery{Company: company})
	for _, t := range all {
		t.Credit.ClosedThrough = m
		err = errors.Join(err, x.SaveTraveler(ctx, t))
	}
	return err
}

type kept struct{ invoice.Tx }

func (kept) ErasePersonal(context.Context, travel.CompanyID, travel.TravelerID) error { return nil }

// sequence counts like a database's sequence; updates are one at a time.
type sequence struct {
	invoice.Tx
	next map[string]int64
}

func (x sequence) NextNumber(_ context.Context, series string) (int64, error) {
	x.next[series]++
	return x.next[series], nil
}

// counted takes the number of documents for a number.
type counted struct{ invoice.Tx }

func (x counted) NextNumber(ctx context.Context, series string) (int64, error) {
	list, err := x.Documents(ctx, invoice.DocumentQuery{Series: series})
	return int64(len(list)/2 + 1), err
}
