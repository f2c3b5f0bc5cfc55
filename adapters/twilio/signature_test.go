package twilio

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The vectors are those of Twilio's documentation and of the tests of its
// libraries.
const (
	vectorURL  = "https://mycompany.com/myapp.php"
	vectorArgs = "foo=1&bar=2"
	vectorHash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	vectorBody = `{"property": "value", "boolean": true}`
)

func vectorForm(from string) url.Values {
	return url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {from}, "Digits": {"1234"}, "From": {from}, "To": {"+18005551212"},
	}
}

func vectorVerifier(t *testing.T, public string, tokens ...string) verifier {
	t.Helper()
	u, err := url.Parse(public)
	require.NoError(t, err)
	return verifier{u, tokens}
}

func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		public, query string
		form          url.Values
		signature     string
	}{
		"documentation":             {vectorURL, vectorArgs, vectorForm("+12349013030"), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="},
		"library":                   {vectorURL, vectorArgs, vectorForm("+14158675309"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
		"signed with the port":      {vectorURL, vectorArgs, vectorForm("+14158675309"), "kvajT1Ptam85bY51eRf/AJRuM3w="},
		"port is not signed":        {"https://mycompany.com:1234/myapp.php", vectorArgs, vectorForm("+14158675309"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
		"http":                      {"http://mycompany.com/myapp.php", vectorArgs, vectorForm("+14158675309"), "0ZXoZLH/DfblKGATFgpif+LLRf4="},
		"http with a port":          {"http://mycompany.com:1234/myapp.php", vectorArgs, vectorForm("+14158675309"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="},
		"body":                      {vectorURL, vectorArgs + "&bodySHA256=" + vectorHash, nil, "a9nBmqA0ju/hNViExpshrM61xv4="},
		"body and no other query":   {vectorURL, "bodySHA256=" + vectorHash, nil, "y77kIzt2vzLz71DgmJGsen2scGs="},
		"a fragment that is not in": {vectorURL + "#rc=5", vectorArgs, vectorForm("+14158675309"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.True(t, vectorVerifier(t, c.public, "12345").signed(c.signature, c.query, c.form))
			assert.True(t, vectorVerifier(t, c.public, "new token", "12345").signed(c.signature, c.query, c.form), "second token")
			assert.False(t, vectorVerifier(t, c.public, "54321").signed(c.signature, c.query, c.form), "another token")
			assert.False(t, vectorVerifier(t, c.public, "12345").signed(c.signature, c.query+"0", c.form), "another query")
			assert.False(t, vectorVerifier(t, strings.Replace(c.public, "my", "your", 1), "12345").signed(c.signature, c.query, c.form), "another host")
			assert.False(t, vectorVerifier(t, c.public, "12345").signed("A"+c.signature[1:], c.query, c.form), "another signature")
			more := url.Values{"Another": {"1"}}
			for k, v := range c.form {
				more[k] = v
			}
			assert.False(t, vectorVerifier(t, c.public, "12345").signed(c.signature, c.query, more), "another parameter")
		})
	}
	for _, bad := range []string{"", "=", "åäö", "RSOYDt4T1cUTdK1PDd93/VVr8B8"} {
		assert.False(t, vectorVerifier(t, vectorURL, "12345").signed(bad, vectorArgs, vectorForm("+14158675309")), bad)
	}
}

func TestBodyHash(t *testing.T) {
	t.Parallel()
	query := url.Values{"bodySHA256": {vectorHash}}
	assert.True(t, hashed(query, []byte(vectorBody)))
	assert.True(t, hashed(url.Values{"bodySHA256": {strings.ToUpper(vectorHash)}}, []byte(vectorBody)))
	assert.False(t, hashed(query, []byte(vectorBody+" ")))
	assert.False(t, hashed(url.Values{}, []byte(vectorBody)))
	assert.False(t, hashed(url.Values{"bodySHA256": {"xyz"}}, nil))
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	for public, want := range map[string][]string{
		"https://a.example/b":             {"https://a.example/b?q", "https://a.example:443/b?q"},
		"http://localhost/b?x=1":          {"http://localhost/b?q", "http://localhost:80/b?q"},
		"https://a.example:8443/b%2Fc#d":  {"https://a.example/b%2Fc?q", "https://a.example/b%2Fc?q#d", "https://a.example:8443/b%2Fc?q", "https://a.example:8443/b%2Fc?q#d"},
		"http://[::1]/b":                  {"http://[::1]/b?q", "http://[::1]:80/b?q"},
		"https://a.example/b#rc=5&rp=all": {"https://a.example/b?q", "https://a.example/b?q#rc=5&rp=all", "https://a.example:443/b?q", "https://a.example:443/b?q#rc=5&rp=all"},
	} {
		assert.Equal(t, want, vectorVerifier(t, public).candidates("q"), public)
	}
}

func TestParametersInOrder(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "", concatenated(nil))
	assert.Equal(t, "A1AB2B1B3a4", concatenated(url.Values{"a": {"4"}, "B": {"3", "1", "3"}, "AB": {"2"}, "A": {"1"}}))
}
