package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Twilio signs the URL that it was given, then the parameters of the form: each
// name, in order, followed by its values. Of a JSON body it signs the hash,
// which is in the query of the URL. What exactly it holds for the URL has
// varied, so all that it may be is tried: with the port and without, with the
// fragment and without.

// verifier checks signatures for one public URL.
type verifier struct {
	public *url.URL
	tokens []string
}

// signed tells whether a signature is genuine, for a request with a query and a
// form, nil for a JSON body.
func (v verifier) signed(signature, query string, form url.Values) bool {
	given, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	parameters := concatenated(form)
	genuine := false
	for _, u := range v.candidates(query) {
		for _, t := range v.tokens {
			mac := hmac.New(sha1.New, []byte(t))
			mac.Write([]byte(u + parameters))
			genuine = hmac.Equal(mac.Sum(nil), given) || genuine
		}
	}
	return genuine
}

// candidates are the URLs that Twilio may have signed.
func (v verifier) candidates(query string) (list []string) {
	base := url.URL{Scheme: v.public.Scheme, Path: v.public.Path, RawPath: v.public.RawPath, RawQuery: query}
	port := v.public.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[v.public.Scheme]
	}
	host := v.public.Hostname()
	bare := host
	if strings.Contains(host, ":") {
		bare = "[" + host + "]"
	}
	fragments := []string{""}
	if v.public.Fragment != "" {
		fragments = append(fragments, "#"+v.public.EscapedFragment())
	}
	for _, h := range []string{bare, net.JoinHostPort(host, port)} {
		base.Host = h
		for _, f := range fragments {
			list = append(list, base.String()+f)
		}
	}
	return list
}

// concatenated is the form as it is signed. A name that is there twice has its
// different values in order.
func concatenated(form url.Values) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			b.WriteString(name)
			b.WriteString(value)
		}
	}
	return b.String()
}

// hashed tells whether a query holds the hash of a body.
func hashed(query url.Values, body []byte) bool {
	given, err := hex.DecodeString(query.Get("bodySHA256"))
	sum := sha256.Sum256(body)
	return err == nil && hmac.Equal(given, sum[:])
}
