package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/travel"
)

// reach is who may see a page.
type reach bool

const (
	// anyone: every administrator, as far as the own departments go.
	anyone reach = false
	// whole: administrators of the whole company (R40).
	whole reach = true
)

// route is one page, or one thing to do.
type route struct {
	// methods are "GET", "POST" or both: a form is sent to its own address.
	methods string
	path    string
	reach   reach
	do      func(*visit) error
}

func (p *Portal) table() []route {
	const read, send, form = "GET", "POST", "GET POST"
	return []route{
		{read, "/{$}", anyone, (*visit).start},
		{read, "/travelers", anyone, (*visit).travelers},
		{send, "/travelers/search", anyone, (*visit).search},
		{form, "/travelers/new", anyone, (*visit).newTraveler},
		{read, "/travelers/{id}", anyone, (*visit).traveler},
		{form, "/travelers/{id}/edit", anyone, (*visit).editTraveler},
		{form, "/travelers/{id}/connect", anyone, (*visit).connect},
		{send, "/travelers/{id}/resend", anyone, (*visit).resend},
		{form, "/travelers/{id}/number", anyone, (*visit).changeNumber},
		{form, "/travelers/{id}/limit", anyone, (*visit).setLimit},
		{form, "/travelers/{id}/raise", anyone, (*visit).raiseLimit},
		{send, "/travelers/{id}/raise/end", anyone, (*visit).endRaise},
		{send, "/travelers/{id}/freeze", anyone, (*visit).freeze},
		{send, "/travelers/{id}/thaw", anyone, (*visit).thaw},
		{form, "/travelers/{id}/remove", anyone, (*visit).removeLimit},
		{form, "/travelers/{id}/erase", anyone, (*visit).erase},
		{form, "/imports", anyone, (*visit).upload},
		{read, "/imports/sample.csv", anyone, (*visit).sample},
		{read, "/imports/{import}", anyone, (*visit).preview},
		{send, "/imports/{import}/apply", anyone, (*visit).applyImport},
		{read, "/imports/{import}/errors.csv", anyone, (*visit).errorFile},
		{read, "/departments", anyone, (*visit).departments},
		{form, "/departments/new", whole, (*visit).newDepartment},
		{form, "/departments/{id}/edit", whole, (*visit).editDepartment},
		{form, "/departments/{id}/policy", whole, (*visit).departmentPolicy},
		{form, "/departments/{id}/archive", whole, (*visit).archiveDepartment},
		{read, "/administrators", whole, (*visit).administrators},
		{form, "/administrators/new", whole, (*visit).newAdministrator},
		{form, "/administrators/{id}/remove", whole, (*visit).removeAdministrator},
		{form, "/company", whole, (*visit).editCompany},
		{form, "/company/policy", whole, (*visit).companyPolicy},
		{read, "/reports", anyone, (*visit).reports},
		{read, "/reports/{month}", anyone, (*visit).monthReport},
		{read, "/reports/documents/{id}/{format}", anyone, (*visit).download},
		{read, "/audit", whole, (*visit).auditLog},
		{read, "/help", anyone, (*visit).help},
		{read, "/help/{topic}", anyone, (*visit).helpTopic},
	}
}

func (p *Portal) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range p.table() {
		for method := range strings.FieldsSeq(r.methods) {
			mux.Handle(method+" "+p.o.Prefix+r.path, p.page(r))
		}
	}
	mux.HandleFunc("GET "+p.o.Prefix+"/static/{name}", p.serveFile)
	if p.o.Prefix != "" {
		mux.Handle("GET "+p.o.Prefix, http.RedirectHandler(p.o.Prefix+"/", http.StatusSeeOther))
	}
	mux.Handle("/", p.page(route{do: func(v *visit) error { return travel.ErrNotFound }}))
	return p.guard(mux)
}

// policy is what a browser may do with a page: nothing but show it, with the
// portal's own style and pictures, and send its forms home.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guard is around everything: headers, forms of other sites, panics.
func (p *Portal) guard(next http.Handler) http.Handler {
	refused := p.page(route{do: func(*visit) error { return errCrossSite }})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		defer func() {
			e := recover()
			if e == nil {
				return
			}
			if err, ok := e.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(e)
			}
			// Neither the panic's value nor its arguments: they may be personal.
			p.o.Logger.ErrorContext(r.Context(), "portal: panic", "type", fmt.Sprintf("%T", e), "at", frames())
			http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		}()
		if p.o.CrossOrigin.Check(r) != nil {
			refused.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// frames says where a panic was, without the arguments of the calls.
func frames() []string {
	const most = 24
	var counters [most]uintptr
	list := runtime.CallersFrames(counters[:runtime.Callers(4, counters[:])])
	var lines []string
	for {
		f, more := list.Next()
		lines = append(lines, fmt.Sprintf("%s:%d", f.Function, f.Line))
		if !more {
			return lines
		}
	}
}

// maxForm is how many bytes a form may have that uploads no file.
const maxForm = 64 << 10

// page serves a route to who is signed in.
func (p *Portal) page(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := &visit{p: p, w: w, r: req}
		user, err := p.o.SignIn(req)
		v.words = newWords(v.chooseLanguage(user.Language), p.o.Travel.Rules().Zone)
		switch {
		case errors.Is(err, ErrSignedOut) && p.o.SignedOut != nil:
			p.o.SignedOut.ServeHTTP(w, req)
			return
		case err != nil:
			v.fail(err)
			return
		}
		v.user = user
		if v.switchLanguage() {
			return
		}
		if err := v.enter(r.reach); err != nil {
			v.fail(err)
			return
		}
		if err := r.do(v); err != nil {
			v.fail(err)
		}
	})
}

// visit is one request of one administrator.
type visit struct {
	words
	p       *Portal
	w       http.ResponseWriter
	r       *http.Request
	user    User
	company travel.Company
	// whole tells an administrator of the whole company.
	whole bool
	// entered tells that the user may see the company: error pages show the
	// menu only then.
	entered bool
}

// enter asks package travel how far the user reaches (R40).
func (v *visit) enter(need reach) (err error) {
	ctx := v.r.Context()
	if v.company, err = v.p.o.Travel.Company(ctx, v.user.Actor, v.user.Company); err != nil {
		return err
	}
	switch v.company.Status {
	case travel.CompanyApproved, travel.CompanyClosed:
	default:
		return travel.ErrCompanyInactive
	}
	err = v.p.o.Travel.Reach(ctx, v.user.Actor, v.user.Company)
	v.whole = err == nil
	if err != nil && !errors.Is(err, travel.ErrForbidden) {
		return err
	}
	v.entered = true
	if bool(need) && !v.whole {
		return travel.ErrForbidden
	}
	return nil
}

func (v *visit) start() error { return v.redirect("", v.p.url("travelers")) }

// url makes an address of the portal's; its parts are escaped.
func (p *Portal) url(parts ...string) string {
	u := p.o.Prefix
	for _, part := range parts {
		u += "/" + url.PathEscape(part)
	}
	if len(parts) == 0 {
		u += "/"
	}
	return u
}

const languageCookie = "portal_language"

var offered = language.NewMatcher([]language.Tag{language.Swedish, language.English})

// chooseLanguage is what the user has chosen here, else what the host knows,
// else what the browser wants.
func (v *visit) chooseLanguage(known language.Tag) language.Tag {
	if c, err := v.r.Cookie(languageCookie); err == nil {
		switch c.Value {
		case "sv":
			return language.Swedish
		case "en":
			return language.English
		}
	}
	wanted := []language.Tag{known}
	if known.IsRoot() {
		wanted, _, _ = language.ParseAcceptLanguage(v.r.Header.Get("Accept-Language"))
	}
	if _, i, _ := offered.Match(wanted...); i == 1 {
		return language.English
	}
	return language.Swedish
}

// switchLanguage follows a language link: the choice is kept in a cookie.
func (v *visit) switchLanguage() bool {
	q := v.r.URL.Query()
	choice := q.Get("language")
	if v.r.Method != http.MethodGet || choice != "sv" && choice != "en" {
		return false
	}
	v.setCookie(languageCookie, choice, 365*24*60*60)
	q.Del("language")
	to := url.URL{Path: v.r.URL.Path, RawQuery: q.Encode()}
	http.Redirect(v.w, v.r, localOnly(to.String()), http.StatusSeeOther)
	return true
}

// localOnly keeps an address from naming another host.
func localOnly(path string) string { return "/" + strings.TrimLeft(path, "/\\") }

func (v *visit) setCookie(name, value string, seconds int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: value, Path: v.p.o.Prefix + "/", MaxAge: seconds,
		HttpOnly: true, Secure: !v.p.o.InsecureCookies, SameSite: http.SameSiteLaxMode,
	})
}
