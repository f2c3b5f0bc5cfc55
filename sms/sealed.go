package sms

import (
	"fmt"
	"io"

	"github.com/tjansteresor/tjansteresor/internal/seal"
)

// Key is one secret of the host: an id that is stored beside what was sealed
// with it, and at least 32 random bytes. It prints as redacted.
type Key = seal.Key

// KeyRing seals with its first key and opens with any. To change a key, give
// every process the new one behind the old, then move it to the front
// everywhere, and drop the old one when its last message has expired. It prints
// as redacted.
type KeyRing = seal.Ring

// Sealed is an encrypted text as a store keeps it: key id and bytes. The zero
// Sealed is a wiped one.
type Sealed = seal.Sealed

// NewKeyRing returns a ring that seals with the first key. Its error names the
// key by its id.
func NewKeyRing(keys ...Key) (*KeyRing, error) { return seal.NewRing(keys...) }

// sealPurpose separates the subkeys of waiting messages from all others.
const sealPurpose = "sms text"

// SealText encrypts the text of a message for the time it waits. It opens only
// for the same message: a row copied to another id does not. random is a
// cryptographic source such as crypto/rand.Reader.
func SealText(ring *KeyRing, random io.Reader, message MessageID, text string) (Sealed, error) {
	s, err := ring.Seal(sealPurpose, []byte(normalize(text)), message[:], random)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal message %s: %w", message, err)
	}
	return s, nil
}

// OpenText gives back the text that [SealText] encrypted, in NFC.
func OpenText(ring *KeyRing, message MessageID, s Sealed) (string, error) {
	text, err := ring.Open(sealPurpose, s, message[:])
	if err != nil {
		return "", fmt.Errorf("open message %s: %w", message, err)
	}
	return string(text), nil
}
