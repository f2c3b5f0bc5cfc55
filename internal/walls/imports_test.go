package walls

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// domain is which packages of the house a domain package may import, beside
// the leaves under internal.
var domain = map[string][]string{
	"credit":    nil,
	"sms":       nil,
	"csvimport": nil,
	"travel":    {"credit", "sms", "csvimport"},
	"invoice":   {"travel", "credit"},
}

// unwanted are packages that no host should get by way of a domain package,
// directly or not.
var unwanted = []string{"database/sql", "net/http", "testing"}

const (
	adapters  = "adapters/"
	shared    = "adapters/internal/" // what several adapters are made from
	examples  = "examples/"
	leaves    = "internal/"
	proofs    = "internal/proof"
	storetest = "adapters/storetest"
	smstest   = "adapters/smstest"
	hooktest  = "adapters/webhook/webhooktest"
	standin   = "adapters/internal/standin"
	testify   = "github.com/stretchr/testify"
)

// suites are the adapters that the tests of others import.
var suites = []string{storetest, smstest, hooktest}

// misplacedImports says what a package must not import and does.
func misplacedImports(p pkg) []string {
	var wrong []string
	refuse := func(imported, why string) {
		wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", p.path(), imported, why))
	}
	path, imports := p.path(), ours(p.Imports)
	allowed, isDomain := domain[path]
	for _, i := range imports {
		switch leaf := strings.HasPrefix(i, leaves) && !strings.HasPrefix(i, proofs); {
		case isDomain && !leaf && !slices.Contains(allowed, i):
			refuse(i, "the direction is travel → credit, sms, csvimport and invoice → travel, credit")
		case strings.HasPrefix(path, leaves) && !strings.HasPrefix(path, proofs) && !leaf:
			refuse(i, "leaves import leaves only")
		case strings.HasPrefix(path, shared) && slices.Contains(suites, i), i == standin:
			refuse(i, "it is for tests")
		case strings.HasPrefix(path, adapters) && strings.HasPrefix(i, adapters) && !slices.Contains(suites, i) &&
			adapterOf(i) != adapterOf(path) && !strings.HasPrefix(i, shared):
			refuse(i, "adapters do not import each other")
		case strings.HasPrefix(i, examples) && !strings.HasPrefix(path, examples):
			refuse(i, "examples are not imported")
		}
	}
	if isDomain {
		for _, i := range p.Deps {
			if slices.Contains(unwanted, i) {
				refuse(i, "directly or not, a host would get it")
			}
		}
		if slices.Contains(p.Imports, "log") {
			refuse("log", "log/slog, with a logger of the host's")
		}
	}
	if strings.HasPrefix(path, adapters) && !strings.HasPrefix(path, shared) && !slices.Contains(suites, path) &&
		slices.Contains(p.Imports, "testing") {
		refuse("testing", "only the suites are for tests")
	}
	return slices.Concat(wrong, misplacedTestify(p), misplacedModules(p))
}

// modules is what adapters that are modules of their own may import of others,
// so that no host gets more.
var modules = map[string][]string{
	// The API alone: which SDK there is the host decides.
	"adapters/otel": {
		"go.opentelemetry.io/otel/attribute", "go.opentelemetry.io/otel/codes", "go.opentelemetry.io/otel/metric", "go.opentelemetry.io/otel/trace",
	},
	"adapters/pdf":      {"codeberg.org/go-pdf/fpdf", "golang.org/x/image", "golang.org/x/text"},
	"adapters/postgres": {"github.com/jackc/pgx/v5"},
	"adapters/smpp":     nil, // it speaks the protocol itself
	"adapters/sqlite":   nil, // the host has the driver
}

// misplacedModules finds a third party's code in such an adapter.
func misplacedModules(p pkg) []string {
	allowed, ok := modules[p.path()]
	if !ok {
		return nil
	}
	var wrong []string
	for _, i := range p.Imports {
		host, _, _ := strings.Cut(i, "/")
		mayBe := func(m string) bool { return i == m || within(i, m) }
		if strings.Contains(host, ".") && !within(i, module) && !slices.ContainsFunc(allowed, mayBe) {
			wrong = append(wrong, fmt.Sprintf("%s imports %s: a host would get it", p.path(), i))
		}
	}
	return wrong
}

// misplacedTestify finds test helpers in what a host builds.
func misplacedTestify(p pkg) []string {
	if strings.HasPrefix(p.path(), proofs) {
		return nil
	}
	for _, i := range p.Deps {
		if i == testify || strings.HasPrefix(i, testify+"/") {
			return []string{p.path() + " is built with " + i + ": testify is for _test files"}
		}
	}
	return nil
}

// adapterOf names the adapter that a package under adapters belongs to.
func adapterOf(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, adapters), "/")
	return name
}

// within tells whether a package lies in the folder of another.
func within(path, folder string) bool { return strings.HasPrefix(path, folder+"/") }

// classified tells whether the rules above say what a package is.
func classified(p pkg) bool {
	_, isDomain := domain[p.path()]
	return isDomain || strings.HasPrefix(p.path(), adapters) || strings.HasPrefix(p.path(), leaves) ||
		strings.HasPrefix(p.path(), examples)
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages, _ := workspace(t)
	seen := map[string]bool{}
	for _, p := range packages {
		seen[p.path()] = true
		assert.True(t, classified(p), "%s is neither domain, adapter, leaf nor example: say in this test what it may import", p.path())
		assert.Empty(t, misplacedImports(p))
	}
	for path := range domain {
		assert.True(t, seen[path], "%s is gone", path)
	}
	for path := range modules {
		assert.True(t, seen[path], "%s is not in go.work", path)
	}
	for _, path := range suites {
		assert.True(t, seen[path], "%s is gone", path)
	}
}

func TestImportsAreRefused(t *testing.T) {
	t.Parallel()
	in := func(paths ...string) []string {
		for i := range paths {
			paths[i] = module + "/" + paths[i]
		}
		return paths
	}
	for name, c := range map[string]struct {
		path    string
		imports []string
		deps    []string
		wrong   bool
	}{
		"the way down":                  {"travel", in("credit", "sms", "csvimport", "internal/id"), nil, false},
		"the way up":                    {"credit", in("travel"), nil, true},
		"across":                        {"sms", in("credit"), nil, true},
		"invoice to sms":                {"invoice", in("sms"), nil, true},
		"domain to adapter":             {"travel", in("adapters/memory"), nil, true},
		"domain to proof":               {"travel", in("internal/proof"), nil, true},
		"leaf to domain":                {"internal/id", in("credit"), nil, true},
		"leaf to leaf":                  {"internal/phone", in("internal/lang"), nil, false},
		"adapter to adapter":            {"adapters/memory", in("adapters/smslog"), nil, true},
		"adapter to storetest":          {"adapters/memory", in("adapters/storetest"), nil, false},
		"storetest to adapter":          {"adapters/storetest", in("adapters/memory"), nil, true},
		"gateway to smstest":            {"adapters/elks", in("adapters/smstest"), nil, false},
		"smstest to gateway":            {"adapters/smstest", in("adapters/elks"), nil, true},
		"what gateways share":           {"adapters/elks", in("adapters/internal/httpsms"), nil, false},
		"gateway to gateway":            {"adapters/elks", in("adapters/twilio"), nil, true},
		"gateway to its stand-in":       {"adapters/elks", in("adapters/internal/standin"), nil, true},
		"testing in a gateway":          {"adapters/elks", []string{"testing"}, []string{"testing"}, true},
		"testing in smstest":            {"adapters/smstest", []string{"testing"}, []string{"testing"}, false},
		"inside an adapter":             {"adapters/sqlite", in("adapters/sqlite/internal/schema"), nil, false},
		"inside of its adapter":         {"adapters/sqlite/internal/load", in("adapters/sqlite"), nil, false},
		"two parts of an adapter":       {"adapters/postgres/internal/load", in("adapters/postgres/internal/shop"), nil, false},
		"inside another adapter":        {"adapters/postgres/internal/load", in("adapters/sqlite/internal/shop"), nil, true},
		"what adapters share":           {"adapters/sqlite", in("adapters/internal/sqlstore"), nil, false},
		"the suite of webhooks":         {"adapters/webhook/webhooktest", append(in("adapters/webhook"), "testing"), nil, false},
		"webhooks to a store":           {"adapters/webhook", in("adapters/memory"), nil, true},
		"shared to domain":              {"adapters/internal/sqlstore", in("travel"), nil, false},
		"shared to adapter":             {"adapters/internal/sqlstore", in("adapters/memory"), nil, true},
		"shared to storetest":           {"adapters/internal/sqlstore", in("adapters/storetest"), nil, true},
		"shared to smstest":             {"adapters/internal/httpsms", in("adapters/smstest"), nil, true},
		"domain to shared":              {"travel", in("adapters/internal/sqlstore"), nil, true},
		"a driver in adapters/sqlite":   {"adapters/sqlite", []string{"modernc.org/sqlite"}, nil, true},
		"the driver of postgres":        {"adapters/postgres", []string{"github.com/jackc/pgx/v5/pgxpool", "database/sql"}, nil, false},
		"a second driver":               {"adapters/postgres", []string{"github.com/lib/pq"}, nil, true},
		"the SDK":                       {"adapters/otel", []string{"go.opentelemetry.io/otel/sdk/metric"}, nil, true},
		"the API":                       {"adapters/otel", []string{"go.opentelemetry.io/otel/metric/noop"}, nil, false},
		"an SMPP client":                {"adapters/smpp", []string{"github.com/linxGnu/gosmpp/pdu"}, nil, true},
		"example to anything":           {"examples/quickstart", in("adapters/memory", "travel"), nil, false},
		"adapter to example":            {"adapters/memory", in("examples/quickstart"), nil, true},
		"http by a detour":              {"sms", nil, []string{"net/http"}, true},
		"http in an adapter":            {"adapters/elks", nil, []string{"net/http"}, false},
		"a driver's interface":          {"credit", nil, []string{"database/sql/driver"}, false},
		"sql":                           {"credit", nil, []string{"database/sql"}, true},
		"log":                           {"travel", []string{"log"}, []string{"log"}, true},
		"testify in storetest":          {"adapters/storetest", nil, []string{testify + "/require"}, true},
		"testing in storetest":          {"adapters/storetest", nil, []string{"testing"}, false},
		"testify in the proof packages": {"internal/proof/model", nil, []string{testify + "/require"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := misplacedImports(pkg{ImportPath: module + "/" + c.path, Imports: c.imports, Deps: c.deps})
			assert.Equal(t, c.wrong, len(got) > 0, got)
		})
	}
	assert.False(t, classified(pkg{ImportPath: module + "/util"}))
}
