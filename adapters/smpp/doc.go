// Package smpp sends messages over SMPP 3.4: a [Client] is a [sms.Sender] that
// keeps one transceiver bound to an SMSC, and gives the receipts that come back
// to a [sms.ReportReceiver].
//
//	client, err := smpp.New(smpp.Options{
//		Addr:     "smsc.example.com:3550",
//		Dial:     (&tls.Dialer{}).DialContext,
//		SystemID: "resor", Password: password,
//		Reports:  queue,
//	})
//	...
//	go client.Run(ctx)
//	err = client.Ready(ctx)
//	dispatcher, err := sms.NewDispatcher(queue, client, ring, ...)
//
// Nothing is dialed before [Client.Run], and what it starts has ended when it
// returns. SMPP itself is not encrypted: without TLS or a private line, one-time
// codes travel in clear.
//
// # Messages
//
//	source        alphanumeric: TON 5, NPI 0
//	destination   international: TON 1, NPI 1, digits without the plus sign
//	text          data_coding 0: GSM 7-bit, a septet in each octet; or 8: UCS-2
//	longer texts  parts with a header (esm_class 0x40), cut where sms.Split cuts
//	validity      Message.Expires, absolute
//	receipt       asked for with every part (registered_delivery 1)
//
// The SMSC's default alphabet must be GSM 7-bit; that is a setting of the account.
// The parts of a long message go one after the other, so that after a refusal
// no more are sent. Its GatewayID is the id of the last part.
//
// # What came of it
//
//	answer                                            error              Code
//	status 0, of every part                           none
//	ESME_RTHROTTLED, ESME_RMSGQFUL                    sms.ErrTemporary   esme 0x58, with RetryAfter
//	ESME_RSUBMITFAIL, ESME_RX_T_APPN                  sms.ErrTemporary   esme 0x45
//	what is wrong with the message, ESME_RX_P_APPN    sms.ErrPermanent   esme 0x0b
//	ESME_RSYSERR, a vendor's or an unspecified code   sms.ErrUnknown     esme 0x08
//	a refusal after some parts                        sms.ErrUnknown     that of the refusal
//	the connection ended before the answer            sms.ErrUnknown     connection lost
//	ctx was done before the answer                    sms.ErrUnknown     unanswered
//	ctx was done before the message was written       sms.ErrTemporary   canceled
//	there was no connection                           sms.ErrTemporary   unbound
//
// A message that is lost with its connection is told as unknown at the moment
// when the connection ends.
//
// # Receipts
//
// A receipt (deliver_sm with esm_class 4) becomes a [sms.DeliveryReport]. The
// optional parameters receipted_message_id and message_state count before the
// words of its text. It is acknowledged when the report is stored. When that
// fails, also because the id is not stored yet, it is answered with
// ESME_RX_T_APPN, and the SMSC delivers it again, as often as it is set to.
//
// The Client remembers the newest 50,000 ids. While it knows one, the report
// names Company and ID of the message, which also resolves a message that Send
// has ended without an answer. Of others, those from before a restart or of
// another process with the same account, the report has the GatewayID alone.
//
// Parts are reported as one: failed as soon as one has failed, delivered when all
// are. That is counted in memory. After a restart the last part stands
// for the whole, and receipts of the others are unknown.
//
// Where an SMSC writes the same id in hexadecimal in its answers and in decimal
// in its receipts, the host's own receiver in Options.Reports can rewrite the
// GatewayID and pass the report on. Messages from phones are acknowledged and
// dropped.
//
// # Secrets
//
// No number, text or password is in an error or a log (I7).
package smpp
