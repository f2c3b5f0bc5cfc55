package directory_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/directory"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	renderers := []*writer{list("peppol", "xml"), list("pdf", "pdf"), list("specification-pdf", "pdf"), list("csv", "csv")}
	x := open(t, folder, with(renderers[0], renderers[1], renderers[2], renderers[3]))
	d, lines := document(17)
	text := whole(t, d, lines)
	want := map[string]string{
		"2026-01/JLT-17/JLT-17.xml": text, "2026-01/JLT-17/JLT-17.pdf": text,
		"2026-01/JLT-17/JLT-17-specification.pdf": text, "2026-01/JLT-17/JLT-17.csv": text,
	}
	for range 2 {
		answer, err := x.Deliver(t.Context(), d, lines)
		require.NoError(t, err)
		assert.Equal(t, accepted("2026-01/JLT-17"), answer)
		assert.Equal(t, want, seen(t, folder))
		assert.Equal(t, map[string]string{".documents/2026-01/" + d.ID.String() + "/receipt": "2026-01/JLT-17\n"}, hidden(t, folder))
		assert.NoDirExists(t, filepath.Join(folder, ".documents", "2026-01", d.ID.String()+".parts"))
	}
	for _, r := range renderers {
		assert.EqualValues(t, 1, r.renders.Load(), "it is not rendered again")
	}
	for name := range want {
		file, err := os.Stat(filepath.Join(folder, name))
		require.NoError(t, err)
		assert.Zero(t, file.Mode()&0o007, "names and purposes are for no one else")
	}
}

// Whoever fetches a folder may take it away: that is no reason to deliver again.
func TestDeliverTakenAway(t *testing.T) {
	t.Parallel()
	folder, r := t.TempDir(), list("csv", "csv")
	d, lines := document(17)
	_, err := open(t, folder, with(r)).Deliver(t.Context(), d, lines)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(filepath.Join(folder, "2026-01")))
	answer, err := open(t, folder, with(r)).Deliver(t.Context(), d, lines)
	require.NoError(t, err)
	assert.Equal(t, accepted("2026-01/JLT-17"), answer)
	assert.Empty(t, seen(t, folder))
	assert.NoDirExists(t, filepath.Join(folder, "2026-01"))
}

func TestNames(t *testing.T) {
	t.Parallel()
	id := invoice.DocumentID{1}
	for _, c := range []struct {
		document  invoice.Document
		reference string
	}{
		{invoice.Document{Series: "JLT", Number: 9}, "2026-01/JLT-9"},
		{invoice.Document{Series: "A/B", Number: 9}, "2026-01/A%2FB-9"},
		{invoice.Document{Series: "A-B", Number: 9}, "2026-01/A-B-9"},
		{invoice.Document{Series: "A%2FB", Number: 9}, "2026-01/A%252FB-9"},
		{invoice.Document{Series: "..", Number: 9}, "2026-01/%2E.-9"},
		{invoice.Document{Series: `C:\x y`, Number: 9}, "2026-01/C%3A%5Cx%20y-9"},
		{invoice.Document{Series: "Å", Number: 9}, "2026-01/%C3%85-9"},
		{invoice.Document{Kind: invoice.Basis}, "2026-01/basis-" + id.String()},
	} {
		folder := t.TempDir()
		c.document.ID, c.document.Month = id, january
		answer, err := open(t, folder, with(list("csv", "csv"))).Deliver(t.Context(), c.document, nothing)
		require.NoError(t, err)
		assert.Equal(t, accepted(c.reference), answer)
		assert.Contains(t, seen(t, folder), c.reference+"/"+filepath.Base(c.reference)+".csv")
	}
}

func nothing(func(invoice.Line, error) bool) {}

func TestNew(t *testing.T) {
	t.Parallel()
	root, err := os.OpenRoot(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	for field, c := range map[string]struct {
		root *os.Root
		o    directory.Options
	}{
		"root":                 {nil, with(list("csv", "csv"))},
		"Options.Renderers":    {root, directory.Options{}},
		"Options.Renderers[1]": {root, with(list("csv", "csv"), nil)},
		"Options.Renderers[2]": {root, with(list("csv", "csv"), list("more", "CSV"), list("more-csv", "csv"))},
	} {
		_, err := directory.New(c.root, c.o)
		var input *travel.InputError
		require.ErrorAs(t, err, &input, field)
		assert.Equal(t, field, input.Field)
	}
	_, err = open(t, root.Name(), with(list("csv", "csv"))).Deliver(t.Context(), invoice.Document{Month: january}, nothing)
	assert.ErrorIs(t, err, travel.ErrInvalid, "a draft")
}

var errBroken = errors.New("broken")

// brokenAt ends a writer's work at a byte, in whatever way.
func brokenAt(n int, end func() error) func(context.Context, io.Writer, invoice.Document, iter.Seq2[invoice.Line, error]) error {
	return func(ctx context.Context, w io.Writer, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
		return writeList(ctx, &ending{w, n, end}, d, lines)
	}
}

// ending passes n bytes on and then ends.
type ending struct {
	w    io.Writer
	left int
	end  func() error
}

func (e *ending) Write(p []byte) (int, error) {
	if len(p) >= e.left {
		_, _ = e.w.Write(p[:e.left])
		return e.left, e.end()
	}
	e.left -= len(p)
	return e.w.Write(p)
}

// What fails leaves nothing, wherever it fails, and the next call delivers.
func TestRendererFails(t *testing.T) {
	t.Parallel()
	d, lines := document(17)
	length := len(whole(t, d, lines))
	for _, n := range []int{0, 1, 100, 8192, length - 1} {
		t.Run(fmt.Sprint("byte ", n), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			failing := list("csv", "csv")
			failing.write = brokenAt(n, func() error { return errBroken })
			for range 2 {
				_, err := open(t, folder, with(list("pdf", "pdf"), failing)).Deliver(t.Context(), d, lines)
				require.ErrorIs(t, err, errBroken)
				assert.NotContains(t, err.Error(), purpose)
				assert.Empty(t, seen(t, folder))
				assert.Empty(t, hidden(t, folder))
			}
			answer, err := open(t, folder, with(list("pdf", "pdf"), list("csv", "csv"))).Deliver(t.Context(), d, lines)
			require.NoError(t, err)
			assert.Equal(t, accepted("2026-01/JLT-17"), answer)
			assert.Len(t, seen(t, folder), 2)
		})
	}
}

func TestLinesFail(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d, _ := document(17)
	_, err := open(t, folder, with(list("csv", "csv"))).Deliver(t.Context(), d, func(yield func(invoice.Line, error) bool) {
		if yield(invoice.Line{}, nil) {
			yield(invoice.Line{}, errBroken)
		}
	})
	require.ErrorIs(t, err, errBroken)
	assert.Empty(t, seen(t, folder))
}

// What is about the document itself is an answer; what is not comes again.
func TestRefused(t *testing.T) {
	t.Parallel()
	d, lines := document(17)
	failing := list("xml", "xml")
	failing.write = brokenAt(10, func() error { return fmt.Errorf("line of %s: %w", purpose, errBroken) })
	check := func(reason string, err error) func(context.Context, invoice.Document, iter.Seq2[invoice.Line, error]) (string, error) {
		return func(context.Context, invoice.Document, iter.Seq2[invoice.Line, error]) (string, error) {
			return reason, err
		}
	}
	for name, c := range map[string]struct {
		options directory.Options
		reason  string
		err     error
	}{
		"an error of the renderer that is one": {directory.Options{Renderers: []invoice.Renderer{failing}, Refusals: []error{io.EOF, errBroken}}, "broken", nil},
		"an error of the renderer":             {directory.Options{Renderers: []invoice.Renderer{failing}, Refusals: []error{io.EOF}}, "", errBroken},
		"the check": {
			directory.Options{Renderers: []invoice.Renderer{list("csv", "csv")}, Check: check("BR-16: Lines are missing", nil)}, "BR-16: Lines are missing", nil,
		},
		"the check fails": {directory.Options{Renderers: []invoice.Renderer{list("csv", "csv")}, Check: check("no reason", errBroken)}, "", errBroken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			answer, err := open(t, folder, c.options).Deliver(t.Context(), d, lines)
			require.ErrorIs(t, err, c.err)
			assert.Equal(t, invoice.Delivery{Reason: c.reason}, answer)
			assert.Empty(t, seen(t, folder))
			assert.Empty(t, hidden(t, folder))
		})
	}
}

// A name that something else has is refused, and free again when that is gone:
// what was written meanwhile is laid down as it was.
func TestNameIsTaken(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(path string) error{
		"another document": func(path string) error {
			return errors.Join(os.Mkdir(path, 0o755), os.WriteFile(filepath.Join(path, "JLT-17.csv"), []byte("other"), 0o600))
		},
		"a file": func(path string) error { return os.WriteFile(path, []byte("other"), 0o600) },
		"a link": func(path string) error { return os.Symlink("JLT-18", path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, r := t.TempDir(), list("csv", "csv")
			x := open(t, folder, with(r))
			d, lines := document(17)
			taken := filepath.Join(folder, "2026-01", "JLT-17")
			require.NoError(t, os.Mkdir(filepath.Dir(taken), 0o755))
			require.NoError(t, take(taken))
			before, err := os.Lstat(taken)
			require.NoError(t, err)
			for range 2 {
				answer, err := x.Deliver(t.Context(), d, lines)
				require.NoError(t, err)
				assert.Equal(t, invoice.Delivery{Reason: "2026-01/JLT-17 is there already and is not this document: it was not overwritten"}, answer)
				after, err := os.Lstat(taken)
				require.NoError(t, err)
				assert.True(t, os.SameFile(before, after))
			}
			require.NoError(t, os.RemoveAll(taken))
			answer, err := x.Deliver(t.Context(), d, lines)
			require.NoError(t, err)
			assert.Equal(t, accepted("2026-01/JLT-17"), answer)
			assert.Equal(t, map[string]string{"2026-01/JLT-17/JLT-17.csv": whole(t, d, lines)}, seen(t, folder))
			assert.EqualValues(t, 1, r.renders.Load())
		})
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d, lines := document(17)
	ctx, cancel := context.WithCancel(t.Context())
	deaf := list("csv", "csv")
	deaf.write = brokenAt(9, func() error { cancel(); return nil }) // and writes on
	x := open(t, folder, with(deaf))
	for range 2 { // in the middle, and before
		_, err := x.Deliver(ctx, d, lines)
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, seen(t, folder))
		assert.Empty(t, hidden(t, folder))
	}
	assert.EqualValues(t, 1, deaf.renders.Load())
}

// Many deliver the same documents while somebody takes away what is there: each
// is there once, whole, and everybody is answered the same.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const documents, callers = 12, 8
	folder, taken := t.TempDir(), t.TempDir()
	var delivering, fetching sync.WaitGroup
	for range callers {
		x := open(t, folder, with(list("csv", "csv"), list("pdf", "pdf")))
		delivering.Go(func() {
			for n := range documents {
				d, lines := document(n + 1)
				answer, err := x.Deliver(t.Context(), d, lines)
				assert.NoError(t, err)
				assert.Equal(t, accepted(fmt.Sprint("2026-01/JLT-", n+1)), answer)
			}
		})
	}
	fetch := func() {
		found, _ := os.ReadDir(filepath.Join(folder, "2026-01"))
		for _, f := range found {
			assert.NoError(t, os.Rename(filepath.Join(folder, "2026-01", f.Name()), filepath.Join(taken, f.Name())), "it was delivered twice")
		}
	}
	done := make(chan struct{})
	fetching.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				fetch()
			}
		}
	})
	delivering.Wait()
	close(done)
	fetching.Wait()
	fetch()
	want := map[string]string{}
	for n := range documents {
		d, lines := document(n + 1)
		want[d.Label()+"/"+d.Label()+".csv"] = whole(t, d, lines)
		want[d.Label()+"/"+d.Label()+".pdf"] = whole(t, d, lines)
	}
	assert.Equal(t, want, files(t, taken, false))
	for name := range hidden(t, folder) {
		assert.True(t, strings.HasSuffix(name, "/receipt"), name)
	}
}

func TestNoPermission(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may do anything")
	}
	folder := t.TempDir()
	x := open(t, folder, with(list("csv", "csv")))
	d, lines := document(17)
	require.NoError(t, os.Chmod(folder, 0o500))
	_, err := x.Deliver(t.Context(), d, lines)
	require.ErrorIs(t, err, os.ErrPermission)
	require.NoError(t, os.Chmod(folder, 0o700))
	answer, err := x.Deliver(t.Context(), d, lines)
	require.NoError(t, err)
	assert.True(t, answer.Accepted)
}
