package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/directory"
	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/adapters/peppol"
	"github.com/tjansteresor/tjansteresor/adapters/scheduler"
	"github.com/tjansteresor/tjansteresor/adapters/xlsx"
	"github.com/tjansteresor/tjansteresor/examples/transitbackend/catalog"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Config is what an App needs.
type Config struct {
	// Folder is where the SQLite file, the key and the delivered documents are.
	// It is made if it is not there. Required.
	Folder string
	// Database is the URL of a PostgreSQL database. Defaults to SQLite in Folder.
	Database string
	// Owner names this process: no two that run on one database may share it.
	// Defaults to backend-1.
	Owner string
	// Crowd is how many further travelers are seeded, with the highest limit, for
	// a load test. Defaults to none.
	Crowd int
	// Unlimited lifts the limits on how often one phone and one address may
	// call the API, for a load test from one machine.
	Unlimited bool
	// CodeCost is as in travel.Config: tests lower it.
	CodeCost int
	// Clock is what the demo's clock starts from. Defaults to time.Now.
	Clock func() time.Time
	// Logger hears of requests and jobs, with nothing personal. Defaults to
	// silence.
	Logger *slog.Logger
}

// App is the backend: make it with Open, serve its Handler, have a goroutine in
// its Run, and Close it when both are over.
type App struct {
	log     *slog.Logger
	db      *database
	clock   *clock
	catalog *catalog.Catalog

	trips *travel.Service
	bills *invoice.Service
	post  *sms.Dispatcher
	jobs  *scheduler.Scheduler

	orders  *orders
	phones  *phones
	users   *users
	inbox   *inbox
	issuer  *issuer
	paper   *pdf.Printer
	ebill   *peppol.Renderer
	sheet   *xlsx.Renderer
	spool   *os.Root
	handler http.Handler
	pages   map[string]*template.Template
	// besides are further loops, of what is mounted.
	besides []func(context.Context) error
}

// Open opens the database, puts the services together, and seeds a database that
// is empty. It starts nothing.
func Open(ctx context.Context, c Config) (_ *App, err error) {
	c.setDefaults()
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return nil, err
	}
	const private = 0o700
	if err := os.MkdirAll(filepath.Join(c.Folder, "invoices"), private); err != nil {
		return nil, err
	}
	a := &App{log: c.Logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.catalog, err = catalog.Load(); err != nil {
		return nil, err
	}
	if a.spool, err = os.OpenRoot(filepath.Join(c.Folder, "invoices")); err != nil {
		return nil, err
	}
	if a.db, err = open(ctx, c.Folder, c.Database); err != nil {
		return nil, err
	}
	if a.clock, err = openClock(ctx, a.db, c.Clock, zone); err != nil {
		return nil, err
	}
	if err := a.openServices(c); err != nil {
		return nil, err
	}
	if a.jobs, err = a.newJobs(ctx, c.Owner); err != nil {
		return nil, err
	}
	if a.handler, err = a.newHandler(c.Unlimited); err != nil {
		return nil, err
	}
	return a, a.seed(ctx, c.Crowd)
}

func (c *Config) setDefaults() {
	if c.Owner == "" {
		c.Owner = "backend-1"
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// openServices makes the library's services, and those of the host around them.
func (a *App) openServices(c Config) (err error) {
	keys, err := openKeys(c.Folder)
	if err != nil {
		return err
	}
	sellers := a.catalog.Sellers()
	ids := make([]string, len(sellers))
	for i, s := range sellers {
		ids[i] = s.ID
	}
	const smsPerMinute = 6000 // the inbox is no gateway and takes them as fast as they come
	a.trips, err = travel.New(travel.Config{
		Store: a.db.store, Keys: keys, Clock: a.clock.now, Zone: a.clock.zone, Sellers: ids[1:], ImportRate: smsPerMinute, CodeCost: c.CodeCost,
	})
	if err != nil {
		return err
	}
	if err := a.openBills(sellers); err != nil {
		return err
	}
	a.inbox = &inbox{a.db, a.clock}
	a.post, err = sms.NewDispatcher(a.db.store, a.inbox, keys, sms.DispatcherOptions{
		From: "Exempel", Owner: c.Owner, Clock: a.clock.now, Zone: a.clock.zone, Tick: time.Second, Logger: a.log,
	})
	a.orders = &orders{a.db, a.trips, a.catalog, a.clock}
	a.phones = &phones{a.db, a.trips}
	a.users = &users{a.db, a.trips, c.Clock}
	a.issuer = &issuer{a.db, a.catalog, a.clock, c.Owner, a.log, time.Second}
	return err
}

// openBills makes the invoices, which are delivered into a directory as
// e-invoice, on paper and for spreadsheets.
func (a *App) openBills(sellers []invoice.Seller) (err error) {
	if a.paper, err = pdf.New(a.clock.zone, pdf.Options{}); err != nil {
		return err
	}
	if a.ebill, err = peppol.New(a.clock.zone, peppol.Options{}); err != nil {
		return err
	}
	if a.sheet, err = xlsx.New(a.clock.zone, xlsx.Options{}); err != nil {
		return err
	}
	out := &delivery{}
	// A month can be closed an hour after its end, so that nobody has to wait
	// here; the default is three days.
	a.bills, err = invoice.New(invoice.Config{
		Store: a.db.store, Travel: a.trips, Sellers: sellers, Clock: a.clock.now, Grace: time.Hour, Deliverer: out,
	})
	if err != nil {
		return err
	}
	out.Directory, err = directory.New(a.spool, directory.Options{
		Renderers: []invoice.Renderer{a.ebill, a.paper.Invoice(), a.paper.Specification(), a.bills.CSV(language.Swedish)},
		Check:     a.check,
	})
	return err
}

// delivery is the directory; the invoices want to know it before their CSV can
// be among its renderers.
type delivery struct{ *directory.Directory }

// check refuses an e-invoice that no receiver would take, with the rules that
// it breaks.
func (a *App) check(_ context.Context, d invoice.Document, lines iter.Seq2[invoice.Line, error]) (string, error) {
	findings, err := a.ebill.Check(d, lines)
	var reasons []string
	for _, f := range findings {
		if !f.Warning {
			reasons = append(reasons, f.String())
		}
	}
	return strings.Join(reasons, "; "), err
}

// Handler serves everything.
func (a *App) Handler() http.Handler { return a.handler }

// Run runs what goes on beside the requests until the context is done: the jobs,
// the dispatcher of SMS, and the issuer of tickets. When it returns nothing of it
// runs any more, and what waited to be sent or issued is done: after the server
// has been shut down, nothing new can come.
func (a *App) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, loop := range append([]func(context.Context) error{a.jobs.Run, a.post.Run, a.issuer.run}, a.besides...) {
		all.Go(func() {
			if err := loop(ctx); err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "a loop has ended", "error", err)
			}
		})
	}
	all.Wait()
	const enough = 20 * time.Second
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), enough)
	defer cancel()
	return a.settle(last)
}

// settle sends and issues what waits.
func (a *App) settle(ctx context.Context) error {
	_, err := a.post.RunDue(ctx, a.clock.now())
	return errors.Join(err, a.issuer.runDue(ctx))
}

// Close closes the database, when requests and Run are over.
func (a *App) Close() (err error) {
	if a.db != nil {
		err = a.db.Close()
	}
	if a.spool != nil {
		err = errors.Join(err, a.spool.Close())
	}
	return err
}

// openKeys reads the host's secret, or makes it. In earnest it comes from where
// a host keeps its secrets.
func openKeys(folder string) (*sms.KeyRing, error) {
	const private, size = 0o600, 32
	file := filepath.Join(folder, "secret.key")
	secret, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		secret = make([]byte, size)
		_, _ = rand.Read(secret) // never fails
		err = os.WriteFile(file, secret, private)
	}
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	return sms.NewKeyRing(sms.Key{ID: "1", Secret: secret})
}
