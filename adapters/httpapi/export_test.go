package httpapi

import (
	"net/http"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Route is what tests know of a route.
type Route struct {
	Method, Pattern string
	Operation       travel.Operation
	Query           []string
}

// Routes lists the routes of a handler of this package.
func Routes(h http.Handler) []Route {
	switch h := h.(type) {
	case *handler[Phone]:
		return routesOf(h.routes)
	case *handler[Employee]:
		return routesOf(h.routes)
	}
	return nil
}

// DocumentOf names the file of the document that a handler serves.
func DocumentOf(h http.Handler) string {
	if _, ok := h.(*handler[Phone]); ok {
		return "app.openapi.json"
	}
	return "office.openapi.json"
}

func routesOf[Who comparable](routes []route[Who]) (list []Route) {
	for _, r := range routes {
		list = append(list, Route{r.method, r.pattern, r.operation, r.query})
	}
	return list
}

// DeclineProblem is the body of an answer to a decline.
func DeclineProblem(d *credit.Decline, tag language.Tag) (status int, title, detail string) {
	p := (&declined{Decline: d}).problem(tag, stockholm)
	return p.Status, p.Title, p.Detail
}

var stockholm = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return zone
}()
