package memory_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A payment provider that dies between the charge and its answer: the charge is
// made once, however often it is asked for.
func ExampleProvider() {
	ctx := context.Background()
	var provider memory.Provider
	provider.Next(memory.Die())

	charge := travel.Charge{Amount: 25_000}
	charge.ID[0] = 1
	_, err := provider.Charge(ctx, charge)
	fmt.Println(errors.Is(err, memory.ErrSilent))
	answer, err := provider.Charge(ctx, charge)
	fmt.Println(answer.Approved, err, len(provider.Charged()))
	// Output:
	// true
	// true <nil> 1
}
