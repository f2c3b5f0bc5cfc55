package smpp

import (
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/tjansteresor/tjansteresor/sms"
)

// receipt is what a delivery receipt says.
type receipt struct {
	id    string // as in the submit_sm_resp
	state sms.State
	code  string // why it failed
}

// Optional parameters of a deliver_sm (SMPP 3.4, 5.3.2).
const (
	tlvMessageID      = 0x001e // receipted_message_id
	tlvMessagePayload = 0x0424
	tlvMessageState   = 0x0427
)

// isReceipt tells whether a deliver_sm is the SMSC's receipt and not a message
// from a phone.
func (m shortMessage) isReceipt() bool { return m.esmClass&esmType == esmReceipt }

// receipt reads a delivery receipt: the optional parameters where they are
// there, and else the text. It reports false when neither names a message.
func (m shortMessage) receipt() (receipt, bool) {
	words := receiptWords(m.content())
	r := receipt{id: words["id"]}
	if tlv, ok := m.tlvs[tlvMessageID]; ok {
		r.id = strings.TrimRight(string(tlv), "\x00")
	}
	word := strings.ToUpper(words["stat"])
	if tlv := m.tlvs[tlvMessageState]; len(tlv) == 1 && int(tlv[0]) < len(stateWords) {
		word = stateWords[tlv[0]]
	}
	r.state = stateOf(word)
	if r.state == sms.StateFailed {
		r.code = failureCode(word, words["err"])
	}
	return r, validID(r.id)
}

// content is the text of a message without its header, where ASCII is enough
// to read it.
func (m shortMessage) content() string {
	text := m.text
	if payload, ok := m.tlvs[tlvMessagePayload]; ok && len(text) == 0 {
		text = payload
	}
	if m.esmClass&esmHeader != 0 && len(text) > 0 && int(text[0]) < len(text) {
		text = text[1+int(text[0]):]
	}
	if m.coding != codingUCS2 {
		return string(text)
	}
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = uint16(text[2*i])<<8 | uint16(text[2*i+1])
	}
	return string(utf16.Decode(units))
}

// maxID is the length of a message_id without its NUL.
const maxID = 64

// validID tells whether an id can be stored and compared: printable ASCII.
func validID(id string) bool {
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return id != "" && len(id) <= maxID && !strings.ContainsFunc(id, outside)
}

// The words of a receipt's text (SMPP 3.4, appendix B):
//
//	id:0123456789 sub:001 dlvrd:001 submit date:2603020800 done date:2603020801 stat:DELIVRD err:000 text:Hej
//
// Which come, in what order and case, differs between SMSCs.
var (
	receiptWord = regexp.MustCompile(`(?i)(?:^|\s)(id|stat|err):(\S*)`)
	receiptText = regexp.MustCompile(`(?i)(?:^|\s)text:`)
)

// receiptWords returns the first id, stat and err of a receipt. What follows
// "text:" is what the message began with, and never read.
func receiptWords(text string) map[string]string {
	if at := receiptText.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	words := map[string]string{}
	for _, match := range receiptWord.FindAllStringSubmatch(text, -1) {
		if name := strings.ToLower(match[1]); words[name] == "" {
			words[name] = match[2]
		}
	}
	return words
}

// stateWords are the states of SMPP in the order of message_state.
var stateWords = [...]string{
	"SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SKIPPED",
}

// stateOf reads a word by its beginning: SMSCs abbreviate differently.
func stateOf(word string) sms.State {
	switch word[:min(5, len(word))] {
	case "DELIV":
		return sms.StateDelivered
	case "SCHED", "ENROU", "ACCEP", "BUFFE", "SUBMI":
		return sms.StateSent
	case "EXPIR", "DELET", "UNDEL", "REJEC", "SKIPP", "FAILE":
		return sms.StateFailed
	}
	return sms.StateUnknown
}

// failureCode joins the state and the network's code, "UNDELIV 011", where
// these look like ones.
func failureCode(word, err string) string {
	if len(word) > 12 || !alphanumeric(word) {
		word = "FAILED"
	}
	if err != "" && strings.Trim(err, "0") != "" && len(err) <= 8 && alphanumeric(err) {
		word += " " + err
	}
	return word
}

func alphanumeric(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
