package browser_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Widths of screens, in CSS pixels.
const (
	desktop  = 1280
	handset  = 390
	smallest = 320 // WCAG 1.4.10
)

// inspector looks at pages.
type inspector struct {
	t *testing.T
	// axe is the script, or "" where scripts are off.
	axe string
	// pictures is the folder for them, or "".
	pictures string
	// seen counts the pages.
	seen int
}

// newInspector makes one who looks at what somebody sees.
func newInspector(t *testing.T, axe, who string) *inspector {
	t.Helper()
	i := &inspector{t: t, axe: axe}
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		i.pictures = filepath.Join(folder, t.Name(), who)
		require.NoError(t, os.MkdirAll(i.pictures, 0o755))
	}
	return i
}

// inspect requires that nothing is wrong with the page that somebody has come to.
func (i *inspector) inspect(p *person) {
	i.t.Helper()
	i.seen++
	assert.Empty(i.t, i.faults(p), p.at())
}

// faults is what is wrong with a page.
func (i *inspector) faults(p *person) (list []string) {
	i.t.Helper()
	i.width(p, smallest)
	if wide := i.contentWidth(p); wide > smallest {
		list = append(list, fmt.Sprintf("at %d px: it is %v px wide", smallest, wide))
	}
	for _, width := range []int64{handset, desktop} {
		if i.axe == "" && i.pictures == "" {
			continue
		}
		i.width(p, width)
		if i.axe != "" {
			for _, barrier := range i.barriers(p) {
				list = append(list, fmt.Sprintf("at %d px: %s", width, barrier))
			}
		}
		i.picture(p, width)
	}
	i.width(p, desktop)
	for _, complaint := range p.takeComplaints() {
		list = append(list, "the browser: "+complaint)
	}
	return list
}

func (i *inspector) width(p *person, width int64) {
	i.t.Helper()
	const height = 844
	p.do("look", chromedp.EmulateViewport(width, height))
}

// contentWidth is how wide the page is, with what one had to scroll to.
func (i *inspector) contentWidth(p *person) float64 {
	i.t.Helper()
	ctx, cancel := p.timely()
	defer cancel()
	m, err := chromedp.Call(ctx, page.GetLayoutMetrics, cdp.Empty{})
	require.NoError(i.t, err)
	return m.CSSContentSize.Width
}

// violation is what axe says of a rule that a page breaks.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v violation) String() string {
	text := v.ID + ": " + v.Help
	for _, n := range v.Nodes {
		text += "\n  " + n.HTML + "\n    " + strings.ReplaceAll(n.Summary, "\n", "\n    ")
	}
	return text
}

const runAxe = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]})
	.then(result => JSON.stringify({url: result.url, passes: result.passes.length, violations: result.violations}))`

// barriers are what axe finds.
func (i *inspector) barriers(p *person) []string {
	i.t.Helper()
	ctx, cancel := p.timely()
	defer cancel()
	there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`typeof axe === "object"`))
	require.NoError(i.t, err)
	if !there {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](i.axe+"; true"))
		require.NoError(i.t, err)
	}
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string](runAxe, chromedp.EvalAwaitPromise))
	require.NoError(i.t, err)
	var result struct {
		Passes     int         `json:"passes"`
		Violations []violation `json:"violations"`
	}
	require.NoError(i.t, json.Unmarshal([]byte(said), &result))
	require.NotZero(i.t, result.Passes, "axe has looked at nothing")
	list := make([]string, len(result.Violations))
	for n, v := range result.Violations {
		list[n] = v.String()
	}
	return list
}

// picture keeps what the page looks like, if anybody wants to see it.
func (i *inspector) picture(p *person, width int64) {
	i.t.Helper()
	if i.pictures == "" {
		return
	}
	ctx, cancel := p.timely()
	defer cancel()
	const lossless = 100
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(lossless))
	require.NoError(i.t, err)
	name := fmt.Sprintf("%03d%s-%d.png", i.seen, strings.ReplaceAll(p.at(), "/", "_"), width)
	require.NoError(i.t, os.WriteFile(filepath.Join(i.pictures, name), image, 0o644))
}
