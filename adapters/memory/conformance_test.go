package memory_test

import (
	"testing"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Options{
		New: func(testing.TB) storetest.Stores { return storetest.All(memory.New(memory.Options{})) },
	})
}
