package smstest

import (
	"slices"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// Arrival is a message as a stand-in has read it.
type Arrival struct {
	// To is the number in E.164 with its plus sign, which the stand-in adds
	// where the protocol leaves it out.
	To string
	// From is the sender name.
	From string
	// Text is the whole text, put together again when it came in parts, in
	// UTF-8.
	Text string
}

// Options says how to get at a Sender and its gateway.
type Options struct {
	// Gateway is what receipts name. Required.
	Gateway string
	// New starts a stand-in in the mood Accepts and returns a new Sender that
	// sends to it, and what sets the mood. The stand-in calls heard for every
	// message that it has read, in whatever mood, before it answers; heard is
	// safe for concurrent use. New cleans up with t.Cleanup. Required.
	New func(t testing.TB, heard func(Arrival)) (sms.Sender, func(Mood))
	// Code is the gateway's code in the mood Refuses, as SendError.Code is to
	// have it. "" skips the case about it.
	Code string
	// RetryAfter is the wait that a stand-in asks for in the mood Throttles. 0
	// skips the case about it.
	RetryAfter time.Duration
	// Lacks names the moods that the gateway cannot be in, each with the reason.
	// Their cases are skipped.
	Lacks map[Mood]string
	// Skip names cases that are not run, each with the reason.
	Skip map[string]string
	// Clock is that of the Sender; messages expire an hour later. Defaults to
	// time.Now.
	Clock func() time.Time
	// Patience bounds each Send of which the contract says that it returns by
	// itself. Defaults to 10 seconds.
	Patience time.Duration
}

// Case is a sentence of the contract and the proof of it.
type Case struct {
	// Name is the subject and what is said of it: "dies/unknown".
	Name string
	// Contract is the sentence, as the comment of the port says it.
	Contract string

	mood Mood // which the gateway must be capable of
	// needs tells why the options do not suffice, or is nil.
	needs func(o Options) string
	run   func(c *check)
}

// Cases returns all cases.
func Cases() []Case {
	return slices.Concat(receiptCases, failureCases, contextCases, textCases, attemptCases(), secretCases(), concurrencyCases)
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

// Run runs one case on a new Sender and stand-in.
func (c Case) Run(t testing.TB, o Options) {
	t.Helper()
	if reason, ok := o.Skip[c.Name]; ok {
		t.Skipf("skipped by the adapter: %s", reason)
	}
	if reason, ok := o.Lacks[c.mood]; ok {
		t.Skipf("the gateway never %s: %s", c.mood, reason)
	}
	if c.needs != nil {
		if lacking := c.needs(o); lacking != "" {
			t.Skip(lacking)
		}
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	check := &check{TB: t, contract: c.Contract, o: o, arrivals: make(chan struct{}, 1)}
	check.sender, check.set = o.New(t, check.heard)
	if c.mood != Accepts {
		check.set(c.mood)
	}
	c.run(check)
}
