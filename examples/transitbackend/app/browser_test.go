package app_test

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// browser is somebody with a browser that follows links and sends forms, and has
// no JavaScript.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
	// page is the text of the page that is open, status how it was answered and
	// at where it is.
	page   string
	status int
	at     string
}

func newBrowser(t *testing.T, base string) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar}
	t.Cleanup(client.CloseIdleConnections)
	return &browser{t: t, client: client, base: base}
}

func (b *browser) do(request *http.Request, err error) {
	b.t.Helper()
	require.NoError(b.t, err)
	answer, err := b.client.Do(request)
	require.NoError(b.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	b.page, b.status, b.at = string(text), answer.StatusCode, answer.Request.URL.Path
}

// open opens a page, which must be there.
func (b *browser) open(path string) {
	b.t.Helper()
	b.do(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, http.NoBody))
	require.Equal(b.t, http.StatusOK, b.status, "%s: %s", path, b.page)
}

// text is the page as people read it, tags aside.
func (b *browser) text() string { return html.UnescapeString(b.page) }

var (
	forms   = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	inputs  = regexp.MustCompile(`<input([^>]*)>`)
	selects = regexp.MustCompile(`(?s)<select([^>]*)>(.*?)</select>`)
	options = regexp.MustCompile(`<option([^>]*)>([^<]*)</option>`)
	links   = regexp.MustCompile(`href="([^"]+)"`)
)

// attribute returns an attribute of a tag.
func attribute(tag, name string) (string, bool) {
	found := regexp.MustCompile(`(?:^|\s)` + name + `(?:="([^"]*)"|\s|$)`).FindStringSubmatch(tag)
	if found == nil {
		return "", false
	}
	return html.UnescapeString(found[1]), true
}

// submit sends the first form on the page that holds a text, with what it has
// filled in and then the values given, in pairs.
func (b *browser) submit(holds string, pairs ...string) {
	b.t.Helper()
	tag, values := b.form(holds)
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	method, action := b.target(tag)
	if method == http.MethodGet {
		b.do(http.NewRequestWithContext(b.t.Context(), method, action+"?"+values.Encode(), http.NoBody))
		return
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, action, strings.NewReader(values.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	b.do(request, err)
}

// upload sends a form with a file.
func (b *browser) upload(holds, field, content string, pairs ...string) {
	b.t.Helper()
	tag, values := b.form(holds)
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, list := range values {
		if name != field {
			require.NoError(b.t, w.WriteField(name, list[0]))
		}
	}
	part, err := w.CreateFormFile(field, "list.csv")
	require.NoError(b.t, err)
	_, err = io.WriteString(part, content)
	require.NoError(b.t, err)
	require.NoError(b.t, w.Close())
	method, action := b.target(tag)
	request, err := http.NewRequestWithContext(b.t.Context(), method, action, &body)
	request.Header.Set("Content-Type", w.FormDataContentType())
	b.do(request, err)
}

// form finds the first form whose tag or content holds a text.
func (b *browser) form(holds string) (tag string, values url.Values) {
	b.t.Helper()
	for _, f := range forms.FindAllStringSubmatch(b.page, -1) {
		if strings.Contains(html.UnescapeString(f[0]), holds) {
			return f[1], filledIn(f[2])
		}
	}
	require.Failf(b.t, "no form", "%q is in no form of %s: %s", holds, b.at, b.page)
	return "", nil
}

// filledIn is what a form sends when nothing is changed.
func filledIn(form string) url.Values {
	values := url.Values{}
	for _, i := range inputs.FindAllStringSubmatch(form, -1) {
		name, _ := attribute(i[1], "name")
		kind, _ := attribute(i[1], "type")
		value, _ := attribute(i[1], "value")
		_, checked := attribute(i[1], "checked")
		if name != "" && (kind != "radio" && kind != "checkbox" || checked) {
			values.Set(name, value)
		}
	}
	for _, s := range selects.FindAllStringSubmatch(form, -1) {
		name, _ := attribute(s[1], "name")
		for n, o := range options.FindAllStringSubmatch(s[2], -1) {
			_, selected := attribute(o[1], "selected")
			value, has := attribute(o[1], "value")
			if !has {
				value = html.UnescapeString(o[2])
			}
			if n == 0 || selected {
				values.Set(name, value)
			}
		}
	}
	return values
}

// target is where a form is sent.
func (b *browser) target(tag string) (method, address string) {
	method = http.MethodGet
	if m, _ := attribute(tag, "method"); strings.EqualFold(m, http.MethodPost) {
		method = http.MethodPost
	}
	action, ok := attribute(tag, "action")
	if !ok {
		action = b.at
	}
	return method, b.base + action
}

// links returns where the page's links go that have a prefix.
func (b *browser) links(prefix string) (list []string) {
	for _, l := range links.FindAllStringSubmatch(b.page, -1) {
		if to := html.UnescapeString(l[1]); strings.HasPrefix(to, prefix) {
			list = append(list, to)
		}
	}
	return list
}

// click follows the link whose text is given.
func (b *browser) click(text string) {
	b.t.Helper()
	found := regexp.MustCompile(`<a[^>]*href="([^"]+)"[^>]*>(?:<[^>]+>)*\s*` + regexp.QuoteMeta(text)).FindStringSubmatch(b.page)
	require.NotNil(b.t, found, "%q is no link of %s: %s", text, b.at, b.page)
	b.open(html.UnescapeString(found[1]))
}
