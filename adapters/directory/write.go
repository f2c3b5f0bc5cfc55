package directory

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"runtime"
	"strconv"

	"github.com/tjansteresor/tjansteresor/invoice"
)

// keep writes a document where nobody sees it yet. It is no error when another
// process was faster.
func (x *Directory) keep(ctx context.Context, at place, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	if x.options.Check != nil {
		switch reason, err := x.options.Check(ctx, d, lines); {
		case err != nil:
			return err
		case reason != "":
			return &refusal{reason}
		}
	}
	name, err := x.begin(at)
	if err == nil {
		if err = x.fill(ctx, name, at, d, lines); err == nil {
			err = x.root.Rename(name, at.kept)
		}
	}
	if err == nil {
		return x.sync(path.Dir(at.kept))
	}
	// It may have failed because another process was faster, and has removed
	// this attempt.
	if _, kept := x.root.Lstat(at.kept); kept == nil {
		return nil
	}
	if name != "" {
		err = errors.Join(err, x.root.RemoveAll(name))
		_ = x.root.Remove(at.parts) // unless others are trying
	}
	return err
}

// fill writes a document into the folder of an attempt.
func (x *Directory) fill(ctx context.Context, name string, at place, d invoice.Document, lines iter.Seq2[invoice.Line, error]) error {
	// Whatever happens to the name, writing goes into this folder.
	into, err := x.root.OpenRoot(name)
	if err != nil {
		return err
	}
	defer into.Close()
	if err := into.Mkdir(filesName, folderMode); err != nil {
		return err
	}
	for i, r := range x.options.Renderers {
		err := write(into, path.Join(filesName, at.label+x.files[i]), func(w io.Writer) error {
			return x.judge(r.Render(ctx, inTime{ctx, w}, d, lines))
		})
		if err != nil {
			return err
		}
	}
	err = write(into, receiptName, func(w io.Writer) error {
		_, err := io.WriteString(w, at.reference+"\n")
		return err
	})
	return errors.Join(err, syncFolder(into, filesName), syncFolder(into, "."), ctx.Err())
}

// begin makes the folder of an attempt, which is no other's.
func (x *Directory) begin(at place) (string, error) {
	if err := x.folder(path.Dir(at.kept)); err != nil {
		return "", err
	}
	if err := x.root.MkdirAll(at.parts, folderMode); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := path.Join(at.parts, strconv.Itoa(n))
		switch err := x.root.Mkdir(name, folderMode); {
		case err == nil:
			return name, nil
		case !errors.Is(err, fs.ErrExist):
			return "", err
		}
	}
}

// judge makes a refusal of an error that is one.
func (x *Directory) judge(err error) error {
	for _, r := range x.options.Refusals {
		if errors.Is(err, r) {
			return &refusal{r.Error()}
		}
	}
	return err
}

// write writes a new file and syncs it.
func write(into *os.Root, name string, render func(w io.Writer) error) error {
	file, err := into.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<16)
	if err = render(out); err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// inTime is a writer that ends with its context.
type inTime struct {
	ctx context.Context
	w   io.Writer
}

// Write writes, or returns the context's error.
func (w inTime) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(p)
}

// sync makes sure that what was renamed or made in folders stays so.
func (x *Directory) sync(folders ...string) error {
	for _, name := range folders {
		if err := syncFolder(x.root, name); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(in *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no such thing
	}
	folder, err := in.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
