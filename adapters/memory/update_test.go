package memory_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestDecisionsOnDifferentTravelersDoNotWait(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 200)
	inside, done := make(chan struct{}), make(chan error)
	go func() {
		done <- k.decide(0, "", func(travel.State) (travel.Change, error) {
			close(inside)
			for i := range k.travelers[1:] {
				if err := k.raise(i+1, ""); err != nil {
					return travel.Change{}, err
				}
			}
			return travel.Change{}, nil
		})
	}()
	<-inside
	require.NoError(t, <-done)
}

// Another traveler of the company takes the key while the decision runs.
func TestR42TheLaterTwinIsDecidedAgain(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 2)
	var seen []*travel.Command
	require.NoError(t, k.decide(0, "key", func(s travel.State) (travel.Change, error) {
		seen = append(seen, s.Earlier)
		if s.Earlier != nil {
			return travel.Change{}, nil
		}
		require.NoError(t, k.raise(1, "key"))
		account := s.Traveler.Credit
		account.Limit++
		return travel.Change{Account: &account, Command: k.command("key")}, nil
	}))
	require.Len(t, seen, 2)
	assert.Nil(t, seen[0])
	assert.Equal(t, k.command("key"), seen[1])
	require.NoError(t, k.View(t.Context(), func(tx travel.Tx) error {
		assert.Equal(t, k.travelers[0].Credit.Limit, k.limit(t, tx, 0), "the decision that lost has saved")
		return nil
	}))
}

// A purchase takes a key that an update has found free.
func TestR42AnUpdateThatLosesItsKeyRunsAgain(t *testing.T) {
	t.Parallel()
	for name, insert := range map[string]bool{"and uses it": true, "and only looks": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, memory.Options{}, 2)
			runs := 0
			err := k.Update(t.Context(), func(tx travel.Tx) error {
				runs++
				changed := k.travelers[0]
				changed.Credit.Limit += 100
				require.NoError(t, tx.SaveTraveler(t.Context(), changed))
				_, found := tx.Command(t.Context(), k.company, travel.OperationPurchase, "key")
				var err error
				if insert {
					err = tx.InsertCommand(t.Context(), *k.command("key"))
				}
				if runs == 1 {
					require.ErrorIs(t, found, travel.ErrNotFound)
					require.NoError(t, k.raise(1, "key"))
				}
				return err
			})
			assert.Equal(t, 2, runs)
			want := k.travelers[0].Credit.Limit
			if insert {
				require.ErrorIs(t, err, travel.ErrDuplicate)
			} else {
				require.NoError(t, err)
				want += 100
			}
			require.NoError(t, k.View(t.Context(), func(tx travel.Tx) error {
				assert.Equal(t, want, k.limit(t, tx, 0))
				return nil
			}))
		})
	}
}

func TestViewsSeeTheMomentTheyBegan(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 2)
	before := k.travelers[0].Credit.Limit
	require.NoError(t, k.View(t.Context(), func(outer travel.Tx) error {
		require.NoError(t, k.raise(0, "first"))
		require.NoError(t, k.View(t.Context(), func(inner travel.Tx) error {
			require.NoError(t, k.raise(0, "second"))
			require.NoError(t, k.raise(0, "third"))
			assert.Equal(t, before, k.limit(t, outer, 0))
			assert.Equal(t, before+1, k.limit(t, inner, 0))
			for key, seen := range map[string]bool{"first": true, "second": false} {
				_, err := inner.Command(t.Context(), k.company, travel.OperationPurchase, key)
				assert.Equal(t, seen, err == nil, key)
			}
			return nil
		}))
		require.NoError(t, k.raise(0, "fourth"))
		assert.Equal(t, before, k.limit(t, outer, 0))
		return nil
	}))
	require.NoError(t, k.View(t.Context(), func(tx travel.Tx) error {
		assert.Equal(t, before+4, k.limit(t, tx, 0))
		return nil
	}))
}

func TestPanicsRollBackAndUnlock(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 1)
	assert.PanicsWithValue(t, errDie, func() {
		_ = k.Update(t.Context(), func(tx travel.Tx) error {
			changed := k.travelers[0]
			changed.Credit.Limit++
			require.NoError(t, tx.SaveTraveler(t.Context(), changed))
			panic(errDie)
		})
	})
	assert.PanicsWithValue(t, errDie, func() {
		_ = k.decide(0, "", func(travel.State) (travel.Change, error) { panic(errDie) })
	})
	assert.PanicsWithValue(t, errDie, func() {
		_ = k.View(t.Context(), func(travel.Tx) error { panic(errDie) })
	})
	require.NoError(t, k.raise(0, ""))
	require.NoError(t, k.Update(t.Context(), func(tx travel.Tx) error {
		assert.Equal(t, k.travelers[0].Credit.Limit+1, k.limit(t, tx, 0))
		return nil
	}))
}

func TestTransactionsEnd(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 1)
	for name, run := range map[string]func(context.Context, func(travel.Tx) error) error{"Update": k.Update, "View": k.View} {
		var kept travel.Tx
		require.NoError(t, run(t.Context(), func(tx travel.Tx) error {
			kept = tx
			return nil
		}))
		_, err := kept.Traveler(t.Context(), k.company, k.travelers[0].ID)
		require.ErrorContains(t, err, "transaction has ended", name)
		require.Error(t, kept.SaveTraveler(t.Context(), k.travelers[0]), name)
	}
}

// A decision waits for the update that inserts its traveler, and finds nobody
// when that is rolled back.
func TestRolledBackTravelerIsUnknown(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 1)
	fresh := travel.Traveler{Company: k.company, ID: k.ids.New()}
	q := travel.Query{Company: k.company, Traveler: fresh.ID}
	decided := make(chan error)
	err := k.Update(t.Context(), func(tx travel.Tx) error {
		require.NoError(t, tx.SaveTraveler(t.Context(), fresh))
		go func() {
			decided <- k.Decide(context.Background(), q, func(travel.State) (travel.Change, error) {
				return travel.Change{}, nil
			})
		}()
		return errDie
	})
	require.ErrorIs(t, err, errDie)
	require.ErrorIs(t, <-decided, travel.ErrNotFound)
}
