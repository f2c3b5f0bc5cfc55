package storetest

import (
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

const durable = "When Decide returns nil the change is durable."

var reopenCases = []Case{
	{"reopen/decide", durable, needsTravel | needsReopen, (*check).reopenDecide},
	{"reopen/records", "Save inserts or replaces by id.", needsTravel | needsReopen, (*check).reopenRecords},
	{"reopen/unique", uniqueNumber, needsTravel | needsReopen, (*check).reopenUnique},
	{"reopen/events", leasesEvents, needsTravel | needsReopen, (*check).reopenEvents},
	{"reopen/personal", "ErasePersonal empties Personal of all entries and authorizations of a traveler (R44).",
		needsTravel | needsReopen, (*check).reopenPersonal},
	{"reopen/messages", "Each call is atomic and durable when it returns,", needsTravel | needsSMS | needsReopen, (*check).reopenMessages},
	{"reopen/numbers", numbers, needsTravel | needsInvoice | needsReopen, (*check).reopenNumbers},
	{"reopen/jobs", finishes, needsJobs | needsReopen, (*check).reopenJobs},
}

func (c *check) reopen() {
	c.Helper()
	c.Stores = c.o.Reopen(c.TB, c.Stores)
}

func (c *check) reopenDecide() {
	t := c.anyone()
	t.Credit = sample[credit.Account](c)
	z, command := sampleAuthorization(c, t), sampleCommand(c, t)
	entries, events := []travel.Entry{sampleEntry(c, t)}, []travel.Event{sampleEvent(c, t)}
	c.decide(t, travel.Change{Account: &t.Credit, Authorization: &z, Command: &command, Entries: entries, Events: events})
	c.reopen()
	c.equal("traveler", c.reload(t), t)
	c.equal("authorization", c.state(t, z).Authorization, &z)
	c.equal("command", c.command(command), &command)
	c.equal("entries", c.entries(travel.EntryQuery{Company: t.Company}), entries)
	c.equal("events", c.events(), events)
}

func (c *check) reopenRecords() {
	t := c.anyone()
	record := sample[travel.AuditRecord](c)
	record.Company = t.Company
	c.appendAudit([]travel.AuditRecord{record})
	var saved []any
	for _, k := range c.kinds() {
		v := k.sample(c, t)
		c.saveKind(k, v)
		saved = append(saved, v)
	}
	c.reopen()
	for i, k := range c.kinds() {
		c.stored(k, t.Company, saved[i])
	}
	c.view(func(tx travel.Tx) error {
		log, err := tx.AuditLog(c.ctx, t.Company, 0, 0)
		c.equal("audit log", log, []travel.AuditRecord{record})
		return err
	})
}

func (c *check) reopenUnique() {
	t := c.anyone()
	heir := sample[travel.Traveler](c)
	heir.Company, heir.Number = t.Company, t.Number
	c.reopen()
	c.duplicate("SaveTraveler with a number that is taken",
		c.Travel.Update(c.ctx, func(tx travel.Tx) error { return tx.SaveTraveler(c.ctx, heir) }))
	c.view(func(tx travel.Tx) error {
		list, err := tx.TravelersByNumber(c.ctx, t.Number)
		c.equal("travelers with a number", list, []travel.Traveler{t})
		return err
	})
}

func (c *check) reopenEvents() {
	want := c.happened(c.anyone(), 3)
	c.lease("a", start, 2)
	c.settle("a", want[0])
	c.reopen()
	c.equal("events that nobody holds", c.lease("b", start, 10), want[2:])
	c.equal("events when the lease ends", c.lease("b", leaseEnd, 10), want[1:])
}

func (c *check) reopenPersonal() {
	t := c.anyone()
	e := sampleEntry(c, t)
	c.decide(t, travel.Change{Entries: []travel.Entry{e}})
	c.update(func(tx travel.Tx) error { return tx.ErasePersonal(c.ctx, t.Company, t.ID) })
	c.reopen()
	e.Personal = travel.Personal{}
	c.equal("entries", c.entries(travel.EntryQuery{Company: t.Company}), []travel.Entry{e})
}

func (c *check) reopenMessages() {
	t := c.anyone()
	m := c.leased(c.one(t))
	r := sms.AttemptRequest{Company: m.Company, ID: m.ID, Token: m.LeaseToken, At: start, Until: leaseEnd}
	m, err := c.SMS.AttemptMessage(c.ctx, r)
	c.must("AttemptMessage", err)
	c.reopen()
	c.kept("message", m)
	s := settlement(m, sms.StateSent)
	c.must("SettleMessage", c.SMS.SettleMessage(c.ctx, s))
	c.reopen()
	m, _ = m.Settled(s)
	c.kept("message", m)
	report := sms.DeliveryReport{Gateway: s.Gateway, GatewayID: s.GatewayID, State: sms.StateDelivered, At: start}
	c.must("ReceiveReport", c.SMS.ReceiveReport(c.ctx, report))
}

func (c *check) reopenNumbers() {
	for want := int64(1); want < 4; want++ {
		n, err := c.take("A", nil)
		c.must("UpdateInvoices", err)
		if n != want {
			c.Errorf("number %d, want %d", n, want)
		}
		_, err = c.take("A", errRollback)
		c.fails("UpdateInvoices whose do fails", err, errRollback)
		c.reopen()
	}
}

func (c *check) reopenJobs() {
	first := c.claimed("of a free period", claim("a", start, start), true)
	c.reopen()
	c.claimed("of another owner", claim("b", start, start), false)
	c.finish(first)
	c.reopen()
	c.last("close", start)
	c.claimed("of a period that is finished", claim("b", start, start.Add(time.Hour)), false)
}
