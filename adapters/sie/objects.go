package sie

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/tjansteresor/tjansteresor/invoice"
)

// objects are those of all documents. They are collected before the file is
// written: many documents have the same ones.
type objects struct {
	ask   func(invoice.Document) []Object
	list  []Object
	known map[objectKey]bool
}

type objectKey struct {
	dimension int
	number    string
}

// objects ranges over the documents and collects their objects.
func (r *Renderer) objects(ctx context.Context, documents iter.Seq2[invoice.Document, error]) (*objects, error) {
	all := &objects{ask: r.options.Objects, known: map[objectKey]bool{}}
	if all.ask == nil {
		return all, nil
	}
	for d, err := range documents {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		for _, o := range all.ask(d) {
			if o.Dimension < 1 || o.Number == "" {
				return nil, wrong(&d, ErrObject, "dimension %d, number %q", o.Dimension, o.Number)
			}
			if key := (objectKey{o.Dimension, o.Number}); !all.known[key] {
				all.known[key] = true
				all.list = append(all.list, o)
			}
		}
	}
	slices.SortFunc(all.list, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), strings.Compare(a.Number, b.Number))
	})
	return all, nil
}

// dimensions returns an object of each dimension.
func (all *objects) dimensions() []Object {
	return slices.CompactFunc(slices.Clone(all.list), func(a, b Object) bool { return a.Dimension == b.Dimension })
}

// of returns a document's objects as a transaction names them.
func (all *objects) of(d *invoice.Document) (string, error) {
	if all.ask == nil {
		return "", nil
	}
	var fields []string
	seen := map[int]bool{}
	for _, o := range all.ask(*d) {
		if seen[o.Dimension] || !all.known[objectKey{o.Dimension, o.Number}] {
			return "", wrong(d, ErrObject, "dimension %d, number %q: twice, or not there before", o.Dimension, o.Number)
		}
		seen[o.Dimension] = true
		fields = append(fields, strconv.Itoa(o.Dimension), quoted(o.Number))
	}
	return strings.Join(fields, " "), nil
}
