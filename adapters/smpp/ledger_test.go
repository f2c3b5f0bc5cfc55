package smpp

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tjansteresor/tjansteresor/sms"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	l := newLedger("g", 3)
	whole := func(n byte, parts int) *submission {
		return &submission{company: [16]byte{n}, id: sms.MessageID{n}, parts: parts}
	}
	one, two := whole(1, 1), whole(2, 2)
	say := func(id string, state sms.State) sms.DeliveryReport {
		report, ok := l.report(receipt{id: id, state: state})
		if !ok {
			return sms.DeliveryReport{}
		}
		return report
	}
	report := func(n byte, id string, state sms.State) sms.DeliveryReport {
		return sms.DeliveryReport{Company: [16]byte{n}, ID: sms.MessageID{n}, Gateway: "g", GatewayID: id, State: state}
	}
	nothing := sms.DeliveryReport{}

	l.taken(part{one, 0}, "a")
	l.taken(part{two, 0}, "b")
	l.taken(part{one, 0}, "") // an SMSC that tells no id
	assert.Equal(t, report(1, "a", sms.StateDelivered), say("a", sms.StateDelivered))
	assert.Equal(t, report(0, "x", sms.StateDelivered), say("x", sms.StateDelivered), "unknown here")

	// Of a message that is not complete only a failure says something.
	assert.Equal(t, nothing, say("b", sms.StateSent))
	assert.Equal(t, nothing, say("b", sms.StateUnknown))
	assert.Equal(t, nothing, say("b", sms.StateDelivered))
	assert.Equal(t, report(2, "b", sms.StateFailed), say("b", sms.StateFailed))
	l.taken(part{two, 1}, "c")
	assert.Equal(t, report(2, "c", sms.StateSent), say("b", sms.StateSent))
	assert.Equal(t, report(2, "c", sms.StateFailed), say("b", sms.StateFailed))
	assert.Equal(t, report(2, "c", sms.StateDelivered), say("c", sms.StateDelivered))

	// The fourth id takes the place of the first, also when one is used anew.
	l.taken(part{whole(3, 1), 0}, "c")
	l.taken(part{whole(4, 1), 0}, "d")
	assert.Equal(t, report(3, "c", sms.StateSent), say("c", sms.StateSent))
	assert.Equal(t, report(4, "d", sms.StateSent), say("d", sms.StateSent))
	assert.Equal(t, report(0, "a", sms.StateSent), say("a", sms.StateSent), "forgotten")
	assert.Len(t, l.byID, 3)
}
