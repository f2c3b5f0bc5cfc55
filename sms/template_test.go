package sms_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xlanguage "golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/sms"
)

func language(t *testing.T, tag string) xlanguage.Tag {
	t.Helper()
	l, err := xlanguage.Parse(tag)
	require.NoError(t, err)
	return l
}

var anna = sms.Credentials{
	Username: "resa4711", Code: code, ValidDays: 7,
	Until: time.Date(2026, 3, 9, 9, 0, 0, 0, time.FixedZone("CET", 3600)),
}

func TestR09CredentialsMessage(t *testing.T) {
	t.Parallel()
	templates, err := sms.NewTemplates(sms.TemplateOptions{})
	require.NoError(t, err)
	const swedish = "Öppna appen: Mer > Min profil > Betalmedel > Andra betalmedel > Lägg till Faktura via Allpay. " +
		"Användarnamn: resa4711 Engångskod: K7QP-3MXW. Gäller 7 dagar."
	const english = "Open the app: More > My profile > Payment methods > Other methods > Add Invoice via Allpay. " +
		"Username: resa4711 One-time code: K7QP-3MXW. Valid 7 days."
	for tag, want := range map[string]string{
		"sv": swedish, "sv-FI": swedish, "und": swedish, "en": english, "en-US": english, "de": english,
	} {
		got, err := templates.Credentials(language(t, tag), anna)
		require.NoError(t, err)
		assert.Equal(t, want, got, tag)
		count := sms.Analyze(got)
		assert.Equal(t, sms.GSM7, count.Encoding)
		assert.Equal(t, 1, count.Segments)
	}
	one := anna
	one.ValidDays = 1
	got, err := templates.Credentials(language(t, "sv"), one)
	require.NoError(t, err)
	assert.Contains(t, got, "Gäller 1 dag.")
	got, err = templates.Credentials(language(t, "en"), one)
	require.NoError(t, err)
	assert.Contains(t, got, "Valid 1 day.")
}

// The longest data that the options allow fits, one character more is refused.
func TestLongestDataFits(t *testing.T) {
	t.Parallel()
	for username := range 30 {
		o := sms.TemplateOptions{UsernameLength: username + 1, ValidDays: 30}
		templates, err := sms.NewTemplates(o)
		if err != nil {
			require.ErrorIs(t, err, sms.ErrTemplateSize)
			assert.Greater(t, username+1, 10, "the default length fits, and with two digits of days")
			continue
		}
		longest := sms.Credentials{Username: strings.Repeat("W", username+1), Code: "WWWW-WWWW", ValidDays: 30}
		for _, tag := range []string{"sv", "en"} {
			got, err := templates.Credentials(language(t, tag), longest)
			require.NoError(t, err)
			assert.LessOrEqual(t, sms.Analyze(got).Units, 160)
		}
	}
	_, err := sms.NewTemplates(sms.TemplateOptions{UsernameLength: 13})
	require.NoError(t, err, "exactly 160 in Swedish")
	_, err = sms.NewTemplates(sms.TemplateOptions{UsernameLength: 14})
	require.ErrorIs(t, err, sms.ErrTemplateSize)
}

func TestOperatorsOwnWords(t *testing.T) {
	t.Parallel()
	templates, err := sms.NewTemplates(sms.TemplateOptions{
		Credentials: sms.Text{Swedish: "100% ma\u030al: ${username}/${code}, till ${until}. Pris $5 {inkl} %d %[1]s. ${way}, ${method}, ${username}"},
		Way:         sms.Text{Swedish: "Mer > 50%", English: "More > 50%"},
		Method:      sms.Text{Swedish: "Faktura %s $", English: "Bill"},
	})
	require.NoError(t, err)
	got, err := templates.Credentials(language(t, "sv"), sms.Credentials{Username: "u%d${x}", Code: code, Until: anna.Until})
	require.NoError(t, err)
	assert.Equal(t, "100% mål: u%d${x}/K7QP-3MXW, till 2026-03-09 09:00. Pris $5 {inkl} %d %[1]s. Mer > 50%, Faktura %s $, u%d${x}", got)
	assert.True(t, norm.NFC.IsNormalString(got))
	got, err = templates.Credentials(language(t, "en"), anna)
	require.NoError(t, err)
	assert.Equal(t, "Open the app: More > 50% > Add Bill. Username: resa4711 One-time code: K7QP-3MXW. Valid 7 days.", got,
		"the language that the operator left out keeps the default")
}

func TestTemplatesRefused(t *testing.T) {
	t.Parallel()
	const rest = " ${username} ${code} ${days}"
	sv := func(s string) sms.TemplateOptions { return sms.TemplateOptions{Credentials: sms.Text{Swedish: s}} }
	en := func(s string) sms.TemplateOptions { return sms.TemplateOptions{Credentials: sms.Text{English: s}} }
	for name, c := range map[string]struct {
		o     sms.TemplateOptions
		want  error
		names []string
	}{
		"no username":      {sv("${code} ${days}"), sms.ErrPlaceholder, []string{`"sv"`, "${username} is missing"}},
		"no code":          {en("${username} ${days}"), sms.ErrPlaceholder, []string{`"en"`, "${code} is missing"}},
		"no end":           {sv("${username} ${code}"), sms.ErrPlaceholder, []string{"${days} or ${until} is missing"}},
		"a name":           {sv("Hej ${name}!" + rest), sms.ErrPlaceholder, []string{"${name}", "Hej"}},
		"a macro":          {sv("${days(1)}" + rest), sms.ErrPlaceholder, []string{"${days(1)}"}},
		"spaces inside":    {sv("${ days }" + rest), sms.ErrPlaceholder, []string{"${ days }"}},
		"no brace":         {sv(rest + " ${days"), sms.ErrPlaceholder, []string{"${days"}},
		"in the way":       {sms.TemplateOptions{Way: sms.Text{Swedish: "${code}"}}, sms.ErrPlaceholder, []string{"${code}"}},
		"one too long":     {sv(strings.Repeat("a", 132) + rest), sms.ErrTemplateSize, []string{`"sv"`, "segments: 2", "units: 161", "aaa"}},
		"a dash":           {en("Travel –" + rest), sms.ErrTemplateSize, []string{`"en"`, "UCS-2", "U+2013 '–'", "Travel"}},
		"a no-break space": {sv("Resor:\u00a0" + rest), sms.ErrTemplateSize, []string{"UCS-2", "U+00A0"}},
		"emoji in the way": {sms.TemplateOptions{Way: sms.Text{Swedish: "Mer 😀"}}, sms.ErrTemplateSize, []string{"U+1F600"}},
		"a long way":       {sms.TemplateOptions{Way: sms.Text{English: strings.Repeat("a", 100)}}, sms.ErrTemplateSize, []string{`"en"`, "segments: 2"}},
		"many days":        {sms.TemplateOptions{ValidDays: 100, UsernameLength: 12}, sms.ErrTemplateSize, []string{"units: 161"}},
		"a negative":       {sms.TemplateOptions{ValidDays: -1}, sms.ErrOption, []string{"ValidDays -1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			templates, err := sms.NewTemplates(c.o)
			require.ErrorIs(t, err, c.want)
			assert.Nil(t, templates)
			for _, n := range c.names {
				assert.ErrorContains(t, err, n)
			}
		})
	}
	_, err := sms.NewTemplates(sv(strings.Repeat("a", 131) + rest))
	require.NoError(t, err, "one less fits")
	_, err = sms.NewTemplates(sv(sms.Fold("Resor –\u00a0“så”" + rest)))
	require.NoError(t, err, "folded first")
}

func TestDataThatDoesNotFitIsRefusedAndNotTold(t *testing.T) {
	t.Parallel()
	templates, err := sms.NewTemplates(sms.TemplateOptions{})
	require.NoError(t, err)
	for _, username := range []string{strings.Repeat("u", 14), "ü–ł"} {
		c := anna
		c.Username = username
		got, err := templates.Credentials(language(t, "sv"), c)
		require.ErrorIs(t, err, sms.ErrTemplateSize)
		assert.Empty(t, got)
		var te *sms.TemplateError
		require.ErrorAs(t, err, &te)
		assert.Equal(t, "sv", te.Language.String())
		assert.Empty(t, te.Count.Offending)
		for _, secret := range []string{"uuu", "ł", code} {
			assert.NotContains(t, err.Error(), secret)
		}
	}
}

func TestTemplatesAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	templates, err := sms.NewTemplates(sms.TemplateOptions{})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			c := anna
			c.Username = strings.Repeat(string(rune('a'+n)), 8)
			for range 50 {
				got, err := templates.Credentials(language(t, []string{"sv", "en"}[n%2]), c)
				assert.NoError(t, err)
				assert.Contains(t, got, c.Username)
			}
		})
	}
	wg.Wait()
}
