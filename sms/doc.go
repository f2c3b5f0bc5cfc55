// Package sms writes the text messages that travelers get, counts what they
// cost, and sees to it that they arrive.
//
// # Texts
//
// [NewTemplates] takes an operator's own words, in Swedish and English, and
// refuses those that would not fit one segment with the longest username, code
// and period: a second segment doubles the bill, and one round apostrophe more
// than halves the room. So texts have no names in them and a short way in the
// app. [Templates.Credentials] renders the message of R09.
//
// [Analyze] counts any text: the encoding ([GSM7], or [UCS2] when a rune
// forces it), units and segments. [Split] gives the parts, [Encode] the septets,
// and [Fold] turns what word processors put in back into what was typed. All
// work on NFC, because å as a letter and a ring is not in GSM 7-bit.
//
// # Waiting messages
//
// A message is written to the outbox by whoever causes it (package travel), as
// a [Queued] record in the transaction of its cause, so neither comes without
// the other. Its text holds a one-time code and is therefore sealed by
// [SealText] under a key of the host. The text is wiped when a gateway has taken
// it and when no attempt is left: it expired, a newer code made it void (R13),
// it was refused for good, or the traveler was erased (R44).
//
// What may happen to a message is said by the methods of [Queued], which are
// pure. A store implements the port [Queue] by loading, calling and saving.
//
// # Sending
//
// A [Dispatcher] leases due messages, opens them, and hands them to a [Sender],
// the port behind which a gateway is. Any number of dispatchers may work on one
// store. The host calls [Dispatcher.RunDue] from its own scheduler, or
// [Dispatcher.Run] on a goroutine of its own.
//
// Delivery is at least once: after a crash or a time-out nobody knows whether
// the gateway has the message, so it is sent again, with the same id and the same
// text, 3 times at most. A code that comes twice does no harm. Waits between
// attempts are random below a doubling limit (full jitter). An attempt is
// counted before it is made, so not even crashes exceed the number.
//
// # Limits
//
// What a mistake or abuse could send is bounded by [Limits]: attempts per number
// and day, per company and hour, per operator and day. They are counted in the
// store, in the transaction that counts the attempt, so they hold over all
// processes. What is above one waits for the next period, and its ErrorCode says
// so. With [Dispatcher.Halt] the operator stops all sending at once, everywhere,
// until [Dispatcher.Resume]; nothing is lost meanwhile but what expires.
//
// # States
//
//	queued ──► sent ──► unknown ──► failed ──► delivered
//
// A message moves along this line, skips what does not happen to it, and
// never goes back by a report, however often and in whatever order the
// reports of a gateway come ([Queue], ReceiveReport). Only the attempts of a
// dispatcher take it from unknown to sent, or to queued when the attempt
// certainly failed and none before it is in doubt. Unknown means that a gateway may have it, which
// is also so while it is being handed over. Administrators see the state and
// the ErrorCode.
//
// # Secrets
//
// Numbers, texts and credentials do not show when values, errors and logs of
// this package are printed (I7). The gateway gets the number by its method E164.
package sms
