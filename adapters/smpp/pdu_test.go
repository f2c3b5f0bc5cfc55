package smpp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPDU(t *testing.T) {
	t.Parallel()
	want := pdu{command: deliverSM, status: 0x64, sequence: 7, body: []byte("body")}
	frame := want.frame()
	assert.Equal(t, "00000014"+"00000005"+"00000064"+"00000007"+"626f6479", hex.EncodeToString(frame))
	got, err := readPDU(bytes.NewReader(frame))
	require.NoError(t, err)
	assert.Equal(t, want, got)

	for n := range len(frame) {
		_, err := readPDU(bytes.NewReader(frame[:n]))
		assert.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "%d octets: %v", n, err)
	}
	for _, size := range []string{"00000000", "0000000f", "00010001", "ffffffff", "48545450"} {
		b, err := hex.DecodeString(size + "000000050000000000000007")
		require.NoError(t, err)
		_, err = readPDU(bytes.NewReader(b))
		assert.ErrorIs(t, err, errProtocol, size)
	}
}

func TestSequence(t *testing.T) {
	t.Parallel()
	s := session{sequence: maxSequence - 1}
	assert.Equal(t, []uint32{maxSequence, 1, 2}, []uint32{s.next(), s.next(), s.next()})
}

// What is submitted has the layout of what is delivered.
func TestParseDeliver(t *testing.T) {
	t.Parallel()
	m := shortMessage{
		source: "Resor", destination: "46701234567", esmClass: esmReceipt, validity: "261224150030000+",
		registered: 1, coding: codingUCS2, text: []byte("id:1"), tlvs: map[uint16][]byte{},
	}
	body := m.submitBody()
	got, err := parseDeliver(body)
	require.NoError(t, err)
	assert.Equal(t, m, got)
	for n := range len(body) {
		_, err := parseDeliver(body[:n])
		assert.ErrorIs(t, err, errProtocol, "%d octets", n)
	}
	for name, c := range map[string]struct {
		tlvs string
		want map[uint16][]byte
	}{
		"two":         {"001e00036964" + "00" + "0427000102", map[uint16][]byte{tlvMessageID: []byte("id\x00"), tlvMessageState: {2}}},
		"empty":       {"14000000", map[uint16][]byte{0x1400: {}}},
		"cut":         {"0427000102" + "001e0040" + "69", map[uint16][]byte{tlvMessageState: {2}}},
		"half a head": {"0427000102" + "001e00", map[uint16][]byte{tlvMessageState: {2}}},
	} {
		tlvs, err := hex.DecodeString(c.tlvs)
		require.NoError(t, err)
		got, err := parseDeliver(append(bytes.Clone(body), tlvs...))
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got.tlvs, name)
	}
}

func FuzzParseDeliver(f *testing.F) {
	f.Add(shortMessage{source: "a", destination: "b", esmClass: esmReceipt, text: []byte("id:1 stat:DELIVRD err:000")}.submitBody())
	f.Add(append(shortMessage{esmClass: esmHeader | esmReceipt, text: []byte{9}}.submitBody(), 0x04, 0x27, 0, 1, 2))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := parseDeliver(body)
		if err != nil {
			return
		}
		if r, ok := m.receipt(); ok {
			checkReceipt(t, r)
		}
	})
}
