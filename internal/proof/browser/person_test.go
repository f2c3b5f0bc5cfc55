package browser_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// person is somebody with a tab and cookies of their own. Everything they look
// for they look for by the words on the page.
type person struct {
	t    *testing.T
	ctx  context.Context
	base string
	// scripts tells whether their browser runs any.
	scripts bool
	// inspect is called with every page that they come to.
	inspect func(*person)
	// downloads is the folder of their files.
	downloads string
	// status is how the server answered with the page that is open.
	status int64

	mu         sync.Mutex
	complaints []string
}

// patience is how long a step may take, also where everything else is tested at
// the same time.
const patience = time.Minute

// newPerson opens a tab. Scripts that are off stay off.
func newPerson(t *testing.T, browserOf context.Context, base string, scripts bool, inspect func(*person)) *person {
	t.Helper()
	p := &person{t: t, base: base, scripts: scripts, inspect: inspect, downloads: t.TempDir()}
	ctx, cancel := chromedp.NewContext(browserOf, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.listen))
	t.Cleanup(cancel)
	p.ctx = ctx
	require.NoError(t, chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, audits.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
		return err
	})))
	return p
}

// listen notes what the browser complains of.
func (p *person) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.complain("console: %s", e.Type)
	case *runtime.EventExceptionThrown:
		p.complain("exception: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// A page that answers a form with 422 is no complaint; what else is
		// missing comes as a response.
		if e.Entry.Source != log.EntrySourceNetwork {
			p.complain("%s: %s", e.Entry.Source, e.Entry.Text)
		}
	case *network.EventResponseReceived:
		if e.Type != network.ResourceTypeDocument && e.Response.Status >= 400 {
			p.complain("%d: %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFailed:
		if e.Type != network.ResourceTypeDocument {
			p.complain("%s: %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	case *audits.EventIssueAdded:
		p.complain("issue: %s", described(e.Issue))
	}
}

func described(i *audits.InspectorIssue) string {
	text := string(i.Code)
	if d := i.Details; d != nil && d.ContentSecurityPolicyIssueDetails != nil {
		text += " " + d.ContentSecurityPolicyIssueDetails.ViolatedDirective
	}
	if d := i.Details; d != nil && d.GenericIssueDetails != nil {
		text += " " + string(d.GenericIssueDetails.ErrorType) + " " + d.GenericIssueDetails.ViolatingNodeAttribute
	}
	return text
}

func (p *person) complain(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = append(p.complaints, fmt.Sprintf(format, args...))
}

// takeComplaints returns what there was to complain of, and forgets it.
func (p *person) takeComplaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.complaints
	p.complaints = nil
	return list
}

// timely bounds a step.
func (p *person) timely() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.ctx, patience)
}

// do takes steps on the page that is open.
func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := p.timely()
	defer cancel()
	require.NoError(p.t, chromedp.Do(ctx, steps...), "%s, on %s", what, p.at())
}

// goOn takes a step that leads to another page, and looks at it.
func (p *person) goOn(what string, step chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	from := p.at()
	ctx, cancel := p.timely()
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, step)
	require.NoError(p.t, err, "%s, on %s", what, from)
	p.status = answer.Status
	p.inspect(p)
}

// at is the path of the page that is open.
func (p *person) at() string {
	ctx, cancel := p.timely()
	defer cancel()
	place, err := chromedp.Run(ctx, chromedp.Location())
	require.NoError(p.t, err)
	u, err := url.Parse(place)
	require.NoError(p.t, err)
	return u.Path
}

// open types an address, where there must be a page.
func (p *person) open(path string) { p.t.Helper(); p.openAs(path, 200) }

// openAs types an address that is answered with a status.
func (p *person) openAs(path string, status int64) {
	p.t.Helper()
	p.goOn("open "+path, chromedp.Navigate(p.base+path))
	require.Equal(p.t, status, p.status, path)
}

// quoted makes a text a string of XPath, which knows no escapes.
func quoted(text string) string {
	if !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + text + "'"
}

// saying is an element in which a piece of text is exactly this, within another.
func saying(within, element, text string) string {
	return within + "//" + element + "[.//text()[normalize-space(.)=" + quoted(text) + "]]"
}

// section is the smallest part of the page with a heading.
func section(heading string) string {
	return `//section[*[self::h2 or self::h3][normalize-space(.)=` + quoted(heading) + `]]`
}

// click presses the only link or button that says a text, and looks at the page
// to which it leads.
func (p *person) click(text string) { p.t.Helper(); p.clickIn("", text) }

func (p *person) clickIn(within, text string) {
	p.t.Helper()
	path := p.only(saying(within, "a", text) + " | " + saying(within, "button", text))
	p.goOn("click "+text, chromedp.Click(path))
}

// only requires that exactly one element is meant: nobody could tell two apart
// by their words.
func (p *person) only(path string) string {
	p.t.Helper()
	require.Equal(p.t, 1, p.count(path), "%s on %s", path, p.at())
	return path
}

func (p *person) count(path string) int {
	p.t.Helper()
	ctx, cancel := p.timely()
	defer cancel()
	nodes, err := chromedp.Run(ctx, chromedp.Nodes(path, chromedp.AtLeast(0)))
	require.NoError(p.t, err, path)
	return len(nodes)
}

// input is what a label is the label of.
func (p *person) input(label string) string {
	p.t.Helper()
	said := "label[.//text()[normalize-space(.)=" + quoted(label) + "]]"
	const inputs = "*[self::input or self::select]"
	return p.only("(//" + said + "//" + inputs + " | //" + inputs + "[@id=//" + said + "/@for])")
}

// selectAll selects what stands in the input, for the first key to replace it.
var selectAll = chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
	_, err := chromedp.Evaluate[bool](`document.activeElement.select(), true`)(ctx, tab)
	return err
})

// fill types texts into the inputs with these labels, in pairs.
func (p *person) fill(pairs ...string) {
	p.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		path := p.input(pairs[i])
		p.do("fill "+pairs[i], chromedp.Click(path), selectAll, chromedp.KeyEvent(pairs[i+1]))
	}
}

// value is what stands in an input.
func (p *person) value(label string) string {
	p.t.Helper()
	path := p.input(label)
	ctx, cancel := p.timely()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Value(path))
	require.NoError(p.t, err)
	return value
}

// tick presses a box or one of a choice.
func (p *person) tick(label string) {
	p.t.Helper()
	p.do("tick "+label, chromedp.Click(p.input(label)))
}

// choose chooses from a list.
func (p *person) choose(label, option string) {
	p.t.Helper()
	path := p.input(label)
	ctx, cancel := p.timely()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.JavascriptAttribute[string](p.only(path+"/option[normalize-space(.)="+quoted(option)+"]"), "value"))
	require.NoError(p.t, err)
	p.do("choose "+option, chromedp.SetValue(path, value))
}

// attach gives a file to an input.
func (p *person) attach(label, name string, content []byte) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	require.NoError(p.t, os.WriteFile(file, content, 0o600))
	p.do("attach "+name, chromedp.SetUploadFiles(p.input(label), []string{file}))
}

// text is everything that the page says, with single spaces.
func (p *person) text() string {
	p.t.Helper()
	ctx, cancel := p.timely()
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	require.NoError(p.t, err)
	return strings.Join(strings.Fields(text), " ")
}

// reads requires that the page says texts.
func (p *person) reads(texts ...string) {
	p.t.Helper()
	page := p.text()
	for _, text := range texts {
		require.Contains(p.t, page, text, "%s", p.at())
	}
}

// links returns where the links of the page lead on this site.
func (p *person) links() (paths []string) {
	p.t.Helper()
	ctx, cancel := p.timely()
	defer cancel()
	all, err := chromedp.Run(ctx, chromedp.AttributesAll(chromedp.CSSAll("a[href]"), chromedp.AtLeast(0)))
	require.NoError(p.t, err)
	for _, a := range all {
		if strings.HasPrefix(a["href"], "/") {
			paths = append(paths, a["href"])
		}
	}
	return paths
}

// download presses a link and returns the file that the browser saves, and how
// it is called.
func (p *person) download(within, text string) (name string, content []byte) {
	p.t.Helper()
	path := p.only(saying(within, "a", text))
	ctx, cancel := p.timely()
	defer cancel()
	began, progress := chromedp.Events(ctx, browser.DownloadWillBegin), chromedp.Events(ctx, browser.DownloadProgress)
	yes := true
	_, err := chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		DownloadPath: p.downloads, EventsEnabled: &yes,
	})
	require.NoError(p.t, err)
	require.NoError(p.t, chromedp.Do(ctx, chromedp.Click(path)))
	for e, err := range began {
		require.NoError(p.t, err, "%s is not downloaded", text)
		name = e.SuggestedFilename
		break
	}
	for e, err := range progress {
		require.NoError(p.t, err, "%s is not downloaded", text)
		require.NotEqual(p.t, browser.DownloadProgressStateCanceled, e.State, text)
		if e.State == browser.DownloadProgressStateCompleted {
			content, err = os.ReadFile(filepath.Join(p.downloads, e.GUID))
			require.NoError(p.t, err)
			break
		}
	}
	return name, content
}
