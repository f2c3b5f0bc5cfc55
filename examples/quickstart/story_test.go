package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/invoice"
)

var update = flag.Bool("update", false, "write testdata/story.golden anew")

func TestStory(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(&out))
	golden := filepath.Join("testdata", "story.golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String(), "if it was meant to change: go test ./examples/quickstart -update")

	t.Run("fits a terminal", func(t *testing.T) {
		t.Parallel()
		for i, line := range strings.Split(out.String(), "\n") {
			if !specificationRow.MatchString(line) { // as wide as the paper is
				assert.LessOrEqual(t, utf8.RuneCountInString(line), width, "line %d: %s", i+1, line)
			}
		}
	})
	t.Run("I7 no mobile number in clear", func(t *testing.T) {
		t.Parallel()
		for _, match := range phoneNumber.FindAllString(string(travelersFile)+string(badRowsFile), -1) {
			assert.NotContains(t, out.String(), match)
		}
		assert.NotRegexp(t, `\+46\d{9}`, out.String())
	})
}

var (
	specificationRow = regexp.MustCompile(`^( Köpt|[ ]?Summa| \d{4}-\d\d-\d\d) .*(Belopp|,\d\d)$`)
	phoneNumber      = regexp.MustCompile(`(?:\+46 \(0\)|0046|0)7[\d -]{7,}\d`)
)

func TestAmounts(t *testing.T) {
	t.Parallel()
	f, err := tell(t.Context(), &bytes.Buffer{})
	require.NoError(t, err)

	t.Run("R06 R07 import", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, 60, f.plan.Created)
		assert.Equal(t, 60, f.imported.Created)
		assert.Equal(t, 45, f.imported.Sent, "rows with a limit")
		assert.Equal(t, 45, f.sent)
		assert.Equal(t, 60, f.planAgain.Unchanged)
		assert.Equal(t, 60, f.importedAgain.Unchanged)
		assert.Zero(t, f.importedAgain.Sent)
		assert.Zero(t, f.sentAgain)
		assert.Len(t, f.planBad.Steps, 1)
		assert.Equal(t, 11, f.planBad.InvalidRows)
	})
	t.Run("R16 R18 R19 Anna", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, "250", f.left.bought.String())
		assert.Equal(t, "0.01", f.shortBy.String())
		assert.Equal(t, "250", f.left.january.String())
		assert.Equal(t, "500", f.left.february.String())
	})
	t.Run("R31 January, one invoice per reference", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, []sums{
			{"EXT-1", invoice.Invoice, "10001", "298.00", "12.00", "310.00", 2},
			{"EXT-2", invoice.Invoice, "10877", "79.25", "4.75", "84.00", 1},
			{"EXT-3", invoice.Invoice, "90001", "270.75", "16.25", "287.00", 3},
			{"EXT-4", invoice.Invoice, "ZZ-4410", "104.72", "6.28", "111.00", 3},
		}, sumsOf(f.january))
	})
	t.Run("R43 February, with what came after January was invoiced", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, "463", f.left.refunded.String(), "February's credit is not touched")
		assert.Equal(t, []sums{
			{"EXT-5", invoice.Invoice, "90001", "34.91", "2.09", "37.00", 1},
			{"EXT-6", invoice.CreditNote, "90001", "117.92", "7.08", "125.00", 1},
		}, sumsOf(f.february))
		original := f.february[1].Original
		require.NotNil(t, original)
		assert.Equal(t, "EXT-3", original.Label())
		assert.Equal(t, f.january[2].ID, original.ID)
	})
	assert.Empty(t, f.drifts)
}

func TestReadmeShowsThisStory(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	golden, err := os.ReadFile(filepath.Join("testdata", "story.golden"))
	require.NoError(t, err)
	assert.Contains(t, string(readme), "\ngo run ./examples/quickstart ")
	_, rest, found := strings.Cut(string(readme), "In between:\n\n```\n")
	require.True(t, found)
	shown, _, _ := strings.Cut(rest, "```")
	assert.True(t, strings.Contains(string(golden), shown), "the story does not say:\n%s", shown)
}

// sums are what a document comes to, in kronor.
type sums struct {
	label           string
	kind            invoice.Kind
	reference       string
	net, vat, gross string
	lines           int
}

func sumsOf(documents []invoice.Document) []sums {
	var list []sums
	for _, d := range documents {
		list = append(list, sums{d.Label(), d.Kind, d.Reference, d.Net.String(), d.VAT.String(), d.Gross.String(), d.Lines})
	}
	return list
}

func TestRunReportsAFullDisk(t *testing.T) {
	t.Parallel()
	assert.ErrorIs(t, run(full{}), errFull)
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
