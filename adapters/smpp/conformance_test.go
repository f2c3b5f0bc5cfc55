package smpp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tjansteresor/tjansteresor/adapters/smpp"
	"github.com/tjansteresor/tjansteresor/adapters/smstest"
	"github.com/tjansteresor/tjansteresor/sms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	nodeModules(t)
	const wait = 7 * time.Second
	smstest.Run(t, smstest.Options{
		Gateway: smpp.Name,
		New: func(t testing.TB, heard func(smstest.Arrival)) (sms.Sender, func(smstest.Mood)) {
			s := startSMSC(t)
			o := s.options()
			o.ThrottleWait = wait
			c := bound(t, o)
			m := &moody{smsc: s, heard: heard, parts: map[string][]string{}}
			s.submitted(m.submitted)
			return c, func(mood smstest.Mood) {
				m.set(mood)
				if mood == smstest.Unreachable {
					s.close()
					unready(t, c) // until then nobody can know
				}
			}
		},
		Code:       "esme 0x0b",
		RetryAfter: wait, // SMPP tells none; it is Options.ThrottleWait
	})
}

// moody is an SMSC with moods.
type moody struct {
	*smsc
	heard func(smstest.Arrival)

	mu    sync.Mutex
	mood  smstest.Mood
	parts map[string][]string // by destination: those of a message that have come
}

func (m *moody) set(mood smstest.Mood) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mood = mood
}

// submitted puts a message together and answers as the mood says.
func (m *moody) submitted(p packet) {
	m.mu.Lock()
	mood := m.mood
	m.parts[p.Destination] = append(m.parts[p.Destination], p.Message.Message)
	parts := m.parts[p.Destination]
	whole := len(p.Message.UDH) == 0 || strings.HasSuffix(p.Message.UDH[0], lastOf(len(parts)))
	if whole {
		delete(m.parts, p.Destination)
	}
	m.mu.Unlock()
	if whole {
		m.heard(smstest.Arrival{To: "+" + p.Destination, From: p.Source, Text: strings.Join(parts, "")})
	}
	switch mood {
	case smstest.Accepts:
		m.take(p)
	case smstest.Refuses:
		m.refuse(0x0b)(p)
	case smstest.Throttles:
		m.refuse(0x58)(p)
	case smstest.Fails:
		m.refuse(0x08)(p)
	case smstest.Dies:
		m.destroy(p)
	case smstest.Garbles:
		m.do(map[string]any{"do": "raw", "session": p.Session, "hex": "485454502f312e3120353032204261642047617465776179"})
	}
}

// lastOf is how the header of the last of n parts ends.
func lastOf(n int) string { return fmt.Sprintf("%02x%02x", n, n) }
