// Package number checks numbers that companies and banks give out and that
// carry check digits: organization numbers, VAT numbers, bankgiro, plusgiro,
// OCR references and IBANs. Each function takes a number as people write it and
// returns it as it is stored and sent: no spaces, no dashes.
//
// The errors hold no number: that of a sole trader is a personal identity
// number.
package number
