package proof

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorded is a request that a test of adapters/httpapi made, and its answer.
type recorded struct {
	Document, Method, URL, Body string
	Header                      http.Header
	Status                      int
	AnswerHeader                http.Header `json:"answer_header"`
	Answer                      string
}

// contract is an OpenAPI document, and what of it was seen: operation and status.
type contract struct {
	*openapi3.T
	router routers.Router
	seen   map[string]bool
}

const apiFolder = "../../adapters/httpapi"

func readContract(t *testing.T, name string) *contract {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(apiFolder, name))
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()), "%s: the rules of OpenAPI", name)
	require.True(t, doc.IsOpenAPI31OrLater())

	// What stands in an answer is documented: here, unlike for clients, nothing
	// may be there that is not.
	var tree any
	require.NoError(t, json.Unmarshal(text, &tree))
	closeObjects(tree)
	text, err = json.Marshal(tree)
	require.NoError(t, err)
	doc, err = openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	doc.Servers = nil // the URL is relative, to where the host mounts the handler
	router, err := legacy.NewRouter(doc)
	require.NoError(t, err)
	return &contract{doc, router, map[string]bool{}}
}

// closeObjects forbids in every schema of an object what it does not list.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, open := node["additionalProperties"]
		if _, lists := node["properties"]; lists && node["type"] == "object" && !open {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// check compares one request and its answer with the document.
func (p *contract) check(t *testing.T, r *recorded) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), r.Method, r.URL, strings.NewReader(r.Body))
	request.Header = r.Header
	route, path, err := p.router.FindRoute(request)
	if err != nil {
		// No such address, or none that takes the method: HEAD and OPTIONS are not
		// in the document.
		head := r.Method == http.MethodHead || r.Method == http.MethodOptions
		assert.True(t, head || r.Status >= 400, "%s %s: %d is not documented", r.Method, r.URL, r.Status)
		if !head {
			p.problem(t, r)
		}
		return
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true, RejectWhenRequestBodyNotSpecified: true}
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: path, Route: route, Options: options}
	done := r.Status < 300 || r.Status == 402
	if done {
		assert.NoError(t, openapi3filter.ValidateRequest(t.Context(), input), "%s %s: done, and no request of the document", r.Method, r.URL)
	}
	options.ExcludeResponseBody = !strings.HasSuffix(r.AnswerHeader.Get("Content-Type"), "json")
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: r.Status, Header: r.AnswerHeader, Options: options,
		Body: io.NopCloser(strings.NewReader(r.Answer)),
	}
	assert.NoError(t, openapi3filter.ValidateResponse(t.Context(), answer), "%s %s: %d %s", r.Method, r.URL, r.Status, r.Answer)
	status := http.StatusText(r.Status)
	if !done {
		status = "default"
	}
	p.seen[route.Operation.OperationID+" "+status] = true
}

// problem checks an answer from outside the document's addresses.
func (p *contract) problem(t *testing.T, r *recorded) {
	t.Helper()
	var body any
	require.NoError(t, json.Unmarshal([]byte(r.Answer), &body), r.Answer)
	schema := p.Components.Schemas["Problem"].Value
	assert.NoError(t, schema.VisitJSON(body, openapi3.EnableJSONSchema2020()), r.Answer)
}

// Every request and every answer of the tests of adapters/httpapi is as its
// OpenAPI document says, and together they are all that it says.
func TestAPIIsAsDocumented(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "exchanges")
	out, err := exec.Command("go", "test", "-count=1", "github.com/tjansteresor/tjansteresor/adapters/httpapi", "-args", "-record="+file).CombinedOutput()
	require.NoError(t, err, string(out))
	contracts := map[string]*contract{}
	for _, name := range []string{"app.openapi.json", "office.openapi.json"} {
		contracts[name] = readContract(t, name)
	}
	text, err := os.Open(file)
	require.NoError(t, err)
	defer func() { assert.NoError(t, text.Close()) }()
	lines, n := json.NewDecoder(text), 0
	for ; lines.More(); n++ {
		var r recorded
		require.NoError(t, lines.Decode(&r))
		if r.URL != "/openapi.json" { // the document does not speak of itself
			contracts[r.Document].check(t, &r)
		}
	}
	t.Logf("%d requests and answers", n)
	for name, p := range contracts {
		for path, item := range p.Paths.Map() {
			for method, operation := range item.Operations() {
				for status := range operation.Responses.Map() {
					said := map[string]string{"200": "OK", "204": "No Content", "402": "Payment Required", "default": "default"}[status]
					assert.True(t, p.seen[operation.OperationID+" "+said], "%s: %s %s was never answered with %s", name, method, path, status)
				}
			}
		}
	}
}
