package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tools are what the tests need and may not find.
type tools struct {
	// chromium is a program, axe a script.
	chromium, axe string
}

// findTools skips the test where something is not at hand, or fails it where CI
// is set.
func findTools(t *testing.T) (found tools) {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			found.chromium = path
			break
		}
	}
	folder := os.Getenv("AXE_NODE_MODULES")
	script, err := os.ReadFile(filepath.Join(folder, "axe-core", "axe.min.js"))
	found.axe = string(script)
	if err == nil && found.chromium != "" {
		return found
	}
	const missing = "the pages are not tried in a browser: Chromium, and AXE_NODE_MODULES with what npm install axe-core@4.14.1 makes, are needed"
	if ci, err := strconv.ParseBool(os.Getenv("CI")); ci || err != nil && os.Getenv("CI") != "" || folder != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return found
}

// startBrowser starts a browser; people are tabs of it.
func startBrowser(t *testing.T, program string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// Scroll bars that take room would make 320 px less.
		chromedp.Flag("hide-scrollbars", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root cannot have
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "the browser does not start")
	return ctx
}

// build builds the backend.
func build(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "transitbackend")
	command := exec.Command("go", "build", "-o", program, "./transitbackend")
	command.Dir = filepath.Join("..", "..", "..", "examples")
	said, err := command.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return program
}

// startBackend runs the backend until the end of the test, and returns its
// address. It must stop in order and have had nothing to regret.
func startBackend(t *testing.T, program string) (url string) {
	t.Helper()
	var logs bytes.Buffer
	command := exec.Command(program, "-addr", "127.0.0.1:0", "-data", filepath.Join(t.TempDir(), "data"))
	command.Stderr = &logs
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		assert.NoError(t, command.Process.Signal(syscall.SIGTERM))
		assert.NoError(t, command.Wait(), "the backend does not stop in order")
		assert.NotContains(t, logs.String(), "level=ERROR")
	})
	said, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "the backend does not start")
	words := strings.Fields(said)
	require.Greater(t, len(words), 1, said)
	return words[1]
}
