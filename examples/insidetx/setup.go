package main

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"time"

	"github.com/shopspring/decimal"
	_ "modernc.org/sqlite"

	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// schema is what the host keeps.
const schema = `
CREATE TABLE departures (name TEXT PRIMARY KEY, seats INTEGER NOT NULL);
CREATE TABLE orders (id TEXT PRIMARY KEY, departure TEXT NOT NULL REFERENCES departures, price TEXT NOT NULL);
CREATE TABLE tickets (id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders);`

// open opens the host's database, makes its tables and those of the library,
// and puts the service on it.
func open(ctx context.Context, file string, clock func() time.Time) (h *host, err error) {
	// A transaction of the host's will write: "immediate" says so from the
	// start, and it waits for another one instead of failing.
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, err
	}
	if err := sqlite.Migrate(ctx, db, sqlite.Options{}); err != nil {
		return nil, err
	}
	store, err := sqlite.New(db, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	keys, err := newKeys()
	if err != nil {
		return nil, err
	}
	trips, err := travel.New(travel.Config{Store: store, Keys: keys, Clock: clock})
	return &host{db: db, store: store, trips: trips, clock: clock}, err
}

func newKeys() (*sms.KeyRing, error) {
	return sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")})
}

// prepare adds a departure and a customer with a traveler, Anna, who has
// activated and may buy for 500 kr a month.
func (h *host) prepare(ctx context.Context, departure string, seats int) (anna travel.Holder, err error) {
	if _, err := h.db.ExecContext(ctx, "INSERT INTO departures (name, seats) VALUES (?, ?)", departure, seats); err != nil {
		return anna, err
	}
	company, administrator, err := h.trips.Apply(ctx, travel.Application{
		Name: "Exempelkommunen", OrganizationNumber: "212000-0829", DefaultReference: "10001", AdministratorName: "Ada Ek",
	})
	if err != nil {
		return anna, err
	}
	if err := h.trips.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, ""); err != nil {
		return anna, err
	}
	admin := travel.AdministratorActor(company.ID, administrator.ID)
	anna.Device = "phone-1"
	if anna.Number, err = h.trips.ParseNumber("070-123 45 67"); err != nil {
		return anna, err
	}
	t, err := h.trips.AddTraveler(ctx, admin, company.ID, anna.Number, travel.TravelerDetails{FirstName: "Anna", LastName: "Berg"})
	if err != nil {
		return anna, err
	}
	if _, err := h.trips.Connect(ctx, admin, travel.ConnectRequest{
		Company: company.ID, Traveler: t.ID, Key: "connect-1", Limit: decimal.NewFromInt(500),
	}); err != nil {
		return anna, err
	}
	if anna.Method, err = h.activate(ctx, anna); err != nil {
		return anna, err
	}
	_, err = h.deliver(ctx)
	return anna, err
}

// activate sends the SMS that waits, and types what is in it into the app.
func (h *host) activate(ctx context.Context, who travel.Holder) (travel.PaymentMethod, error) {
	keys, err := newKeys()
	if err != nil {
		return travel.PaymentMethod{}, err
	}
	phone := &inbox{}
	post, err := sms.NewDispatcher(h.store, phone, keys, sms.DispatcherOptions{From: "Exempel", Clock: h.clock})
	if err != nil {
		return travel.PaymentMethod{}, err
	}
	if _, err := post.RunDue(ctx, h.clock()); err != nil {
		return travel.PaymentMethod{}, err
	}
	typed := credentials.FindStringSubmatch(phone.text)
	if typed == nil {
		return travel.PaymentMethod{}, errors.New("no SMS came")
	}
	return h.trips.Activate(ctx, travel.ActivateRequest{Username: typed[1], Code: typed[2], Number: who.Number, Device: who.Device})
}

var credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S+)\. `)

// inbox stands for a gateway and a phone. It keeps the last SMS.
type inbox struct{ text string }

func (i *inbox) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	i.text = m.Text
	return sms.Receipt{Gateway: "inbox"}, nil
}
