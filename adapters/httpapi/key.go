package httpapi

import (
	"net/http"
	"strings"
	"sync"

	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	keyHeader = "Idempotency-Key"
	maxKey    = 255
)

// keyOf reads the Idempotency-Key header: a string of structured fields (RFC
// 9651), "8e03978e", or the same without its quotes.
func keyOf(r *http.Request) (string, error) {
	values := r.Header.Values(keyHeader)
	if len(values) == 0 {
		return "", refuse(KeyMissing)
	}
	key, ok := values[0], len(values) == 1
	if strings.HasPrefix(key, `"`) {
		var quoted bool
		key, quoted = unquote(key)
		ok = ok && quoted
	} else {
		ok = ok && !strings.ContainsAny(key, ` ",`)
	}
	for _, c := range []byte(key) {
		ok = ok && c >= 0x20 && c < 0x7f
	}
	if !ok || key == "" || len(key) > maxKey {
		return "", refuse(KeyMalformed)
	}
	return key, nil
}

// unquote reads a quoted string, in which only " and \ are escaped.
func unquote(s string) (string, bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			return b.String(), i == len(s)-1
		case '\\':
			i++
			if i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", false
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// inFlight knows the keys of the requests that this process is answering. It
// only keeps impatient callers apart: the store has the last word about a key.
type inFlight struct {
	mu   sync.Mutex
	keys map[keyed]struct{}
}

// keyed is what a key is unique for (R42).
type keyed struct {
	company   travel.CompanyID
	operation travel.Operation
	key       string
}

// enter returns what to call at the end, or a refusal when the key is in
// flight.
func (f *inFlight) enter(k keyed) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, taken := f.keys[k]; taken {
		return nil, refuse(KeyInFlight)
	}
	f.keys[k] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.keys, k)
	}, nil
}
