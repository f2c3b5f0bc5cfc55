package httpsms

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

var reference = Reference{Company: [16]byte{1, 15: 2}, ID: sms.MessageID{3, 15: 4}}

const (
	companyText = "01000000-0000-0000-0000-000000000002"
	messageText = "03000000-0000-0000-0000-000000000004"
)

func TestReference(t *testing.T) {
	t.Parallel()
	assert.Equal(t, companyText+"/"+messageText, reference.String())
	for _, r := range []Reference{reference, {}} {
		got, err := ParseReference(r.String())
		require.NoError(t, err)
		assert.Equal(t, r, got)
	}
	for _, bad := range []string{
		"", "/", companyText, companyText + "-" + messageText, messageText + "/" + companyText + "0",
		strings.Replace(reference.String(), "1", "x", 1), companyText + "/" + strings.Replace(messageText, "3", "x", 1),
	} {
		_, err := ParseReference(bad)
		require.ErrorIs(t, err, ErrReference, bad)
	}
}

func TestCallback(t *testing.T) {
	t.Parallel()
	const added = "company=" + companyText + "&message=" + messageText
	for base, want := range map[string]string{
		"https://host.example/sms":              "https://host.example/sms?" + added + "&token=a%2Bb",
		"https://host.example:8443/s%2Fms?a=b":  "https://host.example:8443/s%2Fms?a=b&" + added + "&token=a%2Bb",
		"https://host.example/sms#rc=5&rp=all":  "https://host.example/sms?" + added + "&token=a%2Bb#rc=5&rp=all",
		"https://host.example/sms?a=b#rc=5&a=b": "https://host.example/sms?a=b&" + added + "&token=a%2Bb#rc=5&a=b",
	} {
		u, err := url.Parse(base)
		require.NoError(t, err)
		got := Callback(u, reference, "token", "a+b")
		assert.Equal(t, want, got.String())
		assert.Equal(t, base, u.String(), "the base was changed")
		back, err := ReferenceIn(got.Query())
		require.NoError(t, err)
		assert.Equal(t, reference, back)
	}
}

func TestReferenceIn(t *testing.T) {
	t.Parallel()
	got, err := ReferenceIn(url.Values{"other": {"1"}})
	require.NoError(t, err)
	assert.Equal(t, Reference{}, got)
	for _, query := range []string{
		"company=" + companyText, "message=" + messageText, "company=&message=",
		"company=" + companyText + "&message=1", "company=1&message=" + messageText,
	} {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, err = ReferenceIn(values)
		require.ErrorIs(t, err, ErrReference, query)
	}
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"https://host.example/", "https://host.example:8443/a?b=c#d", "http://127.0.0.1:80/", "http://localhost/", "http://[::1]:1/",
	} {
		u, err := ParseURL("URL", good)
		require.NoError(t, err, good)
		assert.Equal(t, good, u.String())
	}
	u, err := ParseURL("URL", "https://host.example")
	require.NoError(t, err)
	assert.Equal(t, "https://host.example/sms", u.JoinPath("sms").String())
	assert.Equal(t, "/sms", u.JoinPath("sms").RequestURI())
	for _, bad := range []string{
		"", "host.example", "/path", "http://host.example/", "http://10.0.0.1/", "ftp://host.example/", "https:host", "https:///a",
		"https://user:password@host.example/", "https://host.example/%zz", "http://localhost.example/",
	} {
		_, err := ParseURL("BaseURL", bad)
		require.ErrorIs(t, err, sms.ErrOption, bad)
		assert.Contains(t, err.Error(), "BaseURL")
		assert.NotContains(t, err.Error(), "password")
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"21211", "syntax_invalid_parameter_format", "http-429", "408", "a.b", strings.Repeat("a", 40)} {
		assert.Equal(t, good, Code(good))
	}
	for _, bad := range []string{"46701234567", "0701234", "to 46", "+46", "<b>", "kod:K7QP", "å", "a\n", strings.Repeat("a", 41)} {
		assert.Empty(t, Code(bad), bad)
	}
	for _, good := range []string{"01FC66621XXXXX119Z8PMV1QPQ", "SM0123456789abcdef0123456789abcdef", "3-mbA7z9wDKY76ag"} {
		assert.True(t, ID(good), good)
	}
	for body, want := range map[string]string{
		`{"code": 21211}`: "21211", `{"code": "x_y"}`: "x_y", `{"code": null}`: "", `{"code": {"a": 1}}`: "", `{}`: "", `code`: "", ``: "", `[]`: "",
		`{"code": [1]}`: "", `{"code": true}`: "", `{"code": 1.5}`: "1.5",
	} {
		assert.Equal(t, want, JSONCode([]byte(body)), body)
	}
}
