package memory

// version is a record with the earlier ones that a view may still read. The
// row that it belongs to guards it.
type version[T any] struct {
	// value is replaced, and changed only while no view may read it.
	value *T
	// epoch is the one in which value was saved.
	epoch uint64
	older *version[T]
}

// at returns the newest version that a view of an epoch may see, or nil.
func (v *version[T]) at(epoch uint64) *version[T] {
	for v != nil && v.epoch > epoch {
		v = v.older
	}
	return v
}

// set replaces the value and keeps those before it that the views from the
// oldest on may still read.
func (v *version[T]) set(value *T, now, oldest uint64) {
	if v.epoch < now && oldest != noView {
		before := *v
		v.older = &before
	}
	if seen := v.older.at(oldest); seen != nil {
		seen.older = nil
	}
	if oldest == noView {
		v.older = nil
	}
	v.value, v.epoch = value, now
}

// edit returns the value to be changed in place, or a copy of it when a view
// may still read the present one.
func (v *version[T]) edit(now, oldest uint64) *T {
	if v.epoch < now && oldest != noView {
		edited := *v.value
		v.set(&edited, now, oldest)
	}
	return v.value
}
