package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// exchange is one request on the way to its answer.
type exchange[Who comparable] struct {
	*http.Request
	handler *handler[Who]
	route   *route[Who]
	open    []string
	who     Who
	query   url.Values
	body    []byte
	key     string
}

// readQuery reads the query: every parameter known, and given once.
func (x *exchange[Who]) readQuery() error {
	values, err := url.ParseQuery(x.URL.RawQuery)
	if err != nil {
		return wrongField("query", "cannot be read")
	}
	for name, given := range values {
		switch {
		case !slices.Contains(x.route.query, name):
			return wrongField("query", "has a parameter that is not known here")
		case len(given) != 1:
			return wrongField(name, "is given twice")
		}
	}
	x.query = values
	return nil
}

// into reads the body.
func (x *exchange[Who]) into(v any) error { return decode(x.body, v) }

// empty reads a body that says nothing: {}.
func (x *exchange[Who]) empty() error { return x.into(&struct{}{}) }

// pathID reads an id of the path. What is none names nothing.
func pathID[ID ~[16]byte, Who comparable](x *exchange[Who], name string) (ID, error) {
	v, err := travel.ParseID[ID](x.route.value(x.open, name))
	if err != nil || v == (ID{}) {
		return ID{}, refuse(NotFound)
	}
	return v, nil
}

// queryID reads an id of the query that may be left out.
func queryID[ID ~[16]byte, Who comparable](x *exchange[Who], name string) (ID, error) {
	s := x.query.Get(name)
	if s == "" {
		return ID{}, nil
	}
	v, err := travel.ParseID[ID](s)
	if err != nil {
		return ID{}, wrongField(name, "must be a UUID")
	}
	return v, nil
}

// month reads a month of the path.
func (x *exchange[Who]) month() (credit.Month, error) {
	m, err := credit.ParseMonth(x.route.value(x.open, "month"))
	if err != nil {
		return 0, refuse(NotFound)
	}
	return m, nil
}

// limit reads how much of a list is wanted.
func (x *exchange[Who]) limit(most int) (int, error) {
	s := x.query.Get("limit")
	if s == "" {
		return min(defaultPage, most), nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, wrongField("limit", "must be 1 to "+strconv.Itoa(most))
	}
	return n, nil
}

// defaultPage is how much of a list is given to those who do not say.
const defaultPage = 50

// once keeps others with the same key away until the returned function is
// called.
func (x *exchange[Who]) once(company travel.CompanyID) (leave func(), err error) {
	return x.handler.flight.enter(keyed{company, x.route.operation, x.key})
}
