package proof

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// TestMain sets how long the scripts are; flags on the command line win.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.checks": "60", "rapid.steps": "60", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
	Context() context.Context
	Logf(format string, args ...any)
}

// zone is the operator's.
var zone = func() *time.Location {
	z, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return z
}()

// templates are made once: they are the same for all worlds, and slow to make.
var templates = sync.OnceValues(func() (*sms.Templates, error) {
	return sms.NewTemplates(sms.TemplateOptions{UsernameLength: 7, CodeLength: 9, ValidDays: 7})
})

// world is a service on a memory store.
type world struct {
	tester
	*travel.Service
	ctx   context.Context
	clock *testclock.Clock
	store *tap
	keys  *travel.KeyRing
	// config is what the service was made of, to make another one of it.
	config   travel.Config
	operator travel.Actor
	keyNo    int
	people   int
}

// newWorld returns a world whose randomness is always the same: what happens
// depends on the script only.
func newWorld(t tester, at time.Time, configure ...func(*travel.Config)) *world {
	t.Helper()
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(t, err)
	texts, err := templates()
	require.NoError(t, err)
	w := &world{
		tester: t, ctx: t.Context(), clock: testclock.New(at), keys: keys,
		store: &tap{Store: memory.New(memory.Options{}), keys: keys, codes: map[travel.ConnectionID]credentials{}},

		operator: travel.OperatorActor("staff-7"),
	}
	w.config = travel.Config{
		Store: w.store, Keys: keys, Templates: texts, Clock: w.clock.Now, Zone: zone, CodeCost: 1, Workers: 4,
		Random: rand.NewChaCha8([32]byte{1}),
	}
	for _, f := range configure {
		f(&w.config)
	}
	w.restart()
	return w
}

// restart makes a new service on what is stored, as after a crash.
func (w *world) restart() {
	s, err := travel.New(w.config)
	require.NoError(w, err)
	w.Service = s
}

// credentials are what a traveler reads in an SMS.
type credentials struct{ username, code string }

var credentialsText = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S{4}-\S{4})\.`)

// tap is a store that lets tests read every SMS that was ever queued, also
// those that a newer one made void before they were sent.
type tap struct {
	*memory.Store
	keys *travel.KeyRing

	// crowded lets other goroutines go first in the middle of a decision.
	crowded bool

	mu    sync.Mutex
	codes map[travel.ConnectionID]credentials
}

func (s *tap) Decide(ctx context.Context, q travel.Query, decide func(travel.State) (travel.Change, error)) error {
	return s.Store.Decide(ctx, q, func(st travel.State) (travel.Change, error) {
		if s.crowded {
			runtime.Gosched()
		}
		return decide(st)
	})
}

func (s *tap) Update(ctx context.Context, do func(travel.Tx) error) error {
	var x *tapTx
	err := s.Store.Update(ctx, func(tx travel.Tx) error {
		x = &tapTx{Tx: tx}
		return do(x)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range x.queued {
		text, err := sms.OpenText(s.keys, m.ID, m.Sealed)
		if err != nil {
			return err
		}
		found := credentialsText.FindStringSubmatch(text)
		if found == nil {
			return fmt.Errorf("the SMS has no credentials")
		}
		s.codes[m.Connection] = credentials{found[1], found[2]}
	}
	return nil
}

// sent returns the credentials of a connection.
func (s *tap) sent(id travel.ConnectionID) credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.codes[id]
}

type tapTx struct {
	travel.Tx
	queued []sms.Queued
}

func (x *tapTx) AppendMessage(ctx context.Context, m sms.Queued) error {
	x.queued = append(x.queued, m)
	return x.Tx.AppendMessage(ctx, m)
}

// firm is an approved company.
type firm struct {
	id    travel.CompanyID
	admin travel.Actor
}

// company applies and is approved, at once or some time later.
func (w *world) company(name string, later ...time.Duration) firm {
	w.Helper()
	c, admin, err := w.Apply(w.ctx, travel.Application{
		Name: name, OrganizationNumber: "212000-0829", DefaultReference: "REF-" + name, AdministratorName: "Admin of " + name,
		Billing: travel.Billing{Street: "Storgatan 1", PostalCode: "551 11", City: "Jönköping"},
	})
	require.NoError(w, err)
	for _, d := range later {
		w.clock.Add(d)
	}
	require.NoError(w, w.Approve(w.ctx, w.operator, c.ID, ""))
	return firm{c.ID, travel.AdministratorActor(c.ID, admin.ID)}
}

// key returns a fresh idempotency key.
func (w *world) key() string {
	w.keyNo++
	return fmt.Sprintf("key-%d", w.keyNo)
}

// number returns a mobile number that nobody has yet.
func (w *world) number() travel.PhoneNumber {
	w.Helper()
	w.people++
	n, err := w.ParseNumber(fmt.Sprintf("070%07d", 1_000_000+w.people))
	require.NoError(w, err)
	return n
}

// person puts somebody on record.
func (w *world) person(f firm, n travel.PhoneNumber, d travel.TravelerDetails) travel.TravelerID {
	w.Helper()
	v, err := w.AddTraveler(w.ctx, f.admin, f.id, n, d)
	require.NoError(w, err)
	return v.ID
}

// join connects somebody and activates.
func (w *world) join(f firm, id travel.TravelerID, n travel.PhoneNumber, device string, limit decimal.Decimal) travel.Holder {
	w.Helper()
	c, err := w.Connect(w.ctx, f.admin, travel.ConnectRequest{Company: f.id, Traveler: id, Key: w.key(), Limit: limit})
	require.NoError(w, err)
	return w.activate(c, n, device)
}

func (w *world) activate(c travel.ConnectionID, n travel.PhoneNumber, device string) travel.Holder {
	w.Helper()
	sent := w.store.sent(c)
	m, err := w.Activate(w.ctx, travel.ActivateRequest{Username: sent.username, Code: sent.code, Number: n, Device: device})
	require.NoError(w, err)
	return travel.Holder{Method: m, Device: device, Number: n}
}

// kr turns öre into kronor.
func kr(ore int64) decimal.Decimal { return decimal.New(ore, -2) }

// ore turns kronor into öre.
func ore(d decimal.Decimal) int64 { return d.Shift(2).IntPart() }

// ticket is a single ticket in one zone.
func ticket(price int64) travel.Ticket {
	return travel.Ticket{
		Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"},
		Region: "Jönköping", Gross: kr(price), VATRate: 600,
	}
}

func tickets(prices []int64) []travel.Ticket {
	list := make([]travel.Ticket, len(prices))
	for i, p := range prices {
		list[i] = ticket(p)
	}
	return list
}

func amounts(v []int64) []decimal.Decimal {
	if v == nil {
		return nil
	}
	list := make([]decimal.Decimal, len(v))
	for i, a := range v {
		list[i] = kr(a)
	}
	return list
}
