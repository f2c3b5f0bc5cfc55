package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	operator = travel.OperatorActor("staff-7")
	january  = credit.NewMonth(2026, time.January)
)

// store is a memory store that a test can make fail, or wait.
type store struct {
	*memory.Store
	mu     sync.Mutex
	before func(context.Context) error
}

// fault sets what happens before each call from now on; nil is nothing.
func (s *store) fault(before func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

func (s *store) fail(ctx context.Context) error {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before == nil {
		return nil
	}
	return before(ctx)
}

func (s *store) Decide(ctx context.Context, q travel.Query, decide func(travel.State) (travel.Change, error)) error {
	if err := s.fail(ctx); err != nil {
		return err
	}
	return s.Store.Decide(ctx, q, decide)
}

func (s *store) Update(ctx context.Context, do func(travel.Tx) error) error {
	if err := s.fail(ctx); err != nil {
		return err
	}
	return s.Store.Update(ctx, do)
}

func (s *store) View(ctx context.Context, do func(travel.Tx) error) error {
	if err := s.fail(ctx); err != nil {
		return err
	}
	return s.Store.View(ctx, do)
}

func (s *store) UpdateInvoices(ctx context.Context, do func(invoice.Tx) error) error {
	if err := s.fail(ctx); err != nil {
		return err
	}
	return s.Store.UpdateInvoices(ctx, do)
}

// firm is an approved company.
type firm struct {
	id    travel.CompanyID
	name  string
	admin travel.Actor
}

// person is a traveler with a phone.
type person struct {
	firm   *firm
	id     travel.TravelerID
	phone  httpapi.Phone
	method travel.PaymentMethod
	// username and code are those of the newest SMS.
	username, code string
}

func (p *person) holder() travel.Holder {
	return travel.Holder{Method: p.method, Device: p.phone.Device, Number: p.phone.Number}
}

// world is two companies, whose January is closed, and what stands in front of
// them.
type world struct {
	testing.TB
	store    *store
	clock    *testclock.Clock
	provider travel.PaymentProvider
	travel   *travel.Service
	invoices *invoice.Service
	post     *sms.Dispatcher
	letters  map[string]string
	logged   bytes.Buffer
	app      http.Handler
	office   http.Handler

	habo, ydre *firm
	// applied has applied only.
	applied travel.CompanyID
	// anna and bo travel for Habo and for Ydre; cia has not activated.
	anna, bo, cia *person
	// in February: what they have reserved, twice, and bought.
	open, other, bought map[*person]travel.AuthorizationID
	// papers are the invoices of January.
	papers map[*firm]invoice.DocumentID
	keys   int
}

// Send keeps the letters, as an SMS gateway.
func (w *world) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	w.letters[m.To.E164()] = m.Text
	return sms.Receipt{Gateway: "test"}, nil
}

var templates = sync.OnceValues(func() (*sms.Templates, error) {
	return sms.NewTemplates(sms.TemplateOptions{UsernameLength: 7, CodeLength: 9, ValidDays: 7})
})

type deliverer struct{}

func (deliverer) Deliver(context.Context, invoice.Document, iter.Seq2[invoice.Line, error]) (invoice.Delivery, error) {
	return invoice.Delivery{Accepted: true}, nil
}

// setup returns a world in which it is 13 February 2026.
func setup(tb testing.TB, configure ...func(*world, *httpapi.AppConfig, *httpapi.OfficeConfig)) *world {
	tb.Helper()
	w := &world{
		TB: tb, store: &store{Store: memory.New(memory.Options{})}, letters: map[string]string{},
		clock: testclock.New(time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)),
		open:  map[*person]travel.AuthorizationID{}, other: map[*person]travel.AuthorizationID{},
		bought: map[*person]travel.AuthorizationID{}, papers: map[*firm]invoice.DocumentID{},
	}
	w.services()
	w.habo, w.ydre = w.firm("Habo kommun"), w.firm("Ydre kommun")
	w.anna, w.bo, w.cia = w.person(w.habo, "070-123 45 67"), w.person(w.ydre, "070-123 45 68"), w.person(w.habo, "070-123 45 69")
	for _, p := range []*person{w.anna, w.bo} {
		w.activate(p)
		w.buy(p, "January")
	}
	w.clock.Set(time.Date(2026, 2, 13, 11, 0, 0, 0, time.UTC))
	_, err := w.invoices.CloseDue(w.Context())
	require.NoError(w, err)
	for _, f := range []*firm{w.habo, w.ydre} {
		list, err := w.invoices.Documents(w.Context(), operator, invoice.ListRequest{Company: f.id, Month: january})
		require.NoError(w, err)
		require.Len(w, list, 1)
		w.papers[f] = list[0].ID
	}
	w.connect(w.cia)
	for _, p := range []*person{w.anna, w.bo} {
		w.open[p], w.other[p], w.bought[p] = w.reserve(p), w.reserve(p), w.buy(p, "February")
	}
	c, _, err := w.travel.Apply(w.Context(), application("Aneby kommun"))
	require.NoError(w, err)
	w.applied = c.ID
	w.handlers(configure...)
	return w
}

func (w *world) services() {
	w.Helper()
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(w, err)
	written, err := templates()
	require.NoError(w, err)
	w.travel, err = travel.New(travel.Config{
		Store: w.store, Keys: keys, Clock: w.clock.Now, CodeCost: 2, Random: rand.NewChaCha8([32]byte{1}), Templates: written,
		Provider: w.provider,
	})
	require.NoError(w, err)
	w.invoices, err = invoice.New(invoice.Config{
		Store: w.store, Travel: w.travel, Clock: w.clock.Now, Deliverer: deliverer{},
		Sellers: []invoice.Seller{{Series: "JLT", Party: invoice.Party{
			Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
			Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping",
		}}},
	})
	require.NoError(w, err)
	w.post, err = sms.NewDispatcher(w.store, w, keys, sms.DispatcherOptions{From: "Resor", Clock: w.clock.Now})
	require.NoError(w, err)
}

// handlers mounts both under a prefix, as a host does. Phones and employees
// show who they are by a word.
func (w *world) handlers(configure ...func(*world, *httpapi.AppConfig, *httpapi.OfficeConfig)) {
	w.Helper()
	options := httpapi.Options{Clock: w.clock.Now, PerIdentity: httpapi.Rate{Burst: -1}, Logger: slog.New(slog.NewTextHandler(&w.logged, nil))}
	phones := map[string]httpapi.Phone{"Bearer anna": w.anna.phone, "Bearer bo": w.bo.phone, "Bearer cia": w.cia.phone}
	a := httpapi.AppConfig{
		Travel: w.travel, Price: httpapi.PricedByCaller, Options: options,
		Authenticate: func(r *http.Request) (httpapi.Phone, error) {
			switch r.Header.Get("Authorization") {
			case "Bearer nobody":
				return httpapi.Phone{}, nil
			case "Bearer no number":
				return httpapi.Phone{Device: "d"}, nil
			case "Bearer no device":
				return httpapi.Phone{Number: w.anna.phone.Number}, nil
			case "Bearer long device":
				return httpapi.Phone{Number: w.anna.phone.Number, Device: strings.Repeat("d", 201)}, nil
			case "Bearer banned":
				return httpapi.Phone{}, fmt.Errorf("phone: %w", travel.ErrForbidden)
			case "Bearer broken":
				return httpapi.Phone{}, errors.New("database of users: +46701234567")
			}
			if p, ok := phones[r.Header.Get("Authorization")]; ok {
				return p, nil
			}
			return httpapi.Phone{}, httpapi.ErrUnauthenticated
		},
	}
	o := httpapi.OfficeConfig{
		Travel: w.travel, Invoices: w.invoices, Options: options,
		Renderers: map[string]invoice.Renderer{"csv": w.invoices.CSV(language.Swedish), "text": w.invoices.Text(language.Swedish)},
		Authenticate: func(r *http.Request) (httpapi.Employee, error) {
			if r.Header.Get("Authorization") != "Bearer staff" {
				return httpapi.Employee{}, httpapi.ErrUnauthenticated
			}
			return httpapi.Employee{ID: "staff-7"}, nil
		},
	}
	for _, f := range configure {
		f(w, &a, &o)
	}
	app, err := httpapi.NewApp(a)
	require.NoError(w, err)
	office, err := httpapi.NewOffice(o)
	require.NoError(w, err)
	w.app, w.office = app, office
}

func application(name string) travel.Application {
	return travel.Application{
		Name: name, OrganizationNumber: "212000-1629", DefaultReference: "4711", AdministratorName: "Ada Min",
		Billing: travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo"},
	}
}

func (w *world) firm(name string) *firm {
	w.Helper()
	c, admin, err := w.travel.Apply(w.Context(), application(name))
	require.NoError(w, err)
	require.NoError(w, w.travel.Approve(w.Context(), operator, c.ID, ""))
	return &firm{c.ID, name, travel.AdministratorActor(c.ID, admin.ID)}
}

// person adds a traveler and connects the phone with 500 kr a month.
func (w *world) person(f *firm, number string) *person {
	w.Helper()
	n, err := w.travel.ParseNumber(number)
	require.NoError(w, err)
	v, err := w.travel.AddTraveler(w.Context(), f.admin, f.id, n, travel.TravelerDetails{FirstName: "Anna", LastName: "Ek"})
	require.NoError(w, err)
	p := &person{firm: f, id: v.ID, phone: httpapi.Phone{Number: n, Device: "phone " + number}}
	w.connect(p)
	return p
}

var credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S+)\. `)

func (w *world) connect(p *person) {
	w.Helper()
	_, err := w.travel.Connect(w.Context(), p.firm.admin, travel.ConnectRequest{
		Company: p.firm.id, Traveler: p.id, Key: w.key(), Limit: decimal.NewFromInt(500),
	})
	require.NoError(w, err)
	_, err = w.post.RunDue(w.Context(), w.clock.Now())
	require.NoError(w, err)
	typed := credentials.FindStringSubmatch(w.letters[p.phone.Number.E164()])
	require.NotNil(w, typed)
	p.username, p.code = typed[1], typed[2]
}

func (w *world) activate(p *person) {
	w.Helper()
	m, err := w.travel.Activate(w.Context(), travel.ActivateRequest{
		Username: p.username, Code: p.code, Number: p.phone.Number, Device: p.phone.Device,
	})
	require.NoError(w, err)
	p.method = m
}

func (w *world) key() string {
	w.keys++
	return fmt.Sprintf("key-%d", w.keys)
}

func ticket(gross string) travel.Ticket {
	return travel.Ticket{Product: "single", Category: "adult", Zones: []string{"Habo"}, Gross: decimal.RequireFromString(gross), VATRate: 600}
}

// wish is that ticket as JSON.
func wish(gross string) string {
	return `[{"product":"single","category":"adult","zones":["Habo"],"gross":"` + gross + `","vat_rate":600}]`
}

func (w *world) reserve(p *person) travel.AuthorizationID {
	w.Helper()
	r, err := w.travel.Authorize(w.Context(), travel.AuthorizeRequest{Holder: p.holder(), Key: w.key(), Tickets: []travel.Ticket{ticket("37.00")}})
	require.NoError(w, err)
	require.Nil(w, r.Decline)
	return r.Authorization
}

func (w *world) buy(p *person, purpose string) travel.AuthorizationID {
	w.Helper()
	r, err := w.travel.Purchase(w.Context(), travel.PurchaseRequest{
		Holder: p.holder(), Key: w.key(), Tickets: []travel.Ticket{ticket("106.00")}, Purpose: purpose,
	})
	require.NoError(w, err)
	require.Nil(w, r.Decline)
	return r.Authorization
}

// call is a request of a test.
type call struct {
	method, path, body, who, key string
	header                       map[string]string
	// stream sends the body without its length.
	stream bool
}

func (c call) with(name, value string) call {
	c.header = maps.Clone(c.header)
	if c.header == nil {
		c.header = map[string]string{}
	}
	c.header[name] = value
	return c
}

func (c call) request() *http.Request {
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	r := httptest.NewRequest(c.method, "/api"+c.path, body)
	if c.stream {
		r.Body, r.ContentLength = io.NopCloser(body), -1
	}
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.who != "" {
		r.Header.Set("Authorization", "Bearer "+c.who)
	}
	if c.key != "" {
		r.Header.Set("Idempotency-Key", c.key)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	return r
}

// send sends it to a handler that is mounted under /api.
func send(h http.Handler, c call) *httptest.ResponseRecorder {
	out := serve(h, c.request())
	if *record != "" {
		c.keep(h, out)
	}
	return out
}

// record is where internal/proof wants to read what was asked and answered, to
// compare it with the documents.
var (
	record    = flag.String("record", "", "append requests and their answers to a file")
	recording sync.Mutex
)

func (c call) keep(h http.Handler, out *httptest.ResponseRecorder) {
	r := c.request()
	line, err := json.Marshal(map[string]any{
		"document": httpapi.DocumentOf(h), "method": c.method, "url": c.path, "header": r.Header, "body": c.body,
		"status": out.Code, "answer_header": out.Header(), "answer": out.Body.String(),
	})
	if err != nil {
		panic(err)
	}
	recording.Lock()
	defer recording.Unlock()
	file, err := os.OpenFile(*record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	if _, err = file.Write(append(line, '\n')); err != nil {
		panic(err)
	}
	if err := file.Close(); err != nil {
		panic(err)
	}
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	http.StripPrefix("/api", h).ServeHTTP(out, r)
	return out
}

// problem is what an answer says of itself when it is one.
type problem struct {
	Type, Title, Detail, Code, From, Reason string
	Status                                  int
	Errors                                  []struct{ Field, Value, Reason string }
	Decline                                 map[string]string
}

func read[T any](tb testing.TB, out *httptest.ResponseRecorder) (v T) {
	tb.Helper()
	require.NoError(tb, json.Unmarshal(out.Body.Bytes(), &v), out.Body.String())
	return v
}

// refused asserts that an answer is a problem with a code.
func refused(tb testing.TB, out *httptest.ResponseRecorder, status int, code string) problem {
	tb.Helper()
	require.Equal(tb, status, out.Code, out.Body.String())
	require.Equal(tb, "application/problem+json", out.Header().Get("Content-Type"))
	p := read[problem](tb, out)
	require.Equal(tb, code, p.Code)
	require.Equal(tb, status, p.Status)
	require.NotEmpty(tb, p.Title)
	require.NotEmpty(tb, p.Detail)
	return p
}

// pages reads a list to its end.
func pages(t *testing.T, h http.Handler, who, path, cursor, name string) (all []any) {
	t.Helper()
	next := ""
	for {
		out := send(h, call{method: "GET", path: path + next, who: who})
		require.Equal(t, 200, out.Code, out.Body.String())
		page := read[map[string]any](t, out)
		all = append(all, page[name].([]any)...)
		if page["next"] == nil {
			return all
		}
		next = fmt.Sprintf("&%s=%v", cursor, page["next"])
	}
}
