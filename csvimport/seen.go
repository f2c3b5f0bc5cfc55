package csvimport

import "hash/maphash"

// seen remembers on which line each of many keys came first. It does what a
// map does in half the time, which is much of an import: the index is small
// enough for the cache, and a key is only looked at when it may be the same.
type seen[K comparable] struct {
	seed  maphash.Seed
	index []int32 // by hash: which key, from 1; 0 for none. At most half are taken.
	keys  []K
	lines []int32
}

// newSeen returns a set with room for as many keys as expected.
func newSeen[K comparable](expected int) *seen[K] {
	size := 16
	for size < 2*expected {
		size *= 2
	}
	return &seen[K]{
		seed:  maphash.MakeSeed(),
		index: make([]int32, size),
		keys:  make([]K, 0, expected),
		lines: make([]int32, 0, expected),
	}
}

// first returns the line on which the key came first, and 0 if that is now.
func (s *seen[K]) first(key K, line int) int {
	if 2*len(s.keys) >= len(s.index) {
		s.index = make([]int32, 2*len(s.index))
		for i, k := range s.keys {
			*s.slot(k) = int32(i + 1)
		}
	}
	slot := s.slot(key)
	if *slot != 0 {
		return int(s.lines[*slot-1])
	}
	s.keys = append(s.keys, key)
	s.lines = append(s.lines, int32(line))
	*slot = int32(len(s.keys))
	return 0
}

// slot returns where in the index the key is, or else belongs.
func (s *seen[K]) slot(key K) *int32 {
	for i := maphash.Comparable(s.seed, key); ; i++ {
		slot := &s.index[i&uint64(len(s.index)-1)]
		if *slot == 0 || s.keys[*slot-1] == key {
			return slot
		}
	}
}
