package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/credit"
)

// openapi is what these tests read of a document; internal/proof reads the
// rest.
type openapi struct {
	OpenAPI string
	Paths   map[string]map[string]json.RawMessage
	// Components holds everything that is referred to.
	Components struct {
		Schemas map[string]struct {
			Properties map[string]struct{ Enum []string }
		}
	}
}

func TestDocumentsAreServed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, h := range map[string]http.Handler{"app": w.app, "office": w.office} {
		get := send(h, call{method: "GET", path: "/openapi.json"})
		require.Equal(t, 200, get.Code, "to anybody")
		assert.Equal(t, "application/json", get.Header().Get("Content-Type"))
		assert.Equal(t, "no-cache", get.Header().Get("Cache-Control"))
		assert.Equal(t, "3.1.0", read[openapi](t, get).OpenAPI, name)
		head := send(h, call{method: "HEAD", path: "/openapi.json"})
		assert.Equal(t, get.Header(), head.Header())
		assert.Empty(t, head.Body.String())
		again := send(h, call{method: "GET", path: "/openapi.json"}.with("If-None-Match", get.Header().Get("ETag")))
		assert.Equal(t, http.StatusNotModified, again.Code)
		post := send(h, call{method: "POST", path: "/openapi.json"})
		refused(t, post, 405, "method_not_allowed")
		assert.Equal(t, "GET, HEAD, OPTIONS", post.Header().Get("Allow"))
		assert.Equal(t, 204, send(h, call{method: "OPTIONS", path: "/openapi.json"}).Code)
	}
}

func TestDocumentsListTheRoutes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, h := range map[string]http.Handler{"app": w.app, "office": w.office} {
		var served, documented []string
		for _, r := range httpapi.Routes(h) {
			served = append(served, r.Method+" "+r.Pattern)
		}
		doc := read[openapi](t, send(h, call{method: "GET", path: "/openapi.json"}))
		for path, item := range doc.Paths {
			for method := range item {
				if method != "parameters" {
					documented = append(documented, strings.ToUpper(method)+" "+path)
				}
			}
		}
		assert.ElementsMatch(t, served, documented, name)
	}
}

func TestDocumentsListTheCodes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var problems, declines []string
	for _, c := range httpapi.Codes() {
		problems = append(problems, string(c))
	}
	for _, c := range credit.Codes() {
		declines = append(declines, string(c))
	}
	for name, h := range map[string]http.Handler{"app": w.app, "office": w.office} {
		schemas := read[openapi](t, send(h, call{method: "GET", path: "/openapi.json"})).Components.Schemas
		assert.Equal(t, problems, schemas["Problem"].Properties["code"].Enum, name)
		assert.Equal(t, declines, schemas["Declined"].Properties["code"].Enum, name)
	}
}

// What both documents have says the same, but for what only the office is told.
func TestDocumentsAgree(t *testing.T) {
	t.Parallel()
	w := setup(t)
	type components struct {
		Components struct{ Schemas map[string]any }
	}
	app := read[components](t, send(w.app, call{method: "GET", path: "/openapi.json"})).Components.Schemas
	office := read[components](t, send(w.office, call{method: "GET", path: "/openapi.json"})).Components.Schemas
	var both []string
	for name := range app {
		if _, ok := office[name]; ok && name != "Problem" && name != "Declined" {
			both = append(both, name)
			assert.Equal(t, app[name], office[name], name)
		}
	}
	assert.ElementsMatch(t, []string{"ID", "Amount", "Instant", "Month", "Nothing"}, both)
	for _, name := range []string{"Problem", "Declined"} {
		few, more := app[name].(map[string]any)["properties"].(map[string]any), office[name].(map[string]any)["properties"].(map[string]any)
		for _, property := range slices.Sorted(maps.Keys(few)) {
			assert.Contains(t, more, property)
		}
	}
}
