package httpsms

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// payload is the body of a request, which knows whether anybody has begun to
// read it. A gateway cannot have a message whose body nobody has read, whatever
// RoundTripper the host has given; no connection, no name and no TLS session
// end there. (net/http/httptrace tells the same, but only when the RoundTripper
// is one that reports to it.)
type payload struct {
	data  []byte
	state atomic.Int32
}

const (
	unread int32 = iota
	begun
	sealed
)

var errSealed = errors.New("the attempt has ended")

// request is a request with the payload as its body. Transports may open the
// body again where they know that nothing of it was written, as on a kept
// connection that turns out to be closed.
func (p *payload) request(ctx context.Context, post Post) *http.Request {
	r := &http.Request{
		Method: http.MethodPost, URL: post.URL, Host: post.URL.Host,
		Header: http.Header{
			"Content-Type": {post.ContentType}, "Accept": {TypeJSON}, "Authorization": {post.Authorization},
		},
		Body: p.open(), ContentLength: int64(len(p.data)),
		GetBody: func() (io.ReadCloser, error) { return p.open(), nil },
	}
	return r.WithContext(ctx)
}

func (p *payload) open() io.ReadCloser {
	return io.NopCloser(&reading{p, bytes.NewReader(p.data)})
}

// seal tells whether nobody has begun to read. If so, nobody will: a transport
// that comes back to a request which it has given up finds nothing to send.
func (p *payload) seal() bool { return p.state.CompareAndSwap(unread, sealed) }

type reading struct {
	payload *payload
	data    *bytes.Reader
}

func (r *reading) Read(b []byte) (int, error) {
	if !r.payload.state.CompareAndSwap(unread, begun) && r.payload.state.Load() == sealed {
		return 0, errSealed
	}
	return r.data.Read(b)
}
