package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// ErrSecret is returned for a text that is no secret, without the text.
var ErrSecret = errors.New("not a webhook secret: 24 to 64 bytes in base64 after whsec_")

const (
	secretPrefix = "whsec_"
	// What the specification asks for.
	minSecret, maxSecret = 24, 64
)

// Secret is a key that the two ends of an endpoint share. It prints masked.
type Secret struct{ key string }

// ParseSecret reads whsec_ and base64; the prefix may be missing. The error is
// [ErrSecret].
func ParseSecret(text string) (Secret, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(text, secretPrefix))
	if err != nil || len(key) < minSecret || len(key) > maxSecret {
		return Secret{}, ErrSecret
	}
	return Secret{string(key)}, nil
}

// NewSecret makes a secret of 32 bytes from random, which is crypto/rand.Reader
// but in tests.
func NewSecret(random io.Reader) (Secret, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return Secret{}, fmt.Errorf("make a secret: %w", err)
	}
	return Secret{string(key)}, nil
}

// Reveal returns the secret as [ParseSecret] reads it.
func (s Secret) Reveal() string {
	return secretPrefix + base64.StdEncoding.EncodeToString([]byte(s.key))
}

// String masks the secret.
func (s Secret) String() string { return secretPrefix + "***" }

// GoString masks the secret.
func (s Secret) GoString() string { return s.String() }

// MarshalText masks the secret, so that no log writes it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Sign returns the value of the webhook-signature header: one signature for
// each secret, so that a receiver may change from one to the other. At is the
// instant of the attempt.
func Sign(id string, at time.Time, body []byte, secrets ...Secret) string {
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		signatures[i] = version + base64.StdEncoding.EncodeToString(s.sign(id, strconv.FormatInt(at.Unix(), 10), body))
	}
	return strings.Join(signatures, " ")
}

// version is before each signature: HMAC-SHA256.
const version = "v1,"

func (s Secret) sign(id, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(s.key))
	_, _ = io.WriteString(h, id+"."+timestamp+".")
	_, _ = h.Write(body)
	return h.Sum(nil)
}
