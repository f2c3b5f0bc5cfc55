package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// handler answers the routes of one kind of callers.
type handler[Who comparable] struct {
	Options
	authenticate func(*http.Request) (Who, error)
	// known tells whether an identity is one.
	known    func(Who) bool
	routes   []route[Who]
	document *document
	zone     *time.Location

	identities *limiter[Who]
	addresses  *limiter[netip.Addr]
	flight     inFlight
}

func newHandler[Who comparable](o Options, d *document, zone *time.Location, authenticate func(*http.Request) (Who, error), known func(Who) bool, routes []route[Who]) *handler[Who] {
	return &handler[Who]{
		Options: o, authenticate: authenticate, known: known, routes: routes, document: d, zone: zone,
		identities: newLimiter[Who](o.PerIdentity, o.Remembered, o.Clock),
		addresses:  newLimiter[netip.Addr](o.PerAddress, o.Remembered, o.Clock),
		flight:     inFlight{keys: map[keyed]struct{}{}},
	}
}

// ServeHTTP implements http.Handler.
func (h *handler[Who]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &writer{ResponseWriter: w, head: r.Method == http.MethodHead}
	x := &exchange[Who]{Request: r, handler: h}
	defer h.recover(out, x)
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Vary", "Accept-Language")
	header.Set("X-Content-Type-Options", "nosniff")

	ctx, cancel := context.WithTimeout(r.Context(), h.Timeout)
	defer cancel()
	x.Request = r.WithContext(ctx)
	body, err := h.answer(out, x)
	if err == nil {
		err = out.answer(x.Request, body)
	}
	if err != nil {
		h.fail(out, x, err)
	}
}

// answer goes through everything that stands before a route, in the order of
// what it costs, and then asks the route.
func (h *handler[Who]) answer(w *writer, x *exchange[Who]) (any, error) {
	if wait := h.addresses.take(neighborhood(h.Address(x.Request)), 1); wait > 0 {
		return nil, &refusal{code: RateLimited, retryAfter: wait}
	}
	if x.URL.Path == documentPath {
		return h.document.answer(w, x.Request)
	}
	found, open, allowed := h.find(x.Method, x.URL.Path)
	switch {
	case len(allowed) == 0:
		return nil, refuse(NotFound)
	case x.Method == http.MethodOptions:
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return nil, nil
	case found == nil:
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return nil, refuse(MethodNotAllowed)
	}
	x.route, x.open = found, open
	if err := h.admit(x); err != nil {
		return nil, err
	}
	if err := x.readQuery(); err != nil {
		return nil, err
	}
	if x.Method == http.MethodPost || x.Method == http.MethodPut {
		var err error
		if x.body, err = readBody(x.Context(), w.ResponseWriter, x.Request, h.MaxBody); err != nil {
			return nil, err
		}
	}
	if found.operation != "" {
		var err error
		if x.key, err = keyOf(x.Request); err != nil {
			return nil, err
		}
	}
	return found.serve(x)
}

// admit says who makes a request, and whether it is not too often.
func (h *handler[Who]) admit(x *exchange[Who]) error {
	who, err := h.authenticate(x.Request)
	switch {
	case err == nil && !h.known(who):
		return ErrUnauthenticated
	case err == nil:
	case errors.Is(err, ErrUnauthenticated), errors.Is(err, travel.ErrForbidden),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	default:
		// It is the host's, and may hold what the request has shown.
		h.log(x, slog.LevelError, "httpapi: authentication failed", slog.String("error", types(err)))
		return &refusal{code: Internal}
	}
	x.who = who
	if wait := h.identities.take(who, max(1, x.route.cost)); wait > 0 {
		return &refusal{code: RateLimited, retryAfter: wait}
	}
	return nil
}

// fail answers with a problem. What nobody has foreseen is logged.
func (h *handler[Who]) fail(w *writer, x *exchange[Who], err error) {
	tag := languageOf(x.Request)
	p := translate(err, tag, h.zone)
	var own *refusal
	if p.Status >= http.StatusInternalServerError && !errors.As(err, &own) {
		level := slog.LevelWarn
		if p.Code == string(Internal) {
			level = slog.LevelError
		}
		h.log(x, level, "httpapi: request failed", slog.String("code", p.Code), slog.Any("error", err))
	}
	if w.begun {
		// A part of a document is out. The connection is cut, so that nobody
		// takes it for the whole.
		panic(http.ErrAbortHandler)
	}
	if p.Code == string(Unauthenticated) {
		w.Header().Set("WWW-Authenticate", h.Challenge)
	}
	w.problem(p, tag)
}

// recover answers for a panic, of which it logs where it was and not what it
// said.
func (h *handler[Who]) recover(w *writer, x *exchange[Who]) {
	said := recover()
	if said == nil {
		return
	}
	if err, ok := said.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	h.log(x, slog.LevelError, "httpapi: panic", slog.String("type", typeOf(said)), slog.Any("at", frames()))
	if w.begun {
		panic(http.ErrAbortHandler)
	}
	tag := languageOf(x.Request)
	w.problem(problemOf(Internal, tag), tag)
}

// log says which route it was, never with what.
func (h *handler[Who]) log(x *exchange[Who], level slog.Level, message string, attributes ...slog.Attr) {
	if x.route != nil {
		attributes = append(attributes, slog.String("method", x.route.method), slog.String("route", x.route.pattern))
	}
	h.Logger.LogAttrs(x.Context(), level, message, attributes...)
}
