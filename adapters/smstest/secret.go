package smstest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tjansteresor/tjansteresor/sms"
)

// secretCases has a case for each mood in which a Send fails.
func secretCases() (list []Case) {
	for _, mood := range moods() {
		if mood == Accepts {
			continue
		}
		list = append(list, Case{
			Name:     mood.String() + "/secret",
			Contract: "Send returns neither number nor text, in no error.",
			mood:     mood,
			run:      func(c *check) { c.secret(c.attempt(mood)) },
		})
	}
	return list
}

// secret prints an error, and each error in it, in every way, and looks for
// the number and the code.
func (c *check) secret(err error) {
	c.Helper()
	for _, e := range chain(err) {
		encoded, _ := json.Marshal(e) // what cannot be encoded shows nothing
		code := ""
		if failure, ok := e.(*sms.SendError); ok {
			code = failure.Code
		}
		for verb, printed := range map[string]string{
			"%v": fmt.Sprintf("%v", e), "%+v": fmt.Sprintf("%+v", e), "%#v": fmt.Sprintf("%#v", e), "%q": fmt.Sprintf("%q", e),
			"JSON": string(encoded), "Code": code,
		} {
			for what, secret := range map[string]string{"the number": digits, "the text": secretWord} {
				if strings.Contains(strings.ToLower(printed), secret) {
					c.Errorf("%s is in an error of type %T, printed as %s", what, e, verb)
				}
			}
		}
	}
}

// secretWord is the part of the code that no encoding changes.
const secretWord = "k7qp"

// chain lists an error and all that it wraps.
func chain(err error) []error {
	if err == nil {
		return nil
	}
	list := []error{err}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		list = append(list, chain(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, wrapped := range e.Unwrap() {
			list = append(list, chain(wrapped)...)
		}
	}
	return list
}
