package sms

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// Text is one sentence in Swedish and in English.
type Text = lang.Text

// TemplateOptions is what an operator may put in its own words. Of a [Text]
// that is given in one language only, the other keeps its default.
type TemplateOptions struct {
	// Credentials is the message that carries username and code (R09), with
	// the placeholders ${username}, ${code}, ${days} ("7 dagar"), ${until}
	// ("2026-02-08 14:30"), ${way} and ${method}. It needs the two first and one
	// of the two next. Defaults to short instructions with all but ${until}.
	Credentials Text
	// Way is how to get to the payment methods in the operator's app.
	// Defaults to "Mer > Min profil > Betalmedel > Andra betalmedel" and its
	// like in English.
	Way Text
	// Method is what the payment method is called there. Defaults to
	// "Faktura via Allpay" and "Invoice via Allpay".
	Method Text
	// UsernameLength is the length of the longest username. Defaults to 10.
	UsernameLength int
	// CodeLength is the length of a code as it is shown. Defaults to 9, as in
	// K7QP-3MXW.
	CodeLength int
	// ValidDays is the most days that a code is valid. Defaults to 7.
	ValidDays int
}

var (
	defaultCredentials = Text{
		Swedish: "Öppna appen: ${way} > Lägg till ${method}. Användarnamn: ${username} Engångskod: ${code}. Gäller ${days}.",
		English: "Open the app: ${way} > Add ${method}. Username: ${username} One-time code: ${code}. Valid ${days}.",
	}
	defaultWay = Text{
		Swedish: "Mer > Min profil > Betalmedel > Andra betalmedel",
		English: "More > My profile > Payment methods > Other methods",
	}
	defaultMethod = Text{Swedish: "Faktura via Allpay", English: "Invoice via Allpay"}
)

// Credentials is what a traveler needs to activate (R09). It prints as redacted.
type Credentials struct {
	Username, Code string
	// ValidDays is the number of calendar days that the code is valid (R10).
	ValidDays int
	// Until is the instant at which it ends to be, in the operator's time
	// zone. Only a template with ${until} shows it.
	Until time.Time
}

// String gives nothing away.
func (c Credentials) String() string { return "credentials (redacted)" }

// Format prints nothing of it, whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue gives slog nothing of it.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText gives encoders nothing of it.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// TemplateError says which template is wrong, and how it counts.
type TemplateError struct {
	// Language is Swedish or English.
	Language language.Tag
	// Template is the template with its placeholders, without data.
	Template string
	// Count is that of the message with the longest data, or with the data
	// that did not fit. It is zero when a placeholder is wrong.
	Count Count
	// Err is or wraps [ErrTemplateSize] or [ErrPlaceholder].
	Err error
}

// Error names language, reason, count with offending runes, and template.
func (e *TemplateError) Error() string {
	s := fmt.Sprintf("credentials message in %q %v", e.Language, e.Err)
	if e.Count.Segments > 0 {
		s += ": " + e.Count.String()
	}
	return fmt.Sprintf("%s: %q", s, e.Template)
}

// Unwrap returns the kind.
func (e *TemplateError) Unwrap() error { return e.Err }

// Templates renders the messages that travelers get. It is safe for concurrent
// use.
type Templates struct{ swedish, english template }

type template struct {
	language language.Tag
	source   string
	printer  *message.Printer
}

// NewTemplates checks that each message fits one segment of GSM 7-bit with the
// longest data that the options allow, and refuses it otherwise with a
// [*TemplateError]. The zero options give the defaults; a length or a number of
// days below 0 is [ErrOption].
func NewTemplates(o TemplateOptions) (*Templates, error) {
	for _, n := range []struct {
		name     string
		value    *int
		standard int
	}{
		{"UsernameLength", &o.UsernameLength, 10}, {"CodeLength", &o.CodeLength, 9}, {"ValidDays", &o.ValidDays, 7},
	} {
		if *n.value < 0 {
			return nil, fmt.Errorf("%w: %s %d", ErrOption, n.name, *n.value)
		}
		*n.value = cmp.Or(*n.value, n.standard)
	}
	swedish, err := newTemplate(language.Swedish, o)
	if err != nil {
		return nil, err
	}
	english, err := newTemplate(language.English, o)
	if err != nil {
		return nil, err
	}
	return &Templates{swedish: swedish, english: english}, nil
}

// Credentials returns the message that carries username and code (R09), in the
// language nearest to tag (the zero tag means Swedish), in NFC. It fails with a
// [*TemplateError] around [ErrTemplateSize] when the data is longer than the
// options said and the message would not fit one segment; the error does not
// hold the data.
func (t *Templates) Credentials(tag language.Tag, c Credentials) (string, error) {
	chosen := t.swedish
	if lang.IsEnglish(tag) {
		chosen = t.english
	}
	text, count := chosen.render(c)
	if !fits(count) {
		count.Offending = nil // the template has none, so they are of the data
		return "", chosen.fail(ErrTemplateSize, count)
	}
	return text, nil
}

func fits(c Count) bool { return c.Encoding == GSM7 && c.Segments == 1 }

func (t template) render(c Credentials) (string, Count) {
	text := normalize(t.printer.Sprintf(credentialsKey,
		c.Username, c.Code, c.ValidDays, c.Until.Format("2006-01-02 15:04")))
	return text, Analyze(text)
}

func (t template) fail(err error, c Count) error {
	return &TemplateError{Language: t.language, Template: t.source, Count: c, Err: err}
}

const credentialsKey = "credentials"

// newTemplate makes a catalog of one message in which each placeholder is a
// variable, so that operators write names and never verbs, and tries it with
// the longest data.
func newTemplate(tag language.Tag, o TemplateOptions) (template, error) {
	in := func(own, standard Text) string { return normalize(cmp.Or(own.In(tag), standard.In(tag))) }
	t := template{language: tag, source: in(o.Credentials, defaultCredentials)}
	way, method := in(o.Way, defaultWay), in(o.Method, defaultMethod)
	if err := checkPlaceholders(t.source, way, method); err != nil {
		return t, t.fail(err, Count{})
	}
	days := plural.Selectf(3, "", plural.One, "%[3]d dag", plural.Other, "%[3]d dagar")
	if lang.IsEnglish(tag) {
		days = plural.Selectf(3, "", plural.One, "%[3]d day", plural.Other, "%[3]d days")
	}
	b := catalog.NewBuilder(catalog.Fallback(tag))
	if err := b.Set(tag, credentialsKey,
		catalog.Var("username", catalog.String("%[1]s")),
		catalog.Var("code", catalog.String("%[2]s")),
		catalog.Var("days", days),
		catalog.Var("until", catalog.String("%[4]s")),
		catalog.Var("way", catalog.String(escapeVerbs(way))),
		catalog.Var("method", catalog.String(escapeVerbs(method))),
		catalog.String(escapeVerbs(t.source)),
	); err != nil {
		return t, t.fail(fmt.Errorf("%w: %w", ErrPlaceholder, err), Count{})
	}
	t.printer = message.NewPrinter(tag, message.Catalog(b))
	_, count := t.render(Credentials{
		Username:  strings.Repeat("W", o.UsernameLength),
		Code:      strings.Repeat("W", o.CodeLength),
		ValidDays: o.ValidDays,
		Until:     time.Date(2026, 12, 31, 23, 59, 0, 0, time.UTC),
	})
	if !fits(count) {
		return t, t.fail(ErrTemplateSize, count)
	}
	return t, nil
}

func escapeVerbs(s string) string { return strings.ReplaceAll(s, "%", "%%") }

var placeholder = regexp.MustCompile(`\$\{[^}]*\}?`)

// checkPlaceholders looks at a template and at the texts that are put into it,
// which have no placeholders.
func checkPlaceholders(source, way, method string) error {
	known := []string{"${username}", "${code}", "${days}", "${until}", "${way}", "${method}"}
	found := placeholder.FindAllString(source, -1)
	for _, p := range found {
		if !slices.Contains(known, p) {
			return fmt.Errorf("%w: %s is none of %s", ErrPlaceholder, p, strings.Join(known, ", "))
		}
	}
	for _, need := range known[:2] {
		if !slices.Contains(found, need) {
			return fmt.Errorf("%w: %s is missing", ErrPlaceholder, need)
		}
	}
	if !slices.Contains(found, "${days}") && !slices.Contains(found, "${until}") {
		return fmt.Errorf("%w: ${days} or ${until} is missing", ErrPlaceholder)
	}
	if strings.Contains(way+method, "${") {
		return fmt.Errorf("%w: way %q and method %q can have none", ErrPlaceholder, way, method)
	}
	return nil
}
