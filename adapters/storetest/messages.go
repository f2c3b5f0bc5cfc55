package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	leasesMessages = "LeaseMessages gives up to Limit due messages to Owner ([Queued.Leased]), those with the earliest " +
		"NextAt first, ties by ID, and returns them with their new lease."
	oneToken = "Two callers never hold the same message under the same token."
	attempts = "AttemptMessage counts an attempt before it is made ([Queued.Attempted]), makes the lease last until Until, " +
		"and returns the message."
	windowsCount = "The attempt counts in each of Windows, by Scope, Key and Start: their counts are locked in their order, 0 where " +
		"there is none yet, and raised by one, all or none."
	attemptFails = "It fails with ErrLeaseLost when Token is not that of the present lease or the message waits no longer, " +
		"and with ErrUnknownMessage when the company has no such message."
	settlesMessage = "SettleMessage ends a lease with what came of it ([Queued.Settled])."
	settleFails    = "It fails with ErrLeaseLost when Token is not that of a lease which has neither been settled nor taken " +
		"back, also when this same settlement was saved before, and with ErrUnknownMessage as AttemptMessage does; then " +
		"it changes nothing."
	reports = "ReceiveReport applies a delivery report ([Queued.Reported]) to the message of the Company and ID, or without " +
		"an ID to that of the Gateway and GatewayID. A repeated or late report changes nothing and is no error."
)

var messageCases = []Case{
	{"messages/list", "Messages lists the SMS to a traveler, newest first, and in an Update locks them until the end.",
		needsTravel, (*check).messagesList},
	{"messages/by-id", "Messages returns those of the named messages that the company has, the newest first (by ID). " +
		"What is missing, or another company's, is left out.", needsTravel | needsSMS, (*check).messagesByID},
	{"messages/lease", leasesMessages, needsTravel | needsSMS, (*check).messagesLease},
	{"messages/lease-none", "No due message: no error, no messages.", needsTravel | needsSMS, (*check).messagesLeaseNone},
	{"messages/lease-again", "A lease that has ended is taken back by the next call.", needsTravel | needsSMS, (*check).messagesLeaseAgain},
	{"messages/one-token", oneToken, needsTravel | needsSMS, (*check).messagesOneToken},
	{"messages/attempt", attempts, needsTravel | needsSMS, (*check).messagesAttempt},
	{"messages/attempt-fails", attemptFails, needsTravel | needsSMS, (*check).messagesAttemptFails},
	{"messages/windows", windowsCount, needsTravel | needsSMS, (*check).messagesWindows},
	{"messages/windows-at-once", windowsCount, needsTravel | needsSMS, (*check).messagesWindowsAtOnce},
	{"messages/halted", "While the switch is on it fails with ErrHalted,", needsTravel | needsSMS, (*check).messagesHalted},
	{"messages/forget-counts", "ForgetCounts forgets the counts of windows that ended at an instant or before.",
		needsTravel | needsSMS, (*check).messagesForgetCounts},
	{"messages/settle", settlesMessage, needsTravel | needsSMS, (*check).messagesSettle},
	{"messages/settle-fails", settleFails, needsTravel | needsSMS, (*check).messagesSettleFails},
	{"messages/report", reports, needsTravel | needsSMS, (*check).messagesReport},
	{"messages/report-unknown", "It fails with ErrUnknownMessage when there is no such message, or the report names none:",
		needsTravel | needsSMS, (*check).messagesReportUnknown},
	{"messages/rolled-back", "an error of do rolls everything back and is returned.", needsTravel | needsSMS, (*check).messagesRolledBack},
	{"messages/queue-and-update", "Messages lists the SMS to a traveler, newest first, and in an Update locks them until the end.",
		needsTravel | needsSMS, (*check).messagesQueueAndUpdate},
}

// wait appends n messages to a traveler, each due a minute later than the one
// before; but the last two are due at the same instant.
func (c *check) wait(t travel.Traveler, n int) []sms.Queued {
	c.Helper()
	var list []sms.Queued
	for i := range n {
		m := sampleMessage(c, t)
		m.State, m.Attempts, m.Gateway, m.GatewayID = sms.StateQueued, 0, "", ""
		m.NextAt = start.Add(time.Duration(min(i, n-2)) * time.Minute)
		list = append(list, m)
	}
	c.update(func(tx travel.Tx) error {
		for _, m := range slices.Backward(list) {
			if err := tx.AppendMessage(c.ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	return list
}

// kept checks a message as it is stored.
func (c *check) kept(what string, want sms.Queued) {
	c.Helper()
	list, err := c.SMS.Messages(c.ctx, sms.MessagesRequest{Company: want.Company, IDs: []sms.MessageID{want.ID}})
	c.must("Messages", err)
	c.equal(what, list, []sms.Queued{want})
}

// leased leases one message.
func (c *check) leased(want sms.Queued) sms.Queued {
	c.Helper()
	r := sms.LeaseRequest{Now: want.NextAt, Until: want.NextAt.Add(time.Minute), Owner: "dispatcher", Limit: 1}
	list, err := c.SMS.LeaseMessages(c.ctx, r)
	c.must("LeaseMessages", err)
	leased, _ := want.Leased(r)
	c.equal("leased messages", list, []sms.Queued{leased})
	return leased
}

func (c *check) messagesList() {
	t := c.anyone()
	colleague := c.traveler(t.Company)
	list := c.wait(t, 3)
	c.wait(colleague, 1)
	slices.Reverse(list)
	c.equal("messages", c.messages(t), list)
	foreign := t
	foreign.Company = c.company().ID
	c.equal("messages as another company", c.messages(foreign), []sms.Queued(nil))
}

func (c *check) messagesByID() {
	t, other := c.anyone(), c.anyone()
	list, foreign := c.wait(t, 3), c.wait(other, 2)
	got, err := c.SMS.Messages(c.ctx, sms.MessagesRequest{
		Company: t.Company, IDs: []sms.MessageID{list[0].ID, foreign[0].ID, list[2].ID, c.ids.New()},
	})
	c.must("Messages", err)
	c.equal("messages", got, []sms.Queued{list[2], list[0]})
}

func (c *check) messagesLease() {
	list := c.wait(c.anyone(), 5)
	r := sms.LeaseRequest{Now: start.Add(2 * time.Minute), Until: start.Add(time.Hour), Owner: "dispatcher", Limit: 2}
	for _, want := range [][]sms.Queued{list[:2], list[2:3], nil} {
		for i := range want {
			want[i], _ = want[i].Leased(r)
		}
		got, err := c.SMS.LeaseMessages(c.ctx, r)
		c.must("LeaseMessages", err)
		c.equal("leased messages", got, want)
	}
	r.Now, r.Limit = start.Add(3*time.Minute), 9
	got, err := c.SMS.LeaseMessages(c.ctx, r)
	c.must("LeaseMessages", err)
	slices.SortFunc(list[3:], func(a, b sms.Queued) int { return a.ID.Compare(b.ID) })
	for i := 3; i < 5; i++ {
		list[i], _ = list[i].Leased(r)
	}
	c.equal("messages due at the same instant", got, list[3:])
	for _, m := range list {
		c.kept("message", m)
	}
}

func (c *check) messagesLeaseNone() {
	list := c.wait(c.anyone(), 2)
	got, err := c.SMS.LeaseMessages(c.ctx, sms.LeaseRequest{Now: start.Add(-time.Microsecond), Until: start, Owner: "a", Limit: 9})
	if err != nil || len(got) > 0 {
		c.Errorf("before anything is due: %d messages, error %v", len(got), err)
	}
	c.kept("message", list[0])
}

func (c *check) messagesLeaseAgain() {
	m := c.wait(c.anyone(), 2)[0]
	r := sms.LeaseRequest{Now: start, Until: leaseEnd, Owner: "a", Limit: 1}
	lease := func() []sms.Queued {
		got, err := c.SMS.LeaseMessages(c.ctx, r)
		c.must("LeaseMessages", err)
		return got
	}
	first := lease()
	r.Limit = 9
	second := lease()
	if len(first) != 1 || len(second) != 1 || first[0].ID == second[0].ID {
		c.Fatalf("two leases of two messages gave %d and %d", len(first), len(second))
	}
	r.Owner, r.Now = "b", leaseEnd.Add(-time.Microsecond)
	c.equal("messages a microsecond before the lease ends", lease(), []sms.Queued(nil))
	r.Now, r.Until, r.Limit = leaseEnd, leaseEnd.Add(time.Minute), 9
	again := lease()
	i := slices.IndexFunc(again, func(a sms.Queued) bool { return a.ID == m.ID })
	if len(again) != 2 || i < 0 {
		c.Fatalf("%d messages were taken back, want 2", len(again))
	}
	if again[i].LeaseOwner != "b" || again[i].LeaseToken != m.LeaseToken+2 {
		c.Errorf("the message is leased to %s under token %d, want b and %d", again[i].LeaseOwner, again[i].LeaseToken, m.LeaseToken+2)
	}
}

func (c *check) messagesOneToken() {
	const n = 60
	c.wait(c.anyone(), n)
	type lease struct {
		id    sms.MessageID
		token int64
	}
	var mu sync.Mutex
	holders := map[lease]int{}
	c.together(4, func(i int) error {
		// The lease ends when it begins, so that others take it back at once.
		r := sms.LeaseRequest{Now: start.AddDate(0, 0, 1), Until: start.AddDate(0, 0, 1), Owner: fmt.Sprint(i), Limit: 5}
		for range n {
			list, err := c.SMS.LeaseMessages(c.ctx, r)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, m := range list {
				holders[lease{m.ID, m.LeaseToken}]++
			}
			mu.Unlock()
		}
		return nil
	})
	for l, times := range holders {
		if times > 1 {
			c.Errorf("message %s was leased %d times under token %d", l.id, times, l.token)
			return
		}
	}
	if len(holders) < n {
		c.Errorf("%d leases were given, want more", len(holders))
	}
}

func (c *check) messagesAttempt() {
	m := c.leased(c.wait(c.anyone(), 2)[0])
	r := sms.AttemptRequest{Company: m.Company, ID: m.ID, Token: m.LeaseToken, At: start.Add(time.Second), Until: start.Add(time.Hour)}
	for range 2 {
		want, err := m.Attempted(r, sms.Guard{})
		c.must("Attempted", err)
		got, err := c.SMS.AttemptMessage(c.ctx, r)
		c.must("AttemptMessage", err)
		c.equal("message that is returned", got, want)
		c.kept("message", want)
		m = want
	}
}

func (c *check) messagesAttemptFails() {
	t := c.anyone()
	m := c.leased(c.wait(t, 2)[0])
	good := sms.AttemptRequest{Company: m.Company, ID: m.ID, Token: m.LeaseToken, At: start, Until: leaseEnd}
	token, foreign, unknown := good, good, good
	token.Token--
	foreign.Company = c.company().ID
	unknown.ID = c.ids.New()
	for what, look := range map[string]struct {
		r    sms.AttemptRequest
		want error
	}{
		"an earlier token": {token, sms.ErrLeaseLost}, "another company": {foreign, sms.ErrUnknownMessage}, "an unknown id": {unknown, sms.ErrUnknownMessage},
	} {
		_, err := c.SMS.AttemptMessage(c.ctx, look.r)
		c.fails("AttemptMessage with "+what, err, look.want)
	}
	c.kept("message", m)
	superseded := m.Superseded(start)
	c.update(func(tx travel.Tx) error { return tx.SaveMessage(c.ctx, superseded) })
	_, err := c.SMS.AttemptMessage(c.ctx, good)
	c.fails("AttemptMessage of a message that waits no longer", err, sms.ErrLeaseLost)
	c.kept("message", superseded)
}

// window is one of an hour from start on.
func window(scope, key string, most int) sms.Window {
	return sms.Window{Scope: scope, Key: key, Start: start, End: start.Add(time.Hour), Most: most}
}

// attempt counts an attempt in windows.
func (c *check) attempt(m sms.Queued, windows ...sms.Window) error {
	_, err := c.SMS.AttemptMessage(c.ctx, sms.AttemptRequest{
		Company: m.Company, ID: m.ID, Token: m.LeaseToken, At: start, Until: start.Add(time.Hour), Windows: windows,
	})
	return err
}

func (c *check) messagesWindows() {
	m := c.leased(c.one(c.anyone()))
	all, company, number := window(sms.ScopeOperator, "", 4), window(sms.ScopeCompany, "a", 2), window(sms.ScopeNumber, "a", 9)
	full := func(err error, scope string) {
		c.Helper()
		var limit *sms.LimitError
		if !errors.As(err, &limit) || limit.Scope != scope || !limit.Until.Equal(start.Add(time.Hour)) {
			c.Errorf("AttemptMessage with a full window of the %s: error %v", scope, err)
		}
	}
	for range 2 {
		c.must("AttemptMessage", c.attempt(m, all, company, number))
	}
	full(c.attempt(m, all, company, number), sms.ScopeCompany)
	other, later := company, company
	other.Key = "b"
	later.Start, later.End = start.Add(time.Hour), start.Add(2*time.Hour)
	c.must("AttemptMessage of another key", c.attempt(m, all, other, number))
	c.must("AttemptMessage in a later window", c.attempt(m, all, later, number))
	full(c.attempt(m, all, other, number), sms.ScopeOperator)
	number.Most = 5
	c.must("AttemptMessage, the windows before it being left out", c.attempt(m, number))
	full(c.attempt(m, other, number), sms.ScopeNumber)
	if got := c.messages(travel.Traveler{Company: m.Company, ID: m.Subject})[0].Attempts; got != m.Attempts+5 {
		c.Errorf("5 attempts were admitted, and %d counted", got-m.Attempts)
	}
}

// messagesWindowsAtOnce makes attempts from several goroutines in one window
// that has not room for all.
func (c *check) messagesWindowsAtOnce() {
	t := c.anyone()
	const goroutines, each, most = 4, 10, 25
	messages := make([]sms.Queued, goroutines)
	for i := range messages {
		messages[i] = c.leased(c.one(t))
	}
	var mu sync.Mutex
	admitted := 0
	c.together(goroutines, func(i int) error {
		for range each {
			err := c.attempt(messages[i], window(sms.ScopeOperator, "", most), window(sms.ScopeCompany, "a", goroutines*each))
			switch {
			case err == nil:
				mu.Lock()
				admitted++
				mu.Unlock()
			case !errors.Is(err, sms.ErrLimit):
				return err
			}
		}
		return nil
	})
	if admitted != most {
		c.Errorf("%d attempts were admitted in a window of %d", admitted, most)
	}
}

func (c *check) messagesHalted() {
	m := c.leased(c.one(c.anyone()))
	halted := func(want sms.Halt) {
		c.Helper()
		got, err := c.SMS.Halted(c.ctx)
		c.must("Halted", err)
		c.equal("the switch", got, want)
	}
	halted(sms.Halt{})
	on := sms.Halt{On: true, By: "staff", Reason: "storm", At: start}
	c.must("SetHalt", c.SMS.SetHalt(c.ctx, on))
	halted(on)
	c.fails("AttemptMessage while sending is halted", c.attempt(m, window(sms.ScopeOperator, "", 1)), sms.ErrHalted)
	c.kept("message", m)
	off := sms.Halt{By: "staff", Reason: "over", At: start.Add(time.Hour)}
	c.must("SetHalt", c.SMS.SetHalt(c.ctx, off))
	halted(off)
	c.must("AttemptMessage, of which nothing was counted before", c.attempt(m, window(sms.ScopeOperator, "", 1)))
}

func (c *check) messagesForgetCounts() {
	m := c.leased(c.one(c.anyone()))
	w := window(sms.ScopeNumber, "a", 1)
	c.must("AttemptMessage", c.attempt(m, w))
	c.must("ForgetCounts", c.SMS.ForgetCounts(c.ctx, w.End.Add(-time.Microsecond)))
	c.fails("AttemptMessage in a window that has not ended", c.attempt(m, w), sms.ErrLimit)
	c.must("ForgetCounts", c.SMS.ForgetCounts(c.ctx, w.End))
	c.must("AttemptMessage in a window that was forgotten", c.attempt(m, w))
}

// settlement is of a message that is leased.
func settlement(m sms.Queued, s sms.State) sms.Settlement {
	return sms.Settlement{
		Company: m.Company, ID: m.ID, Token: m.LeaseToken, State: s, NextAt: start.Add(time.Hour),
		Gateway: "gateway", GatewayID: m.ID.String(), ErrorCode: "code", At: start.Add(time.Second),
	}
}

func (c *check) messagesSettle() {
	t := c.anyone()
	for _, state := range []sms.State{sms.StateQueued, sms.StateUnknown, sms.StateSent, sms.StateFailed} {
		m := c.leased(c.one(t))
		s := settlement(m, state)
		want, err := m.Settled(s)
		c.must("Settled", err)
		c.must("SettleMessage", c.SMS.SettleMessage(c.ctx, s))
		c.kept(fmt.Sprintf("message settled as %s", state), want)
		if want.Waiting() {
			c.update(func(tx travel.Tx) error { return tx.SaveMessage(c.ctx, want.Superseded(start)) })
		}
	}
}

// one appends one message.
func (c *check) one(t travel.Traveler) sms.Queued {
	c.Helper()
	m := sampleMessage(c, t)
	m.State, m.Gateway, m.GatewayID = sms.StateQueued, "", ""
	c.update(func(tx travel.Tx) error { return tx.AppendMessage(c.ctx, m) })
	return m
}

func (c *check) messagesSettleFails() {
	t := c.anyone()
	m := c.leased(c.one(t))
	good := settlement(m, sms.StateSent)
	token, foreign, unknown := good, good, good
	token.Token--
	foreign.Company = c.company().ID
	unknown.ID = c.ids.New()
	for what, look := range map[string]struct {
		s    sms.Settlement
		want error
	}{
		"an earlier token": {token, sms.ErrLeaseLost}, "another company": {foreign, sms.ErrUnknownMessage}, "an unknown id": {unknown, sms.ErrUnknownMessage},
	} {
		c.fails("SettleMessage with "+what, c.SMS.SettleMessage(c.ctx, look.s), look.want)
		c.kept("message", m)
	}
	c.must("SettleMessage", c.SMS.SettleMessage(c.ctx, good))
	want, err := m.Settled(good)
	c.must("Settled", err)
	late := good
	late.State, late.ErrorCode = sms.StateFailed, "late"
	c.fails("the same SettleMessage again", c.SMS.SettleMessage(c.ctx, good), sms.ErrLeaseLost)
	c.fails("another SettleMessage of the lease", c.SMS.SettleMessage(c.ctx, late), sms.ErrLeaseLost)
	c.kept("message", want)
}

func (c *check) messagesReport() {
	t := c.anyone()
	for _, byID := range []bool{true, false} {
		m := c.leased(c.one(t))
		s := settlement(m, sms.StateSent)
		c.must("SettleMessage", c.SMS.SettleMessage(c.ctx, s))
		m, _ = m.Settled(s)
		r := sms.DeliveryReport{Gateway: s.Gateway, GatewayID: s.GatewayID, State: sms.StateDelivered, At: start.Add(time.Minute)}
		if byID {
			r = sms.DeliveryReport{Company: m.Company, ID: m.ID, State: sms.StateDelivered, At: start.Add(time.Minute)}
		}
		want, _ := m.Reported(r)
		c.must("ReceiveReport", c.SMS.ReceiveReport(c.ctx, r))
		c.kept("message that was reported", want)
		late := r
		late.State, late.At = sms.StateFailed, start.Add(time.Hour)
		c.must("ReceiveReport again", c.SMS.ReceiveReport(c.ctx, r))
		c.must("ReceiveReport of what was before", c.SMS.ReceiveReport(c.ctx, late))
		c.kept("message after late reports", want)
	}
}

func (c *check) messagesReportUnknown() {
	t := c.anyone()
	m := c.leased(c.one(t))
	s := settlement(m, sms.StateSent)
	c.must("SettleMessage", c.SMS.SettleMessage(c.ctx, s))
	m, _ = m.Settled(s)
	waiting := c.one(t)
	report := sms.DeliveryReport{State: sms.StateDelivered, At: start}
	foreign, unknown, gateway, gatewayID := report, report, report, report
	foreign.Company, foreign.ID = c.company().ID, m.ID
	unknown.Company, unknown.ID = m.Company, c.ids.New()
	gateway.Gateway, gateway.GatewayID = "another", s.GatewayID
	gatewayID.Gateway, gatewayID.GatewayID = s.Gateway, "another"
	for what, r := range map[string]sms.DeliveryReport{
		"another company": foreign, "an unknown id": unknown, "another gateway": gateway, "an unknown gateway id": gatewayID, "no name": report,
	} {
		c.fails("ReceiveReport with "+what, c.SMS.ReceiveReport(c.ctx, r), sms.ErrUnknownMessage)
	}
	c.kept("message", m)
	c.kept("message that no gateway has", waiting)
}

// messagesRolledBack looks for a queue that still knows what was rolled back.
func (c *check) messagesRolledBack() {
	t := c.anyone()
	gone, reported := c.one(t), c.one(t)
	renamed := reported
	renamed.Gateway, renamed.GatewayID = "gateway", "id"
	err := c.Travel.Update(c.ctx, func(tx travel.Tx) error {
		return errors.Join(tx.SaveMessage(c.ctx, gone.Superseded(start)), tx.SaveMessage(c.ctx, renamed),
			tx.AppendMessage(c.ctx, sampleMessage(c, t)), errRollback)
	})
	c.fails("Update whose do fails", err, errRollback)
	err = c.SMS.ReceiveReport(c.ctx, sms.DeliveryReport{Gateway: "gateway", GatewayID: "id", State: sms.StateSent, At: start})
	c.fails("ReceiveReport with a gateway id that was rolled back", err, sms.ErrUnknownMessage)
	list, err := c.SMS.LeaseMessages(c.ctx, sms.LeaseRequest{Now: start, Until: leaseEnd, Owner: "a", Limit: 9})
	c.must("LeaseMessages", err)
	var ids []sms.MessageID
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	c.equal("messages that wait", ids, []sms.MessageID{gone.ID, reported.ID})
}

// messagesQueueAndUpdate counts the attempts of one message from the queue and
// from updates.
func (c *check) messagesQueueAndUpdate() {
	t := c.anyone()
	m := c.leased(c.one(t))
	const goroutines, each = 4, 15
	c.together(goroutines, func(i int) error {
		for range each {
			var err error
			if i%2 == 0 {
				_, err = c.SMS.AttemptMessage(c.ctx, sms.AttemptRequest{Company: m.Company, ID: m.ID, Token: m.LeaseToken, At: start, Until: leaseEnd})
			} else {
				err = c.Travel.Update(c.ctx, func(tx travel.Tx) error {
					locked, err := loadMessage(c.ctx, tx, t.Company, m)
					if err != nil {
						return err
					}
					locked.Attempts++
					return tx.SaveMessage(c.ctx, locked)
				})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if got, want := c.messages(t)[0].Attempts, m.Attempts+goroutines*each; got != want {
		c.Errorf("%d attempts were counted as %d", goroutines*each, got-m.Attempts)
	}
}
