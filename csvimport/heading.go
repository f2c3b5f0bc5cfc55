package csvimport

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// Field is what a column holds. Its value is stable: hosts may store it and
// translate it.
type Field string

// The fields of a [Row].
const (
	FieldFirstName      Field = "first_name"
	FieldLastName       Field = "last_name"
	FieldMobile         Field = "mobile"
	FieldEmail          Field = "email"
	FieldDepartment     Field = "department"
	FieldReference      Field = "reference"
	FieldEmployeeNumber Field = "employee_number"
	FieldLimit          Field = "credit_limit"
)

// column is the position of a field in vocabulary.
type column int

const (
	firstName column = iota
	lastName
	mobile
	email
	department
	reference
	employeeNumber
	limit
	columns
)

// vocabulary holds the headings of each field, as fold makes them; the first
// Swedish and English ones are what we call the field ourselves.
var vocabulary = [columns]struct {
	field     Field
	name      lang.Text
	words     []string
	mandatory bool
}{
	firstName: {FieldFirstName, lang.Text{Swedish: "Förnamn", English: "First name"},
		[]string{"förnamn", "tilltalsnamn", "firstname", "givenname"}, true},
	lastName: {FieldLastName, lang.Text{Swedish: "Efternamn", English: "Last name"},
		[]string{"efternamn", "lastname", "surname", "familyname"}, true},
	mobile: {FieldMobile, lang.Text{Swedish: "Mobilnummer", English: "Mobile number"},
		[]string{
			"mobilnummer", "mobil", "mobilnr", "mobiltelefon", "mobiltelefonnummer", "telefon", "telefonnummer", "telefonnr", "tel",
			"mobile", "mobilenumber", "mobileno", "mobilephone", "mobilephonenumber", "phone", "phonenumber", "cellphone",
		}, true},
	email: {FieldEmail, lang.Text{Swedish: "E-post", English: "Email"},
		[]string{"epost", "epostadress", "mejl", "mejladress", "mail", "mailadress", "email", "emailaddress"}, false},
	department: {FieldDepartment, lang.Text{Swedish: "Avdelning", English: "Department"},
		[]string{"avdelning", "enhet", "department", "unit"}, false},
	reference: {FieldReference, lang.Text{Swedish: "Referensnummer", English: "Reference"},
		[]string{"referensnummer", "referensnr", "referens", "ansvarsnummer", "ansvarsnr", "ansvar", "reference", "referencenumber", "referenceno"}, false},
	employeeNumber: {FieldEmployeeNumber, lang.Text{Swedish: "Anställningsnummer", English: "Employee number"},
		[]string{"anställningsnummer", "anställningsnr", "anstnr", "employeenumber", "employeeno", "employeeid"}, false},
	limit: {FieldLimit, lang.Text{Swedish: "Kreditgräns", English: "Credit limit"},
		[]string{"kreditgräns", "kreditlimit", "creditlimit", "limit"}, false},
}

func columnOf(f Field) (column, bool) {
	for c := range vocabulary {
		if vocabulary[c].field == f {
			return column(c), true
		}
	}
	return 0, false
}

// errorHeadings head the column that [WriteErrors] adds.
var errorHeadings = lang.Text{Swedish: "Fel", English: "Error"}

// header is the row of headings.
type header struct {
	names   []string     // as in the file
	at      [columns]int // where the fields are, -1 for none
	ignored []string
	errors  int // where the column of an error file is that came back, -1 for none
}

// maxColumns is more than any list of people has.
const maxColumns = 500

// newHeader matches the headings, and says in matched how many of them are
// known. The errors are of kind [ErrHeadingRow], [ErrEncoding],
// [ErrDuplicateHeading] and [ErrMissingHeading].
func newHeader(record []string, line int) (h *header, matched int, err error) {
	if len(record) > maxColumns {
		return nil, 0, &FileError{Kind: ErrHeadingRow, Line: line}
	}
	h = &header{errors: -1}
	for c := range h.at {
		h.at[c] = -1
	}
	garbled := &FileError{Kind: ErrEncoding}
	twice := &FileError{Kind: ErrDuplicateHeading}
	for i, cell := range record {
		name := trim(norm.NFC.String(cell))
		h.names = append(h.names, name)
		c, known := lookUp(name)
		switch {
		case isGarbled(name, known):
			garbled.Headings = append(garbled.Headings, printable(name))
		case known && h.at[c] >= 0:
			first := h.names[h.at[c]]
			if !slices.Contains(twice.Headings, first) {
				twice.Headings, twice.Fields = append(twice.Headings, first), append(twice.Fields, vocabulary[c].field)
			}
			twice.Headings = append(twice.Headings, name)
		case known:
			h.at[c] = i
			matched++
		case name == "":
		case name == errorHeadings.Swedish || name == errorHeadings.English:
			h.errors = i
		default:
			h.ignored = append(h.ignored, printable(name))
		}
	}
	missing := &FileError{Kind: ErrMissingHeading}
	for c := range vocabulary {
		if vocabulary[c].mandatory && h.at[c] < 0 {
			missing.Fields = append(missing.Fields, vocabulary[c].field)
		}
	}
	switch {
	case garbled.Headings != nil:
		return nil, matched, garbled
	case twice.Headings != nil:
		return nil, matched, twice
	case missing.Fields != nil:
		return nil, matched, missing
	}
	return h, matched, nil
}

func lookUp(name string) (column, bool) {
	folded := fold(name)
	for c := range vocabulary {
		if slices.Contains(vocabulary[c].words, folded) {
			return column(c), true
		}
	}
	return 0, false
}

// fold keeps the letters and digits of a heading, in lower case, up to a
// parenthesis: "Kreditgräns (kr)" is a kreditgräns.
func fold(name string) string {
	name, _, _ = strings.Cut(name, "(")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// isGarbled tells if a heading holds what no text holds, or would be a known one,
// were it not for what stands in place of å, ä and ö.
func isGarbled(name string, known bool) bool {
	if strings.ContainsAny(name, "\x00\ufffd") {
		return true
	}
	if known {
		return false
	}
	name, _, _ = strings.Cut(strings.ToLower(name), "(")
	got := swedishAsGap(strings.NewReplacer(" ", "", "-", "", "_", "", ".", "").Replace(name))
	for c := range vocabulary {
		for _, word := range vocabulary[c].words {
			if gapped := swedishAsGap(word); gapped != word && gapped == got {
				return true
			}
		}
	}
	return false
}

// swedishAsGap puts one ? for each run of characters that are no ASCII letters
// or digits.
func swedishAsGap(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		plain := r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
		switch {
		case plain:
			b.WriteRune(r)
		case !gap:
			b.WriteByte('?')
		}
		gap = !plain
	}
	return b.String()
}

// printable makes a heading fit to be shown.
func printable(s string) string {
	const most = 60
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\ufffd'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
