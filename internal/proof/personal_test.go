package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Everything that is personal in the story, in the ways in which it is
// written. The codes of the SMS come on top.
const (
	firstName   = "Rosalinda"
	lastName    = "Zackrisson"
	email       = "rosalinda.zackrisson@kommunen.example"
	employee    = "EMP-77123"
	number      = "070-987 12 34"
	otherNumber = "0705552211"
	trip        = "Provtagning på onkologen"
	chief       = "Torsten Bossring"
	chiefsEmail = "torsten@kommunen.example"
	note        = "enligt samtal med Gunhild"
	device      = "Rosalindas iPhone"
	soleTrader  = "198502171234"
)

var personal = []string{
	firstName, lastName, "rosalinda.zackrisson", employee, number, "0709871234", "+46709871234", "46709871234", "709871234",
	otherNumber, "+46705552211", trip, "onkologen", chief, "Bossring", "torsten@", note, "Gunhild", device, soleTrader, "8502171234",
}

// reading is what somebody can read who must not read anything personal: a log,
// an error, an event, a printed result.
type reading struct{ where, text string }

// watch collects readings while a story goes on.
type watch struct {
	*world
	t        *testing.T
	firm     firm
	log      bytes.Buffer
	readings []reading
	phones   *phones
	provider *memory.Provider
}

func (w *watch) read(where string, v any) {
	w.t.Helper()
	if err, ok := v.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			w.readings = append(w.readings, reading{where, fmt.Sprintf("%v %+v %#v %T", err, err, err, err)})
		}
		return
	}
	data, err := json.Marshal(v)
	require.NoError(w.t, err)
	w.readings = append(w.readings, reading{where, fmt.Sprintf("%+v %v %s", v, v, data)})
}

// fails asserts that a call fails, and reads its error.
func (w *watch) fails(where string, err error) {
	w.t.Helper()
	require.Error(w.t, err, where)
	w.read("error of "+where, err)
}

// phones is a gateway that now and then fails with an error that tells more
// than it may.
type phones struct {
	sent []sms.Message
	bad  bool
}

func (p *phones) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	if p.bad {
		return sms.Receipt{}, fmt.Errorf("could not send %q to %s", m.Text, m.To.E164())
	}
	p.sent = append(p.sent, m)
	return sms.Receipt{Gateway: "test", GatewayID: "1"}, nil
}

// dispatch sends what waits.
func (w *watch) dispatch() {
	w.t.Helper()
	d, err := sms.NewDispatcher(w.store, w.phones, w.keys, sms.DispatcherOptions{
		From: "Resor", Clock: w.clock.Now, Logger: slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Jitter: func(limit time.Duration) time.Duration { return limit },
	})
	require.NoError(w.t, err)
	summary, err := d.RunDue(w.ctx, w.clock.Now())
	if err != nil {
		w.read("dispatch", err)
	}
	w.read("dispatch", summary)
}

func newWatch(t *testing.T) *watch {
	w := &watch{t: t, phones: &phones{}, provider: &memory.Provider{}}
	w.world = newWorld(t, beginnings[0], func(c *travel.Config) {
		c.Provider = w.provider
	})
	c, admin, err := w.Apply(w.ctx, travel.Application{
		Name: "Kommunen", OrganizationNumber: "212000-0829", DefaultReference: "REF", AdministratorName: chief, AdministratorEmail: chiefsEmail,
		Billing: travel.Billing{Street: "Storgatan 1", PostalCode: "551 11", City: "Jönköping"},
	})
	require.NoError(t, err)
	require.NoError(t, w.Approve(w.ctx, w.operator, c.ID, "avtal 17"))
	w.firm = firm{c.ID, travel.AdministratorActor(c.ID, admin.ID)}
	return w
}

// employs puts the person on record, and makes every mistake with it.
func (w *watch) employs() (travel.TravelerID, travel.PhoneNumber) {
	w.t.Helper()
	_, _, err := w.Apply(w.ctx, travel.Application{Name: chief, OrganizationNumber: soleTrader, AdministratorName: chief})
	w.fails("an organization number", err)
	_, err = w.AddAdministrator(w.ctx, w.firm.admin, w.firm.id, chief, "torsten@ kommunen")
	w.fails("an administrator's address", err)
	for _, s := range []string{number + " " + firstName, "036-98 71 234", number + "99999", "+1 709871234"} {
		_, err := w.ParseNumber(s)
		w.fails("a number", err)
	}
	n, err := w.ParseNumber(number)
	require.NoError(w.t, err)
	good := travel.TravelerDetails{FirstName: firstName, LastName: lastName, Email: email, EmployeeNumber: employee}
	for name, change := range map[string]func(*travel.TravelerDetails){
		"long name":    func(d *travel.TravelerDetails) { d.LastName = strings.Repeat(lastName, 30) },
		"control":      func(d *travel.TravelerDetails) { d.FirstName += "\x00" },
		"address":      func(d *travel.TravelerDetails) { d.Email = email + ", " + email },
		"not UTF-8":    func(d *travel.TravelerDetails) { d.EmployeeNumber += "\xff" },
		"no last name": func(d *travel.TravelerDetails) { d.LastName = " " },
		"department":   func(d *travel.TravelerDetails) { d.Department[3] = 7 },
	} {
		bad := good
		change(&bad)
		_, err := w.AddTraveler(w.ctx, w.firm.admin, w.firm.id, n, bad)
		w.fails(name, err)
	}
	v, err := w.AddTraveler(w.ctx, w.firm.admin, w.firm.id, n, good)
	require.NoError(w.t, err)
	_, err = w.AddTraveler(w.ctx, w.firm.admin, w.firm.id, n, good)
	w.fails("a number that is taken", err)
	other := w.person(w.firm, w.number(), travel.TravelerDetails{FirstName: "Bo", LastName: "Berg"})
	_, err = w.ChangeNumber(w.ctx, w.firm.admin, travel.ChangeNumberRequest{Company: w.firm.id, Traveler: other, Key: w.key(), Number: n})
	w.fails("another's number", err)
	w.fails("another's employee number", w.UpdateTraveler(w.ctx, w.firm.admin, w.firm.id, other, good))
	return v.ID, n
}

// imports reads lists with errors, and applies one.
func (w *watch) imports() {
	w.t.Helper()
	const headings = "First name,Last name,Mobile,Email,Employee number,Credit limit"
	bad := w.list(headings,
		firstName+","+lastName+","+number+","+email+","+employee+",15000.01",
		firstName+","+lastName+","+number+"99,"+email+" x,"+employee+",abc",
		firstName+","+lastName+",4.67E+10,"+email+","+employee+",1",
		","+lastName+","+number+",,,", firstName+",,"+number+",,,", firstName+","+lastName+","+number+","+email+","+employee+",500,x")
	require.Empty(w.t, bad.Rows)
	for _, e := range bad.Errors {
		w.read("row error", e.Error())
	}
	req := travel.ImportRequest{Company: w.firm.id, File: bad, Key: w.key()}
	_, err := w.ApplyImport(w.ctx, w.firm.admin, req)
	w.fails("an import", err)

	req = travel.ImportRequest{Company: w.firm.id, Key: w.key(), File: w.list(headings, firstName+","+lastName+","+otherNumber+",x"+email+",1"+employee+",500")}
	result, err := w.ApplyImport(w.ctx, w.firm.admin, req)
	require.NoError(w.t, err)
	w.read("import", result)
	req.File = w.list(headings, firstName+","+lastName+","+number+",,,600")
	_, err = w.ApplyImport(w.ctx, w.firm.admin, req)
	w.fails("another list", err)
}

// joins connects and activates, with attempts that go wrong.
func (w *watch) joins(id travel.TravelerID, n travel.PhoneNumber) travel.Holder {
	w.t.Helper()
	req := travel.ConnectRequest{Company: w.firm.id, Traveler: id, Key: w.key(), Limit: kr(50_000), Note: note}
	tooMuch := req
	tooMuch.Limit = kr(operatorMaximum + 1)
	_, err := w.Connect(w.ctx, w.firm.admin, tooMuch)
	w.fails("a limit", err)
	tooMuch.Limit, tooMuch.Note = req.Limit, note+"\x07"
	_, err = w.Connect(w.ctx, w.firm.admin, tooMuch)
	w.fails("a note", err)
	c, err := w.Connect(w.ctx, w.firm.admin, req)
	require.NoError(w.t, err)
	w.phones.bad = true
	w.dispatch()
	w.phones.bad = false
	w.clock.Add(time.Hour)
	w.dispatch()
	require.NotEmpty(w.t, w.phones.sent)
	for _, m := range w.phones.sent {
		w.read("message", m)
	}
	sent := w.store.sent(c)
	for _, wrong := range []travel.ActivateRequest{
		{Username: sent.username, Code: "2222-2222", Number: n, Device: device},
		{Username: "2222222", Code: sent.code, Number: n, Device: device},
		{Username: sent.username, Code: sent.code, Number: w.number(), Device: device},
		{Username: sent.username, Code: sent.code, Number: n, Device: device + "\n"},
		{Username: sent.username, Code: sent.code, Device: device},
	} {
		_, err := w.Activate(w.ctx, wrong)
		w.fails("an activation", err)
	}
	m, err := w.Activate(w.ctx, travel.ActivateRequest{Username: sent.username, Code: sent.code, Number: n, Device: device})
	require.NoError(w.t, err)
	w.read("payment method", m)
	w.read("payment method", m.String())
	_, err = travel.ParsePaymentMethod(firstName + "." + lastName + "." + number)
	w.fails("a payment method", err)
	return travel.Holder{Method: m, Device: device, Number: n}
}

// buys buys, is declined, and gives back.
func (w *watch) buys(h travel.Holder) {
	w.t.Helper()
	for _, purpose := range []string{trip + "\x01", strings.Repeat(trip, 40), trip + "\xff", "\u200b"} {
		_, err := w.Purchase(w.ctx, travel.PurchaseRequest{Holder: h, Key: w.key(), Tickets: tickets([]int64{100}), Purpose: purpose})
		w.fails("a purpose", err)
	}
	z, err := w.Authorize(w.ctx, travel.AuthorizeRequest{Holder: h, Key: w.key(), Tickets: tickets([]int64{2500, 3700})})
	require.NoError(w.t, err)
	w.read("authorize", z)
	capture := travel.CaptureRequest{Holder: h, Key: w.key(), Authorization: z.Authorization, Purpose: trip}
	w.provider.Next(memory.Silent(), memory.Die())
	_, err = w.Capture(w.ctx, capture)
	w.fails("a silent provider", err)
	answered, err := w.DrivePayments(w.ctx)
	w.fails("a silent provider", err)
	w.read("drive", answered)
	bought, err := w.Capture(w.ctx, capture)
	require.NoError(w.t, err)
	w.read("capture", bought)
	capture.Purpose += "!"
	_, err = w.Capture(w.ctx, capture)
	w.fails("another purpose", err)

	w.provider.Next(memory.Refuse("no funds"))
	refused, err := w.Purchase(w.ctx, travel.PurchaseRequest{Holder: h, Key: w.key(), Tickets: tickets([]int64{100}), Purpose: trip})
	require.NoError(w.t, err)
	w.declined(refused.Decline)
	declined, err := w.Purchase(w.ctx, travel.PurchaseRequest{Holder: h, Key: w.key(), Tickets: tickets([]int64{50_000}), Purpose: trip})
	require.NoError(w.t, err)
	w.declined(declined.Decline)
	stranger := h
	stranger.Device = "another"
	strange, err := w.Authorize(w.ctx, travel.AuthorizeRequest{Holder: stranger, Key: w.key(), Tickets: tickets([]int64{100})})
	require.NoError(w.t, err)
	w.declined(strange.Decline)
	_, err = w.Balance(w.ctx, stranger)
	w.fails("another's balance", err)
	back, err := w.Refund(w.ctx, w.operator, travel.RefundRequest{Company: w.firm.id, Key: w.key(), Authorization: z.Authorization, Amounts: amounts([]int64{100, 0})})
	require.NoError(w.t, err)
	w.read("refund", back)
	for _, c := range w.provider.Charged() {
		w.read("provider", c)
	}
	for _, r := range w.provider.Refunded() {
		w.read("provider", r)
	}
}

func (w *watch) declined(d *credit.Decline) {
	w.t.Helper()
	require.NotNil(w.t, d)
	w.read("decline", *d)
}

// closes closes the month and reads the papers, of which the specification
// alone names people.
func (w *watch) closes() {
	w.t.Helper()
	s := &shop{world: w.world}
	bills := s.biller()
	_, err := bills.Close(w.ctx, invoice.CloseRequest{Month: credit.NewMonth(2026, time.January)})
	w.fails("a close that is early", err)
	w.clock.Set(time.Date(2026, 2, 5, 11, 0, 0, 0, time.UTC))
	report, err := bills.CloseDue(w.ctx)
	require.NoError(w.t, err)
	w.read("close", report)
	documents, err := bills.Documents(w.ctx, w.firm.admin, invoice.ListRequest{Company: w.firm.id, Month: credit.NewMonth(2026, time.January)})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, documents)
	for _, d := range documents {
		w.read("document", d)
		w.readings = append(w.readings, reading{"document", string(d.Content)})
	}
	for _, audit := range []func(context.Context) ([]travel.Drift, error){w.Audit, bills.Audit} {
		drifts, err := audit(w.ctx)
		require.NoError(w.t, err)
		require.Empty(w.t, drifts)
	}
}

// TestI7: a whole story with somebody whose data are known. None of it, and
// none of the codes, is in any log, error, event, audit record, paper or
// printed result that is not made to carry it.
func TestI7(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	id, n := w.employs()
	w.imports()
	h := w.joins(id, n)
	w.buys(h)
	w.closes()
	require.NoError(t, w.SetFrozen(w.ctx, w.firm.admin, w.firm.id, id, true))
	require.NoError(t, w.RaiseLimit(w.ctx, w.firm.admin, w.firm.id, id, kr(90_000), time.Time{}))
	require.NoError(t, w.Erase(w.ctx, w.firm.admin, w.firm.id, id))
	w.fails("somebody who is erased", w.Erase(w.ctx, w.firm.admin, w.firm.id, id))

	secrets := personal
	for _, c := range w.store.codes {
		secrets = append(secrets, c.username, c.code, strings.ReplaceAll(c.code, "-", ""))
	}
	require.Greater(t, len(secrets), len(personal))
	for _, e := range w.events() {
		w.read("event", e)
	}
	log, err := w.AuditLog(w.ctx, w.operator, w.firm.id, 0, 0)
	require.NoError(t, err)
	for _, r := range log {
		w.read("audit log", r)
	}
	require.Contains(t, w.log.String(), "sms: attempt", "nothing was logged")
	w.readings = append(w.readings, reading{"log", w.log.String()})
	for _, r := range w.readings {
		for _, s := range secrets {
			if strings.Contains(strings.ToLower(r.text), strings.ToLower(s)) {
				assert.Fail(t, "something personal", "%s holds %q: %s", r.where, s, r.text)
			}
		}
	}
}

// TestI7_Erased: after an erasure (R44) what is stored holds nothing of the
// person any more.
func TestI7_Erased(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	id, n := w.employs()
	w.buys(w.joins(id, n))
	w.closes()
	stored := func() string { return fmt.Sprintf("%+v", w.dump()) }
	traces := []string{firstName, lastName, "rosalinda", employee, n.Masked(), trip, note, device}
	before := stored()
	for _, s := range traces {
		require.Contains(t, before, s)
	}
	require.NoError(t, w.Erase(w.ctx, w.firm.admin, w.firm.id, id))
	after := stored()
	for _, s := range traces {
		assert.NotContains(t, after, s, "R44")
	}
}
