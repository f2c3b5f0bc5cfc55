package smstest

import "github.com/tjansteresor/tjansteresor/sms"

const (
	permanent = "ErrPermanent: the gateway has not taken the message and never will."
	temporary = "ErrTemporary: the gateway has certainly not taken it, and may another time."
	unknown   = "ErrUnknown: it may have been taken (a time-out or a broken connection after the request was sent, " +
		"an answer that makes no sense, a failure inside)."
)

var failureCases = []Case{
	{"refuses/permanent", permanent, Refuses, nil, failing(Refuses, sms.ErrPermanent)},
	{"throttles/temporary", temporary, Throttles, nil, failing(Throttles, sms.ErrTemporary)},
	{"unreachable/temporary", temporary, Unreachable, nil, failing(Unreachable, sms.ErrTemporary)},
	{"dies/unknown", unknown, Dies, nil, failing(Dies, sms.ErrUnknown)},
	{"garbles/unknown", unknown, Garbles, nil, failing(Garbles, sms.ErrUnknown)},
	{"silent/unknown", unknown, Silent, nil, failing(Silent, sms.ErrUnknown)},
	{"fails/unknown", unknown, Fails, nil, failing(Fails, sms.ErrUnknown)},
	{
		"refuses/code", "Code is the gateway's own code.", Refuses,
		func(o Options) string {
			if o.Code == "" {
				return "the adapter names no Code"
			}
			return ""
		},
		(*check).failureCode,
	},
	{
		"throttles/wait", "RetryAfter is the wait that the gateway asked for.", Throttles,
		func(o Options) string {
			if o.RetryAfter == 0 {
				return "the adapter names no RetryAfter"
			}
			return ""
		},
		(*check).failureWait,
	},
}

// failing proves the kind of the error in a mood, and that it is ours.
func failing(mood Mood, kind error) func(c *check) {
	return func(c *check) {
		c.Helper()
		err := c.attempt(mood)
		c.fails(err, kind)
		c.sendError(err)
	}
}

func (c *check) failureCode() {
	if got := c.sendError(c.attempt(Refuses)).Code; got != c.o.Code {
		c.Errorf("Code is %q, want %q", got, c.o.Code)
	}
}

func (c *check) failureWait() {
	if got := c.sendError(c.attempt(Throttles)).RetryAfter; got != c.o.RetryAfter {
		c.Errorf("RetryAfter is %s, want %s", got, c.o.RetryAfter)
	}
}
