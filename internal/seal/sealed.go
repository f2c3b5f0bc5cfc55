package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
)

// Sealed is an encrypted value as a store keeps it, in two columns. The zero
// Sealed holds nothing; it is what a wiped value becomes.
type Sealed struct {
	// KeyID names the key it was sealed with.
	KeyID string
	// Data is nonce, ciphertext and tag: 28 bytes more than the plaintext.
	Data []byte
}

// IsZero tells whether nothing is held.
func (s Sealed) IsZero() bool { return s.KeyID == "" && len(s.Data) == 0 }

// Format prints key id and size, whatever the verb; the bytes are safe to
// print but would stay in logs for longer than the secret may live.
func (s Sealed) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "sealed (%q, %d bytes)", s.KeyID, len(s.Data))
}

// Seal encrypts plaintext for a purpose with the current key. Only [Ring.Open]
// with the same purpose and the same additional data, which is not kept, gives
// it back. random yields the nonce; an error is what it returned.
func (r *Ring) Seal(purpose string, plaintext, additional []byte, random io.Reader) (Sealed, error) {
	aead, err := r.aead(r.current, purpose)
	if err != nil {
		return Sealed{}, err
	}
	data := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plaintext)+aead.Overhead())
	if _, err := io.ReadFull(random, data); err != nil {
		return Sealed{}, fmt.Errorf("random source: %w", err)
	}
	return Sealed{KeyID: r.current, Data: aead.Seal(data, data, plaintext, additional)}, nil
}

// Open gives back what [Ring.Seal] encrypted. The error is a [*KeyError]
// around [ErrUnknownKey] when the ring lacks the key, and [ErrOpen] for
// everything else that does not fit.
func (r *Ring) Open(purpose string, s Sealed, additional []byte) ([]byte, error) {
	aead, err := r.aead(s.KeyID, purpose)
	if err != nil {
		return nil, err
	}
	n := aead.NonceSize()
	if len(s.Data) < n {
		return nil, &KeyError{ID: s.KeyID, Err: ErrOpen}
	}
	plaintext, err := aead.Open(nil, s.Data[:n], s.Data[n:], additional)
	if err != nil {
		return nil, &KeyError{ID: s.KeyID, Err: ErrOpen}
	}
	return plaintext, nil
}

// Mac returns the HMAC-SHA-256 of data for a purpose under the named key. The
// error is a [*KeyError] around [ErrUnknownKey].
func (r *Ring) Mac(purpose, keyID string, data []byte) ([]byte, error) {
	subkey, err := r.derive(keyID, "mac", purpose)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, subkey)
	h.Write(data)
	return h.Sum(nil), nil
}

func (r *Ring) aead(keyID, purpose string) (cipher.AEAD, error) {
	subkey, err := r.derive(keyID, "aead", purpose)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(subkey)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
