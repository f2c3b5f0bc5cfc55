package smpp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// remembered is how many parts a Client knows by the SMSC's id.
const remembered = 50_000

// Client is a [sms.Sender] over one connection to an SMSC, which lives while
// [Client.Run] runs. It is safe for concurrent use. Printed, it shows no
// password.
type Client struct {
	options Options
	ledger  *ledger

	mu      sync.Mutex
	running bool
	bound   *session      // nil while not bound
	why     error         // why it is not, once that is known
	changed chan struct{} // closed when either changes
}

var _ sms.Sender = (*Client)(nil)

// New returns a Client that is not bound yet. The error wraps [sms.ErrOption].
func New(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Client{options: o, ledger: newLedger(o.Gateway, remembered), changed: make(chan struct{})}, nil
}

// Format prints the address alone, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.options.LogValue().String()) }

// Run keeps a connection to the SMSC bound until ctx is done, and returns the
// reason why it is. A bind that fails, and a connection that ends, are logged
// and followed by another after a random wait below a doubling limit (full
// jitter); credentials that the SMSC has refused are not shown to it again
// before MaxBackoff. When ctx is done Run unbinds, which takes at most 2 seconds,
// and all that it has started has ended when it returns.
//
// A Client runs once at a time ([ErrRunning]) and may run again.
func (c *Client) Run(ctx context.Context) error {
	c.mu.Lock()
	if c.running {
		c.mu.Unlock()
		return ErrRunning
	}
	c.running = true
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running = false
	}()
	for failures := 1; ; failures++ {
		bound, err := c.connect(ctx)
		if ctx.Err() != nil {
			c.set(nil, errStopped)
			return context.Cause(ctx)
		}
		c.set(nil, err)
		if bound > c.options.MaxBackoff {
			failures = 1
		}
		wait := c.wait(failures, err)
		c.options.Logger.LogAttrs(ctx, slog.LevelError, "smpp: not bound",
			slog.Any("error", err), slog.Duration("was_bound", bound), slog.Duration("again_in", wait))
		if !pause(ctx, wait) {
			return context.Cause(ctx)
		}
	}
}

// pause waits, and tells whether ctx was not done meanwhile.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// connect makes one connection and keeps it until it ends. It returns why, and
// for how long it was bound.
func (c *Client) connect(ctx context.Context) (time.Duration, error) {
	dialing, cancel := context.WithTimeout(ctx, c.options.ResponseTimeout)
	defer cancel()
	conn, err := c.options.Dial(dialing, "tcp", c.options.Addr)
	if err != nil {
		return 0, fmt.Errorf("smpp: dial: %w", err)
	}
	s := newSession(c, conn)
	if err := s.bind(dialing); err != nil {
		return 0, err
	}
	begin := time.Now()
	err = s.serve(ctx)
	return time.Since(begin), fmt.Errorf("smpp: connection: %w", err)
}

// wait is full jitter under a doubling limit. Credentials that were refused
// will be refused again, and some SMSCs lock those who insist.
func (c *Client) wait(failures int, err error) time.Duration {
	if refused := (*BindError)(nil); errors.As(err, &refused) && refused.Status.refusesCredentials() {
		return c.options.MaxBackoff + c.options.Jitter(c.options.MaxBackoff)
	}
	limit := c.options.Backoff
	for i := 1; i < failures && limit < c.options.MaxBackoff; i++ {
		limit *= 2
	}
	return c.options.Jitter(min(limit, c.options.MaxBackoff))
}

// set says what is bound now, or why nothing is.
func (c *Client) set(s *session, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bound, c.why = s, why
	close(c.changed)
	c.changed = make(chan struct{})
}

// session returns what is bound. If nothing is, the error wraps [ErrNotBound]
// and says why. The channel is closed when either changes.
func (c *Client) session() (*session, <-chan struct{}, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bound != nil {
		return c.bound, c.changed, nil
	}
	if c.why == nil {
		return nil, c.changed, ErrNotBound
	}
	return nil, c.changed, fmt.Errorf("%w: %w", ErrNotBound, c.why)
}

// Ready waits until the Client is bound: before a dispatcher is started, so that
// its first attempts are not lost, or as a check of health. When ctx is done the
// error wraps [ErrNotBound], ctx.Err() and why the last bind failed, a
// [*BindError] if the SMSC has refused it.
func (c *Client) Ready(ctx context.Context) error {
	for {
		_, changed, why := c.session()
		if why == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", why, ctx.Err())
		}
	}
}
