package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Stores is what is tested. A port that is nil is not implemented; most cases
// need Travel, which writes what the other ports read.
type Stores struct {
	Travel  travel.Store
	Invoice invoice.Store
	SMS     sms.Queue
	Jobs    travel.JobStore
}

// All returns the ports of a value that implements all of them.
func All[S interface {
	travel.Store
	travel.JobStore
	invoice.Store
	sms.Queue
}](s S) Stores {
	return Stores{Travel: s, Invoice: s, SMS: s, Jobs: s}
}

// Options says how to get at the stores.
type Options struct {
	// New returns stores that are empty. It cleans up with t.Cleanup. Required.
	New func(t testing.TB) Stores
	// Reopen closes the stores and opens them again on what they have kept, as
	// another process would. nil skips the cases about it.
	Reopen func(t testing.TB, s Stores) Stores
	// OneWriter says that the database has one writer at a time, as SQLite has:
	// decide/apart then asks only that both get their turn.
	OneWriter bool
	// Skip names cases that are not run, each with the reason.
	Skip map[string]string
	// Patience bounds each case, and each call of which the contract says that
	// it does not wait. Defaults to 30 seconds.
	Patience time.Duration
}

// Case is a sentence of a contract and the proof of it.
type Case struct {
	// Name is the subject and what is said of it: "decide/apart".
	Name string
	// Contract is the sentence, as it stands in the comment of the port.
	Contract string

	needs port
	run   func(c *check)
}

// port is a set of ports.
type port uint8

const (
	needsTravel port = 1 << iota
	needsInvoice
	needsSMS
	needsJobs
	needsReopen
)

// Cases returns all cases, in the order of the ports.
func Cases() []Case {
	return slices.Concat(contextCases, decideCases, updateCases, viewCases, recordCases,
		travelerCases, purchaseCases, entryCases, eventCases, messageCases, invoiceCases, jobCases, reopenCases)
}

// Run runs every case as a subtest.
func Run(t *testing.T, o Options) {
	t.Helper()
	known := map[string]bool{}
	for _, c := range Cases() {
		known[c.Name] = true
		t.Run(c.Name, func(t *testing.T) { c.Run(t, o) })
	}
	for name := range o.Skip {
		if !known[name] {
			t.Errorf("Options.Skip names %q, which is no case", name)
		}
	}
}

// Run runs one case on new stores.
func (c Case) Run(t testing.TB, o Options) {
	t.Helper()
	if reason, ok := o.Skip[c.Name]; ok {
		t.Skipf("skipped by the adapter: %s", reason)
	}
	if c.needs&needsReopen != 0 && o.Reopen == nil {
		t.Skip("the adapter does not reopen")
	}
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	stores := o.New(t)
	for _, p := range []struct {
		port  port
		given bool
		name  string
	}{
		{needsTravel, stores.Travel != nil, "travel.Store"}, {needsInvoice, stores.Invoice != nil, "invoice.Store"},
		{needsSMS, stores.SMS != nil, "sms.Queue"}, {needsJobs, stores.Jobs != nil, "travel.JobStore"},
	} {
		if c.needs&p.port != 0 && !p.given {
			t.Skipf("the adapter does not implement %s", p.name)
		}
	}
	c.run(newCheck(t, c.Contract, o, stores))
}
