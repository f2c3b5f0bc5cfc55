package httpapi_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// discard is a ResponseWriter for benchmarks.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// BenchmarkAuthorize reserves through the handler and, beside it, by a call of
// the service with the same ticket. The clock goes on by a minute each time, so
// that reservations expire.
func BenchmarkAuthorize(b *testing.B) {
	b.Run("service", func(b *testing.B) {
		w := setup(b)
		tickets := []travel.Ticket{ticket("1.00")}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			w.clock.Add(time.Minute)
			r, err := w.travel.Authorize(b.Context(), travel.AuthorizeRequest{Holder: w.anna.holder(), Key: strconv.Itoa(i), Tickets: tickets})
			if err != nil || r.Decline != nil {
				b.Fatal(err, r.Decline)
			}
		}
	})
	b.Run("handler", func(b *testing.B) {
		w := setup(b)
		c := call{method: "POST", path: method(w.anna) + "/authorizations", body: `{"tickets":` + wish("1.00") + `}`, who: "anna"}
		r := c.request()
		r.URL.Path = c.path
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			w.clock.Add(time.Minute)
			r.Header["Idempotency-Key"] = []string{strconv.Itoa(i)}
			r.Body = readCloser{strings.NewReader(c.body)}
			out := discard{header: http.Header{}}
			w.app.ServeHTTP(&out, r)
			if out.status != 200 {
				b.Fatal(out.status)
			}
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
