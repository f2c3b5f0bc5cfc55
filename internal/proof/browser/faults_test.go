package browser_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFaultsAreFound plants a fault of each kind, as nobody could trust an
// inspector who finds none.
func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	found := findTools(t)
	browser := startBrowser(t, found.chromium)
	for name, c := range map[string]struct{ body, finds string }{
		"no label":        {`<input name="q">`, "at 390 px: label: "},
		"pale":            {`<p style="color:#ddd">Pale</p>`, "at 1280 px: color-contrast: "},
		"wide":            {`<div style="width:400px">Wide</div>`, "at 320 px: it is 4"},
		"missing picture": {`<img src="/missing.png" alt="Missing">`, "the browser: 404: "},
		"forbidden":       {`<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="Dot">`, "the browser: issue: ContentSecurityPolicyIssue img-src"},
		"logged":          {`<script>console.error("broken")</script>`, "the browser: console: error"},
		"thrown":          {`<script>throw new Error("broken")</script>`, "the browser: exception: "},
		"nothing":         {`<p>Well</p>`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := `<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="/icon"></head><body><main><h1>Page</h1>` + c.body + `</main></body></html>`
			i := newInspector(t, found.axe, "page")
			var faults []string
			p := newPerson(t, browser, serve(t, page), true, func(p *person) { faults = i.faults(p) })
			p.open("/")
			if c.finds == "" {
				assert.Empty(t, faults)
				return
			}
			assert.Contains(t, strings.Join(faults, "\n"), c.finds)
		})
	}
	t.Run("scripts that are off", func(t *testing.T) {
		t.Parallel()
		page := `<!doctype html><html lang="en"><head><title>off</title><script>document.title = "on"</script></head></html>`
		for want, scripts := range map[string]bool{"on": true, "off": false} {
			p := newPerson(t, browser, serve(t, page), scripts, func(*person) {})
			p.open("/")
			title, err := chromedp.Run(p.ctx, chromedp.Title())
			require.NoError(t, err)
			assert.Equal(t, want, title)
		}
	})
}

// serve serves a page.
func serve(t *testing.T, page string) (url string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'")
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(page))
		case "/icon":
			w.Header().Set("Content-Type", "image/svg+xml")
			_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
