package directory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Options say what is delivered. Renderers are required.
type Options struct {
	// Renderers write the files of a document, one each, in this order.
	Renderers []invoice.Renderer
	// Check is asked before anything is written. A reason other than "" refuses
	// the document, and must hold no personal data; an error is returned as it
	// is. It is called concurrently. Defaults to none.
	Check func(ctx context.Context, d invoice.Document, lines iter.Seq2[invoice.Line, error]) (reason string, err error)
	// Refusals are errors of renderers that are about the document itself and
	// would come again, such as xlsx.ErrRows: they refuse it, and their text is
	// the reason. Defaults to none: every error is one.
	Refusals []error
}

// Directory lays documents down in a directory. It is safe for concurrent use,
// and so are several on one directory, in any number of processes.
type Directory struct {
	root    *os.Root
	options Options
	// files are what the names of the renderers' files end with.
	files []string
}

var _ invoice.Deliverer = (*Directory)(nil)

// New returns a Directory that delivers into root, which stays open as long as
// it is used, and is the caller's to close. The error is a [*travel.InputError]
// that names the option.
func New(root *os.Root, o Options) (*Directory, error) {
	if root == nil {
		return nil, &travel.InputError{Field: "root", Reason: "is required"}
	}
	if len(o.Renderers) == 0 {
		return nil, &travel.InputError{Field: "Options.Renderers", Reason: "is required"}
	}
	o.Renderers, o.Refusals = slices.Clone(o.Renderers), slices.Clone(o.Refusals)
	files, err := endings(o.Renderers)
	return &Directory{root: root, options: o, files: files}, err
}

// Deliver lays a document down, once. The reference is the path of its folder
// inside the directory: 2026-01/JLT-17.
func (x *Directory) Deliver(ctx context.Context, d invoice.Document, lines iter.Seq2[invoice.Line, error]) (invoice.Delivery, error) {
	if d.ID.IsZero() {
		return invoice.Delivery{}, &travel.InputError{Field: "Document.ID", Reason: "is required: a draft is not delivered"}
	}
	if err := ctx.Err(); err != nil {
		return invoice.Delivery{}, err
	}
	at := placeOf(&d)
	_, err := x.root.Lstat(at.kept)
	if errors.Is(err, fs.ErrNotExist) {
		err = x.keep(ctx, at, d, lines)
	}
	var reference string
	if err == nil {
		reference, err = x.show(at)
	}
	var r *refusal
	switch {
	case errors.As(err, &r):
		return invoice.Delivery{Reason: r.reason}, nil
	case err != nil:
		return invoice.Delivery{}, fmt.Errorf("directory: document %s: %w", d.ID, err)
	}
	return invoice.Delivery{Accepted: true, Reference: reference}, nil
}

// refusal is an error that is an answer.
type refusal struct{ reason string }

// Error returns the reason.
func (r *refusal) Error() string { return r.reason }

// show renames what is kept into place, unless that was done, and returns the
// reference.
func (x *Directory) show(at place) (string, error) {
	// What the receipt says counts, also when names have another form now.
	receipt, err := x.root.ReadFile(path.Join(at.kept, receiptName))
	if err != nil {
		return "", err
	}
	reference := strings.TrimSpace(string(receipt))
	files := path.Join(at.kept, filesName)
	switch _, err := x.root.Lstat(files); {
	case err == nil:
		err = x.put(files, reference)
		if err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	// Also when another process has renamed it: it may not have got further.
	// Who fetched the folder may have removed that of the month.
	if err := x.sync(path.Dir(reference)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := x.sync(at.kept); err != nil {
		return "", err
	}
	// An attempt that is still being made may be in the way. It will fail, find
	// that the document was delivered, and do the same.
	_ = x.root.RemoveAll(at.parts)
	return reference, nil
}

// put renames files that nobody has seen yet.
func (x *Directory) put(files, reference string) error {
	err := x.folder(path.Dir(reference))
	if err == nil {
		err = x.root.Rename(files, reference)
	}
	if err == nil {
		return nil
	}
	if _, left := x.root.Lstat(files); errors.Is(left, fs.ErrNotExist) {
		return nil
	}
	if _, taken := x.root.Lstat(reference); taken == nil {
		return &refusal{reference + " is there already and is not this document: it was not overwritten"}
	}
	return err
}

// folder makes a folder that is still there after a loss of power.
func (x *Directory) folder(name string) error {
	if err := x.root.MkdirAll(name, folderMode); err != nil {
		return err
	}
	for name != "." {
		name = path.Dir(name)
		if err := x.sync(name); err != nil {
			return err
		}
	}
	return nil
}

// The modes are as the umask leaves them.
const (
	folderMode = 0o750
	fileMode   = 0o640
)
