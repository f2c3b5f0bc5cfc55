package portal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"iter"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/portal"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/internal/testclock"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// phones collects the SMS that are sent.
type phones struct {
	mu   sync.Mutex
	sent []sms.Message
	fail error
}

func (p *phones) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return sms.Receipt{}, p.fail
	}
	p.sent = append(p.sent, m)
	return sms.Receipt{Gateway: "test", GatewayID: m.ID.String()}, nil
}

// receiver takes documents: the first, and refuses those that follow.
type receiver struct{ taken int }

func (r *receiver) Deliver(context.Context, invoice.Document, iter.Seq2[invoice.Line, error]) (invoice.Delivery, error) {
	if r.taken++; r.taken > 1 {
		return invoice.Delivery{Reason: "unknown reference"}, nil
	}
	return invoice.Delivery{Accepted: true}, nil
}

// kit is a portal over both services on the memory store. The company has the
// departments Skola and Omsorg, an administrator of the whole company and one of
// Skola; Främling is another company.
type kit struct {
	*testing.T
	portal *portal.Portal
	travel *travel.Service
	bills  *invoice.Service
	clock  *testclock.Clock
	store  *memory.Store
	keys   *travel.KeyRing
	phones *phones
	log    *bytes.Buffer

	operator       travel.Actor
	company, other travel.CompanyID
	users          map[string]portal.User
	school, care   travel.DepartmentID
	// foreign belongs to the other company, as do foreignDepartment and
	// foreignAdministrator.
	foreign              travel.TravelerID
	foreignDepartment    travel.DepartmentID
	foreignAdministrator travel.AdministratorID
	departmentAdmin      travel.AdministratorID
	keyNo                int
}

// noon is an ordinary Tuesday.
var noon = time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)

var january = credit.NewMonth(2026, time.January)

func kr(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func setup(t *testing.T, configure ...func(*portal.Options)) *kit {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(t, err)
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(t, err)
	k := &kit{
		T: t, clock: testclock.New(noon), store: memory.New(memory.Options{}), keys: keys, phones: &phones{},
		log: &bytes.Buffer{}, operator: travel.OperatorActor("staff-7"), users: map[string]portal.User{},
	}
	k.travel, err = travel.New(travel.Config{
		Store: k.store, Keys: keys, Clock: k.clock.Now, Zone: zone, CodeCost: 2, Random: rand.NewChaCha8([32]byte{1}), SegmentPrice: kr("0.35"),
	})
	require.NoError(t, err)
	ids := id.NewSource(k.clock.Now, rand.NewChaCha8([32]byte{2}))
	k.bills, err = invoice.New(invoice.Config{
		Store: k.store, Travel: k.travel, Clock: k.clock.Now, Deliverer: &receiver{}, IDs: func() [16]byte { return ids.New() },
		Sellers: []invoice.Seller{{Series: "JLT", Party: invoice.Party{
			Name: "Länstrafiken AB", OrganizationNumber: "5560000167", VATNumber: "SE556000016701",
			Street: "Resvägen 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
		}}},
	})
	require.NoError(t, err)
	k.company, k.users["whole"] = k.newCompany("Habo kommun", "Ada Min")
	k.other, k.users["foreign"] = k.newCompany("Främling AB", "Frida Främling")
	k.people()
	options := portal.Options{
		Travel: k.travel, Invoices: k.bills, Prefix: "/portal", SignOutURL: "/logout", Clock: k.clock.Now,
		Brand: portal.Brand{Operator: "Länstrafiken", Contact: "kund@example.se"}, Logger: slog.New(slog.NewTextHandler(k.log, nil)),
		SignIn: func(r *http.Request) (portal.User, error) {
			user, ok := k.users[r.Header.Get("Test-User")]
			if !ok {
				return user, portal.ErrSignedOut
			}
			return user, nil
		},
		Products: []portal.Choice{{"single", "Enkelbiljett", "Single ticket"}, {"day", "24-timmarsbiljett", "24-hour ticket"}},
	}
	for _, f := range configure {
		f(&options)
	}
	k.portal, err = portal.New(options)
	require.NoError(t, err)
	return k
}

func (k *kit) newCompany(name, administrator string) (travel.CompanyID, portal.User) {
	k.Helper()
	c, admin, err := k.travel.Apply(k.Context(), travel.Application{
		Name: name, OrganizationNumber: "212000-0829", DefaultReference: "REF-0", AdministratorName: administrator,
		Billing: travel.Billing{Name: name, Street: "Box 212", PostalCode: "566 24", City: "Habo"},
	})
	require.NoError(k, err)
	require.NoError(k, k.travel.Approve(k.Context(), k.operator, c.ID, ""))
	if name == "Främling AB" {
		k.foreignAdministrator = admin.ID
	}
	return c.ID, portal.User{Actor: travel.AdministratorActor(c.ID, admin.ID), Company: c.ID, Name: administrator}
}

func (k *kit) people() {
	k.Helper()
	department := func(user, name, reference string) travel.DepartmentID {
		u := k.users[user]
		d, err := k.travel.AddDepartment(k.Context(), u.Actor, u.Company, travel.DepartmentDetails{Name: name, Reference: reference})
		require.NoError(k, err)
		return d.ID
	}
	k.school, k.care = department("whole", "Skola", "4711"), department("whole", "Omsorg", "4712")
	k.foreignDepartment = department("foreign", "Främmande", "1")
	u := k.users["whole"]
	a, err := k.travel.AddAdministrator(k.Context(), u.Actor, u.Company, "Del Administratör", "", k.school)
	require.NoError(k, err)
	k.departmentAdmin = a.ID
	k.users["part"] = portal.User{Actor: travel.AdministratorActor(k.company, a.ID), Company: k.company, Name: "Del Administratör"}
	k.users["lost"] = portal.User{Actor: k.users["foreign"].Actor, Company: k.company, Name: "Fel företag"}
	k.foreign = k.add("foreign", "Frans", "Främling", "070-174 06 99", k.foreignDepartment)
}

func (k *kit) key() string {
	k.keyNo++
	return time.Duration(k.keyNo).String()
}

func (k *kit) add(user, first, last, number string, d travel.DepartmentID) travel.TravelerID {
	k.Helper()
	u := k.users[user]
	n, err := k.travel.ParseNumber(number)
	require.NoError(k, err)
	v, err := k.travel.AddTraveler(k.Context(), u.Actor, u.Company, n, travel.TravelerDetails{FirstName: first, LastName: last, Department: d})
	require.NoError(k, err)
	return v.ID
}

func (k *kit) connect(t travel.TravelerID, limit string) {
	k.Helper()
	_, err := k.travel.Connect(k.Context(), k.users["whole"].Actor, travel.ConnectRequest{Company: k.company, Traveler: t, Key: k.key(), Limit: kr(limit)})
	require.NoError(k, err)
}

func (k *kit) view(t travel.TravelerID) travel.TravelerView {
	k.Helper()
	v, err := k.travel.Traveler(k.Context(), k.users["whole"].Actor, k.company, t)
	require.NoError(k, err)
	return v
}

// deliver sends the waiting SMS and returns all that were ever sent.
func (k *kit) deliver() []sms.Message {
	k.Helper()
	d, err := sms.NewDispatcher(k.store, k.phones, k.keys, sms.DispatcherOptions{From: "Resor", Clock: k.clock.Now})
	require.NoError(k, err)
	_, err = d.RunDue(k.Context(), k.clock.Now())
	require.NoError(k, err)
	return k.phones.sent
}

var credentialsText = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S{4}-\S{4})\.`)

// activate uses the newest code.
func (k *kit) activate(t travel.TravelerID) travel.Holder {
	k.Helper()
	sent := k.deliver()
	require.NotEmpty(k, sent)
	m := credentialsText.FindStringSubmatch(sent[len(sent)-1].Text)
	require.NotNil(k, m)
	n := k.view(t).Number
	method, err := k.travel.Activate(k.Context(), travel.ActivateRequest{Username: m[1], Code: m[2], Number: n, Device: "phone"})
	require.NoError(k, err)
	return travel.Holder{Method: method, Device: "phone", Number: n}
}

func (k *kit) buy(h travel.Holder, price string) *credit.Decline {
	k.Helper()
	r, err := k.travel.Purchase(k.Context(), travel.PurchaseRequest{Holder: h, Key: k.key(), Purpose: "Utbildning i stadshuset", Tickets: []travel.Ticket{{
		Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Habo"}, Region: "Jönköping", Gross: kr(price), VATRate: 600,
	}}})
	require.NoError(k, err)
	return r.Decline
}

// bought gives Skola and Omsorg a traveler each, who bought in January, which is
// closed.
func (k *kit) bought() (anna, oskar travel.TravelerID) {
	k.Helper()
	anna, oskar = k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school), k.add("whole", "Oskar", "Öberg", "070-174 06 06", k.care)
	for t, price := range map[travel.TravelerID]string{anna: "250", oskar: "111"} {
		k.connect(t, "500")
		require.Nil(k, k.buy(k.activate(t), price))
	}
	k.clock.Set(time.Date(2026, 2, 10, 11, 0, 0, 0, time.UTC))
	_, err := k.bills.CloseDue(k.Context())
	require.NoError(k, err)
	return anna, oskar
}

// answer is a response and its page.
type answer struct {
	*httptest.ResponseRecorder
	html string
}

// browser keeps the cookies of one user.
type browser struct {
	*kit
	user    string
	cookies map[string]*http.Cookie
	english bool
}

func (k *kit) as(user string) *browser {
	return &browser{kit: k, user: user, cookies: map[string]*http.Cookie{}}
}

func (b *browser) send(r *http.Request) answer {
	b.Helper()
	r.Header.Set("Test-User", b.user)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.english {
		r.Header.Set("Accept-Language", "en")
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.portal.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	a := answer{w, w.Body.String()}
	record(b, r.URL.Path, a)
	return a
}

// recordTo takes down the pages that the tests see, for those who look at them
// with a browser.
var recordTo = flag.String("record", "", "file to append pages to, as lines of JSON")

var recording sync.Mutex

func record(t testing.TB, path string, a answer) {
	if *recordTo == "" || a.Code/100 == 3 || !strings.HasPrefix(a.Header().Get("Content-Type"), "text/html") {
		return
	}
	t.Helper()
	recording.Lock()
	defer recording.Unlock()
	file, err := os.OpenFile(*recordTo, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	require.NoError(t, json.NewEncoder(file).Encode(map[string]any{"path": path, "policy": a.Header().Get("Content-Security-Policy"), "html": a.html}))
	require.NoError(t, file.Close())
}

func (b *browser) get(path string) answer {
	b.Helper()
	return b.send(httptest.NewRequest(http.MethodGet, "/portal"+path, nil))
}

// post sends a form. Pairs are names and values.
func (b *browser) post(path string, pairs ...string) answer {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/portal"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

// follow goes on to where a post has led, which it must have.
func (b *browser) follow(a answer) answer {
	b.Helper()
	require.Equal(b, http.StatusSeeOther, a.Code, a.html)
	return b.get(strings.TrimPrefix(a.Header().Get("Location"), "/portal"))
}

// upload sends a file.
func (b *browser) upload(content string, pairs ...string) answer {
	b.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", "list.csv")
	require.NoError(b, err)
	_, err = part.Write([]byte(content))
	require.NoError(b, err)
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(b, m.WriteField(pairs[i], pairs[i+1]))
	}
	require.NoError(b, m.Close())
	r := httptest.NewRequest(http.MethodPost, "/portal/imports", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.send(r)
}

var hiddenKey = regexp.MustCompile(`name="key" value="([^"]+)"`)

// keyOf is the idempotency key in a page's form.
func (k *kit) keyOf(a answer) string {
	k.Helper()
	m := hiddenKey.FindStringSubmatch(a.html)
	require.NotNil(k, m, "no key in the form")
	return m[1]
}

func path(parts ...string) string { return "/" + strings.Join(parts, "/") }

func formRequest(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}
