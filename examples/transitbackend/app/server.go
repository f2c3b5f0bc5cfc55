package app

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

//go:embed templates
var templates embed.FS

//go:embed seed
var samples embed.FS

// errPage: there is no such page, or not for this visitor.
var errPage = errors.New("no such page")

// page is a handler that may fail. What it wants to say of an error to a person
// it says itself.
type page func(w http.ResponseWriter, r *http.Request) error

// policy of the pages: nothing but their own style sheet.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// newHandler puts the host's own pages and what is mounted behind one handler.
func (a *App) newHandler(unlimited bool) (_ http.Handler, err error) {
	if a.pages, err = a.parsePages(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	foreign := http.NewCrossOriginProtection()
	handle := func(pattern string, p page) { mux.Handle(pattern, foreign.Handler(bounded(a.page(p)))) }
	for pattern, p := range map[string]page{
		"GET /{$}": a.showStart, "GET /style.css": a.style, "GET /samples/{file}": a.sample, "POST /clock": a.moveClock,
		"GET /signin": a.showSignIn, "POST /signin": a.signIn, "POST /signout": a.signOut,
		"GET /apply": a.showApply, "POST /apply": a.apply, "GET /inbox": a.showInbox,
		"GET /operator": a.office(a.showOperator), "POST /operator/companies/{company}": a.office(a.decide),
		"POST /operator/audit": a.office(a.showAudit), "POST /operator/mend": a.office(a.mend),
		"GET /operator/companies/{company}": a.office(a.showPurchases), "POST /operator/refund": a.office(a.refund),
	} {
		handle(pattern, p)
	}
	for pattern, p := range a.phonePages() {
		handle(pattern, p)
	}
	handle("/", func(http.ResponseWriter, *http.Request) error { return errPage })
	if err := errors.Join(a.mountAPI(mux, unlimited), a.mountPortal(mux)); err != nil {
		return nil, err
	}
	return a.logged(mux), nil
}

// bounded bounds what a form may send.
func bounded(h http.Handler) http.Handler {
	const most = 64 << 10
	return http.MaxBytesHandler(h, most)
}

// logged logs every request by its route, which says nothing of anybody.
func (a *App) logged(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		mux.ServeHTTP(w, r)
		a.log.DebugContext(r.Context(), "request", "method", r.Method, "route", r.Pattern, "took", time.Since(begun))
	})
}

// page answers with a page, or with one that says what went wrong.
func (a *App) page(p page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-store")
		err := r.ParseForm()
		var tooLarge *http.MaxBytesError
		switch {
		case err == nil:
			err = p(w, r)
		case !errors.As(err, &tooLarge):
			err = errPage // no form that a browser would send
		}
		if err == nil {
			return
		}
		status, text := http.StatusInternalServerError, "Något gick fel hos oss. Försök igen."
		switch {
		case errors.Is(err, errPage), errors.Is(err, errOrder), errors.Is(err, errTicket), errors.Is(err, travel.ErrNotFound):
			status, text = http.StatusNotFound, "Sidan finns inte, eller så är den inte din."
		case errors.Is(err, errOrderReused), errors.Is(err, travel.ErrKeyReused):
			status, text = http.StatusConflict, "Köpet är redan påbörjat med ett annat innehåll. Börja om."
		case errors.Is(err, travel.ErrConflict):
			status, text = http.StatusConflict, "Det går inte i det läge som är nu."
		case errors.As(err, &tooLarge):
			status, text = http.StatusRequestEntityTooLarge, "Det var mer än vad som tas emot."
		case r.Context().Err() != nil: // the visitor has gone away
		default:
			a.log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
		}
		if err := a.show(w, r, status, "problem", "Det gick inte", text); err != nil {
			a.log.ErrorContext(r.Context(), "page failed", "error", err)
		}
	})
}

// view is what every page is made of.
type view struct {
	Title string
	// Path is where the page is, for the clock's buttons to come back to.
	Path string
	Now  time.Time
	Body any
}

// show writes a page whole, or fails before it writes.
func (a *App) show(w http.ResponseWriter, r *http.Request, status int, name, title string, body any) error {
	v := view{Title: title, Path: r.URL.Path, Now: a.clock.now(), Body: body}
	if r.Method != http.MethodGet {
		v.Path = "/"
	}
	var page bytes.Buffer
	if err := a.pages[name].ExecuteTemplate(&page, "layout", v); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // who has gone away need not read it
	return nil
}

// parsePages parses every page within the layout; those of the phone are in its
// frame.
func (a *App) parsePages() (map[string]*template.Template, error) {
	files, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		parts := []string{"templates/layout.html", file}
		if strings.HasPrefix(name, "phone_") {
			parts = append(parts, "templates/phone.html")
		}
		if pages[name], err = template.New(name).Funcs(a.words()).ParseFS(templates, parts...); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// words are what templates can say.
func (a *App) words() template.FuncMap {
	return template.FuncMap{
		"kr":       func(d decimal.Decimal) string { return kronor(d) },
		"ore":      func(amount credit.Amount) string { return kronor(amount.Decimal()) },
		"at":       func(t time.Time) string { return t.In(a.clock.zone).Format("2006-01-02 15:04") },
		"hour":     func(t time.Time) string { return t.In(a.clock.zone).Format("15:04") },
		"day":      func(t time.Time) string { return t.In(a.clock.zone).Format("2006-01-02") },
		"category": a.catalog.CategoryName,
		"zone":     a.catalog.ZoneName,
		"county":   func(code string) string { return a.catalog.County(code).Name },
		"unix":     func(t time.Time) int64 { return t.Unix() },
		"began":    func(s, prefix string) bool { return strings.HasPrefix(s, prefix) },
	}
}

// kronor writes an amount as people in Sweden do: 1 250,01 kr.
func kronor(d decimal.Decimal) string {
	const space, group = "\u00a0", 3
	text := strings.Replace(d.StringFixed(2), ".", ",", 1)
	digits := strings.TrimPrefix(text, "-")
	for at := strings.Index(digits, ",") - group; at > 0; at -= group {
		digits = digits[:at] + space + digits[at:]
	}
	return strings.TrimSuffix(text, strings.TrimPrefix(text, "-")) + digits + space + "kr"
}

func (a *App) showStart(w http.ResponseWriter, r *http.Request) error {
	return a.show(w, r, http.StatusOK, "start", "Exempeltrafiken", nil)
}

func (a *App) style(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, templates, "templates/style.css")
	return nil
}

// sample gives one of the example lists, to be imported.
func (a *App) sample(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	content, err := samples.ReadFile("seed/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		return errPage
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(content)
	return nil
}

// moveClock moves the demo's clock, and does what has become due before the page
// is shown again.
func (a *App) moveClock(w http.ResponseWriter, r *http.Request) error {
	err := a.clock.move(r.Context(), r.PostFormValue("step"))
	if errors.Is(err, errStep) {
		return errPage
	}
	if err == nil {
		err = a.catchUp(r.Context())
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, own(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// own returns a path of this site, and the start page for anything else.
func own(place string) string {
	if !strings.HasPrefix(place, "/") || strings.HasPrefix(place, "//") || strings.ContainsAny(place, "\\\r\n\t") {
		return "/"
	}
	return place
}

// atoi reads a number that is not negative; what is none is 0.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
