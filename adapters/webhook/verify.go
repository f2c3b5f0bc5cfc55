package webhook

import (
	"cmp"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a webhook.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// DefaultTolerance is how far the timestamp may be from a receiver's clock.
const DefaultTolerance = 5 * time.Minute

// Why a webhook is refused; [errors.Is] tells them apart. A receiver answers
// both in the same way.
var (
	// ErrSignature: a header is missing, or no signature is by a known secret.
	ErrSignature = errors.New("webhook is not signed by a known secret")
	// ErrTimestamp: the timestamp is none, or too far from now.
	ErrTimestamp = errors.New("webhook timestamp is outside the tolerance")
)

// Verify tells whether a request that a receiver got is from the holder of one
// of the secrets, and recent: its timestamp may be tolerance away from now,
// either way; 0 is [DefaultTolerance]. Body is as it was received, byte for
// byte. Signatures are compared in constant time. The error is
// [ErrSignature] or [ErrTimestamp].
//
// A webhook may come more than once, by a retry or by somebody who has listened:
// its webhook-id, which is signed, is the key to know it by.
func Verify(header http.Header, body []byte, secrets []Secret, now time.Time, tolerance time.Duration) error {
	id, timestamp := header.Get(HeaderID), header.Get(HeaderTimestamp)
	// A full stop in the id could move bytes from one signed part to another.
	if id == "" || strings.Contains(id, ".") {
		return ErrSignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return ErrTimestamp
	}
	if !signed(header.Get(HeaderSignature), id, timestamp, body, secrets) {
		return ErrSignature
	}
	tolerance = cmp.Or(tolerance, DefaultTolerance)
	if at := time.Unix(seconds, 0); at.Before(now.Add(-tolerance)) || at.After(now.Add(tolerance)) {
		return ErrTimestamp
	}
	return nil
}

func signed(signatures, id, timestamp string, body []byte, secrets []Secret) bool {
	for _, s := range secrets {
		if len(s.key) < minSecret { // the zero Secret is everybody's
			continue
		}
		want := s.sign(id, timestamp, body)
		for text := range strings.FieldsSeq(signatures) {
			encoded, ok := strings.CutPrefix(text, version)
			got, err := base64.StdEncoding.DecodeString(encoded)
			if ok && err == nil && hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}
