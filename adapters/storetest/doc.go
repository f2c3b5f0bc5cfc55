// Package storetest is the conformance suite of the storage ports: travel.Store
// with its event queue, invoice.Store, sms.Queue and travel.JobStore. An adapter
// proves itself with ten lines:
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, storetest.Options{
//			New: func(t testing.TB) storetest.Stores {
//				return storetest.All(mystore.New(t.TempDir()))
//			},
//			Reopen: func(t testing.TB, s storetest.Stores) storetest.Stores { ... },
//			Skip:   map[string]string{"jobs/lost": "the host has a scheduler of its own"},
//		})
//	}
//
// There is one case for each sentence of the contracts, which are the comments
// of the ports. A case that fails prints the sentence and what was seen. What
// an adapter does not do is skipped by name and with a reason, visibly; ports
// that it does not implement are nil in [Stores], and their cases are skipped.
// [Cases] lists them all.
//
// The cases use records whose every field is set, whatever fields they have,
// so that a new field cannot be forgotten. They call the ports only: no rule of
// the service is needed or tested here.
package storetest
