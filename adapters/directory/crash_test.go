package directory_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable tells a child process where to deliver, which document is its
// first, and at which byte of the first it dies.
const childVariable = "DIRECTORY_TEST_CHILD"

// everything is more documents than a child gets to, and no byte of a document.
const everything = 1 << 30

// asChild does what a child process does, and is false in the parent.
func asChild(t *testing.T) bool {
	what := os.Getenv(childVariable)
	if what == "" {
		return false
	}
	var first, at int
	where, numbers, _ := strings.Cut(what, "\n")
	_, err := fmt.Sscan(numbers, &first, &at)
	require.NoError(t, err)
	dying := list("csv", "csv")
	if at != everything {
		dying.write = brokenAt(at, func() error {
			self, err := os.FindProcess(os.Getpid())
			require.NoError(t, err)
			require.NoError(t, self.Kill())
			select {}
		})
	}
	x := open(t, where, with(list("pdf", "pdf"), dying))
	for n := first; ; n++ {
		d, lines := document(n)
		answer, err := x.Deliver(t.Context(), d, lines)
		require.NoError(t, err)
		require.True(t, answer.Accepted)
		_, _ = os.Stdout.WriteString(fmt.Sprintln("accepted", n))
	}
}

// child starts this test as a process of its own.
func child(t *testing.T, folder string, first, at int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=60s")
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s\n%d %d", childVariable, folder, first, at))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c, bufio.NewScanner(out)
}

// only asserts that folders that are to be seen are whole, and returns how many
// there are.
func only(t *testing.T, folder string) (documents int) {
	t.Helper()
	found := seen(t, folder)
	for name := range found {
		n, err := strconv.Atoi(strings.TrimPrefix(path.Base(path.Dir(name)), "JLT-"))
		require.NoError(t, err)
		d, lines := document(n)
		if strings.HasSuffix(name, ".csv") {
			text := whole(t, d, lines)
			assert.Equal(t, text, found[name])
			assert.Equal(t, text, found[strings.TrimSuffix(name, ".csv")+".pdf"])
			documents++
		}
	}
	assert.Len(t, found, 2*documents)
	return documents
}

// A process dies in the middle of a file: nothing is to be seen, and the next one
// delivers and tidies up.
func TestKilledWhileWriting(t *testing.T) {
	if asChild(t) {
		return
	}
	t.Parallel()
	folder := t.TempDir()
	d, lines := document(1)
	for _, at := range []int{0, 5000, 9000} {
		c, out := child(t, folder, 1, at)
		for out.Scan() {
			assert.NotContains(t, out.Text(), "accepted")
		}
		require.Error(t, c.Wait())
		assert.Empty(t, seen(t, folder))
	}
	assert.NotEmpty(t, hidden(t, folder), "what the dead have left")
	answer, err := open(t, folder, with(list("pdf", "pdf"), list("csv", "csv"))).Deliver(t.Context(), d, lines)
	require.NoError(t, err)
	assert.Equal(t, accepted("2026-01/JLT-1"), answer)
	assert.Equal(t, 1, only(t, folder))
	assert.Len(t, hidden(t, folder), 1, "the receipt")
}

// Processes die anywhere: what was accepted is there, what is there is whole,
// and who comes after them finishes.
func TestKilledAnywhere(t *testing.T) {
	if asChild(t) {
		return
	}
	t.Parallel()
	const kills = 8
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	next := 1
	for range kills {
		c, out := child(t, folder, next, everything)
		answered := 0
		listen := func(enough int) {
			for answered < enough && out.Scan() {
				if rest, ok := strings.CutPrefix(out.Text(), "accepted "); ok {
					n, err := strconv.Atoi(rest)
					require.NoError(t, err)
					next, answered = n+1, answered+1
				}
			}
		}
		listen(1 + random.IntN(15))
		require.NoError(t, c.Process.Kill())
		listen(everything) // what it had said before
		require.Error(t, c.Wait())
		there := only(t, folder)
		assert.GreaterOrEqual(t, there, next-1, "what was accepted")
		assert.LessOrEqual(t, there, next, "what was not accepted is one at most")
	}
	x := open(t, folder, with(list("pdf", "pdf"), list("csv", "csv")))
	for n := 1; n <= next; n++ {
		d, lines := document(n)
		answer, err := x.Deliver(t.Context(), d, lines)
		require.NoError(t, err)
		assert.Equal(t, accepted("2026-01/"+d.Label()), answer)
	}
	t.Logf("%d documents, %d kills", next, kills)
	assert.Equal(t, next, only(t, folder))
	assert.Len(t, hidden(t, folder), next, "the receipts")
}
