// Package elks sends messages by 46elks and takes their delivery receipts.
//
// # Sending
//
//	gateway, err := elks.New(elks.Options{Username: apiUsername, Password: apiPassword, Callback: callback})
//
// [Sender] is an sms.Sender: one POST to /a1/sms per attempt. The gateway is
// asked not to keep the text (dontlog=message), which holds a one-time code. It
// knows no validity period: a phone that is switched off may get a message whose
// code has expired. 46elks answers errors in words only, so the codes that
// administrators see are those of HTTP ("http-403"), or "timeout", "canceled",
// "connection" and "answer" where there was no answer that makes sense.
//
// Sender names are 3 to 11 letters and digits of ASCII and begin with a letter
// (sms.CheckSender). 46elks takes others as well, but networks filter them.
// +4670000000 is a number that sends nothing and costs nothing.
//
// # Receipts
//
//	callback := elks.Callback{
//		URL: "https://api.example.se/sms/elks", Username: "elks", Password: password,
//		Secrets: [][]byte{newSecret, oldSecret},
//	}
//	receipts, err := elks.Receipts(queue, elks.ReceiptsOptions{Callback: callback})
//	mux.Handle("/sms/elks", receipts)
//
// 46elks signs nothing. So the URL that it is given with each message has the
// user and the password in front of the host, which come back as Basic
// authentication, and in its query the ids of company and message with an HMAC
// over both. A receipt needs all of them, and names the message even when the
// process died before the gateway's id was stored. The first of Secrets makes
// tokens, all of them are believed; a secret can go when the last message that
// was sent with it is a day old. The URL never holds a number. Keep the query
// out of access logs all the same: the token lets its reader speak for that one
// message, once the password is known too.
//
// 46elks reports "sent", and then "delivered" or "failed". It repeats a report
// that is not answered with 200 to 204, for at least 6 hours and at least 5
// times; that bounds the repeats for a message that is not known (503) and for a
// store that fails (500). It repeats refused ones too (401, 403, 400).
package elks
