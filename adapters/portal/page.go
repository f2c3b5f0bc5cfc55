package portal

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/tjansteresor/tjansteresor/travel"
)

// page is what the layout shows around the content.
type page struct {
	Title string
	// Section is the menu item that is current.
	Section string
	// Crumb is the page above, if any.
	Crumb *link
	// Status defaults to 200.
	Status int
	// Template makes the content of Data.
	Template string
	Data     any
	// Problems are those of a form, for the summary above it.
	Problems []problem
	// Refresh is after how many seconds the browser shows the page anew.
	Refresh int
}

type link struct{ Text, URL string }

// problem is one thing that is wrong with a form; Field is "" for the whole.
type problem struct{ Field, Text string }

// layout is what the outermost template needs.
type layout struct {
	page
	Body      template.HTML
	Language  string
	Languages []option
	User      string
	Company   string
	Closed    bool
	Menu      []menuItem
	Notice    notice
	SignOut   string
}

type menuItem struct {
	link
	Current bool
}

func (v *visit) menu(section string) (items []menuItem) {
	if !v.entered {
		return nil
	}
	add := func(name, swedish, english string) {
		items = append(items, menuItem{link{v.T(swedish, english), v.p.url(name)}, name == section})
	}
	add("travelers", "Resenärer", "Travelers")
	add("imports", "Importera", "Import")
	add("departments", "Avdelningar", "Departments")
	if v.whole {
		add("administrators", "Administratörer", "Administrators")
		add("company", "Företag", "Company")
	}
	add("reports", "Statistik och rapporter", "Statistics and reports")
	if v.whole {
		add("audit", "Händelser", "Events")
	}
	add("help", "Användarmanual", "User manual")
	return items
}

// show writes a page.
func (v *visit) show(pg page) error {
	set := v.p.looks.templates[v.Language()]
	var body bytes.Buffer
	if err := set.ExecuteTemplate(&body, pg.Template, pg.Data); err != nil {
		return err
	}
	l := layout{
		page: pg, Language: v.Language(), Languages: v.languages(), User: v.user.Name,
		Menu: v.menu(pg.Section), SignOut: v.p.o.SignOutURL,
		Body: template.HTML(body.String()), //nolint:gosec // made by html/template
	}
	if v.entered {
		l.Company, l.Closed = v.company.Name, v.company.Status == travel.CompanyClosed
		l.Notice = v.takeNotice()
	}
	var whole bytes.Buffer
	if err := set.ExecuteTemplate(&whole, "layout", l); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.Language())
	if pg.Refresh > 0 {
		v.w.Header().Set("Refresh", fmt.Sprint(pg.Refresh))
	}
	v.w.WriteHeader(max(pg.Status, http.StatusOK))
	_, _ = v.w.Write(whole.Bytes())
	return nil
}

// languages are links to the same page in each language. Filters that are in
// the address stay; they are never personal.
func (v *visit) languages() []option {
	q := v.r.URL.Query()
	var list []option
	for _, o := range []option{{Value: "sv", Label: "Svenska"}, {Value: "en", Label: "English"}} {
		q.Set("language", o.Value)
		o.URL, o.Chosen = localOnly(v.r.URL.Path)+"?"+q.Encode(), o.Value == v.Language()
		if v.r.Method != http.MethodGet {
			o.URL = localOnly(v.r.URL.Path) + "?language=" + o.Value
		}
		list = append(list, o)
	}
	return list
}

// redirect sends the browser on after something was done, with a notice to be
// shown there: its name travels in a cookie, since addresses are logged and a
// name says nothing of a person.
func (v *visit) redirect(name, to string) error {
	if name != "" {
		v.setCookie(noticeCookie, name, 60)
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

var (
	errCrossSite = errors.New("form of another site")
	errBody      = errors.New("form that cannot be read")
	errTooLarge  = errors.New("form is too large")
)

// failure is an error as it is told.
type failure struct{ Title, Text string }

// fail writes a page for an error. It tells nothing of what is inside.
func (v *visit) fail(err error) {
	status, f := v.failure(err)
	if status == http.StatusInternalServerError {
		v.p.o.Logger.ErrorContext(v.r.Context(), "portal: failed", "route", v.r.Pattern, "error", typesOf(err))
	}
	pg := page{Title: f.Title, Status: status, Template: "failure", Data: f}
	if err := v.show(pg); err != nil {
		v.p.o.Logger.ErrorContext(v.r.Context(), "portal: page of error failed", "error", typesOf(err))
		http.Error(v.w, http.StatusText(status), status)
	}
}

// typesOf names an error and those behind it by type: what they say may hold
// what somebody typed.
func typesOf(err error) string {
	var names []string
	for ; err != nil; err = errors.Unwrap(err) {
		names = append(names, fmt.Sprintf("%T", err))
	}
	return strings.Join(names, " ")
}

func (v *visit) failure(err error) (status int, f failure) {
	say := func(status int, sv, en, svText, enText string) (int, failure) {
		return status, failure{v.T(sv, en), v.T(svText, enText)}
	}
	switch {
	case errors.Is(err, ErrSignedOut):
		return say(http.StatusUnauthorized, "Du är inte inloggad", "You are not signed in",
			"Logga in för att komma till företagsportalen.", "Sign in to reach the company portal.")
	case errors.Is(err, travel.ErrNotFound):
		return say(http.StatusNotFound, "Sidan finns inte", "Page not found",
			"Det du söker finns inte, eller hör inte till det som du har hand om.", "What you look for does not exist, or is not yours to see.")
	case errors.Is(err, travel.ErrForbidden):
		return say(http.StatusForbidden, "Sidan är inte för dig", "Not for you",
			"Sidan är för administratörer för hela företaget. Du har hand om vissa avdelningar.",
			"This page is for administrators of the whole company. You administer some departments.")
	case errors.Is(err, travel.ErrCompanyInactive):
		return say(http.StatusForbidden, "Företaget är inte godkänt", "The company is not approved",
			"Företagets ansökan är inte godkänd, eller så är avtalet avslutat. Innan operatören har godkänt ansökan kan inget göras i portalen.",
			"The company's application is not approved, or the account is closed. Nothing can be done in the portal before the operator has approved it.")
	case errors.Is(err, errCrossSite):
		return say(http.StatusForbidden, "Formuläret kom från en annan webbplats", "The form came from another site",
			"Av säkerhetsskäl tas bara formulär från portalen själv emot. Gå tillbaka till portalen och försök igen.",
			"For safety only forms of the portal itself are accepted. Go back to the portal and try again.")
	case errors.Is(err, errTooLarge):
		return say(http.StatusRequestEntityTooLarge, "För mycket skickades", "Too much was sent",
			"Formuläret eller filen är för stor.", "The form or the file is too large.")
	case errors.Is(err, errBody):
		return say(http.StatusBadRequest, "Formuläret gick inte att läsa", "The form could not be read",
			"Gå tillbaka och försök igen.", "Go back and try again.")
	case errors.Is(err, travel.ErrConflict), errors.Is(err, travel.ErrInvalid), errors.Is(err, travel.ErrKeyReused):
		return say(http.StatusConflict, "Det går inte just nu", "Not possible now",
			"Något har ändrats sedan sidan visades. Gå tillbaka, läs in sidan på nytt och försök igen.",
			"Something has changed since the page was shown. Go back, reload the page and try again.")
	}
	return say(http.StatusInternalServerError, "Något gick fel", "Something went wrong",
		"Felet är vårt. Inget har ändrats, eller så är ändringen redan gjord: titta efter, och försök igen om en stund.",
		"The fault is ours. Nothing was changed, or the change is done already: have a look, and try again in a while.")
}
