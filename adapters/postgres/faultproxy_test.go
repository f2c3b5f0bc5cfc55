package postgres_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moment is when a proxy cuts a connection.
type moment int32

const (
	never moment = iota
	// early: a round trip that has no COMMIT does not arrive.
	early
	// before: what is ahead of the COMMIT arrives, the COMMIT does not.
	before
	// racing: the COMMIT arrives, and nobody waits for what comes of it.
	racing
	// after: the server has committed, and its answer does not arrive.
	after
	// half: the answer to the COMMIT arrives, and not that the server is ready.
	half
	moments
)

// proxy is between clients and a PostgreSQL server, understands what they say,
// and cuts connections around COMMITs.
type proxy struct {
	server string
	// cut says when to cut, for each round trip that has or has not a COMMIT. It
	// is called by one goroutine at a time.
	cut  func(commit bool) moment
	mu   sync.Mutex
	cuts [moments]atomic.Int64
}

// newProxy returns a proxy to a database, and its URL there.
func newProxy(t *testing.T, database string, cut func(commit bool) moment) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{server: u.Host, cut: cut}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { p.serve(client, &open) })
		}
	})
	t.Cleanup(func() {
		assert.NoError(t, l.Close())
		open.Wait()
	})
	u.Host = l.Addr().String()
	return p, u.String()
}

// session is one connection through the proxy.
type session struct {
	*proxy
	client, server net.Conn
	// commits are the prepared statements that are a COMMIT.
	commits map[string]bool
	// planned is what is to happen to the answer of a COMMIT.
	planned atomic.Int32
}

func (p *proxy) serve(client net.Conn, open *sync.WaitGroup) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	s := &session{proxy: p, client: client, server: server, commits: map[string]bool{}}
	open.Go(func() { defer s.close(); s.answers(bufio.NewReader(server)) })
	defer s.close()
	s.requests(bufio.NewReader(client))
}

func (s *session) close() {
	s.client.Close()
	s.server.Close()
}

// message reads a message of the protocol: the byte that says its type, which
// the first of a client has not, and its length with the rest.
func message(from io.Reader, typed int) ([]byte, error) {
	m := make([]byte, typed+4)
	if _, err := io.ReadFull(from, m); err != nil {
		return nil, err
	}
	m = append(m, make([]byte, binary.BigEndian.Uint32(m[typed:])-4)...)
	_, err := io.ReadFull(from, m[typed+4:])
	return m, err
}

// requests forwards what the client sends, a round trip at a time.
func (s *session) requests(client io.Reader) {
	trip, err := message(client, 0)
	if err != nil {
		return
	}
	last, commit := byte('p'), -1 // where in the trip a COMMIT begins
	for {
		switch last {
		case 'S', 'Q', 'H': // all but what logs in and says farewell
			if s.cutHere(trip, commit) {
				return
			}
			fallthrough
		case 'p', 'X':
			if _, err := s.server.Write(trip); err != nil {
				return
			}
			trip, commit = nil, -1
		}
		m, err := message(client, 1)
		if err != nil {
			return
		}
		if s.isCommit(m) {
			commit = len(trip)
		}
		trip, last = append(trip, m...), m[0]
	}
}

// isCommit tells whether a message runs a COMMIT, and remembers what is prepared.
func (s *session) isCommit(m []byte) bool {
	one, rest, _ := bytes.Cut(m[5:], []byte{0})
	two, _, _ := bytes.Cut(rest, []byte{0})
	switch m[0] {
	case 'P': // the statement's name and the query
		s.commits[string(one)] = string(two) == "COMMIT"
	case 'B': // the portal's name and the statement's
		return s.commits[string(two)]
	case 'Q':
		return string(one) == "COMMIT"
	}
	return false
}

// cutHere tells whether the connection is to be cut now.
func (s *session) cutHere(trip []byte, commit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	when := s.cut(commit >= 0)
	switch when {
	case before:
		_, _ = s.server.Write(trip[:commit])
	case racing:
		_, _ = s.server.Write(trip)
	case early:
	default:
		s.planned.Store(int32(when))
		return false
	}
	s.cuts[when].Add(1)
	return true
}

// answers forwards what the server sends.
func (s *session) answers(server io.Reader) {
	for {
		m, err := message(server, 1)
		if err != nil {
			return
		}
		when := never
		if m[0] == 'C' && string(m[5:]) == "COMMIT\x00" {
			when = moment(s.planned.Load())
			s.cuts[when].Add(1)
		}
		if when == after {
			return
		}
		if _, err := s.client.Write(m); err != nil || when == half {
			return
		}
	}
}
