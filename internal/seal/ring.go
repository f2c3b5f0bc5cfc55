package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// MinSecret is the least number of bytes in a key's secret.
const MinSecret = 32

// maxKeyID keeps ids short enough for any column.
const maxKeyID = 32

// The kinds of what can be wrong with a key; [errors.Is] tells them apart.
var (
	// ErrNoKey: a ring needs at least one key.
	ErrNoKey = errors.New("no key")
	// ErrKeyID: an id is 1 to 32 letters, digits, dots, hyphens or underscores.
	ErrKeyID = errors.New("id is not 1 to 32 letters, digits, dots, hyphens or underscores")
	// ErrShortSecret: a secret is shorter than [MinSecret] bytes.
	ErrShortSecret = errors.New("secret is shorter than 32 bytes")
	// ErrDuplicateKey: two keys have the same id.
	ErrDuplicateKey = errors.New("id is used twice")
	// ErrUnknownKey: the ring has no key of that id.
	ErrUnknownKey = errors.New("not in the ring")
	// ErrOpen: sealed under another key, for another purpose or with other
	// additional data, or changed since.
	ErrOpen = errors.New("cannot open what was sealed")
)

// KeyError says which key an error is about. It never holds the secret.
type KeyError struct {
	ID  string
	Err error
}

// Error names the key by its id.
func (e *KeyError) Error() string { return fmt.Sprintf("key %q: %v", e.ID, e.Err) }

// Unwrap returns the kind.
func (e *KeyError) Unwrap() error { return e.Err }

// Key is one secret of the host. The id is stored beside everything that is
// made with it and must never be given to another secret.
type Key struct {
	// ID is 1 to 32 letters, digits, dots, hyphens or underscores.
	ID string
	// Secret is at least 32 random bytes.
	Secret []byte
}

func (k Key) redacted() string { return fmt.Sprintf("key %q (redacted)", k.ID) }

// String gives the id only.
func (k Key) String() string { return k.redacted() }

// Format prints the id only, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.redacted()) }

// LogValue gives slog the id only.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.redacted()) }

// MarshalText gives encoders the id only.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.redacted()), nil }

// Ring seals and opens with the host's keys. It does not change after
// [NewRing] and is safe for concurrent use.
type Ring struct {
	current string
	// The secrets are held by functions, because fmt cannot look into one: of
	// a ring in an unexported field it prints what it finds, past all methods.
	secrets map[string]func() []byte
}

// NewRing returns a ring that seals with the first key and opens with any. It
// copies the secrets. The error is a [*KeyError] around [ErrNoKey],
// [ErrKeyID], [ErrShortSecret] or [ErrDuplicateKey].
func NewRing(keys ...Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, &KeyError{Err: ErrNoKey}
	}
	r := &Ring{current: keys[0].ID, secrets: make(map[string]func() []byte, len(keys))}
	for _, k := range keys {
		if !validKeyID(k.ID) {
			return nil, &KeyError{ID: k.ID, Err: ErrKeyID}
		}
		if len(k.Secret) < MinSecret {
			return nil, &KeyError{ID: k.ID, Err: ErrShortSecret}
		}
		if r.secrets[k.ID] != nil {
			return nil, &KeyError{ID: k.ID, Err: ErrDuplicateKey}
		}
		secret := bytes.Clone(k.Secret)
		r.secrets[k.ID] = func() []byte { return secret }
	}
	return r, nil
}

func validKeyID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
	return id != "" && len(id) <= maxKeyID && strings.Trim(id, allowed) == ""
}

// CurrentID returns the id of the key that seals; it is what a caller of
// [Ring.Mac] stores beside a new value.
func (r *Ring) CurrentID() string { return r.current }

// derive gives the subkey of a use and a purpose. A use holds no slash, so
// that no two of them meet.
func (r *Ring) derive(keyID, use, purpose string) ([]byte, error) {
	secret := r.secrets[keyID]
	if secret == nil {
		return nil, &KeyError{ID: keyID, Err: ErrUnknownKey}
	}
	return hkdf.Key(sha256.New, secret(), nil, "tjansteresor/"+use+"/"+purpose, sha256.Size)
}

func (r Ring) redacted() string {
	return fmt.Sprintf("key ring of %d, current %q (redacted)", len(r.secrets), r.current)
}

// String gives the current id only.
func (r Ring) String() string { return r.redacted() }

// Format prints the current id only, whatever the verb.
func (r Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.redacted()) }

// LogValue gives slog the current id only.
func (r Ring) LogValue() slog.Value { return slog.StringValue(r.redacted()) }

// MarshalText gives encoders the current id only.
func (r Ring) MarshalText() ([]byte, error) { return []byte(r.redacted()), nil }
