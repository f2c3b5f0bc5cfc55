package portal

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ErrSignedOut is what Options.SignIn returns for somebody who is not signed
// in.
var ErrSignedOut = errors.New("not signed in")

// User is an administrator who is signed in, as the host has authenticated one.
type User struct {
	// Actor acts; see [travel.AdministratorActor].
	Actor travel.Actor
	// Company is the one whose portal is shown.
	Company travel.CompanyID
	// Name is shown to the user who it is, and nowhere else.
	Name string
	// Language is the user's, if the host knows it. What the user chooses in the
	// portal counts more.
	Language language.Tag
}

// Brand is what the operator's portal looks like.
type Brand struct {
	// Operator is the operator's name. Required.
	Operator string
	// Logo is a picture in PNG, JPEG, WebP, GIF or SVG; nil shows the name only.
	Logo []byte
	// Accent is the color of the page's head, links and buttons, as #rrggbb. Its
	// contrast to white and to the page must be at least 4.5 to 1 (WCAG 2.1 AA).
	// Defaults to #0b4f8a.
	Accent string
	// Contact says, on the pages of help and error, whom to ask: an address, a
	// telephone number.
	Contact string
}

// Format is a way in which documents can be fetched.
type Format struct {
	// Swedish and English name it: "PDF", "E-faktura".
	Swedish, English string
	// Renderer returns the renderer for a language: the method value
	// invoices.CSV, or a function that ignores the language. The names of the
	// formats, which are in URLs, differ from each other.
	Renderer func(language.Tag) invoice.Renderer
}

// Choice is a product or region that a policy can allow, by the operator's
// code.
type Choice struct{ Code, Swedish, English string }

// Options are what [New] needs. Travel, Invoices, SignIn and Brand.Operator are
// required. They are copied.
type Options struct {
	Travel   *travel.Service
	Invoices *invoice.Service
	// SignIn says who makes a request. It is called once for each, before
	// anything else is done, and must be cheap. Another error than [ErrSignedOut]
	// is answered with 500.
	SignIn func(*http.Request) (User, error)
	// SignedOut answers who is not signed in: a redirect to the host's own page,
	// say. Defaults to 401 with a page that says so.
	SignedOut http.Handler
	// SignOutURL is where the button "log out" posts to: a path of the host's on
	// the same origin. "" shows no button.
	SignOutURL string
	// Prefix is the path under which the handler is mounted, such as /portal,
	// and which requests still have when they come. Defaults to none.
	Prefix string
	Brand  Brand
	// Formats are those in which documents can be fetched, in the order in which
	// they are shown. Defaults to the text, specification and CSV of package
	// invoice.
	Formats []Format
	// Products and Regions are what a policy can choose from. Without, their
	// codes are typed in.
	Products, Regions []Choice
	// CrossOrigin refuses forms of other sites. Defaults to one that trusts no
	// other origin.
	CrossOrigin *http.CrossOriginProtection
	// InsecureCookies lets cookies travel over plain HTTP: for development.
	// Defaults to false.
	InsecureCookies bool
	// PageSize is how many rows a list shows. Defaults to 50.
	PageSize int
	// MaxUpload is how many bytes an uploaded file may have. Defaults to 5 MiB.
	MaxUpload int64
	// MaxImports is how many uploaded files are kept in memory between preview
	// and result, at most one per administrator. Defaults to 16.
	MaxImports int
	// ImportAge is how long an uploaded file is kept. Defaults to 30 minutes.
	ImportAge time.Duration
	// Clock tells the instant. Defaults to time.Now.
	Clock func() time.Time
	// Logger hears of failures and panics, with nothing personal. Defaults to
	// silence.
	Logger *slog.Logger
}

const (
	defaultAccent     = "#0b4f8a"
	defaultPage       = 50
	defaultUpload     = 5 << 20
	defaultMaxImports = 16
	defaultImportAge  = 30 * time.Minute
)

func invalid(field, value, reason string) error {
	return &travel.InputError{Field: field, Value: value, Reason: reason}
}

// complete checks the options and sets what is left out.
func (o *Options) complete() error {
	switch {
	case o.Travel == nil:
		return invalid("Travel", "", "is required")
	case o.Invoices == nil:
		return invalid("Invoices", "", "is required")
	case o.SignIn == nil:
		return invalid("SignIn", "", "is required")
	case strings.TrimSpace(o.Brand.Operator) == "":
		return invalid("Brand.Operator", "", "is required")
	case o.Prefix != "" && (!strings.HasPrefix(o.Prefix, "/") || strings.HasSuffix(o.Prefix, "/")):
		return invalid("Prefix", o.Prefix, "must begin with a slash and not end with one")
	case o.PageSize < 0:
		return invalid("PageSize", "", "must be more than 0")
	case o.MaxUpload < 0:
		return invalid("MaxUpload", "", "must be more than 0")
	case o.MaxImports < 0:
		return invalid("MaxImports", "", "must be more than 0")
	case o.ImportAge < 0:
		return invalid("ImportAge", o.ImportAge.String(), "must be more than 0")
	}
	if o.Brand.Accent == "" {
		o.Brand.Accent = defaultAccent
	}
	if err := checkAccent(o.Brand.Accent); err != nil {
		return err
	}
	if len(o.Brand.Logo) > 0 && pictureType(o.Brand.Logo) == "" {
		return invalid("Brand.Logo", "", "is no picture that browsers show")
	}
	if o.Formats == nil {
		o.Formats = []Format{
			{"Faktura (text)", "Invoice (text)", o.Invoices.Text},
			{"Specifikation (text)", "Specification (text)", o.Invoices.Specification},
			{"Specifikation (CSV)", "Specification (CSV)", o.Invoices.CSV},
		}
	}
	names := map[string]bool{}
	for _, f := range o.Formats {
		name := f.Renderer(language.Swedish).Format().Name
		if f.Swedish == "" || f.English == "" || names[name] {
			return invalid("Formats", name, "needs names in both languages, and another name than the others")
		}
		names[name] = true
	}
	o.setDefaults()
	return nil
}

func (o *Options) setDefaults() {
	if o.CrossOrigin == nil {
		o.CrossOrigin = http.NewCrossOriginProtection()
	}
	if o.PageSize == 0 {
		o.PageSize = defaultPage
	}
	if o.MaxUpload == 0 {
		o.MaxUpload = defaultUpload
	}
	if o.MaxImports == 0 {
		o.MaxImports = defaultMaxImports
	}
	if o.ImportAge == 0 {
		o.ImportAge = defaultImportAge
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Portal is the company portal of an operator: an http.Handler, safe for
// concurrent use.
type Portal struct {
	o       Options
	handler http.Handler
	looks   looks
	imports *imports
}

// New makes a portal. The error is a [*travel.InputError] that names the
// option.
func New(o Options) (*Portal, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p := &Portal{o: o, imports: newImports(o.MaxImports, o.ImportAge)}
	var err error
	if p.looks, err = newLooks(p); err != nil {
		return nil, err
	}
	p.handler = p.routes()
	return p, nil
}

// ServeHTTP answers requests under Options.Prefix.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Run applies the imports that administrators start, one after the other, until
// ctx ends; its error is that of ctx. While no Run is under way an import is
// applied by the request that asks for it, which takes minutes for a long list
// and ends with the request. What was not applied when Run ends was not begun,
// or left undone whole: the administrator starts it again.
func (p *Portal) Run(ctx context.Context) error { return p.imports.run(ctx) }
