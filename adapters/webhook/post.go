package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// answer is what became of an attempt.
type answer struct {
	at     time.Time
	took   time.Duration
	status int
	code   string
	// retryAfter is how long the endpoint asks to be left alone.
	retryAfter time.Duration
}

// The codes of attempts.
const (
	codeDelivered  = "delivered"
	codeStopped    = "stopped"
	codeDisabled   = "disabled"
	codeTimeout    = "timeout"
	codeDNS        = "dns"
	codeTLS        = "tls"
	codeConnection = "connection"
)

func (a answer) gone() bool { return a.status == http.StatusGone }

// busy tells whether the endpoint is overloaded, not only with this event.
func (a answer) busy() bool {
	switch a.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// maxAnswer bounds what is read of an answer, so that the connection can be
// used again. Nothing in it is looked at.
const maxAnswer = 16 << 10

// post makes one attempt.
func (r run) post(ctx context.Context, e *Endpoint, q Delivery) (a answer) {
	attempt, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	a.at = r.at()
	defer func() { a.took = max(0, r.at().Sub(a.at)) }()
	request, err := http.NewRequestWithContext(attempt, http.MethodPost, e.URL, bytes.NewReader(q.Body))
	if err != nil {
		a.code = codeConnection
		return a
	}
	id := q.Event.String()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "tjansteresor-webhook")
	request.Header.Set(HeaderID, id)
	request.Header.Set(HeaderTimestamp, strconv.FormatInt(a.at.Unix(), 10))
	request.Header.Set(HeaderSignature, Sign(id, a.at, q.Body, e.Secrets...))
	response, err := r.client.Do(request)
	if err != nil {
		a.code = codeOf(ctx, err)
		return a
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	a.status, a.code = response.StatusCode, "http-"+strconv.Itoa(response.StatusCode)
	switch {
	case a.status/100 == 2:
		a.code = codeDelivered
	case a.busy():
		a.retryAfter = retryAfter(response.Header.Get("Retry-After"), a.at)
	}
	return a
}

// codeOf says why there was no answer. The error itself holds the URL.
func codeOf(ctx context.Context, err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return codeStopped
	case errors.As(err, &dns):
		return codeDNS
	case errors.As(err, &certificate), errors.As(err, &record):
		return codeTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		return codeTimeout
	}
	return codeConnection
}

// retryAfter reads seconds or an HTTP date; nonsense is 0.
func retryAfter(text string, now time.Time) time.Duration {
	const day = 24 * 60 * 60
	if seconds, err := strconv.ParseUint(text, 10, 63); err == nil {
		return time.Duration(min(seconds, 365*day)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
