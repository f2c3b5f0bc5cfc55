package memory

import (
	"slices"
	"sync"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// row is a traveler with the authorizations, and what a purchase locks.
type row struct {
	company *company

	mu sync.Mutex
	// saved is false until the update that inserts the traveler has saved it,
	// and again when that is rolled back.
	saved    bool
	traveler version[travel.Traveler]
	// authorizations are in ascending order of id.
	authorizations []authorization
	// newest is the last of their ids, or more.
	newest travel.AuthorizationID
	// unanswered holds those whose payment provider owes an answer, and those
	// that were answered while a view was open that may not know it.
	unanswered []travel.AuthorizationID
}

type authorization = version[travel.Authorization]

// row returns the row of a traveler, or nil.
func (s *Store) row(company travel.CompanyID, traveler travel.TravelerID) *row {
	h := s.shardOf(traveler)
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rows[travelerKey{company, traveler}]
}

// authorized says which row has an authorization.
type authorized struct {
	id  travel.AuthorizationID
	row *row
}

// buyers finds rows by authorization. Purchases need no index of their own and
// leave what is new in the shards; whoever looks for it fetches it.
type buyers struct {
	mu   sync.Mutex
	rows map[travel.AuthorizationID]*row
}

func (b *buyers) add(id travel.AuthorizationID, r *row) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows[id] = r
}

// rowOf returns the row that has an authorization, or had it in an update that
// was rolled back, or nil.
func (s *Store) rowOf(id travel.AuthorizationID) *row {
	s.buyers.mu.Lock()
	defer s.buyers.mu.Unlock()
	if r := s.buyers.rows[id]; r != nil {
		return r
	}
	for i := range s.shards {
		for _, a := range s.shards[i].fetchAuthorized() {
			s.buyers.rows[a.id] = a.row
		}
	}
	return s.buyers.rows[id]
}

func (h *shard) fetchAuthorized() []authorized {
	h.mu.Lock()
	defer h.mu.Unlock()
	fresh := h.authorized
	h.authorized = nil
	return fresh
}

// search returns the place of an authorization in the order of ids.
func (r *row) search(id travel.AuthorizationID) (int, bool) {
	// Nearly always it is the newest or will be.
	if r.newest.Compare(id) < 0 {
		return len(r.authorizations), false
	}
	return slices.BinarySearchFunc(r.authorizations, id, func(a authorization, id travel.AuthorizationID) int {
		return a.value.ID.Compare(id)
	})
}

// find returns an authorization, or nil; it stays where it is while the row is
// locked and none is inserted.
func (r *row) find(id travel.AuthorizationID) *authorization {
	if i, ok := r.search(id); ok {
		return &r.authorizations[i]
	}
	return nil
}

// put inserts or replaces an authorization; it tells whether it is new.
func (r *row) put(z *travel.Authorization, now, oldest uint64) bool {
	i, found := r.search(z.ID)
	if found {
		r.authorizations[i].set(z, now, oldest)
	} else {
		r.authorizations = slices.Insert(r.authorizations, i, authorization{value: z, epoch: now})
		r.newest = r.authorizations[len(r.authorizations)-1].value.ID
	}
	r.track(z, oldest)
	return !found
}

// expire marks the records of authorizations as expired; those that are not
// there are left out.
func (r *row) expire(ids []travel.AuthorizationID, now, oldest uint64) {
	for _, id := range ids {
		if a := r.find(id); a != nil {
			z := *a.value
			z.State = credit.Expired
			a.set(&z, now, oldest)
		}
	}
}

// track keeps unanswered up to date after z was saved.
func (r *row) track(z *travel.Authorization, oldest uint64) {
	if z.Unanswered() && !slices.Contains(r.unanswered, z.ID) {
		r.unanswered = append(r.unanswered, z.ID)
	}
	if len(r.unanswered) > 0 && oldest == noView {
		r.unanswered = slices.DeleteFunc(r.unanswered, func(id travel.AuthorizationID) bool {
			return !r.find(id).value.Unanswered()
		})
	}
}

// remove takes an authorization away that an update had inserted.
func (r *row) remove(id travel.AuthorizationID) {
	r.authorizations = slices.DeleteFunc(r.authorizations, func(a authorization) bool { return a.value.ID == id })
	r.unanswered = slices.DeleteFunc(r.unanswered, func(other travel.AuthorizationID) bool { return other == id })
}
