package proof

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root     = "../.."
	lastRule = 44
)

// laterRules are behaviour of the app and the portal, which this repository
// does not have yet.
var laterRules = map[string]string{
	"R25": "the app offers the payment method",
	"R34": "where the portal shows specifications",
	"R38": "the operator's ordinary app",
	"R39": "travel cards are no part of the service",
}

// rule finds the numbers of rules in the name of a test.
var rule = regexp.MustCompile(`R\d\d`)

// TestEveryRuleHasItsTest looks for each rule by its number in the name of a
// test or subtest, or in a table of them, anywhere in the repository.
func TestEveryRuleHasItsTest(t *testing.T) {
	t.Parallel()
	tested := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "rules_test.go":
			return nil
		}
		names, err := testNames(path)
		for _, name := range names {
			for _, r := range rule.FindAllString(name, -1) {
				tested[r] = append(tested[r], path+": "+name)
			}
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, tested, "no test is named after a rule: is %s the root?", root)
	var missing []string
	for n := 1; n <= lastRule; n++ {
		r := fmt.Sprintf("R%02d", n)
		if _, later := laterRules[r]; !later && len(tested[r]) == 0 {
			missing = append(missing, r)
		}
		delete(tested, r)
	}
	assert.Empty(t, missing, "rules without a test")
	assert.Empty(t, tested, "tests of rules that do not exist")
}

// testNames lists the test functions of a file, and the texts in it that begin
// with the number of a rule: those are the names of subtests.
func testNames(path string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !isTest(f.Name.Name) {
			continue
		}
		names = append(names, f.Name.Name)
		ast.Inspect(f, func(n ast.Node) bool {
			names = append(names, ruleText(n)...)
			return true
		})
	}
	return names, nil
}

func isTest(name string) bool {
	for _, kind := range []string{"Test", "Fuzz", "Example"} {
		if strings.HasPrefix(name, kind) {
			return true
		}
	}
	return false
}

// subtest is how the name of a subtest begins: "R16 exactly the limit", "R07-R09 ...".
var subtest = regexp.MustCompile(`^R\d\d([,/–-]? ?R\d\d)*\b`)

// ruleText returns the rules with which a text begins.
func ruleText(n ast.Node) []string {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nil
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil
	}
	return rule.FindAllString(subtest.FindString(text), -1)
}
