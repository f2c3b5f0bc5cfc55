package number

import (
	"regexp"
	"time"
)

// identity is a personal identity number or coordination number in a text: two
// or four digits of the year, month, day, and four more.
var identity = regexp.MustCompile(`(?:^|[^0-9])((?:18|19|20)?([0-9]{2})([0-9]{2})([0-9]{2})[-+ ]?([0-9]{4}))(?:$|[^0-9])`)

// HasIdentity tells whether a text has what looks like a Swedish personal
// identity number or coordination number: a date that there is, and a check
// digit that is right.
func HasIdentity(text string) bool {
	for rest := text; ; {
		at := identity.FindStringSubmatchIndex(rest)
		if at == nil {
			return false
		}
		group := func(i int) string { return rest[at[2*i]:at[2*i+1]] }
		month, day := group(3), group(4)
		if day[0] >= '6' { // of a coordination number: 60 more
			day = string(day[0]-6) + day[1:]
		}
		body := group(2) + group(3) + group(4) + group(5)
		// 2000 was a leap year, so every day of any year is one of that.
		_, err := time.Parse("20060102", "2000"+month+day)
		if err == nil && luhn(body[:9]) == body[9] {
			return true
		}
		rest = rest[at[3]:]
	}
}
