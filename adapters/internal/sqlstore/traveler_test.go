package sqlstore

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A number that is no one's any more stays nowhere.
func TestR44_NumbersAreForgotten(t *testing.T) {
	t.Parallel()
	number := func(s string) travel.PhoneNumber {
		n, err := sms.PhoneNumberFromE164(s)
		require.NoError(t, err)
		return n
	}
	const a, b = "+46701234567", "+46707654321"
	x := &tx{s: newLedger(0).store(t)}
	for name, c := range map[string]struct {
		before, after string
		want          []string
	}{
		"never one": {"", "", nil},
		"the same":  {a, a, nil},
		"a first":   {"", a, []string{"INSERT " + a}},
		"another":   {a, b, []string{"DELETE " + a, "INSERT " + b}},
		"erased":    {a, "", []string{"DELETE " + a}},
	} {
		var got []string
		for _, s := range x.saveTraveler(travel.Traveler{Number: number(c.after)}, number(c.before)) {
			if verb, _, _ := strings.Cut(s.SQL, " "); strings.Contains(s.SQL, "{number_lookup}") {
				got = append(got, verb+" "+s.Args[0].(string))
			}
		}
		assert.Equal(t, c.want, got, name)
	}
}
