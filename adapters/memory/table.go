package memory

import (
	"iter"
	"slices"
)

// table keeps records in ascending order of a key. The zero table is empty.
type table[K interface {
	comparable
	Compare(K) int
}, V any] struct {
	rows map[K]V
	keys []K
}

func (t *table[K, V]) get(k K) (V, bool) {
	v, ok := t.rows[k]
	return v, ok
}

func (t *table[K, V]) search(k K) (int, bool) {
	return slices.BinarySearchFunc(t.keys, k, K.Compare)
}

func (t *table[K, V]) put(k K, v V) {
	if t.rows == nil {
		t.rows = map[K]V{}
	}
	if _, ok := t.rows[k]; !ok {
		i, _ := t.search(k)
		t.keys = slices.Insert(t.keys, i, k)
	}
	t.rows[k] = v
}

func (t *table[K, V]) remove(k K) {
	if i, ok := t.search(k); ok {
		t.keys = slices.Delete(t.keys, i, i+1)
		delete(t.rows, k)
	}
}

// after yields the records with a key above k.
func (t *table[K, V]) after(k K) iter.Seq[V] {
	return func(yield func(V) bool) {
		i, found := t.search(k)
		if found {
			i++
		}
		for _, k := range t.keys[i:] {
			if !yield(t.rows[k]) {
				return
			}
		}
	}
}

// page returns up to limit of the records that match; a limit of 0 is none.
func page[V any](rows iter.Seq[V], limit int, match func(V) bool) []V {
	var list []V
	for v := range rows {
		if match(v) {
			list = append(list, v)
			if len(list) == limit {
				break
			}
		}
	}
	return list
}
