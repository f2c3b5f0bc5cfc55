package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// shop is a host with tickets of its own, and a traveler with a limit.
type shop struct {
	db       *sql.DB
	store    *sqlite.Store
	traveler travel.Traveler
}

func openShop(t *testing.T) shop {
	t.Helper()
	db := newDB(t, sqlite.Options{})
	_, err := db.ExecContext(t.Context(), "CREATE TABLE ticket (id INTEGER PRIMARY KEY)")
	require.NoError(t, err)
	s := shop{db, newStore(t, db, sqlite.Options{}), travel.Traveler{
		Company: travel.CompanyID{1}, ID: travel.TravelerID{2}, Credit: credit.Account{Limit: 500_00},
	}}
	require.NoError(t, s.store.Update(t.Context(), func(tx travel.Tx) error {
		return errors.Join(tx.SaveCompany(t.Context(), travel.Company{ID: s.traveler.Company}), tx.SaveTraveler(t.Context(), s.traveler))
	}))
	return s
}

// lower takes a krona off the limit.
func (s shop) lower(ctx context.Context, store travel.Store) error {
	return store.Decide(ctx, travel.Query{Company: s.traveler.Company, Traveler: s.traveler.ID},
		func(state travel.State) (travel.Change, error) {
			account := state.Traveler.Credit
			account.Limit -= 1_00
			return travel.Change{Account: &account}, nil
		})
}

// state is the limit that is stored, and how many tickets there are.
func (s shop) state(t *testing.T) (limit credit.Amount, tickets int) {
	t.Helper()
	require.NoError(t, s.store.View(t.Context(), func(tx travel.Tx) error {
		stored, err := tx.Traveler(t.Context(), s.traveler.Company, s.traveler.ID)
		limit = stored.Credit.Limit
		return err
	}))
	require.NoError(t, s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM ticket").Scan(&tickets))
	return limit, tickets
}

func (s shop) begin(t *testing.T) *sql.Tx {
	t.Helper()
	tx, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	_, err = tx.ExecContext(t.Context(), "INSERT INTO ticket VALUES (1)")
	require.NoError(t, err)
	return tx
}

func TestInTx(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	tx := s.begin(t)
	require.NoError(t, s.lower(t.Context(), s.store.InTx(tx)))
	require.NoError(t, tx.Rollback())
	limit, tickets := s.state(t)
	assert.Equal(t, []any{credit.Amount(500_00), 0}, []any{limit, tickets}, "both vanish")

	tx = s.begin(t)
	bound := s.store.InTx(tx)
	require.NoError(t, s.lower(t.Context(), bound))
	require.NoError(t, s.lower(t.Context(), bound))
	require.NoError(t, bound.Close(), "which does nothing")
	require.NoError(t, bound.View(t.Context(), func(in travel.Tx) error {
		seen, err := in.Traveler(t.Context(), s.traveler.Company, s.traveler.ID)
		assert.Equal(t, credit.Amount(498_00), seen.Credit.Limit, "what was saved before")
		return err
	}))
	require.NoError(t, tx.Commit())
	limit, tickets = s.state(t)
	assert.Equal(t, []any{credit.Amount(498_00), 1}, []any{limit, tickets}, "both are there")
	assert.ErrorIs(t, s.lower(t.Context(), bound), sql.ErrTxDone)
}

func TestInTxWhatFailsLeavesTheHostsWork(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	tx := s.begin(t)
	bound := s.store.InTx(tx)
	failed := errors.New("no")
	require.NoError(t, s.lower(t.Context(), bound))
	require.ErrorIs(t, bound.Update(t.Context(), func(in travel.Tx) error {
		return errors.Join(in.SaveTraveler(t.Context(), travel.Traveler{Company: s.traveler.Company, ID: s.traveler.ID}), failed)
	}), failed)
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, bound.Update(ctx, func(in travel.Tx) error {
		defer cancel()
		return in.SaveTraveler(ctx, travel.Traveler{Company: s.traveler.Company, ID: s.traveler.ID})
	}), context.Canceled)
	require.ErrorIs(t, s.lower(ctx, bound), context.Canceled)
	require.NoError(t, tx.Commit())
	limit, tickets := s.state(t)
	assert.Equal(t, []any{credit.Amount(499_00), 1}, []any{limit, tickets})
}

func TestInTxConflict(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	// A transaction that does not write from its beginning, has read, and then
	// another one writes.
	reader, err := sql.Open("sqlite", "file:"+path(t, s.db))
	require.NoError(t, err)
	defer reader.Close()
	tx, err := reader.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	var tickets int
	require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT count(*) FROM ticket").Scan(&tickets))
	require.NoError(t, s.lower(t.Context(), s.store))
	assert.ErrorIs(t, s.lower(t.Context(), s.store.InTx(tx)), travel.ErrConflict)
}

func path(t *testing.T, db *sql.DB) (file string) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file))
	return file
}
