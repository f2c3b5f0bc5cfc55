package storetest_test

import (
	"testing"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/storetest"
)

// An adapter proves itself with a test like this.
func ExampleRun() {
	_ = func(t *testing.T) {
		storetest.Run(t, storetest.Options{
			New: func(testing.TB) storetest.Stores { return storetest.All(memory.New(memory.Options{})) },
		})
	}
}
