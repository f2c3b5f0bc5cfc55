// Package smstest is the conformance suite of sms.Sender. An adapter proves
// itself against a stand-in of its gateway that its own test brings:
//
//	func TestConformance(t *testing.T) {
//		smstest.Run(t, smstest.Options{
//			Gateway: mygateway.Name,
//			New: func(t testing.TB, heard func(smstest.Arrival)) (sms.Sender, func(smstest.Mood)) {
//				s := newStandIn(t, heard)
//				return mygateway.New(s.Address()), s.SetMood
//			},
//			Code:       "21211",
//			RetryAfter: 7 * time.Second,
//			Lacks:      map[smstest.Mood]string{smstest.Fails: "the protocol has no such answer"},
//		})
//	}
//
// There is one case for each sentence of the contract, which is the comment of
// sms.Sender; where the sentence is about a mood of the gateway, there is one
// for each mood. A case that fails prints the sentence and what was seen. Moods
// that a gateway cannot be in are named in Options.Lacks, cases that an adapter
// does not do in Options.Skip, each with a reason, and show as skipped. [Cases]
// lists them all.
//
// # The stand-in
//
// It speaks the gateway's protocol, checks what the gateway would check (the
// way of sending is not the suite's business), and behaves as its [Mood] says.
// It tells the suite of every message that it has read by calling heard, before
// it answers. A good stand-in repeats number and text in every answer that has
// room for words, as real gateways do: so the suite sees whether they end up in
// an error.
package smstest
