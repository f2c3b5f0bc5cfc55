package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/httpsms"
	"github.com/tjansteresor/tjansteresor/sms"
)

// Name is the Gateway in receipts and reports.
const Name = "twilio"

// BaseURL is where Twilio is.
const BaseURL = "https://api.twilio.com"

// maxValidity is the longest ValidityPeriod.
const maxValidity = 10 * time.Hour

// Options configures a [Sender].
type Options struct {
	// AccountSID names the account, "AC" and 32 hexadecimal digits. Required.
	AccountSID string
	// Username is the SID of an API key. Defaults to AccountSID.
	Username string
	// Password is the auth token of the account, or the secret of the API key.
	// Required.
	Password string
	// MessagingServiceSID names a Messaging Service to send by, in whose pool the
	// sender name must be. Defaults to none.
	MessagingServiceSID string
	// Redact asks Twilio to discard the text and to hide the number. The account
	// must have Message Redaction.
	Redact bool
	// CallbackURL is the public address at which the host has mounted
	// [Receipts], with a fragment that says how to repeat. Without it none come.
	CallbackURL string
	// BaseURL is where the gateway is. Defaults to BaseURL.
	BaseURL string
	// Client posts. Defaults to a new http.Client; its redirects are not
	// followed in any case.
	Client *http.Client
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
}

// Sender hands messages to Twilio; see [sms.Sender]. It is safe for concurrent
// use.
type Sender struct {
	client        *httpsms.Client
	url           *url.URL
	authorization string
	service       string
	redact        bool
	callback      *url.URL
}

var _ sms.Sender = (*Sender)(nil)

// New returns a Sender. The error wraps [sms.ErrOption].
func New(o Options) (*Sender, error) {
	if err := httpsms.Required("AccountSID", o.AccountSID, "Password", o.Password); err != nil {
		return nil, err
	}
	if o.Username == "" {
		o.Username = o.AccountSID
	}
	if o.BaseURL == "" {
		o.BaseURL = BaseURL
	}
	base, err := httpsms.ParseURL("BaseURL", o.BaseURL)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		client:        httpsms.NewClient(Name, o.Client, o.Clock),
		url:           base.JoinPath("2010-04-01", "Accounts", url.PathEscape(o.AccountSID), "Messages.json"),
		authorization: httpsms.Basic(o.Username, o.Password),
		service:       o.MessagingServiceSID,
		redact:        o.Redact,
	}
	if o.CallbackURL != "" {
		s.callback, err = httpsms.ParseURL("CallbackURL", o.CallbackURL)
	}
	return s, err
}

// Format prints the name of the type, whatever the verb: there are credentials
// inside.
func (s *Sender) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "twilio.Sender") }

// Send makes one attempt; see [sms.Sender].
func (s *Sender) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	body, err := s.client.Do(ctx, m, httpsms.Post{
		URL: s.url, ContentType: httpsms.TypeForm, Authorization: s.authorization,
		Body: []byte(s.form(m).Encode()), Code: httpsms.JSONCode,
	})
	if err != nil {
		return sms.Receipt{}, err
	}
	var answer struct {
		SID, Status string
		ErrorCode   httpsms.Word `json:"error_code"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return sms.Receipt{}, s.client.Nonsense()
	}
	if stateOf(answer.Status) == sms.StateFailed {
		return sms.Receipt{}, s.client.Failed(string(answer.ErrorCode))
	}
	return s.client.Receipt(answer.SID)
}

func (s *Sender) form(m sms.Message) url.Values {
	form := url.Values{"From": {m.From}, "To": {m.To.E164()}, "Body": {m.Text}}
	if s.service != "" {
		form.Set("MessagingServiceSid", s.service)
	}
	if s.redact {
		form.Set("ContentRetention", "discard")
		form.Set("AddressRetention", "obfuscate")
	}
	if s.callback != nil {
		form.Set("StatusCallback", httpsms.Callback(s.callback, httpsms.ReferenceOf(m)).String())
	}
	if !m.Expires.IsZero() {
		left := min(m.Expires.Sub(s.client.Now()), maxValidity)
		form.Set("ValidityPeriod", strconv.Itoa(max(int(left/time.Second), 1)))
	}
	return form
}
