package peppol_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/peppol"
)

// official returns the validator of the official rules: of the folder in
// PEPPOL_RULES, or beside the checkout. Where there is none the test is
// skipped; where there is one and no Java, too, but it fails where CI is set.
func official(t *testing.T) string {
	t.Helper()
	folder, given := os.LookupEnv("PEPPOL_RULES")
	if !given {
		folder = filepath.Join("..", "..", "..", "shared", "peppol")
	}
	validator, err := filepath.Abs(filepath.Join(folder, "validate.sh"))
	require.NoError(t, err)
	if _, err := os.Stat(validator); err != nil {
		require.False(t, given, "PEPPOL_RULES=%s has no validate.sh", folder)
		loud(t, "the official e-invoice rules are neither in PEPPOL_RULES nor in "+folder)
	}
	jar := os.Getenv("SAXON_JAR")
	if jar == "" {
		jar = "/usr/share/java/Saxon-HE.jar"
	}
	_, noJar := os.Stat(jar)
	_, noJava := exec.LookPath("java")
	_, noCompiler := exec.LookPath("javac")
	if err := errors.Join(noJava, noCompiler, noJar); err != nil {
		if ci, err := strconv.ParseBool(os.Getenv("CI")); ci || err != nil && os.Getenv("CI") != "" {
			t.Fatal("the official e-invoice rules need a JDK and libsaxonhe-java")
		}
		loud(t, "there is no JDK or no libsaxonhe-java for the official e-invoice rules")
	}
	return validator
}

func loud(t *testing.T, why string) {
	t.Helper()
	t.Skip("!!! THE E-INVOICES ARE NOT VALIDATED: " + why)
}

// verdict is what the validator says of a file.
type verdict struct {
	valid           bool
	fatal, warnings []string
	output          string
}

func (v verdict) rules() []string { return slices.Concat(v.fatal, v.warnings) }

var (
	broke  = regexp.MustCompile(`^(.+?)(?::\d+)?: (fatal|warning) (\S+) `)
	judged = regexp.MustCompile(`^(.+?): (VALID|INVALID) fatal=\d+ warning=\d+`)
)

// validate runs the validator once, over all files, and returns a verdict on
// each.
func validate(t *testing.T, files []string) map[string]*verdict {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), official(t), files...).Output()
	var failed *exec.ExitError
	if err != nil && (!errors.As(err, &failed) || failed.ExitCode() != 1) {
		if failed != nil {
			output = append(output, failed.Stderr...)
		}
		require.NoError(t, err, string(output))
	}
	verdicts := map[string]*verdict{}
	of := func(file string) *verdict {
		if verdicts[file] == nil {
			verdicts[file] = &verdict{}
		}
		return verdicts[file]
	}
	for line := range strings.Lines(string(output)) {
		if m := judged.FindStringSubmatch(line); m != nil {
			of(m[1]).valid = m[2] == "VALID"
			of(m[1]).output += line
		} else if m := broke.FindStringSubmatch(line); m != nil {
			v := of(m[1])
			v.output += line
			if m[2] == "fatal" {
				v.fatal = append(v.fatal, m[3])
			} else {
				v.warnings = append(v.warnings, m[3])
			}
		}
	}
	require.Len(t, verdicts, len(files), "a verdict on each file:\n%s", output)
	return verdicts
}

// The official rules accept documents of all shapes, and refuse those that are
// broken on purpose for the reason that Check gives.
func TestOfficialRules(t *testing.T) {
	t.Parallel()
	official(t)
	folder := t.TempDir()
	good, bad := shapes(t), breaks(t)
	require.GreaterOrEqual(t, len(good), 30)
	var files []string
	write := func(i int, o peppol.Options, p paper) string {
		file := filepath.Join(folder, fmt.Sprintf("%03d.xml", i))
		require.NoError(t, os.WriteFile(file, rendered(t, renderer(t, o), p), 0o600))
		files = append(files, file)
		return file
	}
	for i, s := range good {
		write(i, s.options, s.paper)
	}
	for i, b := range bad {
		write(len(good)+i, b.options, b.paper)
	}
	german := []paper{mixed(setup(t)).changed(fromGermany), note(setup(t)).changed(fromGermany)}
	for i, p := range german {
		write(len(good)+len(bad)+i, peppol.Options{Profile: peppol.XRechnung}, p)
	}
	verdicts := validate(t, files)
	for i, s := range good {
		v := verdicts[files[i]]
		assert.True(t, v.valid, "%s: %s", s.name, v.output)
		assert.Empty(t, v.rules(), "%s: %s", s.name, v.output)
	}
	for i := range german {
		v := verdicts[files[len(good)+len(bad)+i]]
		assert.Equal(t, []string{"PEPPOL-EN16931-R004"}, v.rules(), "XRechnung is no Peppol BIS, and else all is well: %s", v.output)
	}
	for i, b := range bad {
		v := verdicts[files[len(good)+i]]
		assert.Contains(t, v.rules(), b.rule, "%s: %s", b.rule, v.output)
		found := b.check(t)
		for _, f := range found {
			where := v.fatal
			if f.Warning {
				where = v.warnings
			}
			assert.Contains(t, where, f.Rule, "%s: Check alone says %s\n%s", b.rule, f, v.output)
		}
	}
}
