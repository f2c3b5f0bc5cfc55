// Package credit holds the rules of a monthly credit limit: what a traveler
// may buy for, what is reserved, captured, released and refunded, and why the
// answer is no. It does no I/O and reads no clock; every instant is given.
//
// # Account, authorization, decision
//
// An [Account] is what is known of one traveler's credit. An [Authorization]
// is the record of one purchase. A decision is a method of [Rules]: it takes
// both as values and returns both as they are afterwards, with a [Decline]
// when the answer is no:
//
//	account, z, decline := rules.Authorize(account, request)
//	account, z, decline = rules.Capture(account, z, amount, now)
//
// Decisions are pure. They never change what they were given, not even behind
// a slice, so that they can be run again on fresh state, run dry by throwing
// the result away, and run by many goroutines. Whoever runs them saves account
// and record together, and runs the decisions on one account one after the
// other; package travel and its store do.
//
// # Reserve, then capture
//
// [Rules.Authorize] reserves an amount, whole or not at all (R16), until a
// deadline. Then exactly one of these happens to it, once:
//
//   - [Rules.Capture] makes it a purchase, whole or less (R27). At the deadline
//     or later the answer is a decline.
//   - [Rules.Release] gives it back, [Rules.ReleaseAll] all that an account
//     holds (R23).
//   - It expires. Nothing has to run for that: every decision looks at the
//     deadline. [Rules.Expire] only tidies up.
//
// Where a payment provider has to be asked, [Rules.BeginCapture] comes before
// and [Rules.FinishCapture] or [Rules.Refuse] after; in between the
// reservation neither expires nor can be released. [Rules.Refund] gives a
// captured amount back, in any number of parts (R43).
//
// # Months
//
// The limit is for a calendar month in the operator's time zone ([Month],
// R18). An authorization belongs to the month of its instant, and so do its
// capture and its refunds, whenever they happen (R22, R43). The reset on the
// 1st is no job: a new month is a new key with nothing used in it. What was
// left does not roll over.
//
// Clocks are not trusted to go forward. A purchase is counted in its own month
// also when that is over, and a month that the account has forgotten takes no
// purchase any more, so no credit is given twice. [Rules.Close] fences a month
// for good (R35). In such months nothing is available, whatever the limit.
//
// # Limits
//
// [Rules.SetLimit] sets the limit; it counts at once (R20) and may be below
// what is used (R21). [Rules.SetRaise] sets a temporary one that ends by
// itself. Neither exceeds the maxima of operator and company (R17); when those
// are lowered, the limit in force follows ([Account.LimitAt]).
//
// # Money
//
// An [Amount] is a whole number of öre; [FromDecimal] and [Amount.Decimal] lie
// at the edges. There is no float.
package credit
