// Package id holds the identifiers of the library: UUIDs of version 7 (RFC
// 9562), ordered by time, as named types that cannot be mixed up.
package id

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"sync"
	"time"
)

// ID is a UUIDv7 that belongs to a Kind. The zero ID is no id.
type ID[Kind any] [16]byte

// ErrMalformed is returned for a text that is not a UUID.
var ErrMalformed = errors.New("not a UUID")

// Parse reads the form that [ID.String] gives.
func Parse[Kind any](s string) (ID[Kind], error) {
	var v ID[Kind]
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return v, ErrMalformed
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(v[:], []byte(digits)); err != nil {
		return ID[Kind]{}, ErrMalformed
	}
	return v, nil
}

// IsZero tells whether there is no id.
func (v ID[Kind]) IsZero() bool { return v == ID[Kind]{} }

// String returns the usual form, 8-4-4-4-12 in hexadecimal.
func (v ID[Kind]) String() string {
	var b [36]byte
	hex.Encode(b[0:8], v[0:4])
	hex.Encode(b[9:13], v[4:6])
	hex.Encode(b[14:18], v[6:8])
	hex.Encode(b[19:23], v[8:10])
	hex.Encode(b[24:36], v[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// Compare orders ids by the time at which they were made.
func (v ID[Kind]) Compare(w ID[Kind]) int {
	if a, b := binary.BigEndian.Uint64(v[:8]), binary.BigEndian.Uint64(w[:8]); a != b {
		if a < b {
			return -1
		}
		return 1
	}
	a, b := binary.BigEndian.Uint64(v[8:]), binary.BigEndian.Uint64(w[8:])
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// MarshalText writes the usual form; the zero ID is empty.
func (v ID[Kind]) MarshalText() ([]byte, error) {
	if v.IsZero() {
		return []byte{}, nil
	}
	return []byte(v.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (v *ID[Kind]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*v = ID[Kind]{}
		return nil
	}
	parsed, err := Parse[Kind](string(text))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

// Source makes UUIDs of version 7 that never go backwards within one Source,
// also when the clock does. It is safe for concurrent use.
type Source struct {
	clock  func() time.Time
	random io.Reader

	mu      sync.Mutex
	last    uint64 // milliseconds in the high 48 bits, counter in the low 12
	entropy [512]byte
	left    int
}

// NewSource returns a Source that reads the instant from clock and the random
// bits from random.
func NewSource(clock func() time.Time, random io.Reader) *Source {
	return &Source{clock: clock, random: random}
}

// New returns the next UUID.
func (s *Source) New() [16]byte {
	var v [16]byte
	s.Fill(&v)
	return v
}

// Fill writes the next UUIDs, in ascending order. Taking several at a time
// reads the clock and waits for other goroutines only once.
func (s *Source) Fill(ids ...*[16]byte) {
	at := uint64(s.clock().UnixMilli()) << 12
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range ids {
		s.last = max(at, s.last+1)
		binary.BigEndian.PutUint64(v[0:8], s.last>>12<<16|0x7000|s.last&0xfff)
		copy(v[8:], s.draw())
		v[8] = v[8]&0x3f | 0x80
	}
}

// draw returns eight random bytes.
func (s *Source) draw() []byte {
	if s.left < 8 {
		if _, err := io.ReadFull(s.random, s.entropy[:]); err != nil {
			// Without randomness ids could repeat, and a repeated id is money
			// in the wrong place; crypto/rand never fails.
			panic("id: random source failed: " + err.Error())
		}
		s.left = len(s.entropy)
	}
	s.left -= 8
	return s.entropy[s.left : s.left+8]
}
