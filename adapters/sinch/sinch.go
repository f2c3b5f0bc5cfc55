package sinch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/internal/httpsms"
	"github.com/tjansteresor/tjansteresor/sms"
)

// Name is the Gateway in receipts and reports.
const Name = "sinch"

// BaseURL is where Sinch is in Europe; data stay there. The others are called
// us, au, br and ca instead of eu.
const BaseURL = "https://eu.sms.api.sinch.com"

// maxValidity is how far away expire_at may be, and is when it is left out.
const maxValidity = 3 * 24 * time.Hour

// Options configures a [Sender].
type Options struct {
	// ServicePlanID and APIToken are those of the SMS service plan. Required.
	ServicePlanID, APIToken string
	// CallbackURL is the public address at which the host has mounted
	// [Receipts]. Defaults to the one that the service plan is set to.
	CallbackURL string
	// BaseURL is where the gateway is. Defaults to BaseURL.
	BaseURL string
	// Client posts. Defaults to a new http.Client; its redirects are not
	// followed in any case.
	Client *http.Client
	// Clock gives the present instant. Defaults to time.Now.
	Clock func() time.Time
}

// Sender hands messages to Sinch; see [sms.Sender]. It is safe for concurrent
// use.
type Sender struct {
	client        *httpsms.Client
	url           *url.URL
	authorization string
	callback      string
}

var _ sms.Sender = (*Sender)(nil)

// New returns a Sender. The error wraps [sms.ErrOption].
func New(o Options) (*Sender, error) {
	if err := httpsms.Required("ServicePlanID", o.ServicePlanID, "APIToken", o.APIToken); err != nil {
		return nil, err
	}
	if o.BaseURL == "" {
		o.BaseURL = BaseURL
	}
	base, err := httpsms.ParseURL("BaseURL", o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.CallbackURL != "" {
		if _, err := httpsms.ParseURL("CallbackURL", o.CallbackURL); err != nil {
			return nil, err
		}
	}
	return &Sender{
		client:        httpsms.NewClient(Name, o.Client, o.Clock),
		url:           base.JoinPath("xms", "v1", url.PathEscape(o.ServicePlanID), "batches"),
		authorization: "Bearer " + o.APIToken,
		callback:      o.CallbackURL,
	}, nil
}

// Format prints the name of the type, whatever the verb: there are credentials
// inside.
func (s *Sender) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sinch.Sender") }

// batch is what Sinch is asked for.
type batch struct {
	From            string   `json:"from"`
	To              []string `json:"to"`
	Body            string   `json:"body"`
	Type            string   `json:"type"`
	DeliveryReport  string   `json:"delivery_report"`
	ExpireAt        string   `json:"expire_at,omitempty"`
	CallbackURL     string   `json:"callback_url,omitempty"`
	ClientReference string   `json:"client_reference"`
}

// instant is ISO 8601 with milliseconds, in UTC.
const instant = "2006-01-02T15:04:05.000Z"

// Send makes one attempt; see [sms.Sender].
func (s *Sender) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	b := batch{
		From: m.From, To: []string{m.To.E164()}, Body: m.Text, Type: "mt_text",
		DeliveryReport: "per_recipient", CallbackURL: s.callback,
		ClientReference: httpsms.ReferenceOf(m).String(),
	}
	if !m.Expires.IsZero() && m.Expires.Sub(s.client.Now()) < maxValidity {
		b.ExpireAt = m.Expires.UTC().Format(instant)
	}
	var asked bytes.Buffer
	encoder := json.NewEncoder(&asked)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(b) // strings always encode
	body, err := s.client.Do(ctx, m, httpsms.Post{
		URL: s.url, ContentType: httpsms.TypeJSON, Authorization: s.authorization,
		Body: asked.Bytes(), Code: httpsms.JSONCode,
	})
	if err != nil {
		return sms.Receipt{}, err
	}
	var answer struct {
		ID       string `json:"id"`
		Canceled bool   `json:"canceled"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return sms.Receipt{}, s.client.Nonsense()
	}
	if answer.Canceled {
		return sms.Receipt{}, s.client.Failed("canceled")
	}
	return s.client.Receipt(answer.ID)
}
