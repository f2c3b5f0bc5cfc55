package sqlstore

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestEntriesAreReadInPages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ entries, pages int }{
		"none":               {0, 1},
		"less than a page":   {entryPage - 1, 1},
		"a page":             {entryPage, 2},
		"a page and one":     {entryPage + 1, 2},
		"two pages and more": {2*entryPage + 5, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ledger := newLedger(c.entries)
			stream := ledger.store(t).Entries(t.Context(), travel.EntryQuery{Company: ledger.entries.company})
			for range 2 { // ranging again begins again
				ledger.begun = 0
				var got []travel.Entry
				for e, err := range stream {
					require.NoError(t, err)
					require.False(t, ledger.open, "a transaction is open while an entry is looked at")
					got = append(got, e)
				}
				require.Len(t, got, c.entries)
				for i := range got {
					require.Equal(t, ledger.entries.at(i), got[i])
				}
				assert.Equal(t, c.pages, ledger.begun, "transactions")
			}
		})
	}
}

func TestEntriesAfterAConflictComeOnce(t *testing.T) {
	t.Parallel()
	ledger := newLedger(entryPage + 3)
	ledger.fail = func(n int) error {
		if n == 1 || n == 3 {
			return errMet
		}
		return nil
	}
	n := 0
	for e, err := range ledger.store(t).Entries(t.Context(), travel.EntryQuery{Company: ledger.entries.company}) {
		require.NoError(t, err)
		require.Equal(t, ledger.entries.at(n), e)
		n++
	}
	assert.Equal(t, entryPage+3, n)
	assert.Equal(t, 4, ledger.begun, "transactions")
}

func TestEntriesEndWithTheError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	ledger := newLedger(3 * entryPage)
	ledger.fail = func(n int) error {
		if n == 2 {
			return broken
		}
		return nil
	}
	var last error
	n := 0
	for _, err := range ledger.store(t).Entries(t.Context(), travel.EntryQuery{Company: ledger.entries.company}) {
		require.NoError(t, last, "the stream went on after its error")
		if last = err; err == nil {
			n++
		}
	}
	require.ErrorIs(t, last, broken)
	assert.Equal(t, entryPage, n, "entries before the error")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range newLedger(entryPage).store(t).Entries(ctx, travel.EntryQuery{Company: ledger.entries.company}) {
		last = err
		cancel()
	}
	require.ErrorIs(t, last, context.Canceled)
}

func TestEntriesNeedACompany(t *testing.T) {
	t.Parallel()
	ledger := newLedger(1)
	for _, err := range ledger.store(t).Entries(t.Context(), travel.EntryQuery{Billing: january}) {
		require.ErrorIs(t, err, travel.ErrInvalid)
	}
	assert.Zero(t, ledger.begun, "transactions")
}

// Planned for a company of the usual size, the largest one would sort all that
// is left of its month for each page.
func TestEntriesAreNotSortedInPostgreSQL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dialect Dialect
		bound   bool
		want    []string
	}{
		"PostgreSQL":           {Postgres, false, []string{"SET LOCAL enable_sort = off"}},
		"a host's transaction": {Postgres, true, nil},
		"SQLite":               {SQLite, false, nil},
	} {
		ledger := newLedger(1)
		ledger.dialect = c.dialect
		store := ledger.store(t)
		if c.bound {
			store = store.Bind(ledger)
		}
		n := 0
		for _, err := range store.Entries(t.Context(), travel.EntryQuery{Company: ledger.entries.company}) {
			require.NoError(t, err, name)
			n++
		}
		assert.Equal(t, 1, n, name)
		assert.Equal(t, c.want, ledger.settings, name)
	}
}

func TestEntryConditions(t *testing.T) {
	t.Parallel()
	x := &tx{s: newLedger(0).store(t)}
	department := travel.DepartmentID{15: 3}
	whole := travel.EntryQuery{
		Company: travel.CompanyID{15: 1}, Billing: january, Month: january + 1, Kind: travel.EntryRefund,
		Department: &department, Traveler: travel.TravelerID{15: 2},
	}
	index, c := x.entryClause(whole)
	assert.Equal(t, "entry_traveler", index, "the one with the fewest entries")
	assert.Equal(t, "WHERE company = $1 AND billing = $2 AND traveler = $3 AND month = $4 AND kind = $5 AND department = $6"+
		" ORDER BY id LIMIT 7", c.end("id", 7))
	assert.Equal(t, []any{x.id(whole.Company), "2026-01", x.id(whole.Traveler), "2026-02", int64(2), x.id(department)}, c.args)

	whole.Traveler = travel.TravelerID{}
	index, _ = x.entryClause(whole)
	assert.Equal(t, "entry_department", index)
	whole.Department = nil
	index, _ = x.entryClause(whole)
	assert.Equal(t, "entry_billing", index)
	index, c = x.entryClause(travel.EntryQuery{Company: whole.Company})
	assert.Empty(t, index, "the primary key")
	assert.Equal(t, []string{"company = $1"}, c.where)
}

func TestIndexesAreNamedInSQLite(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "INDEXED BY {#entry_billing} ", SQLite.by("entry_billing"))
	assert.Empty(t, SQLite.by(""))
	assert.Empty(t, Postgres.by("entry_billing"))
}

// ledger is a database of entries.
type ledger struct {
	dialect Dialect
	entries entrySeries
	// fail says how the nth transaction fails, after it has read.
	fail  func(n int) error
	begun int
	open  bool
	// settings are those that were made.
	settings []string
}

// entrySeries makes entries by their place in the order of ids.
type entrySeries struct {
	company travel.CompanyID
	n       int
}

func (s entrySeries) at(i int) travel.Entry {
	return travel.Entry{
		Company: s.company, ID: travel.EntryID{0: 1, 14: byte(i >> 8), 15: byte(i)}, Kind: travel.EntryCapture, Gross: credit.Amount(i),
		Ticket: travel.Ticket{Gross: decimal.New(1, 0), Zones: []string{"A"}},
	}
}

func newLedger(n int) *ledger {
	return &ledger{dialect: SQLite, entries: entrySeries{travel.CompanyID{15: 1}, n}, fail: func(int) error { return nil }}
}

func (l *ledger) store(t *testing.T) *Store {
	t.Helper()
	names, err := NewNames("", "")
	require.NoError(t, err)
	return New(l, names, 1, false)
}

func (l *ledger) Dialect() Dialect { return l.dialect }

// errMet is a conflict with another transaction.
var errMet = errors.New("met another transaction")

func (l *ledger) Classify(err error) Failure {
	if errors.Is(err, errMet) {
		return Conflict
	}
	return Other
}

func (l *ledger) Begin(ctx context.Context, mode Mode, first ...Statement) (Transaction, error) {
	if mode != Snapshot {
		return nil, errors.New("a stream begins a transaction that writes")
	}
	l.begun++
	l.open = true
	return l, l.Run(ctx, first...)
}

// Run answers the query of a page.
func (l *ledger) Run(_ context.Context, statements ...Statement) error {
	for _, s := range statements {
		switch {
		case strings.HasPrefix(s.SQL, "SET "):
			l.settings = append(l.settings, s.SQL)
			continue
		case strings.Contains(s.SQL, "SAVEPOINT"):
			continue
		case !strings.Contains(s.SQL, "FROM tjr_entry WHERE company = $1 AND id > $2 ORDER BY id LIMIT 2000"):
			return errors.New("unexpected: " + s.SQL)
		}
		after, err := asID(s.Args[1])
		if err != nil {
			return err
		}
		for i, sent := 0, 0; i < l.entries.n && sent < entryPage; i++ {
			e := l.entries.at(i)
			if travel.EntryID(after).Compare(e.ID) >= 0 {
				continue
			}
			sent++
			if err := s.Scan(storedRow(l.dialect, entryColumns(&e))); err != nil {
				return err
			}
		}
		if err := l.fail(l.begun); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) Commit(context.Context, ...Statement) error { return errors.New("a stream commits") }

func (l *ledger) Rollback() { l.open = false }
