package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// portalPage is a page that a test of adapters/portal has seen.
type portalPage struct{ Path, Policy, HTML string }

var (
	// betweenTags is what a page says, as against what it is made of.
	betweenTags = regexp.MustCompile(`>[^<]+<`)
	inQuotes    = regexp.MustCompile(`(href|value|action|id|aria-labelledby)="[^"]*"`)
	pageTitle   = regexp.MustCompile(`<title>[^<]*</title>`)
	styleURL    = regexp.MustCompile(`/portal/static/style\.css\?v=[0-9a-f]+`)
)

// shape is a page without its words: pages of one shape are looked at once, in
// each language.
func (p *portalPage) shape() string {
	language, _, _ := strings.Cut(p.HTML, "<head>")
	return language + pageTitle.FindString(p.HTML) + inQuotes.ReplaceAllString(betweenTags.ReplaceAllString(p.HTML, "><"), "")
}

// portalPages runs the tests of adapters/portal and returns the pages that they
// have seen, one of each shape.
func portalPages(t *testing.T) (pages []portalPage) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pages")
	out, err := exec.Command("go", "test", "-count=1", "github.com/tjansteresor/tjansteresor/adapters/portal", "-args", "-record="+file).CombinedOutput()
	require.NoError(t, err, string(out))
	lines, err := os.Open(file)
	require.NoError(t, err)
	defer func() { assert.NoError(t, lines.Close()) }()
	seen := map[string]bool{}
	for d := json.NewDecoder(lines); d.More(); {
		var p portalPage
		require.NoError(t, d.Decode(&p))
		if s := p.shape(); !seen[s] {
			seen[s] = true
			pages = append(pages, p)
		}
	}
	return pages
}

// violation is what axe-core finds wrong with a page.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		FailureSummary string
	}
}

const runAxe = `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]}).then(r => r.violations.map(v => (
	{ID: v.id, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html, FailureSummary: n.failureSummary}))})))`

// Every page of the company portal, shown by a real browser at the width of a
// phone and of a desk: axe-core finds nothing at WCAG 2.2 AA, and nothing has to
// be scrolled sideways at 320 pixels.
func TestPortalIsAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(filepath.Join(os.Getenv("AXE_NODE_MODULES"), "axe-core", "axe.min.js"))
	chromium, missing := exec.LookPath("chromium")
	if err != nil || missing != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium, and axe-core in AXE_NODE_MODULES, are needed")
		}
		t.Skip("the portal is not shown to a browser: Chromium, and axe-core in AXE_NODE_MODULES, are needed")
	}
	pages := portalPages(t)
	require.Greater(t, len(pages), 50)
	// One page more, with a fault that must be found.
	planted := len(pages)
	pages = append(pages, pages[slices.IndexFunc(pages, func(p portalPage) bool { return strings.Contains(p.HTML, `<label for="first">`) })])
	pages[planted].HTML = strings.ReplaceAll(pages[planted].HTML, `<label for="first">`, `<label>`)
	// The style sheet is as the portal of the tests writes it, with its accent.
	style, err := os.ReadFile("../../adapters/portal/static/style.css")
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch _, err := fmt.Sscanf(r.URL.Path, "/page/%d", &n); {
		case err == nil && n < len(pages):
			w.Header().Set("Content-Security-Policy", pages[n].Policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, pages[n].HTML)
		case strings.HasSuffix(r.URL.Path, "/style.css"):
			w.Header().Set("Content-Type", "text/css")
			_, _ = io.WriteString(w, ":root{--accent:#0b4f8a;--paper:#f4f6f8}\n"+string(style))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for _, p := range pages {
		require.Regexp(t, styleURL, p.HTML)
	}
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	))
	defer cancel()
	wrong := 0
	for n, p := range pages {
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(fmt.Sprintf("%s/page/%d", server.URL, n))))
		_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](string(axe)+"; true"))
		require.NoError(t, err)
		for _, width := range []int64{320, 1280} {
			name := fmt.Sprintf("%s %s at %d px", p.Path, pageTitle.FindString(p.HTML), width)
			require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
			require.NoError(t, err)
			violations, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](runAxe, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
			require.NoError(t, err)
			if n == planted {
				wrong += len(violations)
				continue
			}
			assert.LessOrEqual(t, wide, width, "%s: scrolls sideways", name)
			for _, v := range violations {
				assert.Fail(t, v.ID+": "+v.Help, "%s: %+v", name, v.Nodes)
			}
		}
	}
	assert.Equal(t, 2, wrong, "the label that was taken away")
	t.Logf("%d pages", len(pages))
}
