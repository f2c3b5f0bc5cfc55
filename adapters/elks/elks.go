package elks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/httpsms"
	"github.com/tjansteresor/tjansteresor/sms"
)

// Name is the Gateway in receipts and reports.
const Name = "elks"

// BaseURL is where 46elks is.
const BaseURL = "https://api.46elks.com/a1"

// Options configures a [Sender].
type Options struct {
	// Username and Password are those of the API. Required.
	Username, Password string
	// Callback is where receipts go. Without a URL none come.
	Callback Callback
	// BaseURL is where the gateway is. Defaults to BaseURL.
	BaseURL string
	// Client posts. Defaults to a new http.Client; its redirects are not
	// followed in any case.
	Client *http.Client
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
}

// Sender hands messages to 46elks; see [sms.Sender]. It is safe for concurrent
// use.
type Sender struct {
	client        *httpsms.Client
	url           *url.URL
	authorization string
	callback      *callback
}

var _ sms.Sender = (*Sender)(nil)

// New returns a Sender. The error wraps [sms.ErrOption].
func New(o Options) (*Sender, error) {
	if err := httpsms.Required("Username", o.Username, "Password", o.Password); err != nil {
		return nil, err
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
		url:           base.JoinPath("sms"),
		authorization: httpsms.Basic(o.Username, o.Password),
	}
	if o.Callback.URL != "" {
		s.callback, err = o.Callback.parse()
	}
	return s, err
}

// Format prints the name of the type, whatever the verb: there are credentials
// inside.
func (s *Sender) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "elks.Sender") }

// Send makes one attempt; see [sms.Sender].
func (s *Sender) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	form := url.Values{
		"from": {m.From}, "to": {m.To.E164()}, "message": {m.Text},
		"dontlog": {"message"},
	}
	if s.callback != nil {
		form.Set("whendelivered", s.callback.of(httpsms.ReferenceOf(m)))
	}
	body, err := s.client.Do(ctx, m, httpsms.Post{
		URL: s.url, ContentType: httpsms.TypeForm, Authorization: s.authorization,
		Body: []byte(form.Encode()), Code: noCode,
	})
	if err != nil {
		return sms.Receipt{}, err
	}
	var answer struct{ ID, Status string }
	if json.Unmarshal(body, &answer) != nil {
		return sms.Receipt{}, s.client.Nonsense()
	}
	if strings.EqualFold(answer.Status, "failed") {
		return sms.Receipt{}, s.client.Failed("")
	}
	return s.client.Receipt(answer.ID)
}

// noCode: 46elks explains a refusal in a sentence.
func noCode([]byte) string { return "" }
