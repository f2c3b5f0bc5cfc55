// Package standin plays an SMS gateway over HTTP in the tests of the gateways'
// adapters.
package standin

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Gateway is a server whose behavior is set by a word. It begins as "accepts".
type Gateway struct {
	// URL is where it listens: http://127.0.0.1:PORT.
	URL string

	server *httptest.Server
	read   func(r *http.Request, body []byte)
	answer func(w http.ResponseWriter, mood string, r *http.Request, body []byte)

	mu   sync.Mutex
	mood string

	closing sync.Once
	closed  chan struct{}
}

// New starts a gateway. read is called with every request, before anything is
// answered. answer answers in all moods but these, which are the same
// everywhere: "unreachable" closes the server for good, "dies" breaks the
// connection, and "silent" never answers.
func New(read func(r *http.Request, body []byte), answer func(w http.ResponseWriter, mood string, r *http.Request, body []byte)) *Gateway {
	g := &Gateway{read: read, answer: answer, mood: "accepts", closed: make(chan struct{})}
	g.server = httptest.NewServer(g)
	g.URL = g.server.URL
	return g
}

// Client returns a client with connections of its own, which Close ends.
func (g *Gateway) Client() *http.Client { return g.server.Client() }

// Set sets the mood.
func (g *Gateway) Set(mood fmt.Stringer) {
	g.mu.Lock()
	g.mood = mood.String()
	g.mu.Unlock()
	if mood.String() == "unreachable" {
		g.Close()
	}
}

// Close ends the server and all connections. It may be called again.
func (g *Gateway) Close() {
	g.closing.Do(func() {
		close(g.closed)
		g.server.Close()
	})
}

// ServeHTTP is called by the server.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	g.read(r, body)
	switch mood := g.current(); mood {
	case "dies":
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = connection.Close()
		}
	case "silent":
		select {
		case <-r.Context().Done():
		case <-g.closed:
		}
	default:
		g.answer(w, mood, r, body)
	}
}

func (g *Gateway) current() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.mood
}
