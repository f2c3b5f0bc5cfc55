package smpp

import (
	"sync"

	"github.com/tjansteresor/tjansteresor/sms"
)

// submission is one Send: a message on its way in so many parts.
type submission struct {
	company [16]byte
	id      sms.MessageID
	parts   int
	// These belong to the ledger.
	last      string       // the id of the last part, once it is taken
	delivered map[int]bool // parts that the phone has
}

// part is one submit_sm of a submission.
type part struct {
	*submission
	number int // from 0
}

// ledger knows the newest parts that the SMSC has taken by their ids. So a
// receipt names its message before the id is stored, also when Send has ended
// without it, and the receipts of parts become one.
type ledger struct {
	gateway string
	size    int

	mu   sync.Mutex
	byID map[string]part
	ids  []string // of byID, a ring
	next int      // the oldest of a full ring
}

func newLedger(gateway string, size int) *ledger {
	return &ledger{gateway: gateway, size: size, byID: map[string]part{}}
}

// taken notes under which id the SMSC has a part.
func (l *ledger) taken(p part, id string) {
	if id == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.number == p.parts-1 {
		p.last = id
	}
	if _, again := l.byID[id]; !again {
		if len(l.ids) < l.size {
			l.ids = append(l.ids, id)
		} else {
			delete(l.byID, l.ids[l.next])
			l.ids[l.next] = id
			l.next = (l.next + 1) % l.size
		}
	}
	l.byID[id] = p
}

// report makes of the receipt of a part what is to be told of its message. It
// reports false when that is nothing yet.
func (l *ledger) report(r receipt) (sms.DeliveryReport, bool) {
	report := sms.DeliveryReport{Gateway: l.gateway, GatewayID: r.id, State: r.state, ErrorCode: r.code}
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.byID[r.id]
	if !ok {
		return report, true
	}
	report.Company, report.ID = p.company, p.id
	if p.last != "" {
		report.GatewayID = p.last
	}
	if p.parts == 1 || r.state == sms.StateFailed {
		return report, true
	}
	if r.state == sms.StateDelivered {
		if p.delivered == nil {
			p.delivered = map[int]bool{}
		}
		p.delivered[p.number] = true
		return report, len(p.delivered) == p.parts
	}
	return report, p.last != ""
}
