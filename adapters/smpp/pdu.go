package smpp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// command is the command_id of a PDU (SMPP 3.4, 5.1.2.1).
type command uint32

const (
	genericNack         command = 0x80000000
	submitSM            command = 0x00000004
	submitSMResp        command = 0x80000004
	deliverSM           command = 0x00000005
	deliverSMResp       command = 0x80000005
	unbind              command = 0x00000006
	unbindResp          command = 0x80000006
	bindTransceiver     command = 0x00000009
	bindTransceiverResp command = 0x80000009
	enquireLink         command = 0x00000015
	enquireLinkResp     command = 0x80000015
	outbind             command = 0x0000000b
	alertNotification   command = 0x00000102
)

// expectsAnswer tells whether who gets the PDU must answer it.
func (c command) expectsAnswer() bool {
	return c&genericNack == 0 && c != outbind && c != alertNotification
}

// pdu is one packet; its length is known from the body.
type pdu struct {
	command  command
	status   Status
	sequence uint32
	body     []byte
}

const (
	headerSize  = 16
	maxPDU      = 64 << 10
	maxSequence = 0x7fffffff
)

// frame returns what goes over the wire.
func (p pdu) frame() []byte {
	b := make([]byte, 0, headerSize+len(p.body))
	b = binary.BigEndian.AppendUint32(b, uint32(headerSize+len(p.body)))
	b = binary.BigEndian.AppendUint32(b, uint32(p.command))
	b = binary.BigEndian.AppendUint32(b, uint32(p.status))
	b = binary.BigEndian.AppendUint32(b, p.sequence)
	return append(b, p.body...)
}

// readPDU reads one packet. After an error nothing more can be read: where the
// next one begins is not known.
func readPDU(r io.Reader) (pdu, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return pdu{}, err
	}
	size := binary.BigEndian.Uint32(header[:])
	if size < headerSize || size > maxPDU {
		return pdu{}, fmt.Errorf("%w: command_length %d", errProtocol, size)
	}
	p := pdu{
		command:  command(binary.BigEndian.Uint32(header[4:])),
		status:   Status(binary.BigEndian.Uint32(header[8:])),
		sequence: binary.BigEndian.Uint32(header[12:]),
		body:     make([]byte, size-headerSize),
	}
	_, err := io.ReadFull(r, p.body)
	return p, err
}

// cString appends a text that ends with NUL; texts with a NUL in them are
// refused before.
func cString(b []byte, s string) []byte { return append(append(b, s...), 0) }

// address appends type of number, numbering plan and address.
func address(b []byte, ton, npi byte, s string) []byte { return cString(append(b, ton, npi), s) }

// bindBody is that of a bind_transceiver.
func bindBody(systemID, password, systemType string) []byte {
	const version = 0x34
	b := cString(cString(cString(nil, systemID), password), systemType)
	return address(append(b, version), 0, 0, "")
}

// shortMessage is what submit_sm and deliver_sm carry, as far as it is used.
type shortMessage struct {
	source, destination string
	esmClass            byte
	validity            string // as in SMPP 3.4, 7.1.1
	registered          byte   // registered_delivery
	coding              byte
	text                []byte            // with its header, if esmClass says so
	tlvs                map[uint16][]byte // optional parameters
}

// Bits of esm_class, and its message type.
const (
	esmHeader  = 0x40
	esmType    = 0x3c
	esmReceipt = 0x04
)

// submitBody is that of a submit_sm from a name to a number.
func (m shortMessage) submitBody() []byte {
	const (
		alphanumeric, unknownPlan = 5, 0
		international, isdn       = 1, 1
	)
	b := cString(nil, "") // service_type
	b = address(b, alphanumeric, unknownPlan, m.source)
	b = address(b, international, isdn, m.destination)
	b = append(b, m.esmClass, 0, 0) // protocol_id, priority_flag
	b = cString(b, "")              // schedule_delivery_time
	b = cString(b, m.validity)
	b = append(b, m.registered, 0, m.coding, 0, byte(len(m.text))) // replace_if_present_flag, sm_default_msg_id
	return append(b, m.text...)
}

// parseDeliver reads the body of a deliver_sm. What comes behind the first bad
// optional parameter is left out.
func parseDeliver(body []byte) (shortMessage, error) {
	f := fields{rest: body}
	var m shortMessage
	f.cString() // service_type
	f.take(2)
	m.source = f.cString()
	f.take(2)
	m.destination = f.cString()
	m.esmClass = f.octet()
	f.take(2)   // protocol_id, priority_flag
	f.cString() // schedule_delivery_time
	m.validity = f.cString()
	m.registered = f.octet()
	f.take(1) // replace_if_present_flag
	m.coding = f.octet()
	f.take(1) // sm_default_msg_id
	m.text = f.take(int(f.octet()))
	if f.short {
		return shortMessage{}, fmt.Errorf("%w: deliver_sm of %d octets", errProtocol, len(body))
	}
	m.tlvs = f.tlvs()
	return m, nil
}

// fields reads the fields of a body one after the other; short says that there
// were fewer.
type fields struct {
	rest  []byte
	short bool
}

func (f *fields) take(n int) []byte {
	if n > len(f.rest) {
		f.rest, f.short = nil, true
		return nil
	}
	taken := f.rest[:n]
	f.rest = f.rest[n:]
	return taken
}

func (f *fields) octet() byte {
	if b := f.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) cString() string {
	end := bytes.IndexByte(f.rest, 0)
	if end < 0 {
		f.rest, f.short = nil, true
		return ""
	}
	s := string(f.rest[:end])
	f.rest = f.rest[end+1:]
	return s
}

func (f *fields) tlvs() map[uint16][]byte {
	found := map[uint16][]byte{}
	for len(f.rest) > 0 {
		head := f.take(4)
		if head == nil {
			break
		}
		value := f.take(int(binary.BigEndian.Uint16(head[2:])))
		if f.short {
			break
		}
		found[binary.BigEndian.Uint16(head)] = value
	}
	return found
}
