// Package proof holds the tests that look for what nobody thought of, and need
// a tool that no embedder should inherit.
//
// State machines of pgregory.net/rapid drive the services over the memory store
// with random scripts, and compare every answer with a model that was written
// from the rules alone, in the plainest way there is. A script that fails is
// shrunk and printed with its seed. There is a machine for each invariant:
//
//   - I1, credit_test.go: limits, purchases, refunds, over clocks that jump.
//   - I2 and I6, books_test.go: months are closed, documents never change.
//   - I2 and I3, provider_test.go: a payment provider that refuses, is silent
//     or dies between the charge and its answer.
//   - I3, retry_test.go: requests that come again, the same or changed.
//   - I4, code_test.go: one-time codes.
//   - I5, reach_test.go: everybody tries everything with everybody's ids.
//   - I7, personal_test.go: what is personal stands in no log, error or event.
//
// stress_test.go does with real goroutines what the machines do one step at a
// time; rules_test.go finds rules without a test; closebench_test.go measures a
// month's end with all that a host writes then; openapi_test.go runs the tests of
// adapters/httpapi and compares every request and answer with the documents;
// portal_test.go runs those of adapters/portal and shows every page to a browser
// and axe-core.
//
// More, and longer, scripts:
//
//	go test ./internal/proof -rapid.checks=5000 -rapid.steps=100
//
// The package has no code of its own.
package proof
