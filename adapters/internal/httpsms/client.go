package httpsms

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// maxAnswer bounds what is read of an answer. Those of the gateways are below
// 2 KiB.
const maxAnswer = 64 << 10

// Client posts messages to one gateway. It is safe for concurrent use.
type Client struct {
	gateway string
	http    http.Client
	clock   func() time.Time
}

// NewClient returns a Client that posts by c, of which nil is a new
// http.Client, in the name of a gateway. It follows no redirect: that would
// hand credentials and message to somebody else, or lose the message as a GET.
func NewClient(gateway string, c *http.Client, clock func() time.Time) *Client {
	client := &Client{gateway: gateway, clock: clock}
	if c != nil {
		client.http = *c
	}
	client.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if client.clock == nil {
		client.clock = time.Now
	}
	return client
}

// Now is the instant by the Client's clock, in UTC.
func (c *Client) Now() time.Time { return c.clock().UTC() }

// Post is one request to a gateway. The message is in its body alone.
type Post struct {
	URL         *url.URL
	ContentType string
	// Authorization is the header of that name.
	Authorization string
	Body          []byte
	// Code finds the gateway's own code in the body of a refusal, or returns "".
	Code func(body []byte) string
}

// Do makes one attempt to hand m over and returns the body of the answer, whose
// status is 2xx. The error is a [*sms.SendError].
func (c *Client) Do(ctx context.Context, m sms.Message, p Post) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, c.fail(sms.KindTemporary, codeOf(err), err)
	}
	if !m.Expires.IsZero() && !c.Now().Before(m.Expires) {
		return nil, c.fail(sms.KindPermanent, sms.CodeExpired, errExpired)
	}
	sent := &payload{data: p.Body}
	response, err := c.http.Do(sent.request(ctx, p))
	if err != nil {
		kind, cause := sms.KindUnknown, causeOf(ctx, err)
		if sent.seal() {
			kind = sms.KindTemporary
		}
		return nil, c.fail(kind, codeOf(cause), cause)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if response.StatusCode/100 != 2 {
		return nil, c.refused(response, p.Code(body))
	}
	if err != nil {
		cause := causeOf(ctx, err)
		return nil, c.fail(sms.KindUnknown, codeOf(cause), cause)
	}
	if len(body) > maxAnswer {
		return nil, c.Nonsense()
	}
	return body, nil
}

var (
	errExpired = errors.New("its time is over")
	errAnswer  = errors.New("an answer that makes no sense")
	errFailed  = errors.New("failed at once")
)

// Nonsense is the error for an answer that says success in a form that is not
// the gateway's: the message may have been taken.
func (c *Client) Nonsense() error { return c.fail(sms.KindUnknown, "answer", errAnswer) }

// Failed is the error for an answer which says that a message was taken and has
// failed at once, with the gateway's code or "failed".
func (c *Client) Failed(code string) error {
	if code = Code(code); code == "" {
		code = sms.StateFailed.String()
	}
	return c.fail(sms.KindPermanent, code, errFailed)
}

// Receipt is that of a message with an id of the gateway; one that is no id
// makes no sense.
func (c *Client) Receipt(id string) (sms.Receipt, error) {
	if !ID(id) {
		return sms.Receipt{}, c.Nonsense()
	}
	return sms.Receipt{Gateway: c.gateway, GatewayID: id}, nil
}

func (c *Client) fail(kind sms.Kind, code string, cause error) *sms.SendError {
	return &sms.SendError{Kind: kind, Code: code, Err: fmt.Errorf("%s: %w", c.gateway, cause)}
}

// refused reads a status other than 2xx. 408 says that the request did not
// arrive whole; a redirect says nothing about the message.
func (c *Client) refused(r *http.Response, code string) error {
	kind := sms.KindUnknown
	switch status := r.StatusCode; {
	case status == http.StatusRequestTimeout || status == http.StatusTooManyRequests:
		kind = sms.KindTemporary
	case status/100 == 4:
		kind = sms.KindPermanent
	}
	if code = Code(code); code == "" {
		code = fmt.Sprintf("http-%d", r.StatusCode)
	}
	failure := c.fail(kind, code, fmt.Errorf("HTTP status %d", r.StatusCode))
	failure.RetryAfter = retryAfter(r.Header.Get("Retry-After"), c.Now())
	return failure
}

// Basic is the Authorization of a user and a password.
func Basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}
