package proof

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// tally counts what the scripts of a machine came to: a machine that never
// meets an answer proves nothing about it. Tests log it (go test -v).
type tally struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *tally) count(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string]int{}
	}
	c.seen[what]++
}

// String lists the counts by name.
func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, what := range slices.Sorted(maps.Keys(c.seen)) {
		list = append(list, fmt.Sprintf("%s %d", what, c.seen[what]))
	}
	return strings.Join(list, ", ")
}
