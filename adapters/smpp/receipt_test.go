package smpp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tjansteresor/tjansteresor/sms"
)

func TestReceipt(t *testing.T) {
	t.Parallel()
	state := func(n byte) map[uint16][]byte { return map[uint16][]byte{tlvMessageState: {n}} }
	for name, c := range map[string]struct {
		m    shortMessage
		want receipt
	}{
		"as the specification has it": {
			shortMessage{text: []byte("id:0123 sub:001 dlvrd:001 submit date:2603020800 done date:2603020801 stat:DELIVRD err:000 text:Hej")},
			receipt{"0123", sms.StateDelivered, ""},
		},
		"other order and case": {
			shortMessage{text: []byte("STAT:undeliv ID:a-1 Err:0B1")},
			receipt{"a-1", sms.StateFailed, "UNDELIV 0B1"},
		},
		"text of the message": {
			shortMessage{text: []byte("id:1 stat:REJECTD err:000 text:id:2 stat:DELIVRD err:1")},
			receipt{"1", sms.StateFailed, "REJECTD"},
		},
		"lines":               {shortMessage{text: []byte("id:1\nstat:EXPIRED\n")}, receipt{"1", sms.StateFailed, "EXPIRED"}},
		"written out":         {shortMessage{text: []byte("id:1 stat:DELIVERED")}, receipt{"1", sms.StateDelivered, ""}},
		"on its way":          {shortMessage{text: []byte("id:1 stat:ACCEPTD err:0")}, receipt{"1", sms.StateSent, ""}},
		"no state":            {shortMessage{text: []byte("id:1")}, receipt{"1", sms.StateUnknown, ""}},
		"a short state":       {shortMessage{text: []byte("id:1 stat:OK")}, receipt{"1", sms.StateUnknown, ""}},
		"a code that is none": {shortMessage{text: []byte("id:1 stat:FAILED err:+46701234567")}, receipt{"1", sms.StateFailed, "FAILED"}},
		"a state too long":    {shortMessage{text: []byte("id:1 stat:FAILED46701234567")}, receipt{"1", sms.StateFailed, "FAILED"}},
		"in UCS-2":            {shortMessage{coding: codingUCS2, text: utf16BE("id:1 stat:DELIVRD")}, receipt{"1", sms.StateDelivered, ""}},
		"behind a header": {
			shortMessage{esmClass: esmHeader, text: []byte("\x05\x00\x03\x01\x01\x01id:1 stat:DELIVRD")},
			receipt{"1", sms.StateDelivered, ""},
		},
		"as payload": {
			shortMessage{tlvs: map[uint16][]byte{tlvMessagePayload: []byte("id:1 stat:DELIVRD")}},
			receipt{"1", sms.StateDelivered, ""},
		},
		"parameters first": {
			shortMessage{
				text: []byte("id:1 stat:DELIVRD err:012"),
				tlvs: map[uint16][]byte{tlvMessageID: []byte("2\x00"), tlvMessageState: {5}},
			},
			receipt{"2", sms.StateFailed, "UNDELIV 012"},
		},
		"a parameter without end": {shortMessage{tlvs: map[uint16][]byte{tlvMessageID: []byte("2")}}, receipt{"2", sms.StateUnknown, ""}},
		"state 1":                 {shortMessage{text: []byte("id:1"), tlvs: state(1)}, receipt{"1", sms.StateSent, ""}},
		"state 2":                 {shortMessage{text: []byte("id:1"), tlvs: state(2)}, receipt{"1", sms.StateDelivered, ""}},
		"state 4":                 {shortMessage{text: []byte("id:1"), tlvs: state(4)}, receipt{"1", sms.StateFailed, "DELETED"}},
		"state 7":                 {shortMessage{text: []byte("id:1"), tlvs: state(7)}, receipt{"1", sms.StateUnknown, ""}},
		"state 8":                 {shortMessage{text: []byte("id:1"), tlvs: state(8)}, receipt{"1", sms.StateFailed, "REJECTD"}},
		"no state of SMPP":        {shortMessage{text: []byte("id:1 stat:DELIVRD"), tlvs: state(99)}, receipt{"1", sms.StateDelivered, ""}},
	} {
		got, ok := c.m.receipt()
		assert.True(t, ok, name)
		assert.Equal(t, c.want, got, name)
	}
	for _, text := range []string{"", "stat:DELIVRD", "id: stat:DELIVRD", "valid:1 stat:DELIVRD", "id:å", "id:" + strings.Repeat("1", 65), "id:1\x00"} {
		_, ok := shortMessage{text: []byte(text)}.receipt()
		assert.False(t, ok, "%q", text)
	}
	for class, want := range map[byte]bool{0: false, 4: true, 0x44: true, 0x84: true, 8: false, 0x10: false, 0x20: false, 0x24: false} {
		assert.Equal(t, want, shortMessage{esmClass: class}.isReceipt(), class)
	}
}

// checkReceipt checks what must be true of any receipt: it can be stored.
func checkReceipt(t *testing.T, r receipt) {
	t.Helper()
	assert.True(t, validID(r.id), "%q", r.id)
	assert.Contains(t, []sms.State{sms.StateSent, sms.StateUnknown, sms.StateFailed, sms.StateDelivered}, r.state)
	assert.Equal(t, r.state == sms.StateFailed, r.code != "", r.code)
	assert.LessOrEqual(t, len(r.code), 40)
	assert.Empty(t, strings.Trim(r.code, " 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
}

func FuzzReceipt(f *testing.F) {
	f.Add("id:0123 sub:001 dlvrd:001 submit date:2603020800 done date:2603020801 stat:UNDELIV err:011 text:Hej", byte(0), byte(0))
	f.Add("ID:1 Stat:faile err:\xff", byte(esmHeader), byte(codingUCS2))
	f.Add("text:", byte(0), byte(3))
	f.Fuzz(func(t *testing.T, text string, class, coding byte) {
		if r, ok := (shortMessage{text: []byte(text), esmClass: class, coding: coding}).receipt(); ok {
			checkReceipt(t, r)
		}
	})
}
