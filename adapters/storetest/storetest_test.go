package storetest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
)

func inMemory(testing.TB) storetest.Stores { return storetest.All(memory.New(memory.Options{})) }

// The memory store loses nothing while the process lives, so that the cases
// about reopening can be run on it as well.
func stay(_ testing.TB, s storetest.Stores) storetest.Stores { return s }

func TestMemoryPassesEveryCase(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Options{New: inMemory, Reopen: stay})
}

// A case proves a sentence that stands in the comment of a port.
func TestContractsAreQuoted(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, file := range []string{"travel/store.go", "travel/job.go", "invoice/store.go", "sms/queue.go"} {
		source, err := os.ReadFile("../../" + file)
		require.NoError(t, err)
		for line := range strings.Lines(string(source)) {
			comment, ok := strings.CutPrefix(strings.TrimSpace(line), "//")
			if !ok {
				text.WriteString("\n")
				continue
			}
			text.WriteString(strings.TrimPrefix(strings.TrimSpace(comment), "- ") + " ")
		}
	}
	names := map[string]bool{}
	for _, c := range storetest.Cases() {
		assert.Contains(t, text.String(), c.Contract, c.Name)
		assert.False(t, names[c.Name], "two cases are called %s", c.Name)
		names[c.Name] = true
	}
}

func TestSkips(t *testing.T) {
	t.Parallel()
	for _, c := range storetest.Cases() {
		skip := storetest.Options{New: inMemory, Reopen: stay, Skip: map[string]string{c.Name: "one writer at a time"}}
		assert.Equal(t, "skipped by the adapter: one writer at a time", record(t, c, skip).skipped, c.Name)

		got := record(t, c, storetest.Options{New: func(testing.TB) storetest.Stores { return storetest.Stores{} }, Reopen: stay})
		assert.Contains(t, got.skipped, "the adapter does not implement ", c.Name)
		assert.False(t, got.failed, c.Name)

		if strings.HasPrefix(c.Name, "reopen/") {
			assert.Equal(t, "the adapter does not reopen", record(t, c, storetest.Options{New: inMemory}).skipped, c.Name)
		}
	}
}
