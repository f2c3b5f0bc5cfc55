package httpsms

import (
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/tjansteresor/tjansteresor/sms"
)

// The names of the query parameters that name a message.
const (
	queryCompany = "company"
	queryMessage = "message"
)

// Reference names a message to a gateway, to come back with its receipts. The
// zero Reference names none.
type Reference struct {
	Company [16]byte
	ID      sms.MessageID
}

// ReferenceOf names m.
func ReferenceOf(m sms.Message) Reference { return Reference{m.Company, m.ID} }

// ErrReference is returned for what is no reference.
var ErrReference = errors.New("not the reference of a message")

// String is one text of both ids, COMPANY/MESSAGE.
func (r Reference) String() string { return r.company() + "/" + r.ID.String() }

func (r Reference) company() string { return sms.MessageID(r.Company).String() }

// ParseReference reads what String gave. The error is [ErrReference].
func ParseReference(s string) (Reference, error) {
	if len(s) != 73 || s[36] != '/' {
		return Reference{}, ErrReference
	}
	return parseReference(s[:36], s[37:])
}

func parseReference(company, message string) (Reference, error) {
	c, err := sms.ParseMessageID(company)
	if err != nil {
		return Reference{}, ErrReference
	}
	id, err := sms.ParseMessageID(message)
	if err != nil {
		return Reference{}, ErrReference
	}
	return Reference{[16]byte(c), id}, nil
}

// ReferenceIn reads the reference from a query that [Callback] made; a query
// without one gives the zero Reference. The error is [ErrReference].
func ReferenceIn(query url.Values) (Reference, error) {
	if !query.Has(queryCompany) && !query.Has(queryMessage) {
		return Reference{}, nil
	}
	return parseReference(query.Get(queryCompany), query.Get(queryMessage))
}

// Callback adds the reference, and pairs of a name and a value, to the query of
// the URL at which the host has mounted its receipts. The rest of the URL stays
// as it is.
func Callback(base *url.URL, r Reference, pairs ...string) *url.URL {
	u := *base
	query := queryCompany + "=" + r.company() + "&" + queryMessage + "=" + r.ID.String()
	for i := 0; i+1 < len(pairs); i += 2 {
		query += "&" + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
	}
	if u.RawQuery != "" {
		query = u.RawQuery + "&" + query
	}
	u.RawQuery = query
	return &u
}

// ParseURL reads a URL of the configuration: https and a host, and no user in
// it; http only on a loopback address, for stand-ins. The error wraps
// [sms.ErrOption] and names the field, not the value.
func ParseURL(field, value string) (*url.URL, error) {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, Invalid(field, "is no URL")
	case u.User != nil:
		return nil, Invalid(field, "has a user in it")
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return nil, Invalid(field, "is not https")
	}
	if u.Path == "" {
		u.Path = "/" // as it is requested, and as JoinPath needs it
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Invalid is the error for a field of an options struct. It holds no value: it
// could be a credential.
func Invalid(field, reason string) error {
	return fmt.Errorf("%w: %s %s", sms.ErrOption, field, reason)
}

// Required checks that fields are set, given in pairs of a name and a value.
func Required(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return Invalid(pairs[i], "is required")
		}
	}
	return nil
}
