package httpapi

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/internal/testclock"
)

// The limiter does what a bucket of tokens does, for every key, while no more
// keys come than it remembers.
func TestLimiterIsABucketOfTokens(t *testing.T) {
	t.Parallel()
	const every = 10 * time.Millisecond
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		clock := testclock.New(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		rate := Rate{Burst: 1 + r.IntN(8), Every: every}
		l := newLimiter[int](rate, 10, clock.Now)
		type bucket struct {
			tokens int64 // in nanoseconds
			at     time.Time
		}
		model := map[int]*bucket{}
		for range 500 {
			clock.Add(time.Duration(r.IntN(3*int(every)) * r.IntN(2)))
			key, cost, now := r.IntN(10), 1+r.IntN(3), clock.Now()
			full := int64(rate.Burst) * int64(every)
			b := model[key]
			if b == nil {
				b = &bucket{full, now}
				model[key] = b
			}
			b.tokens, b.at = min(full, b.tokens+int64(now.Sub(b.at))), now
			want := time.Duration(int64(min(cost, rate.Burst))*int64(every) - b.tokens)
			if want <= 0 {
				b.tokens, want = -int64(want), 0
			}
			require.Equal(t, want, l.take(key, cost))
		}
	}
}

func TestLimiterIsBounded(t *testing.T) {
	t.Parallel()
	clock := testclock.New(time.Unix(0, 0))
	l := newLimiter[int](Rate{Burst: 2, Every: time.Second}, 100, clock.Now)
	for key := range 100_000 {
		l.take(key, 1)
		require.LessOrEqual(t, len(l.young)+len(l.old), 200)
	}
	for range 10 {
		clock.Add(time.Hour)
		l.take(-1, 1)
	}
	assert.Len(t, l.young, 1, "who does not come is forgotten")
	assert.LessOrEqual(t, len(l.old), 1)
}

// A clock that jumps back locks nobody out for longer than an empty bucket.
func TestLimiterSurvivesTheClock(t *testing.T) {
	t.Parallel()
	clock := testclock.New(time.Unix(1_000_000, 0))
	l := newLimiter[int](Rate{Burst: 2, Every: time.Second}, 100, clock.Now)
	require.Zero(t, l.take(1, 2))
	clock.Add(-24 * time.Hour)
	assert.Equal(t, time.Second, l.take(1, 1))
	clock.Add(time.Second)
	assert.Zero(t, l.take(1, 1))
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, path string
		open          []string
		ok            bool
	}{
		{"/a", "/a", nil, true}, {"/a", "/a/", nil, false}, {"/a", "/", nil, false}, {"/a", "", nil, false}, {"/a", "/b", nil, false},
		{"/a/{x}", "/a/1", []string{"1"}, true}, {"/a/{x}", "/a/", nil, false}, {"/a/{x}", "/a", nil, false}, {"/a/{x}", "/a//", nil, false},
		{"/a/{x}/b/{y}", "/a/1/b/2", []string{"1", "2"}, true}, {"/a/{x}/b", "/a/1/b/2", nil, false}, {"/a/{x}/b", "/a/1", nil, false},
		{"/a/b", "/a//b", nil, false},
	} {
		open, ok := match(c.pattern, c.path)
		assert.Equal(t, c.ok, ok, "%s %s", c.pattern, c.path)
		if ok {
			assert.Equal(t, c.open, open)
		}
	}
}

func TestFieldName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Tickets[0].VATRate": "tickets[0].vat_rate", "Tickets[12].ValidFrom": "tickets[12].valid_from", "Key": "Idempotency-Key",
		"ID": "id", "ProductName": "product_name", "Holder.Method": "payment_method", "Billing.PeppolID": "billing.peppol_id", "": "",
	} {
		assert.Equal(t, want, fieldName(in))
	}
}

func TestKeysAreReadQuotedOrBare(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"abc": "abc", `"abc"`: "abc", `"a b"`: "a b", `"a\"b\\c"`: `a"b\c`, "8e03978e-40d5-43dd-bc93-6894a57f9324": "8e03978e-40d5-43dd-bc93-6894a57f9324",
	} {
		key, err := keyOf(&http.Request{Header: http.Header{keyHeader: {in}}})
		require.NoError(t, err, in)
		assert.Equal(t, want, key)
	}
}

// What is accepted is JSON with known names only, and means what encoding/json
// takes it for; amounts are those that were sent.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"tickets":[],"purpose":""}`, `{"tickets":[{"product":"a","category":"b","zones":["c"],"gross":"37.00","vat_rate":600}],"purpose":"Möte"}`,
		`{"tickets":[{"stated":{"net":"1.00","vat":"0.06"},"gross":"-9.99","vat_rate":-1,"valid_from":"2026-01-13T11:00:00Z"}]}`,
		`{"purpose":"\ud800"}`, `{"purpose":"a","purpose":"b"}`, `{"Purpose":"a"}`, `{"purpose":null}`, `[]`, `{} {}`, "{\"purpose\":\"\xff\"}",
		`{"tickets":[{"gross":"1e99999999","vat_rate":1}]}`, `{"tickets":[[[[[[[[[[]]]]]]]]]]}`, `{"tickets":[{"gross":"99999999999999999999.00","vat_rate":1}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second purchaseBody
		if err := decode(body, &first); err != nil {
			var own *refusal
			require.ErrorAs(t, err, &own, "every error has a code")
			require.NotEmpty(t, own.fields[0].Reason)
			return
		}
		require.True(t, json.Valid(body), "what is accepted is JSON")
		require.NoError(t, json.Unmarshal(body, &second))
		require.Equal(t, first, second)
		var names map[string]any
		require.NoError(t, json.Unmarshal(body, &names))
		delete(names, "tickets")
		delete(names, "purpose")
		require.Empty(t, names)
		tickets, err := parseTickets(first.Tickets)
		if err != nil {
			return
		}
		for i, ticket := range tickets {
			sent := first.Tickets[i].Gross
			digits := strings.TrimLeft(strings.TrimPrefix(sent, "-"), "0")
			require.True(t, strings.HasSuffix(money(ticket.Gross), digits), "%s became %s", sent, money(ticket.Gross))
		}
	})
}
