package httpsms

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var (
	errNoAnswer = errors.New("no answer")
	errTimeout  = errors.New("timed out")
)

// causeOf keeps of an error of net/http what is known to be harmless. The rest
// may hold the URL, or what a gateway has sent: "malformed HTTP response",
// followed by what it was.
func causeOf(ctx context.Context, err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var number syscall.Errno
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &name):
		return name
	case errors.As(err, &certificate):
		return certificate
	case errors.As(err, &number):
		return number
	case errors.As(err, &timeout) && timeout.Timeout():
		return errTimeout
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	return errNoAnswer
}

// codeOf is the word that administrators see for a cause.
func codeOf(cause error) string {
	switch {
	case errors.Is(cause, context.Canceled):
		return "canceled"
	case errors.Is(cause, context.DeadlineExceeded), errors.Is(cause, errTimeout):
		return "timeout"
	}
	return "connection"
}

// maxRetryAfter bounds the wait that a gateway can ask for.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads the header of that name: seconds, or an HTTP date. What is
// neither, or is over, is no wait.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	seconds, err := strconv.ParseUint(value, 10, 31)
	if errors.Is(err, strconv.ErrRange) {
		return maxRetryAfter
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}
