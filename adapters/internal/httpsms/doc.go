// Package httpsms is what the SMS gateways over HTTP have in common: one
// attempt with an honest account of what is certain after it ([Client]), the
// callback URL that names a message ([Callback]), and the door for delivery
// receipts ([Handler]).
//
// Nothing here puts a number, a text or a credential into an error or a log.
// What comes from a gateway is let through only when it is a short word
// ([Code], [ID]); its sentences, which like to repeat the number, are not.
package httpsms
