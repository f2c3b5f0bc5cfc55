package app

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/http"
	"strings"

	"github.com/tjansteresor/tjansteresor/travel"
)

// phone is an app that somebody has registered a mobile number in. The host has
// verified both; here anybody may say any number.
type phone struct {
	number travel.PhoneNumber
	// device is our id of the phone.
	device string
}

// holder is who buys with a payment method.
func (p phone) holder(method string) (travel.Holder, error) {
	m, err := travel.ParsePaymentMethod(method)
	return travel.Holder{Method: m, Device: p.device, Number: p.number}, err
}

// phones keeps which app has which number, like sessions.
type phones struct {
	db    *database
	trips *travel.Service
}

// register registers a mobile number in a new phone and returns its token, which
// the app keeps: the pages as a cookie, the API's callers as a bearer token. An
// operator sends a code by SMS to the number first; here it is believed.
func (p *phones) register(ctx context.Context, number string) (token string, err error) {
	n, err := p.trips.ParseNumber(number)
	if err != nil {
		return "", err
	}
	token = rand.Text()
	_, err = p.db.ExecContext(ctx, "INSERT INTO phones (token, number, device) VALUES ($1, $2, $3)", hashed(token), n.E164(), rand.Text())
	return token, err
}

// of returns the phone of a request; ok is false when none is registered.
func (p *phones) of(r *http.Request) (found phone, ok bool, err error) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		token = cookie(r, phoneCookie)
	}
	if token == "" {
		return found, false, nil
	}
	var number string
	err = p.db.QueryRowContext(r.Context(), "SELECT number, device FROM phones WHERE token = $1", hashed(token)).Scan(&number, &found.device)
	if errors.Is(err, sql.ErrNoRows) {
		return found, false, nil
	}
	if err == nil {
		found.number, err = p.trips.ParseNumber(number)
	}
	return found, err == nil, err
}
