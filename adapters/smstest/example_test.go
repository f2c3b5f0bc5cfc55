package smstest_test

import (
	"testing"

	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

// An adapter proves itself with a test like this, against a stand-in of its
// gateway. Here both are one.
func ExampleRun() {
	_ = func(t *testing.T) {
		smstest.Run(t, smstest.Options{
			Gateway: name,
			New: func(_ testing.TB, heard func(smstest.Arrival)) (sms.Sender, func(smstest.Mood)) {
				g := &gateway{heard: heard}
				return g, g.set
			},
			Code:       refusal,
			RetryAfter: retryAfter,
		})
	}
}
