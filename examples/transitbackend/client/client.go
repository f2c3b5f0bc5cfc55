// Package client is the other side of the backend: what a phone with the
// operator's app sends to the API, and the few pages of the demo that a program
// has to go through before that. The load and the tests use it.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Site is a backend that runs. It is safe for concurrent use.
type Site struct {
	url  string
	http *http.Client
}

// New returns the backend at a URL. With at most connections to it at a time.
func New(url string, connections int) *Site {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxConnsPerHost = connections, connections
	return &Site{strings.TrimSuffix(url, "/"), &http.Client{
		Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections.
func (s *Site) Close() { s.http.CloseIdleConnections() }

// SMS is a message with credentials in the inbox.
type SMS struct{ Number, Username, Code string }

var (
	numbers     = regexp.MustCompile(`<span class="number">([^<]+)</span>`)
	credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S+)\. `)
)

// Inbox returns a page of the inbox, from 0 on: newest first, empty after the
// last.
func (s *Site) Inbox(ctx context.Context, page int) ([]SMS, error) {
	text, err := s.page(ctx, http.MethodGet, "/inbox?page="+strconv.Itoa(page), nil, nil)
	if err != nil {
		return nil, err
	}
	to, what := numbers.FindAllStringSubmatch(text, -1), credentials.FindAllStringSubmatch(text, -1)
	if len(to) != len(what) {
		return nil, errors.New("the inbox has messages without credentials")
	}
	list := make([]SMS, len(to))
	for i := range list {
		list[i] = SMS{html.UnescapeString(to[i][1]), what[i][1], what[i][2]}
	}
	return list, nil
}

// page asks for a page and returns its text.
func (s *Site) page(ctx context.Context, method, path string, form url.Values, jar http.CookieJar) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	browser := http.Client{Transport: s.http.Transport, Jar: jar}
	answer, err := browser.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, request.URL.Path, answer.Status)
	}
	return string(text), err
}

// Phone is a phone with the app, in which a number is registered.
type Phone struct {
	site  *Site
	token string
	// Method is the payment method, once it is activated.
	Method string
}

// Register registers a number in a new phone.
func (s *Site) Register(ctx context.Context, number string) (*Phone, error) {
	form := url.Values{"number": {number}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/phone/register", strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := s.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if c.Name == "phone" {
			return &Phone{site: s, token: c.Value}, nil
		}
	}
	return nil, fmt.Errorf("the phone was not registered: %s", answer.Status)
}

// Problem is an answer that is not 2xx.
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	// Decline is there when it is a decline.
	Decline json.RawMessage `json:"decline"`
}

// Error names the status and the code.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s", p.Status, p.Code) }

// call sends a request with a key, if it has one, and reads the answer into a
// value. The error is a *Problem when there was an answer.
func (p *Phone) call(ctx context.Context, method, path, key string, body, into any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, p.site.url+"/api/app/payment-methods"+path, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer, err := p.site.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		problem := &Problem{Status: answer.StatusCode}
		_ = json.Unmarshal(text, problem) // what is no problem of the API's has no code
		return problem
	}
	return json.Unmarshal(text, into)
}

// Activate adds company invoice to the phone.
func (p *Phone) Activate(ctx context.Context, username, code string) error {
	var answer struct {
		Method string `json:"payment_method"`
	}
	err := p.call(ctx, http.MethodPost, "", "", map[string]string{"username": username, "code": code}, &answer)
	p.Method = answer.Method
	return err
}

// Authorize reserves the price of the cheapest ticket.
func (p *Phone) Authorize(ctx context.Context, key string) (authorization string, err error) {
	var answer struct {
		Authorization string `json:"authorization"`
	}
	ticket := map[string]any{"product": "single", "category": "youth", "zones": []string{"J1"}, "gross": "0.00", "vat_rate": 0}
	err = p.call(ctx, http.MethodPost, "/"+p.Method+"/authorizations", key, map[string]any{"tickets": []any{ticket}}, &answer)
	return answer.Authorization, err
}

// Capture completes a purchase.
func (p *Phone) Capture(ctx context.Context, key, authorization, purpose string) error {
	var answer struct{}
	return p.call(ctx, http.MethodPost, "/"+p.Method+"/authorizations/"+authorization+"/capture", key, map[string]string{"purpose": purpose}, &answer)
}

// Captured returns the authorizations of all purchases that the phone's owner has
// made.
func (p *Phone) Captured(ctx context.Context) (list []string, err error) {
	for before := ""; ; {
		var answer struct {
			Purchases []struct{ Authorization, State string } `json:"purchases"`
			Next      string                                  `json:"next"`
		}
		path := "/" + p.Method + "/purchases?limit=100"
		if before != "" {
			path += "&before=" + before
		}
		if err := p.call(ctx, http.MethodGet, path, "", nil, &answer); err != nil {
			return nil, err
		}
		for _, x := range answer.Purchases {
			if x.State == "captured" {
				list = append(list, x.Authorization)
			}
		}
		if before = answer.Next; before == "" {
			return list, nil
		}
	}
}

var differences = regexp.MustCompile(`(\d+) avvikelser`)

// Audit signs in as the operator, has everything recomputed, and returns how much
// does not add up.
func (s *Site) Audit(ctx context.Context) (int, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return 0, err
	}
	if _, err := s.page(ctx, http.MethodPost, "/signin", url.Values{}, jar); err != nil {
		return 0, err
	}
	text, err := s.page(ctx, http.MethodPost, "/operator/audit", url.Values{}, jar)
	if err != nil {
		return 0, err
	}
	found := differences.FindStringSubmatch(text)
	if found == nil {
		return 0, errors.New("the audit has no answer")
	}
	return strconv.Atoi(found[1])
}
