package walls

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	// declared finds the tests of a file.
	declared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	// named finds the tests on the page, with their package: travel.TestX.
	named = regexp.MustCompile(`(?:([a-z0-9/]+)\.)?\b((?:Test|Fuzz)[A-Z0-9]\w*)`)
)

// untested are the words with which a line of the page says that no test holds
// it.
var untested = []string{"**Residual:**", "**No test:**"}

// pageErrors finds what is wrong with the page, given the tests of each
// package: a test that does not exist, and a threat that names none and does
// not say so.
func pageErrors(page string, tests map[string][]string) (wrong []string) {
	for _, m := range named.FindAllStringSubmatch(page, -1) {
		if !slices.Contains(tests[m[1]], m[2]) {
			wrong = append(wrong, "there is no test "+m[0])
		}
	}
	_, threats, _ := strings.Cut(page, "\n## Threats\n")
	for _, item := range strings.Split(threats, "\n- ")[1:] {
		item, _, _ = strings.Cut(item, "\n\n")
		says := func(words string) bool { return strings.Contains(item, words) }
		if !named.MatchString(item) && !slices.ContainsFunc(untested, says) {
			first, _, _ := strings.Cut(item, "\n")
			wrong = append(wrong, "nothing is said to hold: "+first)
		}
	}
	return wrong
}

// allTests lists the tests of the tree by package, as paths inside it.
func allTests(t *testing.T) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	require.NoError(t, filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(d.Name(), "_test.go"):
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(root, file)
		folder := path.Dir(filepath.ToSlash(inside))
		for _, m := range declared.FindAllSubmatch(text, -1) {
			tests[folder] = append(tests[folder], string(m[1]))
		}
		return err
	}))
	return tests
}

// docs/security.md says what holds each threat. A test that is renamed or gone
// holds nothing.
func TestSecurityPageNamesRealTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	require.NoError(t, err)
	require.Greater(t, len(named.FindAll(page, -1)), 50, "the page names its tests")
	assert.Empty(t, pageErrors(string(page), allTests(t)))
}

func TestSecurityPagesAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{"travel": {"TestR14_Five"}, "adapters/pdf": {"FuzzText"}}
	const head = "# Security\n\n## Threats\n\n"
	for name, c := range map[string]struct {
		page  string
		wrong int
	}{
		"tests that exist":       {"- A. `travel.TestR14_Five`\n- B.\n  `adapters/pdf.FuzzText`\n", 0},
		"one that was renamed":   {"- A. `travel.TestR14_Four`\n", 1},
		"longer than it is":      {"- A. `travel.TestR14_FiveAttempts`\n", 1},
		"shorter than it is":     {"- A. `travel.TestR14`\n", 1},
		"another package":        {"- A. `credit.TestR14_Five`\n", 1},
		"the end of a package":   {"- A. `pdf.FuzzText`\n", 1},
		"no package":             {"- A. `TestR14_Five`\n", 1},
		"every one counts":       {"- A. `travel.TestR14_Five` `travel.TestX` `adapters/pdf.FuzzX`\n", 2},
		"nothing holds it":       {"- A is held.\n- B. `travel.TestR14_Five`\n", 1},
		"nothing, as it says":    {"- A. **Residual:** nothing.\n- B. **No test:** of it.\n", 0},
		"text below a list":      {"- A is held.\n\nMore. `travel.TestR14_Five`\n\n### B\n\n- C. `travel.TestR14_Five`\n", 1},
		"words that are no test": {"Tests, Testing, a Test and Fuzz.\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Len(t, pageErrors(head+c.page, tests), c.wrong)
		})
	}
}
