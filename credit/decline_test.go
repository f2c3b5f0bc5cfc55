package credit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/credit"
)

func assertKronor(t *testing.T, want string, got decimal.Decimal, what string) {
	t.Helper()
	assert.Equal(t, want, got.StringFixed(2), what)
}

func TestDeclineNumbers(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	d := setup(t, 500*kr)
	d.buy(at, 200*kr)
	d.reserve(at, 50*kr)
	_, decline := d.authorize(at, 250*kr+1)
	require.NotNil(t, decline)
	assertKronor(t, "250.01", decline.Amount, "asked for")
	assertKronor(t, "0.01", decline.ShortBy, "short by")
	assertKronor(t, "500.00", decline.Limit, "limit")
	assertKronor(t, "200.00", decline.Used, "used")
	assertKronor(t, "50.00", decline.Reserved, "reserved")
	assertKronor(t, "250.00", decline.Available, "available")
	assert.Equal(t, "2026-01-31T23:00:00Z", decline.ResetsAt.Format(time.RFC3339))
	assert.Equal(t, "2026-01-10T07:15:00Z", decline.PassesAt.Format(time.RFC3339), "when the reservation expires")
	assert.Equal(t, credit.HelperAdministrator, decline.Helper)
	assert.Empty(t, decline.Detail)
}

func TestDeclineOutsideCredit(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	d := setup(t, 500*kr)
	d.buy(at, 200*kr)
	decline := d.rules.Decline(d.account, credit.ProductNotAllowed, 40*kr, at)
	assert.Equal(t, credit.ProductNotAllowed, decline.Code)
	assert.Equal(t, credit.HelperAdministrator, decline.Helper)
	assertKronor(t, "40.00", decline.Amount, "asked for")
	assertKronor(t, "300.00", decline.Available, "available")
	assert.True(t, decline.ShortBy.IsZero(), "credit is not what is lacking")
	assert.True(t, decline.PassesAt.IsZero())
	assert.Equal(t, local(t, "2026-02-01 00:00"), decline.ResetsAt)
}

// When a decline would pass by itself.
func TestDeclinePassesAt(t *testing.T) {
	t.Parallel()
	at, reset := local(t, "2026-01-31 23:00"), local(t, "2026-02-01 00:00")
	for _, c := range []struct {
		name    string
		prepare func(*desk)
		amount  credit.Amount
		code    credit.DeclineCode
		want    time.Time
	}{
		{"at the reset", func(d *desk) { d.buy(at, 400*kr) }, 200 * kr, credit.LimitExceeded, reset},
		{"at a deadline before the reset", func(d *desk) { d.buy(at, 100*kr); d.reserve(at, 300*kr) }, 200 * kr,
			credit.LimitExceeded, at.Add(15 * time.Minute)},
		{"at the second of two deadlines", func(d *desk) {
			d.reserve(at, 100*kr)
			d.ttl = 5 * time.Minute
			d.reserve(at, 300*kr)
		}, 500 * kr, credit.LimitExceeded, at.Add(15 * time.Minute)},
		{"not at a deadline that frees too little", func(d *desk) { d.buy(at, 400*kr); d.reserve(at, 50*kr) }, 200 * kr, credit.LimitExceeded, reset},
		{"at the reset, not at a later deadline", func(d *desk) { d.ttl = 2 * time.Hour; d.reserve(at, 400*kr) }, 200 * kr, credit.LimitExceeded, reset},
		{"not at the deadline of what is being captured", func(d *desk) {
			z := d.reserve(at, 400*kr)
			require.Nil(d.t, d.beginCapture(&z, 400*kr, at))
		}, 200 * kr, credit.LimitExceeded, reset},
		{"never, above the limit", func(*desk) {}, 500*kr + 1, credit.LimitExceeded, time.Time{}},
		{"at the reset, the raise still in force", func(d *desk) {
			d.account.Raise = credit.Raise{Limit: 800 * kr, Until: reset.Add(time.Hour)}
			d.buy(at, 300*kr)
		}, 600 * kr, credit.LimitExceeded, reset},
		{"never, when the raise ends with the month", func(d *desk) {
			d.account.Raise = credit.Raise{Limit: 800 * kr, Until: reset}
			d.buy(at, 300*kr)
		}, 600 * kr, credit.LimitExceeded, time.Time{}},
		{"at a deadline while the raise is still in force", func(d *desk) {
			d.account.Raise = credit.Raise{Limit: 800 * kr, Until: reset}
			d.reserve(at, 300*kr)
		}, 600 * kr, credit.LimitExceeded, at.Add(15 * time.Minute)},
		{"never, when the raise ends at that deadline", func(d *desk) {
			d.account.Raise = credit.Raise{Limit: 800 * kr, Until: at.Add(15 * time.Minute)}
			d.reserve(at, 300*kr)
		}, 600 * kr, credit.LimitExceeded, time.Time{}},
		{"when there is room for one more", func(d *desk) { d.rules.MaxOpen = 1; d.reserve(at, 1) }, 1, credit.TooManyOpen, at.Add(15 * time.Minute)},
		{"not at the reset while too many are begun", func(d *desk) {
			d.rules.MaxOpen, d.ttl = 1, 2*time.Hour
			d.reserve(at, 400*kr)
		}, 200 * kr, credit.LimitExceeded, at.Add(2 * time.Hour)},
		{"never, while frozen", func(d *desk) { d.account.Frozen = true }, 1, credit.AccountFrozen, time.Time{}},
		{"never, without a limit", func(d *desk) { d.account = d.account.RemoveLimit() }, 1, credit.NoLimit, time.Time{}},
		{"never, for nothing", func(*desk) {}, 0, credit.NotPositive, time.Time{}},
		{"after the months that are closed", func(d *desk) {
			_, ok := d.close(credit.NewMonth(2026, time.March))
			require.True(d.t, ok)
		}, 1, credit.MonthClosed, local(t, "2026-04-01 00:00")},
		{"after a month that was spent already, the clock having gone back", func(d *desk) {
			d.buy(reset, 500*kr)
			d.buy(at, 500*kr)
		}, 1, credit.LimitExceeded, local(t, "2026-03-01 00:00")},
		{"after a month that is being spent, the clock having gone back", func(d *desk) {
			z := d.reserve(reset, 500*kr)
			require.Nil(d.t, d.beginCapture(&z, 500*kr, reset))
			d.buy(at, 500*kr)
		}, 1, credit.LimitExceeded, local(t, "2026-03-01 00:00")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, 500*kr)
			c.prepare(d)
			_, decline := d.authorize(at, c.amount)
			assertCode(t, c.code, decline)
			assert.Equal(t, c.want, decline.PassesAt)
			if !c.want.IsZero() {
				_, decline = d.authorize(c.want.Add(-1), c.amount)
				assert.NotNil(t, decline, "not before")
				d.reserve(c.want, c.amount)
			}
		})
	}
}

// declared lists the constants of type DeclineCode in the source, by name.
func declared(t *testing.T) map[string]credit.DeclineCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "decline.go", nil, 0)
	require.NoError(t, err)
	codes := map[string]credit.DeclineCode{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "DeclineCode" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			codes[spec.Names[0].Name] = credit.DeclineCode(value)
		}
		return true
	})
	return codes
}

// Every reason that the source names has its texts, its helper and its own
// code; no text shows a seam.
func TestEveryDeclineExplainsItself(t *testing.T) {
	t.Parallel()
	names := declared(t)
	require.Greater(t, len(names), 20)
	want := slices.Collect(maps.Values(names))
	slices.Sort(want)
	assert.Equal(t, want, credit.Codes(), "one list holds them all, each once")

	at := local(t, "2026-01-10 08:00")
	d := setup(t, 1500*kr)
	d.buy(at, 250*kr)
	texts := map[string]credit.DeclineCode{}
	for name, code := range names {
		decline := d.rules.Decline(d.account, code, 1251*kr, at)
		assert.Contains(t, []credit.Helper{credit.HelperAdministrator, credit.HelperOperator, credit.HelperTraveler}, decline.Helper, name)
		for _, tag := range []language.Tag{language.Swedish, language.English} {
			text := decline.Text(tag, stockholm)
			assert.NotEmpty(t, text, name)
			assert.NotContains(t, text, "%", name)
			assert.NotContains(t, text, string(code), name)
			assert.True(t, norm.NFC.IsNormalString(text), name)
			assert.True(t, strings.HasSuffix(text, "."), name)
			assert.NotContains(t, texts, text, "%s says the same as another", name)
			texts[text] = code
		}
		if decline.Helper == credit.HelperAdministrator {
			assert.Contains(t, strings.ToLower(decline.Text(language.Swedish, stockholm)), "företag", name)
		}
	}
}

func TestDeclineText(t *testing.T) {
	t.Parallel()
	at := local(t, "2026-01-10 08:00")
	d := setup(t, 1500*kr)
	d.buy(at, 250*kr)
	_, decline := d.authorize(at, 1250*kr+1)
	require.NotNil(t, decline)
	assert.Equal(t, "Beloppet 1\u00a0250,01 kr är 0,01 kr mer än vad som är kvar av månadens kreditgräns. "+
		"Kvar: 1\u00a0250,00 kr av 1\u00a0500,00 kr. Kreditgränsen är hel igen 2026-02-01. "+
		"En administratör i företaget kan höja den.", decline.Text(language.Swedish, stockholm))
	assert.Equal(t, "The amount 1,250.01 kr is 0.01 kr more than what is left of this month's credit limit. "+
		"Left: 1,250.00 kr of 1,500.00 kr. The credit is whole again on 2026-02-01. "+
		"An administrator of your company can raise the limit.", decline.Text(language.BritishEnglish, stockholm))
	assert.Contains(t, decline.Text(language.Swedish, time.UTC), "2026-01-31", "the date is that of the zone")

	unknown := credit.Decline{Code: "of_a_newer_version"}
	assert.Equal(t, "of_a_newer_version", unknown.Text(language.Swedish, stockholm))
}
