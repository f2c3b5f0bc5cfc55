package memory

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Options configures a [Store].
type Options struct {
	// Travelers and Purchases are how many the store makes room for from the
	// start; it grows beyond them. Default to 0.
	Travelers, Purchases int
}

// Store is every storage port in one process. It is safe for concurrent use.
type Store struct {
	// Locks are taken in this order: cold, rows (several only under cold), those
	// of outbox and buyers, shards (several only all of them, ascending), and
	// those of entries.

	// cold is held for writing by an update and for reading by a view.
	// Everything but rows, shards, entries, events and jobs is under it.
	cold           sync.RWMutex
	administrators map[administratorKey]travel.Administrator
	credentials    map[string]travel.Credential
	numbers        map[travel.PhoneNumber][]*row
	employees      map[employeeKey]*row
	mailbox        mailbox
	series         map[string]int64
	documents      table[invoice.DocumentID, invoice.Document]
	deliveries     table[invoice.DocumentID, invoice.DeliveryRecord]
	numbered       map[documentNumber]invoice.DocumentID
	closes         map[credit.Month]*table[travel.CompanyID, invoice.Close]

	companies companies
	buyers    buyers
	outbox    outbox
	jobs      jobs

	seed   maphash.Seed
	shards [shardCount]shard
	// epoch grows with every view; it is guarded by all shards together. A
	// version of a record that was written in a view's epoch or before is what
	// the view reads.
	epoch uint64
	views views
}

var (
	_ travel.Store    = (*Store)(nil)
	_ travel.JobStore = (*Store)(nil)
	_ invoice.Store   = (*Store)(nil)
	_ sms.Queue       = (*Store)(nil)
	_ invoice.Tx      = (*tx)(nil)
)

const shardCount = 64

// shard is a part of what purchases look up, by the hash of the key.
type shard struct {
	mu       sync.Mutex
	rows     map[travelerKey]*row
	commands map[commandKey]command
	// authorized are new authorizations that the index has not fetched yet.
	authorized []authorized
	// events are those that the outbox has not fetched yet.
	events [][]travel.Event
	// The next shard is on another cache line.
	_ [64]byte
}

type travelerKey struct {
	company  travel.CompanyID
	traveler travel.TravelerID
}

// New returns an empty store.
func New(o Options) *Store {
	s := &Store{
		administrators: map[administratorKey]travel.Administrator{},
		credentials:    map[string]travel.Credential{},
		numbers:        make(map[travel.PhoneNumber][]*row, o.Travelers),
		employees:      map[employeeKey]*row{},
		mailbox:        newMailbox(),
		series:         map[string]int64{},
		numbered:       map[documentNumber]invoice.DocumentID{},
		closes:         map[credit.Month]*table[travel.CompanyID, invoice.Close]{},
		jobs:           jobs{jobs: map[string]travel.Job{}},
		outbox:         outbox{byID: map[travel.EventID]*leasable{}},
		buyers:         buyers{rows: map[travel.AuthorizationID]*row{}},
		seed:           maphash.MakeSeed(),
	}
	s.views.oldest.Store(noView)
	for i := range s.shards {
		h := &s.shards[i]
		h.rows = make(map[travelerKey]*row, o.Travelers/shardCount)
		h.commands = make(map[commandKey]command, o.Purchases/shardCount)
	}
	return s
}

// shardOf picks the shard of an id: the end of a UUIDv7 is random.
func (s *Store) shardOf(id [16]byte) *shard { return &s.shards[id[15]%shardCount] }

func (s *Store) shardOfKey(k commandKey) *shard {
	return &s.shards[maphash.Comparable(s.seed, k)%shardCount]
}

func (s *Store) lockShards() {
	for i := range s.shards {
		s.shards[i].mu.Lock()
	}
}

func (s *Store) unlockShards() {
	for i := range s.shards {
		s.shards[i].mu.Unlock()
	}
}

// views are the epochs of the views that are being read.
type views struct {
	mu     sync.Mutex
	active map[uint64]int
	// oldest is the lowest of them, or noView.
	oldest atomic.Uint64
}

const noView = math.MaxUint64

// beginView starts an epoch and returns the one that ends: no decision is
// between the two, because each saves all it has under one shard.
func (s *Store) beginView() uint64 {
	s.lockShards()
	defer s.unlockShards()
	epoch := s.epoch
	s.epoch++
	s.views.add(epoch, 1)
	return epoch
}

func (v *views) add(epoch uint64, n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.active == nil {
		v.active = map[uint64]int{}
	}
	v.active[epoch] += n
	if v.active[epoch] == 0 {
		delete(v.active, epoch)
	}
	oldest := uint64(noView)
	for e := range v.active {
		oldest = min(oldest, e)
	}
	v.oldest.Store(oldest)
}
