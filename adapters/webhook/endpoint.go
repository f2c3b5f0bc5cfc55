package webhook

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Endpoint is a system that gets events.
type Endpoint struct {
	// ID names the endpoint in store, log and errors: letters, digits, - and _, up
	// to 64. It stays when the URL changes. Required.
	ID string
	// URL is where it listens: https, or http on this machine. Required.
	URL string
	// Secrets sign what is sent, each with a signature of its own: the new one
	// and the old one while they change. At least one.
	Secrets []Secret
	// Types are the events that it gets. Defaults to all.
	Types []travel.EventType
	// Parallel is how many requests it may have at a time from one process.
	// Defaults to 4.
	Parallel int
}

const (
	defaultParallel = 4
	maxEndpointID   = 64
)

// wants tells whether the endpoint gets events of a type.
func (e *Endpoint) wants(t travel.EventType) bool {
	return len(e.Types) == 0 || slices.Contains(e.Types, t)
}

func invalid(field, value, reason string) error {
	return &travel.InputError{Field: field, Value: value, Reason: reason}
}

// complete checks an endpoint and sets what is left out. The URL is in no
// error: it may hold a token.
func (e *Endpoint) complete(i int) error {
	at := func(field string) string { return fmt.Sprintf("Endpoints[%d].%s", i, field) }
	if !isID(e.ID) {
		return invalid(at("ID"), e.ID, "must be 1 to 64 letters, digits, - and _")
	}
	if reason := refuseURL(e.URL); reason != "" {
		return invalid(at("URL"), "", reason)
	}
	if len(e.Secrets) == 0 {
		return invalid(at("Secrets"), "", "is required")
	}
	if slices.Contains(e.Secrets, Secret{}) {
		return invalid(at("Secrets"), "", "has an empty one")
	}
	if e.Parallel < 0 {
		return invalid(at("Parallel"), fmt.Sprint(e.Parallel), "must be more than 0")
	}
	if e.Parallel == 0 {
		e.Parallel = defaultParallel
	}
	e.Secrets, e.Types = slices.Clone(e.Secrets), slices.Clone(e.Types)
	return nil
}

func isID(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return s != "" && len(s) <= maxEndpointID
}

// refuseURL says why nothing is sent to a URL, or "".
func refuseURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "must be a URL with a host"
	case u.User != nil:
		return "must not hold a user: it would be in the Authorization header"
	case u.Fragment != "":
		return "must not have a fragment"
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return "must be https, or http on this machine"
	}
	return ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// EndpointState is what is known of an endpoint.
type EndpointState struct {
	ID string
	// DisabledAt is since when nothing is sent; zero while it is enabled.
	DisabledAt time.Time
	// Failures counts rounds since it last answered well, and FailingSince is when
	// the first of them was.
	Failures     int
	FailingSince time.Time
	// PausedUntil is before when nothing is sent.
	PausedUntil time.Time
}

// blocked tells whether nothing is sent now.
func (s EndpointState) blocked(now time.Time) bool { return s.PausedUntil.After(now) }
