package portal

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/csvimport"
	"github.com/tjansteresor/tjansteresor/travel"
)

// field is one input of a form.
type field struct {
	// Name is the input's, Of that of the domain's field, for its errors.
	Name, Of    string
	Label, Hint string
	// Kind is the template's: text, email, tel, date, time, money, select, check,
	// checks, area, file, section.
	Kind     string
	Value    string
	Values   []string
	Options  []option
	Required bool
	// Complete is the autocomplete attribute.
	Complete string
	Error    string
}

// option is one of a choice.
type option struct {
	Value, Label, URL string
	Chosen            bool
}

// Described lists the ids of what describes the input.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// Checked tells whether a box is ticked.
func (f field) Checked() bool { return f.Value != "" }

// form is a page with one form, which is sent to its own address.
type form struct {
	Title   string
	Section string
	// Back is the page above, where the button "cancel" leads.
	Back  link
	Intro []string
	// Warning is told before something that cannot be undone.
	Warning string
	Fields  []field
	Submit  string
	Danger  bool
	Upload  bool
	// Key asks for an idempotency key, so that a form sent twice counts once.
	Key bool
	// KeyValue is the key, hidden in the form.
	KeyValue string
	// Check reads what was typed, and does nothing.
	Check func() error
	// Conflict says what travel.ErrConflict means here.
	Conflict string
	// General are problems of the form as a whole.
	General []string
	// Extra is a template under the form, with Data.
	Extra string
	Data  any
}

// run shows the form, or does what it asks for: do returns the notice and the
// address to go on to. What is wrong is told beside the fields, which keep what
// was typed.
func (v *visit) run(f *form, do func() (notice, to string, err error)) error {
	if v.r.Method != http.MethodPost { // GET, or HEAD, which must change as little
		if f.Key {
			f.KeyValue = newKey()
		}
		return v.showForm(f, http.StatusOK)
	}
	if err := v.readForm(f.Upload); err != nil {
		return err
	}
	if err := v.fill(f); err != nil {
		return err
	}
	if v.requireFields(f) {
		// The rest is looked at too, so that all is told at once.
		if f.Check != nil {
			if err := f.Check(); err != nil && !v.explainErrors(f, err) {
				return err
			}
		}
		return v.showForm(f, http.StatusUnprocessableEntity)
	}
	n, to, err := do()
	if err == nil {
		return v.redirect(n, to)
	}
	if !v.explainErrors(f, err) {
		return err
	}
	return v.showForm(f, http.StatusUnprocessableEntity)
}

func (v *visit) showForm(f *form, status int) error {
	var problems []problem
	for _, text := range f.General {
		problems = append(problems, problem{"", text})
	}
	for _, x := range f.Fields {
		if x.Error != "" {
			problems = append(problems, problem{x.Name, x.Label + ": " + x.Error})
		}
	}
	return v.show(page{
		Title: f.Title, Section: f.Section, Crumb: &f.Back, Status: status, Template: "form", Data: f, Problems: problems,
	})
}

// readForm reads what was sent, within bounds.
func (v *visit) readForm(upload bool) error {
	most := int64(maxForm)
	if upload {
		most += v.p.o.MaxUpload
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most)
	var err error
	if upload {
		err = v.r.ParseMultipartForm(most)
	} else {
		err = v.r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return errBody
	}
	return nil
}

// fill puts what was typed into the fields.
func (v *visit) fill(f *form) error {
	f.KeyValue = v.r.PostForm.Get("key")
	if f.Key && f.KeyValue == "" {
		return errBody
	}
	for i := range f.Fields {
		x := &f.Fields[i]
		x.Value = v.r.PostForm.Get(x.Name)
		x.Values = v.r.PostForm[x.Name]
	}
	return nil
}

func (v *visit) requireFields(f *form) (missing bool) {
	for i := range f.Fields {
		x := &f.Fields[i]
		if x.Required && x.Kind != "file" && strings.TrimSpace(x.Value) == "" {
			x.Error, missing = v.T("måste fyllas i", "must be filled in"), true
			if x.Kind == "check" {
				x.Error = v.T("måste kryssas för", "must be ticked")
			}
		}
	}
	return missing
}

// value is what was typed into a field.
func (v *visit) value(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }

// amount reads an amount of money; blank is zero.
func (v *visit) amount(name, of string) (decimal.Decimal, error) {
	text := v.value(name)
	if text == "" {
		return decimal.Decimal{}, nil
	}
	d, err := csvimport.ParseAmount(text)
	if err != nil {
		return d, &travel.InputError{Field: of, Err: err}
	}
	return d, nil
}

// explainErrors puts what is wrong beside the fields. It reports false for an
// error that the user cannot mend here.
func (v *visit) explainErrors(f *form, err error) bool {
	if several, ok := err.(interface{ Unwrap() []error }); ok && !isInput(err) {
		all := true
		for _, one := range several.Unwrap() {
			all = v.explainErrors(f, one) && all
		}
		return all
	}
	var input *travel.InputError
	var duplicate *travel.DuplicateError
	var file *csvimport.FileError
	switch {
	case errors.As(err, &file):
		v.tell(f, "File", file.Text(v.tag))
	case errors.As(err, &input):
		v.tell(f, input.Field, v.inputText(input))
	case errors.As(err, &duplicate):
		v.tell(f, duplicate.Field, v.duplicateText(duplicate))
	case errors.Is(err, travel.ErrKeyReused):
		f.KeyValue = newKey()
		v.tell(f, "", v.T("Formuläret har redan skickats med andra uppgifter. Kontrollera vad som gäller och skicka igen om det behövs.",
			"The form was sent before with other details. Check what is in force, and send again if needed."))
	case errors.Is(err, travel.ErrUnknownOutcome):
		v.tell(f, "", v.T("Det är oklart om ändringen sparades. Skicka formuläret igen: den görs ändå bara en gång.",
			"It is not known whether the change was saved. Send the form again: it is done once all the same."))
	case errors.Is(err, travel.ErrConflict) && f.Conflict != "":
		v.tell(f, "", f.Conflict)
	default:
		return false
	}
	return true
}

func isInput(err error) bool {
	var input *travel.InputError
	return errors.As(err, &input) && input == err
}

// tell puts a text beside the field that the domain means, else above the form.
func (v *visit) tell(f *form, of, text string) {
	for i := range f.Fields {
		if of != "" && f.Fields[i].Of == of {
			if f.Fields[i].Error == "" {
				f.Fields[i].Error = text
			}
			return
		}
	}
	f.General = append(f.General, text)
}

// addresses of a traveler's pages, and the like.
func (v *visit) to(parts ...string) string { return v.p.url(parts...) }

// query is an address with what is chosen on the page; nothing of it may be
// personal.
func query(base string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// newKey makes an idempotency key for a form: sent twice, it counts once.
func newKey() string { return rand.Text() }

// Has tells whether one of several boxes is ticked.
func (f field) Has(value string) bool { return slices.Contains(f.Values, value) }
