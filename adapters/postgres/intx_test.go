package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// shop is a host with tickets of its own, and a traveler with a limit.
type shop struct {
	pool     *pgxpool.Pool
	store    *postgres.Store
	traveler travel.Traveler
}

func openShop(t *testing.T) shop {
	t.Helper()
	pool := newPool(t)
	_, err := pool.Exec(t.Context(), "CREATE TABLE ticket (id int PRIMARY KEY)")
	require.NoError(t, err)
	s := shop{pool, newStore(t, pool, postgres.Options{}), travel.Traveler{
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
	require.NoError(t, s.pool.QueryRow(t.Context(), "SELECT count(*) FROM ticket").Scan(&tickets))
	return limit, tickets
}

// hosted is a transaction of the host's that has a ticket, and the store in it.
type hosted struct {
	bound            *postgres.Store
	exec             func(sql string) error
	commit, rollback func() error
}

// hosts runs a test in transactions of pgx and of database/sql.
func hosts(t *testing.T, test func(t *testing.T, s shop, begin func() hosted)) {
	t.Helper()
	const ticket = "INSERT INTO ticket VALUES (1)"
	t.Run("pgx", func(t *testing.T) {
		t.Parallel()
		s := openShop(t)
		test(t, s, func() hosted {
			ctx := context.WithoutCancel(t.Context())
			tx, err := s.pool.Begin(ctx)
			require.NoError(t, err)
			t.Cleanup(func() { _ = tx.Rollback(ctx) })
			exec := func(sql string) error { _, err := tx.Exec(ctx, sql); return err }
			require.NoError(t, exec(ticket))
			return hosted{s.store.InTx(tx), exec, func() error { return tx.Commit(ctx) }, func() error { return tx.Rollback(ctx) }}
		})
	})
	t.Run("database/sql", func(t *testing.T) {
		t.Parallel()
		s := openShop(t)
		db := openDB(t, s.pool.Config().ConnString())
		test(t, s, func() hosted {
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = tx.Rollback() })
			exec := func(sql string) error { _, err := tx.ExecContext(t.Context(), sql); return err }
			require.NoError(t, exec(ticket))
			return hosted{s.store.InSQLTx(tx), exec, tx.Commit, tx.Rollback}
		})
	})
}

func TestInTx(t *testing.T) {
	t.Parallel()
	hosts(t, func(t *testing.T, s shop, begin func() hosted) {
		h := begin()
		require.NoError(t, s.lower(t.Context(), h.bound))
		require.NoError(t, h.rollback())
		limit, tickets := s.state(t)
		assert.Equal(t, []any{credit.Amount(500_00), 0}, []any{limit, tickets}, "both vanish")

		h = begin()
		require.NoError(t, s.lower(t.Context(), h.bound))
		require.NoError(t, s.lower(t.Context(), h.bound))
		require.NoError(t, h.bound.Close(), "which does nothing")
		require.NoError(t, h.bound.View(t.Context(), func(in travel.Tx) error {
			seen, err := in.Traveler(t.Context(), s.traveler.Company, s.traveler.ID)
			assert.Equal(t, credit.Amount(498_00), seen.Credit.Limit, "what was saved before")
			return err
		}))
		require.NoError(t, h.commit())
		limit, tickets = s.state(t)
		assert.Equal(t, []any{credit.Amount(498_00), 1}, []any{limit, tickets}, "both are there")
		assert.Error(t, s.lower(t.Context(), h.bound))
	})
}

func TestInTxWhatFailsLeavesTheHostsWork(t *testing.T) {
	t.Parallel()
	hosts(t, func(t *testing.T, s shop, begin func() hosted) {
		h := begin()
		failed := errors.New("no")
		require.NoError(t, s.lower(t.Context(), h.bound))
		require.ErrorIs(t, h.bound.Update(t.Context(), func(in travel.Tx) error {
			return errors.Join(in.SaveTraveler(t.Context(), travel.Traveler{Company: s.traveler.Company, ID: s.traveler.ID}), failed)
		}), failed)
		require.Error(t, h.bound.Update(t.Context(), func(in travel.Tx) error {
			// What PostgreSQL refuses ends a transaction, but for the savepoint.
			return in.SaveCompany(t.Context(), travel.Company{ID: travel.CompanyID{9}, Name: "a\x00b"})
		}))
		ctx, cancel := context.WithCancel(t.Context())
		require.ErrorIs(t, h.bound.Update(ctx, func(in travel.Tx) error {
			defer cancel()
			return in.SaveTraveler(ctx, travel.Traveler{Company: s.traveler.Company, ID: s.traveler.ID})
		}), context.Canceled)
		require.ErrorIs(t, s.lower(ctx, h.bound), context.Canceled)
		require.NoError(t, h.commit())
		limit, tickets := s.state(t)
		assert.Equal(t, []any{credit.Amount(499_00), 1}, []any{limit, tickets})
	})
}

func TestInTxConflict(t *testing.T) {
	t.Parallel()
	hosts(t, func(t *testing.T, s shop, begin func() hosted) {
		h := begin()
		require.NoError(t, h.exec("SET LOCAL lock_timeout = '10ms'"))
		require.NoError(t, pgx.BeginFunc(t.Context(), s.pool, func(tx pgx.Tx) error {
			require.NoError(t, s.lower(t.Context(), s.store.InTx(tx)))
			assert.ErrorIs(t, s.lower(t.Context(), h.bound), travel.ErrConflict)
			return nil
		}))
		require.NoError(t, s.lower(t.Context(), h.bound), "the host's transaction goes on")
		require.NoError(t, h.commit())
		limit, tickets := s.state(t)
		assert.Equal(t, []any{credit.Amount(498_00), 1}, []any{limit, tickets})
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	require.NoError(t, s.store.Close())
	for what, err := range map[string]error{
		"Update": s.store.Update(t.Context(), func(travel.Tx) error { return nil }),
		"View":   s.store.View(t.Context(), func(travel.Tx) error { return nil }),
		"Decide": s.lower(t.Context(), s.store),
	} {
		assert.ErrorIs(t, err, postgres.ErrClosed, what)
	}
	require.NoError(t, s.store.Close(), "twice is fine")
	assert.Zero(t, s.pool.Stat().AcquiredConns())
}
