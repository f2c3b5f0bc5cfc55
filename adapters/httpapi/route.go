package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tjansteresor/tjansteresor/travel"
)

// route is one thing that can be asked for.
type route[Who comparable] struct {
	method string
	// pattern is the path; {name} stands for one segment.
	pattern string
	// operation is what the Idempotency-Key of the request is for; "" takes none.
	operation travel.Operation
	// query names the query parameters.
	query []string
	// cost is how many requests it counts as; 0 is one.
	cost  int
	serve func(*exchange[Who]) (any, error)
}

// match compares a path with a pattern and returns the segments that the
// pattern leaves open.
func match(pattern, path string) (open []string, ok bool) {
	pattern, path = strings.TrimPrefix(pattern, "/"), strings.TrimPrefix(path, "/")
	for {
		p, morePattern, _ := strings.Cut(pattern, "/")
		s, more, slash := strings.Cut(path, "/")
		switch {
		case strings.HasPrefix(p, "{") && s != "":
			open = append(open, s)
		case p != s || s == "":
			return nil, false
		}
		pattern, path = morePattern, more
		if pattern == "" {
			return open, !slash
		}
		if !slash {
			return nil, false
		}
	}
}

// find returns the route of a request. Without one the error says so, and
// allowed lists the methods that the path takes, if any.
func (h *handler[Who]) find(method, path string) (found *route[Who], open []string, allowed []string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range h.routes {
		r := &h.routes[i]
		segments, ok := match(r.pattern, path)
		if !ok {
			continue
		}
		if r.method == method {
			found, open = r, segments
		}
		allowed = append(allowed, r.method)
		if r.method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	if len(allowed) > 0 {
		allowed = append(allowed, http.MethodOptions)
		slices.Sort(allowed)
	}
	return found, open, allowed
}

// value returns the segment of the path under a name of the route's pattern.
func (r *route[Who]) value(open []string, name string) string {
	i := 0
	for s := range strings.SplitSeq(r.pattern, "/") {
		if !strings.HasPrefix(s, "{") {
			continue
		}
		if s == "{"+name+"}" {
			return open[i]
		}
		i++
	}
	return ""
}
