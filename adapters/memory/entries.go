package memory

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Entries implements travel.Store and invoice.Store. The stream holds what was
// there when it was ranged over, as a few slice headers.
func (s *Store) Entries(ctx context.Context, q travel.EntryQuery) iter.Seq2[travel.Entry, error] {
	return func(yield func(travel.Entry, error) bool) {
		var m merger
		if c := s.companies.get(q.Company); c != nil && ctx.Err() == nil {
			m = c.entries.snapshot(q)
		}
		for n := 0; len(m) > 0; n++ {
			// A look at the context costs as much as an entry does.
			if n%256 == 0 && ctx.Err() != nil {
				break
			}
			e := m[0].head()
			if selects(q, e) && !yield(*e, nil) {
				return
			}
			m.next()
		}
		if err := ctx.Err(); err != nil {
			yield(travel.Entry{}, err)
		}
	}
}

// selects tells whether an entry of the right company, billing month and
// department belongs to a stream.
func selects(q travel.EntryQuery, e *travel.Entry) bool {
	return (q.Month.IsZero() || e.Month == q.Month) && (q.Kind == 0 || e.Kind == q.Kind) && (q.Traveler.IsZero() || e.Traveler == q.Traveler)
}

// book holds the entries of a company.
type book struct {
	mu   sync.Mutex
	logs map[logKey]*entryLog
}

type logKey struct {
	billing    credit.Month
	department travel.DepartmentID
}

func (b *book) add(entries []travel.Entry) {
	if len(entries) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.logs == nil {
		b.logs = map[logKey]*entryLog{}
	}
	for i := range entries {
		k := logKey{entries[i].Billing, entries[i].Department}
		l := b.logs[k]
		if l == nil {
			l = &entryLog{}
			b.logs[k] = l
		}
		l.add(&entries[i])
	}
}

func (b *book) erase(traveler travel.TravelerID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.logs {
		l.erase(traveler)
	}
}

// snapshot returns what a stream reads.
func (b *book) snapshot(q travel.EntryQuery) merger {
	b.mu.Lock()
	defer b.mu.Unlock()
	var m merger
	for k, l := range b.logs {
		if (q.Billing.IsZero() || k.billing == q.Billing) && (q.Department == nil || k.department == *q.Department) {
			c := &cursor{full: l.full, tail: l.tail}
			c.advance()
			m = append(m, c)
		}
	}
	slices.SortFunc(m, func(a, b *cursor) int { return a.head().ID.Compare(b.head().ID) })
	return m
}

// entryLog keeps entries in ascending order of id. Streams read it without a
// lock: what they have seen is never written to. New entries go behind it, and
// any other change is made in a copy.
type entryLog struct {
	full [][]travel.Entry
	tail []travel.Entry
}

const chunkSize = 128

func (l *entryLog) add(e *travel.Entry) {
	n, full := len(l.tail), len(l.full)
	switch {
	case n > 0 && l.tail[n-1].ID.Compare(e.ID) < 0:
		l.tail = append(l.tail, *e)
	case full > 0 && last(l.full[full-1]).ID.Compare(e.ID) > 0:
		l.insert(e)
	default:
		l.tail = inserted(l.tail, e)
	}
	if len(l.tail) >= chunkSize {
		l.full, l.tail = append(l.full, l.tail), nil
	}
}

// insert puts an entry before the tail: a goroutine that drew its id long
// before the others.
func (l *entryLog) insert(e *travel.Entry) {
	i, _ := slices.BinarySearchFunc(l.full, e.ID, func(chunk []travel.Entry, id travel.EntryID) int {
		return last(chunk).ID.Compare(id)
	})
	chunk := inserted(l.full[i], e)
	l.full = slices.Clone(l.full)
	l.full[i] = chunk
	if half := len(chunk) / 2; half >= chunkSize {
		l.full[i] = chunk[:half:half]
		l.full = slices.Insert(l.full, i+1, chunk[half:])
	}
}

func inserted(chunk []travel.Entry, e *travel.Entry) []travel.Entry {
	i, _ := slices.BinarySearchFunc(chunk, e.ID, func(a travel.Entry, id travel.EntryID) int { return a.ID.Compare(id) })
	longer := make([]travel.Entry, 0, len(chunk)+1)
	longer = append(append(longer, chunk[:i]...), *e)
	return append(longer, chunk[i:]...)
}

func last(chunk []travel.Entry) *travel.Entry { return &chunk[len(chunk)-1] }

// erase empties what is personal in the entries of a traveler.
func (l *entryLog) erase(traveler travel.TravelerID) {
	copied := false
	for i, chunk := range l.full {
		if erased, any := erased(chunk, traveler); any {
			if !copied {
				l.full, copied = slices.Clone(l.full), true
			}
			l.full[i] = erased
		}
	}
	l.tail, _ = erased(l.tail, traveler)
}

func erased(chunk []travel.Entry, traveler travel.TravelerID) ([]travel.Entry, bool) {
	any := false
	for i := range chunk {
		if chunk[i].Traveler != traveler || chunk[i].Personal == (travel.Personal{}) {
			continue
		}
		if !any {
			chunk, any = slices.Clone(chunk), true
		}
		chunk[i].Personal = travel.Personal{}
	}
	return chunk, any
}

// cursor reads one log, which is never empty: the chunks, then the tail.
type cursor struct {
	full  [][]travel.Entry
	tail  []travel.Entry
	chunk []travel.Entry
	at    int
}

// advance takes the next chunk; it reports false when there is none.
func (c *cursor) advance() bool {
	c.at = 0
	if len(c.full) > 0 {
		c.chunk, c.full = c.full[0], c.full[1:]
	} else {
		c.chunk, c.tail = c.tail, nil
	}
	return len(c.chunk) > 0
}

func (c *cursor) head() *travel.Entry { return &c.chunk[c.at] }

func (c *cursor) next() bool {
	c.at++
	return c.at < len(c.chunk) || c.advance()
}

// merger is a heap of cursors: the first has the lowest id.
type merger []*cursor

// next goes on to the entry with the next higher id.
func (m *merger) next() {
	h := *m
	if !h[0].next() {
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
		*m = h
	}
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].head().ID.Compare(h[least].head().ID) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
