package memory

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A record keeps what open views may read and no more.
func TestVersionsAreForgotten(t *testing.T) {
	t.Parallel()
	var v version[int]
	read := func(epoch uint64) int { return *v.at(epoch).value }
	length := func() (n int) {
		for older := &v; older != nil; older = older.older {
			n++
		}
		return n
	}
	set := func(value int, now, oldest uint64) { v.set(&value, now, oldest) }

	set(10, 0, noView)
	set(11, 1, 0)
	set(12, 1, 0)
	assert.Equal(t, []int{10, 12}, []int{read(0), read(1)}, "a view of epoch 0")
	set(13, 2, 0)
	set(14, 3, 0)
	assert.Equal(t, []int{10, 12, 13, 14}, []int{read(0), read(1), read(2), read(noView)}, "views of 0, 1 and 2")
	set(15, 3, 2)
	assert.Equal(t, []int{13, 15}, []int{read(2), read(3)}, "the view of 2 is left")
	assert.Equal(t, 2, length())
	set(16, 3, noView)
	assert.Equal(t, 1, length())
	assert.Nil(t, v.at(2))
}

func TestOldestView(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	assert.Equal(t, uint64(noView), s.views.oldest.Load())
	first, second := s.beginView(), s.beginView()
	assert.True(t, slices.IsSorted([]uint64{first, second}))
	assert.Equal(t, first, s.views.oldest.Load())
	s.views.add(first, -1)
	assert.Equal(t, second, s.views.oldest.Load())
	s.views.add(second, -1)
	assert.Equal(t, uint64(noView), s.views.oldest.Load())
	assert.Empty(t, s.views.active)
}
