package portal_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// element is a part of a page.
type element struct {
	name     string
	attr     map[string]string
	parent   *element
	children []*element
	text     strings.Builder
}

// parse reads a page as XML that is not strict, which our templates keep to.
func parse(t testing.TB, html string) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	root := &element{}
	at := root
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			require.Same(t, root, at, "an element is not closed: %s", at.name)
			return root
		}
		require.NoError(t, err, html)
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, parent: at, attr: map[string]string{}}
			for _, a := range token.Attr {
				name := a.Name.Local
				if a.Name.Space != "" {
					name = a.Name.Space + ":" + name
				}
				e.attr[name] = a.Value
			}
			at.children = append(at.children, e)
			at = e
		case xml.EndElement:
			at = at.parent
		case xml.CharData:
			at.text.Write(token)
		}
	}
}

// all lists the elements of some names, in order.
func (e *element) all(names ...string) (list []*element) {
	for _, c := range e.children {
		for _, name := range names {
			if c.name == name || name == "*" {
				list = append(list, c)
			}
		}
		list = append(list, c.all(names...)...)
	}
	return list
}

// words is the text of an element and what is in it.
func (e *element) words() string {
	text := e.text.String()
	for _, c := range e.children {
		text += " " + c.words()
	}
	return strings.Join(strings.Fields(text), " ")
}

func (e *element) inside(name string) bool {
	for p := e.parent; p != nil; p = p.parent {
		if p.name == name {
			return true
		}
	}
	return false
}

// accessible asserts what WCAG 2.1 AA asks of a page's code.
func accessible(t testing.TB, html string) {
	t.Helper()
	page := parse(t, html)
	ids := map[string]bool{}
	for _, e := range page.all("*") {
		if id := e.attr["id"]; id != "" {
			assert.False(t, ids[id], "two elements with id %s", id)
			ids[id] = true
		}
		assert.NotContains(t, e.attr, "style", "the CSP allows no style attributes")
		for name := range e.attr {
			assert.False(t, strings.HasPrefix(name, "on"), "no scripts: %s", name)
		}
	}
	for _, e := range page.all("*") {
		for _, name := range []string{"aria-describedby", "aria-labelledby", "for"} {
			for id := range strings.FieldsSeq(e.attr[name]) {
				assert.True(t, ids[id], "%s of <%s> names %s, which is not there", name, e.name, id)
			}
		}
		if to, ok := strings.CutPrefix(e.attr["href"], "#"); ok {
			assert.True(t, ids[to], "link to #%s, which is not there", to)
		}
	}
	require.Len(t, page.all("html"), 1)
	assert.Contains(t, []string{"sv", "en"}, page.all("html")[0].attr["lang"])
	require.Len(t, page.all("h1"), 1)
	assert.NotEmpty(t, page.all("h1")[0].words())
	require.NotEmpty(t, page.all("title"))
	assert.Contains(t, page.all("title")[0].words(), page.all("h1")[0].words())
	assert.Len(t, page.all("main"), 1)
	assert.Empty(t, page.all("script"))
	labels := map[string]bool{}
	for _, l := range page.all("label") {
		labels[l.attr["for"]] = true
		assert.NotEmpty(t, l.words())
	}
	for _, e := range page.all("input", "select", "textarea") {
		if e.attr["type"] != "hidden" {
			assert.True(t, labels[e.attr["id"]] && e.attr["id"] != "" || e.inside("label"), "no label for %s", e.attr["name"])
		}
	}
	for _, e := range page.all("table") {
		assert.Len(t, e.all("caption"), 1)
		for _, th := range e.all("th") {
			assert.NotEmpty(t, th.attr["scope"])
		}
	}
	for _, e := range page.all("img") {
		assert.NotEmpty(t, e.attr["alt"])
	}
	for _, e := range page.all("svg") {
		assert.Equal(t, "img", e.attr["role"])
		assert.True(t, e.attr["aria-label"] != "" || e.attr["aria-labelledby"] != "")
	}
	for _, e := range page.all("a", "button") {
		assert.NotEmpty(t, e.words()+e.attr["aria-label"]+alt(e), "a link or button without words")
	}
	for _, e := range page.all("nav", "section") {
		assert.True(t, e.attr["aria-label"] != "" || e.attr["aria-labelledby"] != "", "<%s> without a name", e.name)
	}
	level := 0
	for _, e := range page.all("h1", "h2", "h3", "h4") {
		next := int(e.name[1] - '0')
		assert.LessOrEqual(t, next, level+1, "a heading level is left out before %s", e.words())
		level = next
	}
}

func alt(e *element) string {
	text := ""
	for _, i := range e.all("img") {
		text += i.attr["alt"]
	}
	return text
}
