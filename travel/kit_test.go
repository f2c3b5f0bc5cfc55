package travel_test

import (
	"context"
	"math/rand/v2"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// phones collects the SMS that are sent.
type phones struct {
	mu   sync.Mutex
	sent []sms.Message
}

func (p *phones) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, m)
	return sms.Receipt{Gateway: "test", GatewayID: m.ID.String()}, nil
}

// kit is a service on the memory store, with one approved company.
type kit struct {
	*testing.T
	*travel.Service
	ctx      context.Context
	clock    *testclock.Clock
	store    *memory.Store
	keys     *travel.KeyRing
	phones   *phones
	operator travel.Actor
	company  travel.CompanyID
	admin    travel.Actor
	adminID  travel.AdministratorID
	zone     *time.Location
	keyNo    int
}

// noon is an ordinary Tuesday.
var noon = time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)

// setup returns a kit; configure may change the configuration.
func setup(t *testing.T, configure ...func(*travel.Config)) *kit {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(t, err)
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(t, err)
	k := &kit{
		T: t, ctx: t.Context(), clock: testclock.New(noon), store: memory.New(memory.Options{}), keys: keys,
		phones: &phones{}, operator: travel.OperatorActor("staff-7"), zone: zone,
	}
	config := travel.Config{
		Store: k.store, Keys: keys, Clock: k.clock.Now, Zone: zone, CodeCost: 2,
		Random: rand.NewChaCha8([32]byte{1}),
	}
	for _, f := range configure {
		f(&config)
	}
	k.Service, err = travel.New(config)
	require.NoError(t, err)
	k.company, k.admin = k.newCompany("Kommunen")
	t.Cleanup(func() {
		drifts, err := k.Audit(context.Background())
		require.NoError(t, err)
		require.Empty(t, drifts)
	})
	return k
}

// newCompany applies and approves.
func (k *kit) newCompany(name string) (travel.CompanyID, travel.Actor) {
	k.Helper()
	c, admin, err := k.Apply(k.ctx, travel.Application{
		Name: name, OrganizationNumber: "212000-0829", DefaultReference: "REF-0", AdministratorName: "Ada Min",
	})
	require.NoError(k, err)
	require.NoError(k, k.Approve(k.ctx, k.operator, c.ID, ""))
	k.adminID = admin.ID
	return c.ID, travel.AdministratorActor(c.ID, admin.ID)
}

// key returns a fresh idempotency key.
func (k *kit) key() string {
	k.keyNo++
	return time.Duration(k.keyNo).String()
}

func (k *kit) number(s string) travel.PhoneNumber {
	k.Helper()
	n, err := k.ParseNumber(s)
	require.NoError(k, err)
	return n
}

func (k *kit) add(number string, d travel.TravelerDetails) travel.TravelerID {
	k.Helper()
	if d.FirstName == "" {
		d.FirstName, d.LastName = "Anna", "Andersson"
	}
	v, err := k.AddTraveler(k.ctx, k.admin, k.company, k.number(number), d)
	require.NoError(k, err)
	return v.ID
}

func (k *kit) connect(id travel.TravelerID, limit string) {
	k.Helper()
	req := travel.ConnectRequest{Company: k.company, Traveler: id, Key: k.key()}
	if limit != "" {
		req.Limit = kr(limit)
	}
	_, err := k.Connect(k.ctx, k.admin, req)
	require.NoError(k, err)
}

// deliver sends the waiting SMS and returns all that were ever sent.
func (k *kit) deliver() []sms.Message {
	k.Helper()
	d, err := sms.NewDispatcher(k.store, k.phones, k.keys, sms.DispatcherOptions{From: "Resor", Clock: k.clock.Now})
	require.NoError(k, err)
	_, err = d.RunDue(k.ctx, k.clock.Now())
	require.NoError(k, err)
	return k.phones.sent
}

var credentialsText = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S{4}-\S{4})\.`)

// credentials returns username and code of the newest SMS.
func (k *kit) credentials() (username, code string) {
	k.Helper()
	sent := k.deliver()
	require.NotEmpty(k, sent)
	m := credentialsText.FindStringSubmatch(sent[len(sent)-1].Text)
	require.NotNil(k, m, "the SMS has no credentials")
	return m[1], m[2]
}

func (k *kit) activate(number, device string) travel.Holder {
	k.Helper()
	username, code := k.credentials()
	n := k.number(number)
	m, err := k.Activate(k.ctx, travel.ActivateRequest{Username: username, Code: code, Number: n, Device: device})
	require.NoError(k, err)
	return travel.Holder{Method: m, Device: device, Number: n}
}

// traveler returns a traveler who can buy for limit.
func (k *kit) traveler(number, limit string) travel.Holder {
	k.Helper()
	k.connect(k.add(number, travel.TravelerDetails{}), limit)
	return k.activate(number, "phone of "+number)
}

const annas = "070-123 45 67"

func kr(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// ticket is a single ticket in one zone.
func ticket(price string) travel.Ticket {
	return travel.Ticket{
		Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"},
		Region: "Jönköping", Gross: kr(price), VATRate: 600,
	}
}

func (k *kit) authorize(h travel.Holder, price string) travel.AuthorizeResult {
	k.Helper()
	r, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: h, Key: k.key(), Tickets: []travel.Ticket{ticket(price)}})
	require.NoError(k, err)
	return r
}

func (k *kit) capture(h travel.Holder, id travel.AuthorizationID) travel.PurchaseResult {
	k.Helper()
	r, err := k.Capture(k.ctx, travel.CaptureRequest{Holder: h, Key: k.key(), Authorization: id, Purpose: "Utbildning i stadshuset"})
	require.NoError(k, err)
	return r
}

func (k *kit) buy(h travel.Holder, price string) travel.PurchaseResult {
	k.Helper()
	r, err := k.Purchase(k.ctx, travel.PurchaseRequest{
		Holder: h, Key: k.key(), Tickets: []travel.Ticket{ticket(price)}, Purpose: "Utbildning i stadshuset",
	})
	require.NoError(k, err)
	return r
}

func (k *kit) available(h travel.Holder) string {
	k.Helper()
	b, err := k.Balance(k.ctx, h)
	require.NoError(k, err)
	return b.Available.StringFixed(2)
}

// declined asserts a decline.
func declined(t testing.TB, want credit.DeclineCode, d *credit.Decline) {
	t.Helper()
	require.NotNil(t, d, "approved, want %s", want)
	require.Equal(t, want, d.Code)
}

// entries returns what is invoiced in a month, as the operator sees it.
func (k *kit) entries(m credit.Month) []travel.Entry {
	k.Helper()
	var list []travel.Entry
	for e, err := range k.Purchases(k.ctx, k.operator, k.company, m) {
		require.NoError(k, err)
		list = append(list, e)
	}
	return list
}

var (
	january  = credit.NewMonth(2026, time.January)
	february = credit.NewMonth(2026, time.February)
)
