package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// canned is a database that answers at once, always the same: what is measured
// is what this package costs.
type canned struct{ travelers, companies [][]any }

func (canned) Dialect() Dialect       { return Postgres }
func (canned) Classify(error) Failure { return Other }
func (c canned) Begin(ctx context.Context, _ Mode, first ...Statement) (Transaction, error) {
	return c, c.Run(ctx, first...)
}
func (canned) Commit(context.Context, ...Statement) error { return nil }
func (canned) Rollback()                                  {}
func (c canned) Run(_ context.Context, statements ...Statement) error {
	for _, s := range statements {
		rows := c.travelers
		if strings.Contains(s.SQL, "tjr_company") {
			rows = c.companies
		} else if !strings.Contains(s.SQL, "tjr_traveler") {
			rows = nil
		}
		for _, r := range rows {
			if err := s.Scan(cannedRow(r)); err != nil {
				return err
			}
		}
	}
	return nil
}

type cannedRow []any

func (r cannedRow) Scan(dest ...any) error {
	for i, d := range dest {
		if err := d.(sql.Scanner).Scan(r[i]); err != nil {
			return err
		}
	}
	return nil
}

// taken is a database where somebody else has every key, for good.
type taken struct {
	canned
	commits *int
}

var errTaken = errors.New("taken")

func (taken) Classify(err error) Failure {
	if errors.Is(err, errTaken) {
		return Taken
	}
	return Other
}
func (d taken) Begin(ctx context.Context, _ Mode, first ...Statement) (Transaction, error) {
	return d, d.Run(ctx, first...)
}
func (d taken) Commit(context.Context, ...Statement) error {
	*d.commits++
	return errTaken
}

func TestAKeyThatIsTakenForGoodIsAnError(t *testing.T) {
	t.Parallel()
	company := travel.Company{ID: travel.CompanyID{1}}
	traveler := travel.Traveler{Company: company.ID, ID: travel.TravelerID{2}}
	commits := 0
	db := taken{canned{
		travelers: [][]any{Postgres.args(travelerColumns(&traveler))}, companies: [][]any{Postgres.args(companyColumns(&company))},
	}, &commits}
	names, err := NewNames("", "")
	require.NoError(t, err)
	s := New(db, names, 1, false)
	err = s.Decide(t.Context(), travel.Query{Company: company.ID, Traveler: traveler.ID}, func(travel.State) (travel.Change, error) {
		return travel.Change{Events: []travel.Event{{}}}, nil
	})
	require.ErrorIs(t, err, errTaken)
	require.Equal(t, lost+1, commits)
	require.NoError(t, s.Close())
}

// BenchmarkDecideGroup is a group of 32 authorizations, without a database.
func BenchmarkDecideGroup(b *testing.B) {
	const size = 32
	at := time.Date(2026, 1, 10, 8, 0, 0, 0, time.UTC)
	rules := credit.Rules{Zone: time.UTC}
	company := travel.Company{ID: travel.CompanyID{1}, Status: travel.CompanyApproved, AppliedAt: at}
	db := canned{companies: [][]any{Postgres.args(companyColumns(&company))}}
	var requests []*request
	for i := range byte(size) {
		t := travel.Traveler{Company: company.ID, ID: travel.TravelerID{i}, Credit: credit.Account{
			Limit: 500_00, Used: []credit.Usage{{Month: credit.NewMonth(2026, 1), Amount: 100_00}},
		}}
		db.travelers = append(db.travelers, Postgres.args(travelerColumns(&t)))
		q := travel.Query{Company: company.ID, Traveler: t.ID, Operation: travel.OperationAuthorize, Key: "0190c4de-0000-7000-8000-00000000000" + string('a'+i)}
		requests = append(requests, &request{ctx: b.Context(), query: q, decide: func(s travel.State) (travel.Change, error) {
			account, z, _ := rules.Authorize(s.Traveler.Credit, credit.Request{ID: credit.AuthorizationID{i}, Amount: 1, At: at, ExpiresAt: at.Add(time.Hour)})
			return travel.Change{
				Account: &account,
				Authorization: &travel.Authorization{Authorization: z, Company: q.Company, Traveler: q.Traveler, Tickets: []travel.TicketLine{{
					Ticket: travel.Ticket{Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"}}, Gross: 1,
				}}},
				Command: &travel.Command{Company: q.Company, Operation: q.Operation, Key: q.Key, At: at, Answer: travel.Answer{State: z.State, Amount: 1}},
				Events:  []travel.Event{{ID: travel.EventID{i}, Type: travel.EventPurchaseAuthorized, At: at, Company: q.Company}},
			}, nil
		}})
	}
	names, err := NewNames("", "")
	require.NoError(b, err)
	s := New(db, names, 1, false)
	b.ReportAllocs()
	for b.Loop() {
		s.decideGroup(b.Context(), requests)
	}
	for _, r := range requests {
		require.NoError(b, r.err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/size, "ns/decision")
}
