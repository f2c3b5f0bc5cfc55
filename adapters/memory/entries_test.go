package memory_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/travel"
)

func (k *kit) entry(traveler int, department byte) travel.Entry {
	return travel.Entry{
		ID: k.ids.New(), Kind: travel.EntryCapture, Company: k.company, Traveler: k.travelers[traveler].ID,
		Month: 24000, Billing: 24000, Department: travel.DepartmentID{department},
		Personal: travel.Personal{Name: "Anna Berg"},
	}
}

func (k *kit) append(t testing.TB, traveler int, entries ...travel.Entry) {
	t.Helper()
	require.NoError(t, k.decide(traveler, "", func(travel.State) (travel.Change, error) {
		return travel.Change{Entries: entries}, nil
	}))
}

func (k *kit) stream(t testing.TB) (ids []travel.EntryID) {
	t.Helper()
	for e, err := range k.Entries(t.Context(), travel.EntryQuery{Company: k.company}) {
		require.NoError(t, err)
		ids = append(ids, e.ID)
	}
	return ids
}

func byID(a, b travel.Entry) int { return a.ID.Compare(b.ID) }

// Entries that were saved in any order come in that of their ids, and streams
// that have begun come as they were then.
func TestEntriesSavedInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, shuffle := range []string{"ascending", "descending", "any", "nearly ascending"} {
		t.Run(shuffle, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, memory.Options{}, 1)
			var all []travel.Entry
			for i := range 1500 {
				all = append(all, k.entry(0, byte(i%3)))
			}
			random := rand.New(rand.NewPCG(1, 2))
			switch shuffle {
			case "descending":
				slices.Reverse(all)
			case "any":
				random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			case "nearly ascending":
				for i := 0; i+5 < len(all); i += 7 {
					all[i], all[i+5] = all[i+5], all[i]
				}
			}
			for n := 0; n < len(all); n += 250 {
				saved := slices.SortedFunc(slices.Values(all[:n]), byID)
				read := 0
				for e, err := range k.Entries(t.Context(), travel.EntryQuery{Company: k.company}) {
					require.NoError(t, err)
					if read == 0 {
						k.append(t, 0, all[n:n+250]...)
					}
					require.Equal(t, saved[read].ID, e.ID)
					read++
				}
				require.Equal(t, n, read)
				if n == 0 {
					k.append(t, 0, all[:250]...)
				}
			}
			var want []travel.EntryID
			for _, e := range slices.SortedFunc(slices.Values(all), byID) {
				want = append(want, e.ID)
			}
			assert.Equal(t, want, k.stream(t))
		})
	}
}

// Streams, purchases and an erasure at the same time: the race detector looks
// on.
func TestR44ErasureDoesNotDisturbStreams(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 3)
	for i := range 600 {
		k.append(t, i%3, k.entry(i%3, 0))
	}
	var group sync.WaitGroup
	for i := range k.travelers {
		fresh := make([]travel.Entry, 200)
		for n := range fresh {
			fresh[n] = k.entry(i, 0)
		}
		group.Go(func() {
			for _, e := range fresh {
				k.append(t, i, e)
			}
		})
		group.Go(func() {
			for range 5 {
				before := k.stream(t)
				assert.GreaterOrEqual(t, len(before), 600)
				assert.True(t, slices.IsSortedFunc(before, travel.EntryID.Compare))
			}
		})
	}
	group.Go(func() {
		assert.NoError(t, k.Update(t.Context(), func(tx travel.Tx) error {
			return tx.ErasePersonal(t.Context(), k.company, k.travelers[0].ID)
		}))
	})
	group.Wait()
	require.NoError(t, k.Update(t.Context(), func(tx travel.Tx) error {
		return tx.ErasePersonal(t.Context(), k.company, k.travelers[0].ID)
	}))
	named := map[travel.TravelerID]int{}
	for e, err := range k.Entries(t.Context(), travel.EntryQuery{Company: k.company}) {
		require.NoError(t, err)
		if e.Personal.Name != "" {
			named[e.Traveler]++
		}
	}
	assert.Equal(t, map[travel.TravelerID]int{k.travelers[1].ID: 400, k.travelers[2].ID: 400}, named)
}

// What was read before an erasure is the reader's own.
func TestR44ErasureLeavesWhatWasRead(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.Options{}, 1)
	for range 300 {
		k.append(t, 0, k.entry(0, 0))
	}
	erased := false
	for e, err := range k.Entries(t.Context(), travel.EntryQuery{Company: k.company}) {
		require.NoError(t, err)
		require.Equal(t, "Anna Berg", e.Personal.Name)
		if !erased {
			erased = true
			require.NoError(t, k.Update(t.Context(), func(tx travel.Tx) error {
				return tx.ErasePersonal(t.Context(), k.company, k.travelers[0].ID)
			}))
		}
	}
	for e, err := range k.Entries(t.Context(), travel.EntryQuery{Company: k.company}) {
		require.NoError(t, err)
		require.Empty(t, e.Personal)
	}
}
