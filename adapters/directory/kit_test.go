package directory_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/directory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// writer is a renderer made of a function, which counts how often it is asked.
type writer struct {
	format  invoice.Format
	write   func(ctx context.Context, w io.Writer, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error
	renders atomic.Int64
}

func (r *writer) Format() invoice.Format { return r.format }

func (r *writer) Render(ctx context.Context, w io.Writer, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	r.renders.Add(1)
	return r.write(ctx, w, d, lines)
}

// list writes what of every line is on its document, in many small pieces.
func list(name, extension string) *writer {
	return &writer{format: invoice.Format{Name: name, Extension: extension}, write: writeList}
}

func writeList(_ context.Context, w io.Writer, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	for l, err := range lines {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s %s %s\n", d.Label(), l.Gross, l.Entry.Personal.Purpose)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var january = credit.NewMonth(2026, time.January)

// purpose is personal, and stands in files only.
const purpose = "Besök hos Gunhild"

// document returns the n-th document and its lines.
func document(n int) (invoice.Document, iter.Seq2[invoice.Line, error]) {
	d := invoice.Document{
		ID: invoice.DocumentID{0x01, 0x9a, 6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}, Kind: invoice.Invoice,
		Series: "JLT", Number: int64(n), Month: january, Lines: 400,
	}
	return d, func(yield func(invoice.Line, error) bool) {
		for i := range d.Lines {
			l := invoice.Line{Entry: travel.Entry{Personal: travel.Personal{Purpose: purpose}}, Gross: credit.Amount(n*1000 + i)}
			if !yield(l, nil) {
				return
			}
		}
	}
}

// whole is what list writes of a document.
func whole(t testing.TB, d invoice.Document, lines iter.Seq2[invoice.Line, error]) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, writeList(t.Context(), &b, d, lines))
	return b.String()
}

func open(t testing.TB, folder string, o directory.Options) *directory.Directory {
	t.Helper()
	root, err := os.OpenRoot(folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	x, err := directory.New(root, o)
	require.NoError(t, err)
	return x
}

// with is Options of renderers only.
func with(renderers ...invoice.Renderer) directory.Options {
	return directory.Options{Renderers: renderers}
}

// seen returns the files that are to be seen in a folder, by their path.
func seen(t testing.TB, folder string) map[string]string { return files(t, folder, false) }

// hidden returns those under .documents.
func hidden(t testing.TB, folder string) map[string]string { return files(t, folder, true) }

func files(t testing.TB, folder string, hidden bool) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != folder:
			return nil // renamed meanwhile
		case err != nil || entry.IsDir():
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil || strings.HasPrefix(name, ".documents") != hidden {
			return err
		}
		content, err := os.ReadFile(path)
		found[filepath.ToSlash(name)] = string(content)
		return err
	})
	require.NoError(t, err)
	return found
}

func accepted(reference string) invoice.Delivery {
	return invoice.Delivery{Accepted: true, Reference: reference}
}
