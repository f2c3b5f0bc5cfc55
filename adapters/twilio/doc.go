// Package twilio sends messages by Twilio and takes their delivery receipts.
//
// # Sending
//
//	gateway, err := twilio.New(twilio.Options{AccountSID: sid, Password: authToken, CallbackURL: callbackURL})
//
// [Sender] is an sms.Sender: one POST to Messages.json per attempt. Twilio is
// told for how long the message is wanted, 10 hours at most (ValidityPeriod);
// that counts in Twilio's own queue only. Where the account has Message
// Redaction, set Redact: Twilio then discards the text, which holds a one-time
// code, and hides the number. Other accounts are refused for it (30029).
//
// Codes that administrators see are Twilio's ("21211": no such number; "21610":
// the person has answered STOP), those of HTTP where there is none ("http-500"),
// or "timeout", "canceled", "connection" and "answer" where there was no answer
// that makes sense.
//
// Sender names are 3 to 11 letters and digits of ASCII and begin with a letter
// (sms.CheckSender); Twilio would take spaces too. Alphanumeric names must be
// enabled for the account, and registered for some countries.
//
// # Receipts
//
//	const callbackURL = "https://api.example.se/sms/twilio#rc=5&rp=all"
//	receipts, err := twilio.Receipts(queue, twilio.ReceiptsOptions{PublicURL: callbackURL, AuthTokens: []string{authToken}})
//	mux.Handle("/sms/twilio", receipts)
//
// The URL that Twilio is given with each message has the ids of company and
// message in its query, so that a receipt names the message even when the
// process died before Twilio's id was stored. It never holds a number. Twilio
// signs the whole URL and the parameters with the account's auth token
// (X-Twilio-Signature), so nobody else can name a message. PublicURL is that
// URL as Twilio sees it, whatever proxies make of it. AuthTokens has more than
// one while a token is being replaced; an API key signs nothing.
//
// By default Twilio repeats a receipt once, and only when it cannot connect. The
// fragment of the URL asks for more: up to 5 times (rc=5), also after an answer
// of 5xx (rp=5xx or rp=all), in 15 seconds altogether. That bounds the repeats
// for a message that is not known yet (503) and for a store that fails (500). A
// receipt that is lost for good is no harm to the message; its state stays
// "sent". No receipt comes for the first status, which is in the answer.
package twilio
