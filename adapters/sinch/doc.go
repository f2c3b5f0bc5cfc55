// Package sinch sends messages by the REST API of Sinch SMS and takes their
// delivery receipts.
//
// # Sending
//
//	gateway, err := sinch.New(sinch.Options{ServicePlanID: plan, APIToken: token, CallbackURL: callbackURL})
//
// [Sender] is an sms.Sender: one POST to /xms/v1/PLAN/batches per attempt, a
// batch of one message. Sinch is told until when the message is wanted
// (expire_at); 3 days is the longest that it knows. It cannot be asked not to
// keep a text; that is agreed for the account.
//
// Codes that administrators see are those of Sinch
// ("syntax_invalid_parameter_format"; in receipts numbers such as "408"), those
// of HTTP where there is none ("http-401"), or "timeout", "canceled",
// "connection" and "answer" where there was no answer that makes sense.
//
// Sender names are 3 to 11 letters and digits of ASCII and begin with a letter
// (sms.CheckSender). Some countries ask for them to be registered.
//
// # Receipts
//
//	receipts, err := sinch.Receipts(queue, sinch.ReceiptsOptions{Secrets: []string{secret}})
//	mux.Handle("/sms/sinch", receipts)
//
// Each message asks for a report of every change (delivery_report
// "per_recipient"), and carries the ids of company and message
// (client_reference). They come back in the signed body, so that a receipt names
// the message even when the process died before the batch's id was stored.
// Without a CallbackURL the reports go to the callback URL of the service plan.
//
// Sinch signs body, nonce and timestamp with a secret of the service plan, where
// signing is enabled (plans of before February 2025 have to ask for it); without
// a signature nothing is believed. Secrets has more than one while a secret is
// being replaced. Window bounds the age of a signature. It is a day by default,
// because Sinch repeats that long, and a receipt that is played again changes
// nothing: states only move forward.
//
// Sinch repeats after an answer of 5xx (and 429, then more slowly): after 5, 10,
// 20 seconds and so on, the last time after 81,920 seconds. That bounds the
// repeats for a message that is not known yet (503) and for a store that fails
// (500). Refused receipts (400, 403) are not repeated.
package sinch
