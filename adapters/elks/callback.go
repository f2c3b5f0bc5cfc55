package elks

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/tjansteresor/tjansteresor/adapters/internal/httpsms"
)

// Callback is what 46elks is told about the way back, and what receipts are
// checked by. [New] and [Receipts] are given the same.
type Callback struct {
	// URL is the public address at which the host has mounted [Receipts]: https,
	// with no user in it.
	URL string
	// Username and Password authenticate 46elks to the host. Required.
	Username, Password string
	// Secrets are keys for the tokens of messages, at least 16 bytes each. The
	// first makes tokens; all are believed. Required.
	Secrets [][]byte
}

// callback is a Callback that was checked.
type callback struct {
	url                *url.URL
	username, password string
	secrets            [][]byte
}

func (c Callback) parse() (*callback, error) {
	if err := httpsms.Required("Callback.URL", c.URL, "Callback.Username", c.Username, "Callback.Password", c.Password); err != nil {
		return nil, err
	}
	u, err := httpsms.ParseURL("Callback.URL", c.URL)
	if err != nil {
		return nil, err
	}
	if len(c.Secrets) == 0 {
		return nil, httpsms.Invalid("Callback.Secrets", "is required")
	}
	parsed := &callback{url: u, username: c.Username, password: c.Password}
	for _, s := range c.Secrets {
		if len(s) < 16 {
			return nil, httpsms.Invalid("Callback.Secrets", "has one below 16 bytes")
		}
		parsed.secrets = append(parsed.secrets, append([]byte(nil), s...))
	}
	return parsed, nil
}

const queryToken = "token"

// of is the URL for one message.
func (c *callback) of(r httpsms.Reference) string {
	u := httpsms.Callback(c.url, r, queryToken, token(c.secrets[0], r))
	u.User = url.UserPassword(c.username, c.password)
	return u.String()
}

// token proves that a URL is ours and for which message it was made.
func token(secret []byte, r httpsms.Reference) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("tjansteresor elks receipt\x00"))
	mac.Write(r.Company[:])
	mac.Write(r.ID[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// verify checks who has sent a request, and returns the message that its URL
// was made for.
func (c *callback) verify(r *http.Request) (httpsms.Reference, error) {
	username, password, ok := r.BasicAuth()
	if !ok {
		return httpsms.Reference{}, httpsms.ErrUnauthorized
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return httpsms.Reference{}, httpsms.ErrForbidden
	}
	reference, err := httpsms.ReferenceIn(query)
	good := same(username, c.username) & same(password, c.password)
	genuine := 0
	for _, s := range c.secrets {
		genuine |= same(query.Get(queryToken), token(s, reference))
	}
	if err != nil || good&genuine != 1 {
		return httpsms.Reference{}, httpsms.ErrForbidden
	}
	return reference, nil
}

// same compares in a time that tells nothing of either, its length included.
func same(got, want string) int {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:])
}
